"""The course of one signal: values on a scale on which a model can work, what is usual, the features of a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from math import cos, log1p, pi, sin, sqrt
from typing import Final

DAY = 1440
MOST = 1e12
"""Counts beyond this are taken for this."""
CLIP = 3.0
"""Deviations at which a value is cut before it moves the usual: one spike must not be remembered for ever."""
DOUBTED = 8.0
"""Windows before a spread is believed enough to cut by it."""
HALF_LIFE = 7.0
"""Days after which a value counts half."""
HOURS_PRIOR = 8.0
"""Windows of one hour of the day before its own mean is believed half."""

TRANSFORMS: Final[Mapping[str, Callable[[float], float]]] = {"root": sqrt, "log": log1p, "none": float}
LEAST_SPREAD: Final[Mapping[str, float]] = {"root": 0.5, "log": 0.25, "none": 1.0}
"""A Poisson count's root has a deviation of one half at any rate; nothing is better known."""


class Course:
    """The past of one signal on one window of `minutes`. Times are minutes since the epoch.

    `least_spread` is the smallest spread to be believed; that of a Poisson count on this scale unless given.
    """

    def __init__(self, transform: str, *, minutes: int, stride: int, least: float = 0.0) -> None:
        self.minutes, self.stride = minutes, stride
        self.least_spread = least or LEAST_SPREAD[transform]
        self._transform = TRANSFORMS[transform]
        self._keep = 0.5 ** (stride / DAY / HALF_LIFE)
        self._mean = self._square = self._weight = 0.0
        self._hours = [(0.0, 0.0)] * 24
        self._past: deque[tuple[int, float]] = deque(maxlen=(DAY + minutes) // stride + 2)

    def shape(self, value: float) -> float:
        """A measured value on the scale of this course; absurd ones are brought into range."""
        return self._transform(min(max(value, 0.0), MOST))

    @property
    def mean(self) -> float:
        """The usual value at any time of day."""
        return self._mean / self._weight if self._weight else 0.0

    @property
    def spread(self) -> float:
        """The deviation from what is usual, not below that of a well-known count."""
        return max(sqrt(self._square / self._weight) if self._weight else 0.0, self.least_spread)

    def usual(self, minute: int) -> float:
        """The usual value at this time of day."""
        away, weight = self._hours[minute % DAY // 60]
        return self.mean + away / (weight + HOURS_PRIOR)

    def learn(self, minute: int, y: float) -> None:
        """Take in a closed window's value."""
        usual = self.usual(minute) if self._weight else y
        most = CLIP * self.spread
        away = y - usual if self._weight < DOUBTED else min(max(y - usual, -most), most)
        y = usual + away
        hour = minute % DAY // 60
        self._mean, self._weight = self._mean * self._keep + y, self._weight * self._keep + 1.0
        self._square = self._square * self._keep + away * away
        beyond, weight = self._hours[hour]
        keep = self._keep ** (DAY // 60)
        self._hours[hour] = (beyond * keep + y - self.mean, weight * keep + 1.0)

    def remember(self, minute: int, y: float) -> None:
        """Keep a closed window's value for the features, whether it was learned or not."""
        self._past.append((minute, y))

    def features(self, minute: int) -> dict[str, float]:
        """What is known of a time beside its value: the window before, one of an hour before, one of a day before
        (the usual where unknown)."""
        ages = {"before": self.minutes, "hour_ago": self.minutes + 60, "day_ago": DAY}
        wanted = {minute - age: name for name, age in ages.items()}
        found = {wanted[at]: y for at, y in self._past if at in wanted}
        return {name: found.get(name, self.usual(minute - age)) for name, age in ages.items()}


def hour_angles(minute: int) -> dict[str, float]:
    """The time of day as a point on a circle, −1…1 each."""
    turn = 2.0 * pi * (minute % DAY) / DAY
    return {"hour_sin": sin(turn), "hour_cos": cos(turn)}
