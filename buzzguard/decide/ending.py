"""When an alert may end, and why it did: by `until`, and by a level that was learned as the new normal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from buzzguard.decide.expression import Condition
from buzzguard.decide.life import Case, Life, counted_by
from buzzguard.decide.meet import LEAST_KNOWN, Report
from buzzguard.decide.vocabulary import LEAST_EXPECTED, TopicValues, stream_values
from buzzguard.model import AlertState, Assessment, Judged, NewNormal, StreamHealth

FAR = 1.5
"""A level this many times the former one, or this small a part of it, has not gone away."""


def cannot_tell(life: Life, windows: Sequence[Judged]) -> bool:
    """Whether the window that the alert rests on is too little known to say that its condition is gone."""
    rests_on = life.alert.evidence.window
    return any(judged.samples.window == rests_on and judged.samples.known < LEAST_KNOWN for judged in windows)


def lingers(case: Case, life: Life, views: Sequence[TopicValues], report: Report) -> bool:
    """Whether an alert whose condition holds no more goes on: `until` fails on a window on which it has held.

    Only windows that are known well enough can say so. Never so for a pending alert or a rule without `until`.
    """
    until = case.rule.until
    if until is None or life.alert.state is not AlertState.FIRING:
        return False
    return any(
        view.judged.samples.window in life.held
        and view.judged.samples.known >= LEAST_KNOWN
        and _denied(until, view, report)
        for view in views
    )


def stream_lingers(case: Case, life: Life, health: StreamHealth, report: Report) -> bool:
    """The same of a stream."""
    until = case.rule.until
    if until is None or life.alert.state is not AlertState.FIRING:
        return False
    return _denied(until, stream_values(health), report)


def new_normal(case: Case, life: Life, windows: Sequence[Judged]) -> NewNormal | None:
    """The level that an alert leaves behind because the baseline has learned it; None when it went away."""
    began = life.alert.fired_at or life.alert.since
    found = [
        assessment
        for judged in windows
        if judged.samples.window in life.held and case.lead is not None
        if (assessment := judged.assessments.get(counted_by(case.lead))) is not None and _goes_on(assessment, began)
    ]
    first = min(found, key=lambda one: (one.window != life.alert.evidence.window, one.window), default=None)
    if first is None or first.adopted_at is None:
        return None
    return NewNormal(
        signal=first.signal,
        window=first.window,
        observed=first.observed,
        since=first.adopted_at,
        former=first.former,
    )


def _denied(until: Condition, values: TopicValues | dict[str, object], report: Report) -> bool:
    """Whether `until` is surely false: what cannot be decided keeps no alert alive for ever."""
    return not until.holds(values, report) and not until.trouble(values)


def _goes_on(assessment: Assessment, began: datetime) -> bool:
    """Whether the baseline adopted the level after `began`, and the level still stands."""
    if assessment.adopted_at is None or assessment.adopted_at < began:
        return False
    if assessment.former is None:
        return assessment.observed >= assessment.expected / FAR
    former = max(assessment.former, LEAST_EXPECTED)
    return assessment.observed >= FAR * former or FAR * assessment.observed <= former
