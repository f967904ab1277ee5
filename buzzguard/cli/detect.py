"""`buzzguard detect`: what the detector knows of a topic, and why it spoke or kept silent."""

from __future__ import annotations

import logging
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

import click

from buzzguard.config.durations import format_duration
from buzzguard.errors import BuzzguardError, ConfigError
from buzzguard.model import WINDOWS

if TYPE_CHECKING:
    from rich.console import Console

    from buzzguard.assembly import Assembly
    from buzzguard.cli.explain_facts import Facts
    from buzzguard.cli.explain_words import Telling
    from buzzguard.config.settings import Settings
    from buzzguard.model import Language

_WINDOWS = {format_duration(window): window for window in WINDOWS}
_PIPED_WIDTH = 100


@click.group("detect")
def command() -> None:
    """See what the detector knows."""


@command.command("explain")
@click.argument("topic")
@click.option(
    "--at", "moment", metavar="TIME", help="The instant to look at: 2027-03-15T20:50, local; now when absent."
)
@click.option(
    "-c",
    "--config",
    "path",
    type=click.Path(path_type=Path),
    default=Path("buzzguard.yml"),
    show_default=True,
    help="The configuration.",
)
@click.option(
    "--window", type=click.Choice(list(_WINDOWS)), help="The window to speak of; the most telling when absent."
)
@click.option(
    "--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; that of the configuration if absent."
)
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page, in one file.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def explain(  # noqa: PLR0913 - one argument an option, as click passes them
    topic: str,
    moment: str | None,
    path: Path,
    window: str | None,
    lang: str | None,
    html: Path | None,
    png: Path | None,
    as_json: bool,
) -> None:
    """Say why TOPIC did, or did not, raise an alert at a time: what was seen, what is usual, how rare that is.

    Reads the database beside a running daemon, changes nothing, and rebuilds what the detector knew at that time from
    what is stored. TOPIC is the topic's id. A day alone (--at 2027-03-15) means its end.

    --json prints one document: topic, name, at, headline, caveats, detector, known, baseline (watched_seconds,
    needed_seconds, mentions, trust_seconds, since, reason, basis), signals (each with signal, once_per_seconds,
    decided_by_seconds, learning, adopted_at, parts, past, and scales: window_seconds, observed, expected, low, high,
    alone_seconds, law_seconds, episodes), rules (rule, title, window_seconds, says, severity, clauses), alerts,
    incidents, planned, holiday and chart. What is not known is null.
    """
    try:
        assembly = _assembled(path)
        facts = _facts(assembly, topic, moment)
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    language = cast("Language", lang or assembly.settings.language)
    _show(facts, language, window=_WINDOWS.get(window or ""), as_json=as_json, html=html, png=png)


def _assembled(path: Path) -> Assembly:
    from buzzguard import telemetry
    from buzzguard.cli.run import load

    telemetry.configure_logging(json=False, level=logging.ERROR)
    return load(path)


def _facts(assembly: Assembly, topic: str, moment: str | None) -> Facts:
    from buzzguard.cli.explain_facts import gather
    from buzzguard.clock import SystemClock

    now = SystemClock().now()
    known, at = _known(topic, assembly.settings), _instant(moment, assembly.settings, now)
    # What was learned by a time before the last checkpoint is learned again from the samples, which takes a while.
    with _console(stderr=True).status(f"{at:%Y-%m-%d %H:%M} UTC …"):
        return gather(assembly, known, at, now)


def _known(topic: str, settings: Settings) -> str:
    """The id of the topic. Raises BuzzguardError with what may have been meant."""
    from buzzguard.config.words import listed, show, suggest

    if topic in settings.topics:
        return topic
    named = [key for key, one in settings.topics.items() if one.name.casefold() == topic.strip().casefold()]
    if len(named) == 1:
        return named[0]
    hint = suggest(topic, settings.topics) or f"the topics are {listed(sorted(settings.topics)[:8], last='and')}"
    raise BuzzguardError(f"there is no topic `{show(topic)}` ({hint})")


def _instant(moment: str | None, settings: Settings, now: datetime) -> datetime:
    """The instant asked for, in the team's time zone when it names none. Raises BuzzguardError."""
    from buzzguard.config.moments import begin_of, end_of, parse_moment

    if moment is None or moment.strip() == "now":
        return now
    try:
        read = parse_moment(moment)
    except ValueError as error:
        raise BuzzguardError(f"--at: {error}") from error
    zone = ZoneInfo(settings.time_zone)
    at = begin_of(read, zone) if isinstance(read, datetime) else end_of(read, zone)
    if begin_of(read, zone) > now:
        local = now.astimezone(zone)
        raise BuzzguardError(f"--at: {moment.strip()} has not come yet, it is {local:%Y-%m-%d %H:%M} ({zone.key})")
    return min(at, now)


def _show(
    facts: Facts, language: Language, *, window: timedelta | None, as_json: bool, html: Path | None, png: Path | None
) -> None:
    from buzzguard.cli.explain_words import tell

    telling = tell(facts, language, window=window)
    if as_json:
        from buzzguard.cli.explain_json import as_document

        click.echo(as_document(facts, telling))
    else:
        from buzzguard.cli.explain_text import explanation_renderable

        _console().print(explanation_renderable(facts, telling, language))
    if html is not None or png is not None:
        _write(facts, telling, language, html=html, png=png)


def _write(facts: Facts, telling: Telling, language: Language, *, html: Path | None, png: Path | None) -> None:
    from buzzguard.cli import explain_html

    target = html
    try:
        if html is not None:
            html.write_text(explain_html.render_page(facts, telling, language), encoding="utf-8")
        if png is not None:
            target = png
            png.write_bytes(explain_html.render_picture(facts, telling, language))
    except OSError as error:
        click.echo(f"{target}: cannot be written: {error.strerror}", err=True)
        sys.exit(1)


def _console(*, stderr: bool = False) -> Console:
    from rich.console import Console

    console = Console(highlight=False, stderr=stderr)
    return console if console.is_terminal else Console(highlight=False, stderr=stderr, width=_PIPED_WIDTH)
