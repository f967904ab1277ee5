"""What people said of mentions: kept in the order in which it is learned. And the store's own keys."""

from __future__ import annotations

import secrets

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


async def key(connection: AsyncConnection, name: str) -> bytes:
    """The key of that name, made when there is none."""
    made = insert(tables.keys).on_conflict_do_nothing(index_elements=["name"])
    await connection.execute(made, [{"name": name, "value": secrets.token_bytes(32)}])
    return bytes((await connection.execute(select(tables.keys.c.value).where(tables.keys.c.name == name))).scalar_one())


async def after(connection: AsyncConnection, seq: int) -> tuple[list[Click], int]:
    """The clicks kept after number `seq`, in order, and the number of the last."""
    columns = tables.clicks.c
    chosen = select(columns.seq, columns.body).where(columns.seq > seq).order_by(columns.seq)
    rows = (await connection.execute(chosen)).all()
    return [_decode(row.body) for row in rows], rows[-1].seq if rows else seq
