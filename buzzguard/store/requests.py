"""What other processes ask of the daemon: kept until a step takes it, and its answer with the step's effects."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Answer, Command, Pinned, Request
from buzzguard.store.tables import requests

KEPT_FOR = timedelta(days=30)
"""How long a request stays after it was answered: whoever asked has read it, and the command itself is kept longer."""
_decode = msgspec.json.Decoder(Command).decode


async def keep(connection: AsyncConnection, command: Command) -> bool:
    """Keep a request; false when one of its id was kept before."""
    row = {"id": command.id, "at": command.at, "body": msgspec.json.encode(command)}
    result = await connection.execute(insert(requests).on_conflict_do_nothing(index_elements=["id"]), [row])
    return bool(result.rowcount)


async def waiting(connection: AsyncConnection, limit: int) -> list[Request]:
    """Those that nobody has answered, in the order of keeping."""
    columns = requests.c
    chosen = select(columns.id, columns.at, columns.body).where(columns.taken_at.is_(None)).order_by(columns.seq)
    rows = await connection.execute(chosen.limit(limit))
    return [Request(id=row.id, at=row.at, command=_command(row.body)) for row in rows]


async def answer_of(connection: AsyncConnection, id: str) -> Answer | None:
    """What became of a request; None while nothing has."""
    columns = requests.c
    chosen = select(columns.outcome, columns.made).where(columns.id == id, columns.taken_at.is_not(None))
    row = (await connection.execute(chosen)).first()
    return None if row is None else Answer(id=id, outcome=row.outcome, made=row.made)


async def write_answers(connection: AsyncConnection, answers: Sequence[Answer], at: datetime) -> None:
    """Note what became of requests; one that was answered keeps its answer."""
    for one in answers:
        waits = (requests.c.id == one.id) & requests.c.taken_at.is_(None)
        values = {"taken_at": at, "outcome": one.outcome, "made": one.made}
        await connection.execute(update(requests).where(waits).values(**values))


def _command(body: bytes) -> Command | None:
    """None for what is no command, or whose instants belong to no time zone: nothing could be compared with them."""
    try:
        found = _decode(body)
    except msgspec.DecodeError:
        return None
    pinned = found.asked.posted_at if isinstance(found.asked, Pinned) else None
    since = None if found.undelivered is None else found.undelivered.since
    times = (found.at, found.happened_at, pinned, since)
    return None if any(at is not None and at.tzinfo is None for at in times) else found
