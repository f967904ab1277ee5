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
        self._holders: dict[str, str] = {}
        self._judged: dict[str, frozenset[_Judgement]] = {}
        self._firing = {alert.fingerprint: alert for alert in alerts if alert.state is AlertState.FIRING}
        for incident in sorted(incidents, key=lambda one: (one.opened_at, one.id)):
            self.put(incident)

    def get(self, id: str) -> Incident | None:
        """An incident, open or lately ended."""
        return self._incidents.get(id)

    def open_on(self, topic: str) -> list[Incident]:
        """The open incidents of a topic, in the order in which they were opened, with those that others of the topic
        were merged into. No drills."""
        found = [self._incidents[id] for id in self._open.get(topic, ())]
        return sorted((one for one in found if not one.drill), key=lambda one: (one.opened_at, one.id))

    def drill_on(self, topic: str) -> Incident | None:
        """The open drill of a topic."""
        return next((one for id in self._open.get(topic, ()) if (one := self._incidents[id]).drill), None)

    def holder(self, alert: Alert) -> Incident | None:
        """The open incident that an alert is part of, whatever topic that is about."""
        id = self._holders.get(alert.fingerprint)
        return None if id is None else self._incidents[id]

    def all_open(self) -> list[Incident]:
        """Open incidents in the order in which they were opened."""
        found = [incident for incident in self._incidents.values() if incident.state not in FINAL]
        return sorted(found, key=lambda one: (one.opened_at, one.id))

    def all_known(self) -> list[Incident]:
        """Those open, and those that ended within a day."""
        return list(self._incidents.values())

    def put(self, incident: Incident) -> None:
        """Remember the incident as it is now. Of two that share an alert the one that is put last holds it."""
        self._let_go(incident.id)
        self._incidents[incident.id] = incident
        if incident.state not in FINAL:
            for topic in topics_of(incident):
                self._open.setdefault(topic, {})[incident.id] = None
            self._holders |= {alert.fingerprint: incident.id for alert in incident.alerts}
            return
        for alert in incident.alerts:
            if alert.state is AlertState.FIRING:
                said = _Judgement(_began(alert), incident.severity, incident.changed_at)
                self._judged[alert.fingerprint] = self._judged.get(alert.fingerprint, frozenset()) | {said}

    def _let_go(self, id: str) -> None:
        """Forget by what an incident is found, as it was."""
        known = self._incidents.get(id)
        if known is None:
            return
        for topic in topics_of(known):
            self._open.get(topic, {}).pop(id, None)
        for alert in known.alerts:
            if self._holders.get(alert.fingerprint) == id:
                del self._holders[alert.fingerprint]

    def judged(self, alert: Alert, now: datetime) -> bool:
        """Whether people have lately ended an incident over this very firing, at this severity or a graver."""
        until = self._until(alert)
        return until is not None and now < until

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
        judged = [(alert, self._until(alert)) for alert in self._firing.values()]
        return min((until for alert, until in judged if until and not self._handled(alert)), default=None)

    def _until(self, alert: Alert) -> datetime | None:
        """Until when this very firing is judged; None when nobody said anything of it. Several incidents may have held
        it: the judgement that holds longest counts, in whatever order they were made."""
        known = self._judged.get(alert.fingerprint, frozenset())
        return max((one.until for one in known if one.covers(alert)), default=None)

    def _handled(self, alert: Alert) -> bool:
        return self.holder(alert) is not None

    def new_id(self, topic: str, now: datetime) -> str:
        """An id for an incident opened now."""
        return incident_id(topic, now, self._incidents)

    def relapse_of(self, topic: str, now: datetime, story: Story = NO_STORY) -> str:
        """The id of the topic's last incident over the same story when it ended within 24 hours, else empty.

        A drill is no past, and what was merged has not ended: it went on elsewhere.
        """
        known = (one for one in self._incidents.values() if one.topic == topic and one.state in FINAL)
        real = (one for one in known if not one.drill and not one.merged_into)
        ended = [one for one in real if not story.is_another(one.narrative)]
        last = max(ended, key=lambda one: (one.changed_at, one.id), default=None)
        return last.id if last is not None and now - last.changed_at <= RELAPSE_WITHIN else ""

    def forget_old(self, now: datetime) -> None:
        """Drop what ended more than a day ago."""
        for id, incident in list(self._incidents.items()):
            if incident.state in FINAL and now - incident.changed_at > RELAPSE_WITHIN:
                del self._incidents[id]


def topics_of(incident: Incident) -> tuple[str, ...]:
    """The topics that an incident is about: its own, and those of incidents that were merged into it."""
    return tuple(dict.fromkeys((incident.topic, *(topic for topic, _ in incident.absorbed))))


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
