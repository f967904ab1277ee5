"""Incidents and decisions as lines in English and French, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from buzzguard.cli.incident_look import IncidentDesk, Told
from buzzguard.config.words import safe
from buzzguard.deliver.wording import Clockface, department
from buzzguard.model import Decision, Incident, Language, Verdict
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
        "told": "told {receivers}",
        "hushed": "not called",
        "held": "held back",
        "left_out": "left out",
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
        "told": "prévenus\u00a0: {receivers}",
        "hushed": "sans appel",
        "held": "en attente",
        "left_out": "laissé de côté",
    },
}
_REASONS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "opened": "the incident opened",
        "alert_joined": "an alert joined or fired again",
        "severity_raised": "it grew graver",
        "step_timed_out": "the next step was due",
        "reminded": "a reminder was due",
        "escalated_by_user": "somebody escalated",
        "acknowledged_by_user": "somebody took charge",
        "acknowledged_in_part": "somebody took charge, more are asked",
        "unacknowledged": "the acknowledgement led to nothing and was taken back",
        "silenced_by_user": "somebody muted it",
        "silence_ends_soon": "the silence ends soon",
        "false_alarm_by_user": "somebody called it a false alarm",
        "resolved_by_user": "somebody resolved it",
        "alerts_resolved": "it was calm for long enough",
        "silenced": "the topic is muted",
        "quiet_hours": "people are told of this severity in other hours",
        "capped": "the rule had its number of alerts for a day",
        "grouping": "it waits for what belongs together",
        "grouped": "news came lately; it is told with what follows",
        "inhibited": "a graver alert of the incident fires",
        "flapping": "the alert comes and goes",
        "judged": "people ended an incident over this very alert within a day",
        "nobody_to_tell": "there is nobody to tell",
    },
    "fr": {
        "opened": "l’incident s’est ouvert",
        "alert_joined": "une alerte s’y est ajoutée ou a repris",
        "severity_raised": "il s’est aggravé",
        "step_timed_out": "l’étape suivante était due",
        "reminded": "un rappel était dû",
        "escalated_by_user": "quelqu’un a escaladé",
        "acknowledged_by_user": "quelqu’un s’en est chargé",
        "acknowledged_in_part": "quelqu’un s’en est chargé, d’autres doivent le faire",
        "unacknowledged": "la prise en charge est restée sans suite et a été levée",
        "silenced_by_user": "quelqu’un l’a mis en sourdine",
        "silence_ends_soon": "la sourdine se termine bientôt",
        "false_alarm_by_user": "quelqu’un l’a dit fausse alerte",
        "resolved_by_user": "quelqu’un l’a résolu",
        "alerts_resolved": "le calme a duré assez longtemps",
        "silenced": "le sujet est en sourdine",
        "quiet_hours": "on est prévenu de cette gravité à d’autres heures",
        "capped": "la règle a eu son compte d’alertes pour un jour",
        "grouping": "on attend ce qui va ensemble",
        "grouped": "des nouvelles viennent d’être dites\u00a0; la suite le sera avec elles",
        "inhibited": "une alerte plus grave de l’incident est en cours",
        "flapping": "l’alerte va et vient",
        "judged": "un incident sur cette même alerte a été clos depuis moins d’un jour",
        "nobody_to_tell": "il n’y a personne à prévenir",
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
        cause = _REASONS[desk.language].get(move.cause.value, move.cause.value)
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
    words = _WORDS[desk.language]
    reason = _REASONS[desk.language].get(decision.reason, decision.reason)
    verdict = words[decision.verdict.value].format(receivers=", ".join(map(safe, decision.receivers)))
    colon = "\u00a0:" if desk.language == "fr" else ":"
    if decision.verdict is Verdict.TOLD and desk.language == "fr":
        return f"{verdict} ({reason}){_details(decision.detail, desk)}"
    return f"{verdict}{colon} {reason}{_details(decision.detail, desk)}"


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
    return _WORDS[desk.language][f"state.{incident.state.value}"].format(owner=owner)


def _stamp(at: datetime, desk: IncidentDesk) -> str:
    return Clockface(desk.language, desk.settings.time_zone, desk.now).stamp(at)
