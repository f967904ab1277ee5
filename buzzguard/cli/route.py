"""`buzzguard route`: where an alert would go, and why."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from buzzguard.errors import ConfigError

if TYPE_CHECKING:
    from buzzguard.model import Language


@click.group("route")
def command() -> None:
    """Show where an alert would go, and why."""


@command.command("test")
@click.option("-c", "--config", type=click.Path(path_type=Path), default=Path("buzzguard.yml"), show_default=True)
@click.option("--topic", required=True, help="The topic.")
@click.option("--theme", "themes", multiple=True, help="What its mentions are about; the first one leads.")
@click.option("--severity", type=click.Choice(["yellow", "orange", "red"]), default="orange", show_default=True)
@click.option("--rule", default="", help="The rule that is met.")
@click.option("--language", "languages", multiple=True, help="A language of its mentions.")
@click.option("--source", "sources", multiple=True, help="A kind of place where its mentions stand.")
@click.option("--label", "labels", multiple=True, metavar="NAME=VALUE", help="A label of the rule or of the alert.")
@click.option("--lang", type=click.Choice(["en", "fr"]), default=None, help="Language of the answer.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def attempt(  # noqa: PLR0913 - one option for each thing that routes ask for
    config: Path,
    topic: str,
    themes: tuple[str, ...],
    severity: str,
    rule: str,
    languages: tuple[str, ...],
    sources: tuple[str, ...],
    labels: tuple[str, ...],
    lang: str | None,
    as_json: bool,
) -> None:
    """Show by which policy an alert would go, whose business it would be, and which routes say so.

    Each theme, language and source is taken for that of all its mentions. Exit status 1 when the configuration is
    wrong, or when the topic, a theme or the rule is unknown.
    """
    from buzzguard.cli.route_look import Asked, Unknown, look, route_document, route_lines
    from buzzguard.config.words import safe

    asked = Asked(
        topic=topic,
        themes=themes,
        severity=severity,
        rule=rule,
        languages=languages,
        sources=sources,
        labels=dict(one.partition("=")[::2] for one in labels),
    )
    try:
        found = look(config, asked)
    except ConfigError as error:
        from buzzguard.cli.common import echo_faults

        echo_faults(error.faults)
        sys.exit(1)
    except Unknown as error:
        click.echo(safe(str(error)), err=True)
        sys.exit(1)
    if as_json:
        click.echo(json.dumps(route_document(found), indent=2, ensure_ascii=False))
        return
    for line in route_lines(found, cast("Language", lang or found.settings.language)):
        click.echo(line)
