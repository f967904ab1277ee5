"""`buzzguard rules`, as a rule author meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli.rules import command
from tests.cli.folders import CONFIG, installation
from tests.decide.scenes import RULE, SHIPPED

TEST = """\
tests:
  - name: a surge fires after two minutes
    windows:
      - {window: 1h, negative: 30, once_per: {negative: 120d}}
    expect:
      - {at: 2m, severity: orange}
"""


def rules(*arguments: str | Path) -> Result:
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "surge.yml").write_text(RULE)
    (tmp_path / "surge.test.yml").write_text(TEST)
    return tmp_path


def test_the_shipped_rules_pass_lint_and_their_tests() -> None:
    assert rules("lint", "--strict", SHIPPED).exit_code == 0
    result = rules("test", SHIPPED)
    assert result.exit_code == 0, result.output
    assert "tests passed" in result.output


def test_lint_shows_warnings_and_passes_unless_it_is_strict(folder: Path) -> None:
    result = rules("lint", folder)
    assert result.exit_code == 0
    assert f"{folder / 'surge.yml'}:1:1: warning: the alert brings no playbook (name one with `playbook`)" in (
        result.output
    )
    assert "0 errors, 3 warnings" in result.output
    assert rules("lint", "--strict", folder).exit_code == 1


def test_lint_fails_on_an_error_and_shows_its_character(folder: Path) -> None:
    (folder / "surge.yml").write_text(RULE.replace("negative.count", "negativ.count", 1))
    result = rules("lint", folder)
    assert result.exit_code == 1
    assert ":3:39: error: unknown signal `negativ` (did you mean `negative`?)" in result.output


def test_lint_speaks_json(folder: Path) -> None:
    findings = json.loads(rules("lint", "--json", folder).output)
    assert {finding["severity"] for finding in findings} == {"warning"}


def test_a_passing_test_is_one_line_and_shows_more_when_asked(folder: Path) -> None:
    result = rules("test", folder)
    assert result.exit_code == 0
    assert f"ok   {folder / 'surge.test.yml'}:2: a surge fires after two minutes" in result.output
    assert "what happened:" not in result.output
    assert "what happened:" in rules("test", "-v", folder).output


def test_a_failing_test_shows_times_beside_expectations(folder: Path) -> None:
    (folder / "surge.test.yml").write_text(TEST.replace("severity: orange", "severity: red"))
    result = rules("test", folder / "surge.test.yml")
    assert result.exit_code == 1
    assert "✗  2m  surge red firing  surge orange firing" in result.output
    assert "1 test, 1 failed" in result.output


def test_tests_can_be_chosen_and_choosing_none_is_a_failure(folder: Path) -> None:
    assert rules("test", "-k", "SURGE", folder).exit_code == 0
    assert rules("test", "-k", "nothing like it", folder).exit_code == 1


def test_a_faulty_rule_stops_its_tests_with_its_place(folder: Path) -> None:
    (folder / "surge.yml").write_text(RULE.replace("negative.count", "negativ.count", 1))
    result = rules("test", folder)
    assert result.exit_code == 1
    assert "surge.yml:3:39: unknown signal `negativ`" in result.output


def test_names_are_listed() -> None:
    assert "| `negative.once_per` | duration |" in rules("names").output


def test_lint_covers_themes_and_gravity_words(tmp_path: Path) -> None:
    (tmp_path / "themes").mkdir()
    (tmp_path / "themes" / "toys.yml").write_text("id: toys\ntitle: {en: Toys, fr: Jouets}\n")
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "gravity.yml").write_text("en: {scam: scam}\n")
    result = CliRunner().invoke(command, ["lint", str(tmp_path)])
    assert result.exit_code == 1
    assert "gravity.yml:1:12: error: a list of words is wanted here" in result.output
    assert "toys.yml:1:1: warning: 0 examples in 'en' teach little" in result.output


def test_lint_covers_playbooks_and_with_a_configuration_who_stands_behind_them(tmp_path: Path) -> None:
    installation(tmp_path)
    folder, config = tmp_path / "rules", tmp_path / "buzzguard.yml"
    step = "calm.en.md:11:1: warning: nobody stands behind `communications`, which has steps in 1 playbook"
    assert step not in rules("lint", folder).output
    assert step in rules("lint", folder, "-c", config).output
    config.write_text(CONFIG.replace("screen", "communications"))
    assert step not in rules("lint", folder, "-c", config).output
    (folder / "surge.yml").write_text(RULE + "playbook: clam\n")
    message = "error: unknown playbook `clam` (did you mean `calm`?)"
    assert message in rules("lint", folder).output
    (folder / "playbooks" / "calm.fr.md").unlink()
    result = rules("lint", folder)
    assert result.exit_code == 1
    assert "calm.en.md:1:1: error: `calm` has no text in French (write calm.fr.md)" in result.output
