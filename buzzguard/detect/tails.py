"""From a score to a return period that means what it says: the tail of a topic's declustered scores.

Whatever scales and signals a score was put together from, its peaks over a threshold come at some rate and exceed it
by some mean, with a generalised Pareto tail. Rate and mean are the topic's own as far as it has peaks; before that
those of topics of like size, and before these what the score says by itself. The shape is that of topics of like size
alone, by moments (Hosking and Wallis 1987): where harmless bursts are part of life it is heavier than the exponential.
How little is known is part of the law: the tail is the predictive one (Lomax), heavier the fewer peaks it rests on.

Peaks are declustered as alarms are: an episode ends when nothing has exceeded the threshold for twelve hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from buzzguard.detect.episodes import Rows
from buzzguard.detect.quiet import ONE_MENTION
from buzzguard.detect.scan import LN10, Array, bounded

THRESHOLD = 0.3
"""Decades above which a score belongs to an episode, unless its traits say otherwise: about once in two days."""
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
SHAPE_PEAKS = 100.0
"""Peaks that a shape of zero (an exponential tail) counts for."""
LIGHTEST, HEAVIEST = -0.2, 0.3
"""Shapes that are believed in: a lighter tail would end soon, a heavier one is not told by two moments."""
SIZES = 12
"""Classes of size: decades of mentions a day, from a hundredth up."""
_STRAIGHT = 1e-6


class Traits(NamedTuple):
    """What is known of scores before any topic has a past, one number a score.

    `threshold`: decades above which a score belongs to an episode; what hardly ever stays below would be one episode
    without an end. `oftener` and `larger`: how many times as often, and with excesses how many times as large, windows
    that are judged at any time exceed it as those that are learned, which close on their strides.
    """

    threshold: Array
    oftener: Array
    larger: Array


@dataclass
class Tails:
    """Sums over the declustered peaks of every topic and score: arrays (topics, scores)."""

    count: Array
    days: Array
    excess: Array
    squares: Array
    top: Array
    began: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    rate: Array
    slope: Array
    shape: Array
    traits: Traits

    @classmethod
    def of(cls, topics: int, scores: int, traits: Traits | None = None) -> Tails:
        """Without a past."""
        shape = (topics, scores)
        traits = traits or Traits(np.full(scores, THRESHOLD), np.ones(scores), np.ones(scores))
        return cls(
            count=np.zeros(shape, np.float32),
            days=np.zeros(shape, np.float32),
            excess=np.zeros(shape, np.float32),
            squares=np.zeros(shape, np.float32),
            top=np.full(shape, -np.inf, np.float32),
            began=np.zeros(shape, np.int32),
            last=np.zeros(shape, np.int32),
            rate=np.full(shape, 10.0**-traits.threshold, np.float32),
            slope=np.full(shape, SLOPE, np.float32),
            shape=np.zeros(shape, np.float32),
            traits=traits,
        )

    def see(self, rows: Rows, score: Array, *, minute: int, days: Array, watched: Array) -> None:
        """Take note of the scores (rows, scores) of closed windows; `days` is the known time since the last call."""
        top, began, last = self.top[rows], self.began[rows], self.last[rows]
        over = (top > -np.inf) & ((minute - last > QUIET) | (minute - began > LONGEST))
        counts = watched * 1440.0 >= WARM
        if over.any():
            peak = over & counts[:, None]
            excess = np.where(peak, np.minimum(top - self.traits.threshold, MOST_EXCESS * self.slope[rows]), 0.0)
            self.count[rows] += peak
            self.excess[rows] += excess
            self.squares[rows] += excess * excess
            top = np.where(over, -np.inf, top)
        exceeds = score > self.traits.threshold
        began = np.where(exceeds & ~(top > -np.inf), minute, began)
        self.top[rows] = np.where(exceeds, np.maximum(top, score), top)
        self.began[rows], self.last[rows] = began, np.where(exceeds, minute, last)
        passed = np.where(counts, days, 0.0)[:, None]
        keep = 2.0 ** (-passed / FORGET_DAYS)
        self.count[rows] *= keep
        self.excess[rows] *= keep
        self.squares[rows] *= keep
        self.days[rows] = self.days[rows] * keep + passed

    def forget(self, row: int) -> None:
        """Count the running episodes of a topic for nothing."""
        self.top[row] = -np.inf

    def fit(self, sizes: Array) -> None:
        """Fit every tail again. `sizes` is how many mentions a day each topic has, by which topics are pooled."""
        size = bounded(np.round(np.log10(np.maximum(sizes, 1e-2))) + 2, 0, SIZES - 1).astype(np.intp)
        count, days, excess, squares = (
            self._pooled(size, values) for values in (self.count, self.days, self.excess, self.squares)
        )
        rate = (count + PRIOR_PEAKS) / (days + PRIOR_PEAKS * 10.0**self.traits.threshold)
        slope = (excess + PRIOR_PEAKS * SLOPE) / (count + PRIOR_PEAKS)
        rate, slope = rate[size], slope[size]
        self.rate[:] = (self.count + POOL_WEIGHT) / (self.days + POOL_WEIGHT / rate)
        self.slope[:] = (self.excess + POOL_WEIGHT * slope) / (self.count + POOL_WEIGHT)
        self.shape[:] = _shape(count, excess, squares)[size]

    def _pooled(self, size: npt.NDArray[np.intp], values: Array) -> Array:
        pooled = np.zeros((SIZES, values.shape[1]))
        np.add.at(pooled, size, values)
        return pooled

    def period(self, rows: Rows, score: Array, quiet: Array | None = None) -> Array:
        """Return periods, in decades of days, of scores (rows, scores).

        `quiet` (rows, scores) is how much topics are judged as quiet, 0 to 1: their scores are taken by their word,
        or by the topic's own past where that is worse, never for rarer because others of like size are calmer.
        """
        over = score - self.traits.threshold
        tail = self._rarer(rows, np.maximum(over, 0.0) / self.traits.larger)
        period: Array = np.where(over > 0.0, tail, over) - np.log10(self.rate[rows] * self.traits.oftener)
        if quiet is None or not quiet.any():
            return period
        own = self._own_period(rows, score)
        period += quiet * (np.minimum(own, score) - period)
        return period

    def _rarer(self, rows: Rows, excess: Array) -> Array:
        """Decades by which peaks of such an excess are rarer than peaks."""
        shape = self.shape[rows]
        beyond = excess / (self.slope[rows] * (1.0 - shape))
        bend = shape + 1.0 / (self.count[rows] + POOL_WEIGHT)
        bend = np.where(np.abs(bend) < _STRAIGHT, _STRAIGHT, bend)
        rarer: Array = np.log1p(np.maximum(bend * beyond, _STRAIGHT - 1.0)) / (bend * LN10)
        return rarer

    def peaks_a_day(self, row: int, score: float) -> Array:
        """How often a day the closed windows of one topic are expected to peak beyond `score` in each of its scores."""
        excess = np.maximum(score - self.traits.threshold, 0.0)[None, :]
        often: Array = self.rate[row] * 10.0 ** -self._rarer(np.array([row]), excess)[0]
        return often

    def _own_period(self, rows: Rows, score: Array) -> Array:
        """Periods of quiet topics whose own stories are larger than stories are: how often they begin is in the score
        already."""
        count = self.count[rows]
        larger = np.maximum(self.excess[rows] - count * (ONE_MENTION - self.traits.threshold), 0.0)
        slope = np.maximum((larger + QUIET_WEIGHT * SLOPE) / (count + QUIET_WEIGHT), SLOPE)
        own: Array = ONE_MENTION + (score - ONE_MENTION) * (SLOPE / slope)
        return np.where(score > ONE_MENTION, own, score)

    def own(self, row: int) -> Array:
        """The part of each tail that rests on the topic's own peaks."""
        part: Array = self.count[row] / (self.count[row] + POOL_WEIGHT)
        return part


def _shape(count: Array, excess: Array, squares: Array) -> Array:
    """The shape of a generalised Pareto tail with these moments, shrunk to zero where there are few peaks."""
    peaks = np.maximum(count, 1.0)
    mean = excess / peaks
    variance = np.maximum(squares / peaks - mean * mean, _STRAIGHT)
    shape = bounded(0.5 * (1.0 - mean * mean / variance), LIGHTEST, HEAVIEST)
    shrunk: Array = shape * count / (count + SHAPE_PEAKS)
    return shrunk
