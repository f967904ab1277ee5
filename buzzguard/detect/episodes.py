"""The topic's own past episodes: what the law of counts calls rare may be this topic's habit.

An episode is a run of windows that the law calls rarer than once a day; its peak is kept for a month. A window that
peaks have reached is read by counting them; one that exceeds them all by an exponential tail, fitted to the largest
peaks (peaks over threshold) and drawn to a prior twice as heavy as the law's own. After the multi-scale return
period, measured in `tests/bench`.

Windows of six hours and longer are above the floor whenever they are above the mean: their episode goes on, and the
law alone speaks of them. Letting them end at one deviation was tried: the score on real counts fell by six points, and
a second crisis as grave as the first was taken for a habit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from buzzguard.detect.scan import LN10, Array, bounded

Ints = npt.NDArray[np.int64]
Rows = npt.NDArray[np.intp]

FLOOR = 0.0
"""Decades above which a window belongs to an episode: once a day."""
GAP = 60
"""Minutes without such a window that end an episode."""
MEMORY = 30 * 1440
"""Minutes for which a peak is remembered: longer, and a brand would be blind for a season after a crisis."""
KEPT = 16
"""Peaks kept for each signal and window; the smallest go first: only the tail is read."""
FITTED = 12
"""Peaks that the tail is fitted to: few enough to be the tail, enough for a mean."""
PRIOR_SLOPE = 2.0 / LN10
"""Mean excess, in decades, before peaks are seen: twice the law's, real topics are burstier than counts of a known
rate."""
PRIOR_WEIGHT = 3.0
"""How many peaks the prior of the tail counts for."""
MOST_EXTRAPOLATED = 2.0
"""Decades beyond all that the past has shown, at most."""
FRESH = 1440
"""Minutes of known time before episodes are kept: those of a cold start are no evidence."""
_NEVER = -(1 << 30)


@dataclass
class Episodes:
    """Peaks of every topic, channel and window: arrays (topics, channels, windows, `KEPT`).

    `top` is the peak of the running episode, −inf when none runs; `last` its newest minute.
    """

    peaks: Array
    ended: npt.NDArray[np.int32]
    top: Array
    last: npt.NDArray[np.int32]

    @classmethod
    def of(cls, topics: int, channels: int, windows: int) -> Episodes:
        """Without a past."""
        shape = (topics, channels, windows)
        return cls(
            peaks=np.full((*shape, KEPT), -np.inf, np.float32),
            ended=np.full((*shape, KEPT), _NEVER, np.int32),
            top=np.full(shape, -np.inf, np.float32),
            last=np.full(shape, _NEVER, np.int32),
        )

    def see(self, rows: Rows, window: int, rarity: Array, *, minute: int, fresh: npt.NDArray[np.bool_]) -> None:
        """Take note of learned windows (topics `rows`, one of the windows) that the law calls `rarity` rare.

        Topics that are `fresh` have been watched for less than a day: their episodes are not kept.
        """
        top, last = self.top[rows, :, window], self.last[rows, :, window]
        over = (top > -np.inf) & (minute - last > GAP)
        if over.any():
            self._close(rows, window, over & ~fresh[:, None], minute)
            top = np.where(over, -np.inf, top)
        running = rarity > FLOOR
        self.top[rows, :, window] = np.where(running, np.maximum(top, rarity), top)
        self.last[rows, :, window] = np.where(running, minute, last)

    def forget(self, row: int, since: int) -> None:
        """Forget the episodes of a topic that ended at the minute `since` or later, and those that run."""
        self.top[row] = -np.inf
        self.peaks[row] = np.where(self.ended[row] >= since, -np.inf, self.peaks[row])

    def _close(self, rows: Rows, window: int, over: npt.NDArray[np.bool_], minute: int) -> None:
        at, channel = np.nonzero(over)
        topic = rows[at]
        peaks = self.peaks[topic, channel, window]
        peaks[self.ended[topic, channel, window] < minute - MEMORY] = -np.inf
        self.peaks[topic, channel, window] = peaks
        place = peaks.argmin(axis=1)
        top = self.top[topic, channel, window]
        kept = top > peaks[np.arange(len(place)), place]
        where = topic[kept], channel[kept], window, place[kept]
        self.peaks[where] = top[kept]
        self.ended[where] = self.last[topic, channel, window][kept]

    def read(self, rows: Rows, rarity: Array, *, minute: int, watched: Array, first: int = 0) -> Array:
        """What the past makes of windows that the law calls `rarity` rare: decades (rows, channels, windows).

        `watched` is the known time of each topic in days, `first` the first of the windows that are given. Never more
        than the law itself claims.
        """
        read: Array = np.minimum(rarity, FLOOR)
        at, channel, window = np.nonzero(rarity > FLOOR)
        if len(at) == 0:
            return read
        place = rows[at], channel, window + first
        peaks = np.where(self.ended[place] < minute - MEMORY, -np.inf, self.peaks[place])
        days = bounded(watched[at], 0.05, MEMORY / 1440.0)
        read[at, channel, window] = _read(-np.sort(-peaks, axis=1), rarity[at, channel, window], days)
        return read

    def count(self, row: int, minute: int) -> Ints:
        """How many past episodes are remembered of a topic (channels, windows)."""
        kept = np.isfinite(self.peaks[row]) & (self.ended[row] >= minute - MEMORY)
        counted: Ints = kept.sum(axis=-1)
        return counted


def _read(peaks: Array, rarity: Array, days: Array) -> Array:
    """Return periods read from past peaks (each row falling, −inf after the last)."""
    known = np.isfinite(peaks)
    count = known.sum(axis=1)
    filled = np.where(known, peaks, 0.0)
    fitted = bounded(count - 1, 0, FITTED)
    base = filled[np.arange(len(filled)), np.minimum(fitted, KEPT - 1)]
    within = np.arange(FITTED)[None, :] < fitted[:, None]
    excess = np.where(within, filled[:, :FITTED] - base[:, None], 0.0).sum(axis=1)
    slope = (excess + PRIOR_WEIGHT * PRIOR_SLOPE) / (fitted + PRIOR_WEIGHT)
    highest = np.where(count > 0, filled[:, 0], np.maximum(FLOOR, np.log10(days)))
    beyond = bounded((rarity - highest) / (slope * LN10), 0.0, MOST_EXTRAPOLATED)
    reached = (peaks >= rarity[:, None]).sum(axis=1)
    read = np.where(reached > 0, np.log10(days / (reached + 0.5)), np.log10(days / 0.5) + beyond)
    # What belongs to an episode is never read as commoner than what belongs to none.
    least: Array = np.minimum(np.maximum(read, FLOOR), rarity)
    return least
