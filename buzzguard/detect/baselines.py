"""What is usual: for every signal and window a level, hours of the day, days of the week, and their scatter.

Counts are judged by the root of one more, sums of audiences by their logarithm: scatter is then about even, at night
as by day. Each window learns its own level, so that nothing has to be known of how mentions hang together. Residuals
are cut at two deviations on both sides before they are learned, an online trimmed mean: a crisis or a bot cannot
poison what is usual, and a lasting change still arrives.

Where scatter is no more than chance would make it, the law of counts is exact and is used as it is. Where it is more,
the root's own scatter rules; and where scatter grows with the window, the rate itself wanders, its tail is not known,
and deviations are taken for less (`TEMPER`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from buzzguard.detect.episodes import Rows
from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.scan import Array, bounded, count_deviate, mean_of_root, root_of_mean, root_variance
from buzzguard.model import MEASURED, WINDOWS, Signal

SUMS = np.array([signal in (Signal.REACH, Signal.ENGAGEMENT) for signal in MEASURED])
DAYS_OF_WINDOW = np.array([window.total_seconds() / 86400.0 for window in WINDOWS])
STRIDE_DAYS = np.array([STRIDES[window] / 86400.0 for window in WINDOWS])
EVERY = slice(None)
Lived: TypeAlias = tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]
"""Hour of the day and class of the day of each row."""
LEVEL_DAYS = 3.0
"""Half-life of the level: follows a month's drift, and moves a tenth in half a day."""
SCATTER_DAYS = 7.0
HOUR_DAYS = 5.0
"""Half-life, in visits, of an hour of the day."""
DAY_VISITS = 5.0
"""Half-life, in visits, of a day of the week."""
SEASONAL_FROM = 24.0
"""Mentions a day below which hours and days are learned more slowly: one mention is no habit of its hour."""
CLIP = 2.0
"""Deviations at which a residual is cut, above and below."""
UNCUT_DAYS = 1.0
"""Known days in which nothing is cut: until a day has been seen, its busy hours look like bursts."""
LEAST_SCATTER = 0.5
"""Of roots and logarithms: the scatter of the root of a Poisson count, which nothing real falls below."""
ENOUGH = 50.0
"""Mentions that fix a level to one part in seven: below that, forget more slowly, up to `MOST_DAYS`."""
MOST_DAYS = 365.0
COMPANY = 1.0
"""How much more than chance the mentions of a topic scatter of which hardly anybody speaks: people answer and copy, so
that two mentions in a silent year are one event. It fades as mentions become daily."""
SMALL, LARGE = 0.2, 1.0
"""Expected counts below which the exact law alone is asked, and above which the root may be."""
SURE_EXCESS = 0.5
"""Excess of the scatter over chance from which on the root's own scatter rules."""
TEMPER = 1.4
"""What deviations of a wandering rate are divided by: its tail is that much wider, on every real series seen."""
SURE_GROWTH = 1.0
"""Growth of the scatter from five minutes to three hours at which the rate is known to wander, and `UNSURE_GROWTH`,
below which it may be chance."""
UNSURE_GROWTH = 0.15
_FAR = 3
"""The window (three hours) whose scatter is compared with that of the first."""
_SLOTS, _DAYS = 24, 7
_FASTER = 12.0
"""While a new normal is adopted the level moves this much faster, uncut."""


@dataclass
class Reading:
    """Windows held against what is usual: arrays (rows, signals, windows).

    `deviate` is a normal deviate, `expected` the usual value, `residual` and `scatter` are on the root's scale,
    `temper` what deviations are divided by.
    """

    deviate: Array
    expected: Array
    residual: Array
    scatter: Array
    temper: Array


@dataclass
class Baselines:
    """State of every topic, measured signal and window: arrays (topics, signals, windows).

    `hours` and `weekdays` hold one more axis in second place. `chance` is the scatter that chance alone would make.
    `steps` counts the windows learned (topics, windows), `seen` mentions a signal (topics, signals) and `watched` the
    known days (topics), both forgetting over a year.
    """

    level: Array
    scatter: Array
    chance: Array
    hours: Array
    weekdays: Array
    steps: npt.NDArray[np.int32]
    seen: Array
    watched: Array

    @classmethod
    def of(cls, topics: int) -> Baselines:
        """Before anything is known."""
        shape = (topics, len(MEASURED), len(WINDOWS))
        return cls(
            level=np.ones(shape, np.float32),
            scatter=np.full(shape, LEAST_SCATTER**2, np.float32),
            chance=np.full(shape, LEAST_SCATTER**2, np.float32),
            hours=np.zeros((topics, _SLOTS, *shape[1:]), np.float32),
            weekdays=np.zeros((topics, _DAYS, *shape[1:]), np.float32),
            steps=np.zeros((topics, len(WINDOWS)), np.int32),
            seen=np.zeros((topics, len(MEASURED)), np.float32),
            watched=np.zeros(topics, np.float32),
        )

    def usual(self, rows: Rows, lived: Lived, part: slice = EVERY) -> Array:
        """The usual root (rows, signals, windows) of windows that end in an hour and day; `part` of the windows."""
        slot, weekday = lived
        season = self.hours[..., part][rows, slot] + self.weekdays[..., part][rows, weekday]
        usual: Array = self.level[..., part][rows] + season
        return usual

    def expected(self, usual: Array) -> Array:
        """The values whose roots (or logarithms) are `usual`."""
        mean = mean_of_root(usual)
        mean[:, SUMS] = np.expm1(bounded(usual[:, SUMS], 0.0, 40.0))
        return np.maximum(mean, 1e-12)

    def rates(self, rows: Rows) -> Array:
        """Mentions a day of each signal (rows, signals), in the long run."""
        return (self.seen[rows] + 0.25) / (self.watched[rows] + 1.0)[:, None]

    def read(self, rows: Rows, usual: Array, values: Array, scale: Array, part: slice = EVERY) -> Reading:
        """Hold `values` (rows, signals, windows) against `usual`; `scale` is how much of it is to be expected now.

        `part` says which of the windows the arrays hold.
        """
        expected = self.expected(usual)
        if bool((scale != 1.0).any()):
            expected = expected * scale
            usual = root_of_mean(expected)
            usual[:, SUMS] = np.log1p(expected[:, SUMS])
        residual = roots(values) - usual
        excess = self._excess(rows)
        scatter = np.maximum(np.sqrt(self.scatter[..., part][rows]), LEAST_SCATTER)
        temper = self._temper(excess)
        excess = excess[..., part]
        exact = self._exact(rows, values, expected, excess=excess, part=part)
        by_root = np.minimum(
            bounded(np.log(expected / SMALL) / np.log(LARGE / SMALL), 0.0, 1.0),
            bounded((excess - 1.0) / SURE_EXCESS, 0.0, 1.0),
        )
        by_root[:, SUMS] = 1.0
        deviate = by_root * (residual / scatter) + (1.0 - by_root) * exact
        return Reading(deviate=deviate, expected=expected, residual=residual, scatter=scatter, temper=temper)

    def _excess(self, rows: Rows) -> Array:
        """How many times more than by chance counts scatter (rows, signals, windows): believed as mentions come in."""
        found = np.maximum(1.0, self.scatter[rows] / self.chance[rows])
        seen = self.seen[rows]
        excess: Array = 1.0 + (found - 1.0) * (seen / (seen + ENOUGH))[:, :, None]
        return excess

    def _exact(self, rows: Rows, values: Array, expected: Array, *, excess: Array, part: slice) -> Array:
        """Deviates by the law of counts, of a mean that is known as well as what was counted allows."""
        rates = self.rates(rows)
        counted = rates * bounded(ENOUGH / rates / 1.44, LEVEL_DAYS, MOST_DAYS) * 1.44
        least = 0.25 * DAYS_OF_WINDOW[part] / (self.watched[rows] + 1.0)[:, None, None]
        mean = np.maximum(expected, least)
        company = COMPANY / (1.0 + rates)[:, :, None] ** 2
        spread = excess + company + mean / (counted[:, :, None] + 1.0)
        deviate: Array = count_deviate(values, mean) / np.sqrt(spread)
        return deviate

    def _temper(self, excess: Array) -> Array:
        growth = excess[:, :, _FAR] / excess[:, :, 0] - 1.0
        temper = 1.0 + (TEMPER - 1.0) * bounded((growth - UNSURE_GROWTH) / SURE_GROWTH, 0.0, 1.0)
        temper[:, SUMS] = TEMPER
        spread: Array = temper[:, :, None]
        return spread

    def learn(  # noqa: PLR0913 - the arrays of one lesson, all needed at once
        self,
        rows: Rows,
        window: int,
        residual: Array,
        *,
        expected: Array,
        lived: Lived,
        adopting: npt.NDArray[np.bool_],
        alike: int = 1,
        urgent: Array | float = 0.0,
    ) -> npt.NDArray[np.bool_]:
        """Take in residuals (rows, signals) of one window, as of `alike` windows in a row; returns which were cut.

        What is being adopted as the new normal moves the level fast and uncut: by the part `urgent` (rows) of the
        residual, where that is more. Of windows in a row each finds the
        residual smaller by what the one before has taught: their sum is that of a geometric series.
        """
        stride = STRIDE_DAYS[window]
        self.steps[rows, window] += alike
        steps = self.steps[rows, window][:, None]
        at = (rows, slice(None), window)
        scatter = np.maximum(np.sqrt(self.scatter[at]), LEAST_SCATTER)
        cut = bounded(residual, -CLIP * scatter, CLIP * scatter)
        cut = np.where((self.watched[rows] < UNCUT_DAYS)[:, None], residual, cut)
        first = steps == alike
        # Where the level is far above the long run, as after a crisis that stayed, silence is told from it soon.
        believed = np.maximum(self.rates(rows), np.where(SUMS, 0.0, expected / DAYS_OF_WINDOW[window]))
        level_days = bounded(ENOUGH / believed / 1.44, LEVEL_DAYS, MOST_DAYS)
        pace = np.maximum(1.0 - 2.0 ** (-stride / level_days), 1.0 / steps)
        fast = np.minimum(1.0, _FASTER * (1.0 - 2.0 ** (-stride / LEVEL_DAYS)))
        by_hour, by_day = _visited(HOUR_DAYS, 24.0 * stride), _visited(DAY_VISITS, stride)
        seasoned = np.minimum(1.0, self.rates(rows) / SEASONAL_FROM)
        taught, square = _in_a_row(cut, 1.0 - pace - (by_hour + by_day) * seasoned, alike)
        fast = np.atleast_1d(np.maximum(fast, urgent))[:, None]
        moved = np.where(adopting, fast * residual, pace * np.where(first, residual, taught))
        weight = np.maximum(1.0 - 2.0 ** (-stride * alike / SCATTER_DAYS), 1.0 / (steps + 1))
        weight = np.where(adopting | first, 0.0, weight)
        self.scatter[at] += weight * (square - self.scatter[at])
        self.chance[at] += weight * (np.maximum(root_variance(expected), 1e-3) - self.chance[at])
        self.level[at] += moved
        slot, weekday = lived
        seasonal = np.where(adopting | first, 0.0, taught) * seasoned
        self.hours[rows, slot, :, window] += by_hour * seasonal
        self.weekdays[rows, weekday, :, window] += by_day * seasonal
        was_cut: npt.NDArray[np.bool_] = cut != residual
        return was_cut

    def count(self, rows: Rows, values: Array, days: Array) -> None:
        """Count values (rows, signals) seen in `days` of known time; bursts count as ten times the usual at most."""
        keep = 2.0 ** (-days / MOST_DAYS)
        most = 10.0 * self.rates(rows) * days[:, None] + 3.0
        self.seen[rows] = self.seen[rows] * keep[:, None] + np.minimum(values, most)
        self.watched[rows] = self.watched[rows] * keep + days


def _in_a_row(residual: Array, left: Array, alike: int) -> tuple[Array, Array]:
    """The sum of the residuals of so many windows in a row, and the mean of their squares.

    `left` is the part of a residual that the next window still finds.
    """
    if alike == 1:
        return residual, residual * residual
    total = residual * (1.0 - left**alike) / (1.0 - left)
    return total, residual * residual * (1.0 - left ** (2 * alike)) / (1.0 - left * left) / alike


def _visited(half: float, stride: float) -> float:
    """What part of a residual a season learns of one window, which is `stride` of a visit; half in `half` visits."""
    part: float = (1.0 - 2.0 ** (-1.0 / half)) * min(1.0, stride)
    return part


def roots(values: Array) -> Array:
    """Values (rows, signals, …) on the scale on which they are judged."""
    turned: Array = np.sqrt(values + 1.0)
    turned[:, SUMS] = np.log1p(values[:, SUMS])
    return turned
