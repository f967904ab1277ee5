"""An explanation as one JSON document, for other programs: durations in seconds, instants in UTC."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from buzzguard.cli.explain_facts import Facts
from buzzguard.cli.explain_words import Telling
from buzzguard.decide.why import Clause, Verdict
from buzzguard.model import Alert, PastEpisode, ScaleReading, SignalReading
from buzzguard.store.past import Handled


def as_document(facts: Facts, telling: Telling) -> str:
    """The document as indented text."""
    said = facts.explanation
    document = {
        "topic": facts.topic,
        "name": facts.name,
        "at": facts.at,
        "headline": telling.headline,
        "caveats": telling.caveats,
        "detector": said.detector,
        "known": said.known,
        "baseline": {
            "watched_seconds": _seconds(said.watched),
            "needed_seconds": _seconds(said.needed),
            "mentions": said.mentions,
            "trust_seconds": _seconds(said.trust),
            "since": said.since,
            "reason": said.reason,
            "basis": telling.basis,
        },
        "signals": [_signal(one) for one in said.signals],
        "budget_factor": facts.factor,
        "rules": [_rule(facts, one) for one in facts.verdicts],
        "alerts": [_alert(one) for one in facts.alerts],
        "incidents": [_incident(one) for one in facts.incidents],
        "planned": [{"name": name, "expect": factor} for name, factor in said.planned],
        "holiday": said.holiday or None,
        "chart": {
            "start": facts.chart.start,
            "bin_seconds": _seconds(facts.chart.bin),
            "volume": facts.chart.volume,
            "negative": facts.chart.negative,
            "expected": facts.chart.expected,
            "high": facts.chart.high,
            "alerts": [alert.fired_at for alert in facts.fired],
        },
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def _signal(reading: SignalReading) -> dict[str, object]:
    return {
        "signal": reading.signal,
        "once_per_seconds": _seconds(reading.once_per),
        "decided_by_seconds": [_seconds(window) for window in reading.decided_by],
        "learning": reading.learning or None,
        "adopted_at": reading.adopted_at,
        "per_season": reading.per_season,
        "own": reading.own,
        "parts": reading.parts,
        "scales": [_scale(scale) for scale in reading.scales],
        "past": [_past(episode) for episode in reading.past],
    }


def _scale(scale: ScaleReading) -> dict[str, object]:
    return {
        "window_seconds": _seconds(scale.window),
        "observed": scale.observed,
        "expected": scale.expected,
        "low": scale.low,
        "high": scale.high,
        "alone_seconds": _seconds(scale.alone),
        "law_seconds": _seconds(scale.law),
        "episodes": scale.episodes,
    }


def _past(episode: PastEpisode) -> dict[str, object]:
    return {"at": episode.at, "window_seconds": _seconds(episode.window), "law_seconds": _seconds(episode.law)}


def _rule(facts: Facts, verdict: Verdict) -> dict[str, object]:
    alert = next((one for one in facts.alerts if one.rule == verdict.rule.id), None)
    return {
        "rule": verdict.rule.id,
        "title": {"en": verdict.rule.file.title.en, "fr": verdict.rule.file.title.fr},
        "window_seconds": _seconds(verdict.window),
        "met": verdict.severity is not None,
        "severity": verdict.severity,
        "state": alert.state if alert else None,
        "condition": verdict.rule.when.text,
        "clauses": [_clause(one) for one in verdict.clauses],
    }


def _clause(clause: Clause) -> dict[str, object]:
    return {
        "text": clause.seen.text,
        "holds": clause.seen.holds,
        "trouble": clause.seen.trouble or None,
        "values": {name: _value(value) for name, value in clause.values},
    }


def _value(value: object) -> object:
    if isinstance(value, timedelta):
        return _seconds(value)
    return value if isinstance(value, bool | int | float | str) else str(value)


def _alert(alert: Alert) -> dict[str, object]:
    return {
        "rule": alert.rule,
        "fingerprint": alert.fingerprint,
        "state": alert.state,
        "severity": alert.severity,
        "since": alert.since,
        "fired_at": alert.fired_at,
    }


def _incident(handled: Handled) -> dict[str, object]:
    last = handled.last
    return {
        "id": handled.incident.id,
        "opened_at": handled.incident.opened_at,
        "state": last.after,
        "severity": last.severity,
        "since": last.at,
        "cause": last.cause,
        "who": None if last.who is None else last.who.name or last.who.id,
    }
