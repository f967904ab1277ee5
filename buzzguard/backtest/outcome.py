"""From what was seen to what it means: events found, false alarms, delays, for the rules and for every threshold."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import TypeVar

from buzzguard.backtest.course import Alarm, Course, Peak, Witness
from buzzguard.backtest.plan import Event
from buzzguard.backtest.poisson import interval
from buzzguard.model import Record, Severity, Signal
from buzzguard.replay_report import Noticed

DAY = timedelta(days=1)
SEASON = timedelta(days=90)
"""What rates are told per."""
_MOST_OF_IT = 0.5
_Begun = TypeVar("_Begun", Alarm, Noticed)


class Rate(Record, frozen=True, kw_only=True):
    """A count over the time watched, as a rate per 90 days of the whole watch, with its exact 95 % interval."""

    count: int
    value: float
    low: float
    high: float


class Finding(Record, frozen=True, kw_only=True):
    """What became of one event.

    `at` is when the first alarm of it began, None when none did; `on_since` is set when an alarm was on already.
    `delay` counts from the event's start (negative: before it), `lead` up to the end of its busiest hour. `said` is how
    many mentions of the topic had been counted since the start.
    """

    event: Event
    at: datetime | None = None
    topic: str = ""
    delay: timedelta | None = None
    lead: timedelta | None = None
    peak: Peak | None = None
    said: int | None = None
    severity: Severity | None = None
    gravest: Severity | None = None
    on_since: datetime | None = None

    @property
    def found(self) -> bool:
        """Whether an alarm began in it."""
        return self.at is not None


class Scope(Record, frozen=True, kw_only=True):
    """The time that is judged. `watched` is the topic-days outside events, in which false alarms can happen."""

    first: datetime
    since: datetime
    last: datetime
    topics: tuple[str, ...]
    watched: timedelta
    events: tuple[Event, ...]
    unjudged: tuple[Event, ...]
    outside: tuple[Event, ...]

    @property
    def judged(self) -> timedelta:
        """How long is judged."""
        return self.last - self.since

    def free(self, topic: str) -> timedelta:
        """How much of that lies outside the events of a topic."""
        return _outside(self.since, self.last, [event for event in self.events if topic in event.topics])

    @property
    def apart(self) -> timedelta:
        """How long the whole watch was watched outside events, in the mean over its topics."""
        return self.watched / len(self.topics)

    def rate(self, count: int) -> Rate:
        """False alarms per 90 days of all topics together."""
        seasons = self.apart / SEASON
        if seasons <= 0:
            return Rate(count=count, value=math.nan, low=0.0, high=math.inf)
        low, high = interval(count)
        return Rate(count=count, value=count / seasons, low=low / seasons, high=high / seasons)


class Lasted(Record, frozen=True, kw_only=True):
    """One alert of a rule, whether it began in the time that is judged, and the event it is of."""

    noticed: Noticed
    judged: bool
    event: Event | None


class RuleTally(Record, frozen=True, kw_only=True):
    """The judged alerts of one rule: how many, how grave, how many outside all events."""

    rule: str
    title: dict[str, str]
    alerts: int
    by_severity: dict[Severity, int]
    false: Rate


class TopicTally(Record, frozen=True, kw_only=True):
    """The judged alerts of one topic, by the gravest severity that each reached."""

    topic: str
    mentions: int
    by_severity: dict[Severity, int]


class RulesOutcome(Record, frozen=True, kw_only=True):
    """What the rules said. `alarms` counts alerts of a topic within the hold of one another as one."""

    alerts: tuple[Lasted, ...]
    topics: tuple[TopicTally, ...]
    rules: tuple[RuleTally, ...]
    alarms: int
    false: Rate
    findings: tuple[Finding, ...]


class Row(Record, frozen=True, kw_only=True):
    """One threshold of the sweep. `by_chance` is how many events so many false alarms would hit blindly.

    `stuck` are the topics that were in alarm for most of the time outside events: a threshold that says nothing.
    """

    signal: Signal
    threshold: timedelta
    alarms: tuple[Alarm, ...]
    false: Rate
    findings: tuple[Finding, ...]
    by_chance: float
    delay: timedelta | None
    said: float | None
    stuck: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many events."""
        return sum(finding.found for finding in self.findings)

    @property
    def on_already(self) -> int:
        """How many of the events not found fell into an alarm that was on."""
        return sum(not finding.found and finding.on_since is not None for finding in self.findings)


def scope_of(course: Course) -> Scope | None:
    """What of the past is judged; None when nothing was read."""
    first, last, plan = course.first, course.last, course.plan
    if first is None or last is None:
        return None
    since = min(first + plan.warm, last)
    inside = [event for event in plan.events if event.end > first and event.since < last]
    judged = [event for event in inside if event.start >= since]
    topics = tuple(course.said)
    watched = sum((_outside(since, last, [e for e in judged if topic in e.topics]) for topic in topics), timedelta())
    return Scope(
        first=first,
        since=since,
        last=last,
        topics=topics,
        watched=watched,
        events=tuple(judged),
        unjudged=tuple(event for event in inside if event not in judged),
        outside=tuple(event for event in plan.events if event not in inside),
    )


def _outside(since: datetime, last: datetime, events: Iterable[Event]) -> timedelta:
    """How much of the span lies outside the events, which may overlap."""
    free, reached = timedelta(), since
    for event in sorted(events, key=lambda one: one.since):
        free += max(timedelta(), min(event.since, last) - reached)
        reached = max(reached, event.end)
    return free + max(timedelta(), last - reached)


def sweep(course: Course, scope: Scope, signal: Signal) -> tuple[Row, ...]:
    """A row a threshold, the most sensitive first."""
    witnesses = _witnesses(course, scope)
    return tuple(
        _row(signal, threshold, [alarm for alarm in alarms if alarm.last >= scope.since], scope, witnesses)
        for threshold, alarms in zip(course.plan.thresholds, course.alarms(signal), strict=True)
    )


def _row(
    signal: Signal, threshold: timedelta, alarms: Sequence[Alarm], scope: Scope, witnesses: Sequence[Witness]
) -> Row:
    findings = tuple(
        _finding(witness, alarms, begins=lambda alarm: alarm.at, on_until=lambda alarm: alarm.last)
        for witness in witnesses
    )
    begun = tuple(alarm for alarm in alarms if alarm.at >= scope.since)
    false = [alarm for alarm in begun if not any(event.concerns(alarm.topic, alarm.at) for event in scope.events)]
    delays = [finding.delay for finding in findings if finding.delay is not None]
    said = [finding.said for finding in findings if finding.said is not None]
    return Row(
        signal=signal,
        threshold=threshold,
        alarms=begun,
        false=scope.rate(len(false)),
        findings=findings,
        by_chance=_by_chance(len(false), scope),
        delay=timedelta(seconds=median(delay.total_seconds() for delay in delays)) if delays else None,
        said=median(said) if said else None,
        stuck=_stuck(alarms, scope),
    )


def _stuck(alarms: Sequence[Alarm], scope: Scope) -> tuple[str, ...]:
    """Topics in alarm for most of the time that lies outside their events."""
    on: dict[str, timedelta] = {}
    for alarm in alarms:
        events = [event for event in scope.events if alarm.topic in event.topics]
        begun, ended = max(alarm.at, scope.since), min(alarm.last, scope.last)
        on[alarm.topic] = on.get(alarm.topic, timedelta()) + _outside(begun, ended, events)
    return tuple(topic for topic, span in sorted(on.items()) if span > scope.free(topic) * _MOST_OF_IT > timedelta())


def _by_chance(false: int, scope: Scope) -> float:
    """How many events so many alarms, thrown blindly over the topics, would have hit."""
    if not scope.watched:
        return 0.0
    pace = false / (scope.watched / DAY)
    return sum(-math.expm1(-pace * len(event.topics) * ((event.end - event.since) / DAY)) for event in scope.events)


def _witnesses(course: Course, scope: Scope) -> list[Witness]:
    return [witness for witness in course.witnesses if witness.event in scope.events]


def _severities(begun: Sequence[Alarm | Noticed]) -> list[Severity]:
    return [one.severity for one in begun if isinstance(one, Noticed)]


def _finding(
    witness: Witness,
    begun: Sequence[_Begun],
    *,
    begins: Callable[[_Begun], datetime],
    on_until: Callable[[_Begun], datetime],
) -> Finding:
    """What alarms, in order of their beginning, made of an event."""
    event = witness.event
    own = [one for one in begun if event.concerns(one.topic, begins(one))]
    on = [begins(one) for one in begun if one.topic in event.topics and begins(one) < event.since <= on_until(one)]
    on_since = min(on, default=None)
    if not own:
        return Finding(event=event, peak=witness.peak, on_since=on_since)
    first = own[0]
    at = begins(first)
    grave = _severities(own)
    before = witness.before.get(first.topic)
    return Finding(
        event=event,
        at=at,
        topic=first.topic,
        delay=at - event.start,
        lead=witness.peak.end - at if witness.peak else None,
        peak=witness.peak,
        said=_said(first, before, at < event.start) if isinstance(first, Alarm) else None,
        severity=grave[0] if grave else None,
        gravest=max(grave, key=lambda severity: severity.rank) if grave else None,
        on_since=on_since,
    )


def _said(alarm: Alarm, before: int | None, early: bool) -> int:
    return 0 if early or before is None else max(0, alarm.said - before)


def rules_outcome(course: Course, scope: Scope) -> RulesOutcome:
    """What the alerts of the rules amount to."""
    noticed = course.report.noticed
    judged = [one for one in noticed if one.fired_at >= scope.since]
    alerts = tuple(
        Lasted(noticed=one, judged=one.fired_at >= scope.since, event=_event_of(one, scope)) for one in noticed
    )
    groups = list(_groups(judged, course.plan.hold, scope.last))
    false = [group for group in groups if all(_event_of(one, scope) is None for one in group)]
    return RulesOutcome(
        alerts=alerts,
        topics=tuple(
            TopicTally(
                topic=topic,
                mentions=course.said[topic],
                by_severity=_by_severity(one for one in judged if one.topic == topic),
            )
            for topic in scope.topics
        ),
        rules=tuple(
            _rule_tally([one for one in judged if one.rule == rule], scope)
            for rule in dict.fromkeys(one.rule for one in judged)
        ),
        alarms=len(groups),
        false=scope.rate(len(false)),
        findings=tuple(
            _finding(
                witness,
                noticed,
                begins=lambda one: one.fired_at,
                on_until=lambda one: one.ended_at or scope.last,
            )
            for witness in _witnesses(course, scope)
        ),
    )


def _event_of(noticed: Noticed, scope: Scope) -> Event | None:
    return next((event for event in scope.events if event.concerns(noticed.topic, noticed.fired_at)), None)


def _by_severity(noticed: Iterable[Noticed]) -> dict[Severity, int]:
    counts = dict.fromkeys(Severity, 0)
    for one in noticed:
        counts[one.severity] += 1
    return counts


def _rule_tally(noticed: Sequence[Noticed], scope: Scope) -> RuleTally:
    return RuleTally(
        rule=noticed[0].rule,
        title=noticed[0].title,
        alerts=len(noticed),
        by_severity=_by_severity(noticed),
        false=scope.rate(sum(_event_of(one, scope) is None for one in noticed)),
    )


def _groups(noticed: Sequence[Noticed], hold: timedelta, end: datetime) -> Iterable[list[Noticed]]:
    """Alerts of one topic that begin within `hold` of another's end are one alarm to those who hear them."""
    groups: dict[str, tuple[list[Noticed], datetime]] = {}
    for one in noticed:
        group, until = groups.get(one.topic, ([], one.fired_at))
        if group and one.fired_at - until > hold:
            yield group
            group, until = [], one.fired_at
        group.append(one)
        groups[one.topic] = group, max(until, one.ended_at or end)
    yield from (group for group, _ in groups.values())
