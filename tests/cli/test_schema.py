"""`buzzguard schema` prints what an editor needs."""

from __future__ import annotations

import json

from click.testing import CliRunner

from buzzguard.cli.schema import command


def test_the_configuration_is_the_default() -> None:
    schema = json.loads(CliRunner().invoke(command, [], catch_exceptions=False).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"topics", "streams", "policies"} <= set(schema["properties"])
    assert "slack" in schema["$defs"]["NotifierSettings"]["properties"]["kind"]["enum"]


def test_rules_have_theirs() -> None:
    schema = json.loads(CliRunner().invoke(command, ["rule"], catch_exceptions=False).stdout)
    assert {"id", "when", "severity", "raise"} <= set(schema["properties"])


def test_anything_else_is_refused() -> None:
    assert CliRunner().invoke(command, ["incident"]).exit_code == 2
