"""One faulty file for each fault: the place and the words are what a person sees. And: what is sound is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.config.loader import inspect_settings, load_settings
from buzzguard.config.settings import Secret
from buzzguard.errors import ConfigError
from tests.config.plugin_models import InventedPlugins

FOLDER = Path(__file__).parent.parent / "data" / "config"
FAULTY = sorted(FOLDER.glob("*.yml"))
SOUND = """\
topics:
  acme: {name: Acme, query: acme}
streams:
  blog: {source: rss, url: "https://blog.example/feed", topics: [acme]}
notifiers:
  slack: {kind: slack, token: {file: secrets/slack}}
  screen: {kind: console}
receivers:
  room: {notifier: slack, channel: C1}
  me: {notifier: screen}
policies:
  crisis: {steps: [{notify: [room, me]}]}
"""


def query_fault(query: str) -> tuple[int, str, str] | None:
    """Stands for the parser of queries: an opening parenthesis is never right."""
    offset = query.find("(")
    return None if offset < 0 else (offset, "`(` is never closed", "add `)`")


def write(folder: Path, text: str) -> Path:
    file = folder / "buzzguard.yml"
    file.write_text(text, encoding="utf-8")
    return file


def expected_of(file: Path) -> list[str]:
    """The faults that a file says it has, in its comments `# ! line:column: message`."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# ! ") for line in lines if line.startswith("# ! ")]


@pytest.mark.parametrize("file", FAULTY, ids=lambda file: file.stem)
def test_a_faulty_file_is_told_what_is_wrong_and_where(file: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(file, models=InventedPlugins(), query_fault=query_fault)
    assert [str(fault).removeprefix(f"{file}:") for fault in raised.value.faults] == expected_of(file)
    assert expected_of(file)


def test_a_sound_file_is_loaded(tmp_path: Path) -> None:
    loaded = load_settings(write(tmp_path, SOUND), models=InventedPlugins(), query_fault=query_fault)
    assert loaded.topics["acme"].query == "acme"
    assert loaded.streams["blog"].settings == {"url": "https://blog.example/feed"}
    assert loaded.policies["crisis"].steps[0].notify == ("room", "me")


def test_the_file_of_a_secret_is_taken_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    loaded = load_settings(write(tmp_path, SOUND), models=InventedPlugins())
    assert loaded.notifiers["slack"].settings["token"] == {"file": str(tmp_path / "secrets" / "slack")}


def test_every_secret_is_known_with_its_path(tmp_path: Path) -> None:
    loaded = inspect_settings(write(tmp_path, SOUND), models=InventedPlugins())
    assert loaded.secrets == ((("notifiers", "slack", "token"), Secret(file=str(tmp_path / "secrets" / "slack"))),)


def test_what_is_sound_in_a_faulty_file_is_still_known(tmp_path: Path) -> None:
    text = "topics: {acme: {name: Acme, query: acme}, b: {name: B}}\npolicies: {crisis: {steps: []}}\n"
    loaded = inspect_settings(write(tmp_path, text), models=InventedPlugins())
    assert loaded.settings is None
    assert list(loaded.topics) == ["acme"]
    assert loaded.names("policies") == ["crisis"]


def test_a_missing_file_is_one_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_settings(tmp_path / "nowhere.yml", models=InventedPlugins())
    assert [fault.message for fault in raised.value.faults] == ["cannot be read: no such file or directory"]


_KEYS = st.sampled_from(
    ["topics", "streams", "notifiers", "receivers", "policies", "detect", "steps", "notify", "kind"]
)
_WORDS = st.sampled_from(["acme", "slack", "rss", "buzzguard", "5m", "0s", "(", "source", "notifier", "every", "query"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | _WORDS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200)
@given(st.dictionaries(_KEYS, _VALUES, max_size=6))
def test_nothing_that_a_file_can_hold_raises_anything_but_config_error(
    tmp_path_factory: pytest.TempPathFactory, value: dict[str, object]
) -> None:
    file = write(tmp_path_factory.getbasetemp(), json.dumps(value))
    loaded = inspect_settings(file, models=InventedPlugins(), query_fault=query_fault)
    assert (loaded.settings is None) == bool(loaded.faults)
    assert all(fault.line >= 1 and fault.column >= 1 for fault in loaded.faults)
