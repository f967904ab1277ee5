"""The past that streams read at their beginning: how far it came, and the samples of its time, measured anew."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Backfill, Samples
from buzzguard.store import tables
from buzzguard.store.writing import replace_rows, sample_row

_decode = msgspec.json.Decoder(Backfill).decode


async def backfills(connection: AsyncConnection) -> list[Backfill]:
    """Every record, by stream."""
    rows = await connection.execute(select(tables.backfills.c.body).order_by(tables.backfills.c.stream))
    return [_decode(row.body) for row in rows]


async def streams_before(connection: AsyncConnection, at: datetime) -> frozenset[str]:
    """The streams that have brought a mention published before `at`, of those kept."""
    columns = tables.mentions.c
    rows = await connection.execute(select(columns.stream).where(columns.published < at).distinct())
    return frozenset(row.stream for row in rows)


async def measured_anew(
    connection: AsyncConnection, topics: Iterable[str], span: tuple[datetime, datetime], samples: Sequence[Samples]
) -> None:
    """Put samples in the place of all those of the topics whose windows ended in the span (its start left out)."""
    columns = tables.samples.c
    within = (columns.end > span[0]) & (columns.end <= span[1]) & columns.topic.in_(tuple(topics))
    await connection.execute(delete(tables.samples).where(within))
    await replace_rows(connection, tables.samples, [sample_row(one) for one in samples])


async def learned(connection: AsyncConnection, topics: Iterable[str], records: Sequence[Backfill]) -> None:
    """Note that records were learned from; the next core learns the baselines of the topics from their samples."""
    columns = tables.checkpoints.c
    rows = (await connection.execute(select(tables.checkpoints).where(columns.topic.in_(tuple(topics))))).all()
    for row in rows:
        # A checkpoint also says since when the topic's query stands as it is: that much of it is kept.
        _, _, rest = row.detector.partition(" ")
        statement = update(tables.checkpoints).where(columns.topic == row.topic)
        await connection.execute(statement.values(detector=f" {rest}", state=b""))
    await write(connection, records)


async def write(connection: AsyncConnection, records: Sequence[Backfill]) -> None:
    """Keep how far the past has come."""
    rows = [{"stream": one.stream, "body": msgspec.json.encode(one)} for one in records]
    await replace_rows(connection, tables.backfills, rows)
