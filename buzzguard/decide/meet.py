"""Whether a rule is met, on which window, how grave, and by what evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeAlias

import msgspec

from buzzguard.decide.expression import Condition
from buzzguard.decide.life import Case, Met
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import TopicFacts, TopicValues, stream_values
from buzzguard.model import WATCHER_TOPIC, WINDOWS, Direction, Evidence, Judged, Severity, Signal, StreamHealth

LEAST_KNOWN = 0.5
"""Of a window less known than this, the absence of a condition says nothing."""

_EXPLAINED_BY = {
    Signal.SHARE: (Signal.NEGATIVE, Signal.VOLUME),
    Signal.CRISIS: (Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME, Signal.AUTHORS, Signal.SPREAD),
}
"""What people must see of the same window to understand a signal that is no count, also where no rule reads it."""

Report: TypeAlias = Callable[[str], None]
"""Takes the reason why a condition could not be decided."""

_ZERO = timedelta(0)


def fingerprint(rule: str, topic: str, labels: Mapping[str, str]) -> str:
    """The key of an alert: sixteen hexadecimal digits, the same for the same rule, topic and labels for ever."""
    content = msgspec.json.encode([rule, topic, sorted(labels.items())])
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def topic_case(rule: Rule, topic: TopicFacts, gap: timedelta) -> Case:
    """The case of a rule over a topic."""
    labels = dict(rule.file.labels)
    chosen = frozenset(rule.file.windows)
    return Case(
        rule=rule,
        topic=topic.id,
        labels=labels,
        fingerprint=fingerprint(rule.id, topic.id, labels),
        lead=lead_signal(rule.when),
        gap=gap,
        windows=None if chosen == frozenset(WINDOWS) else chosen,
    )


def stream_case(rule: Rule, stream: str, gap: timedelta) -> Case:
    """The case of a rule over one of our streams: BuzzGuard's own trouble."""
    labels = {**rule.file.labels, "stream": stream}
    name = fingerprint(rule.id, WATCHER_TOPIC, labels)
    return Case(rule=rule, topic=WATCHER_TOPIC, labels=labels, fingerprint=name, lead=None, gap=gap)


def lead_signal(condition: Condition) -> Signal | None:
    """The signal by which windows are compared: the first whose return period is read, else the first that is read."""
    rare = (signal for signal in condition.signals if f"{signal}.once_per" in condition.names)
    return next(rare, next(iter(condition.signals), None))


def topic_met(case: Case, views: Sequence[TopicValues], report: Report) -> Met | None:
    """How the rule is met by the windows of a topic, None when it is met on none.

    The gravest severity found on any window counts; among the windows that give it, the evidence names the one on
    which the lead signal is rarest, the shortest of equals.
    """
    holds, chosen = case.rule.when.holds, case.windows
    holding = [
        view for view in views if (chosen is None or view.judged.samples.window in chosen) and holds(view, report)
    ]
    if not holding:
        return None
    severity, raised_by, grave = _gravest(case.rule, holding, report)
    judged = min((view.judged for view in grave), key=lambda judged: _order(judged, case.lead))
    read = dict.fromkeys((*case.rule.when.signals, *(raised_by.signals if raised_by else ())))
    read |= dict.fromkeys(other for signal in read for other in _EXPLAINED_BY.get(signal, ()))
    evidence = Evidence(
        window=judged.samples.window,
        assessments=tuple(judged.assessments[signal] for signal in read if signal in judged.assessments),
        condition=case.rule.when.text,
    )
    return Met(
        severity,
        raised_by.text if raised_by else "",
        evidence,
        [view.judged for view in views],
        tuple(view.judged.samples.window for view in holding),
    )


def stream_met(rule: Rule, health: StreamHealth, report: Report) -> Met | None:
    """How the rule is met by a stream, None when it is not."""
    values = stream_values(health)
    if not rule.when.holds(values, report):
        return None
    raised = next((raised for raised in rule.raises if raised.when.holds(values, report)), None)
    evidence = Evidence(window=None, condition=rule.when.text, health=health)
    if raised is None:
        return Met(rule.severity, "", evidence)
    return Met(raised.severity, raised.when.text, evidence)


def _gravest(
    rule: Rule, holding: list[TopicValues], report: Report
) -> tuple[Severity, Condition | None, list[TopicValues]]:
    for raised in rule.raises:
        graver = [view for view in holding if raised.when.holds(view, report)]
        if graver:
            return raised.severity, raised.when, graver
    return rule.severity, None, holding


def _order(judged: Judged, lead: Signal | None) -> tuple[timedelta, timedelta]:
    """Sorts the rarest window first, then the shortest."""
    assessment = judged.assessments.get(lead) if lead else None
    rare = assessment.once_per if assessment and assessment.direction is Direction.ABOVE else _ZERO
    return -rare, judged.samples.window
