"""From a score to a return period that means what it says: the tail of a topic's declustered scores.

Whatever scales and signals a score was put together from, its peaks over a threshold come at some rate and exceed it
by some mean: an exponential tail (the generalised Pareto of shape zero, which is what was found on every kind of
stream measured). Rate and mean are the topic's own as far as it has peaks; before that those of topics of like size,
and before these what the score says by itself. How little is known is part of the law: the tail is the predictive one
(Lomax), heavier the fewer peaks it rests on.

Peaks are declustered as alarms are: an episode ends when nothing has exceeded the threshold for twelve hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from buzzguard.detect.episodes import Rows
from buzzguard.detect.quiet import ONE_MENTION
from buzzguard.detect.scan import LN10, Array, bounded

THRESHOLD = 0.3
"""Decades above which a score belongs to an episode: about once in two days."""
QUIET = 12 * 60
"""Minutes without an exceedance that end an episode, as with alarms."""
LONGEST = 3 * 1440
"""An episode that lasts longer is counted as it stands: it is no longer an episode."""
WARM = 7 * 1440
"""Minutes of known time before peaks are counted: a young baseline's scores are no evidence of a grown one's."""
FORGET_DAYS = 180.0
"""Half-life of what is counted."""
POOL_WEIGHT = 60.0
"""Peaks that topics of like size count for: a topic outweighs them after a season or two."""
PRIOR_PEAKS = 60.0
"""Peaks that the score's own word counts for, before any topic has a past."""
QUIET_WEIGHT = 60.0
"""Peaks that the score's own word counts for in quiet topics, whose own past is short."""
SLOPE = 1.0 / LN10
"""Mean excess, in decades, of a score that is a return period: what one claims, one finds."""
MOST_EXCESS = 6.0
"""An excess counts as this many times the mean excess at most: a crisis is not the habit of the tail."""
BETWEEN = 1.15
"""How many times more often windows that are judged at any time exceed a score than those that are learned, which
close on their strides: measured on simulated streams (`tests/bench/calibration`), as `LARGER` is."""
LARGER = 1.08
"""How much larger their excesses are."""
SIZES = 12
"""Classes of size: decades of mentions a day, from a hundredth up."""


@dataclass
class Tails:
    """Sums over the declustered peaks of every topic and score: arrays (topics, scores)."""

    count: Array
    days: Array
    excess: Array
    top: Array
    began: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    rate: Array
    slope: Array

    @classmethod
    def of(cls, topics: int, scores: int) -> Tails:
        """Without a past."""
        shape = (topics, scores)
        return cls(
            count=np.zeros(shape, np.float32),
            days=np.zeros(shape, np.float32),
            excess=np.zeros(shape, np.float32),
            top=np.full(shape, -np.inf, np.float32),
            began=np.zeros(shape, np.int32),
            last=np.zeros(shape, np.int32),
            rate=np.full(shape, 10.0**-THRESHOLD, np.float32),
            slope=np.full(shape, SLOPE, np.float32),
        )

    def see(self, rows: Rows, score: Array, *, minute: int, days: Array, watched: Array) -> None:
        """Take note of the scores (rows, scores) of closed windows; `days` is the known time since the last call."""
        top, began, last = self.top[rows], self.began[rows], self.last[rows]
        over = (top > -np.inf) & ((minute - last > QUIET) | (minute - began > LONGEST))
        counts = watched * 1440.0 >= WARM
        if over.any():
            peak = over & counts[:, None]
            most = MOST_EXCESS * self.slope[rows]
            self.count[rows] += peak
            self.excess[rows] += np.where(peak, np.minimum(top - THRESHOLD, most), 0.0)
            top = np.where(over, -np.inf, top)
        exceeds = score > THRESHOLD
        began = np.where(exceeds & ~(top > -np.inf), minute, began)
        self.top[rows] = np.where(exceeds, np.maximum(top, score), top)
        self.began[rows], self.last[rows] = began, np.where(exceeds, minute, last)
        passed = np.where(counts, days, 0.0)[:, None]
        keep = 2.0 ** (-passed / FORGET_DAYS)
        self.count[rows] *= keep
        self.excess[rows] *= keep
        self.days[rows] = self.days[rows] * keep + passed

    def fit(self, sizes: Array) -> None:
        """Fit every tail again. `sizes` is how many mentions a day each topic has, by which topics are pooled."""
        size = bounded(np.round(np.log10(np.maximum(sizes, 1e-2))) + 2, 0, SIZES - 1).astype(np.intp)
        count, days, excess = (self._pooled(size, values) for values in (self.count, self.days, self.excess))
        rate = (count + PRIOR_PEAKS) / (days + PRIOR_PEAKS * 10.0**THRESHOLD)
        slope = (excess + PRIOR_PEAKS * SLOPE) / (count + PRIOR_PEAKS)
        rate, slope = rate[size], slope[size]
        self.rate[:] = (self.count + POOL_WEIGHT) / (self.days + POOL_WEIGHT / rate)
        self.slope[:] = (self.excess + POOL_WEIGHT * slope) / (self.count + POOL_WEIGHT)

    def _pooled(self, size: npt.NDArray[np.intp], values: Array) -> Array:
        pooled = np.zeros((SIZES, values.shape[1]))
        np.add.at(pooled, size, values)
        return pooled

    def period(self, rows: Rows, score: Array, quiet: Array | None = None) -> Array:
        """Return periods, in decades of days, of scores (rows, scores).

        `quiet` (rows, scores) is how much topics are judged as quiet, 0 to 1: their scores are taken by their word,
        or by the topic's own past where that is worse, never for rarer because others of like size are calmer.
        """
        rate = -np.log10(self.rate[rows] * BETWEEN)
        beyond = np.maximum(score - THRESHOLD, 0.0) / (self.slope[rows] * LARGER)
        peaks = self.count[rows] + POOL_WEIGHT
        tail = peaks * np.log1p(beyond / peaks) / LN10
        period: Array = rate + np.where(score > THRESHOLD, tail, score - THRESHOLD)
        if quiet is None or not quiet.any():
            return period
        own = self._own_period(rows, score)
        period += quiet * (np.minimum(own, score) - period)
        return period

    def _own_period(self, rows: Rows, score: Array) -> Array:
        """Periods of quiet topics whose own stories are larger than stories are: how often they begin is in the score
        already."""
        count = self.count[rows]
        larger = np.maximum(self.excess[rows] - count * (ONE_MENTION - THRESHOLD), 0.0)
        slope = np.maximum((larger + QUIET_WEIGHT * SLOPE) / (count + QUIET_WEIGHT), SLOPE)
        own: Array = ONE_MENTION + (score - ONE_MENTION) * (SLOPE / slope)
        return np.where(score > ONE_MENTION, own, score)

    def own(self, row: int) -> Array:
        """The part of each tail that rests on the topic's own peaks."""
        part: Array = self.count[row] / (self.count[row] + POOL_WEIGHT)
        return part
