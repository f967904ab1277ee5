"""`buzzguard.yml` → `Settings`, or every fault of it with its place.

Three passes, all of them made whatever the ones before found: the shape (pydantic), what one section says of another
(a receiver's notifier, a step's receivers), and the sections that belong to plugins, each by its own model.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any, Protocol, TypeAlias

from pydantic import BaseModel

from buzzguard.config.durations import parse_duration
from buzzguard.config.located import Located, Path, build, inspect_yaml, listed, read_text, show, suggest
from buzzguard.config.secrets import secrets_in
from buzzguard.config.settings import (
    DetectSettings,
    Frozen,
    NotifierSettings,
    ReceiverSettings,
    Secret,
    Settings,
    StreamSettings,
    TopicSettings,
)
from buzzguard.errors import ConfigError
from buzzguard.model import WATCHER_TOPIC, Fault, Record

QueryFault: TypeAlias = Callable[[str], tuple[int, str, str] | None]
"""What is wrong with a topic's query: the offset from 0 of the character, a message and a hint; None when nothing."""


class PluginModels(Protocol):
    """What the centre knows of plugins: their names, and the models of their settings.

    Kinds are `source`, `notifier` and `detector`.
    """

    def names(self, kind: str) -> Collection[str]:
        """The names of a kind."""
        ...

    def settings(self, kind: str, name: str) -> type[BaseModel] | None:
        """The model of a plugin's settings; None when it has none or is unknown."""
        ...

    def receiver(self, name: str) -> type[BaseModel] | None:
        """The model of what a notifier wants to know of a receiver; None when nothing."""
        ...


class Loaded(Record, frozen=True, kw_only=True):
    """What could be read of a configuration, for those who go on looking for faults.

    `settings` is None when there are faults. `topics` holds those that are sound, also then. `secrets` are the paths
    of all secrets named.
    """

    located: Located | None
    settings: Settings | None
    faults: tuple[Fault, ...]
    topics: dict[str, TopicSettings]
    secrets: tuple[tuple[Path, Secret], ...]

    def names(self, section: str) -> list[str]:
        """The names defined in a section (`policies`), sound or not."""
        return list(_section(self.located, (section,))) if self.located else []


def load_settings(path: FilePath, *, models: PluginModels, query_fault: QueryFault | None = None) -> Settings:
    """The settings in the file `path`. Raises ConfigError with every fault.

    Files of secrets are relative to the folder of `path` and come out absolute.
    """
    loaded = inspect_settings(path, models=models, query_fault=query_fault)
    if loaded.settings is None:
        raise ConfigError(loaded.faults)
    return loaded.settings


def inspect_settings(path: FilePath, *, models: PluginModels, query_fault: QueryFault | None = None) -> Loaded:
    """Read as much of the file `path` as can be read; never raises for what stands in it."""
    try:
        located, faults = inspect_yaml(read_text(path), file=str(path))
    except ConfigError as error:
        located, faults = None, list(error.faults)
    if located is None:
        return Loaded(located=None, settings=None, faults=tuple(faults), topics={}, secrets=())
    settings, shape = build(Settings, located)
    plugin_models, plugin_faults = _plugin_sections(located, models)
    faults = _in_order(faults, [*shape, *plugin_faults, *_cross_faults(located, query_fault)])
    secrets = list(secrets_in(settings)) if settings else []
    for at, model in plugin_models:
        secrets += [((*at, *path_), secret) for path_, secret in secrets_in(model)]
    return Loaded(
        located=located,
        settings=_anchored(located, secrets, path.absolute().parent) if not faults else None,
        faults=tuple(faults),
        topics=_sound_topics(located),
        secrets=tuple(secrets),
    )


def _in_order(unread: Iterable[Fault], meant: Iterable[Fault]) -> list[Fault]:
    """By place, each once. What is wrong with a value that could not be read follows from that it was not."""
    found = {(fault.line, fault.column, fault.message): fault for fault in unread}
    places = {(line, column) for line, column, _ in found}
    found |= {
        (fault.line, fault.column, fault.message): fault for fault in meant if (fault.line, fault.column) not in places
    }
    return [found[place] for place in sorted(found)]


def _anchored(located: Located, secrets: Iterable[tuple[Path, Secret]], folder: FilePath) -> Settings:
    """The settings, the files of secrets taken from `folder`: a daemon's own working folder is another."""
    value: Any = copy.deepcopy(located.value)
    for path, secret in secrets:
        if secret.file is not None and not secret.file.startswith("~"):
            inner = value
            for step in path:
                inner = inner[step]
            inner["file"] = str(folder / secret.file)
    return Settings.model_validate(value)


def _sound_topics(located: Located) -> dict[str, TopicSettings]:
    built = {name: build(TopicSettings, located, at=("topics", name))[0] for name in _section(located, ("topics",))}
    return {name: topic for name, topic in built.items() if topic is not None}


def _section(located: Located, path: Path) -> dict[str, Any]:
    """The section at `path`; empty when there is none or it is something else (which the first pass tells)."""
    value = located.get(path)
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# What one section says of another


def _cross_faults(located: Located, query_fault: QueryFault | None) -> Iterator[Fault]:
    yield from _topic_faults(located, query_fault)
    yield from _stream_faults(located)
    receivers = _section(located, ("receivers",))
    for name, receiver in receivers.items():
        if isinstance(receiver, dict):
            path: Path = ("receivers", name, "notifier")
            yield from _unknown(located, path, receiver.get("notifier"), _section(located, ("notifiers",)))
    for name in _section(located, ("policies",)):
        for index, step in enumerate(_list(located.get(("policies", name, "steps")))):
            told = _list(step.get("notify")) if isinstance(step, dict) else []
            for place, receiver in enumerate(told):
                path = ("policies", name, "steps", index, "notify", place)
                yield from _unknown(located, path, receiver, receivers, noun="receiver")


def _topic_faults(located: Located, query_fault: QueryFault | None) -> Iterator[Fault]:
    for name, topic in _section(located, ("topics",)).items():
        if name == WATCHER_TOPIC:
            yield located.fault(
                ("topics", name), f"the topic `{name}` is reserved for BuzzGuard's own troubles", "rename it", key=True
            )
        query = topic.get("query") if isinstance(topic, dict) else None
        found = query_fault(query) if query_fault and isinstance(query, str) else None
        if found:
            offset, message, hint = found
            line, column = located.place_in_text(("topics", name, "query"), offset)
            yield Fault(file=located.file, line=line, column=column, message=message, hint=hint)


def _stream_faults(located: Located) -> Iterator[Fault]:
    topics = _section(located, ("topics",))
    for name, stream in _section(located, ("streams",)).items():
        if not isinstance(stream, dict):
            continue
        for index, topic in enumerate(_list(stream.get("topics"))):
            yield from _unknown(located, ("streams", name, "topics", index), topic, topics, noun="topic")
        if _is_zero(stream.get("every")):
            yield located.fault(("streams", name, "every"), "a stream cannot be read every 0 s", "write for example 2m")


def _is_zero(written: object) -> bool:
    try:
        return parse_duration(written) == timedelta(0)
    except ValueError:
        return False


def _unknown(
    located: Located, path: Path, name: object, known: Mapping[str, object], *, noun: str = "notifier"
) -> Iterator[Fault]:
    if not isinstance(name, str) or name in known:
        return
    hint = suggest(name, known) or (f"known: {listed(known, last='and')}" if known else f"no {noun} is defined")
    yield located.fault(path, f"unknown {noun} `{show(name)}`", hint)


# The sections that belong to plugins


class _NoSettings(Frozen):
    """A plugin that takes no settings."""


class _Part(Record, frozen=True, kw_only=True):
    """A section that a plugin shares with the centre: `model` is the plugin's, `core` the centre's."""

    at: Path
    model: type[BaseModel] | None
    core: type[BaseModel]


def _plugin_sections(located: Located, models: PluginModels) -> tuple[list[tuple[Path, BaseModel]], list[Fault]]:
    built: list[tuple[Path, BaseModel]] = []
    faults: list[Fault] = []
    for part in _parts(located, models, faults):
        model, found = build(part.model or _NoSettings, located, at=part.at, leaving=tuple(part.core.model_fields))
        faults += found
        if model is not None:
            built.append((part.at, model))
    return built, faults


def _parts(located: Located, models: PluginModels, faults: list[Fault]) -> Iterator[_Part]:
    """Every section of a plugin that exists; those that name an unknown one become faults."""
    choices = (("streams", "source", "source", StreamSettings), ("notifiers", "kind", "notifier", NotifierSettings))
    for section, key, kind, core in choices:
        for name in _section(located, (section,)):
            chosen = located.get((section, name, key))
            if _known_plugin(located, (section, name, key), kind, models, faults):
                yield _Part(at=(section, name), model=models.settings(kind, str(chosen)), core=core)
    for name in _section(located, ("receivers",)):
        notifier = located.get(("notifiers", str(located.get(("receivers", name, "notifier"))), "kind"))
        if isinstance(notifier, str) and notifier in models.names("notifier"):
            yield _Part(at=("receivers", name), model=models.receiver(notifier), core=ReceiverSettings)
    if isinstance(located.get(("detect",)), dict):
        detector = located.get(("detect", "detector")) or DetectSettings().detector
        if not located.has(("detect", "detector")) or _known_plugin(
            located, ("detect", "detector"), "detector", models, faults
        ):
            yield _Part(at=("detect",), model=models.settings("detector", str(detector)), core=DetectSettings)


def _known_plugin(located: Located, path: Path, kind: str, models: PluginModels, faults: list[Fault]) -> bool:
    chosen = located.get(path)
    if not isinstance(chosen, str):
        return False
    known = models.names(kind)
    faults += _unknown(located, path, chosen, dict.fromkeys(known), noun=kind)
    return chosen in known
