"""The way of a mention, in one place: a pure function from what came in to what is to be written.

`step` reads no clock, file or socket. The daemon and replay both call it; whoever calls it commits the effects.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from buzzguard.config.settings import Settings
from buzzguard.decide.asking import asked
from buzzguard.decide.evaluate import Decider
from buzzguard.decide.expression import Condition
from buzzguard.decide.rule import Rule
from buzzguard.detect.budget import Budget
from buzzguard.detect.calendar import Calendar
from buzzguard.detect.growth import Course, judge_growth, per_minute
from buzzguard.detect.rhythm import StreamRhythms
from buzzguard.detect.stage import Detection
from buzzguard.measure.stage import Measuring
from buzzguard.model import (
    MINUTE,
    WATCHER_TOPIC,
    Alert,
    Assessment,
    Batch,
    Briefing,
    Chart,
    Checkpoint,
    Command,
    Direction,
    Dropped,
    Effects,
    Growth,
    Incident,
    Judged,
    Poll,
    Record,
    Samples,
    ScoredMention,
    Signal,
    Silence,
)
from buzzguard.ports import Detector, Scorer
from buzzguard.respond.playbooks import Playbooks
from buzzguard.respond.stage import Responder
from buzzguard.understand.gravity import GravityWords
from buzzguard.understand.stage import Understanding

CHART_BINS = {timedelta(minutes=5): 72, timedelta(minutes=15): 48}
"""Length and number of a chart's bins: six hours finely, or twelve where the finer bins would mostly be empty."""
_SPARSE = 2.0
"""Mentions usually in five minutes, below which a topic is drawn in the longer bins."""
GROWTH_MINUTES, GROWTH_KNOWN = 1440, timedelta(minutes=5)
"""How far back growth is read, and how finely it is asked which of it could be read."""
_BASELINE_HOURS = 49
"""Hours of baseline around that day and the next, whose hours do not begin with it."""
QUOTES = 5
_QUOTE_WINDOW = timedelta(hours=1)
_LULL = "volume.lull_once_per"
_WORTH_TELLING = timedelta(days=1)
"""Beside what the rule reads, an alert tells of the signals that are rarer than this."""
_ALWAYS_TOLD = frozenset({Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME})
"""And of these where the rule reads a score or a share, which say little without them."""
_LEAST_GRACE, _MOST_GRACE = timedelta(minutes=2), timedelta(hours=2)


class Memory(Record, frozen=True, kw_only=True):
    """What a core is rebuilt from: facts out of the store. `answered` are the incidents that the budget remembers."""

    mentions: Sequence[ScoredMention] = ()
    samples: Sequence[Samples] = ()
    polls: Sequence[Poll] = ()
    checkpoints: Sequence[Checkpoint] = ()
    alerts: Sequence[Alert] = ()
    incidents: Sequence[Incident] = ()
    answered: Sequence[Incident] = ()
    silences: Sequence[Silence] = ()


class Parts(Record, frozen=True, kw_only=True):
    """What a core is made of beside its settings: what was loaded from files, and what plugins provide."""

    rules: tuple[Rule, ...]
    playbooks: Playbooks
    gravity: GravityWords
    scorer: Scorer
    make_detectors: Callable[[], Mapping[str, Detector]]
    drill: bool = False


class Core:
    """The state of the five stages. Deterministic: the same batches at the same instants give the same effects."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.parts = parts
        topics = settings.topics
        bound = {name: frozenset(stream.topics) for name, stream in settings.streams.items() if stream.topics}
        self.understanding = Understanding(topics, parts.scorer, parts.gravity, bound=bound)
        self.measuring = Measuring(
            topics, _streams_of_topics(settings), lateness=settings.lateness, grace=_grace(settings)
        )
        self.detection = Detection(parts.make_detectors(), {name: topic.query for name, topic in topics.items()})
        self.rhythms = StreamRhythms({name: s.every for name, s in settings.streams.items() if s.enabled})
        self.decider = Decider(parts.rules, topics)
        self.responder = self._responder()
        self.calendar = Calendar.of(settings)
        self.budget = _budget(settings, parts.rules)
        self.heeds_lulls = any(_LULL in condition.names for rule in parts.rules for condition in _conditions(rule))
        self.refused: tuple[tuple[Command, str], ...] = ()

    def restore(self, memory: Memory, now: datetime) -> None:
        """Become what the uninterrupted core would be: same topics and rules, same facts."""
        self.understanding.restore(memory.mentions)
        own = [checkpoint for checkpoint in memory.checkpoints if checkpoint.topic == WATCHER_TOPIC]
        self.detection.restore([c for c in memory.checkpoints if c.topic != WATCHER_TOPIC], memory.samples, now)
        # What closed since, while nobody watched, is closed by the next step and learned then.
        self.measuring.restore(memory.mentions, memory.polls, now, closed_until=self.detection.learned_until)
        self.rhythms.restore(own)
        self.rhythms.polled(memory.polls)
        self.decider = Decider(self.parts.rules, self.settings.topics, memory.alerts)
        self.responder = self._responder(memory.incidents, memory.alerts, memory.silences)
        if self.budget is not None:
            self.budget.fold((*memory.answered, *memory.incidents))

    def _responder(
        self, incidents: Iterable[Incident] = (), alerts: Iterable[Alert] = (), silences: Iterable[Silence] = ()
    ) -> Responder:
        settings = self.settings
        return Responder(
            topics=settings.topics,
            policies=settings.policies,
            receivers=settings.receivers,
            playbooks=self.parts.playbooks,
            language=settings.language,
            time_zone=settings.time_zone,
            resolve_after=settings.resolve_after,
            incidents=incidents,
            alerts=alerts,
            silences=silences,
            drill=self.parts.drill,
        )


def step(core: Core, batch: Batch, now: datetime) -> Effects:
    """Take a batch through the stages at the instant `now`; the effects are to be committed in one transaction."""
    understood, unwanted = core.understanding.understand(batch.mentions, now)
    counted, late = _measure(core, understood, batch.polls, now)
    closed = core.measuring.advance(now)
    judged = _judge(core, counted, closed, now)
    anomalies = core.detection.anomalies([one for several in judged.values() for one in several], now)
    core.detection.learn(closed)
    judged = _weigh(core, judged, now)
    alerts = core.decider.evaluate(judged, core.rhythms.health(now), now)
    brief = Briefings(core, judged, now)
    response = core.responder.respond(alerts, batch.commands, brief, now)
    core.refused = response.refused
    if core.budget is not None:
        core.budget.fold(response.incidents)
    return Effects(
        at=now,
        mentions=tuple(counted),
        dropped=(*unwanted, *late),
        samples=(*core.measuring.minutes_changed(), *_worth_keeping(closed)),
        polls=batch.polls,
        anomalies=tuple(anomalies),
        checkpoints=(*core.detection.checkpoints(now), *core.rhythms.checkpoints(now)),
        alerts=tuple(alerts),
        noted=tuple(core.decider.take_noted()),
        incidents=response.incidents,
        transitions=response.transitions,
        notifications=response.notifications,
        silences=response.silences,
        commands=batch.commands,
    )


def _measure(
    core: Core, understood: Sequence[ScoredMention], polls: Sequence[Poll], now: datetime
) -> tuple[list[ScoredMention], list[Dropped]]:
    counted, late = core.measuring.add(understood, now)
    core.measuring.observe(polls)
    core.rhythms.polled(polls)
    published: dict[str, list[datetime]] = {}
    for scored in counted:
        published.setdefault(scored.mention.stream, []).append(scored.mention.published)
    for stream, times in published.items():
        core.rhythms.observe(stream, times)
    return counted, late


def _conditions(rule: Rule) -> Iterable[Condition]:
    ends = () if rule.until is None else (rule.until,)
    return (rule.when, *ends, *(condition for _, condition in rule.raises))


def _judge(
    core: Core, counted: Sequence[ScoredMention], closed: Sequence[Samples], now: datetime
) -> dict[str, list[Judged]]:
    """Judge the filling windows of every topic that could change, and closed ones below the baseline if a rule asks.

    A window that is filling can only grow, so topics without a new mention cannot start an alert; those with an
    alert or a rule waiting for its time are judged again because what they have falls out of the window.
    """
    touched = {topic for scored in counted for topic in scored.topics} | (
        core.decider.alerts_waiting() & core.settings.topics.keys()
    )
    judged: dict[str, list[Judged]] = {topic: [] for topic in sorted(touched)}
    filling = [samples for topic in judged for samples in core.measuring.samples(topic, now)]
    for one in core.detection.assess(filling):
        judged[one.samples.topic].append(one)
    for one in core.detection.assess(closed) if core.heeds_lulls else ():
        volume = one.assessments.get(Signal.VOLUME)
        if volume is not None and volume.direction is Direction.BELOW and volume.once_per:
            judged.setdefault(one.samples.topic, []).append(one)
    return judged


def _weigh(core: Core, judged: dict[str, list[Judged]], now: datetime) -> dict[str, list[Judged]]:
    """What was judged, as rarely as the budget of false alarms makes the rules read it; anomalies stay as they are."""
    budget = core.budget
    return judged if budget is None else {topic: budget.weigh(several, now) for topic, several in judged.items()}


def _budget(settings: Settings, rules: Iterable[Rule]) -> Budget | None:
    """The budget of false alarms over all that the rules ask of the topics; None where none is set."""
    if settings.false_alarms is None:
        return None
    return Budget(settings.false_alarms, asked(rules, settings.topics).questions)


def _worth_keeping(closed: Iterable[Samples]) -> Iterable[Samples]:
    """Closed windows that hold something: a window of zeros that was wholly known is rebuilt from its absence."""
    return (samples for samples in closed if samples.volume or samples.known < 1)


class Briefings:
    """Writes what is known of a topic, once a step and only when somebody is to be told."""

    def __init__(self, core: Core, judged: Mapping[str, Sequence[Judged]], now: datetime) -> None:
        self._core = core
        self._judged = judged
        self._now = now
        self._charts: dict[str, Chart] = {}
        self._growths: dict[str, Growth | None] = {}

    def __call__(self, topic: str, alert: Alert | None) -> Briefing:
        settings = self._core.settings.topics.get(topic)
        if settings is None:
            return Briefing(topic=topic, topic_name=_watcher_name(topic), at=self._now)
        window = _QUOTE_WINDOW
        if alert is not None and alert.evidence.window is not None:
            window = alert.evidence.window
        calendar, minute = self._core.calendar, int(self._now.timestamp()) // 60
        return Briefing(
            topic=topic,
            topic_name=settings.name,
            at=self._now,
            quotes=self._core.measuring.quotes(topic, max(window, _QUOTE_WINDOW), self._now, QUOTES),
            chart=self._chart(topic),
            assessments=self._assessments(topic, alert),
            growth=self._growth(topic),
            planned=tuple((event.name, event.expect) for event in calendar.events(topic, minute)),
            holiday=calendar.holiday(topic, minute) or {},
        )

    def _assessments(self, topic: str, alert: Alert | None) -> tuple[Assessment, ...]:
        window = alert.evidence.window if alert is not None else None
        for one in self._judged.get(topic, ()):
            if one.samples.window == window and not one.samples.closed:
                told = _ALWAYS_TOLD if _reads_a_score(alert) else ()
                return tuple(
                    each
                    for signal, each in one.assessments.items()
                    if each.once_per >= _WORTH_TELLING or signal in told
                )
        return alert.evidence.assessments if alert is not None else ()

    def _growth(self, topic: str) -> Growth | None:
        """How the story goes on, where there is one: what says nothing is not kept in every notification."""
        if topic not in self._growths:
            found = growth(self._core, topic, self._now)
            self._growths[topic] = found if found.phase is not None else None
        return self._growths[topic]

    def _chart(self, topic: str) -> Chart:
        if topic not in self._charts:
            self._charts[topic] = chart(self._core, topic, self._now)
        return self._charts[topic]


def _reads_a_score(alert: Alert | None) -> bool:
    read = alert.evidence.assessments if alert is not None else ()
    return any(assessment.signal in (Signal.SHARE, Signal.CRISIS) for assessment in read)


def growth(core: Core, topic: str, now: datetime) -> Growth:
    """How a topic's story goes on, from its last day minute by minute and what was usual for it."""
    start = now.replace(second=0, microsecond=0) - (GROWTH_MINUTES - 1) * MINUTE
    volume, _ = core.measuring.series(topic, start=start, bins=GROWTH_MINUTES, bin=MINUTE)
    begotten, lags = core.measuring.lineage(topic, start=start, minutes=GROWTH_MINUTES)
    fine = GROWTH_KNOWN // MINUTE
    known = core.measuring.known(topic, start=start, bins=GROWTH_MINUTES // fine, bin=GROWTH_KNOWN)
    first = start.replace(minute=0)
    hour = timedelta(hours=1)
    usual, _ = core.detection.band(topic, first + _BASELINE_HOURS * hour, hour, _BASELINE_HOURS)
    baseline = per_minute(usual, hour / MINUTE, since=(start - first) / MINUTE, minutes=2 * GROWTH_MINUTES)
    course = Course(
        at=now,
        counts=volume,
        expected=baseline[:GROWTH_MINUTES],
        ahead=baseline[GROWTH_MINUTES:],
        known=[share for share in known for _ in range(fine)],
        begotten=begotten,
        lags=lags,
        delay=_slowest(core.settings),
    )
    return judge_growth(course)


def chart(core: Core, topic: str, now: datetime) -> Chart:
    """The last hours of a topic, with the band that was to be expected."""
    fine, coarse = CHART_BINS
    minute = now.replace(second=0, microsecond=0) + MINUTE
    usual, _ = core.detection.band(topic, _ceiling(minute, fine), fine, CHART_BINS[fine])
    length = fine if sum(usual) >= _SPARSE * len(usual) else coarse
    bins, end = CHART_BINS[length], _ceiling(minute, length)
    start = end - bins * length
    volume, negative = core.measuring.series(topic, start=start, bins=bins, bin=length)
    expected, high = core.detection.band(topic, end, length, bins)
    return Chart(
        start=start,
        bin=length,
        volume=tuple(volume),
        negative=tuple(negative),
        expected=tuple(expected),
        high=tuple(high),
    )


def _ceiling(instant: datetime, length: timedelta) -> datetime:
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - (midnight - instant) // length * length


def _watcher_name(topic: str) -> str:
    return "BuzzGuard" if topic == WATCHER_TOPIC else topic


def _grace(settings: Settings) -> timedelta:
    """How long a window stays open after its end: until every stream was asked once more, jitter included.

    A window that closed earlier would be learned without what the slower streams have not brought yet.
    """
    return min(_LEAST_GRACE + _slowest(settings) * 1.1, _MOST_GRACE)


def _slowest(settings: Settings) -> timedelta:
    """How long the slowest stream takes until it is asked again."""
    return max((stream.every for stream in settings.streams.values() if stream.enabled), default=timedelta())


def _streams_of_topics(settings: Settings) -> dict[str, frozenset[str]]:
    """Which streams can bring mentions of each topic: those bound to it, and those bound to none."""
    streams = {name: stream for name, stream in settings.streams.items() if stream.enabled}
    return {
        topic: frozenset(name for name, stream in streams.items() if not stream.topics or topic in stream.topics)
        for topic in settings.topics
    }
