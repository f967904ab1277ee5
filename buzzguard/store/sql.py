"""The Store on a SQL database: one method, one transaction."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Table, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from buzzguard.collect.meter import Allowance
from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import (
    MINUTE,
    Alert,
    AlertState,
    Backfill,
    Checkpoint,
    Click,
    Command,
    Count,
    Delivery,
    Effects,
    Incident,
    Pending,
    Poll,
    Samples,
    ScoredMention,
    Silence,
    Untold,
)
from buzzguard.store import backfilling, clicks, erasing, outbox, spending, tables, withdrawing, writing
from buzzguard.store.asking import Asking
from buzzguard.store.expiry import expire
from buzzguard.store.mailbox import Mailbox
from buzzguard.store.places import incident_at, kept
from buzzguard.store.sqlite import WRITES, migrate, open_engine
from buzzguard.store.untold import untold

_SQLITE = "sqlite:///"
_CHUNK = 500
"""Bound parameters per look-up, well under SQLite's limit of 32,766."""
_RELAPSE_MEMORY = timedelta(days=1)

T = TypeVar("T")


class SqlStore(Asking, Mailbox):
    """See `ports.Store` for the contract. Open with `SqlStore.open`."""

    def __init__(self, engine: AsyncEngine, settings: StoreSettings) -> None:
        self._engine = engine
        self._settings = settings
        self._writing = asyncio.Lock()
        self._last_polls: dict[str, Poll] = {}

    @classmethod
    async def open(cls, settings: StoreSettings, *, base: Path | None = None) -> SqlStore:
        """Open (create, migrate) the database; a relative path counts from `base`.

        Raises StoreError when it cannot be opened.
        """
        engine = open_engine(_absolute(settings.url, base))
        _look_at(database_file(settings.url, base))
        store = cls(engine, settings)
        try:
            async with store._write() as connection:
                await connection.run_sync(migrate)
            store._last_polls = await store.last_polls()
        except StoreError:
            await store.close()
            raise
        return store

    async def commit(self, effects: Effects, cursors: Mapping[str, str]) -> None:
        """See `ports.Store.commit`."""
        async with self._write() as connection:
            await writing.write_effects(connection, effects)
            await writing.write_cursors(connection, cursors)
            await writing.write_polls(connection, effects.polls, self._last_polls)
        for poll in effects.polls:
            self._last_polls[poll.stream] = poll

    async def known(self, ids: Sequence[str]) -> set[str]:
        """See `ports.Store.known`."""
        found: set[str] = set()
        async with self._read() as connection:
            for start in range(0, len(ids), _CHUNK):
                chunk = ids[start : start + _CHUNK]
                rows = await connection.execute(select(tables.mentions.c.id).where(tables.mentions.c.id.in_(chunk)))
                found.update(row.id for row in rows)
        return found

    async def mentions_by(self, authors: Sequence[str]) -> set[str]:
        """See `ports.Store.written_by`."""
        if not authors:
            return set()
        keys = withdrawing.keys_of(authors, await self.key("authors"))
        async with self._read() as connection:
            return await withdrawing.mentions_by(connection, keys)

    async def known_commands(self, ids: Sequence[str]) -> set[str]:
        """See `ports.Store.known_commands`."""
        async with self._read() as connection:
            rows = await connection.execute(select(tables.commands.c.id).where(tables.commands.c.id.in_(ids)))
            return {row.id for row in rows}

    async def key(self, name: str) -> bytes:
        """See `ports.Store.key`."""
        async with self._write() as connection:
            return await clicks.key(connection, name)

    async def mention(self, id: str) -> ScoredMention | None:
        """See `ports.Store.mention`."""
        column = tables.mentions.c.id
        found = await self._bodies(tables.mentions, ScoredMention, column == id, order=column)
        return found[0] if found else None

    async def mentions(self, ids: Sequence[str]) -> list[ScoredMention]:
        """See `ports.Store.mentions`."""
        column, found = tables.mentions.c.id, list[ScoredMention]()
        for start in range(0, len(ids), _CHUNK):
            wanted = column.in_(ids[start : start + _CHUNK])
            found += await self._bodies(tables.mentions, ScoredMention, wanted, order=column)
        return found

    async def click(self, click: Click) -> bool:
        """See `ports.Store.click`."""
        async with self._write() as connection:
            return await clicks.keep(connection, click)

    async def clicks_after(self, seq: int) -> tuple[list[Click], int]:
        """See `ports.Store.clicks_after`."""
        async with self._read() as connection:
            return await clicks.after(connection, seq)

    async def cursors(self) -> dict[str, str]:
        """See `ports.Store.cursors`."""
        async with self._read() as connection:
            rows = await connection.execute(select(tables.streams.c.stream, tables.streams.c.cursor))
            return {row.stream: row.cursor for row in rows}

    async def last_polls(self) -> dict[str, Poll]:
        """See `ports.Store.last_polls`."""
        columns = tables.streams.c
        async with self._read() as connection:
            rows = await connection.execute(
                select(columns.stream, columns.last_poll).where(columns.last_poll.is_not(None))
            )
            return {row.stream: msgspec.json.decode(row.last_poll, type=Poll) for row in rows}

    async def polls_since(self, since: datetime) -> list[Poll]:
        """See `ports.Store.polls_since`."""
        return await self._bodies(tables.polls, Poll, tables.polls.c.at > since, order=tables.polls.c.at)

    async def samples_since(self, since: datetime) -> list[Samples]:
        """See `ports.Store.samples_since`. The per-minute samples are left out: windows of five minutes and more."""
        table = tables.samples
        chosen = select(table).where(table.c.end > since, table.c.window > MINUTE).order_by(table.c.end)
        async with self._read() as connection:
            rows = await connection.execute(chosen)
            return [Samples(**row) for row in rows.mappings()]

    async def mentions_since(self, since: datetime) -> list[ScoredMention]:
        """See `ports.Store.mentions_since`."""
        column = tables.mentions.c.published
        return await self._bodies(tables.mentions, ScoredMention, column > since, order=column)

    async def mentions_between(self, start: datetime, end: datetime) -> list[ScoredMention]:
        """See `ports.Store.mentions_between`."""
        column = tables.mentions.c.published
        return await self._bodies(tables.mentions, ScoredMention, (column >= start) & (column < end), order=column)

    async def counts_since(self, since: datetime) -> list[Count]:
        """See `ports.Store.counts_since`."""
        return await self._bodies(tables.counts, Count, tables.counts.c.end > since, order=tables.counts.c.end)

    async def backfills(self) -> list[Backfill]:
        """See `ports.Store.backfills`."""
        async with self._read() as connection:
            return await backfilling.backfills(connection)

    async def streams_before(self, at: datetime) -> frozenset[str]:
        """See `ports.Store.streams_before`."""
        async with self._read() as connection:
            return await backfilling.streams_before(connection, at)

    async def measured_anew(
        self, topics: Iterable[str], span: tuple[datetime, datetime], samples: Sequence[Samples]
    ) -> None:
        """See `ports.Store.measured_anew`."""
        async with self._write() as connection:
            await backfilling.measured_anew(connection, topics, span, samples)

    async def learned(self, topics: Iterable[str], records: Sequence[Backfill]) -> None:
        """See `ports.Store.learned`."""
        async with self._write() as connection:
            await backfilling.learned(connection, topics, records)

    async def checkpoints(self) -> list[Checkpoint]:
        """See `ports.Store.checkpoints`."""
        async with self._read() as connection:
            rows = await connection.execute(select(tables.checkpoints))
            return [Checkpoint(**row) for row in rows.mappings()]

    async def alerts_open(self) -> list[Alert]:
        """See `ports.Store.alerts_open`."""
        column = tables.alerts.c.state
        wanted = column.in_([AlertState.PENDING.value, AlertState.FIRING.value])
        return await self._bodies(tables.alerts, Alert, wanted, order=tables.alerts.c.at)

    async def incidents_open(self, now: datetime) -> list[Incident]:
        """See `ports.Store.incidents_open`."""
        columns = tables.incidents.c
        wanted = columns.state.in_(outbox.OPEN_STATES) | (columns.changed_at >= now - _RELAPSE_MEMORY)
        return await self._bodies(tables.incidents, Incident, wanted, order=columns.opened_at)

    async def incidents_since(self, since: datetime) -> list[Incident]:
        """See `ports.Store.incidents_since`."""
        column = tables.incidents.c.opened_at
        return await self._bodies(tables.incidents, Incident, column > since, order=column)

    async def silences_active(self, now: datetime) -> list[Silence]:
        """See `ports.Store.silences_active`."""
        column = tables.silences.c.ends_at
        return await self._bodies(tables.silences, Silence, column > now, order=column)

    async def due(self, now: datetime, limit: int) -> list[Pending]:
        """See `ports.Store.due`."""
        async with self._write() as connection:
            return await outbox.due(connection, now, limit)

    async def begin(self, key: str, at: datetime) -> None:
        """See `ports.Store.begin`."""
        async with self._write() as connection:
            await connection.execute(update(tables.outbox).where(tables.outbox.c.key == key).values(begun_at=at))

    async def record(self, delivery: Delivery) -> None:
        """See `ports.Store.record`."""
        async with self._write() as connection:
            await outbox.record(connection, delivery)

    async def card(self, incident: str, receiver: str) -> Delivery | None:
        """See `ports.Store.card`."""
        columns = tables.cards.c
        wanted = (columns.incident == incident) & (columns.receiver == receiver)
        found = await self._bodies(tables.cards, Delivery, wanted, order=columns.at)
        return found[-1] if found else None

    async def incident_at(self, place: str, thread: str) -> str:
        """See `ports.FrontDesk.incident_at`."""
        async with self._read() as connection:
            return await incident_at(connection, place, thread)

    async def kept(self, ref: str) -> Command | None:
        """See `ports.FrontDesk.kept`."""
        async with self._read() as connection:
            return await kept(connection, ref)

    async def revive(self, now: datetime) -> int:
        """See `ports.Store.revive`."""
        async with self._write() as connection:
            return await outbox.revive(connection, now)

    async def untold(self, receivers: Sequence[str], now: datetime, *, without: str) -> list[Untold]:
        """See `ports.Store.untold`."""
        async with self._read() as connection:
            return await untold(connection, receivers, now, without)

    async def outbox_depth(self) -> int:
        """See `ports.Store.outbox_depth`."""
        async with self._read() as connection:
            return await outbox.depth(connection)

    async def expire(self, now: datetime) -> dict[str, int]:
        """See `ports.Store.expire`."""
        async with self._write() as connection:
            return await expire(connection, self._settings, now)

    async def last_erasure(self) -> int:
        """See `ports.Store.last_erasure`."""
        async with self._read() as connection:
            return await erasing.last(connection)

    async def erase_author(self, author: str, *, at: datetime, named: str = "") -> int:
        """Delete every mention of an author (`source:id` or `source:handle`), and what was learned from them.

        `named` is what they are called in what was set aside, where `author` is a hash. Their words are cut out of the
        notifications kept, too. Returns how many mentions. A running daemon forgets them at its next tick.
        """
        async with self._write() as connection:
            return await erasing.erase_author(connection, author, at, named=named)

    async def spend(self, allowance: Allowance, amount: float) -> float | None:
        """See `spending.spend`."""
        async with self._write() as connection:
            return await spending.spend(connection, allowance, amount)

    async def give_back(self, allowance: Allowance, amount: float) -> None:
        """See `spending.give_back`."""
        async with self._write() as connection:
            await spending.give_back(connection, allowance, amount)

    async def spent(self, allowance: Allowance) -> float:
        """See `spending.spent`."""
        async with self._read() as connection:
            return await spending.spent(connection, allowance)

    async def forget_cursor(self, stream: str) -> None:
        """Make the next poll of `stream` a first poll."""
        async with self._write() as connection:
            await connection.execute(update(tables.streams).where(tables.streams.c.stream == stream).values(cursor=""))

    async def close(self) -> None:
        """See `ports.Store.close`."""
        await self._engine.dispose()

    async def _bodies(self, table: Table, kind: type[T], wanted: Any, *, order: Any) -> list[T]:
        async with self._read() as connection:
            rows = await connection.execute(select(table.c.body).where(wanted).order_by(order))
            decoder = msgspec.json.Decoder(kind)
            return [decoder.decode(row.body) for row in rows]

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        try:
            async with self._engine.connect() as connection:
                yield connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(_reason(error)) from error

    @asynccontextmanager
    async def _write(self) -> AsyncIterator[AsyncConnection]:
        async with self._writing:
            try:
                async with self._engine.connect() as connection:
                    await connection.execution_options(**{WRITES: True})
                    async with connection.begin():
                        yield connection
            except (SQLAlchemyError, OSError) as error:
                raise StoreError(_reason(error)) from error


def database_file(url: str, base: Path | None) -> Path | None:
    """The file behind a `sqlite:///` address, a relative one counted from `base`; None when there is none."""
    path = url.removeprefix(_SQLITE)
    if path == url or path in ("", ":memory:"):
        return None
    return Path(path) if base is None else base / path


def _look_at(file: Path | None) -> None:
    """Raise StoreError when the file cannot be opened: the asynchronous driver would leave a thread behind."""
    try:
        sqlite3.connect(":memory:" if file is None else file).close()
    except sqlite3.Error as error:
        hint = "it must be a file, in a folder to which the user that BuzzGuard runs as may write"
        raise StoreError(f"{error}: {file} ({hint})") from error


def _absolute(url: str, base: Path | None) -> str:
    file = database_file(url, base)
    return url if file is None else f"{_SQLITE}{file}"


def _reason(error: Exception) -> str:
    # The statement and its parameters hold mentions: only the driver's own words may be shown.
    return str(getattr(error, "orig", None) or type(error).__name__)
