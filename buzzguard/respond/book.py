"""The incidents that matter now: those open, and those that ended within a day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from buzzguard.model import Alert, AlertState, Incident, Severity
from buzzguard.respond.incident import FINAL, incident_id
from buzzguard.respond.stories import NO_STORY, Story

RELAPSE_WITHIN = timedelta(hours=24)
"""A new incident this soon after the last one of its topic is a relapse of it."""


class Book:
    """What is known of incidents and of the alerts that fire. Rebuilt from them alone.

    People who end an incident have judged the alerts that still fire: for a day these do not open another one, unless
    they have resolved and fire anew, or are graver than the incident was. What still fires after that day is asked
    of anew: nothing goes on unheard for ever.
    """

    def __init__(self, incidents: Iterable[Incident], alerts: Iterable[Alert] = ()) -> None:
        self._incidents: dict[str, Incident] = {}
        self._open: dict[str, dict[str, None]] = {}
        self._judged: dict[str, _Judgement] = {}
        self._firing = {alert.fingerprint: alert for alert in alerts if alert.state is AlertState.FIRING}
        for incident in sorted(incidents, key=lambda one: (one.opened_at, one.id)):
            self.put(incident)

    def get(self, id: str) -> Incident | None:
        """An incident, open or lately ended."""
        return self._incidents.get(id)

    def open_on(self, topic: str) -> list[Incident]:
        """The open incidents of a topic, one a story, in the order in which they were opened."""
        return [self._incidents[id] for id in self._open.get(topic, ())]

    def holder(self, alert: Alert) -> Incident | None:
        """The open incident that an alert is part of."""
        held = (
            one for one in self.open_on(alert.topic) for known in one.alerts if known.fingerprint == alert.fingerprint
        )
        return next(held, None)

    def all_open(self) -> list[Incident]:
        """Open incidents in the order in which they were opened."""
        found = [incident for incident in self._incidents.values() if incident.state not in FINAL]
        return sorted(found, key=lambda one: (one.opened_at, one.id))

    def all_known(self) -> list[Incident]:
        """Those open, and those that ended within a day."""
        return list(self._incidents.values())

    def put(self, incident: Incident) -> None:
        """Remember the incident as it is now."""
        self._incidents[incident.id] = incident
        if incident.state not in FINAL:
            self._open.setdefault(incident.topic, {})[incident.id] = None
            return
        self._open.get(incident.topic, {}).pop(incident.id, None)
        for alert in incident.alerts:
            if alert.state is AlertState.FIRING:
                self._judged[alert.fingerprint] = _Judgement(_began(alert), incident.severity, incident.changed_at)

    def judged(self, alert: Alert, now: datetime) -> bool:
        """Whether people have lately ended an incident over this very firing, at this severity or a graver."""
        known = self._judged.get(alert.fingerprint)
        return known is not None and known.covers(alert) and now < known.until

    def fires(self, alert: Alert) -> None:
        """The alert fires."""
        self._firing[alert.fingerprint] = alert

    def resolved(self, alert: Alert) -> None:
        """The alert has resolved: its next firing is a new one."""
        self._judged.pop(alert.fingerprint, None)
        self._firing.pop(alert.fingerprint, None)

    def unhandled(self, now: datetime) -> list[Alert]:
        """The alerts that fire, belong to no open incident, and were not judged within a day; the oldest first."""
        found = [alert for alert in self._firing.values() if not self._handled(alert) and not self.judged(alert, now)]
        return sorted(found, key=lambda alert: (alert.since, alert.fingerprint))

    def next_question(self) -> datetime | None:
        """When people are next asked anew of an alert that still fires."""
        judged = ((alert, self._judged.get(name)) for name, alert in self._firing.items())
        dues = [known.until for alert, known in judged if known and known.covers(alert) and not self._handled(alert)]
        return min(dues, default=None)

    def _handled(self, alert: Alert) -> bool:
        return self.holder(alert) is not None

    def new_id(self, topic: str, now: datetime) -> str:
        """An id for an incident opened now."""
        return incident_id(topic, now, self._incidents)

    def relapse_of(self, topic: str, now: datetime, story: Story = NO_STORY) -> str:
        """The id of the topic's last incident over the same story when it ended within 24 hours, else empty."""
        known = (one for one in self._incidents.values() if one.topic == topic and one.state in FINAL)
        ended = [one for one in known if not story.is_another(one.narrative)]
        last = max(ended, key=lambda one: (one.changed_at, one.id), default=None)
        return last.id if last is not None and now - last.changed_at <= RELAPSE_WITHIN else ""

    def forget_old(self, now: datetime) -> None:
        """Drop what ended more than a day ago."""
        for id, incident in list(self._incidents.items()):
            if incident.state in FINAL and now - incident.changed_at > RELAPSE_WITHIN:
                del self._incidents[id]


class _Judgement(NamedTuple):
    """What people said of an alert by ending its incident: of which firing, how grave at most, and when."""

    began: datetime
    severity: Severity
    at: datetime

    @property
    def until(self) -> datetime:
        """How long it holds: as long as the incident is remembered, so that a restart forgets it no earlier."""
        return self.at + RELAPSE_WITHIN

    def covers(self, alert: Alert) -> bool:
        """Whether it was said of this firing of the alert, as grave as it is."""
        return self.began == _began(alert) and alert.severity.rank <= self.severity.rank


def _began(alert: Alert) -> datetime:
    return alert.fired_at or alert.since
