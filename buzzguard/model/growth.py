"""How a story goes on: its pace, what lies ahead, whether it feeds itself, whether it is past its peak."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.base import Record
from buzzguard.model.sample import Signal


class Phase(StrEnum):
    """Where in its life a story stands, judged in this order (the tests are described in `detect.growth`).

    `over`: it was clearly above the baseline and its last half hour (more where mentions are few) no longer is.
    `falling`: it is past its peak, or its excess over the baseline clearly halves.
    `growing`: the excess clearly doubles.
    `starting`: above the baseline for less than half an hour, or by fewer than ten mentions in all.
    `peaking`: none of these: clearly above the baseline, neither clearly growing nor clearly falling.
    """

    STARTING = "starting"
    GROWING = "growing"
    PEAKING = "peaking"
    FALLING = "falling"
    OVER = "over"


class Estimate(Record, frozen=True, kw_only=True):
    """A number with the interval that holds the true one four times in five."""

    value: float
    low: float
    high: float


class SpanEstimate(Record, frozen=True, kw_only=True):
    """A duration with the interval that holds the true one four times in five."""

    value: timedelta
    low: timedelta
    high: timedelta


class Outlook(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Mentions an hour to be expected in the hour around `at`; `known` is false when nobody should rely on it.

    `per_hour` is the median; four times in five the count of that hour lies in its interval.
    """

    at: datetime
    per_hour: Estimate
    known: bool = True


class PeakAhead(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The peak still to come: its height in mentions an hour, its time, and the interval of that time."""

    at: datetime
    earliest: datetime
    latest: datetime
    per_hour: Estimate
    known: bool = True


class PeakPast(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The highest stretch so far: its middle, and its mentions an hour, the baseline's included."""

    at: datetime
    per_hour: float


class Growth(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How a topic's story goes on, as known at the instant `at`.

    `phase` is None while nothing is above the baseline. `since` is when it left the baseline. `per_hour` is the pace
    now, `expected_per_hour` the baseline's. `doubles_in` and `halves_in` speak of the excess over the baseline, over
    the last `fitted`; at most one of them is set, none when the excess is not distinguishable from a steady one.
    `reproduction` is how many mentions each mention begets (above 1 it grows by itself); `apparent` says that it was
    read from the counts alone, so that news from outside looks like begetting. `peaked` is the highest stretch so
    far; `past_peak` is true when the decline since is statistically clear.
    """

    at: datetime
    signal: Signal = Signal.VOLUME
    phase: Phase | None = None
    since: datetime | None = None
    per_hour: float = 0.0
    expected_per_hour: float = 0.0
    doubles_in: SpanEstimate | None = None
    halves_in: SpanEstimate | None = None
    fitted: timedelta = timedelta(0)
    forecast: tuple[Outlook, ...] = ()
    peak: PeakAhead | None = None
    reproduction: Estimate | None = None
    apparent: bool = True
    past_peak: bool = False
    peaked: PeakPast | None = None
