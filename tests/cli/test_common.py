"""How faults look, and how broken plugins are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.cli.common import place_of, plugin_models, query_fault, said, short_path
from buzzguard.errors import ConfigError
from buzzguard.model import Fault


def test_paths_are_as_short_as_they_can_be_named_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert short_path(str(tmp_path / "rules" / "a.yml")) == "rules/a.yml"
    assert short_path("/elsewhere/a.yml") == "/elsewhere/a.yml"
    assert short_path("rules/a.yml") == "rules/a.yml"


@pytest.mark.parametrize(
    ("fault", "line"),
    [
        (Fault(file="a.yml", line=3, column=4, message="wrong", hint="right"), "a.yml:3:4: wrong (right)"),
        (Fault(file="a.yml", line=0, column=0, message="wrong"), "a.yml: wrong"),
        (Fault(file="", line=0, column=0, message="wrong"), "wrong"),
    ],
)
def test_a_fault_is_one_line_with_what_is_known_of_its_place(fault: Fault, line: str) -> None:
    assert said(fault) == line
    assert line.startswith(place_of(fault))


def test_the_models_of_every_plugin_can_be_had() -> None:
    models = plugin_models()
    for kind in ("source", "notifier", "detector"):
        assert all(models.settings(kind, name) is not None for name in models.names(kind))
    assert models.receiver("slack") is not None


def test_a_plugin_that_cannot_be_loaded_is_a_config_error() -> None:
    with pytest.raises(ConfigError, match="unknown source"):
        plugin_models().settings("source", "nowhere")
    with pytest.raises(ConfigError, match="unknown notifier"):
        plugin_models().receiver("nowhere")


def test_a_query_is_faulty_at_a_character() -> None:
    assert query_fault("acme OR boycott") is None
    found = query_fault("acme OR (boycott")
    assert found is not None
    assert found[0] == 8
