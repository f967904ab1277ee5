"""The outbox: what is due, in which order, and how an attempt ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Delivery, DeliveryState, IncidentState, Letter, Notification, NotificationKind, Pending
from buzzguard.store.tables import cards, deliveries, incidents, outbox

WAITING = "waiting"
_EDITS = frozenset({NotificationKind.UPDATE.value, NotificationKind.RUN.value})
REVIVED_WITHIN = timedelta(days=1)
OPEN_STATES = (IncidentState.TRIGGERED.value, IncidentState.ACKNOWLEDGED.value)


async def due(connection: AsyncConnection, now: datetime, limit: int) -> list[Pending]:
    """The first waiting notification of each incident and receiver, if it is due; see `ports.Store.due`."""
    columns = (outbox.c.key, outbox.c.incident, outbox.c.receiver, outbox.c.kind, outbox.c.due_at, outbox.c.begun_at)
    rows = await connection.execute(select(*columns).where(outbox.c.state == WAITING).order_by(outbox.c.seq))
    chosen, overtaken = _heads(rows, now)
    if overtaken:
        ended = {"state": DeliveryState.SUPERSEDED.value, "ended_at": now}
        await connection.execute(update(outbox).where(outbox.c.key.in_(overtaken)).values(**ended))
    found = await connection.execute(
        select(outbox.c.body, outbox.c.kind, outbox.c.attempts, outbox.c.begun_at)
        .where(outbox.c.key.in_(chosen[:limit]))
        .order_by(outbox.c.seq)
    )
    return [
        Pending(
            notification=_read(row),
            attempts=row.attempts,
            uncertain=row.begun_at is not None,
        )
        for row in found
    ]


async def post(connection: AsyncConnection, letters: Sequence[Letter]) -> None:
    """Put letters into the outbox; one whose key is there already is left as it is."""
    rows = [
        {
            "key": one.key,
            "incident": one.about,
            "receiver": one.receiver,
            "kind": one.kind.value,
            "state": WAITING,
            "due_at": one.due_at,
            "attempts": 0,
            "body": msgspec.json.encode(one),
        }
        for one in letters
    ]
    if rows:
        await connection.execute(upsert(outbox).on_conflict_do_nothing(index_elements=["key"]), rows)


async def posted(connection: AsyncConnection, about: str, *, any_of: bool = False) -> bool:
    """Whether letters about that occasion were put into the outbox; with `any_of` about one whose name begins so."""
    wanted = outbox.c.incident.startswith(about, autoescape=True) if any_of else outbox.c.incident == about
    found = await connection.execute(select(outbox.c.seq).where(wanted).limit(1))
    return found.first() is not None


async def record(connection: AsyncConnection, delivery: Delivery) -> None:
    """Note how an attempt ended, and where the card stands."""
    await connection.execute(
        insert(deliveries).values(
            key=delivery.key, at=delivery.at, state=delivery.state.value, reason=delivery.reason[:500]
        )
    )
    if delivery.state is DeliveryState.DELAYED:
        # `begun_at` stays only where the attempt may have got through: the notifier says so in `extra`.
        certain = {} if delivery.extra.get("uncertain") else {"begun_at": None}
        values = {"attempts": outbox.c.attempts + 1, "due_at": delivery.retry_at or delivery.at} | certain
    else:
        values = {"attempts": outbox.c.attempts + 1, "state": delivery.state.value, "ended_at": delivery.at}
    await connection.execute(update(outbox).where(outbox.c.key == delivery.key).values(**values))
    if delivery.state is DeliveryState.DELIVERED:
        await _remember_card(connection, delivery)


async def revive(connection: AsyncConnection, now: datetime) -> int:
    """Make what was refused wait again; see `ports.Store.revive`."""
    still_open = select(incidents.c.id).where(incidents.c.state.in_(OPEN_STATES))
    revived = await connection.execute(
        update(outbox)
        .where(outbox.c.state == DeliveryState.REFUSED.value)
        .where(outbox.c.ended_at > now - REVIVED_WITHIN)
        .where(outbox.c.incident.in_(still_open))
        .values(state=WAITING, due_at=now, ended_at=None)
    )
    return int(revived.rowcount)


async def depth(connection: AsyncConnection) -> int:
    """How many notifications wait."""
    counted = await connection.execute(select(func.count()).select_from(outbox).where(outbox.c.state == WAITING))
    return int(counted.scalar_one())


def _read(row: Any) -> Notification | Letter:
    if row.kind == NotificationKind.DIGEST:
        return msgspec.json.decode(row.body, type=Letter)
    return msgspec.json.decode(row.body, type=Notification)


def _heads(rows: Iterable[Any], now: datetime) -> tuple[list[str], list[str]]:
    """Keys to attempt now, and keys of edits overtaken by one that follows with nothing but edits between them."""
    lines: dict[tuple[str, str], list[Any]] = {}
    for row in rows:
        lines.setdefault((row.incident, row.receiver), []).append(row)
    chosen: list[str] = []
    overtaken: list[str] = []
    for line in lines.values():
        while _is_overtaken(line):
            overtaken.append(line.pop(0).key)
        if line[0].due_at <= now:
            chosen.append(line[0].key)
    return chosen, overtaken


def _is_overtaken(line: list[Any]) -> bool:
    """Whether the first of a line shows what a later one shows as well, only newer.

    The message of a run may be out already when its attempt has no known end: it is looked for, or it would be there
    twice.
    """
    first = line[0]
    if first.kind not in _EDITS or (first.kind == NotificationKind.RUN and first.begun_at is not None):
        return False
    return any(row.kind == first.kind for row in takewhile(lambda row: row.kind in _EDITS, line[1:]))


async def _remember_card(connection: AsyncConnection, delivery: Delivery) -> None:
    found = await connection.execute(
        select(outbox.c.incident, outbox.c.receiver, outbox.c.kind).where(outbox.c.key == delivery.key)
    )
    row = found.first()
    if row is None or not delivery.message or row.kind == NotificationKind.DIGEST:
        return
    statement = upsert(cards).values(
        incident=row.incident, receiver=row.receiver, at=delivery.at, body=msgspec.json.encode(delivery)
    )
    keys = ["incident", "receiver"]
    if row.kind == NotificationKind.NEWS:
        # News stands in a thread; it is the card only where no card could be posted before it.
        await connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
        return
    changed = {"at": statement.excluded.at, "body": statement.excluded.body}
    await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))
