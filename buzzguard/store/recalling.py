"""What was done about incidents, as it is stored: for reports, beside a running daemon."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from buzzguard.config.settings import StoreSettings
from buzzguard.model import (
    Alert,
    Anomaly,
    Command,
    DeliveryState,
    Incident,
    NotificationKind,
    Samples,
    Silence,
    Transition,
)
from buzzguard.store import tables
from buzzguard.store.looking import MentionStore
from buzzguard.store.recalled import Attempt, Recalled, Waiting

__all__ = ["Attempt", "RecallStore", "Recalled", "Waiting"]

WAITING = "waiting"
_LAST = "\U0010ffff"
_CHUNK = 500


class RecallStore(MentionStore):
    """Reads as `MentionStore` does, and what was done. Its methods raise StoreError."""

    @classmethod
    async def look_now(cls, settings: StoreSettings, **more: Any) -> RecallStore:
        found = await super().look_now(settings, **more)
        assert isinstance(found, cls)
        return found

    async def incidents_named(self, beginning: str, limit: int) -> list[str]:
        """The ids of incidents that begin so, the newest first, at most `limit`."""
        columns = tables.incidents.c
        chosen = select(columns.id).where(columns.id >= beginning, columns.id < beginning + _LAST)
        async with self._read() as connection:
            rows = await connection.execute(chosen.order_by(columns.opened_at.desc()).limit(limit))
            return [row.id for row in rows]

    async def recall(self, id: str) -> Recalled | None:
        """All that is known of one incident; None when there is none of that id."""
        found = await self._bodies(tables.incidents, Incident, tables.incidents.c.id == id, order=tables.incidents.c.id)
        if not found:
            return None
        incident = found[0]
        return Recalled(
            incident=incident,
            transitions=tuple(await self.transitions([id])),
            attempts=tuple(await self._attempts(id)),
            waiting=tuple(await self._waiting(id)),
            commands=tuple(await self.commands([id])),
            silences=tuple(await self._silences(incident)),
            alerts=tuple(await self._alerts(incident)),
        )

    async def incidents_between(self, since: datetime, until: datetime) -> list[Incident]:
        """Incidents opened after `since` and up to `until`, in order."""
        column = tables.incidents.c.opened_at
        return await self._bodies(tables.incidents, Incident, (column > since) & (column <= until), order=column)

    async def transitions(self, incidents: Sequence[str]) -> list[Transition]:
        """The transitions of incidents, each incident's in order."""
        columns, found = tables.transitions.c, list[Transition]()
        for start in range(0, len(incidents), _CHUNK):
            wanted = columns.incident.in_(incidents[start : start + _CHUNK])
            found += await self._bodies(tables.transitions, Transition, wanted, order=columns.version)
        return sorted(found, key=lambda one: (one.incident, one.version))

    async def commands(self, incidents: Sequence[str]) -> list[Command]:
        """What people asked of incidents, refused or not, in order."""
        columns, found = tables.commands.c, list[Command]()
        for start in range(0, len(incidents), _CHUNK):
            wanted = columns.incident.in_(incidents[start : start + _CHUNK])
            found += await self._bodies(tables.commands, Command, wanted, order=columns.at)
        return sorted(found, key=lambda one: (one.at, one.id))

    async def first_told(self, incidents: Iterable[str]) -> dict[str, datetime]:
        """When somebody was first told of each incident; those of which nobody was are absent."""
        told: dict[str, datetime] = {}
        for id in incidents:
            for one in await self._attempts(id):
                if one.state is DeliveryState.DELIVERED:
                    told[id] = one.at
                    break
        return told

    async def fired_between(self, since: datetime, until: datetime) -> list[Alert]:
        """The alerts of all topics that fired after `since` and up to `until`, in order."""
        columns = tables.alerts.c
        wanted = (columns.at > since) & (columns.since <= until)
        found = await self._bodies(tables.alerts, Alert, wanted, order=columns.since)
        return [one for one in found if one.fired_at is not None and since < one.fired_at <= until]

    async def anomalies_between(self, topic: str, since: datetime, until: datetime) -> list[Anomaly]:
        """What was found unusual of a topic from `since` to `until`, in order."""
        columns = tables.anomalies.c
        wanted = (columns.topic == topic) & (columns.at >= since) & (columns.at <= until)
        return await self._bodies(tables.anomalies, Anomaly, wanted, order=columns.at)

    async def samples_between(self, topic: str, window: Any, since: datetime, until: datetime) -> list[Samples]:
        """The closed windows of one length of a topic that end after `since` and up to `until`, in order.

        Windows in which nothing was said and nothing was unknown are not stored.
        """
        columns = tables.samples.c
        wanted = (columns.topic == topic) & (columns.window == window) & (columns.end > since) & (columns.end <= until)
        async with self._read() as connection:
            rows = await connection.execute(select(tables.samples).where(wanted).order_by(columns.end))
            return [Samples(**row) for row in rows.mappings() if row["closed"]]

    async def _waiting(self, id: str) -> list[Waiting]:
        columns = tables.outbox.c
        chosen = select(tables.outbox).where(columns.incident == id, columns.state == WAITING).order_by(columns.seq)
        async with self._read() as connection:
            rows = (await connection.execute(chosen)).all()
        return [
            Waiting(receiver=row.receiver, kind=NotificationKind(row.kind), due_at=row.due_at, attempts=row.attempts)
            for row in rows
            if row.kind in list(NotificationKind)
        ]

    async def _silences(self, incident: Incident) -> list[Silence]:
        """The silences that covered it, or would have had it been less grave, and that touched its life."""
        columns = tables.silences.c
        wanted = columns.topic.in_(("", incident.topic)) & (columns.ends_at > incident.opened_at)
        found = await self._bodies(tables.silences, Silence, wanted, order=columns.ends_at)
        last = None if incident.state in ("triggered", "acknowledged") else incident.changed_at
        return [one for one in found if (last is None or one.starts_at <= last) and _covers(one, incident)]

    async def _alerts(self, incident: Incident) -> list[Alert]:
        columns = tables.alerts.c
        told: list[Alert] = []
        for own in incident.alerts:
            wanted = (columns.fingerprint == own.fingerprint) & (columns.since == own.since)
            told += await self._bodies(tables.alerts, Alert, wanted, order=columns.at) or [own]
        return sorted(told, key=lambda one: (one.fired_at or one.since, one.fingerprint))


def _covers(silence: Silence, incident: Incident) -> bool:
    """Whether an incident is, or was for a while, what a silence names: its alerts may have come after it."""
    told = silence.narrative in ("", incident.narrative) or bool(silence.topic and not incident.narrative)
    seen = not silence.rule or any(alert.rule == silence.rule for alert in incident.alerts)
    return told and seen and silence.drill == incident.drill and silence.department in ("", incident.department)
