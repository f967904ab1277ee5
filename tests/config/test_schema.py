"""The schema says what the models say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from buzzguard.config.schema import DURATION, settings_schema
from tests.config.plugin_models import InventedPlugins

SCHEMA = settings_schema(InventedPlugins())


def references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def then_of(section: str, key: str, name: str) -> dict[str, Any]:
    branches = SCHEMA["$defs"][section]["allOf"]
    return next(branch["then"] for branch in branches if branch["if"]["properties"][key]["const"] == name)


def test_it_is_json_and_every_reference_leads_somewhere() -> None:
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert {reference.removeprefix("#/$defs/") for reference in references(SCHEMA)} <= set(SCHEMA["$defs"])


def test_every_key_of_the_centre_is_described() -> None:
    own = {name: definition for name, definition in SCHEMA["$defs"].items() if "." not in name}
    undescribed = [
        f"{name}.{key}"
        for name, definition in {"": SCHEMA, **own}.items()
        for key, schema in definition.get("properties", {}).items()
        if "description" not in schema and "$ref" not in schema  # which leads to a section, described there
    ]
    assert undescribed == []


def test_durations_are_written_as_people_write_them() -> None:
    every = SCHEMA["$defs"]["StreamSettings"]["properties"]["every"]
    assert every["pattern"] == DURATION["pattern"]
    assert every["default"] == "2m"


def test_the_source_of_a_stream_decides_on_its_other_keys() -> None:
    assert set(then_of("StreamSettings", "source", "rss")["properties"]) == {"url", "items"}
    assert then_of("StreamSettings", "source", "rss")["required"] == ["url"]
    assert SCHEMA["$defs"]["StreamSettings"]["properties"]["source"]["enum"] == ["rss"]
    assert SCHEMA["$defs"]["StreamSettings"]["unevaluatedProperties"] is False


def test_the_settings_of_plugins_keep_their_own_definitions() -> None:
    token = then_of("NotifierSettings", "kind", "slack")["properties"]["token"]
    assert token["$ref"] == "#/$defs/notifier.slack.Secret"


def test_names_that_are_no_identifiers_are_refused() -> None:
    assert SCHEMA["properties"]["topics"]["additionalProperties"] is False


def test_the_default_detector_needs_no_name() -> None:
    condition = SCHEMA["$defs"]["DetectSettings"]["allOf"][0]["if"]
    assert condition == {"properties": {"detector": {"const": "seasonal"}}}


def test_receivers_may_have_the_keys_of_a_notifier() -> None:
    receiver = SCHEMA["$defs"]["ReceiverSettings"]
    assert receiver["properties"]["channel"]["description"] == "the id of the room"
    assert receiver["required"] == ["notifier"]
