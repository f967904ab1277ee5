"""The life of an alert, after Prometheus: pending, firing, resolved. Pure functions of facts and `now`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from buzzguard.decide.rule import Rule
from buzzguard.model import Alert, AlertState, Evidence, Judged, Severity, Signal

DECADE = 10
"""An alert is told again when its return period has grown this many times."""

_ZERO = timedelta(0)


class Case(NamedTuple):
    """One rule over one topic (or stream): what its alert is called, and how long the decider may look away.

    `lead` is the signal by which windows are compared, None for streams; `windows` those that the rule judges, None
    for all.
    """

    rule: Rule
    topic: str
    labels: dict[str, str]
    fingerprint: str
    lead: Signal | None
    gap: timedelta
    windows: frozenset[timedelta] | None = None


class Met(NamedTuple):
    """A condition that holds: how grave, why, and the windows that were judged."""

    severity: Severity
    raised_by: str
    evidence: Evidence
    judged: Sequence[Judged] = ()


class Life(NamedTuple):
    """An alert under way. `alert` is its last record, `last_true` when its condition held last.

    `gone_since` is the first evaluation that saw the condition false since.
    """

    alert: Alert
    last_true: datetime
    gone_since: datetime | None = None


class Step(NamedTuple):
    """What an evaluation made of a life: the life that goes on, and the record to tell, if any."""

    life: Life | None
    told: Alert | None = None


def advance(life: Life | None, met: Met | None, case: Case, *, now: datetime) -> Step:
    """One evaluation of a condition that was judged true (`met`) or false (None) at `now`.

    `now` may be before the last evaluation (a clock set back): what has been waited for is then waited for again. It
    may be far ahead: more than the case's gap since the condition was last seen true starts `for` anew.
    """
    if life is None:
        return _begun(met, case, now) if met else Step(None)
    if life.alert.state is AlertState.PENDING:
        return _still_pending(life, met, case, now) if met else Step(None)
    return _still_met(life, met, case, now) if met else _gone(life, case, now)


def set_aside(life: Life) -> Life:
    """The life after an evaluation that could not tell: nothing is concluded, and being gone is counted anew."""
    return life._replace(gone_since=None)


def _begun(met: Met, case: Case, now: datetime) -> Step:
    file = case.rule.file
    fires = file.hold_for <= _ZERO
    alert = Alert(
        fingerprint=case.fingerprint,
        rule=file.id,
        topic=case.topic,
        labels=case.labels,
        state=AlertState.FIRING if fires else AlertState.PENDING,
        severity=met.severity,
        since=now,
        at=now,
        title={"en": file.title.en, "fr": file.title.fr},
        evidence=met.evidence,
        playbook=file.playbook or "",
        policy=file.policy or "",
        raised_by=met.raised_by,
        last_true=now,
        fired_at=now if fires else None,
    )
    return Step(Life(alert, now), alert)


def _still_pending(life: Life, met: Met, case: Case, now: datetime) -> Step:
    seen = _ZERO <= now - life.last_true <= case.gap
    since = life.alert.since if seen else now
    if now - since < case.rule.file.hold_for:
        return Step(Life(msgspec.structs.replace(life.alert, since=since), now))
    alert = _record(life.alert, met, now, state=AlertState.FIRING, severity=met.severity)
    alert = msgspec.structs.replace(alert, since=since, raised_by=met.raised_by, fired_at=now)
    return Step(Life(alert, now), alert)


def _still_met(life: Life, met: Met, case: Case, now: datetime) -> Step:
    graver = met.severity.rank > life.alert.severity.rank
    if not graver and not _stronger(life.alert.evidence, met, case.lead):
        return Step(Life(life.alert, now))
    alert = _record(life.alert, met, now, state=AlertState.FIRING, severity=life.alert.severity)
    if graver:
        alert = msgspec.structs.replace(alert, severity=met.severity, raised_by=met.raised_by)
    return Step(Life(alert, now), alert)


def _gone(life: Life, case: Case, now: datetime) -> Step:
    since = life.gone_since if life.gone_since and life.gone_since <= now else now
    if now - since < case.rule.file.keep_firing_for:
        return Step(life._replace(gone_since=since))
    return Step(None, resolved(life, now))


def resolved(life: Life, now: datetime) -> Alert:
    """The last record of a firing alert."""
    return msgspec.structs.replace(
        life.alert, state=AlertState.RESOLVED, at=now, last_true=life.last_true, resolved_at=now
    )


def _record(alert: Alert, met: Met, now: datetime, *, state: AlertState, severity: Severity) -> Alert:
    return msgspec.structs.replace(alert, state=state, severity=severity, evidence=met.evidence, at=now, last_true=now)


def _stronger(told: Evidence, met: Met, lead: Signal | None) -> bool:
    """Whether a person who read `told` would want to read the evidence of now: ten times rarer, or twice as much."""
    if told.health and met.evidence.health:
        before, after = told.health, met.evidence.health
        rarer = _ZERO < before.once_per * DECADE <= after.once_per
        return rarer or _ZERO < before.failing_for * 2 <= after.failing_for
    before_lead = next((found for found in told.assessments if found.signal is lead), None)
    after_lead = next((found for found in met.evidence.assessments if found.signal is lead), None)
    if before_lead is None or after_lead is None:
        return False
    if _ZERO < before_lead.once_per * DECADE <= after_lead.once_per:
        return True
    return any(
        _observed(judged, before_lead.signal) >= 2 * before_lead.observed > 0
        for judged in met.judged
        if judged.samples.window == told.window
    )


def _observed(judged: Judged, signal: Signal) -> float:
    return float(getattr(judged.samples, signal.value))
