"""What several commands share: the plugins as the configuration sees them, and how faults are shown."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from buzzguard.config.words import safe
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

if TYPE_CHECKING:
    from pydantic import BaseModel

    from buzzguard.config.loader import PluginModels


def plugin_models() -> PluginModels:
    """The built-in and installed plugins."""
    return _InstalledPlugins()


class _InstalledPlugins:
    """See `PluginModels`. A plugin that cannot be imported is a ConfigError, not a traceback."""

    def __init__(self) -> None:
        self._names: dict[str, Collection[str]] = {}

    def names(self, kind: str) -> Collection[str]:
        from buzzguard import plugins

        if kind not in self._names:  # every look-up reads the entry points of all installed packages
            self._names[kind] = plugins.names(cast(plugins.Kind, kind))
        return self._names[kind]

    def settings(self, kind: str, name: str) -> type[BaseModel] | None:
        from buzzguard import plugins

        try:
            return plugins.settings_model(cast(plugins.Kind, kind), name)
        except LookupError as error:
            raise _broken(name, error) from error

    def receiver(self, name: str) -> type[BaseModel] | None:
        from buzzguard import plugins

        try:
            return plugins.receiver_model(name)
        except LookupError as error:
            raise _broken(name, error) from error


def _broken(name: str, error: LookupError) -> ConfigError:
    return ConfigError([Fault(file=f"plugin {name}", line=0, column=0, message=str(error.args[0]))])


def query_fault(query: str) -> tuple[int, str, str] | None:
    """What is wrong with a topic's query: the offset of the character, a message and a hint."""
    from buzzguard.understand.query import QueryError, parse_query

    try:
        parse_query(query)
    except QueryError as error:
        return error.column - 1, error.message, error.hint
    return None


def short_path(file: str) -> str:
    """A path as short as it can be named from here."""
    here = os.getcwd()  # noqa: PTH109 - what the user's shell calls it, symbolic links and all
    if not file or not Path(file).is_absolute():
        return file
    return os.path.relpath(file, here) if Path(file).is_relative_to(here) else file


def place_of(fault: Fault) -> str:
    """`file:line:column`; only what is known of it."""
    parts = [short_path(fault.file)] if fault.file else []
    if fault.line:
        parts += [str(fault.line), str(fault.column)]
    return ":".join(parts)


def said(fault: Fault) -> str:
    """A fault in one line: `file:line:column: message (hint)`."""
    place = place_of(fault)
    return f"{place}{': ' if place else ''}{fault.message}{f' ({fault.hint})' if fault.hint else ''}"


def echo_faults(faults: Sequence[Fault]) -> None:
    """Print faults, sorted by place, and their number, on standard error."""
    for fault in sorted(faults, key=lambda one: (short_path(one.file), one.line, one.column)):
        place = safe(place_of(fault))
        hint = click.style(f" ({safe(fault.hint)})", dim=True) if fault.hint else ""
        click.echo(f"{click.style(place, bold=True)}{': ' if place else ''}{safe(fault.message)}{hint}", err=True)
    files = len({fault.file for fault in faults})
    count = f"{_counted(len(faults), 'fault')} in {_counted(files, 'file')}"
    click.echo(click.style(count, fg="red", bold=True), err=True)


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def as_json(fault: Fault) -> dict[str, Any]:
    """A fault for other programs."""
    return {
        "file": short_path(fault.file),
        "line": fault.line,
        "column": fault.column,
        "message": fault.message,
        "hint": fault.hint,
    }
