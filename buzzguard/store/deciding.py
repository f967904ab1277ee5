"""Incidents and what was decided about them, as they are stored, for people who look beside a running daemon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select

from buzzguard.model import Alert, Decision, Incident, Transition
from buzzguard.store import outbox, tables
from buzzguard.store.looking import MentionStore


class IncidentStore(MentionStore):
    """Reads as `MentionStore` does, and incidents with their rows. Open with `look_now`."""

    async def incidents(self, *, since: datetime, every: bool, limit: int) -> list[Incident]:
        """Incidents that are open, the newest first; with `every` also those that ended, opened after `since`."""
        columns = tables.incidents.c
        going_on = columns.state.in_(outbox.OPEN_STATES)
        wanted = or_(going_on, columns.opened_at > since) if every else going_on
        return (await self._bodies(tables.incidents, Incident, wanted, order=columns.opened_at.desc()))[:limit]

    async def incident(self, id: str) -> Incident | None:
        """An incident; None when there is none of that id."""
        found = await self._bodies(tables.incidents, Incident, tables.incidents.c.id == id, order=tables.incidents.c.id)
        return found[0] if found else None

    async def transitions(self, incident: str) -> list[Transition]:
        """All that happened to an incident, in order."""
        columns = tables.transitions.c
        return await self._bodies(tables.transitions, Transition, columns.incident == incident, order=columns.version)

    async def decisions(self, incident: str) -> list[Decision]:
        """Why people were told of an incident or not, in order of time."""
        columns = tables.decisions.c
        return await self._bodies(tables.decisions, Decision, columns.incident == incident, order=columns.at)

    async def decisions_on_alert(self, alert: str) -> list[Decision]:
        """The decisions on one alert (its fingerprint) that was left out, in order of time."""
        columns = tables.decisions.c
        return await self._bodies(tables.decisions, Decision, columns.alert == alert, order=columns.at)

    async def alerts_named(self, name: str) -> list[Alert]:
        """The last record of the alerts whose fingerprint or rule is `name`, the newest last."""
        columns = tables.alerts.c
        wanted = or_(columns.fingerprint == name, columns.rule == name)
        return await self._bodies(tables.alerts, Alert, wanted, order=columns.at)

    async def holders(self, alert: str, *, limit: int = 200) -> list[Incident]:
        """Of the newest incidents those that hold an alert, the newest first."""
        columns = tables.incidents.c
        async with self._read() as connection:
            ids = await connection.execute(select(columns.id).order_by(columns.opened_at.desc()).limit(limit))
            newest = [row.id for row in ids]
        found = await self._bodies(tables.incidents, Incident, columns.id.in_(newest), order=columns.opened_at.desc())
        return [one for one in found if any(held.fingerprint == alert for held in one.alerts)]
