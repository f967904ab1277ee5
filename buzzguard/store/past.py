"""The store as it stood at one instant, for looking: nothing is written, and a running daemon does not notice.

All is read in one transaction of a connection that may only read, so that what the daemon commits meanwhile cannot
put a mention beside samples that do not hold it. SQLite's write-ahead log lets readers and the writer pass each other.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from sqlalchemy import URL, Connection, event, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from buzzguard.config.settings import StoreSettings
from buzzguard.config.words import show
from buzzguard.errors import StoreError
from buzzguard.model import (
    MINUTE,
    Alert,
    AlertState,
    Cause,
    Checkpoint,
    Count,
    Incident,
    Poll,
    Record,
    Samples,
    ScoredMention,
    Silence,
    Transition,
)
from buzzguard.store import tables
from buzzguard.store.sql import SqlStore, database_file
from buzzguard.store.sqlite import revisions

PATIENCE = 5.0
"""Seconds that a reader waits for a lock; only a repair or a foreign program holds one that readers feel."""


AS_WHOM = "run it as the user that BuzzGuard runs as, or with sudo"


class Handled(Record, frozen=True, kw_only=True):
    """An incident and the last transition that it had made by then."""

    incident: Incident
    last: Transition


class PastStore(SqlStore):
    """Reads as `SqlStore` does, but only what was known at `at`; a write raises StoreError.

    What the daemon keeps but the newest of (checkpoints, the last poll of a stream, the record of an alert) is left
    out when it is newer than `at`, or told as it must have been. `closed` is up to when windows had closed by then:
    what ended later had not been learned.
    """

    def __init__(self, engine: AsyncEngine, settings: StoreSettings, *, at: datetime, closed: datetime) -> None:
        super().__init__(engine, settings)
        self._at, self._until = at, closed
        self._connection: AsyncConnection | None = None

    @classmethod
    async def look(
        cls,
        settings: StoreSettings,
        *,
        at: datetime,
        closed: datetime,
        base: Path | None = None,
        patience: float = PATIENCE,
    ) -> PastStore:
        """Open for reading. Raises StoreError, with what to do, when there is nothing that can be read."""
        file = database_file(settings.url, base)
        if file is None:
            raise StoreError(f"store.url {settings.url!r} names no file, there is nothing to look at")
        immutable = _inspected(file, patience)
        return cls(_engine(file, immutable=immutable, patience=patience), settings, at=at, closed=closed)

    async def checkpoints(self) -> list[Checkpoint]:
        """Those that hold nothing learned later."""
        return [one for one in await super().checkpoints() if one.at <= self._until]

    async def samples_since(self, since: datetime) -> list[Samples]:
        """The windows that had closed by then."""
        table = tables.samples
        wanted = (table.c.end > since) & (table.c.end <= self._until) & (table.c.window > MINUTE)
        async with self._read() as connection:
            rows = await connection.execute(select(table).where(wanted).order_by(table.c.end))
            return [Samples(**row) for row in rows.mappings()]

    async def mentions_since(self, since: datetime) -> list[ScoredMention]:
        """Those that had been read by then."""
        column = tables.mentions.c.published
        wanted = (column > since) & (column <= self._at)
        found = await self._bodies(tables.mentions, ScoredMention, wanted, order=column)
        return [one for one in found if one.mention.fetched <= self._at]

    async def counts_since(self, since: datetime) -> list[Count]:
        """Those of spans that had ended by then."""
        return [one for one in await super().counts_since(since) if one.end <= self._at]

    async def polls_since(self, since: datetime) -> list[Poll]:
        """The log, which holds failed polls and the good ones beside them."""
        column = tables.polls.c.at
        return await self._bodies(tables.polls, Poll, (column > since) & (column <= self._at), order=column)

    async def last_polls(self) -> dict[str, Poll]:
        """The last poll of every stream; of one polled since, a good one at `at`, unless the log says that it failed.

        The log leaves out good polls between good polls alone, so that one must have been among them.
        """
        found = await super().last_polls()
        logged = {poll.stream: poll for poll in await self.polls_since(self._at - timedelta(days=30))}
        for stream, poll in list(found.items()):
            if poll.at <= self._at:
                continue
            known = logged.get(stream)
            found[stream] = known if known and not known.ok else Poll(stream=stream, at=self._at, ok=True)
        return found

    async def alerts_open(self) -> list[Alert]:
        """The alerts that were pending or firing then."""
        columns = tables.alerts.c
        wanted = (columns.since <= self._at) & ((columns.state != AlertState.RESOLVED.value) | (columns.at > self._at))
        found = await self._bodies(tables.alerts, Alert, wanted, order=columns.at)
        return [alert for one in found if (alert := _as_of(one, self._at)) is not None]

    async def incidents_open(self, now: datetime) -> list[Incident]:  # noqa: ARG002 - the port's signature
        """None: who looks at the past carries out nothing. `handled` tells of incidents."""
        return []

    async def incidents_since(self, since: datetime) -> list[Incident]:
        """Incidents that were opened after `since`, each as it stood."""
        opened = [one for one in await super().incidents_since(since) if one.opened_at <= self._at]
        return [one.incident for one in await self._as_handled(opened)]

    async def silences_active(self, now: datetime) -> list[Silence]:
        """Silences that had begun and not ended."""
        return [one for one in await super().silences_active(now) if one.starts_at <= now]

    async def fired(self, topic: str, since: datetime) -> list[Alert]:
        """The alerts of a topic that fired after `since`, as they stand, in order."""
        columns = tables.alerts.c
        wanted = (columns.topic == topic) & (columns.at > since) & (columns.since <= self._at)
        found = await self._bodies(tables.alerts, Alert, wanted, order=columns.since)
        return [one for one in found if one.fired_at is not None and since < one.fired_at <= self._at]

    async def handled(self, topic: str, since: datetime) -> list[Handled]:
        """The incidents of a topic that had not ended at `since`, each as it stood then, in order of opening."""
        columns = tables.incidents.c
        wanted = (columns.topic == topic) & (columns.opened_at <= self._at) & (columns.changed_at > since)
        opened = await self._bodies(tables.incidents, Incident, wanted, order=columns.opened_at)
        return await self._as_handled(opened)

    async def _as_handled(self, opened: Iterable[Incident]) -> list[Handled]:
        moves, told = tables.transitions.c, []
        for incident in opened:
            past = (moves.incident == incident.id) & (moves.at <= self._at)
            made = await self._bodies(tables.transitions, Transition, past, order=moves.version)
            told += [Handled(incident=_rewound(incident, made), last=made[-1])] if made else []
        return told

    async def first_seen(self, topic: str) -> datetime | None:
        """When the first mention of a topic was measured, None when none was; `""` asks of all topics."""
        table = tables.samples
        chosen = (
            select(func.min(table.c.end)) if not topic else select(func.min(table.c.end)).where(table.c.topic == topic)
        )
        async with self._read() as connection:
            found: datetime | None = (await connection.execute(chosen)).scalar()
            return found

    async def last_sign(self) -> datetime | None:
        """When the watch last left a trace up to `at`: a measured mention or a poll.

        A stream that was polled since must have been polled until then.
        """
        column = tables.samples.c.end
        async with self._read() as connection:
            seen: datetime | None = (
                await connection.execute(select(func.max(column)).where(column <= self._at))
            ).scalar()
        polls = [min(poll.at, self._at) for poll in (await super().last_polls()).values()]
        return max([*polls, *([seen] if seen else [])], default=None)

    async def close(self) -> None:
        """See `ports.Store.close`."""
        if self._connection is not None:
            await self._connection.close()
        await super().close()

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[AsyncConnection]:
        try:
            if self._connection is None:
                self._connection = await self._engine.connect()
            yield self._connection
        except (SQLAlchemyError, OSError) as error:
            raise StoreError(str(getattr(error, "orig", None) or type(error).__name__)) from error
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise StoreError(f"a record of the database cannot be read ({error})") from error


def _as_of(alert: Alert, at: datetime) -> Alert | None:
    """An alert as it stood, from the one record that is kept of it; None when it was over."""
    if alert.resolved_at is not None and alert.resolved_at <= at:
        return None
    fired = alert.fired_at is not None and alert.fired_at <= at
    return msgspec.structs.replace(
        alert,
        state=AlertState.FIRING if fired else AlertState.PENDING,
        fired_at=alert.fired_at if fired else None,
        resolved_at=None,
        new_normal=None,
        at=min(alert.at, at),
        last_true=min(alert.last_true or alert.at, at),
        gone_since=alert.gone_since if alert.gone_since is not None and alert.gone_since <= at else None,
    )


def _rewound(incident: Incident, made: Sequence[Transition]) -> Incident:
    """An incident after the transitions that it had made, as far as they tell."""
    last = made[-1]
    took = next((one.who for one in reversed(made) if one.cause is Cause.ACKNOWLEDGED_BY_USER), None)
    return msgspec.structs.replace(
        incident, state=last.after, severity=last.severity, changed_at=last.at, version=last.version, owner=took
    )


def _address(file: Path, *, immutable: bool) -> str:
    return f"file:{quote(str(file.absolute()))}?mode=ro{'&immutable=1' if immutable else ''}"


def _inspected(file: Path, patience: float) -> bool:
    """Whether the file must be read as one that nobody writes. Raises StoreError when it cannot be read at all."""
    _readable(file)
    try:
        return _revision_fits(file, patience, immutable=False)
    except sqlite3.OperationalError as error:
        # The log of a database in a folder that may not be written to cannot be opened: if there is none, do without.
        if file.with_name(f"{file.name}-wal").exists() or "unable to open" not in str(error):
            raise StoreError(_reason(error, file)) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(_reason(error, file)) from error
    try:
        return _revision_fits(file, patience, immutable=True)
    except sqlite3.Error as error:
        raise StoreError(_reason(error, file)) from error


def _readable(file: Path) -> None:
    """Raise StoreError, with what to do, for what is no file or may not be read: SQLite says little of either."""
    try:
        with file.open("rb"):
            pass
    except FileNotFoundError:
        message = f"there is no database at {file}: nothing was watched yet (`buzzguard run` makes it)"
        raise StoreError(message) from None
    except PermissionError as error:
        raise StoreError(f"{file} may not be read ({AS_WHOM})") from error
    except IsADirectoryError as error:
        raise StoreError(f"{file} is a folder, not a database: see store.url") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{show(str(file))} cannot be opened: {reason.lower()}") from error


def _revision_fits(file: Path, patience: float, *, immutable: bool) -> bool:
    with closing(sqlite3.connect(_address(file, immutable=immutable), uri=True, timeout=patience)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    present, (known, newest) = row[0] if row else "", revisions()
    if present not in known:
        raise StoreError(f"{file} was written by a newer BuzzGuard (revision {present}); upgrade the program")
    if present != newest:
        raise StoreError(
            f"{file} was written by an older BuzzGuard: start `buzzguard run` once, it brings it up to date"
        )
    return immutable


def _reason(error: sqlite3.Error, file: Path) -> str:
    said = str(error)
    if "no such table" in said or "not a database" in said:
        return f"{file} is no database of BuzzGuard"
    if "locked" in said or "busy" in said:
        return f"{file} is locked by another program: try again in a moment"
    if "unable to open" in said or "readonly" in said:
        return f"{file} cannot be opened: {said} ({AS_WHOM})"
    return f"{file}: {said}"


def _engine(file: Path, *, immutable: bool, patience: float) -> AsyncEngine:
    query = {"mode": "ro", "uri": "true", "timeout": str(patience)} | ({"immutable": "1"} if immutable else {})
    url = URL.create("sqlite+aiosqlite", database=f"file:{quote(str(file.absolute()))}", query=query)
    engine = create_async_engine(url)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")
