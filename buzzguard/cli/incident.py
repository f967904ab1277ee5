"""`buzzguard incident`: what people handle, and why they were told or not."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from buzzguard.cli.incident_acts import ACTS
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.incident_look import IncidentDesk
    from buzzguard.model import Language

F = TypeVar("F", bound=Callable[..., Any])


@click.group("incident")
def command() -> None:
    """Show incidents and why people were told of them or not, and act on them.

    `list`, `show` and `why` read beside a running daemon and write nothing. The others ask the running daemon, and
    tell what became of it: exit status 1 when it is refused. Where none runs, it is done at the next start.
    """


def _common(function: F) -> F:
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; the configuration's."),
        click.option(
            "-c", "--config", "path", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True
        ),
    ):
        function = option(function)
    return function


@command.command("list")
@click.option("--all", "every", is_flag=True, help="Also those that ended.")
@click.option("--days", type=click.IntRange(1, 3660), default=30, show_default=True, help="So far back, with --all.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many.")
@_common
def list_incidents(every: bool, days: int, limit: int, path: Path, lang: str | None, as_json: bool) -> None:
    """Show the open incidents, the newest first."""
    from buzzguard.cli.incident_text import incident_document, list_lines

    with _faults_told():
        desk = _desk(path, lang)
        since = desk.now - timedelta(days=days)
        found = asyncio.run(desk.looked(lambda store: store.incidents(since=since, every=every, limit=limit)))
        _print([incident_document(one) for one in found], list_lines(found, desk), as_json=as_json)


@command.command("show")
@click.argument("id")
@_common
def show_incident(id: str, path: Path, lang: str | None, as_json: bool) -> None:
    """Show the incident ID: its state, its alerts, and all that happened. Exit status 1 when there is none."""
    from buzzguard.cli.incident_look import told
    from buzzguard.cli.incident_text import show_document, show_lines

    with _faults_told():
        desk = _desk(path, lang)
        found = asyncio.run(desk.looked(lambda store: told(store, id, desk)))
        _print(show_document(found), show_lines(found, desk), as_json=as_json)


@command.command("why")
@click.argument("id")
@_common
def why(id: str, path: Path, lang: str | None, as_json: bool) -> None:
    """Explain why people were told of something, or were not: who, at which step, who muted, what it waited for.

    ID is an incident, the fingerprint of an alert, or a rule: then its last alert is meant. Exit status 1 when nothing
    is known of it.
    """
    from buzzguard.cli.incident_look import reasons
    from buzzguard.cli.incident_text import why_document, why_lines

    with _faults_told():
        desk = _desk(path, lang)
        found = asyncio.run(desk.looked(lambda store: reasons(store, id, desk)))
        _print(why_document(found), why_lines(found, desk), as_json=as_json)


for _act in ACTS:
    command.add_command(_act)


def _print(document: object, lines: Iterator[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def _desk(path: Path, lang: str | None) -> IncidentDesk:
    import logging

    from buzzguard import telemetry
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.cli.incident_look import IncidentDesk
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings

    telemetry.configure_logging(json=False, level=logging.ERROR)
    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    language = cast("Language", lang or settings.language)
    return IncidentDesk(settings=settings, base=path.resolve().parent, language=language, now=SystemClock().now())


@contextmanager
def _faults_told() -> Iterator[None]:
    """Every expected error in a line or more on standard error, and exit status 1."""
    try:
        yield
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        from buzzguard.config.words import safe

        click.echo(safe(" ".join(str(error).split())), err=True)
        sys.exit(1)
