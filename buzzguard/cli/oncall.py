"""`buzzguard oncall`: who is on call."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from buzzguard.errors import ConfigError

if TYPE_CHECKING:
    from buzzguard.model import Language


@click.group("oncall")
def command() -> None:
    """Show who is on call, now and in the days to come."""


@command.command("show")
@click.argument("rotas", nargs=-1)
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True)
@click.option("--at", default="", metavar="TIME", help="From this time (2027-03-15T02:00), local to each rota; now.")
@click.option("--days", type=click.IntRange(1, 366), default=14, show_default=True, help="So many days ahead.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; that of the configuration.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show_rotas(rotas: tuple[str, ...], config: Path, at: str, days: int, lang: str | None, as_json: bool) -> None:
    """Show who is on call in ROTAS (all when none is named): at an instant, and the shifts after it.

    Exit status 1 when a rota is unknown or the configuration is wrong, 2 when the time cannot be read.
    """
    from buzzguard.cli.common import echo_faults, plugin_models, query_fault
    from buzzguard.cli.oncall_text import look, oncall_document, oncall_lines, rotas_of
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings
    from buzzguard.config.moments import parse_moment
    from buzzguard.config.words import safe, show, suggest
    from buzzguard.respond.ical import load_calendars

    try:
        moment = parse_moment(at) if at else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from error
    try:
        settings = load_settings(config, models=plugin_models(), query_fault=query_fault)
        calendars = load_calendars(settings, config.resolve().parent)
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    for name in rotas:
        if name not in settings.rotas:
            click.echo(
                safe(f"unknown rota `{show(name)}` ({suggest(name, settings.rotas) or 'there is none'})"), err=True
            )
            sys.exit(1)
    now = SystemClock().now() if moment is None else None
    start = moment if moment is not None else cast(datetime, now).astimezone(UTC)
    found = look(rotas_of(settings, calendars), rotas, start, timedelta(days=days))
    if as_json:
        click.echo(json.dumps(oncall_document(found), indent=2, ensure_ascii=False))
        return
    for line in oncall_lines(found, cast("Language", lang or settings.language)):
        click.echo(line)
