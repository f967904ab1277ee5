"""`buzzguard check` says what a budget of false alarms makes of the rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from buzzguard.cli.check import command
from tests.cli.folders import CONFIG, RULE, installation

BUDGET = """\
false_alarms: {at_most: 2, per: 30d}
topics:
""" + "".join(f"  topic-{index}: {{name: Topic {index}, query: word{index}}}\n" for index in range(12))
RARE = RULE.replace("when: volume.count >= 10", "when: volume.once_per > days(90) && volume.count >= 10")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def check() -> Result:
    return CliRunner().invoke(command, [], catch_exceptions=False)


def with_budget(folder: Path, *, language: str = "en", rule: str = RARE, budget: str = BUDGET) -> list[str]:
    config = CONFIG.replace("topics:\n  acme: {name: Acme, query: acme}\n", budget)
    installation(folder, config=f"language: {language}\n{config}", rule=rule)
    return check().output.splitlines()


def test_it_says_what_the_budget_of_false_alarms_comes_to(tmp_path: Path) -> None:
    lines = with_budget(tmp_path)
    assert "✓ budget         12 topics, 1 rule" in lines
    assert (
        "· without a budget up to 4 false alarms in 30 days are to be expected; yours of 2 makes “once in 90 days” "
        "read as “once in 180 days”"
    ) in lines


def test_it_says_so_in_french(tmp_path: Path) -> None:
    assert (
        "· sans budget, jusqu’à 4 fausses alertes en 30\u00a0jours seraient à attendre\u00a0; avec le vôtre (2), "
        "«\u00a0une fois en 90 jours\u00a0» se lit «\u00a0une fois en 180 jours\u00a0»"
    ) in with_budget(tmp_path, language="fr")


def test_a_budget_that_suffices_leaves_the_rules_alone(tmp_path: Path) -> None:
    lines = with_budget(tmp_path, budget=BUDGET.replace("at_most: 2", "at_most: 9"))
    assert any("within your budget of 9" in line for line in lines)


def test_it_says_when_a_budget_cannot_be_kept(tmp_path: Path) -> None:
    lines = with_budget(tmp_path, budget=BUDGET.replace("at_most: 2", "at_most: 0.0001"))
    assert any(line.startswith("· the budget of 0.0001 cannot be kept") for line in lines)
    assert any(line.endswith("read as “once in 1,000 years”") for line in lines)


def test_it_names_the_rules_that_the_budget_leaves_out(tmp_path: Path) -> None:
    assert "· the budget leaves out what no return period bounds: surge" in with_budget(tmp_path, rule=RULE)


def test_a_budget_that_is_none_is_told_with_its_place(tmp_path: Path) -> None:
    result = "\n".join(with_budget(tmp_path, budget=BUDGET.replace("at_most: 2", "at_most: 0")))
    assert "buzzguard.yml:2:25" in result
