"""The mentions as they are stored, for people who look at them and correct them, beside a running daemon.

Whoever looks reads alone (`MentionStore`). Whoever writes opens a database that is there and of this program's own
version (`open_existing`): nothing is created and nothing migrated behind the back of a daemon.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

import msgspec
from sqlalchemy import and_, event, func, or_, select

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import ScoredMention
from buzzguard.store import quarantine, spending, tables
from buzzguard.store.past import AS_WHOM, PATIENCE, PastStore
from buzzguard.store.quarantine import Held
from buzzguard.store.spending import Spent
from buzzguard.store.sql import SqlStore, database_file
from buzzguard.store.sqlite import open_engine

Value: TypeAlias = str | int
"""What is looked for in a stored record: a text as a whole, or a number."""

_PAGE = 500
"""Mentions read at once: a search over all that is kept holds no more in memory."""
_LAST = "\U0010ffff"


class MentionStore(PastStore):
    """Reads as `PastStore` does, and searches. Open with `look_now`."""

    @classmethod
    async def look_now(
        cls, settings: StoreSettings, *, now: datetime, base: Path | None = None, patience: float = PATIENCE
    ) -> MentionStore:
        """Open for reading. Raises StoreError, with what to do, when there is nothing that can be read."""
        found = await cls.look(settings, at=now, closed=now, base=base, patience=patience)
        assert isinstance(found, cls)
        return found

    async def newest(
        self, *, since: datetime | None = None, until: datetime | None = None, holding: Iterable[Sequence[Value]] = ()
    ) -> AsyncIterator[ScoredMention]:
        """Mentions published after `since` and up to `until`, the newest first, a page in memory at a time.

        Of each group in `holding` at least one value stands somewhere in the record: what does not fit is passed over
        before it is decoded, some twenty times as fast; that a value stands where it is meant is for the caller.
        """
        columns = tables.mentions.c
        bounds: list[Any] = [] if since is None else [columns.published > since]
        bounds += [] if until is None else [columns.published <= until]
        encode = msgspec.json.encode
        bounds += [or_(*(func.instr(columns.body, encode(value)) > 0 for value in group)) for group in holding]
        decode = msgspec.json.Decoder(ScoredMention).decode
        before: Any = None
        while True:
            chosen = select(columns.published, columns.id, columns.body).where(
                *bounds, *([] if before is None else [before])
            )
            chosen = chosen.order_by(columns.published.desc(), columns.id.desc()).limit(_PAGE)
            async with self._read() as connection:
                rows = (await connection.execute(chosen)).all()
                page = [decode(row.body) for row in rows]
            for one in page:
                yield one
            if len(rows) < _PAGE:
                return
            last = rows[-1]
            before = or_(
                columns.published < last.published, and_(columns.published == last.published, columns.id < last.id)
            )

    async def beginning(self, beginning: str, limit: int) -> list[str]:
        """The ids of mentions that begin so, in alphabetical order, at most `limit`."""
        column = tables.mentions.c.id
        chosen = select(column).where(column >= beginning, column < beginning + _LAST).order_by(column).limit(limit)
        async with self._read() as connection:
            return [row.id for row in await connection.execute(chosen)]

    async def written_by(self, source: str, who: str) -> Counter[str]:
        """How many mentions of a source are by an author of that id or handle, by the author's key in the store."""
        columns = tables.mentions.c
        named, handle = f"{source}:{who}", _handle(who)
        ours = select(columns.author, columns.body).where(
            columns.author >= f"{source}:", columns.author < f"{source}:{_LAST}"
        )
        decode = msgspec.json.Decoder(ScoredMention).decode
        found: Counter[str] = Counter()
        async with self._read() as connection:
            async for row in await connection.stream(ours):
                if row.author == named or (handle and _handle(decode(row.body).mention.author.handle) == handle):
                    found[row.author] += 1
        return found

    async def clicked_authors(self, authors: Sequence[str]) -> int:
        """How many clicks were made on mentions of these authors."""
        column = tables.clicks.c.author
        async with self._read() as connection:
            rows = await connection.execute(select(tables.clicks.c.seq).where(column.in_(authors)))
            return len(rows.all())

    async def quarantined(self, stream: str = "") -> list[Held]:
        """Records of a stream, or of all, that could not be made mentions, the newest first."""
        async with self._read() as connection:
            return await quarantine.held(connection, stream)

    async def quarantined_of(self, who: str) -> int:
        """How many of these records name a person, by id, handle or name."""
        wanted = quarantine.naming([who])
        if wanted is None:
            return 0
        async with self._read() as connection:
            rows = await connection.execute(select(func.count()).select_from(tables.quarantine).where(wanted))
            return int(rows.scalar() or 0)

    async def spending(self) -> list[Spent]:
        """What was spent on places that cost money or quota, the newest allowances first."""
        async with self._read() as connection:
            return await spending.all_spent(connection)

    async def kept_key(self, name: str) -> bytes | None:
        """The secret key of that name; None when none was made."""
        chosen = select(tables.keys.c.value).where(tables.keys.c.name == name)
        async with self._read() as connection:
            found = (await connection.execute(chosen)).scalar()
            return None if found is None else bytes(found)


async def open_existing(settings: StoreSettings, *, now: datetime, base: Path | None = None) -> SqlStore:
    """Open a database for writing that is there already, also beside a running daemon.

    Raises StoreError, with what to do, when there is none or another version's. What is deleted is overwritten.
    """
    looked = await MentionStore.look_now(settings, now=now, base=base)
    await looked.close()
    file = database_file(settings.url, base)
    if file is None:
        raise StoreError(f"store.url {settings.url!r} names no file")
    if not os.access(file, os.W_OK):
        raise StoreError(f"{file} may not be written ({AS_WHOM})")
    engine = open_engine(f"sqlite:///file:{quote(str(file.absolute()))}?mode=rw&uri=true")
    event.listen(engine.sync_engine, "connect", _overwrite)
    return SqlStore(engine, settings)


async def wipe_log(settings: StoreSettings, *, base: Path | None = None) -> None:
    """Have the write-ahead log taken over and emptied: what was erased stands in it until then.

    Where another program reads at this moment it is left to the daemon, which does so sooner or later.
    """
    if (file := database_file(settings.url, base)) is not None:
        await asyncio.to_thread(_wipe_log, file)


def _wipe_log(file: Path) -> None:
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True, timeout=PATIENCE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _overwrite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _handle(written: str) -> str:
    """A handle as it is compared."""
    return written.strip().removeprefix("@").casefold()
