"""How the engagement of a mention grows, and in which minute that counts.

A reaction has an event time of its own. What a re-reading finds more than the reading before it happened between the
two; it counts in the minute of the re-reading, the last in which it can have happened. So a mention of three hours ago
that is liked a thousand times within minutes is seen at once, and a window that has closed, and was learned, never
changes. The mention itself counts once, in its own minute, with what it had when it was first read. Followers and
views are not read again: `reach` stays that of the first reading.

Numbers that shrink (a like taken back, a service that rounds) take nothing away: only what exceeds all that was
counted before is a gain.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from buzzguard.measure.tally import MAX_REACH
from buzzguard.model import Engagement, Readings, ScoredMention

MOST_GAINS = 24
"""Kept of one mention: of more, the two oldest are joined in the later one's minute."""


def grown(before: ScoredMention, engagement: Engagement, at: datetime) -> tuple[ScoredMention, int]:
    """The mention with what was read of it at `at`, and how many acts it gained; nothing for a reading not newer."""
    read = before.readings or Readings(first=_acts(before.mention.engagement), at=before.mention.fetched)
    if at <= read.at or before.withdrawn:
        return before, 0
    gained = max(0, _acts(engagement) - read.first - sum(acts for _, acts in read.gains))
    gains = _with(read.gains, int(at.timestamp() // 60), gained) if gained else read.gains
    mention = replace(before.mention, engagement=engagement)
    return replace(before, mention=mention, readings=replace(read, at=at, gains=gains)), gained


def _acts(engagement: Engagement) -> int:
    return min(max(engagement.total, 0), MAX_REACH)


def _with(gains: tuple[tuple[int, int], ...], minute: int, acts: int) -> tuple[tuple[int, int], ...]:
    if gains and gains[-1][0] == minute:
        return (*gains[:-1], (minute, gains[-1][1] + acts))
    gains = (*gains, (minute, acts))
    if len(gains) > MOST_GAINS:
        (_, first), (later, second), *rest = gains
        return ((later, first + second), *rest)
    return gains
