"""Tests of rules: how they are read, played, judged and told."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.decide.loader import load_rules
from buzzguard.decide.rehearse import rehearse
from buzzguard.decide.rule_tests import LocatedTest, Outcome, describe, read_tests, run_tests
from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from tests.decide.scenes import RULE, SHIPPED

SURGE = """\
tests:
  - name: a surge
    windows:
      - window: 1h
        negative: 2x5 30x10 2
        once_per: {negative: 0x5 120dx10 0}
    expect:
"""


def outcome(folder: Path, text: str) -> Outcome:
    (folder / "surge.yml").write_text(RULE)
    (folder / "surge.test.yml").write_text(text)
    rules = load_rules([folder])
    [found] = run_tests(read_tests([folder]), play=lambda test: rehearse(rules, test))
    return found


def faults_of(folder: Path, text: str) -> list[Fault]:
    (folder / "surge.test.yml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_tests([folder])
    return list(caught.value.faults)


def shipped_tests() -> list[LocatedTest]:
    return [located for located in read_tests([SHIPPED]) if not located.test.mentions]


@pytest.mark.parametrize("located", shipped_tests(), ids=lambda located: f"{located.rule}: {located.test.name}")
def test_the_shipped_rules_do_as_their_tests_say(located: LocatedTest) -> None:
    rules = load_rules([SHIPPED])
    [found] = run_tests([located], play=lambda test: rehearse(rules, test))
    assert found.passed, "\n".join(describe(found))


@pytest.mark.parametrize("rule", [path.stem for path in sorted(SHIPPED.glob("*.yml")) if ".test" not in path.name])
def test_every_shipped_rule_is_seen_to_fire_and_to_stay_quiet(rule: str) -> None:
    expected = [each for located in shipped_tests() if located.rule == rule for each in located.test.expect]
    assert any(each.severity != "none" for each in expected)
    assert any(each.severity == "none" for each in expected)


@pytest.mark.parametrize(
    ("expect", "passed"),
    [
        ("{at: 4m, severity: none}", True),
        ("{at: 5m, severity: none}", True),
        ("{at: 5m, severity: orange, state: pending}", True),
        ("{at: 5m, severity: orange}", False),
        ("{at: 7m, severity: orange}", True),
        ("{at: 7m, severity: none}", False),
        ("{at: 7m, severity: red}", False),
        ("{at: 7m, severity: orange, rule: other}", False),
        ("{at: 45m, severity: orange, state: resolved}", True),
        ("{at: 45m, severity: none}", True),
        ("{at: 44m, severity: orange}", True),
    ],
)
def test_an_expectation_is_met_or_not(tmp_path: Path, expect: str, passed: bool) -> None:
    assert outcome(tmp_path, f"{SURGE}      - {expect}\n").passed is passed


def test_a_failure_shows_what_was_expected_what_stood_there_and_all_that_happened(tmp_path: Path) -> None:
    found = outcome(tmp_path, f"{SURGE}      - {{at: 4m, severity: none}}\n      - {{at: 8m, severity: red}}\n")
    assert describe(found) == [
        "   at  expected          got",
        "✓  4m  no surge firing   nothing",
        "✗  8m  surge red firing  surge orange firing",
        "what happened:",
        "        5m  surge orange pending in 1h: negative 30 of 0 expected, once in 120d",
        "        7m  surge orange firing in 1h: negative 30 of 0 expected, once in 120d",
    ]


def test_when_nothing_came_it_says_so(tmp_path: Path) -> None:
    found = outcome(tmp_path, f"{SURGE}      - {{at: 2m, severity: red}}\n")
    assert describe(found)[-1] == "nothing happened"


def test_unknown_values_conclude_nothing(tmp_path: Path) -> None:
    text = (
        SURGE.replace("30x10 2", "30x10 _").replace("120dx10 0", "120dx10 0") + "      - {at: 5h, severity: orange}\n"
    )
    assert outcome(tmp_path, text).passed


def test_faults_are_placed(tmp_path: Path) -> None:
    text = SURGE.replace("2x5 30x10 2", "2x5 30*10") + "      - {at: 5m, severity: pink}\n"
    assert [(fault.line, fault.column) for fault in faults_of(tmp_path, text)] == [(5, 19), (8, 28)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SURGE + "      - {at: 5m, state: firing}\n", "an alert that is firing has a severity"),
        ("tests:\n  - name: x\n    expect: [{at: 1m}]\n", "give exactly one of `windows`, `streams` and `mentions`"),
        (SURGE.replace("    windows", "    every: 1h\n    windows") + "      - {at: 5m}\n", "`every` is more than 0s"),
        ("tests: []\n", "tests"),
    ],
)
def test_a_test_that_says_nothing_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in "\n".join(str(fault) for fault in faults_of(tmp_path, text))
