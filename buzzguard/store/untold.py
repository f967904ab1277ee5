"""What did not arrive of incidents that nobody has taken charge of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import DeliveryState, IncidentState, NotificationKind, Severity, Transition, Untold
from buzzguard.store.outbox import WAITING
from buzzguard.store.tables import commands, incidents, outbox

_EDITS = (NotificationKind.UPDATE.value, NotificationKind.RUN.value)
"""What calls nobody."""
_REFUSED = DeliveryState.REFUSED.value
_STILL_MATTERS = timedelta(days=1)
_MOST = 500
"""Read at once: with more the rest follows once these were asked for, or have arrived."""


class _Incident(msgspec.Struct):
    severity: Severity


class _Card(msgspec.Struct):
    incident: _Incident
    news: tuple[Transition, ...] = ()


class _Body(msgspec.Struct):
    """Of a notification what is needed: the rest, most of it, is passed over unread."""

    key: str
    incident: str
    receiver: str
    kind: NotificationKind
    due_at: datetime
    card: _Card


async def untold(connection: AsyncConnection, receivers: Sequence[str], now: datetime, without: str) -> list[Untold]:
    """See `ports.Store.untold`."""
    columns = outbox.c
    lately = columns.ended_at > now - _STILL_MATTERS
    chosen = (
        select(columns.body, columns.state)
        .join(incidents, incidents.c.id == columns.incident)
        .where(or_(columns.state == WAITING, (columns.state == _REFUSED) & lately))
        .where(incidents.c.state == IncidentState.TRIGGERED.value)
        .where(columns.receiver.in_(receivers), columns.kind.not_in(_EDITS))
        .where(~exists().where(commands.c.id == literal(without).concat(columns.key)))
        .order_by(columns.seq)
        .limit(_MOST)
    )
    decode = msgspec.json.Decoder(_Body).decode
    rows = (await connection.execute(chosen)).all()
    return [_untold(decode(row.body), refused=row.state == _REFUSED) for row in rows]


def _untold(body: _Body, *, refused: bool) -> Untold:
    return Untold(
        key=body.key,
        incident=body.incident,
        receiver=body.receiver,
        kind=body.kind,
        since=body.due_at,
        severity=body.card.incident.severity,
        news=body.card.news,
        refused=refused,
    )
