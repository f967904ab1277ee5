"""Why each rule is, or is not, met by a topic: every part of its condition with the value that it found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple

from buzzguard.decide.expression import Seen
from buzzguard.decide.meet import lead_signal, topic_case, topic_met
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import TopicFacts, TopicValues
from buzzguard.model import Direction, Judged, Record, Severity

_UPWARD = (">", ">=")


class Clause(Record, frozen=True, kw_only=True):
    """A part of a condition, with the values of the names that it reads, in its order."""

    seen: Seen
    values: tuple[tuple[str, object], ...]


class Verdict(NamedTuple):
    """A rule on the window that decides it: one on which it is met, else the one that comes nearest.

    `severity` is what it would raise now, None when it is not met; `graver` holds the conditions that would raise it
    further and do not hold, the mildest first.
    """

    rule: Rule
    window: timedelta
    severity: Severity | None
    clauses: tuple[Clause, ...]
    graver: tuple[tuple[Severity, tuple[Clause, ...]], ...] = ()


def verdicts(rules: Iterable[Rule], topic: TopicFacts, judged: Sequence[Judged]) -> list[Verdict]:
    """A verdict of every enabled rule that selects the topic, in the order of `rules`; those of no window are left out.

    `judged` are the windows of the topic at one instant.
    """
    views = [TopicValues(one, topic) for one in judged]
    told = (_verdict(rule, topic, views) for rule in rules if rule.file.enabled and rule.selects(topic))
    return [verdict for verdict in told if verdict is not None]


def _verdict(rule: Rule, topic: TopicFacts, views: Sequence[TopicValues]) -> Verdict | None:
    chosen = [view for view in views if view.judged.samples.window in rule.file.windows]
    if not chosen:
        return None
    met = topic_met(topic_case(rule, topic, timedelta(0)), chosen, _unheard)
    if met is None:
        view = min(chosen, key=lambda one: _distance(rule, one))
    else:
        view = next(one for one in chosen if one.judged.samples.window == met.evidence.window)
    severity = None if met is None else met.severity
    reached = (severity or rule.severity).rank
    graver = [
        (raised.severity, _clauses(raised.when.seen(view), view))
        for raised in reversed(rule.raises)
        if raised.severity.rank > reached
    ]
    window = view.judged.samples.window
    return Verdict(rule, window, severity, _clauses(rule.when.seen(view), view), tuple(graver))


def _clauses(seen: Iterable[Seen], view: TopicValues) -> tuple[Clause, ...]:
    return tuple(Clause(seen=one, values=tuple((name, view[name]) for name in one.names)) for one in seen)


def _distance(rule: Rule, view: TopicValues) -> tuple[float, float, float, timedelta]:
    """Sorts the windows of a rule that is not met: the one that fails least first.

    Fewest parts that fail, then the part of each bound that is reached, then the rarest lead signal, then the shortest.
    """
    seen = rule.when.seen(view)
    failed = sum(not one.holds for one in seen)
    reached = sum(_reached(one, view) for one in seen)
    lead = lead_signal(rule.when)
    assessment = view.judged.assessments.get(lead) if lead else None
    rare = assessment.once_per if assessment and assessment.direction is Direction.ABOVE else timedelta(0)
    return failed, -reached, -rare.total_seconds(), view.judged.samples.window


def _reached(seen: Seen, view: TopicValues) -> float:
    """How far a bound that asks for more is reached, 0…1."""
    if seen.holds:
        return 1.0
    bound = seen.bound
    if bound is None or bound.operator not in _UPWARD:
        return 0.0
    found = view[bound.name]
    if isinstance(found, timedelta) and isinstance(bound.value, timedelta):
        return min(1.0, found / bound.value) if bound.value else 0.0
    if isinstance(found, int | float) and isinstance(bound.value, int | float):
        return max(0.0, min(1.0, found / bound.value)) if bound.value > 0 else 0.0
    return 0.0


def _unheard(_reason: str) -> None:
    """What could not be decided is told by the clauses."""
