"""Learn or skip: what may enter a baseline, and how fast. The rule is ours and stands here alone.

A window that is largely unknown is skipped. A value far above the usual is cut before it is learned, so that one
burst weighs no more than a busy hour. While something is judged anomalous the baseline moves at a tenth of its pace:
a crisis of a day raises it by a few per cent. What has lasted three days is the new normal. `river`'s
`AnomalyFilter` was meant for this and is broken both ways in 0.26.1.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

KNOWN_ENOUGH = 0.75
"""Below this share of known minutes a window teaches more about the outage than about the topic."""
RARE = timedelta(days=3)
"""A window rarer than this is anomalous for learning: rarer than what any week brings several times."""
NEW_NORMAL_AFTER = timedelta(days=3)
"""A crisis that lasts is over in two days or three; a campaign, a new market, a changed query is not."""
SLOW = 0.1
"""The pace of learning while a run of anomalous windows lasts."""
CLIP = 3.0
"""Deviations above the mean at which a value is cut: it costs a Poisson mean 2 % at most, and caps a burst."""


class Learning(StrEnum):
    """What became of a closed window."""

    LEARNED = "learned"
    CLIPPED = "clipped"
    SLOWED = "slowed"
    NEW_NORMAL = "new_normal"
    SKIPPED_UNKNOWN = "skipped_unknown"

    @property
    def pace(self) -> float:
        """Weight of the window, 0…1."""
        return _PACE[self]


_PACE = {
    Learning.LEARNED: 1.0,
    Learning.CLIPPED: 1.0,
    Learning.SLOWED: SLOW,
    Learning.NEW_NORMAL: 1.0,
    Learning.SKIPPED_UNKNOWN: 0.0,
}


def decide(*, known: float, anomalous: bool, lasted: timedelta, clipped: bool) -> Learning:
    """What to do with a window; `lasted` is how long the present run of anomalous windows has gone on."""
    if not known >= KNOWN_ENOUGH:
        return Learning.SKIPPED_UNKNOWN
    if anomalous:
        return Learning.NEW_NORMAL if lasted >= NEW_NORMAL_AFTER else Learning.SLOWED
    return Learning.CLIPPED if clipped else Learning.LEARNED
