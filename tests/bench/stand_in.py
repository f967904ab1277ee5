"""A simple watch for the benches' own tests: a running z-score of the square root of the count. Not the product's."""

from __future__ import annotations

import numpy as np

from tests.bench.watching import DAY_BINS, Confusion, FloatArray, IntArray, Signal

MEMORY = 2000
CLIP = 3.0


class StandIn:
    """Mean and spread of the square root, learned with residuals cut; no season, no windows."""

    def __init__(self, mean: FloatArray, spread: FloatArray, ticks: int) -> None:
        self._mean, self._spread, self._ticks = mean, spread, ticks

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """The return period of the bin under a normal law."""
        self._ticks += 1
        counts = volume if negative is None else negative
        gap = np.sqrt(counts + 0.375) - self._mean
        score = gap / np.sqrt(self._spread)
        cut = np.clip(gap, -CLIP * np.sqrt(self._spread), CLIP * np.sqrt(self._spread)) if self._ticks > 50 else gap
        pace = max(1 / self._ticks, 1 / MEMORY)
        self._mean = self._mean + pace * cut
        self._spread = np.maximum(0.05, self._spread + pace * (cut * cut - self._spread))
        rare = np.exp(np.minimum(np.maximum(score, 0), 12) ** 2 / 2) / DAY_BINS
        return np.where((score > 2) & (self._ticks > DAY_BINS), rare, 0.0)

    def fork(self, index: IntArray) -> StandIn:
        """Copies of the streams at `index`."""
        return StandIn(self._mean[index], self._spread[index], self._ticks)


def make(streams: int, *, signal: Signal, scorer: Confusion | None) -> StandIn:
    """A fresh stand-in."""
    return StandIn(np.zeros(streams), np.ones(streams), 0)
