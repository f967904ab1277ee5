"""How an incident went, in numbers: how soon it was noticed and answered, how large it grew, how it ended.

Every span is counted from a named instant, and is either known or missing for a named reason; none is negative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from buzzguard.model import (
    MINUTE,
    Alert,
    AlertState,
    Anomaly,
    Cause,
    DeliveryState,
    Direction,
    Incident,
    IncidentState,
    Record,
    Transition,
)
from buzzguard.review.story import Story, Trace, first_alert
from buzzguard.review.timeline import published_at, statements
from buzzguard.review.usual import Usual
from buzzguard.store.recalling import Attempt, Recalled

HOUR = timedelta(hours=1)
CHAIN = timedelta(hours=6)
"""Anomalies further apart are not of one episode."""
AFTER = timedelta(hours=24)
"""How long after its end an incident is still looked at."""
_MOST_SOURCES = 12
_FINAL = (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)


class Missing(StrEnum):
    """Why a span is not told.

    `too_early`: it may still come. `never`: it did not come, and the incident is over. `unknown`: the facts that it
    needs are not kept, or nobody could tell. `before`: it had come before what it is counted from.
    """

    TOO_EARLY = "too_early"
    NEVER = "never"
    UNKNOWN = "unknown"
    BEFORE = "before"


class Took(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A span, or why there is none: exactly one of the two is set."""

    span: timedelta | None = None
    missing: Missing | None = None


class Instants(Record, frozen=True, kw_only=True, omit_defaults=True):
    """When what happened; None where it did not, or is not known. `first_mention` is that of the story."""

    first_mention: datetime | None = None
    noticed: datetime | None = None
    opened: datetime
    told: datetime | None = None
    acknowledged: datetime | None = None
    stated: datetime | None = None
    peak: datetime | None = None
    halved: datetime | None = None
    calm: datetime | None = None


class Size(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How large it was, from its first mention to its calm or until now.

    `peak` are the mentions of the highest hour, `usual` what is usual in all that time (None: not known). `share` is
    the part (0…1) of the mentions that is negative, `reach` the followers of all authors, each counted once with the
    most that they had, `sources` mentions by source, most first.
    """

    since: datetime
    until: datetime
    volume: int = 0
    negative: int = 0
    peak: int = 0
    usual: float | None = None
    reach: int = 0
    authors: int = 0
    sites: int = 0
    sources: tuple[tuple[str, int], ...] = ()

    @property
    def share(self) -> float | None:
        """The negative share; None without mentions."""
        return self.negative / self.volume if self.volume else None


class Measures(Record, frozen=True, kw_only=True):
    """The times: `notice` counts from the story's first mention, `tell` and `statement` from when it was noticed,
    `acknowledge` from when somebody was told, `peak` from the first mention, `half_life` from the peak, `calm` from the
    peak. `size` is None where no mention is kept any more."""

    instants: Instants
    notice: Took
    tell: Took
    acknowledge: Took
    statement: Took
    peak: Took
    half_life: Took
    calm: Took
    size: Size | None = None


class Evidence(Record, frozen=True, kw_only=True):
    """The facts to measure by. `traces` are all mentions of the topic from `seen_since` on; `usual` of its volume."""

    recalled: Recalled
    traces: Sequence[Trace]
    story: Story
    anomalies: Sequence[Anomaly]
    usual: Usual | None
    seen_since: datetime


def measure(evidence: Evidence, *, now: datetime) -> Measures:
    """Measure an incident as it is known at `now`."""
    recalled = evidence.recalled
    incident, over = recalled.incident, recalled.incident.state in _FINAL
    calm = calm_at(recalled.alerts)
    end = min(now, incident.changed_at + AFTER) if over else now
    course = _Course(evidence, end, end if calm is None else min(calm, end))
    peak, halved = course.peak(), course.halved()
    noticed = noticed_at(incident, recalled.alerts, evidence.anomalies, evidence.story.began)
    instants = Instants(
        first_mention=evidence.story.began,
        noticed=noticed,
        opened=incident.opened_at,
        told=_told(recalled.attempts),
        acknowledged=acknowledged_at(recalled.transitions),
        stated=_stated(recalled),
        peak=peak,
        halved=halved,
        calm=calm,
    )
    settled = over or halved is not None or calm is not None
    return Measures(
        instants=instants,
        notice=_took(instants.first_mention, noticed, over=True),
        tell=_took(noticed, instants.told, over=over),
        acknowledge=_took(instants.told, instants.acknowledged, over=over)
        if instants.acknowledged is not None
        else Took(missing=Missing.NEVER if over else Missing.TOO_EARLY),
        statement=_took(noticed, instants.stated, over=over),
        peak=_took(instants.first_mention, peak, over=over) if settled or peak is None else _early(),
        half_life=_took(peak, halved, over=over and now >= incident.changed_at + AFTER),
        calm=_took(peak, instants.calm, over=over),
        size=course.size(calm),
    )


def noticed_at(
    incident: Incident, alerts: Sequence[Alert], anomalies: Sequence[Anomaly], began: datetime | None
) -> datetime:
    """When the watch first noticed it: the first of the anomalies that lead up to its first alert, or that alert.

    Anomalies below the baseline, those before the story's first mention, and those that a gap of `CHAIN` parts from the
    alert, are of something else.
    """
    fired = first_alert(incident, alerts)
    noticed = fired
    for one in sorted(anomalies, key=lambda one: one.at, reverse=True):
        if one.at > fired or one.assessment.direction is not Direction.ABOVE:
            continue
        if noticed - one.at > CHAIN or (began is not None and one.at < began):
            break
        noticed = one.at
    return noticed


def calm_at(alerts: Sequence[Alert]) -> datetime | None:
    """When its last alert was over; None while one goes on, or when nothing says."""
    if not alerts or any(one.state is not AlertState.RESOLVED for one in alerts):
        return None
    return max(one.resolved_at or one.at for one in alerts)


class _Course:
    """The volume minute by minute, from the story's beginning to the end of what is looked at.

    The peak is looked for up to `over`: what rises when all is calm again is another story.
    """

    def __init__(self, evidence: Evidence, end: datetime, over: datetime) -> None:
        fired = first_alert(evidence.recalled.incident, evidence.recalled.alerts)
        self._since = min(evidence.story.began or fired - HOUR, fired)
        self._end, self._over = end, over
        self._traces = [one for one in evidence.traces if self._since <= one.at <= end]
        self._usual = evidence.usual if evidence.usual is not None and evidence.usual.enough else None
        self._kept = evidence.seen_since <= self._since and bool(self._traces)
        start = self._since.replace(second=0, microsecond=0) - HOUR
        minutes = max(61, int((end - start) / MINUTE) + 1)
        counts = np.zeros(minutes)
        for one in self._traces:
            at = int((one.at - start) / MINUTE)
            if 0 <= at < minutes:
                counts[at] += 1
        expected = np.zeros(minutes) if self._usual is None else self._usual.per_minute(start, minutes)
        self._start, self._counts = start, counts
        sums, usual = (np.concatenate(([0.0], np.cumsum(part))) for part in (counts, expected))
        # hours[k] is the hour that ends with minute k + 60
        self._hours, self._excess = sums[60:] - sums[:-60], (sums[60:] - sums[:-60]) - (usual[60:] - usual[:-60])
        self._top = int(self._hours[: max(0, int((over - start) / MINUTE) - 60) + 1].argmax())

    def peak(self) -> datetime | None:
        """When the median mention of the highest hour, the first of several, was published."""
        if not self._kept or self._hours[self._top] <= 0:
            return None
        begin = self._start + self._top * MINUTE
        told = [one.at for one in self._traces if begin <= one.at < begin + HOUR]
        return min(told[len(told) // 2], self._over)

    def halved(self) -> datetime | None:
        """When the excess over the usual had fallen to half of the peak's: the middle of the first hour that holds at
        most half of it, where the hour after it does so too (one quiet hour is chance)."""
        if self.peak() is None or self._excess[self._top] <= 0:
            return None
        low = self._excess <= self._excess[self._top] / 2.0
        for at in range(self._top + 60, len(low) - 60):
            if low[at] and low[at + 60]:
                return self._start + (at + 30) * MINUTE
        return None

    def size(self, calm: datetime | None) -> Size | None:
        """None where the mentions are no longer kept."""
        if not self._kept:
            return None
        until = min(self._end, max(calm, self._since)) if calm is not None else self._end
        told = [one for one in self._traces if one.at <= until]
        reach: dict[str, int] = {}
        for one in told:
            reach[one.author] = max(reach.get(one.author, 0), one.reach)
        return Size(
            since=self._since,
            until=until,
            volume=len(told),
            negative=sum(one.negative for one in told),
            peak=int(self._hours[self._top]),
            usual=None if self._usual is None else round(self._usual.between(self._since, until), 1),
            reach=sum(reach.values()),
            authors=len(reach),
            sites=len({one.site for one in told if one.site}),
            sources=tuple(Counter(one.source for one in told).most_common(_MOST_SOURCES)),
        )


def _took(since: datetime | None, at: datetime | None, *, over: bool) -> Took:
    if since is None:
        return Took(missing=Missing.UNKNOWN)
    if at is None:
        return Took(missing=Missing.NEVER if over else Missing.TOO_EARLY)
    return Took(span=at - since) if at >= since else Took(missing=Missing.BEFORE)


def _early() -> Took:
    return Took(missing=Missing.TOO_EARLY)


def _told(attempts: Sequence[Attempt]) -> datetime | None:
    return min((one.at for one in attempts if one.state is DeliveryState.DELIVERED), default=None)


def acknowledged_at(transitions: Sequence[Transition]) -> datetime | None:
    """When a person first took charge, or ended it: who judges has taken charge."""
    causes = (
        Cause.ACKNOWLEDGED_BY_USER,
        Cause.ACKNOWLEDGED_IN_PART,
        Cause.RESOLVED_BY_USER,
        Cause.FALSE_ALARM_BY_USER,
        Cause.NEW_NORMAL_BY_USER,
    )
    return min((one.at for one in transitions if one.cause in causes), default=None)


def _stated(recalled: Recalled) -> datetime | None:
    kept = statements(recalled.commands, recalled.transitions)
    return published_at(kept[0]) if kept else None
