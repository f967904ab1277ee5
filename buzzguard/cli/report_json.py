"""Reports for other programs. Instants are ISO 8601 in UTC, spans are seconds; what is not known is null."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from buzzguard.cli.drill_telling import score_document
from buzzguard.cli.report_facts import Facts
from buzzguard.model import Person
from buzzguard.respond.runs import playbook_of
from buzzguard.review.effect import Change, Effect
from buzzguard.review.measures import Measures, Took
from buzzguard.review.timeline import Entry


def as_json(document: Any) -> str:
    """A document as text."""
    return json.dumps(document, indent=2, ensure_ascii=False)


def incident_document(facts: Facts, lines: tuple[str, ...]) -> dict[str, Any]:
    """The whole report; `lines` are the entries of the timeline in words."""
    incident = facts.recalled.incident
    return {
        "id": incident.id,
        "topic": incident.topic,
        "topic_name": facts.topic_name,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "opened_at": _instant(incident.opened_at),
        "changed_at": _instant(incident.changed_at),
        "owner": _person(incident.owner),
        "playbook": playbook_of(incident) or None,
        "policy": incident.policy or None,
        "relapse_of": incident.relapse_of or None,
        "as_known_at": _instant(facts.now),
        "time_zone": facts.time_zone,
        "alerts": [
            {
                "rule": one.rule,
                "severity": one.severity.value,
                "state": one.state.value,
                "since": _instant(one.since),
                "fired_at": _instant(one.fired_at),
                "resolved_at": _instant(one.resolved_at),
            }
            for one in facts.recalled.alerts
        ],
        "story": {"began": _instant(facts.story.began), "narrative": facts.story.narrative or None},
        "drill": None if facts.score is None else score_document(facts.score),
        "measures": _measures(facts.measures),
        "effects": [_effect(one) for one in facts.effects],
        "timeline": [_entry(*one) for one in zip(facts.entries, lines, strict=True)],
    }


def _measures(told: Measures) -> dict[str, Any]:
    size, instants = told.size, told.instants
    return {
        "instants": {name: _instant(getattr(instants, name)) for name in instants.__struct_fields__},
        "time_to": {
            name: _took(getattr(told, name))
            for name in ("notice", "tell", "acknowledge", "statement", "peak", "half_life", "calm")
        },
        "size": None
        if size is None
        else {
            "since": _instant(size.since),
            "until": _instant(size.until),
            "volume": size.volume,
            "usual_volume": size.usual,
            "negative": size.negative,
            "negative_share": size.share,
            "peak_per_hour": size.peak,
            "reach": size.reach,
            "authors": size.authors,
            "sites": size.sites,
            "sources": dict(size.sources),
        },
    }


def _took(took: Took) -> dict[str, Any]:
    return {"seconds": _seconds(took.span), "missing": took.missing.value if took.missing else None}


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "at": _instant(effect.at),
        "unfit": effect.unfit.value if effect.unfit else None,
        "negative": [_change(one) for one in effect.volume],
        "negative_share": [_change(one) for one in effect.share],
    }


def _change(change: Change) -> dict[str, Any]:
    expected = change.expected
    return {
        "after_seconds": _seconds(change.span),
        "observed": change.observed,
        "expected": None
        if expected is None
        else {"value": expected.value, "low": expected.low, "high": expected.high, "confidence": 0.8},
        "verdict": change.verdict.value,
    }


def _entry(entry: Entry, line: str) -> dict[str, Any]:
    move = entry.transition
    told: dict[str, Any] = {
        "at": _instant(entry.at),
        "kind": entry.kind.value,
        "text": line,
        "who": _person(entry.who),
        "reason": entry.reason or None,
    }
    if move is not None:
        told |= {
            "version": move.version,
            "cause": move.cause.value,
            "before": move.before.value if move.before else None,
            "after": move.after.value,
            "severity": move.severity.value,
            "detail": move.detail,
        }
    if entry.receiver:
        told |= {
            "receiver": entry.receiver,
            "message": entry.message.value if entry.message else None,
            "state": entry.state.value if entry.state else None,
        }
    if entry.count:
        told["count"] = entry.count
    if entry.until is not None:
        told["until"] = _instant(entry.until)
    if entry.id:
        told["mark"] = entry.id
    if entry.seen:
        told |= {"seen": True, "url": entry.url or None}
    if entry.by is not None:
        told |= {"by": _person(entry.by), "url": entry.url or None, "deleted": entry.deleted}
    return told


def _person(who: Person | None) -> dict[str, str] | None:
    return None if who is None else {"id": who.id, "name": who.name, "via": who.via}


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
