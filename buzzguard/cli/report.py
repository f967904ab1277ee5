"""`buzzguard report`: what incidents were, what the response changed, how a week went."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from buzzguard.cli.statement import statement
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.model import Language, Page

F = TypeVar("F", bound=Callable[..., Any])


@click.group("report")
def command() -> None:
    """Report on incidents and weeks, and mark when a statement was published."""


def common(function: F) -> F:
    """The options of every report: form, file, language, configuration."""
    for option in (
        click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write into this file."),
        click.option("--json", "form", flag_value="json", help="As JSON."),
        click.option("--html", "form", flag_value="html", help="As a page, in one file."),
        click.option(
            "--md", "form", flag_value="md", default="md", help="As Markdown (so it is when nothing is said)."
        ),
        click.option(
            "--lang",
            type=click.Choice(["en", "fr"]),
            default=None,
            help="Language; that of the configuration if absent.",
        ),
        click.option(
            "-c",
            "--config",
            "path",
            type=click.Path(path_type=Path),
            default=Path("buzzguard.yml"),
            show_default=True,
            help="The configuration.",
        ),
    ):
        function = option(function)
    return function


@command.command("incident")
@click.argument("id")
@click.option("--pdf", "form", flag_value="pdf", help="As PDF, printed by a browser of this machine; needs -o.")
@common
def report_incident(id: str, form: str, output: Path | None, lang: str | None, path: Path) -> None:
    """Report on the incident ID: measures, the effect of statements, and the timeline of all that was done.

    ID may be cut short where it stays clear. The database is read beside a running daemon; nothing is written to it.
    """
    with faults_told():
        from buzzguard.cli.report_facts import gather
        from buzzguard.cli.report_telling import Teller

        desk = desk_of(path, lang)
        facts = gather(desk, id)
        teller = Teller(facts, desk.language)
        if form == "json":
            from buzzguard.cli.report_json import as_json, incident_document

            put(as_json(incident_document(facts, tuple(map(teller.line, facts.entries)))), output)
        else:
            put_page(teller.page(), form, output)


@command.command("week")
@click.option("--of", "day", metavar="DAY", help="The week of this day: 2026-11-16; the last whole one when absent.")
@common
def report_week(day: str | None, form: str, output: Path | None, lang: str | None, path: Path) -> None:
    """Report on a week, Monday to Sunday: each topic against the week before and its competitors, alerts, response."""
    with faults_told():
        from buzzguard.cli.report_week import gather_week, week_document
        from buzzguard.review.week_telling import tell_week

        desk = desk_of(path, lang)
        week = gather_week(desk, day)
        if form == "json":
            from buzzguard.cli.report_json import as_json

            put(as_json(week_document(week)), output)
        else:
            put_page(tell_week(week, desk.language), form, output)


command.add_command(statement)


@contextmanager
def faults_told() -> Iterator[None]:
    """Every expected error in a line or more on standard error, and exit status 1."""
    try:
        yield
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        from buzzguard.cli.mention_acts import Refused
        from buzzguard.config.words import safe

        click.echo(str(error) if isinstance(error, Refused) else safe(str(error)), err=True)
        sys.exit(1)


def desk_of(path: Path, lang: str | None) -> Desk:
    """Where somebody sits down: the configuration, the language, the present. Raises ConfigError."""
    from buzzguard import telemetry
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.cli.mention_acts import Desk
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings

    telemetry.configure_logging(json=False, level=logging.ERROR)
    settings = load_settings(path, models=plugin_models(), query_fault=query_fault)
    language = cast("Language", lang or settings.language)
    return Desk(settings=settings, base=path.resolve().parent, language=language, now=SystemClock().now())


def put_page(page: Page, form: str, output: Path | None) -> None:
    """Show a page in the form asked for. Raises Refused where no browser can print it."""
    from buzzguard.cli.report_page import as_html, as_markdown

    if form != "pdf":
        put(as_html(page) if form == "html" else as_markdown(page), output)
        return
    from buzzguard.cli.report_pdf import print_pdf

    if output is None:
        raise click.UsageError("--pdf needs a file: -o report.pdf")
    print_pdf(as_html(page), output, page.language)


def put(text: str, output: Path | None) -> None:
    """Print, or write into the file."""
    if output is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        click.echo(f"{output}: cannot be written: {error.strerror}", err=True)
        sys.exit(1)
