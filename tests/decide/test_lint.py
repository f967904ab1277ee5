"""Each doubt that lint has, shown by a rule that earns it and one that does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.decide.lint import Finding, lint_rules
from tests.decide.scenes import RULE, SHIPPED

UNTIL = "until: negative.once_per < days(30)"
GOOD = RULE + UNTIL + '\nplaybook: bad-buzz\nfalse_positives: ["a campaign"]\n'
WHEN = "when: negative.once_per > days(90) && negative.count >= 10"
RED = "  red: negative.once_per > days(365) && negative.count >= 30"


def lint(folder: Path, *texts: str, tested: bool = True) -> list[Finding]:
    for index, text in enumerate(texts):
        name = "surge" if index == 0 else f"surge{index}"
        (folder / f"{name}.yml").write_text(text.replace("id: surge", f"id: {name}"))
        if tested:
            (folder / f"{name}.test.yml").write_text("tests: []")
    return lint_rules([folder])


def test_the_shipped_rules_give_no_cause_for_doubt() -> None:
    assert [str(finding) for finding in lint_rules([SHIPPED])] == []


def test_a_good_rule_is_left_alone(tmp_path: Path) -> None:
    assert lint(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "line", "severity", "message"),
    [
        ('false_positives: ["a campaign"]\n', "", 1, "warning", "the rule lists no `false_positives`"),
        ("playbook: bad-buzz\n", "", 1, "warning", "the alert brings no playbook"),
        ("keep_firing_for: 30m\n", "", 1, "warning", "the rule has no `keep_firing_for`"),
        ('"Poussée"', '"Surge"', 2, "warning", "the French title is the English one"),
        (
            "status: stable",
            "status: test",
            8,
            "warning",
            "red is never reached: a rule with `status: test` is orange at most",
        ),
        (WHEN, 'when: topic.role == "brand"', 3, "error", "the condition asks nothing of any signal: it always fires"),
        (WHEN, "when: negative.count >= 10", 3, "warning", "the condition asks for no return period"),
        (WHEN, "when: negative.once_per > days(90)", 3, "warning", "the condition asks for no count"),
        (
            UNTIL + "\n",
            "",
            3,
            "warning",
            "an alert that hovers around negative.once_per > 90d ends there",
        ),
        (
            UNTIL,
            UNTIL.replace("30", "90"),
            10,
            "warning",
            "negative.once_per < 90d leaves no gap to negative.once_per > 90d, where the alert begins",
        ),
        (
            UNTIL,
            UNTIL + " && negative.once_per > days(40)",
            10,
            "error",
            "the alert never ends: negative.once_per < 30d and negative.once_per > 40d",
        ),
        (UNTIL, "until: negativ.count < 1", 10, "error", "unknown signal `negativ`"),
        (
            WHEN,
            WHEN + " && negative.count < 5",
            3,
            "error",
            "the condition never holds: negative.count >= 10 and negative.count < 5",
        ),
        (
            RED,
            RED + " && negative.count < 10",
            8,
            "error",
            "red is never reached: negative.count >= 10 and negative.count < 10",
        ),
        (
            RED,
            "  red: negative.count >= 5",
            8,
            "error",
            "orange is never reached: whenever it holds, red holds as well",
        ),
        ("for: 2m", "for: 1d", 4, "warning", "a surge is over before `for` has passed: the longest window is 1d"),
        (
            WHEN,
            "when: volume.lull_once_per > days(90)",
            4,
            "error",
            "a lull is judged once, when its window closes: with `for` the rule never fires",
        ),
        (WHEN, "when: negativ.count > 1", 3, "error", "unknown signal `negativ`"),
    ],
)
def test_a_doubtful_rule_is_named_with_its_place(
    tmp_path: Path, before: str, after: str, line: int, severity: str, message: str
) -> None:
    assert before in GOOD
    findings = lint(tmp_path, GOOD.replace(before, after))
    assert [(finding.line, finding.severity, finding.message) for finding in findings] == [(line, severity, message)]


def test_noise_is_named_as_such(tmp_path: Path) -> None:
    noisy = GOOD.replace("days(90)", "hours(5)").replace("days(30)", "hours(1)")
    assert [finding.message for finding in lint(tmp_path, noisy)] == [
        "negative.once_per > 5h is met more than once a day by chance alone"
    ]


def test_an_end_is_proposed_at_a_third_of_the_return_period(tmp_path: Path) -> None:
    [finding] = lint(tmp_path, GOOD.replace(UNTIL + "\n", ""))
    assert finding.hint == "write for example `until: negative.once_per < days(30)`"


def test_a_severity_between_two_may_be_out_of_reach(tmp_path: Path) -> None:
    text = GOOD.replace("severity: orange", "severity: yellow").replace(
        RED, "  orange: negative.count >= 40\n  red: negative.count >= 30"
    )
    assert [finding.message for finding in lint(tmp_path, text)] == [
        "orange is never reached: whenever it holds, red holds as well"
    ]


def test_a_rule_without_a_test_is_named(tmp_path: Path) -> None:
    [finding] = lint(tmp_path, GOOD, tested=False)
    assert (finding.message, finding.hint) == ("the rule has no test", "write surge.test.yml beside it")


def test_a_test_without_a_rule_is_named(tmp_path: Path) -> None:
    (tmp_path / "gone.test.yml").write_text("tests: []")
    assert [finding.message for finding in lint(tmp_path, GOOD)] == ["the test has no rule beside it"]


def test_a_file_bears_the_name_of_its_rule(tmp_path: Path) -> None:
    (tmp_path / "storm.yml").write_text(GOOD)
    (tmp_path / "surge.test.yml").write_text("tests: []")
    assert "the file is called storm.yml" in [finding.message for finding in lint_rules([tmp_path])]


def test_two_rules_with_one_title_cannot_be_told_apart(tmp_path: Path) -> None:
    findings = lint(tmp_path, GOOD, GOOD)
    assert [(finding.severity, finding.message) for finding in findings] == [
        ("error", "the title `Surge` is already that of surge"),
        ("error", "the title `Poussée` is already that of surge"),
    ]


def test_a_stream_rule_is_asked_for_streams(tmp_path: Path) -> None:
    text = (
        GOOD.replace(UNTIL + "\n", "")
        .replace(WHEN, 'scope: stream\nwhen: stream.id != ""')
        .replace(f"raise:\n{RED}\n", "")
    )
    assert [finding.message for finding in lint(tmp_path, text)] == ["the condition asks nothing of the stream"]
