"""Incidents and what was decided about them, as they are stored, for people who look beside a running daemon."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_

from buzzguard.model import Incident, Transition
from buzzguard.store import outbox, tables
from buzzguard.store.looking import MentionStore


class IncidentStore(MentionStore):
    """Reads as `MentionStore` does, and lists incidents. Open with `look_now`."""

    async def incidents(self, *, since: datetime, every: bool, limit: int) -> list[Incident]:
        """Incidents that are open, the newest first; with `every` also those that ended, opened after `since`."""
        columns = tables.incidents.c
        going_on = columns.state.in_(outbox.OPEN_STATES)
        wanted = or_(going_on, columns.opened_at > since) if every else going_on
        return (await self._bodies(tables.incidents, Incident, wanted, order=columns.opened_at.desc()))[:limit]

    async def transitions(self, incident: str) -> list[Transition]:
        """All that happened to an incident, in order."""
        columns = tables.transitions.c
        return await self._bodies(tables.transitions, Transition, columns.incident == incident, order=columns.version)
