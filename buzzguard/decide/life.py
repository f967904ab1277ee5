"""The life of an alert, after Prometheus: pending, firing, resolved. Pure functions of facts and `now`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from buzzguard.decide.rule import Rule
from buzzguard.model import MINUTE, Alert, AlertState, Evidence, Judged, NewNormal, Severity, Signal

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
    """A condition that holds: how grave, why, the windows that were judged, and the lengths of those it holds on."""

    severity: Severity
    raised_by: str
    evidence: Evidence
    judged: Sequence[Judged] = ()
    windows: tuple[timedelta, ...] = ()


class Life(NamedTuple):
    """An alert under way. `alert` is its last record, `last_true` when its condition held last.

    `gone_since` is the first evaluation that saw the condition gone since. `held` are the windows on which it held
    since the alert began, the shortest first.
    """

    alert: Alert
    last_true: datetime
    gone_since: datetime | None = None
    held: tuple[timedelta, ...] = ()

    @property
    def record(self) -> Alert:
        """The alert with all that a restart needs: `restored` gives the life back."""
        return msgspec.structs.replace(self.alert, last_true=self.last_true, gone_since=self.gone_since, held=self.held)


class Step(NamedTuple):
    """What an evaluation made of a life: the life that goes on, and the record to tell, if any."""

    life: Life | None
    told: Alert | None = None


def restored(alert: Alert) -> Life:
    """The life of an open alert as its record tells it."""
    rests_on = alert.evidence.window
    held = alert.held or (() if rests_on is None else (rests_on,))
    return Life(alert, alert.last_true or alert.at, alert.gone_since, held)


def worth_noting(before: Alert, after: Alert) -> bool:
    """Whether a restart from `before` would go another way than one from `after`, two records of one alert.

    Of a firing alert the instant at which it was last seen to hold decides nothing: a minute more or less will do.
    """
    steady = msgspec.structs.replace(before, last_true=after.last_true) == after
    if before.last_true is None or after.last_true is None or not steady:
        return before != after
    if after.state is AlertState.PENDING:
        return before.last_true != after.last_true
    return not _ZERO <= after.last_true - before.last_true < MINUTE


def lapsed(alert: Alert, now: datetime) -> Alert:
    """The record that ends a pending alert of which nobody was told."""
    return msgspec.structs.replace(alert, state=AlertState.RESOLVED, at=now, resolved_at=now)


def advance(life: Life | None, met: Met | None, case: Case, *, now: datetime, normal: NewNormal | None = None) -> Step:
    """One evaluation of a condition that was judged true (`met`) or gone (None) at `now`.

    `normal` is the level that goes on, when the condition is gone because that level was learned.

    `now` may be before the last evaluation (a clock set back): what has been waited for is then waited for again. It
    may be far ahead: more than the case's gap since the condition was last seen true starts `for` anew.
    """
    if life is None:
        return _begun(met, case, now) if met else Step(None)
    if life.alert.state is AlertState.PENDING:
        return _still_pending(life, met, case, now) if met else Step(None)
    return _still_met(life, met, case, now) if met else _gone(life, case, now, normal)


def set_aside(life: Life) -> Life:
    """The life after an evaluation in which the condition was not seen to be gone; that is counted anew."""
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
        held=_held((), met),
    )
    return Step(Life(alert, now, held=alert.held), alert)


def _still_pending(life: Life, met: Met, case: Case, now: datetime) -> Step:
    seen = _ZERO <= now - life.last_true <= case.gap
    since = life.alert.since if seen else now
    held = _held(life.held if seen else (), met)
    if now - since < case.rule.file.hold_for:
        return Step(Life(msgspec.structs.replace(life.alert, since=since), now, held=held))
    alert = _record(life, met, now, state=AlertState.FIRING, severity=met.severity)
    alert = msgspec.structs.replace(alert, since=since, raised_by=met.raised_by, fired_at=now, held=held)
    return Step(Life(alert, now, held=held), alert)


def _still_met(life: Life, met: Met, case: Case, now: datetime) -> Step:
    graver = met.severity.rank > life.alert.severity.rank
    held = _held(life.held, met)
    if not graver and not _stronger(life.alert.evidence, met, case.lead):
        return Step(Life(life.alert, now, held=held))
    alert = _record(life, met, now, state=AlertState.FIRING, severity=life.alert.severity)
    if graver:
        alert = msgspec.structs.replace(alert, severity=met.severity, raised_by=met.raised_by)
    return Step(Life(alert, now, held=held), alert)


def _gone(life: Life, case: Case, now: datetime, normal: NewNormal | None) -> Step:
    since = life.gone_since if life.gone_since and life.gone_since <= now else now
    if now - since < case.rule.file.keep_firing_for:
        return Step(life._replace(gone_since=since))
    return Step(None, resolved(life._replace(gone_since=since), now, normal))


def resolved(life: Life, now: datetime, normal: NewNormal | None = None) -> Alert:
    """The last record of a firing alert."""
    return msgspec.structs.replace(life.record, state=AlertState.RESOLVED, at=now, resolved_at=now, new_normal=normal)


def _record(life: Life, met: Met, now: datetime, *, state: AlertState, severity: Severity) -> Alert:
    return msgspec.structs.replace(
        life.alert,
        state=state,
        severity=severity,
        evidence=met.evidence,
        at=now,
        last_true=now,
        gone_since=None,
        held=_held(life.held, met),
    )


def _held(before: tuple[timedelta, ...], met: Met) -> tuple[timedelta, ...]:
    return before if set(met.windows) <= set(before) else tuple(sorted({*before, *met.windows}))


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
    counted = counted_by(before_lead.signal)
    least = 2 * next((found.observed for found in told.assessments if found.signal is counted), 0.0)
    return any(
        float(getattr(judged.samples, counted.value)) >= least > 0
        for judged in met.judged
        if judged.samples.window == told.window
    )


def counted_by(signal: Signal) -> Signal:
    """The signal whose count says how much there is of another: neither a share nor a score doubles like a crowd."""
    return Signal.NEGATIVE if signal in (Signal.SHARE, Signal.CRISIS) else signal
