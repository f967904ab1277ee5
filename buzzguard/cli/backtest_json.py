"""A backtest for other programs."""

from __future__ import annotations

import math
from datetime import timedelta

import msgspec

from buzzguard.backtest.outcome import Finding, Lasted, Rate, Row
from buzzguard.backtest.plan import Event
from buzzguard.cli.backtest_result import Result


def document(result: Result) -> str:
    """The whole report as JSON. What is not known is null; rates are per 90 days of the whole watch."""
    scope, plan = result.scope, result.course.plan
    told = {
        "mentions": result.read,
        "unreadable": result.unreadable,
        "first": scope.first,
        "judged_since": scope.since,
        "last": scope.last,
        "topics": list(scope.topics),
        "watched_topic_days": round(scope.watched / timedelta(days=1), 3),
        "history_days": round(result.history / timedelta(days=1), 3),
        "read_late_seconds": _seconds(result.late),
        "seconds": round(result.seconds, 3),
        "rules": _rules(result),
        "sweep": [_row(row) for rows in result.sweeps for row in rows],
        "suggestion": {
            "signal": result.advice.row.signal,
            "threshold_days": _days(result.advice.row.threshold),
            "reason": result.advice.reason,
            "cautions": result.advice.cautions,
            "told_up_to_days": _days(result.advice.told_up_to),
            "within_target_days": _days(result.advice.safer.threshold) if result.advice.safer else None,
            "target": {"count": plan.target.count, "span_seconds": _seconds(plan.target.span)},
            "yaml": result.advice.line,
        },
        "events_unjudged": [_event(event) for event in scope.unjudged],
        "events_outside": [_event(event) for event in scope.outside],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2).decode()


def _rules(result: Result) -> dict[str, object]:
    outcome = result.rules
    return {
        "alarms": outcome.alarms,
        "false": _rate(outcome.false),
        "alerts": [_alert(one) for one in outcome.alerts],
        "by_rule": [
            {
                "rule": tally.rule,
                "alerts": tally.alerts,
                "by_severity": tally.by_severity,
                "false": _rate(tally.false),
            }
            for tally in outcome.rules
        ],
        "by_topic": [
            {"topic": tally.topic, "mentions": tally.mentions, "by_severity": tally.by_severity}
            for tally in outcome.topics
        ],
        "events": [_finding(finding) for finding in outcome.findings],
    }


def _alert(one: Lasted) -> dict[str, object]:
    noticed = one.noticed
    return {
        "topic": noticed.topic,
        "rule": noticed.rule,
        "severity": noticed.severity,
        "fired_at": noticed.fired_at,
        "ended_at": noticed.ended_at,
        "peak": noticed.peak,
        "peak_at": noticed.peak_at,
        "lead_seconds": _seconds(noticed.lead),
        "judged": one.judged,
        "event": one.event.name if one.event else None,
        "event_start": one.event.start if one.event else None,
    }


def _row(row: Row) -> dict[str, object]:
    return {
        "signal": row.signal,
        "threshold_days": _days(row.threshold),
        "alarms": [
            {"topic": a.topic, "at": a.at, "last": a.last, "once_per_seconds": _seconds(a.once_per)} for a in row.alarms
        ],
        "found": row.found,
        "by_chance": round(row.by_chance, 4),
        "false": _rate(row.false),
        "median_delay_seconds": _seconds(row.delay),
        "median_mentions": row.said,
        "events": [_finding(finding) for finding in row.findings],
    }


def _finding(finding: Finding) -> dict[str, object]:
    return _event(finding.event) | {
        "found": finding.found,
        "at": finding.at,
        "alarm_topic": finding.topic or None,
        "severity": finding.severity,
        "gravest": finding.gravest,
        "delay_seconds": _seconds(finding.delay),
        "lead_seconds": _seconds(finding.lead),
        "peak": finding.peak.volume if finding.peak else None,
        "peak_at": finding.peak.end if finding.peak else None,
        "mentions": finding.said,
        "on_since": finding.on_since,
    }


def _event(event: Event) -> dict[str, object]:
    return {"start": event.start, "end": event.end, "topics": event.topics, "name": event.name}


def _rate(rate: Rate) -> dict[str, object]:
    value, low, high = (number if math.isfinite(number) else None for number in (rate.value, rate.low, rate.high))
    return {"count": rate.count, "per_90_days": value, "low": low, "high": high}


def _days(span: timedelta) -> float:
    return span / timedelta(days=1)


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
