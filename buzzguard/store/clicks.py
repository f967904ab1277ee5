"""What people said of mentions: kept in the order in which it is learned."""

from __future__ import annotations

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Click
from buzzguard.store import tables

_decode = msgspec.json.Decoder(Click).decode


async def keep(connection: AsyncConnection, click: Click) -> bool:
    """Keep a click; false when one of its id was kept before."""
    row = {"id": click.id, "at": click.at, "author": click.author, "body": msgspec.json.encode(click)}
    result = await connection.execute(insert(tables.clicks).on_conflict_do_nothing(index_elements=["id"]), [row])
    return bool(result.rowcount)


async def after(connection: AsyncConnection, seq: int) -> tuple[list[Click], int]:
    """The clicks kept after number `seq`, in order, and the number of the last."""
    columns = tables.clicks.c
    chosen = select(columns.seq, columns.body).where(columns.seq > seq).order_by(columns.seq)
    rows = (await connection.execute(chosen)).all()
    return [_decode(row.body) for row in rows], rows[-1].seq if rows else seq
