"""The sections of `buzzguard.yml` that the centre shares with plugins, each checked by its plugin's own model."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

from pydantic import BaseModel

from buzzguard.config.base import Frozen, Open
from buzzguard.config.located import Located, Path, build, listed, show, suggest
from buzzguard.config.settings import DetectSettings, NotifierSettings, ReceiverSettings, StreamSettings
from buzzguard.errors import ConfigError
from buzzguard.model import Fault


class PluginModels(Protocol):
    """What the centre knows of plugins: their names, and the models of their settings.

    Kinds are `source`, `notifier` and `detector`. A plugin that is installed but broken raises ConfigError.
    """

    def names(self, kind: str) -> Collection[str]:
        """The names of a kind."""
        ...

    def settings(self, kind: str, name: str) -> type[BaseModel] | None:
        """The model of a plugin's settings; None when it has none."""
        ...

    def receiver(self, name: str) -> type[BaseModel] | None:
        """The model of what a notifier wants to know of a receiver; None when nothing."""
        ...


class _NoSettings(Frozen):
    """A plugin that takes no settings."""


class _Unchecked(Open):
    """A plugin whose model cannot be had, which is told once: its settings are not judged."""


def section(located: Located, path: Path) -> dict[str, Any]:
    """The section at `path`; empty when there is none, or something else (which the shape's faults tell)."""
    value = located.get(path)
    return value if isinstance(value, dict) else {}


def unknown(
    located: Located, path: Path, name: object, known: Mapping[str, object], *, noun: str = "notifier"
) -> Iterator[Fault]:
    """The fault of a name at `path` that is none of `known`. What is no text is the shape's fault."""
    if not isinstance(name, str) or name in known:
        return
    hint = suggest(name, known) or (f"known: {listed(known, last='and')}" if known else f"no {noun} is defined")
    yield located.fault(path, f"unknown {noun} `{show(name)}`", hint)


class PluginSections:
    """Reads every section of a plugin: `built` are those that are sound, with their paths."""

    def __init__(self, located: Located, models: PluginModels) -> None:
        self.built: list[tuple[Path, BaseModel]] = []
        self.faults: list[Fault] = []
        self._located = located
        self._models = models

    def read(self) -> None:
        """Read them all, whatever is wrong with some."""
        for name in section(self._located, ("streams",)):
            self._plugin(("streams", name), "source", key="source", core=StreamSettings)
        for name in section(self._located, ("notifiers",)):
            self._plugin(("notifiers", name), "notifier", key="kind", core=NotifierSettings)
        for name in section(self._located, ("receivers",)):
            self._receiver(("receivers", name))
        self._detect(("detect",))
        for name in section(self._located, ("topics",)):
            self._detect(("topics", name, "detect"))

    def _detect(self, at: Path) -> None:
        if section(self._located, at):
            default = DetectSettings().detector
            self._plugin(at, "detector", key="detector", core=DetectSettings, default=default)

    def _plugin(self, at: Path, kind: str, *, key: str, core: type[BaseModel], default: str = "") -> None:
        """Read the section `at`, whose `key` names the plugin."""
        chosen = self._located.get((*at, key)) if self._located.has((*at, key)) else default
        known = self._models.names(kind)
        if not isinstance(chosen, str) or not chosen:
            return
        self.faults += unknown(self._located, (*at, key), chosen, dict.fromkeys(known), noun=kind)
        if chosen in known:
            self._build(at, lambda: self._models.settings(kind, chosen), core=core)

    def _receiver(self, at: Path) -> None:
        notifier = self._located.get((*at, "notifier"))
        kind = self._located.get(("notifiers", notifier, "kind")) if isinstance(notifier, str) else None
        if isinstance(kind, str) and kind in self._models.names("notifier"):
            self._build(at, lambda: self._models.receiver(kind), core=ReceiverSettings)

    def _build(self, at: Path, model_of: Callable[[], type[BaseModel] | None], *, core: type[BaseModel]) -> None:
        try:
            model = model_of() or _NoSettings
        except ConfigError as error:
            self.faults += [self._located.fault(at, fault.message, fault.hint, key=True) for fault in error.faults]
            model = _Unchecked
        built, found = build(model, self._located, at=at, leaving=tuple(core.model_fields))
        self.faults += found
        if built is not None:
            self.built.append((at, built))
