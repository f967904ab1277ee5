"""Incidents and decisions as lines in English and French, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from buzzguard.cli.incident_look import IncidentDesk, Told
from buzzguard.cli.incident_words import INCIDENT_WORDS
from buzzguard.config.words import safe
from buzzguard.deliver import wording
from buzzguard.deliver.tame import LINE, NAME, STORY, short, tame
from buzzguard.deliver.wording.whys import why_line
from buzzguard.model import Alert, Briefing, Card, Decision, Incident
from buzzguard.respond.compose import house_name
from buzzguard.store.asking import Reasons


def incident_document(incident: Incident) -> dict[str, Any]:
    """An incident for other programs: all of it but the evidence of its alerts."""
    document: dict[str, Any] = msgspec.to_builtins(incident)
    document["alerts"] = [
        {"rule": one.rule, "fingerprint": one.fingerprint, "state": one.state.value, "severity": one.severity.value}
        for one in incident.alerts
    ]
    return document


def list_lines(incidents: Sequence[Incident], desk: IncidentDesk) -> Iterator[str]:
    """Incidents, a line each, their columns below one another."""
    if not incidents:
        yield INCIDENT_WORDS[desk.language]["none"]
    rows = [(one.id, _stamp(one.opened_at, desk), _severity(one, desk), safe(one.topic)) for one in incidents]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for one, row in zip(incidents, rows, strict=True):
        yield "  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=True)), _state(one, desk)))


def show_document(told: Told) -> dict[str, Any]:
    """An incident with all that happened, for other programs."""
    return {**incident_document(told.incident), "transitions": msgspec.to_builtins(told.transitions)}


def show_lines(told: Told, desk: IncidentDesk) -> Iterator[str]:
    """An incident with all that happened."""
    words, card = INCIDENT_WORDS[desk.language], _card(told.incident, desk)
    yield _head(told.incident, desk)
    facts = [(words[name], value) for name, value in _facts(card, desk) if value]
    width = max((len(name) for name, _value in facts), default=0)
    yield from (f"  {name.ljust(width)}  {value}" for name, value in facts)
    if told.incident.alerts:
        yield ""
        yield f"  {words['alerts']}"
        yield from (f"    {_alert(one, desk)}" for one in told.incident.alerts)
    yield ""
    yield f"  {words['happened'].format(zone=desk.settings.time_zone)}"
    stamps = [_stamp(move.at, desk) for move in told.transitions]
    width = max(map(len, stamps), default=0)
    for stamp, move in zip(stamps, told.transitions, strict=True):
        one = tame(replace(card, news=(move,)))
        yield f"    {stamp.ljust(width)}  {wording.news_line(one.news[0], one)}"


def _facts(card: Card, desk: IncidentDesk) -> Iterator[tuple[str, str]]:
    """What is to be known of an incident, by the name of its word; empty where there is nothing."""
    incident, quoted = card.incident, INCIDENT_WORDS[desk.language]["quoted"]
    muted = incident.silenced_until
    yield "story", quoted.format(text=short(incident.story, STORY)) if incident.story else ""
    yield "owner", short(wording.department_name(card), NAME)
    yield "policy", short(incident.policy, NAME)
    yield "playbook", short(incident.playbook, NAME)
    yield "told", short(", ".join(incident.receivers), LINE)
    yield "spared", short(", ".join(incident.spared), LINE)
    yield "next", _stamp(incident.next_step_at, desk) if incident.next_step_at else ""
    yield "muted", _stamp(muted, desk) if muted is not None and muted > desk.now else ""
    yield "room", f"#{short(incident.room.name, NAME)}" if incident.room is not None else ""
    yield "relapse", short(incident.relapse_of, NAME)
    yield "merged", short(incident.merged_into, NAME)
    yield "split", short(incident.split_from, NAME)
    yield "related", short(", ".join(incident.related), LINE)


def _alert(alert: Alert, desk: IncidentDesk) -> str:
    """An alert by its title, and by what `incident why` knows it by."""
    severity = wording.severity_name(alert.severity, desk.language).lower()
    state = INCIDENT_WORDS[desk.language][f"alert.{alert.state.value}"]
    title = short(wording.title(alert, desk.language), NAME)
    known = alert.fingerprint if title == alert.rule else f"{safe(alert.rule)}, {alert.fingerprint}"
    return f"{title} ({known})  {severity}, {state}"


def _card(incident: Incident, desk: IncidentDesk) -> Card:
    """The incident for the sentences of a card: the numbers of the day are not asked for."""
    topic = desk.settings.topics.get(incident.topic)
    name = incident.topic if topic is None else topic.name
    return Card(
        incident=incident,
        briefing=Briefing(topic=incident.topic, topic_name=name, at=desk.now),
        language=desk.language,
        time_zone=desk.settings.time_zone,
        department=house_name(desk.settings.departments, incident.department),
    )


def why_document(found: Reasons) -> dict[str, Any]:
    """The decisions for other programs."""
    alert = found.alert
    return {
        "incidents": [one.id for one in found.incidents],
        "alert": None
        if alert is None
        else {"fingerprint": alert.fingerprint, "rule": alert.rule, "topic": alert.topic, "state": alert.state.value},
        "decisions": msgspec.to_builtins(found.decisions),
    }


def why_lines(found: Reasons, desk: IncidentDesk) -> Iterator[str]:
    """The decisions, a line each."""
    words, alert = INCIDENT_WORDS[desk.language], found.alert
    if alert is not None:
        severity = wording.severity_name(alert.severity, desk.language).lower()
        state = words[f"alert.{alert.state.value}"]
        yield f"{safe(alert.rule)} ({alert.fingerprint})  {safe(alert.topic)}  {severity}  {state}"
        yield from (f"  {words['in'].format(id=one.id)}" for one in found.incidents[:1])
    for incident in found.incidents if alert is None else ():
        yield _head(incident, desk)
    if not found.decisions:
        state = alert.state.value if alert is not None else ""
        yield "  " + words.get(state, words["no_rows"])
    for decision in found.decisions:
        yield f"  {_stamp(decision.at, desk)}  {_said(decision, desk)}"


def _said(decision: Decision, desk: IncidentDesk) -> str:
    return why_line(decision, _face(desk), desk.language, shown=safe)


def _head(incident: Incident, desk: IncidentDesk) -> str:
    return f"{incident.id}  {_severity(incident, desk)}  {safe(incident.topic)}  {_state(incident, desk)}"


def _severity(incident: Incident, desk: IncidentDesk) -> str:
    return wording.severity_name(incident.severity, desk.language).lower()


def _state(incident: Incident, desk: IncidentDesk) -> str:
    owner = safe(wording.person(incident.owner, desk.language))
    words = INCIDENT_WORDS[desk.language]
    drill = f"{words['drill']}  " if incident.drill else ""
    return drill + words[f"state.{incident.state.value}"].format(owner=owner)


def _stamp(at: datetime, desk: IncidentDesk) -> str:
    return _face(desk).stamp(at)


def _face(desk: IncidentDesk) -> wording.Clockface:
    return wording.Clockface(desk.language, desk.settings.time_zone, desk.now)
