"""Which streams read their past, how far they have come, and when it is time to learn from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Backfill, Fetched

PATIENCE = timedelta(hours=1)
"""Baselines wait so long for the past to be complete, then they learn from what is there; and again at the end. A
stream that has brought nothing for so long is not waited for."""


class Backfills:
    """Deterministic: what it holds are the stored records, moved on by what polls bring."""

    def __init__(self, stored: Iterable[Backfill] = ()) -> None:
        self._held = {one.stream: one for one in stored}

    def after(self, stream: str, fetched: Fetched, at: datetime) -> Backfill | None:
        """The record after a poll, to be committed with it; None when the poll has nothing to do with the past."""
        before = self._held.get(stream)
        under_way = before is not None and before.ended is None
        if not fetched.backfilling:
            return replace(before, at=at, ended=at) if before is not None and under_way else None
        if before is None or not under_way:
            before = Backfill(stream=stream, began=at, at=at)
        times = [mention.published for mention in fetched.mentions]
        earliest = min([*times, *([before.reached] if before.reached else [])], default=None)
        return replace(before, at=at, reached=earliest, mentions=before.mentions + len(times))

    def take(self, records: Iterable[Backfill]) -> None:
        """Hold records that were committed."""
        self._held |= {one.stream: one for one in records}

    def due(self, now: datetime) -> list[Backfill]:
        """What is to be learned now: all that was brought, once nobody brings more, or the patience is over."""
        unlearned = [one for one in self._held.values() if one.mentions and _news(one)]
        waiting = any(one.ended is None and now - one.at < PATIENCE for one in self._held.values())
        if waiting and all(now - (one.learned or one.began) < PATIENCE for one in unlearned):
            return []
        return unlearned


def _news(one: Backfill) -> bool:
    return one.learned is None or one.learned < one.at
