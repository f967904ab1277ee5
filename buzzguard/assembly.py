"""From settings to running parts: plugins by name, rules and playbooks from their folders."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from buzzguard import plugins
from buzzguard.collect.http import HttpClient
from buzzguard.config.settings import Settings, StreamSettings
from buzzguard.decide.loader import load_rules
from buzzguard.detect.stage import format_of
from buzzguard.errors import ConfigError
from buzzguard.model import WINDOWS, Checkpoint, Fault, Poll, Record
from buzzguard.pipeline import Core, Memory, Parts
from buzzguard.ports import Detector, Notifier, Source, Store
from buzzguard.respond.playbooks import load_playbooks
from buzzguard.understand.gravity import GravityWords, parse_gravity

_GRAVITY_FILE = Path("words") / "gravity.yml"
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
        if not folder.is_dir()
    ]
    if faults:
        raise ConfigError(faults)
    playbooks = load_playbooks([folder / "playbooks" for folder in folders])
    parts = Parts(
        rules=load_rules(folders, policies=settings.policies.keys(), playbooks=playbooks.ids),
        playbooks=playbooks,
        gravity=_gravity(folders),
        scorer=plugins.load("scorer", "vader")(),
        make_detector=detector_maker(settings),
        drill=drill,
    )
    return Assembly(settings=settings, parts=parts, base=base)


def detector_maker(settings: Settings) -> Callable[[str], Detector]:
    """Makes the detector of a topic, as the settings choose it."""
    kind = plugins.load("detector", settings.detect.detector)
    options = plugins.settings_model("detector", settings.detect.detector)(**settings.detect.settings)

    def make(_topic: str) -> Detector:
        detector: Detector = kind(options)
        return detector

    return make


async def rebuild_core(assembly: Assembly, store: Store, now: datetime) -> Core:
    """A core made from the store's facts: what the one before it was, had it gone on. Raises StoreError."""
    core = Core(assembly.settings, assembly.parts)
    remembered = min(core.measuring.needs_since(now), now - max(WINDOWS) - assembly.settings.lateness)
    checkpoints = await store.checkpoints()
    memory = Memory(
        mentions=await store.mentions_since(remembered),
        samples=await store.samples_since(_untold_since(core, checkpoints, now)),
        polls=_in_order([*await store.polls_since(remembered), *(await store.last_polls()).values()]),
        checkpoints=checkpoints,
        alerts=await store.alerts_open(),
        incidents=await store.incidents_open(now),
        silences=await store.silences_active(now),
    )
    core.restore(memory, now)
    return core


def _untold_since(core: Core, checkpoints: Iterable[Checkpoint], now: datetime) -> datetime:
    """From when on stored samples must be learned again: what no usable checkpoint of every topic tells."""
    oldest = now - _BASELINE_MEMORY
    wanted = format_of(core.parts.make_detector(""))
    told = {one.topic: one.at for one in checkpoints if one.detector == wanted and one.at <= now}
    if core.settings.topics.keys() - told.keys():
        return oldest
    return max(oldest, min(told[topic] for topic in core.settings.topics))


def build_sources(settings: Settings, http: HttpClient) -> dict[str, tuple[StreamSettings, Source]]:
    """The source of every enabled stream."""
    return {name: (stream, _source(name, stream, http)) for name, stream in settings.streams.items() if stream.enabled}


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
        built[name] = plugins.load("notifier", notifier.kind)(options, receivers)
    return built


def receiver_notifiers(settings: Settings) -> Mapping[str, str]:
    """Which notifier tells each receiver."""
    return {name: receiver.notifier for name, receiver in settings.receivers.items()}


def _source(name: str, stream: StreamSettings, http: HttpClient) -> Source:
    options: Any = plugins.settings_model("source", stream.source)(**stream.settings)
    source: Source = plugins.load("source", stream.source)(name, options, common=stream, http=http)
    return source


def _gravity(folders: Sequence[Path]) -> GravityWords:
    for folder in folders:
        file = folder / _GRAVITY_FILE
        if file.is_file():
            return parse_gravity(file.read_text(encoding="utf-8"), file=str(file))
    return parse_gravity("")


def _in_order(polls: Iterable[Poll]) -> list[Poll]:
    return sorted(polls, key=lambda poll: poll.at)
