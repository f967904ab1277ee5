"""`buzzguard source`: which places can be read, what a stream brings, how streams are doing, what was set aside."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.source_desk import Desk
    from buzzguard.model import Language

F = TypeVar("F", bound=Callable[..., Any])


@click.group("source")
def command() -> None:
    """Show the places that can be read, try streams, and see how they are doing."""


def _common(function: F) -> F:
    lang = click.option(
        "--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; that of the configuration if absent."
    )
    config = click.option(
        "-c",
        "--config",
        "path",
        type=click.Path(path_type=Path),
        default=Path("buzzguard.yml"),
        show_default=True,
        help="The configuration.",
    )
    return config(lang(function))


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@command.command("list")
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Language.")
@_json
def list_sources(lang: Language, as_json: bool) -> None:
    """Show every kind of source: what it reads and needs, its delay, limits and terms."""
    from buzzguard.cli.source_facts import kinds
    from buzzguard.cli.source_text import kind_document, kind_lines

    found = kinds()
    if as_json:
        _print_json([kind_document(one) for one in found])
        return
    for line in kind_lines(found, lang):
        click.echo(line)


@command.command("test")
@click.argument("stream")
@_common
@_json
def test_stream(stream: str, path: Path, lang: str | None, as_json: bool) -> None:
    """Fetch STREAM once, live, and show what it would bring: mentions as they would be stored, and which topics match.

    Nothing is kept but what it costs, where the place has a budget. Exit status 1 when it cannot be read.
    """
    with _faults_told():
        from buzzguard.cli.source_facts import fetch_once, looked
        from buzzguard.cli.source_text import trial_document, trial_lines

        desk = _desk(path, lang)
        settings = desk.stream(stream)
        fetched = asyncio.run(fetch_once(desk.settings, stream, base=desk.base, now=desk.now))
        found = looked(desk.settings, settings, fetched.mentions, desk.now)
        if as_json:
            _print_json(trial_document(desk, stream, fetched, found))
            return
        for line in trial_lines(desk, settings, fetched, found):
            click.echo(line)


@command.command("status")
@_common
@_json
def show_status(path: Path, lang: str | None, as_json: bool) -> None:
    """Show how every stream is doing, by what a running or stopped daemon has stored.

    Exit status 1 when a stream fails.
    """
    with _faults_told():
        from buzzguard.cli.source_facts import current, statuses
        from buzzguard.cli.source_text import spent_document, status_document, status_lines
        from buzzguard.store.looking import MentionStore

        desk = _desk(path, lang)

        async def gather(store: MentionStore) -> Any:
            return await statuses(desk.settings, store, desk.now), current(await store.spending(), desk.now)

        found, spending = asyncio.run(desk.looked(gather))
        if as_json:
            streams = [status_document(one, desk.now) for one in found]
            _print_json({"streams": streams, "spending": [spent_document(one) for one in spending]})
        else:
            for line in status_lines(desk, found, spending):
                click.echo(line)
        sys.exit(1 if any(one.enabled and one.poll is not None and not one.poll.ok for one in found) else 0)


@command.command("quarantine")
@click.argument("stream", required=False)
@_common
@_json
def show_quarantine(stream: str | None, path: Path, lang: str | None, as_json: bool) -> None:
    """Show what could not be made a mention (of STREAM), the newest first: when, why, and how it begins.

    The last 200 records of each stream are kept for 30 days.
    """
    with _faults_told():
        from buzzguard.cli.source_text import aside_document, aside_lines

        desk = _desk(path, lang)
        if stream:
            desk.stream(stream)
        found = asyncio.run(desk.looked(lambda store: store.quarantined(stream or "")))
        if as_json:
            _print_json([aside_document(one) for one in found])
            return
        for line in aside_lines(desk, found):
            click.echo(line)


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


def _desk(path: Path, lang: str | None) -> Desk:
    import logging

    from buzzguard import telemetry
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.cli.source_desk import Desk
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings

    telemetry.configure_logging(json=False, level=logging.ERROR)
    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    language = cast("Language", lang or settings.language)
    return Desk(settings=settings, base=path.resolve().parent, language=language, now=SystemClock().now())


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
