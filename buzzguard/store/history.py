"""All that the store still knows, in order, for a backtest: read page by page, nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import select

from buzzguard.config.settings import StoreSettings
from buzzguard.model import Poll, Samples, ScoredMention
from buzzguard.store import tables
from buzzguard.store.past import PastStore

PAGE = 2_000
"""Mentions held at a time."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EVER = datetime(9999, 1, 1, tzinfo=UTC)


class _Paged(PastStore):
    async def page(self, after: tuple[datetime, str], size: int) -> list[ScoredMention]:
        columns = tables.mentions.c
        later = (columns.published > after[0]) | ((columns.published == after[0]) & (columns.id > after[1]))
        chosen = select(columns.body).where(later).order_by(columns.published, columns.id).limit(size)
        async with self._read() as connection:
            rows = await connection.execute(chosen)
            decoder = msgspec.json.Decoder(ScoredMention)
            return [decoder.decode(row.body) for row in rows]


class History:
    """The whole store, read without the daemon's lock. Its methods raise StoreError."""

    def __init__(self, store: _Paged, runner: asyncio.Runner) -> None:
        self._store, self._runner = store, runner

    def first_mention(self) -> datetime | None:
        """When the oldest mention that is still kept was published."""
        page = self._runner.run(self._store.page((_EPOCH, ""), 1))
        return page[0].mention.published if page else None

    def mentions(self) -> Iterator[ScoredMention]:
        """Every mention, in order of publication."""
        after = (_EPOCH, "")
        while page := self._runner.run(self._store.page(after, PAGE)):
            yield from page
            after = (page[-1].mention.published, page[-1].mention.id)

    def samples(self, before: datetime, span: timedelta) -> list[Samples]:
        """The closed windows that ended in the `span` before an instant, in order of end."""
        every = self._runner.run(self._store.samples_since(before - span))
        return [samples for samples in every if samples.end <= before]

    def polls(self) -> list[Poll]:
        """Which polls failed, and the good ones beside them, in order."""
        return self._runner.run(self._store.polls_since(_EPOCH))


@contextmanager
def open_history(settings: StoreSettings, *, base: Path) -> Iterator[History]:
    """Open for reading. Raises StoreError, with what to do, when there is nothing to read."""
    with asyncio.Runner() as runner:
        store = runner.run(_Paged.look(settings, at=_EVER, closed=_EVER, base=base))
        assert isinstance(store, _Paged)
        try:
            yield History(store, runner)
        finally:
            runner.run(store.close())
