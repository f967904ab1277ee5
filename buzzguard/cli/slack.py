"""`buzzguard slack`: the app that people meet in Slack, made and tried before the night on which it must work."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.deliver.slack_doctor import Finding
    from buzzguard.model import Language

_MARKS = {"sound": ("✓", "green"), "hint": ("!", "yellow"), "fault": ("✗", "red")}
_OPTIONAL = ("names", "direct", "charts", "record", "rooms", "private_rooms", "bookmarks", "canvases", "groups")


@click.group("slack")
def command() -> None:
    """Make the Slack app, and see whether it works."""


@command.command("manifest")
@click.option("--http", metavar="URL", default="", help="Where Slack reaches the web server; Socket Mode if absent.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language (default: that of the terminal).")
@click.option(
    "--without", type=click.Choice(_OPTIONAL), multiple=True, help="Do not ask for what this needs. May be repeated."
)
@click.option("--json", "as_json", is_flag=True, help="JSON, without the reasons.")
def print_manifest(http: str, lang: str | None, without: tuple[str, ...], *, as_json: bool) -> None:
    """Print the manifest of the app: paste it at https://api.slack.com/apps.

    Each scope stands below its reason, and what does not work without it.
    """
    from buzzguard.deliver.slack_manifest import BadAddress, manifest_json, manifest_yaml

    write = manifest_json if as_json else manifest_yaml
    try:
        text = write(language=_language(lang), http=http, without=without)
    except BadAddress as error:
        raise click.BadParameter(str(error), param_hint="--http") from error
    click.echo(text.rstrip("\n"))


@command.command("doctor")
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True)
@click.option("--notifier", default="", help="Which Slack notifier; needed where there are several.")
@click.option("--press", metavar="RECEIVER|U…", default="", help="Post a button there and wait until it is pressed.")
@click.option("--wait", type=click.IntRange(5, 600), default=60, show_default=True, help="Seconds to wait for that.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language (default: the configuration's).")
@click.option("--json", "as_json", is_flag=True, help="For other programs.")
def examine(config: Path, notifier: str, press: str, wait: int, lang: str | None, *, as_json: bool) -> None:
    """Look at everything between BuzzGuard and the people in Slack: token, scopes, channels, line, people, buttons.

    Nothing is changed, and nobody is told anything but with --press. The exit status is 1 when something is broken.
    """
    from buzzguard import telemetry
    from buzzguard.cli.common import echo_faults
    from buzzguard.config.words import safe

    telemetry.configure_logging(json=False, level=logging.ERROR)
    try:
        findings = asyncio.run(_examine(config, notifier, press=press, wait=wait, lang=lang, shown=not as_json))
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in findings], indent=2, ensure_ascii=False))
    sys.exit(1 if any(one.mark == "fault" for one in findings) else 0)


async def _examine(
    config: Path, notifier: str, *, press: str, wait: int, lang: str | None, shown: bool
) -> list[Finding]:
    from buzzguard.cli.common import plugin_models, query_fault
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings
    from buzzguard.deliver.slack_doctor import Doctor, patient_of

    settings = load_settings(config, models=plugin_models(), query_fault=query_fault)
    language = _language(lang) if lang else settings.language
    doctor = Doctor(patient_of(settings, notifier), clock=SystemClock(), language=language)
    found: list[Finding] = []
    async for one in doctor.examine(press=press, wait=wait):
        found.append(one)
        if shown:
            _show(one)
    return found


def _show(finding: Finding) -> None:
    from buzzguard.deliver.escape import clean

    sign, color = _MARKS[finding.mark]
    click.echo(f"{click.style(sign, fg=color)} {clean(finding.text)}")
    if finding.todo:
        click.echo(click.style(f"  → {clean(finding.todo)}", dim=True))


def _as_json(finding: Finding) -> dict[str, Any]:
    return {"mark": finding.mark, "about": finding.about, "text": finding.text, "todo": finding.todo or None}


def _language(given: str | None) -> Language:
    """The language asked for, else that of the terminal."""
    named = given or next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "fr" if named.lower().startswith("fr") else "en"
