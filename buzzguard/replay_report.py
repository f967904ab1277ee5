"""What a replay showed: each alert with its numbers and lead time, each topic's series."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

import msgspec

from buzzguard.model import Alert, AlertState, Assessment, Effects, Record, Said, Samples, Severity, Signal
from buzzguard.pipeline import Core

HOUR = timedelta(hours=1)
_MOST_POINTS = 2_000
_LONGEST_GAP = 24 * 30
"""Hours of silence that are drawn one by one; of longer ones only the last."""
_HOURS_KEPT = 96
"""A day of hours, one every 15 minutes: the longest window looks back so far."""


class Point(Record, frozen=True, kw_only=True):
    """The hour that ended at `end`: what was said, and what was to be expected."""

    end: datetime
    volume: float
    negative: float
    expected: float
    high: float


class Noticed(Record, frozen=True, kw_only=True):
    """One alert that fired.

    `lead` is how long before the busiest hour of its episode it fired (negative: after), None until the episode is
    known to have passed its peak; `severity` is the gravest reached, `said` what was being said when it was reached
    (None: of nothing that people say), `sides` how many of the `mentions` of that span were negative and positive, as
    the scorer read them then. `beside` are the counts that explain a share or a
    crisis score, in the order in which they are told. An episode begins one window before its condition
    held, so that an alert which came too late does not boast of what followed.
    """

    topic: str
    rule: str
    title: dict[str, str]
    severity: Severity
    since: datetime
    fired_at: datetime
    window: timedelta | None
    signal: Signal | None
    observed: float
    expected: float
    once_per: timedelta
    learned: timedelta
    ended_at: datetime | None = None
    peak_at: datetime | None = None
    peak: int = 0
    lead: timedelta | None = None
    beside: tuple[Assessment, ...] = ()
    said: Said | None = None
    mentions: int = 0
    sides: tuple[int, int] = (0, 0)


class Series:
    """A topic's hours in bounded memory: when there are too many points, neighbours are merged to the higher."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._every = 1
        self._count = 0

    def add(self, point: Point) -> None:
        """Append a point later than all before it."""
        self._count += 1
        if self.points and self._count % self._every:
            self.points[-1] = _higher(self.points[-1], point)
            return
        self.points.append(point)
        if len(self.points) > _MOST_POINTS:
            pairs = zip(self.points[::2], self.points[1::2], strict=False)
            self.points = [_higher(first, second) for first, second in pairs]
            self._every *= 2


class Report:
    """Collects what the effects of a replay show; memory grows with the alerts, not with the mentions."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._open: dict[str, Noticed] = {}
        self._done: list[Noticed] = []
        self._hours: dict[str, deque[tuple[datetime, int]]] = {}
        self.series: dict[str, Series] = {}
        self.mentions = 0
        self.dropped = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.last_mention: datetime | None = None

    def take(self, effects: Effects) -> list[Noticed]:
        """Add the effects of a step; returns the alerts that fired or grew graver in it."""
        self.mentions += len(effects.mentions)
        self.dropped += len(effects.dropped)
        self.first = self.first or effects.at
        self.last = effects.at
        if effects.mentions:
            self.last_mention = effects.at
        for samples in effects.samples:
            if samples.window == HOUR and samples.closed:
                self._measure(samples)
        return [noticed for alert in effects.alerts if (noticed := self._notice(alert)) is not None]

    @property
    def noticed(self) -> list[Noticed]:
        """Every alert that fired, in order of time."""
        return sorted([*self._done, *self._open.values()], key=lambda noticed: noticed.fired_at)

    def _measure(self, samples: Samples) -> None:
        if samples.volume:
            self._hours.setdefault(samples.topic, deque(maxlen=_HOURS_KEPT)).append((samples.end, samples.volume))
        for fingerprint, noticed in self._open.items():
            if noticed.topic == samples.topic:
                self._open[fingerprint] = _with_peak(noticed, samples.end, samples.volume)
        if samples.end.minute == 0:
            self._hour(samples.topic, samples.end, samples)

    def finish(self) -> None:
        """Draw every topic to the end of what was played: hours in which nothing is said bring no sample."""
        if self.last is None:
            return
        end = self.last.replace(minute=0, second=0, microsecond=0)
        for topic in self._core.settings.topics:
            self._hour(topic, end, None)

    def _hour(self, topic: str, end: datetime, samples: Samples | None) -> None:
        """Add the hour that ended at `end`, and the silent ones before it."""
        series = self.series.setdefault(topic, Series())
        reached = series.points[-1].end if series.points else (self.first or end).replace(minute=0, second=0) - HOUR
        hours = (end - reached) // HOUR
        if hours > _LONGEST_GAP:
            hours = _LONGEST_GAP
            series.add(Point(end=reached + HOUR, volume=0, negative=0, expected=0, high=0))
        expected, high = self._core.detection.band(topic, end, HOUR, hours) if hours > 0 else ([], [])
        for ago, (usual, most) in zip(range(hours - 1, -1, -1), zip(expected, high, strict=True), strict=True):
            told = samples if ago == 0 else None
            series.add(
                Point(
                    end=end - ago * HOUR,
                    volume=told.volume if told else 0,
                    negative=told.negative if told else 0,
                    expected=usual,
                    high=most,
                )
            )

    def _notice(self, alert: Alert) -> Noticed | None:
        known = self._open.get(alert.fingerprint)
        if alert.state is AlertState.RESOLVED:
            if known is not None:
                self._done.append(_replace(known, ended_at=alert.at))
                del self._open[alert.fingerprint]
            return None
        if alert.state is not AlertState.FIRING:
            return None
        if known is None:
            first = _noticed(alert)
            begin = alert.since - max(alert.evidence.window or HOUR, HOUR)
            for end, volume in self._hours.get(alert.topic, ()):
                if end > begin:
                    first = _with_peak(first, end, volume)
            self._open[alert.fingerprint] = first = self._with_words(first, alert.at)
            return first
        if alert.severity.rank > known.severity.rank:
            graver = self._with_words(_replace(known, severity=alert.severity), alert.at)
            self._open[alert.fingerprint] = graver
            return graver
        return None

    def _with_words(self, noticed: Noticed, now: datetime) -> Noticed:
        """With what is said and on which side, as an alert at this instant tells it."""
        if noticed.topic not in self._core.settings.topics:
            return noticed
        span = max(noticed.window or HOUR, HOUR)
        said = self._core.saying.said(noticed.topic, now, span)
        samples = [one for one in self._core.measuring.samples(noticed.topic, now) if one.window == span]
        if said is None or not samples:
            return noticed
        sides = samples[0].negative, samples[0].positive
        return _replace(noticed, said=said, mentions=samples[0].volume, sides=sides)


def _noticed(alert: Alert) -> Noticed:
    lead = _lead(alert)
    return Noticed(
        topic=alert.topic,
        rule=alert.rule,
        title=alert.title,
        severity=alert.severity,
        since=alert.since,
        fired_at=alert.fired_at or alert.at,
        window=alert.evidence.window,
        signal=lead.signal if lead else None,
        observed=lead.observed if lead else 0.0,
        expected=lead.expected if lead else 0.0,
        once_per=lead.once_per if lead else timedelta(),
        learned=lead.learned if lead else timedelta(),
        beside=_beside(alert, lead),
    )


def _beside(alert: Alert, lead: Assessment | None) -> tuple[Assessment, ...]:
    wanted = {Signal.CRISIS: (Signal.NEGATIVE, Signal.SHARE), Signal.SHARE: (Signal.NEGATIVE,)}
    found = {assessment.signal: assessment for assessment in alert.evidence.assessments}
    return tuple(found[signal] for signal in wanted.get(lead.signal, ()) if signal in found) if lead else ()


def _lead(alert: Alert) -> Assessment | None:
    """The assessment that says most of why: of the signal that the rule's condition names first."""
    condition = alert.evidence.condition
    named = [
        (place, assessment)
        for assessment in alert.evidence.assessments
        if (place := condition.find(f"{assessment.signal.value}.")) >= 0
    ]
    if named:
        return min(named, key=lambda one: one[0])[1]
    return max(alert.evidence.assessments, key=lambda assessment: assessment.once_per, default=None)


def _with_peak(noticed: Noticed, end: datetime, volume: int) -> Noticed:
    """With the hour that ended at `end`, if it was the busiest yet."""
    if volume <= noticed.peak:
        return noticed
    return _replace(noticed, peak=volume, peak_at=end, lead=end - noticed.fired_at)


def _replace(noticed: Noticed, **changes: object) -> Noticed:
    return msgspec.structs.replace(noticed, **changes)


def _higher(first: Point, second: Point) -> Point:
    return Point(
        end=second.end,
        volume=max(first.volume, second.volume),
        negative=max(first.negative, second.negative),
        expected=max(first.expected, second.expected),
        high=max(first.high, second.high),
    )
