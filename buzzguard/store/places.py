"""Where incidents are talked of: whose a thread or a room is, and which messages are kept for its record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec.structs import replace
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Command, CommandKind, Delivery, Pinned, pin_prefix
from buzzguard.store import tables

_decode = msgspec.json.Decoder(Command).decode
_delivery = msgspec.json.Decoder(Delivery).decode
_encode = msgspec.json.encode
_LAST = "~"
"""Sorts behind everything that an id of a pin ends with."""


async def incident_at(connection: AsyncConnection, place: str, thread: str) -> str:
    """The incident whose card is the message `thread` at `place`, or whose room `place` is; empty for none.

    The card in a room is a card like any other, kept under the room's name as a receiver: a room is found by it as long
    as its incident is kept. The newest is taken where several have stood there.
    """
    columns = tables.cards.c
    here = func.instr(columns.body, _encode(place)) > 0
    room = columns.receiver.like("%:room")
    card = (func.instr(columns.body, _encode(thread)) > 0) | room if thread else room
    chosen = select(columns.incident, columns.receiver, columns.body).where(here, card)
    for row in await connection.execute(chosen.order_by(columns.at.desc())):
        stands = _delivery(row.body)
        if stands.place == place and (stands.message == thread or row.receiver.endswith(":room")):
            return str(row.incident)
    return ""


async def kept(connection: AsyncConnection, ref: str) -> Command | None:
    """What was said last of a message that people keep; None when it never was kept."""
    return next((one for one in reversed(await _about(connection, ref)) if isinstance(one.asked, Pinned)), None)


async def forget_text(connection: AsyncConnection, commands: Sequence[Command]) -> None:
    """Erase, of the messages that these commands say are gone, every wording that was kept, and who wrote it."""
    changed = []
    for one in commands:
        if one.kind is not CommandKind.PIN or not isinstance(one.asked, Pinned) or not one.asked.gone:
            continue
        for known in await _about(connection, one.asked.ref):
            if isinstance(known.asked, Pinned):
                blank = replace(known, asked=replace(known.asked, text="", author=None, url=""))
                changed.append({"of": known.id, "body": _encode(blank)})
    if changed:
        statement = update(tables.commands).where(tables.commands.c.id == bindparam("of"))
        await connection.execute(statement.values(body=bindparam("body")), changed)


async def _about(connection: AsyncConnection, ref: str) -> list[Command]:
    columns, prefix = tables.commands.c, pin_prefix(ref)
    chosen = select(columns.body).where(columns.id >= prefix, columns.id < prefix + _LAST)
    found = [_decode(row.body) for row in await connection.execute(chosen)]
    return sorted(found, key=lambda one: (one.at, one.id))
