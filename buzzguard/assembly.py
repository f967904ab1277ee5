"""From settings to running parts: plugins by name, rules and playbooks from their folders."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import msgspec

from buzzguard import plugins
from buzzguard.clock import SystemClock
from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import MemoryMeter, Meter
from buzzguard.collect.tools import Tools
from buzzguard.collect.websub import Subscriptions
from buzzguard.config.located import is_folder
from buzzguard.config.settings import DetectSettings, NetworkSettings, Settings, StreamSettings
from buzzguard.decide.loader import load_rules
from buzzguard.detect.calendar import Calendar
from buzzguard.detect.counted import MEMORY as COUNTS_MEMORY
from buzzguard.errors import ConfigError
from buzzguard.model import WINDOWS, Checkpoint, Confusion, Fault, Poll, Record, Room
from buzzguard.pipeline import Core, Memory, Parts
from buzzguard.ports import Detector, Notifier, Scorer, Source, Store
from buzzguard.respond.adopting import adoptions
from buzzguard.respond.ical import load_calendars
from buzzguard.respond.playbooks import load_playbooks
from buzzguard.understand.asking import Asking
from buzzguard.understand.authors import Accounts, press_files, read_press
from buzzguard.understand.gravity import load_gravity
from buzzguard.understand.language import Languages
from buzzguard.understand.privacy import Keeper
from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable
from buzzguard.understand.stage import Readers
from buzzguard.understand.theme_files import load_themes

_NO_KEY = b"nothing is stored"
_BASELINE_MEMORY = timedelta(days=60)


class Assembly(Record, frozen=True, kw_only=True):
    """Everything a daemon is built from. `base` is the folder that relative paths count from."""

    settings: Settings
    parts: Parts
    base: Path


def assemble(settings: Settings, base: Path, *, drill: bool = False) -> Assembly:
    """Load what the settings name. Raises ConfigError with every fault of every file."""
    folders = [base / folder for folder in settings.rules]
    faults = [
        Fault(file=str(folder), line=0, column=0, message="the rules folder does not exist")
        for folder in folders
        if not is_folder(folder)
    ]
    if faults:
        raise ConfigError(faults)
    if faults := list(_unsendable(settings)):
        raise ConfigError(faults)
    readers = _readers(settings, folders)
    playbooks = load_playbooks([folder / "playbooks" for folder in folders])
    parts = Parts(
        rules=load_rules(folders, policies=settings.policies.keys(), playbooks=playbooks.ids),
        playbooks=playbooks,
        readers=readers,
        make_detectors=detectors_maker(settings, readers.scorer),
        calendars=load_calendars(settings, base),
        drill=drill,
        runs_for=_receivers_with(settings, "shows_runs"),
        pagers=_receivers_with(settings, "pages"),
    )
    return Assembly(settings=settings, parts=parts, base=base)


def _unsendable(settings: Settings) -> Iterator[Fault]:
    """Receivers of the digest who cannot get one: a pager, a text message."""
    able = _receivers_with(settings, "deliver_letter") if settings.digest is not None else frozenset()
    for name in settings.digest.receivers if settings.digest is not None else ():
        if name in settings.receivers and name not in able:
            kind = settings.notifiers[settings.receivers[name].notifier].kind
            message = f"digest.receivers: `{name}` is told by {kind}, which takes no digest"
            yield Fault(file="", line=0, column=0, message=message, hint="name receivers by Slack or mail")


def _receivers_with(settings: Settings, trait: str) -> frozenset[str]:
    """The receivers whose notifier's class says that it has a trait: it can show the run of a playbook (`shows_runs`),
    it makes a telephone ring (`pages`)."""
    kinds = {name: notifier.kind for name, notifier in settings.notifiers.items()}
    can = {kind for kind in set(kinds.values()) if getattr(plugins.load("notifier", kind), trait, False)}
    return frozenset(name for name, one in settings.receivers.items() if kinds.get(one.notifier) in can)


def _readers(settings: Settings, folders: Sequence[Path]) -> Readers:
    """What mentions are read with. Raises ConfigError with every fault of the files, and of the choice of scorer."""
    privacy = settings.privacy
    return Readers(
        scorer=_scorer(settings.sentiment.scorer),
        gravity=load_gravity(folders),
        themes=load_themes(folders),
        accounts=Accounts(settings.accounts, _press(folders)),
        # Without a store nothing is kept; with one, its own key takes the place of this.
        keeper=Keeper(privacy.authors, _NO_KEY if privacy.authors == "hash" else b""),
        languages=Languages(settings.languages),
        leads=frozenset(settings.sentiment.leads),
    )


def _scorer(name: str) -> Scorer:
    try:
        scorer: Scorer = plugins.load("scorer", name)()
    except (LookupError, WeightsUnreadable) as error:
        raise ConfigError([Fault(file="", line=0, column=0, message=f"sentiment.scorer: {error}")]) from error
    return scorer


def _press(folders: Sequence[Path]) -> tuple[str, ...]:
    return tuple(site for file in press_files(folders) for site in read_press(file))


def detectors_maker(settings: Settings, scorer: Scorer) -> Callable[[], dict[str, Detector]]:
    """Makes the detectors of all topics, as the settings choose them: one for all topics with equal choices."""

    return lambda: make_detectors(settings, confusion=scorer.confusion)


@runtime_checkable
class Timed(Protocol):
    """A detector that tells when it is slow, once it was given something to measure with."""

    stopwatch: Callable[[], float] | None
    """Seconds that never go back."""


def make_detectors(settings: Settings, *, confusion: Confusion) -> dict[str, Detector]:
    """The detector of each topic, by the topic's own `detect` section or the general one; equal choices share one.

    `confusion` is the error rate of the scorer. Raises LookupError for a detector that cannot be loaded.
    """
    calendar = Calendar.of(settings)
    chosen: dict[str, tuple[DetectSettings, list[str]]] = {}
    for name, topic in settings.topics.items():
        detect = topic.detect or settings.detect
        chosen.setdefault(_choice(detect), (detect, []))[1].append(name)
    made: dict[str, Detector] = {}
    for detect, topics in chosen.values():
        options = plugins.settings_model("detector", detect.detector)(**detect.settings)
        detector: Detector = plugins.load("detector", detect.detector)(options, tuple(topics), calendar, confusion)
        if isinstance(detector, Timed):
            detector.stopwatch = SystemClock().monotonic
        made |= dict.fromkeys(topics, detector)
    return made


def _choice(detect: DetectSettings) -> str:
    """A section as text, alike for alike ones, in whatever order its keys are written."""
    return json.dumps(detect.model_dump(mode="json"), sort_keys=True)


async def rebuild_core(assembly: Assembly, store: Store, now: datetime) -> Core:
    """A core made from the store's facts: what the one before it was, had it gone on. Raises StoreError."""
    with contextlib.suppress(OSError):  # told, and tried again, with the first mention
        assembly.parts.readers.languages.load()
    core = Core(assembly.settings, await _with_key(assembly, store))
    erased = await store.last_erasure()
    clicks, clicked = await store.clicks_after(0)
    remembered = min(core.measuring.needs_since(now), now - max(WINDOWS) - assembly.settings.lateness)
    checkpoints = await store.checkpoints()
    memory = Memory(
        mentions=await store.mentions_since(remembered),
        samples=await store.samples_since(_untold_since(core, checkpoints, now)),
        polls=_in_order([*(await store.last_polls()).values(), *await store.polls_since(remembered)]),
        counts=await store.counts_since(now - COUNTS_MEMORY),
        checkpoints=checkpoints,
        alerts=await store.alerts_open(),
        incidents=await store.incidents_open(now),
        answered=await store.incidents_since(now - core.budget.memory) if core.budget else (),
        silences=await store.silences_active(now),
        clicks=clicks,
        adoptions=[
            adoption
            for incident, at in await store.called_normal(now - _BASELINE_MEMORY)
            for adoption in adoptions(incident, at)
        ],
    )
    # Months to be learned take seconds, in which a running daemon still answers.
    await asyncio.to_thread(core.restore, memory, now)
    core.clicked, core.erased = clicked, erased
    return core


async def _with_key(assembly: Assembly, store: Store) -> Parts:
    """The parts, with the store's own key where authors are kept as hashes."""
    if assembly.settings.privacy.authors != "hash":
        return assembly.parts
    readers = assembly.parts.readers
    keeper = Keeper("hash", await store.key("authors"))
    return msgspec.structs.replace(assembly.parts, readers=dataclasses.replace(readers, keeper=keeper))


def _untold_since(core: Core, checkpoints: Iterable[Checkpoint], now: datetime) -> datetime:
    """From when on stored samples must be learned again: what no usable checkpoint of every topic tells."""
    oldest = now - _BASELINE_MEMORY
    told = {one.topic: one.at for one in checkpoints if one.at <= now and core.detection.covers(one)}
    if core.settings.topics.keys() - told.keys():
        return oldest
    return max(oldest, min(told[topic] for topic in core.settings.topics))


def build_sources(
    settings: Settings, http: HttpClient, meter: Meter | None = None, subscriptions: Subscriptions | None = None
) -> dict[str, tuple[StreamSettings, Source]]:
    """The source of every enabled stream. `meter` counts what is spent; without one it is forgotten at the end.

    Raises ConfigError when a secret cannot be read.
    """
    common = Tools(http=http, meter=meter or MemoryMeter(), subscriptions=subscriptions)
    asking = Asking(settings.topics)
    return {
        name: (stream, make_source(name, stream, _tools(stream, asking, common)))
        for name, stream in settings.streams.items()
        if stream.enabled
    }


def _tools(stream: StreamSettings, asking: Asking, common: Tools) -> Tools:
    return dataclasses.replace(
        common,
        wanted=asking.wanted(stream.topics),
        words=asking.words(stream.topics),
        backfill=stream.backfill,
    )


@runtime_checkable
class Networked(Protocol):
    """A notifier whose requests go through the operator's proxy."""

    def use_network(self, network: NetworkSettings) -> None:
        """Take the settings of the network. Raises ConfigError when the proxy's secret cannot be read."""
        ...


def build_notifiers(settings: Settings) -> dict[str, Notifier]:
    """Every notifier that a receiver uses, with its receivers. Raises ConfigError when a secret cannot be read."""
    built: dict[str, Notifier] = {}
    for name, notifier in settings.notifiers.items():
        model = plugins.receiver_model(notifier.kind)
        receivers = {
            receiver: model(**receiver_settings.settings)
            for receiver, receiver_settings in settings.receivers.items()
            if receiver_settings.notifier == name
        }
        options = plugins.settings_model("notifier", notifier.kind)(**notifier.settings)
        made = plugins.load("notifier", notifier.kind)(options, receivers)
        if isinstance(made, Networked):
            made.use_network(settings.network)
        built[name] = made
    return built


def receiver_notifiers(settings: Settings) -> Mapping[str, str]:
    """Which notifier tells each receiver, and each room that it made."""
    rooms = {Room(place="", name="", via=name).receiver: name for name in settings.notifiers}
    return rooms | {name: receiver.notifier for name, receiver in settings.receivers.items()}


def make_source(name: str, stream: StreamSettings, tools: Tools) -> Source:
    """The source of one stream. Raises ConfigError when a secret cannot be read."""
    options: Any = plugins.settings_model("source", stream.source)(**stream.settings)
    source: Source = plugins.load("source", stream.source)(name, options, common=stream, tools=tools)
    return source


def _in_order(polls: Iterable[Poll]) -> list[Poll]:
    return sorted(polls, key=lambda poll: poll.at)
