"""`buzzguard route test` and what `buzzguard check` says of routes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli import main
from tests.cli.folders import CONFIG, installation

ROUTES = """\
routes:
  - match: {owner: legal}
    policy: lawyers
  - match: {severity: red}
    also: [night]
"""
THEME = """\
id: legal
title: {en: Legal, fr: Juridique}
owner: legal
words: {en: {strong: [lawsuit]}}
"""
WORLD = CONFIG.replace(
    "  screen: {notifier: terminal}\n", "  screen: {notifier: terminal}\n  night: {notifier: terminal}\n"
)
WORLD = WORLD.replace(
    "policies:\n", "policies:\n  lawyers: {steps: [{notify: [screen]}, {notify: [night], after: 10m}]}\n"
)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    installation(tmp_path, config=WORLD + ROUTES)
    (tmp_path / "rules" / "themes").mkdir()
    (tmp_path / "rules" / "themes" / "legal.yml").write_text(THEME)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words, catch_exceptions=False)


def test_it_says_where_an_alert_goes_and_why() -> None:
    assert run("route", "test", "--topic", "acme", "--theme", "legal").output.splitlines() == [
        "policy        lawyers (the route says so)",
        "business of   legal (the theme’s owner)",
        "by the route  routes[0] (line 12)",
        "step 1        → screen",
        "step 2        after 10m → night",
    ]
    assert run("route", "test", "--topic", "acme", "--rule", "surge", "--lang", "fr").output.splitlines() == [
        "politique      crisis (la règle le dit)",
        "du ressort de  communication (le service chargé du sujet)",
        "par la route   aucune route ne la prend",
        "étape 1        → screen",
    ]


def test_other_programs_read_the_same() -> None:
    found = json.loads(run("route", "test", "--topic", "acme", "--severity", "red", "--json").output)
    assert found["policy_by"] == "default"
    assert found["also"] == ["night"]
    assert found["routes"] == [{"route": "routes[1]", "line": 14}]
    assert found["steps"] == [{"after_seconds": 0, "receivers": ["screen", "night"]}]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--topic", "acm"), "unknown topic `acm` (did you mean `acme`?)"),
        (("--topic", "acme", "--theme", "legl"), "unknown theme `legl` (did you mean `legal`?)"),
        (("--topic", "acme", "--rule", "x"), "unknown rule `x` (known: `surge`)"),
    ],
)
def test_a_name_that_nothing_has_is_told(words: tuple[str, ...], said: str) -> None:
    result = run("route", "test", *words)
    assert (result.exit_code, result.output) == (1, said + "\n")


def faults(routes: str, *, theme: str = THEME) -> str:
    Path("buzzguard.yml").write_text(WORLD + routes)
    Path("rules/themes/legal.yml").write_text(theme)
    return run("check").output


def test_sound_routes_are_counted() -> None:
    assert "✓ routes         2 routes\n" in run("check").output


def test_a_theme_that_nobody_owns_is_a_fault() -> None:
    said = faults("routes:\n  - match: {theme: legal}\n    owner: legal\n")
    assert (
        "rules/themes/legal.yml:3:1: nobody owns the theme legal: no policy, receiver or rota is called legal" in said
    )
    assert "nobody owns" not in faults("routes:\n  - match: {severity: red}\n    policy: lawyers\n")
    assert "nobody owns" not in faults(ROUTES, theme=THEME.replace("owner: legal", "owner: night"))


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("  - policy: lawers\n", ":12:13: unknown policy `lawers` (did you mean `lawyers`?)"),
        ("  - also: [night, boss]\n", ":12:19: unknown receiver `boss`"),
        ("  - match: {topic: [acme, acm]}\n", ":12:27: unknown topic `acm`"),
        ("  - match: {source: rsss}\n", ":12:21: unknown source `rsss`"),
        ("  - match: {theme: legl}\n    policy: lawyers\n", ":12:20: unknown theme `legl`"),
        ("  - routes:\n      - match: {role: brnd}\n", ":13:23: unknown role `brnd`"),
        (
            "  - policy: crisis\n  - policy: lawyers\n",
            ":13:5: no alert comes here: the route in line 12 takes them all",
        ),
        ("  - policy: crisis\n    share: 2\n", ":13:12: "),
        ("  - match: {them: x}\n", ":12:13: "),
    ],
)
def test_a_fault_of_a_route_has_its_place(routes: str, said: str) -> None:
    assert f"buzzguard.yml{said}" in faults(f"routes:\n{routes}")


def test_routes_nested_without_end_are_one_fault() -> None:
    deep = "{match: {topic: acme}, routes: [" * 12 + "{policy: crisis}" + "]}" * 12
    said = faults(f"routes: [{deep}]\n")
    assert said.count("deep at most") == 1
