"""Past episodes of one series, one by one: what the law calls rare may be its habit. Of streams and their silences.

An episode is a run of windows rarer than once a day; its peak, in decades of the model's own return period, is kept
for `MEMORY`. If the model is right, peaks above any threshold are exponential with a mean excess of 1/ln 10 decades.
Where a topic is burstier, its peaks say so, and the return period is read from them: by counting below the largest,
by an exponential tail fitted to the largest above it (peaks over threshold, shrunk to a prior).

The largest peak is left out when the others say that it should not have happened in ten times the time watched:
what happened once is a crisis, what happened twice is a habit. Otherwise a brand would be blind to a second crisis as
grave as its first for months.
"""

from __future__ import annotations

from bisect import bisect_left
from math import inf, log10

import msgspec

from buzzguard.detect.scan import LN10

THRESHOLD = 0.0
"""Decades above which a window belongs to an episode: once a day."""
QUIET = 120
"""Minutes without such a window that end an episode."""
LONGEST = 3 * 1440
"""An episode that lasts longer is recorded as it stands: it is no longer an episode."""
MEMORY = 90 * 24
"""Hours for which a peak is remembered: a season, the return period rules ask for most."""
KEPT = 32
"""Peaks kept at most; the smallest go first."""
FITTED = 12
"""Peaks that the tail is fitted to: few enough to be the tail, enough for a mean (a quarter's error)."""
PRIOR_WEIGHT = 3.0
"""How many peaks the prior of the tail counts for."""
PRIOR_SLOPE = 2.0 / LN10
"""Mean excess before peaks are seen, twice the model's: every real topic is burstier than counts of a known rate."""
OUTLIER = 1.0
"""Decades by which the largest peak must be rarer than the others allow in the time watched, to be left out."""


class EpisodesState(msgspec.Struct, array_like=True):
    """What is kept: peaks in hundredths of a decade, with the hour since the epoch in which each ended."""

    hours: list[int] = []
    peaks: list[int] = []
    top: float = -inf
    began: int = 0
    last: int = 0


class Episodes:
    """The declustered peaks of one track. `overlap` corrects for strides, in decades: a peak between is higher."""

    __slots__ = ("_base", "_gap", "_slope", "_sorted", "_span", "overlap", "state")

    def __init__(self, *, overlap: float) -> None:
        self.overlap = overlap
        self.load(EpisodesState())
        self._sorted: list[int] = []
        self._base = self._slope = self._gap = 0.0

    def load(self, state: EpisodesState) -> None:
        """Continue from `state`. Raises ValueError when its peaks and their times do not pair."""
        if len(state.hours) != len(state.peaks):
            raise ValueError("wrong shape: peaks without times")
        self.state = state
        self._span = -1

    def see(self, minute: int, decades: float) -> None:
        """Take note of a learned window that ended at `minute`."""
        state = self.state
        if state.top > -inf and (minute - state.last > QUIET or minute - state.began > LONGEST):
            self._close(state.last)
        if decades <= THRESHOLD:
            return
        if state.top == -inf:
            state.began = minute
        state.last = minute
        state.top = max(state.top, decades)

    def _close(self, minute: int) -> None:
        self.note(minute, self.state.top)
        self.state.top = -inf

    def note(self, minute: int, decades: float) -> None:
        """Keep the peak of an episode that ended at `minute`, when it is one."""
        if decades <= THRESHOLD:
            return
        state = self.state
        hour = minute // 60
        state.hours.append(hour)
        state.peaks.append(min(int(decades * 100), 10**6))
        self._forget(hour)
        self._span = -1

    def _forget(self, hour: int) -> None:
        """Drop what is older than the memory, then the smallest: only the tail is read."""
        state = self.state
        while state.hours and state.hours[0] < hour - MEMORY:
            del state.hours[0], state.peaks[0]
        if len(state.peaks) > KEPT:
            smallest = state.peaks.index(min(state.peaks))
            del state.hours[smallest], state.peaks[smallest]

    def calibrated(self, decades: float, *, now: int, learned: int) -> float:
        """The return period, in decades, of a window that the model calls `decades` rare.

        `now` is a minute since the epoch, `learned` the minutes that the baseline stands on.
        """
        if decades <= THRESHOLD:
            return decades
        span = self._fit(now, learned)
        past = self._sorted
        at_least = len(past) - bisect_left(past, int(decades * 100))
        if at_least > 0:
            # Of what is smaller than all that was kept, more happened than is known: nothing asks for it so exactly.
            read = log10(span / (at_least + 0.5))
        else:
            read = self._base + (decades - self._gap) / (self._slope * LN10)
        return min(decades, read - self.overlap)

    def needed(self, decades: float, *, now: int, learned: int) -> float:
        """The model's decades from which on `calibrated` reaches `decades`: its inverse."""
        wanted = decades + self.overlap
        span = self._fit(now, learned)
        past = self._sorted
        if wanted > self._base:
            return max(decades, self._gap + (wanted - self._base) * self._slope * LN10)
        allowed = int(span / 10.0**wanted - 0.5)
        reached = past[len(past) - allowed - 1] / 100.0 + 0.01 if 0 <= allowed < len(past) else decades
        return max(decades, reached)

    def _fit(self, now: int, learned: int) -> float:
        """Days covered by the peaks; refreshes order and tail when peaks or hour changed."""
        state = self.state
        hours = min(learned // 60, MEMORY)
        days = max(hours, 1) / 24.0
        if self._span == hours:
            return days
        self._span = hours
        oldest = now // 60 - MEMORY
        ordered = sorted(peak for hour, peak in zip(state.hours, state.peaks, strict=True) if hour >= oldest)
        self._slope = _slope(ordered[:-1], trimmed=True)
        if len(ordered) > 1 and ordered[-1] - ordered[-2] > OUTLIER * 100.0 * self._slope * LN10:
            ordered.pop()
        else:
            self._slope = _slope(ordered, trimmed=False)
        self._sorted = ordered
        self._base = log10(days / 0.5)
        self._gap = ordered[-1] / 100.0 if ordered else max(THRESHOLD, log10(days))
        return days


def _slope(ordered: list[int], *, trimmed: bool) -> float:
    """Mean excess, in decades, of the largest peaks over the next, shrunk to the prior.

    Without its largest member a sample of `FITTED` exponential excesses has four fifths of their mean.
    """
    fitted = min(FITTED, len(ordered) - 1)
    if fitted < 1:
        return PRIOR_SLOPE
    floor = ordered[-fitted - 1]
    excess = sum(peak - floor for peak in ordered[-fitted:]) / 100.0
    return (excess / (0.8 if trimmed else 1.0) + PRIOR_WEIGHT * PRIOR_SLOPE) / (fitted + PRIOR_WEIGHT)
