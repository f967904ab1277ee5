"""`buzzguard.yml` → `Settings`, or every fault of it with its place.

Three passes, all of them made whatever the ones before found: the shape (pydantic), what one section says of another
(a receiver's notifier, a step's receivers), and the sections that belong to plugins, each by its own model.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from pathlib import Path as FilePath
from typing import Any, TypeAlias

from buzzguard.config.department_faults import department_faults
from buzzguard.config.digest_faults import digest_faults
from buzzguard.config.durations import parse_duration
from buzzguard.config.fallback_faults import fallback_faults
from buzzguard.config.located import Located, Path, build, inspect_yaml, read_text
from buzzguard.config.planned import calendar_faults
from buzzguard.config.rota_faults import rota_faults
from buzzguard.config.route_faults import route_faults
from buzzguard.config.secrets import secrets_in
from buzzguard.config.sections import PluginModels, PluginSections, section, unknown
from buzzguard.config.settings import Secret, Settings, TopicSettings
from buzzguard.errors import ConfigError
from buzzguard.model import WATCHER_TOPIC, Fault, Record

__all__ = ["Loaded", "PluginModels", "QueryFault", "inspect_settings", "load_settings"]

QueryFault: TypeAlias = Callable[[str], tuple[int, str, str] | None]
"""What is wrong with a topic's query: the offset from 0 of the character, a message and a hint; None when nothing."""


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

    def names(self, name: str) -> list[str]:
        """The names defined in a section (`policies`), sound or not."""
        return list(section(self.located, (name,))) if self.located else []


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
    sections = PluginSections(located, models)
    sections.read()
    meant = [
        *_cross_faults(located, query_fault),
        *route_faults(located, models),
        *rota_faults(located),
        *department_faults(located),
        *fallback_faults(located),
        *digest_faults(located),
    ]
    faults = _in_order(faults, [*shape, *sections.faults, *meant])
    secrets = list(secrets_in(settings)) if settings else []
    for at, model in sections.built:
        secrets += [((*at, *inner), secret) for inner, secret in secrets_in(model)]
    secrets = [(at, _anchored(secret, path.absolute().parent)) for at, secret in secrets]
    return Loaded(
        located=located,
        settings=_with_secrets(located, secrets) if not faults else None,
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


def _anchored(secret: Secret, folder: FilePath) -> Secret:
    """The secret, its file taken from `folder`: a daemon's own working folder is another."""
    if secret.file is None or secret.file.startswith("~"):
        return secret
    return Secret(file=str(folder / secret.file))


def _with_secrets(located: Located, secrets: Iterable[tuple[Path, Secret]]) -> Settings:
    value: Any = copy.deepcopy(located.value)
    for path, secret in secrets:
        inner = value
        for step in path:
            inner = inner[step]
        inner.update(secret.model_dump(exclude_none=True))
    return Settings.model_validate(value)


def _sound_topics(located: Located) -> dict[str, TopicSettings]:
    built = {name: build(TopicSettings, located, at=("topics", name))[0] for name in section(located, ("topics",))}
    return {name: topic for name, topic in built.items() if topic is not None}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


# What one section says of another


def _cross_faults(located: Located, query_fault: QueryFault | None) -> Iterator[Fault]:
    yield from _topic_faults(located, query_fault)
    yield from _stream_faults(located)
    yield from calendar_faults(located)
    receivers = section(located, ("receivers",))
    told = {**receivers, **section(located, ("rotas",))}
    for name, receiver in receivers.items():
        if isinstance(receiver, dict):
            path: Path = ("receivers", name, "notifier")
            yield from unknown(located, path, receiver.get("notifier"), section(located, ("notifiers",)))
    for name in section(located, ("policies",)):
        for index, step in enumerate(_list(located.get(("policies", name, "steps")))):
            named = _list(step.get("notify")) if isinstance(step, dict) else []
            for place, receiver in enumerate(named):
                path = ("policies", name, "steps", index, "notify", place)
                yield from unknown(located, path, receiver, told, noun="receiver")


def _topic_faults(located: Located, query_fault: QueryFault | None) -> Iterator[Fault]:
    for name, topic in section(located, ("topics",)).items():
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
    topics = section(located, ("topics",))
    for name, stream in section(located, ("streams",)).items():
        if not isinstance(stream, dict):
            continue
        for index, topic in enumerate(_list(stream.get("topics"))):
            yield from unknown(located, ("streams", name, "topics", index), topic, topics, noun="topic")
        if _is_zero(stream.get("every")):
            yield located.fault(("streams", name, "every"), "a stream cannot be read every 0 s", "write for example 2m")


def _is_zero(written: object) -> bool:
    try:
        return parse_duration(written) == timedelta(0)
    except ValueError:
        return False
