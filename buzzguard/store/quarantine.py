"""Records of sources that could not be made mentions: the last of each stream, for a month.

A record holds whatever the world sent, personal data too. It is kept no longer than it helps to find a fault.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import EXCERPT, Quarantined, Record
from buzzguard.store import tables

KEPT = 200
"""Records of one stream, the newest."""
KEPT_FOR = timedelta(days=30)
_LONGEST_REASON = 500


class Held(Record, frozen=True, kw_only=True):
    """A record, when it came last, and how many times in all: feeds list the same fault at each poll."""

    one: Quarantined
    times: int


async def write(connection: AsyncConnection, quarantined: Sequence[Quarantined]) -> None:
    """Keep these, and of each stream no more than the newest `KEPT`."""
    columns = tables.quarantine.c
    by_stream: dict[str, list[Quarantined]] = {}
    for one in quarantined:
        by_stream.setdefault(one.stream, []).append(one)
    for stream, several in by_stream.items():
        statement = insert(tables.quarantine)
        new = statement.excluded
        kept = {"at": func.max(columns.at, new.at), "times": columns.times + 1}
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["stream", "mark"], set_=kept),
            [_row(one) for one in several[-KEPT:]],
        )
        of_stream = columns.stream == stream
        newest = select(columns.mark).where(of_stream).order_by(columns.at.desc(), columns.mark).limit(KEPT)
        await connection.execute(delete(tables.quarantine).where(of_stream, columns.mark.not_in(newest)))


async def held(connection: AsyncConnection, stream: str = "") -> list[Held]:
    """What is kept of a stream, or of all, the newest first."""
    columns = tables.quarantine.c
    chosen = select(tables.quarantine).order_by(columns.at.desc(), columns.stream, columns.mark)
    if stream:
        chosen = chosen.where(columns.stream == stream)
    return [
        Held(one=Quarantined(stream=row.stream, at=row.at, reason=row.reason, record=row.record), times=row.times)
        for row in await connection.execute(chosen)
    ]


def naming(people: Iterable[str]) -> Any:
    """That a record names one of these people, by id, handle or name; None when there is nothing to look for."""
    wanted = {one.strip().removeprefix("@").lower() for one in people}
    column = func.lower(tables.quarantine.c.record)
    found = [func.instr(column, one) > 0 for one in sorted(wanted) if len(one) > 1]
    return or_(*found) if found else None


def _row(one: Quarantined) -> dict[str, Any]:
    reason, record = _clean(one.reason)[:_LONGEST_REASON], _clean(one.record)[:EXCERPT]
    digest = blake2b(f"{reason}\0{record}".encode(), digest_size=12).hexdigest()
    return {"stream": one.stream, "mark": digest, "at": one.at, "times": 1, "reason": reason, "record": record}


def _clean(text: str) -> str:
    """Without half characters, which no database takes, and without the null, at which some programs stop reading."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
