"""The app asks for what the code uses, for nothing else, and says of each scope why."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver.slack_manifest import BadAddress, manifest, manifest_json, manifest_yaml
from buzzguard.deliver.slack_record import EVENTS as HEARD
from buzzguard.deliver.slack_scopes import EVENTS, METHODS, OPTIONAL, SCOPES, events, scopes, superfluous
from buzzguard.deliver.slack_spoken import read
from buzzguard.model import Language

ROOT = Path(__file__).parents[2]
LANGUAGES: tuple[Language, ...] = ("en", "fr")
_FAMILIES = "auth|apps|bookmarks|canvases|chat|conversations|files|pins|reactions|usergroups|users|views|team|emoji"
_METHOD = re.compile(rf'"((?:{_FAMILIES})(?:\.[a-z][A-Za-z]+)+)"')


def _called() -> set[str]:
    """Every method of Slack that is named in the code."""
    files = [path for path in (ROOT / "buzzguard").rglob("*.py") if path.name != "slack_scopes.py"]
    return {name for path in files for name in _METHOD.findall(path.read_text("utf-8"))}


def test_every_method_that_is_called_has_its_scopes_and_no_other() -> None:
    assert _called() == set(METHODS)


def test_every_scope_is_needed_by_a_method_or_an_event() -> None:
    used = {scope for needed in itertools.chain(METHODS.values(), EVENTS.values()) for scope in needed}
    assert {one.name for one in SCOPES} == used | {"commands"}
    assert all(set(one.why) == set(one.lost) == {"en", "fr"} for one in SCOPES)
    assert {feature for one in SCOPES for feature in one.features} == set(OPTIONAL)


def test_what_the_record_hears_is_subscribed_to() -> None:
    assert {name.partition(".")[0] for name in EVENTS} - {"app_home_opened"} == HEARD


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("http", ["", "https://buzz.example.org/guard/"])
def test_yaml_and_json_say_the_same(language: Language, http: str) -> None:
    made = manifest(language=language, http=http)
    assert yaml.safe_load(manifest_yaml(language=language, http=http)) == made
    assert json.loads(manifest_json(language=language, http=http)) == made


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_scope_stands_below_its_reason(language: Language) -> None:
    text = " ".join(manifest_yaml(language=language).replace("# ", "").split())
    for one in SCOPES:
        assert f"{' '.join(one.why[language].split())}" in text
        assert f"{' '.join(one.lost[language].split())} - {one.name}" in text
    assert max(map(len, manifest_yaml(language=language).splitlines())) <= 120


def test_it_has_the_form_that_slack_takes() -> None:
    made = manifest()
    assert made["_metadata"] == {"major_version": 1, "minor_version": 1}
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch("#[0-9a-f]{6}", shown["background_color"])
    (command,) = made["features"]["slash_commands"]
    assert command["command"] == "/buzz"
    assert len(command["description"]) <= 2_000
    assert len(command["usage_hint"]) <= 1_000
    assert made["features"]["app_home"]["home_tab_enabled"] is True
    settings = made["settings"]
    assert settings["socket_mode_enabled"] is True
    assert settings["interactivity"] == {"is_enabled": True}
    assert "request_url" not in settings["event_subscriptions"]
    assert settings["event_subscriptions"]["bot_events"] == list(EVENTS)
    assert settings["token_rotation_enabled"] is False


def test_over_http_every_door_has_its_address() -> None:
    made = manifest(http="https://buzz.example.org")
    settings = made["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["interactivity"]["request_url"] == "https://buzz.example.org/v1/slack/actions"
    assert settings["event_subscriptions"]["request_url"] == "https://buzz.example.org/v1/slack/events"
    assert made["features"]["slash_commands"][0]["url"] == "https://buzz.example.org/v1/slack/commands"
    routes = (ROOT / "buzzguard" / "web" / "app.py").read_text("utf-8")
    assert all(f'"/v1/slack/{door}"' in routes for door in ("actions", "commands", "events"))


@pytest.mark.parametrize(
    "address",
    ["http://buzz.example.org", "buzz.example.org", "https://", "https://a b", 'https://x"', "https://x/?a=1"],
)
def test_an_address_that_slack_refuses_is_refused(address: str) -> None:
    with pytest.raises(BadAddress):
        manifest(http=address)


@given(without=st.sets(st.sampled_from(OPTIONAL)))
def test_an_app_that_goes_without_asks_for_less(without: set[str]) -> None:
    asked = {one.name for one in scopes(without)}
    assert {"chat:write", "commands"} <= asked
    assert all(set(needed) & asked for name in events(without) if (needed := EVENTS[name]))
    assert ("pins:read" in asked) is ("record" not in without)
    assert ("pins:write" in asked) is not ({"rooms", "private_rooms"} <= without)
    assert yaml.safe_load(manifest_yaml(without=without))["oauth_config"]["scopes"]["bot"] == [
        one.name for one in scopes(without)
    ]
    assert superfluous(asked) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_hint_names_is_understood(language: Language) -> None:
    (command,) = manifest(language=language)["features"]["slash_commands"]
    for part in command["usage_hint"].split("|"):
        assert read(part.replace("…", "").strip()).verb, part


def test_the_shipped_manifest_is_this_one() -> None:
    shipped = (ROOT / "deploy" / "slack-manifest.yml").read_text("utf-8")
    assert shipped == manifest_yaml(), "write it anew: buzzguard slack manifest --lang en > deploy/slack-manifest.yml"


def test_the_documentation_names_every_scope() -> None:
    text = (ROOT / "deploy" / "README.md").read_text("utf-8")
    for one in SCOPES:
        assert f"| `{one.name}` | {one.why['en']} | {one.lost['en']} |" in text
