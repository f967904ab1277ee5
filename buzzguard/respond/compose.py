"""Who gets which message about what changed in a turn.

A receiver told for the first time gets the card. One told before gets an edit of it, and news in its thread when a
transition was made: an edited message notifies nobody. While a topic is silenced only edits go out.

Beside these, places in which a playbook can be worked through (`House.runs_for`) get the run's own message as soon as
somebody has taken charge: for them alone `RUN` is written, whenever what it shows has changed. It calls nobody, so it
goes out in a silence as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.config.departments import DepartmentSettings
from buzzguard.config.settings import ReceiverSettings
from buzzguard.model import (
    WATCHER_TOPIC,
    Beside,
    Card,
    Incident,
    Language,
    Localised,
    Notification,
    NotificationKind,
    PlaybookView,
    Record,
    Transition,
)
from buzzguard.respond.approvals import look_alike
from buzzguard.respond.choosing import Brief
from buzzguard.respond.hearing import hushed, record, unheard
from buzzguard.respond.incident import FINAL, gravest_alert
from buzzguard.respond.playbook_values import playbook_values
from buzzguard.respond.playbooks import Playbooks
from buzzguard.respond.policy import next_receivers
from buzzguard.respond.runs import LANGUAGES, looks_alike, playbook_of
from buzzguard.respond.turn import Turn


class House(Record, frozen=True, kw_only=True):
    """How this house speaks: to whom, in which language and time zone, out of which playbooks. `runs_for` are the
    receivers that can show the run of a playbook, and its buttons."""

    receivers: Mapping[str, ReceiverSettings]
    playbooks: Playbooks
    language: Language
    time_zone: str
    drill: bool = False
    runs_for: frozenset[str] = frozenset()


class Composer:
    """Writes notifications. Remembers when evidence was last shown: a moving number does not edit without end."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._shown: dict[str, datetime] = {}
        self._stale: set[str] = set()

    def compose(self, turn: Turn, brief: Brief) -> list[Notification]:
        """The notifications of a turn, each with a key of its own."""
        turn.refreshed |= {id for id in self._stale if _is_open(turn.desk.book.get(id))}
        self._stale.clear()
        written: list[Notification] = []
        for id in [*turn.before, *sorted(turn.refreshed - turn.before.keys())]:
            written += self._of_incident(turn, id, brief)
        return written

    def next_due(self, open_incidents: list[Incident]) -> datetime | None:
        """When evidence that was held back is to be shown."""
        stale = [incident for incident in open_incidents if incident.id in self._stale]
        return min((self._shown[one.id] + _refresh_every(one, self._shown[one.id]) for one in stale), default=None)

    def _of_incident(self, turn: Turn, id: str, brief: Brief) -> Iterator[Notification]:
        news = turn.news_of(id)
        if not news and not self._worth_showing(turn, id):
            return
        incident = turn.desk.book.get(id)
        if incident is None:
            return
        if not news:
            incident = turn.set(replace(incident, version=incident.version + 1))
        self._remember(turn, incident)
        yield from self._messages(turn, incident, news, brief)

    def _worth_showing(self, turn: Turn, id: str) -> bool:
        """Whether a change without transition is shown now; if not, it waits."""
        if id in turn.shown:
            return True
        if id not in turn.refreshed:
            return False
        incident = turn.desk.book.get(id)
        last = self._shown.get(id)
        if incident is None or last is None or not last <= turn.now < last + _refresh_every(incident, last):
            return True
        self._stale.add(id)
        return False

    def _remember(self, turn: Turn, incident: Incident) -> None:
        self._shown[incident.id] = turn.now
        if incident.state in FINAL:
            del self._shown[incident.id]

    def _messages(
        self, turn: Turn, incident: Incident, news: tuple[Transition, ...], brief: Brief
    ) -> Iterator[Notification]:
        before = turn.before.get(incident.id)
        known = before.receivers if before is not None else ()
        receivers = [name for name in incident.receivers if name in self._house.receivers]
        if not receivers:
            unheard(turn, incident)
        if not receivers and incident.room is None:
            return
        blank = Card(
            incident=incident,
            briefing=brief(incident.topic, gravest_alert(incident)),
            language=self._house.language,
            time_zone=self._house.time_zone,
            news=news,
            next_receivers=next_receivers(incident, turn.desk.policies.of(incident), turn.desk.policies.rotas),
            drill=self._house.drill or incident.drill,
            department=house_name(turn.desk.departments, incident.department),
            beside=tuple(_beside(turn, incident)),
        )
        quiet = hushed(turn, incident, news)
        if news and receivers:
            record(turn, incident, news, quiet=quiet, new=[name for name in receivers if name not in known])
        room = _room(incident)
        for name in (*receivers, *room):
            told = name in known or (before is not None and name in _room(before))
            for kind in _kinds(told=told, loud=bool(news) and not quiet):
                yield _notification(self._card(blank, name), name, kind, turn.now)
            if (name in self._house.runs_for or name in room) and (not told or _run_changed(before, incident)):
                yield from _run(self._card(blank, name), name, turn.now)

    def _card(self, blank: Card, receiver: str) -> Card:
        """The card as one receiver reads it, or the room of the incident in its own language."""
        settings, room = self._house.receivers.get(receiver), blank.incident.room
        spoken_here = settings.language if settings is not None else room and room.language
        language = spoken_here or self._house.language
        time_zone = (settings and settings.time_zone) or self._house.time_zone
        spoken = replace(blank, language=language, time_zone=time_zone)
        return replace(spoken, playbook=self._playbook(spoken))

    def _playbook(self, card: Card) -> PlaybookView | None:
        """The incident's playbook; for BuzzGuard's own troubles never the generic one, which is about the public."""
        incident = card.incident
        playbook = playbook_of(incident)
        if incident.topic == WATCHER_TOPIC and playbook not in self._house.playbooks:
            return None
        values = playbook_values(incident, card.briefing, language=card.language, time_zone=card.time_zone)
        return self._house.playbooks.view(playbook, card.language, values)


def _kinds(*, told: bool, loud: bool) -> tuple[NotificationKind, ...]:
    if not told:
        return (NotificationKind.CARD,)
    return (NotificationKind.UPDATE, NotificationKind.NEWS) if loud else (NotificationKind.UPDATE,)


def _run_changed(before: Incident | None, incident: Incident) -> bool:
    """Whether the message of a run shows something else than before this turn."""
    if before is None:
        return True
    same = looks_alike(before.run, incident.run) and look_alike(before.drafts, incident.drafts)
    return not same or (before.state in FINAL) is not (incident.state in FINAL)


def _run(card: Card, receiver: str, now: datetime) -> Iterator[Notification]:
    if card.incident.run is not None:
        yield _notification(replace(card, news=()), receiver, NotificationKind.RUN, now)


def _notification(card: Card, receiver: str, kind: NotificationKind, now: datetime) -> Notification:
    incident = card.incident
    return Notification(
        key=f"{incident.id}/{incident.version}/{receiver}/{kind.value}",
        incident=incident.id,
        receiver=receiver,
        kind=kind,
        due_at=now,
        card=card,
    )


def _room(incident: Incident) -> tuple[str, ...]:
    """The name under which the incident's room is told, like a receiver who gets all of it."""
    return () if incident.room is None else (incident.room.receiver,)


def house_name(departments: Mapping[str, DepartmentSettings], department: str) -> Localised:
    """A department as the house calls it; empty where it goes by the usual name."""
    known = departments.get(department)
    names = known.name if known is not None else {}
    return {language: names[language] for language in LANGUAGES if names.get(language)}


def _beside(turn: Turn, incident: Incident) -> Iterator[Beside]:
    """The incidents that it names, each once."""
    named = (incident.relapse_of, incident.merged_into, incident.split_from, *incident.related)
    for id in dict.fromkeys(filter(None, named)):
        other = turn.desk.book.get(id)
        alert = None if other is None else gravest_alert(other)
        yield Beside(
            id=id,
            title={} if alert is None else alert.title,
            severity=None if other is None else other.severity,
            over=other is not None and other.state in FINAL,
            url=other.room.url if other is not None and other.room is not None else "",
        )


def _is_open(incident: Incident | None) -> bool:
    return incident is not None and incident.state not in FINAL


def _refresh_every(incident: Incident, last: datetime) -> timedelta:
    """How often newer evidence alone edits the cards: a crisis is watched closely at first."""
    return timedelta(minutes=1) if last - incident.opened_at < timedelta(hours=1) else timedelta(minutes=5)
