"""`buzzguard schema`: the JSON Schema of what people write."""

from __future__ import annotations

import json
from typing import Any

import click


@click.command("schema")
@click.argument("what", type=click.Choice(["config", "rule", "theme", "playbook"]), default="config")
def command(what: str) -> None:
    """Print the JSON Schema of the configuration, of rules, of themes or of a playbook's front matter.

    Editors complete and check by it while you write. With the YAML extension of VS Code or any editor that speaks
    its protocol:

    \b
      buzzguard schema config > buzzguard.schema.json
      buzzguard schema rule > rule.schema.json
      buzzguard schema theme > theme.schema.json
      buzzguard schema playbook > playbook.schema.json

    and as the first line of the file:

    \b
      # yaml-language-server: $schema=buzzguard.schema.json
    """
    click.echo(json.dumps(_schema(what), indent=2, ensure_ascii=False))


def _schema(what: str) -> dict[str, Any]:
    if what == "rule":
        from buzzguard.decide.rule import rule_schema

        return rule_schema()
    if what == "theme":
        from buzzguard.understand.theme_files import theme_schema

        return theme_schema()
    if what == "playbook":
        from buzzguard.respond.playbook_front import playbook_schema

        return playbook_schema()
    from buzzguard.cli.common import plugin_models
    from buzzguard.config.schema import settings_schema

    return settings_schema(plugin_models())
