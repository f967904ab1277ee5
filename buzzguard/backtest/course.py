"""What a pass over the past leaves behind: when each threshold was exceeded, how much was said, what the rules said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from buzzguard.backtest.plan import Event, Plan
from buzzguard.model import Direction, Effects, Judged, Record, Signal
from buzzguard.pipeline import Core
from buzzguard.replay_report import HOUR, Report

_MOST_HOURS = 20_000
"""Hours kept a topic and signal for drawing: two years of a topic that never calms down."""
_LOOK_AGAIN = timedelta(minutes=15)
"""Where nothing is said an alarm is looked at this often: what it stands on only falls out of the windows."""
_CLOSES = timedelta(hours=12)
"""By then the windows of an event have closed: they do two hours later at most, unless time leaps."""


class Alarm(Record, frozen=True, kw_only=True):
    """A stretch in which a return period stood at a threshold or above, gaps up to the hold included.

    `once_per` is its peak; `said` how many mentions of the topic had been counted by its beginning.
    """

    topic: str
    at: datetime
    last: datetime
    once_per: timedelta
    said: int


class Peak(Record, frozen=True, kw_only=True):
    """The busiest hour: its end and how many mentions it had."""

    end: datetime
    volume: int


@dataclass(slots=True)
class _Open:
    at: datetime
    last: datetime
    once_per: timedelta
    said: int


class Bell:
    """The alarms of one topic and signal under every threshold at once."""

    def __init__(self, thresholds: tuple[timedelta, ...], hold: timedelta) -> None:
        self._thresholds, self._hold = thresholds, hold
        self._alarms: list[list[_Open]] = [[] for _ in thresholds]

    def ring(self, at: datetime, once_per: timedelta, *, said: int) -> None:
        """Take what was judged at `at`, not before the last."""
        for threshold, alarms in zip(self._thresholds, self._alarms, strict=True):
            if once_per < threshold:
                return
            if not alarms or at - alarms[-1].last > self._hold:
                alarms.append(_Open(at, at, once_per, said))
                continue
            alarms[-1].last = at
            alarms[-1].once_per = max(alarms[-1].once_per, once_per)

    def sounding(self, at: datetime) -> bool:
        """Whether the hold of the lowest threshold has not run out."""
        return bool(self._alarms[0]) and at - self._alarms[0][-1].last <= self._hold

    def alarms(self, topic: str) -> list[tuple[Alarm, ...]]:
        """For each threshold its alarms, in order."""
        return [
            tuple(Alarm(topic=topic, at=o.at, last=o.last, once_per=o.once_per, said=o.said) for o in alarms)
            for alarms in self._alarms
        ]


@dataclass(slots=True)
class Witness:
    """What one event looked like: mentions of each topic counted before it, and its busiest hour."""

    event: Event
    before: dict[str, int] = field(default_factory=dict)
    peak: Peak | None = None


class Course:
    """Looks on while a core goes through the past; memory grows with alarms and events, not with mentions."""

    def __init__(self, core: Core, plan: Plan) -> None:
        self.plan = plan
        self.report = Report(core)
        self.first: datetime | None = None
        self.last: datetime | None = None
        self.said: dict[str, int] = dict.fromkeys(core.settings.topics, 0)
        self.judged: set[Signal] = set()
        self.hours: dict[tuple[str, Signal], dict[datetime, timedelta]] = {}
        self.witnesses = [Witness(event) for event in plan.events]
        self._ahead = sorted(self.witnesses, key=lambda witness: witness.event.start, reverse=True)
        self._happening: list[Witness] = []
        self._core = core
        self._looked: dict[str, datetime] = {}
        self._bells: dict[tuple[str, Signal], Bell] = {}

    def take(self, effects: Effects) -> None:
        """Look at the core right after the step that had these effects."""
        self._begin_events(effects.at)
        for scored in effects.mentions:
            for topic in scored.topics:
                if topic in self.said:
                    self.said[topic] += 1
        self.first = self.first or effects.at
        if effects.mentions:
            self.last = effects.at
        self._measure(effects)
        self.report.take(effects)
        for topic in sorted(self._restless(effects)):
            self._judge(topic, effects.at)

    def alarms(self, signal: Signal) -> list[list[Alarm]]:
        """For each threshold the alarms of all topics, in order of time."""
        every: list[list[Alarm]] = [[] for _ in self.plan.thresholds]
        for (topic, judged), bell in sorted(self._bells.items()):
            if judged is signal:
                for several, more in zip(every, bell.alarms(topic), strict=True):
                    several += more
        return [sorted(several, key=lambda alarm: (alarm.at, alarm.topic)) for several in every]

    def _restless(self, effects: Effects) -> set[str]:
        """Topics of which something was said, and those on which an alarm may still be going on."""
        touched = {topic for scored in effects.mentions for topic in scored.topics if topic in self.said}
        return touched | {
            topic
            for (topic, _), bell in self._bells.items()
            if bell.sounding(effects.at) and effects.at - self._looked[topic] >= _LOOK_AGAIN
        }

    def _judge(self, topic: str, at: datetime) -> None:
        self._looked[topic] = at
        judged = self._core.detection.assess(self._core.measuring.samples(topic, at))
        if self._core.budget is not None:
            judged = self._core.budget.weigh(judged, at)
        for signal, once_per in _rarest(judged, self.plan).items():
            self.judged.add(signal)
            if once_per < self.plan.thresholds[0]:
                continue
            bell = self._bells.get((topic, signal))
            if bell is None:
                bell = self._bells[topic, signal] = Bell(self.plan.thresholds, self.plan.hold)
            bell.ring(at, once_per, said=self.said[topic])
            self._draw(topic, signal, at, once_per)

    def _draw(self, topic: str, signal: Signal, at: datetime, once_per: timedelta) -> None:
        hours = self.hours.setdefault((topic, signal), {})
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour in hours or len(hours) < _MOST_HOURS:
            hours[hour] = max(hours.get(hour, once_per), once_per)

    def _begin_events(self, at: datetime) -> None:
        while self._ahead and self._ahead[-1].event.start <= at:
            witness = self._ahead.pop()
            witness.before = {topic: self.said[topic] for topic in witness.event.topics}
            self._happening.append(witness)
        if self._happening and any(at > witness.event.end + _CLOSES for witness in self._happening):
            self._happening = [witness for witness in self._happening if at <= witness.event.end + _CLOSES]

    def _measure(self, effects: Effects) -> None:
        for samples in effects.samples:
            if samples.window != HOUR or not samples.closed or not samples.volume:
                continue
            for witness in self._happening:
                if samples.topic in witness.event.topics and witness.event.start < samples.end <= witness.event.end:
                    peak = witness.peak
                    if peak is None or samples.volume > peak.volume:
                        witness.peak = Peak(end=samples.end, volume=samples.volume)


def _rarest(judged: Sequence[Judged], plan: Plan) -> dict[Signal, timedelta]:
    """The longest return period of each signal over the windows, as a rule that reads all of them sees it."""
    found: dict[Signal, timedelta] = {}
    for signal in plan.signals:
        assessments = [assessment for one in judged if (assessment := one.assessments.get(signal)) is not None]
        if not assessments:
            continue
        above = (assessment.once_per for assessment in assessments if assessment.direction is Direction.ABOVE)
        found[signal] = max(above, default=timedelta())
        if plan.first_only:
            break
    return found
