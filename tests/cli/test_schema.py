"""`buzzguard schema` prints what an editor needs."""

from __future__ import annotations

import json
import re

import yaml
from click.testing import CliRunner

from buzzguard.cli.schema import command
from tests.decide.scenes import SHIPPED


def test_the_configuration_is_the_default() -> None:
    schema = json.loads(CliRunner().invoke(command, [], catch_exceptions=False).stdout)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"topics", "streams", "policies"} <= set(schema["properties"])
    assert "slack" in schema["$defs"]["NotifierSettings"]["properties"]["kind"]["enum"]


def test_rules_have_theirs() -> None:
    schema = json.loads(CliRunner().invoke(command, ["rule"], catch_exceptions=False).stdout)
    assert {"id", "when", "severity", "raise"} <= set(schema["properties"])


def test_the_front_matter_of_every_shipped_playbook_follows_its_schema() -> None:
    schema = json.loads(CliRunner().invoke(command, ["playbook"], catch_exceptions=False).stdout)
    properties = schema["properties"]
    files = sorted(SHIPPED.glob("playbooks/*.*.md"))
    assert len(files) >= 30
    for file in files:
        front = yaml.safe_load(file.read_text(encoding="utf-8").split("---")[1])
        assert set(schema["required"]) <= set(front) <= set(properties), file.name
        assert front["posture"] in properties["posture"]["enum"], file.name
        assert re.fullmatch(properties["id"]["pattern"], front["id"]), file.name
    assert schema["additionalProperties"] is False
    assert all("description" in one for one in properties.values())


def test_anything_else_is_refused() -> None:
    assert CliRunner().invoke(command, ["incident"]).exit_code == 2
