"""Incidents and decisions as lines in English and French, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.cli.incident_look import IncidentDesk, Told
from buzzguard.config.words import safe
from buzzguard.deliver.wording import Clockface, department
from buzzguard.deliver.wording.whys import cause_words, why_line
from buzzguard.model import Decision, Incident, Language
from buzzguard.store.asking import Reasons

_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "none": "No incident is open.",
        "no_rows": "Nothing was decided about it yet.",
        "pending": "The alert has not fired: its condition must hold for longer.",
        "resolved": "The alert has resolved; no row tells that anybody was called for it.",
        "in": "belongs to {id}",
        "state.triggered": "nobody in charge",
        "state.acknowledged": "{owner} in charge",
        "state.resolved": "resolved",
        "state.false_alarm": "false alarm",
        "owner": "business of",
        "policy": "policy",
        "step": "step {n} reached",
        "next": "next step",
        "related": "related to",
        "relapse": "follows",
        "drill": "EXERCISE",
        "story": "declared:",
        "merged": "now part of",
        "split": "split off from",
        "spared": "not called in this exercise:",
    },
    "fr": {
        "none": "Aucun incident n’est ouvert.",
        "no_rows": "Rien n’a encore été décidé à son sujet.",
        "pending": "L’alerte ne s’est pas déclenchée\u00a0: sa condition doit tenir plus longtemps.",
        "resolved": "L’alerte est terminée\u00a0; rien ne dit que quelqu’un ait été appelé.",
        "in": "fait partie de {id}",
        "state.triggered": "personne ne s’en charge",
        "state.acknowledged": "{owner} s’en charge",
        "state.resolved": "résolu",
        "state.false_alarm": "fausse alerte",
        "owner": "du ressort de",
        "policy": "procédure",
        "step": "étape {n} atteinte",
        "next": "étape suivante",
        "related": "lié à",
        "relapse": "fait suite à",
        "drill": "EXERCICE",
        "story": "déclaré\u00a0:",
        "merged": "fait désormais partie de",
        "split": "détaché de",
        "spared": "non sollicités pendant cet exercice\u00a0:",
    },
}


def incident_document(incident: Incident) -> dict[str, Any]:
    """An incident for other programs: all of it but the evidence of its alerts."""
    document: dict[str, Any] = msgspec.to_builtins(incident)
    document["alerts"] = [
        {"rule": one.rule, "fingerprint": one.fingerprint, "state": one.state.value, "severity": one.severity.value}
        for one in incident.alerts
    ]
    return document


def list_lines(incidents: Sequence[Incident], desk: IncidentDesk) -> Iterator[str]:
    """Incidents, a line each."""
    if not incidents:
        yield _WORDS[desk.language]["none"]
    for one in incidents:
        yield f"{one.id}  {_stamp(one.opened_at, desk)}  {one.severity.value}  {safe(one.topic)}  {_state(one, desk)}"


def show_document(told: Told) -> dict[str, Any]:
    """An incident with all that happened, for other programs."""
    return {**incident_document(told.incident), "transitions": msgspec.to_builtins(told.transitions)}


def show_lines(told: Told, desk: IncidentDesk) -> Iterator[str]:
    """An incident with all that happened."""
    words, incident = _WORDS[desk.language], told.incident
    yield from _head(incident, desk)
    for name, value in (
        ("story", incident.story),
        ("spared", ", ".join(incident.spared)),
        ("merged", incident.merged_into),
        ("split", incident.split_from),
        ("owner", department(incident.department, desk.language) if incident.department else ""),
        ("policy", incident.policy),
        ("relapse", incident.relapse_of),
        ("related", ", ".join(incident.related)),
        ("next", _stamp(incident.next_step_at, desk) if incident.next_step_at else ""),
    ):
        if value:
            yield f"  {words[name]} {safe(value)}"
    for alert in incident.alerts:
        yield f"  {safe(alert.rule)} ({alert.fingerprint})  {alert.severity.value}  {alert.state.value}"
    for move in told.transitions:
        who = f"  {safe(move.who.name or move.who.id)}" if move.who is not None else ""
        said = f"  « {safe(move.reason)} »" if move.reason else ""
        cause = cause_words(move.cause.value, desk.language)
        yield f"  {_stamp(move.at, desk)}  {cause}{who}{said}{_details(move.detail, desk)}"


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
    words, alert = _WORDS[desk.language], found.alert
    if alert is not None:
        state = f"{alert.severity.value}  {alert.state.value}"
        yield f"{safe(alert.rule)} ({alert.fingerprint})  {safe(alert.topic)}  {state}"
        yield from (f"  {words['in'].format(id=one.id)}" for one in found.incidents[:1])
    for incident in found.incidents if alert is None else ():
        yield from _head(incident, desk)
    if not found.decisions:
        state = alert.state.value if alert is not None else ""
        yield "  " + words.get(state, words["no_rows"])
    for decision in found.decisions:
        yield f"  {_stamp(decision.at, desk)}  {_said(decision, desk)}"


def _said(decision: Decision, desk: IncidentDesk) -> str:
    return why_line(decision, _face(desk), desk.language, shown=safe)


def _details(detail: Mapping[str, str], desk: IncidentDesk) -> str:
    """What it stands on, by name; instants in the reader's time zone."""
    told = []
    for name, value in detail.items():
        try:
            read = datetime.fromisoformat(value) if name == "until" else None
        except ValueError:
            read = None
        told.append(f"{name} {_stamp(read, desk) if read is not None else safe(value)}")
    return f"  [{' · '.join(told)}]" if told else ""


def _head(incident: Incident, desk: IncidentDesk) -> Iterator[str]:
    yield f"{incident.id}  {safe(incident.topic)}  {incident.severity.value}  {_state(incident, desk)}"


def _state(incident: Incident, desk: IncidentDesk) -> str:
    owner = safe(incident.owner.name or incident.owner.id) if incident.owner is not None else "?"
    words = _WORDS[desk.language]
    drill = f"{words['drill']}  " if incident.drill else ""
    return drill + words[f"state.{incident.state.value}"].format(owner=owner)


def _stamp(at: datetime, desk: IncidentDesk) -> str:
    return _face(desk).stamp(at)


def _face(desk: IncidentDesk) -> Clockface:
    return Clockface(desk.language, desk.settings.time_zone, desk.now)
