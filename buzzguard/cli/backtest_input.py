"""What a backtest runs over: recordings or the store, the topics and rules chosen, the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from buzzguard.backtest.event_file import read_events
from buzzguard.backtest.plan import Event, EventReader, Plan, read_target, read_thresholds, unknown_word
from buzzguard.cli.recordings import Recordings, assemble_shipped, topics_of
from buzzguard.config.durations import format_duration, parse_duration
from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import Fault, Mention, Poll, Record, Samples, Signal
from buzzguard.pipeline import Core, Memory

if TYPE_CHECKING:
    from buzzguard.assembly import Assembly
    from buzzguard.config.settings import Settings
    from buzzguard.store.history import History

DEFAULT_SIGNALS = ("crisis", "negative", "volume")
"""The first of these that the detector judges is swept when none is asked for."""
_BASELINE = timedelta(days=60)
"""As far back as the daemon itself rebuilds its baselines from stored samples."""
_LEAST_WARM = timedelta(days=1)
"""Even with baselines from the store, the longest window has to fill."""


class Asked(Record, frozen=True, kw_only=True):
    """The options as they were written."""

    recordings: tuple[Path, ...] = ()
    store: bool = False
    config: Path | None = None
    mapping: Path | None = None
    topics: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    event_files: tuple[Path, ...] = ()
    signals: tuple[str, ...] = ()
    days: str = "7,14,30,60,90,180,365"
    hold: str = "12h"
    warm: str = "7d"
    lasts: str = "2d"
    early: str = "6h"
    at_most: str | None = None
    language: str | None = None


def assemble_for(asked: Asked, recordings: Recordings | None) -> Assembly:
    """The configuration, or one made of what the recording names; narrowed to the topics and rules asked for.

    Raises ConfigError for unknown ones, BuzzguardError when there is nothing to watch.
    """
    assembly, wanted = _assembled(asked, recordings)
    settings, parts = assembly.settings, assembly.parts
    rules = [rule for rule in parts.rules if rule.file.scope == "topic"]
    known = [rule.id for rule in rules]
    faults = [
        unknown_word("--topic", n, list(settings.topics), kind="topic") for n in wanted if n not in settings.topics
    ]
    faults += [unknown_word("--rule", name, known, kind="rule") for name in asked.rules if name not in known]
    if faults:
        raise ConfigError(faults)
    changes: dict[str, object] = {
        "topics": {name: topic for name, topic in settings.topics.items() if not wanted or name in wanted}
    }
    if asked.language is not None:
        changes["language"] = asked.language
    if not asked.store:
        changes["streams"] = {}
    kept = tuple(rule for rule in rules if not asked.rules or rule.id in asked.rules)
    return msgspec.structs.replace(
        assembly, settings=settings.model_copy(update=changes), parts=msgspec.structs.replace(parts, rules=kept)
    )


def _assembled(asked: Asked, recordings: Recordings | None) -> tuple[Assembly, tuple[str, ...]]:
    """What is watched, and the topics to narrow it to. Where a recording names no topics, --topic holds queries."""
    if asked.config is not None:
        from buzzguard.cli.run import load

        return load(asked.config), asked.topics
    if recordings is None:
        raise BuzzguardError("--store needs the configuration of the daemon: name it with -c buzzguard.yml")
    named = recordings.topics()
    if named:
        return assemble_shipped(named, asked.language), asked.topics
    return assemble_shipped(topics_of(asked.topics), asked.language), ()


def plan_of(asked: Asked, settings: Settings) -> Plan:
    """What is swept. Raises ConfigError with every fault of every option and file of events."""
    reader = EventReader(
        {name: topic.name for name, topic in settings.topics.items()},
        time_zone=settings.time_zone,
        lasts=_span("--lasts", asked.lasts, least=timedelta(minutes=1)),
        early=_span("--early", asked.early),
    )
    return Plan(
        signals=tuple(Signal(name) for name in asked.signals or DEFAULT_SIGNALS if name in set(Signal)),
        first_only=not asked.signals,
        thresholds=read_thresholds(asked.days),
        events=tuple(_events(asked, reader)),
        hold=_span("--hold", asked.hold),
        warm=_span("--warm", asked.warm),
        target=read_target(asked.at_most or _budget(settings)),
    )


def _budget(settings: Settings) -> str:
    """What the configuration bears, `2 per 30d` unless it says."""
    budget = getattr(settings, "false_alarms", None)
    return "2 per 30d" if budget is None else f"{budget.at_most:g} per {format_duration(budget.per)}"


def _span(option: str, text: str, *, least: timedelta = timedelta()) -> timedelta:
    try:
        span = parse_duration(text)
    except ValueError as error:
        raise ConfigError([Fault(file=option, line=0, column=0, message=str(error))]) from error
    if span < least:
        raise ConfigError([Fault(file=option, line=0, column=0, message=f"{text} is too short")])
    return span


def _events(asked: Asked, reader: EventReader) -> list[Event]:
    read = [reader.read(text) for text in asked.events]
    faults = [one for one in read if isinstance(one, Fault)]
    events = [one for one in read if isinstance(one, Event)]
    for path in asked.event_files:
        try:
            events += read_events(path, reader)
        except ConfigError as error:
            faults += error.faults
    if faults:
        raise ConfigError(faults)
    return sorted(events, key=lambda event: (event.start, event.topics, event.name))


class Stored(Record, frozen=True, kw_only=True):
    """The store made ready: the core as it was when the oldest kept mention came. `history` is how long its
    baselines had learned by then."""

    core: Core
    history: timedelta


def core_from_store(assembly: Assembly, history: History) -> Stored:
    """A core with the baselines and the outages that the store knows. Raises BuzzguardError when it is empty."""
    first = history.first_mention()
    if first is None:
        raise BuzzguardError("the store holds no mention yet: let `buzzguard run` watch for some weeks first")
    core = Core(assembly.settings, assembly.parts)
    samples = history.samples(first, _BASELINE)
    core.restore(Memory(samples=samples), first)
    core.measuring.observe(list(_outages(history.polls(), core)))
    return Stored(core=core, history=_learned(samples, core))


def _learned(samples: Sequence[Samples], core: Core) -> timedelta:
    ends = [sample.end for sample in samples if sample.topic in core.settings.topics]
    return ends[-1] - ends[0] if ends else timedelta()


def _outages(polls: Sequence[Poll], core: Core) -> Iterator[Poll]:
    """The polls that tell of outages. Good polls between good ones were not kept: their absence is none."""
    known: set[str] = set()
    for poll in polls:
        if poll.stream not in core.settings.streams:
            continue
        if poll.stream not in known:
            known.add(poll.stream)
            yield Poll(stream=poll.stream, at=poll.at - timedelta(days=400), ok=True)
        yield msgspec.structs.replace(poll, next_at=None)


def warm_after(plan: Plan, history: timedelta) -> Plan:
    """The plan where baselines have learned for `history` before the first mention."""
    return msgspec.structs.replace(plan, warm=max(plan.warm - history, min(plan.warm, _LEAST_WARM)))


class Lateness:
    """How long after publication mentions were read: a recording cannot tell, the store can."""

    def __init__(self) -> None:
        self._minutes: dict[int, int] = {}

    def note(self, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """Pass mentions on."""
        for mention in mentions:
            minutes = max(0, (mention.fetched - mention.published) // timedelta(minutes=1))
            self._minutes[min(minutes, 10_000)] = self._minutes.get(min(minutes, 10_000), 0) + 1
            yield mention

    @property
    def median(self) -> timedelta:
        """Half of the mentions were read within this time."""
        values = sorted(self._minutes)
        if not values:
            return timedelta()
        return timedelta(minutes=_weighted_median(values, [self._minutes[value] for value in values]))


def _weighted_median(values: Sequence[int], weights: Sequence[int]) -> int:
    half, passed = sum(weights) / 2, 0
    for value, weight in zip(values, weights, strict=True):
        passed += weight
        if passed >= half:
            return value
    return values[-1]
