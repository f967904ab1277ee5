"""Learn or skip: what may enter a baseline. The rule is ours and stands here alone.

A window that is largely unknown is skipped. A residual beyond two deviations is cut before it is learned, so that a
crisis of a day moves the level by less than half a deviation. What has been unusual for three days is the new normal:
the level then follows it within a day, uncut. `river`'s `AnomalyFilter` was meant for this and is broken both ways in
0.26.1.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

KNOWN_ENOUGH = 0.75
"""Below this share of known minutes a window teaches more about the outage than about the topic."""
RARE = timedelta(days=3)
"""A window rarer than this is unusual for learning: rarer than what any week brings several times."""
NEW_NORMAL_AFTER = timedelta(days=3)
"""A crisis that lasts is over in two days or three; a campaign, a new market, a changed query is not."""


class Learning(StrEnum):
    """What became of a closed window."""

    LEARNED = "learned"
    CLIPPED = "clipped"
    SLOWED = "slowed"
    NEW_NORMAL = "new_normal"
    SKIPPED_UNKNOWN = "skipped_unknown"
