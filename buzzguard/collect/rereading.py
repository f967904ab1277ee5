"""Reading the engagement of young mentions again, so that it is known how fast it grows.

A list of the newest mentions shows those of the last polls again, with their numbers of now: that costs no request.
Each mention is read again a handful of times, at growing ages, and told only when its numbers have changed. What is
remembered for it travels in the cursor, and is bounded.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from buzzguard.collect.cursor import mark
from buzzguard.model import Engagement, Mention, Reread

AGES = tuple(timedelta(minutes=minutes) for minutes in (10, 30, 90, 4 * 60, 12 * 60, 36 * 60))
"""How old a mention is when it is read again; what grows fast is known within the first."""
YOUNG = timedelta(hours=48)
_MOST = 500


class Remembered(msgspec.Struct, frozen=True, array_like=True):
    """What is known of a young mention: when it was published (Unix seconds), its numbers when they were last told, and
    how many of the ages it has been read at."""

    published: float
    numbers: tuple[int, int, int, int]
    times: int = 0


Memory = dict[str, Remembered]
"""By the mark of the mention's id."""


def reread(memory: Memory, listed: Iterable[Mention], now: datetime) -> tuple[tuple[Reread, ...], Memory]:
    """What to tell of the mentions that a poll listed, and the memory after it.

    A mention that is not known is only remembered. The memory holds what is younger than `YOUNG`, at most the latest
    `_MOST`.
    """
    after = dict(memory)
    told: list[Reread] = []
    for mention in listed:
        key = mark(mention.id)
        known, age = after.get(key), now - mention.published
        passed = sum(age >= each for each in AGES)
        numbers = _numbers(mention.engagement)
        if age >= YOUNG or (known is not None and known.times >= passed):
            continue
        if known is not None and known.numbers != numbers:
            told.append(Reread(id=mention.id, engagement=mention.engagement, at=now))
        after[key] = Remembered(mention.published.timestamp(), numbers, passed)
    return tuple(told), _bounded(after, now)


def _numbers(engagement: Engagement) -> tuple[int, int, int, int]:
    return engagement.likes, engagement.replies, engagement.shares, engagement.views


def _bounded(memory: Memory, now: datetime) -> Memory:
    oldest = (now - YOUNG).timestamp()
    young = {key: known for key, known in memory.items() if known.published > oldest}
    if len(young) <= _MOST:
        return young
    latest = sorted(young, key=lambda key: young[key].published)[-_MOST:]
    return {key: young[key] for key in latest}
