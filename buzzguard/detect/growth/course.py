"""A topic's last day minute by minute, made safe and regular: what all judgements of growth are read from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from buzzguard.model import MINUTE, Signal

Floats: TypeAlias = npt.NDArray[np.float64]
Whole: TypeAlias = npt.NDArray[np.int64]
Series: TypeAlias = Sequence[float] | Sequence[int] | Floats

DAY = 1440
MOST = 1e9
"""A larger count in a minute is a lie; it would also overflow what is squared."""
FOLLOWS = 0.5
"""The excess follows this power of the baseline's course: a crisis keeps people awake, though not all of them."""
LEAST_SEASON = 0.1
"""Part of a day's mean activity to which the quietest hour of a baseline is lifted: it is an estimate from few."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """What is known of a topic at the instant `at` (aware, UTC), one number a minute, oldest first.

    `counts` ends with the minute that holds `at` and still fills; up to a day is used. `expected` is the baseline
    over the same minutes, `ahead` over those that follow (up to a day); a shorter one is continued by the same hours
    of `expected`. `known` is the share of each minute in which the topic could be read (all of it when empty).
    `begotten` counts those of the mentions that share or answer another; `lags[k]` how many of these came k to k + 1
    minutes after their parent. Both may be empty. `delay` is how long mentions
    take to be read (the streams' rhythm): the last minutes of that length are not believed yet, or every story would
    seem to fall. `dispersion` is how much the square of a mean adds to its
    variance: 0.05 means a fifth up and down without cause.
    """

    at: datetime
    counts: Series
    expected: Series
    ahead: Series = ()
    known: Series = ()
    begotten: Series = ()
    lags: Series = ()
    delay: timedelta = timedelta(0)
    signal: Signal = Signal.VOLUME
    dispersion: float = 0.05


@dataclass(frozen=True, eq=False)
class Minutes:
    """A course of exactly a day. Minutes that nobody watched have no exposure, and so neither counts nor weight.

    `usual` is the baseline times the exposure. `season` is the activity of the public relative to this minute, read
    from the baseline: the excess over the baseline is taken to follow it. `weight` is season times exposure.
    `usual_ahead` and `season_ahead` go on with the minute after the one that fills.
    """

    at: datetime
    end: datetime
    counts: Floats
    usual: Floats
    weight: Floats
    exposure: Floats
    season: Floats
    usual_now: float
    usual_ahead: Floats
    season_ahead: Floats
    begotten: Floats
    lags: Floats
    dispersion: float
    sums: Floats
    """Running sums of counts, usual and weight, with a leading zero: shape (3, DAY + 1)."""

    def over(self, first: Whole | int, last: Whole | int) -> Floats:
        """Counts, usual and weight summed over minutes `first` up to `last`: three rows."""
        return np.asarray(self.sums[:, last] - self.sums[:, first], dtype=np.float64)

    def instant(self, minute: float) -> datetime:
        """When that minute of the day began; minute `DAY` is the end of the one that fills."""
        return self.end - (DAY - minute) * MINUTE


def minutes_of(course: Course) -> Minutes:
    """The course, cleaned. Absurd numbers are bounded, what is not a number is unknown; never raises for numbers."""
    raw = _numbers(course.counts)
    begun = course.at.replace(second=0, microsecond=0)
    exposure = _last_day(_known(course.known, len(raw)))
    counts = _last_day(raw)
    exposure[~np.isfinite(counts)] = 0.0
    exposure[-1] *= max((course.at - begun) / MINUTE, 1e-3)
    late = min(max(course.delay, timedelta(0)), timedelta(hours=6)) / MINUTE
    if late > 0.0:
        exposure[DAY - math.ceil(late) - 1 :] = 0.0
    counts = np.where(exposure > 0.0, _bounded(counts), 0.0)
    expected, ahead = _expected(course)
    usual = expected * exposure
    season, season_ahead = _season(expected, ahead)
    weight = season * exposure
    sums = np.zeros((3, DAY + 1))
    np.cumsum(np.stack((counts, usual, weight)), axis=1, out=sums[:, 1:])
    return Minutes(
        at=course.at,
        end=begun + MINUTE,
        counts=counts,
        usual=usual,
        weight=weight,
        exposure=exposure,
        season=season,
        usual_now=float(expected[-1]),
        usual_ahead=ahead,
        season_ahead=season_ahead,
        begotten=np.minimum(_bounded(_last_day(_numbers(course.begotten))), counts),
        lags=_bounded(_numbers(course.lags)[:DAY]),
        dispersion=min(max(course.dispersion, 0.0), 10.0) if math.isfinite(course.dispersion) else 0.05,
        sums=sums,
    )


def _numbers(series: Series) -> Floats:
    return np.array(series, dtype=np.float64).reshape(-1)


def _bounded(values: Floats) -> Floats:
    return np.asarray(np.minimum(np.fmax(values, 0.0), MOST), dtype=np.float64)


def _last_day(values: Floats) -> Floats:
    """The last `DAY` values, zeros before the first."""
    if len(values) >= DAY:
        return values[-DAY:].copy()
    return np.concatenate((np.zeros(DAY - len(values)), values))


def _known(known: Series, length: int) -> Floats:
    shares = _numbers(known)
    if not len(shares):
        return np.ones(length)
    return np.minimum(_bounded(_last_day(shares)[-length:]), 1.0) if length else np.zeros(0)


def _expected(course: Course) -> tuple[Floats, Floats]:
    """The baseline of this day and of the next, each minute of it."""
    given = _bounded(_numbers(course.expected))[-DAY:]
    level = float(given.mean()) if len(given) else 0.0
    expected = np.full(DAY, level)
    if len(given):
        expected[-len(given) :] = given
    ahead = expected.copy()
    told = _bounded(_numbers(course.ahead))[:DAY]
    ahead[: len(told)] = told
    return expected, ahead


def _season(expected: Floats, ahead: Floats) -> tuple[Floats, Floats]:
    mean = float(expected.mean())
    if mean <= 0.0:
        return np.ones(DAY), np.ones(DAY)
    floor = LEAST_SEASON * mean
    now = max(float(expected[-30:].mean()), floor)
    return (np.maximum(expected, floor) / now) ** FOLLOWS, (np.maximum(ahead, floor) / now) ** FOLLOWS


def per_minute(bins: Series, length: float, *, since: float, minutes: int) -> Floats:
    """A baseline told in bins of `length` minutes, for each of `minutes` minutes that begin `since` minutes after it.

    Between the middles of the bins it runs straight; beyond the first and the last it stays level.
    """
    values = _bounded(_numbers(bins)) / length
    if not len(values):
        return np.zeros(minutes)
    middles = (np.arange(len(values)) + 0.5) * length
    return np.asarray(np.interp(np.arange(minutes) + since + 0.5, middles, values), dtype=np.float64)
