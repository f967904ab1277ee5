"""A chart's series made fit to draw: equal lengths, finite, few enough, with ticks that people read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from buzzguard.deliver.wording import catalogue, zone
from buzzguard.model import Chart, Language, Record

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_STEPS = (
    *(MINUTE * n for n in (1, 2, 5, 10, 15, 30)),
    *(HOUR * n for n in (1, 2, 3, 6, 12)),
    *(DAY * n for n in (1, 2, 7, 14, 28, 91, 364)),
)
_MOST = 1e12
"""Larger values are drawn as this: beyond it a scale has no meaning and floats no precision."""


class Bar(NamedTuple):
    """One bin: all mentions, the negative among them, the baseline and its upper edge."""

    volume: float
    negative: float
    expected: float
    high: float


class Series(Record, frozen=True, kw_only=True):
    """Bars of width `bin` from `start`."""

    start: datetime
    bin: timedelta
    bars: tuple[Bar, ...]

    @property
    def end(self) -> datetime:
        """Where the last bar ends."""
        return self.start + self.bin * len(self.bars)

    @property
    def top(self) -> float:
        """The largest value to show, at least 1."""
        return max([1.0, *(max(bar.volume, bar.high) for bar in self.bars)])


class TimeTick(NamedTuple):
    """A label at a place between 0 (start) and 1 (end); `strong` marks a date."""

    place: float
    text: str
    strong: bool


def prepare(chart: Chart, most_bars: int) -> Series:
    """The chart in at most `most_bars` bars: neighbouring bins are added up.

    Missing values count as nothing, negative mentions are never more than all. The upper edge of a wider bin is that
    of a sum of independent bins: deviations from the baseline add as squares.
    """
    count = max(len(chart.volume), len(chart.negative))
    bins = [_bar(chart, index) for index in range(count)]
    group = max(1, math.ceil(count / max(1, most_bars)))
    bars = tuple(_sum(bins[at : at + group]) for at in range(0, count, group))
    return Series(start=chart.start, bin=max(chart.bin, timedelta(seconds=1)) * group, bars=bars)


def value_ticks(top: float, most: int = 5) -> list[float]:
    """Round values from 0 to the first at or above `top`."""
    rough = max(top, 1.0) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = max(1.0, next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999))
    if step < 10:
        step = math.ceil(step)  # Mentions come whole.
    return [step * n for n in range(math.ceil(top / step - 1e-9) + 1)]


def time_ticks(series: Series, *, language: Language, time_zone: str, most: int) -> list[TimeTick]:
    """Labels at round times of the time zone; a midnight shows its date."""
    span = series.end - series.start
    if span <= timedelta(0):
        return []
    step = next((step for step in _STEPS if span / step <= most), _STEPS[-1])
    place = zone(time_zone)
    local = series.start.astimezone(place).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    ticks: list[TimeTick] = []
    while (at := local.replace(tzinfo=place).astimezone(UTC)) <= series.end:
        if at >= series.start:
            ticks.append(TimeTick((at - series.start) / span, _label(local, language), local.hour == local.minute == 0))
        local += step
    return ticks


def _label(local: datetime, language: Language) -> str:
    if local.hour or local.minute:
        return f"{local:%H:%M}"
    words = catalogue(language).times
    return f"{words.first_day if local.day == 1 else local.day}\u00a0{words.months[local.month - 1]}"


def _bar(chart: Chart, index: int) -> Bar:
    volume = max(_at(chart.volume, index), _at(chart.negative, index))
    expected = _at(chart.expected, index)
    return Bar(volume, _at(chart.negative, index), expected, max(expected, _at(chart.high, index)))


def _at(values: Sequence[float], index: int) -> float:
    if index >= len(values) or not math.isfinite(values[index]):
        return 0.0
    return min(max(0.0, values[index]), _MOST)


def _sum(bins: Sequence[Bar]) -> Bar:
    expected = sum(bar.expected for bar in bins)
    spread = math.sqrt(sum((bar.high - bar.expected) ** 2 for bar in bins))
    return Bar(sum(bar.volume for bar in bins), sum(bar.negative for bar in bins), expected, expected + spread)
