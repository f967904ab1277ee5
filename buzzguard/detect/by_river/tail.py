"""Return periods from a model's own past scores: peaks over threshold, without knowing what a score means.

The past is declustered by blocks: the highest score of each three hours is kept for a season, and neighbours that
belong to one episode count once. A score that was reached before is as rare as it was reached; beyond the highest peak
an exponential tail, fitted to the excesses of the largest peaks and shrunk to the spread of all of them, goes on. The
largest peak is left out when the others say that it should not have happened in ten times the time watched: what
happened once is a crisis, and must not hide the next one.

Rarity is in decades: the common logarithm of a return period in days.
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf, log, log10

BLOCK = 180
"""Minutes. Eight peaks a day are enough for the tail, and few enough to be nearly independent."""
NEAR = 120
"""Minutes between two peaks that count as one."""
MEMORY = 90 * 1440
"""Minutes: a season, the return period rules ask for most."""
LEAST_BLOCKS = 16
"""Two days of scores, before anything is said."""
FITTED = 12
PRIOR_WEIGHT = 3.0
PRIOR_FACTOR = 2.0
"""The tail is taken for twice as heavy as the spread of all peaks says, before it is seen: topics are bursty."""
OUTLIER = 1.0
"""Decades by which the largest peak must be rarer than the others allow, to be left out."""
TRUST = 2.0
"""Decades: nothing is called rarer than 100 times the time watched."""
LN10 = log(10.0)


class OwnScores:
    """The declustered past of one model's scores. `stride` is the time between two of them, in minutes."""

    def __init__(self, stride: int, *, overlap: float) -> None:
        self._stride, self._overlap = stride, overlap
        self._peaks: list[tuple[int, float]] = []
        self._block, self._block_peak = -1, (0, -inf)
        self._in_run = False
        self._seen = 0
        self._sorted: list[float] | None = None
        self._slope = 0.0

    @property
    def days(self) -> float:
        """How much scored time is remembered."""
        return min(self._seen * self._stride, MEMORY) / 1440.0

    @property
    def ready(self) -> bool:
        """Whether enough was seen to say anything."""
        return self._seen * self._stride >= LEAST_BLOCKS * BLOCK

    def see(self, minute: int, score: float, *, in_run: bool) -> None:
        """Note the score of a closed window. All scores of one run of rare windows make one peak."""
        self._seen += 1
        if minute // BLOCK != self._block:
            self._close()
            self._block, self._block_peak = minute // BLOCK, (minute, score)
        elif score > self._block_peak[1]:
            self._block_peak = (minute, score)
        self._in_run = in_run

    def _close(self) -> None:
        minute, score = self._block_peak
        if score == -inf:
            return
        last = self._peaks[-1] if self._peaks else None
        if last is not None and (self._in_run or minute - last[0] <= NEAR):
            self._peaks[-1] = max(last, self._block_peak, key=lambda peak: peak[1])
        else:
            self._peaks.append(self._block_peak)
        while self._peaks[0][0] < minute - MEMORY:
            del self._peaks[0]
        self._sorted = None

    def decades(self, score: float) -> float:
        """How rare a score is, −inf when too little was seen."""
        past = self._ordered()
        if not self.ready or len(past) < 2:
            return -inf
        at_least = len(past) - bisect_left(past, score)
        if at_least > 0:
            read = log10(self.days / (at_least + 0.5))
        else:
            read = log10(self.days / 0.5) + (score - past[-1]) / (self._slope * LN10)
        return min(read - self._overlap, log10(self.days) + TRUST)

    def _ordered(self) -> list[float]:
        """The peaks in order of size, less an outlier; refreshes the tail when they changed."""
        if self._sorted is None:
            past = sorted(score for _, score in self._peaks)
            self._slope = _slope(past[:-1], trimmed=True)
            if len(past) > FITTED and past[-1] - past[-2] > OUTLIER * self._slope * LN10:
                past.pop()
            else:
                self._slope = _slope(past, trimmed=False)
            self._sorted = past
        return self._sorted


def _slope(past: list[float], *, trimmed: bool) -> float:
    """Mean excess of the largest peaks over the next one, shrunk to what the spread of all of them lets expect.

    Of exponential peaks, the ninth decile lies ln 5 mean excesses above the median. Without its largest member a
    sample of `FITTED` excesses has four fifths of their mean.
    """
    if not past:
        return 1.0
    least = 1e-6 + 0.02 * abs(past[-1])
    bulk = (past[int(0.9 * (len(past) - 1))] - past[len(past) // 2]) / log(5.0)
    prior = max(PRIOR_FACTOR * bulk, least)
    fitted = min(FITTED, len(past) - 1)
    if fitted < 1:
        return prior
    floor = past[-fitted - 1]
    excess = sum(peak - floor for peak in past[-fitted:]) / (0.8 if trimmed else 1.0)
    return max((excess + PRIOR_WEIGHT * prior) / (fitted + PRIOR_WEIGHT), least)
