"""`buzzguard backtest`: what the rules, and other thresholds, would have made of the past."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from buzzguard.backtest.plan import Plan
    from buzzguard.cli.backtest_input import Asked
    from buzzguard.cli.backtest_result import Result
    from buzzguard.model import Effects, Mention
    from buzzguard.pipeline import Core

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_PIPED_WIDTH = 80
_SIGNALS = ["crisis", "negative", "share", "volume", "authors", "reach", "engagement", "spread", "gravity", "positive"]


@click.command("backtest")
@click.argument("recordings", nargs=-1, type=_FILE)
@click.option("--store", is_flag=True, help="Run over what the daemon of the configuration has stored.")
@click.option("-c", "--config", type=click.Path(exists=True, path_type=Path), help="Topics and rules to use.")
@click.option("-m", "--mapping", type=_FILE, help="YAML that says what the columns of the recording mean.")
@click.option("--topic", "topics", multiple=True, help="Only this topic; a query where nothing names topics.")
@click.option("--rule", "rules", multiple=True, help="Only this rule.")
@click.option(
    "--event", "events", multiple=True, metavar='"START [TOPIC] [NAME]"', help="What should have been noticed."
)
@click.option("--events", "event_files", multiple=True, type=_FILE, help="CSV of events: start,topic,name[,end].")
@click.option("--lasts", default="2d", show_default=True, help="How long an event lasts whose end is not given.")
@click.option("--early", default="6h", show_default=True, help="How much before its start an alarm is credited to it.")
@click.option(
    "--signal", "signals", multiple=True, type=click.Choice(_SIGNALS), help="Signal to sweep (crisis unless given)."
)
@click.option("--days", default="7,14,30,60,90,180,365", show_default=True, help="Return periods to sweep, in days.")
@click.option("--hold", default="12h", show_default=True, help="An alarm ends when nothing exceeded for so long.")
@click.option("--warm", default="7d", show_default=True, help="Time at the start that is not judged: it is learning.")
@click.option("--at-most", metavar="'2 per 30d'", help="False alarms that you bear, over everything.")
@click.option("--lang", "language", type=click.Choice(["en", "fr"]), default=None, help="Language of the report.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the report as a page.")
def command(*, as_json: bool, html: Path | None, **asked: object) -> None:
    """Play RECORDINGs, or the store, and tell what the rules and other thresholds would have made of it.

    Says which alerts there would have been, which of the given events they find and how soon, how many alarms fall
    outside events, the same for a range of thresholds on one signal, and which threshold to take.

    Times without an offset are in the configuration's time zone (UTC without a configuration). A TOPIC of * means
    all. With --store nothing is written and a running daemon is not disturbed.
    """
    from buzzguard import telemetry
    from buzzguard.cli.backtest_input import Asked
    from buzzguard.cli.common import echo_faults
    from buzzguard.config.words import safe

    telemetry.configure_logging(json=False, level=logging.ERROR)
    try:
        result = _Run(msgspec.convert(asked, Asked), quiet=as_json).play()
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)
    _show(result, as_json=as_json, html=html)


def _show(result: Result, *, as_json: bool, html: Path | None) -> None:
    from buzzguard.cli.common import said
    from buzzguard.config.words import safe

    if as_json:
        from buzzguard.cli.backtest_json import document

        click.echo(document(result))
    else:
        from buzzguard.cli.backtest_text import page

        console = _console()
        for part in page(result):
            console.print(part)
    for fault in result.warnings:
        click.echo(safe(said(fault)), err=True)
    if html is not None:
        _write(html, result)


def _write(path: Path, result: Result) -> None:
    from buzzguard.cli.backtest_html import render_page

    try:
        path.write_text(render_page(result), encoding="utf-8")
    except OSError as error:
        click.echo(f"{path}: the page cannot be written: {error.strerror}", err=True)
        sys.exit(1)


def _console() -> Console:
    from rich.console import Console

    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPED_WIDTH)


class _Run:
    """One backtest: what is read, and a line that shows how far it is."""

    def __init__(self, asked: Asked, *, quiet: bool) -> None:
        if bool(asked.recordings) == asked.store:
            raise BuzzguardError("name recordings to run over, or --store with -c buzzguard.yml: one of the two")
        from buzzguard.clock import SystemClock

        self._asked = asked
        self._quiet = quiet
        self._read = 0
        self._clock = SystemClock()

    def play(self) -> Result:
        """Play everything. Raises BuzzguardError."""
        return self._over_store() if self._asked.store else self._over_recordings()

    def _over_recordings(self) -> Result:
        from buzzguard.cli.backtest_input import assemble_for, plan_of
        from buzzguard.cli.recordings import Recordings
        from buzzguard.pipeline import Core

        recordings = Recordings(self._asked.recordings, self._asked.mapping)
        assembly = assemble_for(self._asked, recordings)
        plan = plan_of(self._asked, assembly.settings)
        result = self._result(Core(assembly.settings, assembly.parts), recordings.mentions(), plan)
        result.unreadable = recordings.fault_count
        result.warnings += recordings.faults
        return result

    def _over_store(self) -> Result:
        from buzzguard.cli.backtest_input import Lateness, assemble_for, core_from_store, plan_of, warm_after
        from buzzguard.store.history import open_history

        assembly = assemble_for(self._asked, None)
        plan = plan_of(self._asked, assembly.settings)
        late = Lateness()
        with open_history(assembly.settings.store, base=assembly.base) as history:
            stored = core_from_store(assembly, history)
            mentions = late.note(scored.mention for scored in history.mentions())
            result = self._result(stored.core, mentions, warm_after(plan, stored.history))
        result.history, result.late = stored.history, late.median
        return result

    def _result(self, core: Core, mentions: Iterable[Mention], plan: Plan) -> Result:
        from buzzguard.backtest.run import backtest
        from buzzguard.cli.backtest_result import result_of

        began = self._clock.monotonic()
        with self._progress(began) as told:
            course = backtest(core, mentions, plan, seen=self._count, stepped=told)
        return result_of(
            course,
            core.settings,
            read=self._read,
            seconds=self._clock.monotonic() - began,
        )

    @contextmanager
    def _progress(self, began: float) -> Iterator[Callable[[Effects], None]]:
        """Where a person looks on, a line that tells how far it is."""
        from rich.console import Console

        console = Console(stderr=True)
        if self._quiet or not console.is_terminal:
            yield lambda _: None
            return
        with console.status("…") as status:

            def told(effects: Effects) -> None:
                pace = self._read / max(self._clock.monotonic() - began, 1e-3)
                status.update(f"{effects.at:%Y-%m-%d %H:%M} UTC · {self._read:,} mentions · {pace:,.0f}/s")

            yield told

    def _count(self, mentions: int) -> None:
        self._read += mentions
