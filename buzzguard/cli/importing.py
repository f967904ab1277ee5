"""`buzzguard import`: an export of a listening tool becomes a recording."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.config.words import safe
from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.collect.importing import Export
    from buzzguard.model import Fault

_FAULTS_SHOWN = 5
_EVERY = 2_000
"""Rows between two moves of the bar."""


@click.command("import")
@click.argument("export", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The recording: .jsonl, .jsonl.gz or .jsonl.zst (EXPORT's name with .jsonl.zst when absent).",
)
@click.option(
    "-m", "--mapping", type=click.Path(exists=True, path_type=Path), help="YAML that says what the columns mean."
)
@click.option("--time-zone", default="", help="The zone of times that name none: Europe/Paris (UTC when absent).")
@click.option("--force", is_flag=True, help="Write over a recording that is there.")
def command(export: Path, output: Path | None, mapping: Path | None, time_zone: str, force: bool) -> None:
    """Read EXPORT, of Brandwatch, Talkwalker, Meltwater, Mention, Visibrain or any other CSV, TSV, JSON Lines or XLSX
    file (packed or not), and write a recording for `replay`, `backtest` and `topic preview`.

    Columns are known by their names; a block before the header is passed over. A row without a time is left out and
    told.
    """
    target = output or export.with_name(export.name.partition(".")[0] + ".jsonl.zst")
    if target.exists() and not force:
        _fail(f"{target} exists already: choose another name with -o, or write over it with --force")
    try:
        _import(export, target, mapping, time_zone)
    except ConfigError as error:
        _fail(*map(str, error.faults))
    except BuzzguardError as error:
        _fail(str(error))
    except OSError as error:
        _fail(f"{target}: cannot be written: {error.strerror or type(error).__name__}")


def _import(path: Path, target: Path, mapping: Path | None, time_zone: str) -> None:
    from buzzguard.clock import SystemClock
    from buzzguard.collect.importing import Export, Recorder
    from buzzguard.collect.mapping import load_mapping

    _check_zone(time_zone)
    export = Export(path, load_mapping(mapping) if mapping else None, time_zone=time_zone)
    _tell_columns(export)
    faults = _Faults()
    clock = SystemClock()
    began = clock.monotonic()
    with Recorder(target) as recorder, _Bar() as bar:
        for mention in export.mentions(faults.add):
            recorder.write(mention)
            if recorder.written % _EVERY == 0:
                bar.move(export.progress)
        bar.move(1.0)
    seconds = max(clock.monotonic() - began, 1e-9)
    rate = (recorder.written + faults.count) / seconds
    click.echo(f"{target}: {recorder.written:,} mentions in {seconds:.1f} s ({rate:,.0f} rows/s)")
    faults.tell()


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BuzzguardError(f"unknown time zone {name!r}, write for example Europe/Paris") from error


def _tell_columns(export: Export) -> None:
    told = ("constants", "time_zone", "time_format")
    used = {field: column for field, column in export.mapping.model_dump().items() if column and field not in told}
    if export.vendor:
        click.echo(f"an export of {export.vendor.title()}")
    for field, column in used.items():
        click.echo(safe(f"  {field:<10} {column}"))


class _Faults:
    """Rows that were left out: how many, and the first few."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Note one."""
        self.count += 1
        if len(self._first) < _FAULTS_SHOWN:
            self._first.append(fault)

    def tell(self) -> None:
        """Say what was left out."""
        if self.count:
            click.echo(f"{self.count:,} rows were left out:", err=True)
        for fault in self._first:
            click.echo(safe(f"  {fault}"), err=True)


class _Bar:
    """A bar on the error output while that is a terminal; else nothing."""

    def __enter__(self) -> _Bar:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TimeRemainingColumn

        console = Console(stderr=True)
        columns = (BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._progress.start()
        self._task = self._progress.add_task("", total=1.0)
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def move(self, part: float) -> None:
        """Show that `part` (0 to 1) is done."""
        self._progress.update(self._task, completed=part)


def _fail(*lines: str) -> None:
    for line in lines:
        click.echo(safe(line), err=True)
    sys.exit(1)
