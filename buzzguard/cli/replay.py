"""`buzzguard replay`: recordings through the daemon's own pipeline, to see what it would have said and when."""

from __future__ import annotations

import logging
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from buzzguard.cli.common import said
from buzzguard.config.words import safe
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from buzzguard.assembly import Assembly
    from buzzguard.config.settings import Settings
    from buzzguard.model import Fault
    from buzzguard.replay_report import Noticed, Report

_PIPED_WIDTH = 1_000
_UNTIL_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M"]


@click.command("replay")
@click.argument("recordings", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-c", "--config", "config", type=click.Path(exists=True, path_type=Path), help="Topics and rules to use.")
@click.option(
    "-m", "--mapping", type=click.Path(exists=True, path_type=Path), help="YAML that says what the columns mean."
)
@click.option("--topic", "topics", multiple=True, metavar="QUERY", help="A topic to watch, as a boolean query.")
@click.option("--until", type=click.DateTime(_UNTIL_FORMATS), help="Stop before this instant (UTC).")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language of the alerts.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write a page with a chart per topic.")
def command(  # noqa: PLR0913 - one argument an option, as click passes them
    recordings: tuple[Path, ...],
    config: Path | None,
    mapping: Path | None,
    topics: tuple[str, ...],
    until: datetime | None,
    lang: str | None,
    as_json: bool,
    html: Path | None,
) -> None:
    """Run RECORDINGs (JSON Lines or CSV, plain, .gz or .zst) through the pipeline and print each alert.

    Without a configuration the topics are those that the recording names, or those given by --topic, and the rules
    are the shipped ones.

    --json prints one document: mentions (counted), dropped, unreadable, first, last, seconds, mentions_per_second, and
    alerts, each with topic, rule, title (by language), severity (the gravest), since, fired_at, ended_at, signal,
    window_seconds, observed, expected, once_per_seconds, learned_seconds, peak (mentions in the busiest hour),
    peak_at, lead_seconds (from the alert to the end of that hour), mentions, negative and positive (of the span of
    said), and said: what was being said (narratives, themes, languages, copies, unsure). What is not known is null.
    """
    from buzzguard import telemetry

    telemetry.configure_logging(json=False, level=logging.ERROR)
    try:
        run = _Run(recordings, config=config, mapping=mapping, queries=topics, language=lang)
        report = run.play(until.replace(tzinfo=UTC) if until else None, quiet=as_json)
    except ConfigError as error:
        for fault in error.faults:
            click.echo(safe(said(fault)), err=True)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        click.echo(_as_json(report, run))
        for fault in run.faults:
            click.echo(safe(said(fault)), err=True)
    if html is not None:
        _write_page(html, report, run)


def _write_page(path: Path, report: Report, run: _Run) -> None:
    from buzzguard.cli.replay_html import render_page

    try:
        path.write_text(render_page(report, run.settings, read=run.read), encoding="utf-8")
    except OSError as error:
        click.echo(f"{path}: the page cannot be written: {error.strerror}", err=True)
        sys.exit(1)


class _Run:
    """One replay: what is read, with which topics and rules, and what was seen."""

    def __init__(
        self,
        recordings: tuple[Path, ...],
        *,
        config: Path | None,
        mapping: Path | None,
        queries: tuple[str, ...],
        language: str | None,
    ) -> None:
        from buzzguard.cli.recordings import Recordings

        self._recordings = Recordings(recordings, mapping)
        self.read = 0
        self.seconds = 0.0
        self._assembly = self._assemble(config, queries, language)
        self.settings: Settings = self._assembly.settings

    @property
    def faults(self) -> list[Fault]:
        """The first rows that could not be read."""
        return self._recordings.faults

    @property
    def fault_count(self) -> int:
        """How many could not be read."""
        return self._recordings.fault_count

    def play(self, until: datetime | None, *, quiet: bool) -> Report:
        """Play everything; prints alerts as they come unless `quiet`."""
        from buzzguard.clock import SystemClock
        from buzzguard.pipeline import Core
        from buzzguard.replay import replay
        from buzzguard.replay_report import Report

        core = Core(self.settings, self._assembly.parts)
        report = Report(core)
        printer = None if quiet else _Printer(self.settings)
        clock = SystemClock()
        began = clock.monotonic()
        for effects in replay(core, self._recordings.mentions(), until=until, seen=self._count):
            for noticed in report.take(effects):
                if printer is not None:
                    printer.alert(noticed, effects.at)
            if printer is not None:
                printer.progress(effects.at, self.read, clock.monotonic() - began)
        report.finish()
        self.seconds = clock.monotonic() - began
        if printer is not None:
            printer.summary(report, self)
        return report

    def _assemble(self, config: Path | None, queries: tuple[str, ...], language: str | None) -> Assembly:
        from buzzguard.cli.recordings import assemble_shipped, topics_of
        from buzzguard.cli.run import load

        if config is None:
            return assemble_shipped(topics_of(queries) or self._recordings.topics(), language)
        assembly = load(config)
        changes: dict[str, object] = {"streams": {}}
        if language is not None:
            changes["language"] = language
        return msgspec.structs.replace(assembly, settings=assembly.settings.model_copy(update=changes))

    def _count(self, mentions: int) -> None:
        self.read += mentions


class _Printer:
    """Prints alerts as they fire, below them a line that shows how far the replay is."""

    def __init__(self, settings: Settings) -> None:
        from rich.console import Console

        from buzzguard.cli.replay_said import Teller

        self._settings = settings
        self._teller = Teller(settings)
        # What is piped is cut and wrapped by whoever reads it.
        self._console: Console = Console(highlight=False)
        if not self._console.is_terminal:
            self._console = Console(highlight=False, width=_PIPED_WIDTH)
        self._status = self._console.status("…") if self._console.is_terminal else None
        if self._status is not None:
            self._status.start()

    def alert(self, noticed: Noticed, at: datetime) -> None:
        """One alert, fired or grown graver at `at`."""
        from buzzguard.cli.replay_words import alert_line

        self._console.print(alert_line(noticed, self._settings, at=at, told=self._teller.of(noticed)))

    def progress(self, at: datetime, read: int, seconds: float) -> None:
        """How far."""
        if self._status is not None and seconds:
            self._status.update(f"{at:%Y-%m-%d %H:%M} UTC · {read:,} mentions · {read / seconds:,.0f}/s")

    def summary(self, report: Report, run: _Run) -> None:
        """The table of alerts with their lead times, and the throughput."""
        from buzzguard.cli.replay_words import more_faults, summary

        if self._status is not None:
            self._status.stop()
        for part in summary(report, self._settings, read=run.read, seconds=run.seconds):
            self._console.print(part)
        for fault in run.faults:
            self._console.print(str(fault), style="yellow", markup=False)
        if run.fault_count > len(run.faults):
            self._console.print(more_faults(run.fault_count - len(run.faults), self._settings.language))


def _as_json(report: Report, run: _Run) -> str:
    document = {
        "mentions": report.mentions,
        "dropped": report.dropped,
        "unreadable": run.fault_count,
        "first": report.first,
        "last": report.last,
        "seconds": round(run.seconds, 3),
        "mentions_per_second": round(run.read / run.seconds, 1) if run.seconds else None,
        "alerts": [_alert_json(noticed) for noticed in report.noticed],
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _alert_json(noticed: Noticed) -> dict[str, object]:
    return {
        "topic": noticed.topic,
        "rule": noticed.rule,
        "title": noticed.title,
        "severity": noticed.severity,
        "since": noticed.since,
        "fired_at": noticed.fired_at,
        "ended_at": noticed.ended_at,
        "signal": noticed.signal,
        "window_seconds": _seconds(noticed.window),
        "observed": noticed.observed,
        "expected": noticed.expected,
        "once_per_seconds": _seconds(noticed.once_per),
        "learned_seconds": _seconds(noticed.learned),
        "peak": noticed.peak,
        "peak_at": noticed.peak_at,
        "lead_seconds": _seconds(noticed.lead),
        "mentions": noticed.mentions,
        "negative": noticed.sides[0],
        "positive": noticed.sides[1],
        "said": noticed.said,
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
