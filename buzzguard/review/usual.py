"""What was usual of a topic before an incident: mentions a minute by hour of day and day of week.

A plain model on purpose: level · hour of day · day of week, each a ratio of what was counted to what the others
expect, pulled to 1 by a prior of a few mentions; values far above it are cut, so that earlier crises do not raise what
is usual. The detector's own baseline (`detect.course`) is richer, but knows of negative mentions only as of now: a
report looks back. Hours and weekdays are those of UTC, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from buzzguard.model import MINUTE, Samples

Floats = npt.NDArray[np.float64]

MEMORY = timedelta(days=28)
"""How far back is read."""
LEAST = timedelta(days=3)
"""Of less known time nothing is called usual."""
WINDOW = timedelta(minutes=15)
"""The stored windows that are read: they end every quarter of an hour and do not overlap."""
HOUR_PRIOR, DAY_PRIOR, LEVEL_PRIOR = 4.0, 8.0, 0.5
CLIP = 3.0
SPREAD = 0.5
"""Part by which hours are up and down without cause, beside chance."""
_HOUR = timedelta(hours=1)
_ROUNDS = 3


class Usual:
    """The usual course of one signal. `known` is the known time that it stands on."""

    def __init__(self, level: float, hours: Floats, days: Floats, known: timedelta) -> None:
        self._level, self._hours, self._days, self.known = level, hours, days, known

    @property
    def enough(self) -> bool:
        """Whether it stands on enough time to be relied upon."""
        return self.known >= LEAST

    def per_minute(self, start: datetime, minutes: int) -> Floats:
        """Mentions to be expected in each of so many minutes from `start`; straight between middles of hours."""
        first = start.replace(minute=0, second=0, microsecond=0) - _HOUR
        count = minutes // 60 + 4
        rates = np.array([self._rate(first + at * _HOUR) for at in range(count)])
        places = (np.arange(minutes) + 0.5) * 1.0 + (start - first) / MINUTE
        return np.asarray(np.interp(places, (np.arange(count) + 0.5) * 60.0, rates / 60.0), dtype=np.float64)

    def between(self, start: datetime, end: datetime) -> float:
        """Mentions to be expected from `start` to `end`."""
        minutes = max(0, round((end - start) / MINUTE))
        return float(self.per_minute(start, minutes).sum()) if minutes else 0.0

    def _rate(self, hour: datetime) -> float:
        return float(self._level * self._hours[hour.hour] * self._days[hour.weekday()])


def usual_of(samples: Sequence[Samples], count: Callable[[Samples], int], since: datetime, until: datetime) -> Usual:
    """The usual course of what `count` reads of closed 15-minute windows, from `since` to `until`.

    Windows that are absent held nothing and were known; the caller says from when on the topic was watched.
    """
    begin = _ceiling(max(since, until - MEMORY))
    hours = max(0, int((until - begin) / _HOUR))
    counts, known = np.zeros(hours), np.ones(hours)
    for one in samples:
        at = int((one.end - WINDOW - begin) // _HOUR)
        if one.window == WINDOW and 0 <= at < hours:
            counts[at] += max(0, count(one))
            known[at] -= (1.0 - min(max(one.known, 0.0), 1.0)) / 4.0
    places = [begin + at * _HOUR for at in range(hours)]
    hour_of = np.array([one.hour for one in places], dtype=np.int64)
    day_of = np.array([one.weekday() for one in places], dtype=np.int64)
    return _fitted(counts, np.maximum(known, 0.0), hour_of, day_of)


def _fitted(counts: Floats, known: Floats, hour_of: npt.NDArray[np.int64], day_of: npt.NDArray[np.int64]) -> Usual:
    by_hour, by_day, kept = np.ones(24), np.ones(7), _without_the_rarest(counts, hour_of)
    level = 0.0
    for _ in range(_ROUNDS):
        exposure = known * by_hour[hour_of] * by_day[day_of]
        level = (float(kept.sum()) + LEVEL_PRIOR) / (float(exposure.sum()) + 24.0) if len(counts) else 0.0
        by_hour = _ratios(kept, level * known * by_day[day_of], hour_of, 24, HOUR_PRIOR)
        by_day = _ratios(kept, level * known * by_hour[hour_of], day_of, 7, DAY_PRIOR)
        mean = level * known * by_hour[hour_of] * by_day[day_of]
        kept = np.minimum(counts, mean + CLIP * np.sqrt(mean + (SPREAD * mean) ** 2 + 1.0))
    return Usual(level, by_hour, by_day, timedelta(hours=float(known.sum())))


def _without_the_rarest(counts: Floats, hour_of: npt.NDArray[np.int64]) -> Floats:
    """Each hour of the day cut at its ninth tenth, to begin with: one crisis is one day of each."""
    kept = counts.copy()
    for hour in range(24):
        of_hour = hour_of == hour
        if of_hour.any():
            kept[of_hour] = np.minimum(kept[of_hour], np.quantile(counts[of_hour], 0.9) + 1.0)
    return kept


def _ratios(kept: Floats, mean: Floats, place: npt.NDArray[np.int64], places: int, prior: float) -> Floats:
    over = np.bincount(place, weights=kept, minlength=places)
    under = np.bincount(place, weights=mean, minlength=places)
    return np.asarray((over + prior) / (under + prior), dtype=np.float64)


def _ceiling(at: datetime) -> datetime:
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if whole == at else whole + _HOUR
