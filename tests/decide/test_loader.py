"""Rule files: every fault of every file, at its very character."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.decide.loader import load_rules, read_rules, rule_files
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Severity
from tests.decide.scenes import RULE, SHIPPED, rules_in


def faults_of(folder: Path, *texts: str) -> list[Fault]:
    with pytest.raises(ConfigError) as caught:
        rules_in(folder, *texts)
    return list(caught.value.faults)


def only_fault(folder: Path, text: str) -> tuple[int, int, str, str]:
    [fault] = faults_of(folder, text)
    return fault.line, fault.column, fault.message, fault.hint


def test_the_shipped_rules_load() -> None:
    rules = {rule.id: rule for rule in load_rules([SHIPPED])}
    assert rules.keys() >= {"volume-surge", "negative-surge", "influential-author", "critical-words", "stream-silence"}
    assert [raised.severity for raised in rules["negative-surge"].raises] == [Severity.RED]
    assert {rule.file.policy for rule in rules.values()} == {None}


@pytest.mark.parametrize(
    "when",
    [
        "when: negative.count > 3 && negativ.count > 1",
        'when: "negative.count > 3 && negativ.count > 1"',
        "when: 'topic.id != ''x'' && negativ.count > 1'",
        'when: "topic.id != \\"\\u00e9\\" && negativ.count > 1"',
        "when: |\n  negative.count > 3 &&\n    negativ.count > 1",
        "when: >-\n  negative.count > 3\n  && negativ.count > 1",
        "when:\n  negative.count > 3\n  && negativ.count > 1",
    ],
    ids=["plain", "double", "single", "escapes", "literal", "folded", "plain on several lines"],
)
def test_a_fault_in_a_condition_points_into_the_file(tmp_path: Path, when: str) -> None:
    text = RULE.replace("when: negative.once_per > days(90) && negative.count >= 10", when)
    lines = text.splitlines()
    line = next(number for number, content in enumerate(lines, start=1) if "negativ." in content)
    column = lines[line - 1].index("negativ.") + 1
    assert only_fault(tmp_path, text) == (line, column, "unknown signal `negativ`", "did you mean `negative`?")


def test_faults_of_every_part_of_every_file_are_told_at_once(tmp_path: Path) -> None:
    first = RULE.replace("negative.count >= 10", "negative.cout >= 10").replace("red: negative", "red: negativ")
    second = RULE.replace("severity: orange", "severity: purple").replace("topics", "topic") + "tpics: x\n"
    found = faults_of(tmp_path, first, second, "id: [", "")
    assert [(Path(fault.file).name, fault.line) for fault in found] == [
        ("rule0.yml", 3),
        ("rule0.yml", 8),
        ("rule1.yml", 6),
        ("rule1.yml", 10),
        ("rule2.yml", 1),
        ("rule3.yml", 1),
    ]


def test_a_topic_selector_knows_only_topics(tmp_path: Path) -> None:
    line, column, message, hint = only_fault(tmp_path, RULE + 'topics: rol in ["brand"]\n')
    assert (line, column, message, hint) == (10, 9, "unknown name `rol`", "did you mean `role`?")


def test_a_title_speaks_both_languages(tmp_path: Path) -> None:
    line, _, message, _ = only_fault(tmp_path, RULE.replace(', fr: "Poussée"', ""))
    assert line == 2
    assert "fr" in message


def test_a_lesser_severity_is_no_raise(tmp_path: Path) -> None:
    line, column, message, _ = only_fault(tmp_path, RULE.replace("  red:", "  yellow:"))
    assert (line, column) == (8, 3)
    assert message == "`raise` holds only severities graver than the rule's own, orange"


def test_two_rules_cannot_share_an_id(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path, RULE, RULE)
    assert fault.message == f"the id `surge` is already that of {tmp_path / 'rule0.yml'}"


def test_names_of_policies_and_playbooks_are_checked_where_they_are_known(tmp_path: Path) -> None:
    (tmp_path / "surge.yml").write_text(RULE + "policy: crisi\nplaybook: bad-buz\n")
    assert load_rules([tmp_path])
    with pytest.raises(ConfigError) as caught:
        load_rules([tmp_path], policies={"crisis"}, playbooks={"bad-buzz"})
    assert [(fault.line, fault.message, fault.hint) for fault in caught.value.faults] == [
        (10, "unknown policy `crisi`", "did you mean `crisis`?"),
        (11, "unknown playbook `bad-buz`", "did you mean `bad-buzz`?"),
    ]


def test_a_stream_rule_has_no_topics_and_no_windows(tmp_path: Path) -> None:
    text = RULE.replace("when: negative.once_per > days(90) && negative.count >= 10", "when: stream.failures > 3")
    text = text.replace("raise:\n  red: negative.once_per > days(365) && negative.count >= 30\n", "scope: stream\n")
    (tmp_path / "good").mkdir()
    assert rules_in(tmp_path / "good", text)
    assert "no `topics`" in faults_of(tmp_path, text + "windows: [5m]\n")[0].message


def test_a_window_that_is_none_is_refused(tmp_path: Path) -> None:
    line, column, message, _ = only_fault(tmp_path, RULE + "windows: [5m, 10m]\n")
    assert (line, column) == (10, 15)
    assert "the windows are 5m, 15m, 1h, 6h and 24h" in message


def test_tests_playbooks_and_words_are_no_rules(tmp_path: Path) -> None:
    for name in ("surge.yml", "surge.test.yml", "README.md"):
        (tmp_path / name).write_text(RULE)
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "gravity.yml").write_text("x: 1")
    assert [path.name for path in rule_files(tmp_path)] == ["surge.yml"]


def test_a_folder_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    read, faults = read_rules([tmp_path / "nowhere"])
    assert (read, [fault.message for fault in faults]) == ([], ["there is no such rules folder"])


def test_good_rules_are_read_beside_bad_ones(tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("id: 3")
    (tmp_path / "good.yml").write_text(RULE)
    read, faults = read_rules([tmp_path])
    assert [one.rule.id for one in read] == ["surge"]
    assert faults
