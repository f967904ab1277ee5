"""The threshold that gives a wished number of false alarms on series without a crisis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.bench.watching import DAY_BINS, HOLD_BINS, FloatArray, IntArray, rings

PERIOD_DAYS = 90
CANDIDATES = 400
TOP = 0.02


@dataclass(frozen=True)
class Tail:
    """The upper tail of the scores of several crisis-free series, enough to count alarms at any high threshold.

    `positions` are bins, the series laid end to end with more than a hold between them; `judged` says which of them
    may fire (the warm-up only holds); `days` is the time judged, all series together.
    """

    positions: IntArray
    scores: FloatArray
    judged: NDArray[np.bool_]
    days: float

    def alarms(self, threshold: float) -> int:
        """How many alarms fire at `threshold`."""
        over = self.scores >= threshold
        return int((rings(self.positions[over]) & self.judged[over]).sum())

    def per_period(self, threshold: float) -> float:
        """Alarms in 90 days of one series."""
        return self.alarms(threshold) / self.days * PERIOD_DAYS

    def lowest(self, target: float = 1.0) -> float:
        """The lowest threshold at which, and above which, at most `target` alarms fire in 90 days of one series.

        Searched from the top: under a hold the number of alarms is not monotone, a very low threshold is exceeded
        for ever and never fires again. Infinite when even the highest score fires too often.
        """
        best = float("inf")
        for candidate in self._candidates():
            if self.per_period(candidate) > target:
                break
            best = candidate
        return best

    def _candidates(self) -> list[float]:
        """Thresholds from the top down: just above the highest score, then at scores of growing rank."""
        if not len(self.scores):
            return [float("inf")]
        falling = np.sort(self.scores)[::-1]
        ranks = np.unique(np.geomspace(1, len(falling), CANDIDATES).astype(np.int64) - 1)
        # Scores are often kept in single precision: the next one above must be one of those.
        above = np.nextafter(np.float32(falling[0]), np.float32(np.inf))
        return [float(above), *map(float, np.unique(falling[ranks])[::-1])]


def tail_of(periods: NDArray[np.floating], *, warm: int = 0, top: float = TOP) -> Tail:
    """The tail of `periods` (bins x streams); thresholds exceeded by more than `top` of all bins are not tried."""
    bins, streams = periods.shape
    lead = max(0, warm - HOLD_BINS)
    kept = periods[lead:]
    floor = _floor(kept, top)
    stream, row = (
        np.nonzero(np.greater_equal(kept.T, floor)) if np.isfinite(floor) else (np.empty(0, int), np.empty(0, int))
    )
    return Tail(
        positions=stream.astype(np.int64) * (bins + HOLD_BINS + 1) + row,
        scores=kept[row, stream].astype(np.float64),
        judged=row + lead >= warm,
        days=(bins - warm) * streams / DAY_BINS,
    )


def _floor(kept: NDArray[np.floating], top: float) -> float:
    """The score that `top` of all bins reach; the smallest positive one where fewer are positive."""
    positive = kept[kept > 0]
    if not positive.size:
        return float("inf")
    most = max(2, int(top * kept.size))
    if positive.size <= most:
        return float(positive.min())
    return float(np.partition(positive, positive.size - most)[positive.size - most])
