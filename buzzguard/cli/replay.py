"""`buzzguard replay`: recordings through the daemon's own pipeline, to see what it would have said and when."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from buzzguard.assembly import Assembly
    from buzzguard.config.settings import Settings
    from buzzguard.model import Fault, Mention
    from buzzguard.replay_report import Noticed, Report

_MOST_TOPICS = 500
_FAULTS_SHOWN = 5
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
    peak_at and lead_seconds (from the alert to the end of that hour). What is not known is null.
    """
    try:
        run = _Run(recordings, config=config, mapping=mapping, queries=topics, language=lang)
        report = run.play(until.replace(tzinfo=UTC) if until else None, quiet=as_json)
    except ConfigError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    if as_json:
        click.echo(_as_json(report, run))
        for fault in run.faults:
            click.echo(str(fault), err=True)
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
        from buzzguard.collect.recording import load_mapping

        self._recordings = recordings
        self._mapping = load_mapping(mapping) if mapping else None
        self.faults: list[Fault] = []
        self.fault_count = 0
        self.read = 0
        self.seconds = 0.0
        self._assembly = self._assemble(config, queries, language)
        self.settings: Settings = self._assembly.settings

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
        for effects in replay(core, self._mentions(), until=until, seen=self._count):
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
        from buzzguard.assembly import assemble
        from buzzguard.cli.run import load
        from buzzguard.config.settings import Settings
        from buzzguard.config.shipped import shipped_rules

        if config is not None:
            assembly = load(config)
            changes: dict[str, object] = {"streams": {}}
            if language is not None:
                changes["language"] = language
            unpolled = assembly.settings.model_copy(update=changes)
            return msgspec.structs.replace(assembly, settings=unpolled)
        topics = _topics_of(queries) or _topics_named(self._mentions())
        if not topics:
            raise BuzzguardError(
                "the recording names no topics: say what to watch with --topic 'QUERY', or give a configuration with -c"
            )
        settings = Settings.model_validate(
            {
                "language": language or "en",
                "topics": topics,
                "rules": (str(shipped_rules()),),
                "notifiers": {"console": {"kind": "console"}},
                "receivers": {"terminal": {"notifier": "console"}},
            }
        )
        return assemble(settings, Path())

    def _mentions(self) -> Iterator[Mention]:
        from buzzguard.collect.recording import merge_recordings, read_recording

        self.faults, self.fault_count = [], 0
        return merge_recordings([read_recording(path, self._mapping, faults=self._fault) for path in self._recordings])

    def _fault(self, fault: Fault) -> None:
        self.fault_count += 1
        if len(self.faults) < _FAULTS_SHOWN:
            self.faults.append(fault)

    def _count(self, mentions: int) -> None:
        self.read += mentions


class _Printer:
    """Prints alerts as they fire, below them a line that shows how far the replay is."""

    def __init__(self, settings: Settings) -> None:
        from rich.console import Console

        self._settings = settings
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

        self._console.print(alert_line(noticed, self._settings, at=at))

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


def _topics_of(queries: tuple[str, ...]) -> dict[str, dict[str, str]]:
    return {f"topic-{number}": {"name": query, "query": query} for number, query in enumerate(queries, start=1)}


def _topics_named(mentions: Iterable[Mention]) -> dict[str, dict[str, str]]:
    """The topics that the recording's own column names, found by reading it once."""
    names: dict[str, str] = {}
    for name in chain.from_iterable(mention.topics for mention in mentions):
        names.setdefault(name, name)
        if len(names) > _MOST_TOPICS:
            raise BuzzguardError(f"the recording names more than {_MOST_TOPICS} topics: check the mapping's `topics`")
    return {name: {"name": name.replace("-", " ").title(), "query": f'"{name}"'} for name in names}


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
    }


def _seconds(span: timedelta | None) -> float | None:
    return None if span is None else span.total_seconds()
