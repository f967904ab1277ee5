"""`buzzguard notifier`: whether people can be told, tried before the night on which it must work."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from buzzguard.errors import BuzzguardError, ConfigError

if TYPE_CHECKING:
    from buzzguard.cli.notifier_test import Outcome

_WORDS = {
    "en": {
        "delivered": "{receiver}: delivered by {notifier} in {seconds} s",
        "closed": "{receiver}: closed again, nothing stays open",
        "passing": "{receiver}: not delivered by {notifier}, for now: {reason}",
        "lasting": "{receiver}: not delivered by {notifier}, until somebody acts: {reason}",
    },
    "fr": {
        "delivered": "{receiver}\u00a0: remis par {notifier} en {seconds} s",
        "closed": "{receiver}\u00a0: refermé, rien ne reste ouvert",
        "passing": "{receiver}\u00a0: pas remis par {notifier}, pour l’instant\u00a0: {reason}",
        "lasting": "{receiver}\u00a0: pas remis par {notifier}, tant que personne n’agit\u00a0: {reason}",
    },
}


@click.group("notifier")
def command() -> None:
    """Try whether people can be told."""


@command.command("test")
@click.argument("name")
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True)
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language; the receiver's if absent.")
def test_receiver(name: str, config: Path, lang: str | None) -> None:
    """Send a message marked as a test to NAME: a receiver, or a notifier that has but one.

    What pages people until it is closed (PagerDuty, Alertmanager) is opened and closed at once. The exit status is 1
    when the message was not delivered.
    """
    from buzzguard.cli.common import echo_faults, plugin_models, query_fault
    from buzzguard.cli.notifier_test import try_receiver
    from buzzguard.clock import SystemClock
    from buzzguard.config.loader import load_settings
    from buzzguard.config.words import safe

    try:
        settings = load_settings(config, models=plugin_models(), query_fault=query_fault)
        outcome = asyncio.run(try_receiver(settings, name, language=lang, clock=SystemClock()))
    except ConfigError as error:
        echo_faults(error.faults)
        sys.exit(1)
    except BuzzguardError as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)
    _print(outcome)
    sys.exit(0 if outcome.fault is None else 1)


def _print(outcome: Outcome) -> None:
    from buzzguard.config.words import safe

    words, fault = _WORDS[outcome.language], outcome.fault
    told = {"receiver": outcome.receiver, "notifier": outcome.notifier, "seconds": f"{outcome.seconds:.1f}"}
    if outcome.language == "fr":
        told["seconds"] = told["seconds"].replace(".", ",")
    for _ in outcome.deliveries[:1]:
        click.echo(f"{click.style('✓', fg='green')} {words['delivered'].format(**told)}")
    for _ in outcome.deliveries[1:]:
        click.echo(f"{click.style('✓', fg='green')} {words['closed'].format(**told)}")
    if fault is not None:
        form = words["passing" if fault.retryable else "lasting"]
        click.echo(f"{click.style('✗', fg='red')} {form.format(reason=safe(str(fault)), **told)}", err=True)
