"""The incidents that matter now: those open, and those that ended within a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from buzzguard.model import Alert, AlertState, Incident, Severity
from buzzguard.respond.incident import FINAL, incident_id

RELAPSE_WITHIN = timedelta(hours=24)
"""A new incident this soon after the last one of its topic is a relapse of it."""


class Book:
    """What is known of incidents. Rebuilt from them alone.

    People who end an incident have judged the alerts that still fire: these do not open another one until they have
    resolved and fire anew, or are graver than the incident was.
    """

    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._incidents: dict[str, Incident] = {}
        self._open: dict[str, str] = {}
        self._judged: dict[str, tuple[datetime, Severity]] = {}
        for incident in sorted(incidents, key=lambda one: (one.opened_at, one.id)):
            self.put(incident)

    def get(self, id: str) -> Incident | None:
        """An incident, open or lately ended."""
        return self._incidents.get(id)

    def open_on(self, topic: str) -> Incident | None:
        """The open incident of a topic: there is at most one."""
        id = self._open.get(topic)
        return self._incidents[id] if id else None

    def all_open(self) -> list[Incident]:
        """Open incidents in the order in which they were opened."""
        found = [incident for incident in self._incidents.values() if incident.state not in FINAL]
        return sorted(found, key=lambda one: (one.opened_at, one.id))

    def put(self, incident: Incident) -> None:
        """Remember the incident as it is now."""
        self._incidents[incident.id] = incident
        if incident.state not in FINAL:
            self._open[incident.topic] = incident.id
            return
        if self._open.get(incident.topic) == incident.id:
            del self._open[incident.topic]
        for alert in incident.alerts:
            if alert.state is AlertState.FIRING:
                self._judged[alert.fingerprint] = (_began(alert), incident.severity)

    def judged(self, alert: Alert) -> bool:
        """Whether people have ended an incident over this very firing of the alert, at this severity or a graver."""
        known = self._judged.get(alert.fingerprint)
        return known is not None and known[0] == _began(alert) and alert.severity.rank <= known[1].rank

    def resolved(self, alert: Alert) -> None:
        """The alert has resolved: its next firing is a new one."""
        self._judged.pop(alert.fingerprint, None)

    def new_id(self, topic: str, now: datetime) -> str:
        """An id for an incident opened now."""
        return incident_id(topic, now, self._incidents)

    def relapse_of(self, topic: str, now: datetime) -> str:
        """The id of the topic's last incident when it ended within 24 hours, else empty."""
        ended = [one for one in self._incidents.values() if one.topic == topic and one.state in FINAL]
        last = max(ended, key=lambda one: (one.changed_at, one.id), default=None)
        return last.id if last is not None and now - last.changed_at <= RELAPSE_WITHIN else ""

    def forget_old(self, now: datetime) -> None:
        """Drop what ended more than a day ago."""
        for id, incident in list(self._incidents.items()):
            if incident.state in FINAL and now - incident.changed_at > RELAPSE_WITHIN:
                del self._incidents[id]


def _began(alert: Alert) -> datetime:
    return alert.fired_at or alert.since
