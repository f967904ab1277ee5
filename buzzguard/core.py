"""What a watch is made of, and its state: the stages, rebuilt from facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from buzzguard.config.settings import Settings
from buzzguard.decide.asking import answerable, asked
from buzzguard.decide.evaluate import Decider
from buzzguard.decide.expression import Condition
from buzzguard.decide.rule import Rule
from buzzguard.detect.budget import Budget
from buzzguard.detect.calendar import Calendar
from buzzguard.detect.counted import Counted
from buzzguard.detect.rhythm import StreamRhythms
from buzzguard.detect.stage import Detection
from buzzguard.measure.stage import Measuring
from buzzguard.model import (
    WATCHER_TOPIC,
    Adoption,
    Alert,
    Checkpoint,
    Click,
    Command,
    Count,
    Incident,
    Poll,
    Record,
    Samples,
    ScoredMention,
    Silence,
)
from buzzguard.ports import Detector
from buzzguard.respond.playbooks import Playbooks
from buzzguard.respond.rotas import Rotas, Stands
from buzzguard.respond.stage import Responder
from buzzguard.understand.saying import Saying
from buzzguard.understand.stage import Readers, Understanding

_LULL = "volume.lull_once_per"
_LEAST_GRACE, _MOST_GRACE = timedelta(minutes=2), timedelta(hours=2)


class Memory(Record, frozen=True, kw_only=True):
    """What a core is rebuilt from: facts out of the store. `answered` are the incidents that the budget remembers."""

    mentions: Sequence[ScoredMention] = ()
    samples: Sequence[Samples] = ()
    polls: Sequence[Poll] = ()
    counts: Sequence[Count] = ()
    checkpoints: Sequence[Checkpoint] = ()
    alerts: Sequence[Alert] = ()
    incidents: Sequence[Incident] = ()
    answered: Sequence[Incident] = ()
    silences: Sequence[Silence] = ()
    clicks: Sequence[Click] = ()
    adoptions: Sequence[Adoption] = ()


class Parts(Record, frozen=True, kw_only=True):
    """What a core is made of beside its settings: what was loaded from files, and what plugins provide.

    `runs_for` are the receivers whose notifier can show the run of a playbook, `pagers` those whose notifier makes a
    telephone ring."""

    rules: tuple[Rule, ...]
    playbooks: Playbooks
    readers: Readers
    make_detectors: Callable[[], Mapping[str, Detector]]
    calendars: Mapping[str, Stands] = {}
    drill: bool = False
    runs_for: frozenset[str] = frozenset()
    pagers: frozenset[str] = frozenset()


class Core:
    """The state of the five stages. Deterministic: the same batches at the same instants give the same effects."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.parts = parts
        topics = settings.topics
        bound = {name: frozenset(stream.topics) for name, stream in settings.streams.items() if stream.topics}
        self.understanding = Understanding(topics, parts.readers, bound=bound)
        themes = {theme.id: (dict(theme.title), theme.owner) for theme in parts.readers.themes.themes}
        self.saying = Saying(self.understanding.words, themes, parts.readers.accounts)
        self.measuring = Measuring(
            topics, streams_of_topics(settings), lateness=settings.lateness, grace=_grace(settings)
        )
        self.detection = Detection(parts.make_detectors(), {name: topic.query for name, topic in topics.items()})
        self.counted = Counted(topics, bound)
        self.rhythms = StreamRhythms(
            {name: max(s.every, s.longest / 2) for name, s in settings.streams.items() if s.enabled}
        )
        self.decider = Decider(parts.rules, topics)
        self.responder = self._responder()
        self.calendar = Calendar.of(settings)
        self._questions = asked(parts.rules, topics).questions
        self.budget = None if settings.false_alarms is None else Budget(settings.false_alarms, ())
        """The budget of false alarms over all that the rules ask of the topics; None where none is set."""
        self.count(())
        self.heeds_lulls = any(_LULL in condition.names for rule in parts.rules for condition in conditions_of(rule))
        self.clicked = 0
        """The number of the last stored click that was learned."""
        self.erased = 0
        """The number of the last erasure in the store that was followed."""
        self.set_aside: tuple[Click, ...] = ()
        """The clicks of the last step, or of those it was rebuilt from, that it cannot learn from."""
        self.refused: tuple[tuple[Command, str], ...] = ()

    def restore(self, memory: Memory, now: datetime) -> None:
        """Become what the uninterrupted core would be: same topics and rules, same facts."""
        self.understanding.restore(memory.mentions)
        self.set_aside = self.understanding.teaching.learn_all(memory.clicks)
        self.saying.restore(one for one in memory.mentions if not one.past)
        own = [checkpoint for checkpoint in memory.checkpoints if checkpoint.topic == WATCHER_TOPIC]
        known = [c for c in memory.checkpoints if c.topic != WATCHER_TOPIC]
        self.detection.restore(known, memory.samples, now, memory.adoptions)
        self.count(memory.counts)
        # What closed since, while nobody watched, is closed by the next step and learned then.
        self.measuring.restore(
            memory.mentions, self.of_mentions(memory.polls), now, closed_until=self.detection.learned_until
        )
        self.rhythms.restore(own)
        self.rhythms.polled(memory.polls)
        self.decider = Decider(self.parts.rules, self.settings.topics, memory.alerts)
        self.responder = self._responder(memory.incidents, memory.alerts, memory.silences)
        if self.budget is not None:
            self.budget.fold((*memory.answered, *memory.incidents))

    def count(self, counts: Iterable[Count]) -> None:
        """Take what sources counted. A topic has questions to be answered by counts once a stream gives some."""
        self.counted.take(counts)
        if self.budget is not None:
            self.budget.ask(answerable(self._questions, self.counted.asked))

    def of_mentions(self, polls: Iterable[Poll]) -> list[Poll]:
        """The polls of streams that give mentions, not counts alone: by them minutes are known or unknown."""
        without = self.counted.streams
        return [poll for poll in polls if poll.stream not in without]

    def held(self) -> frozenset[str]:
        """The ids of the mentions of which a text or a name is kept, and may be shown.

        Beside them there are counts, hashes, and for a day of event time the names by which authors are counted.
        """
        return frozenset(self.understanding.held() | self.saying.held() | self.measuring.held())

    def forget(self, mentions: Iterable[str], clicks: Iterable[str]) -> None:
        """Keep nothing of what these mentions said, nor of what these clicks taught: they are erased from the store.

        What was counted stays counted.
        """
        gone = frozenset(mentions)
        self.understanding.forget(gone)
        self.saying.forget(gone)
        self.measuring.erase(gone)
        self.understanding.teaching.forget(frozenset(clicks))

    def _responder(
        self, incidents: Iterable[Incident] = (), alerts: Iterable[Alert] = (), silences: Iterable[Silence] = ()
    ) -> Responder:
        settings = self.settings
        return Responder(
            topics=settings.topics,
            policies=settings.policies,
            receivers=settings.receivers,
            country=settings.country,
            routes=settings.routes,
            rotas=Rotas(
                settings.rotas,
                time_zone=settings.time_zone,
                country=settings.country,
                calendars=self.parts.calendars,
            ),
            playbooks=self.parts.playbooks,
            language=settings.language,
            time_zone=settings.time_zone,
            resolve_after=settings.resolve_after,
            incidents=incidents,
            alerts=alerts,
            silences=silences,
            drill=self.parts.drill,
            departments=settings.departments,
            approvals=settings.statements.approvals,
            runs_for=self.parts.runs_for,
            pagers=self.parts.pagers,
            rules=(rule.id for rule in self.parts.rules),
            owners=(theme.owner for theme in self.parts.readers.themes.themes),
        )


def conditions_of(rule: Rule) -> Iterable[Condition]:
    ends = () if rule.until is None else (rule.until,)
    return (rule.when, *ends, *(condition for _, condition in rule.raises))


def _grace(settings: Settings) -> timedelta:
    """How long a window stays open after its end: until every stream was asked once more, also while it is cold.

    A window that closed earlier would be learned without what the slower streams have not brought yet.
    """
    longest = max((stream.longest for stream in settings.streams.values() if stream.enabled), default=timedelta())
    return min(_LEAST_GRACE + longest, _MOST_GRACE)


def slowest(settings: Settings) -> timedelta:
    """How long the slowest stream takes until it is asked again."""
    return max((stream.every for stream in settings.streams.values() if stream.enabled), default=timedelta())


def streams_of_topics(settings: Settings) -> dict[str, frozenset[str]]:
    """Which streams can bring mentions of each topic: those bound to it, and those bound to none."""
    streams = {name: stream for name, stream in settings.streams.items() if stream.enabled}
    return {
        topic: frozenset(name for name, stream in streams.items() if not stream.topics or topic in stream.topics)
        for topic in settings.topics
    }
