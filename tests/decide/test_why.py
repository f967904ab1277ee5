"""Why a rule is, or is not, met: every part of its condition, on the window that comes nearest."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.expression import compile_condition
from buzzguard.decide.loader import load_rules
from buzzguard.decide.meet import topic_case, topic_met
from buzzguard.decide.vocabulary import TopicFacts, TopicValues
from buzzguard.decide.why import Verdict, verdicts
from buzzguard.model import WINDOWS, Judged, Severity, Signal
from tests.decide.scenes import ACME, DAY, HOUR, MINUTE, RULE, SHIPPED, judged, rules_in

FACTS = TopicFacts("acme", ACME["acme"])
_SHIPPED = load_rules([SHIPPED])


def why(folder: Path, rule: str, *windows: Judged) -> Verdict:
    [verdict] = verdicts(rules_in(folder, rule), FACTS, windows)
    return verdict


def seen(count: int, days: int, window: timedelta = HOUR) -> Judged:
    return judged({"negative": count}, rare={Signal.NEGATIVE: days * DAY}, window=window)


def test_a_rule_that_is_met_holds_in_every_part_and_says_what_graver_would_need(tmp_path: Path) -> None:
    verdict = why(tmp_path, RULE, seen(3, 1, 5 * MINUTE), seen(12, 100))
    assert (verdict.window, verdict.severity) == (HOUR, Severity.ORANGE)
    assert all(clause.seen.holds for clause in verdict.clauses)
    [(severity, needed)] = verdict.graver
    assert severity is Severity.RED
    assert [(clause.values, clause.seen.holds) for clause in needed] == [
        ((("negative.once_per", 100 * DAY),), False),
        ((("negative.count", 12),), False),
    ]


def test_a_rule_that_is_not_met_is_told_on_the_window_that_fails_least(tmp_path: Path) -> None:
    verdict = why(tmp_path, RULE, seen(4, 20, 5 * MINUTE), seen(12, 80, HOUR), seen(9, 89, DAY))
    assert (verdict.window, verdict.severity) == (HOUR, None)
    assert [clause.seen.holds for clause in verdict.clauses] == [False, True]


def test_of_windows_that_fail_alike_the_one_that_comes_nearest_is_told(tmp_path: Path) -> None:
    assert why(tmp_path, RULE, seen(12, 20, 5 * MINUTE), seen(12, 80, DAY)).window == DAY
    assert why(tmp_path, RULE, seen(0, 0, DAY), seen(0, 0, 5 * MINUTE)).window == 5 * MINUTE


def test_the_rules_own_windows_alone_are_told(tmp_path: Path) -> None:
    verdict = why(tmp_path, RULE + "windows: [24h]\n", seen(50, 500, HOUR), seen(1, 2, DAY))
    assert (verdict.window, verdict.severity) == (DAY, None)


def test_rules_of_other_topics_and_rules_that_are_off_say_nothing(tmp_path: Path) -> None:
    other = RULE + 'topics: role == "competitor"\n'
    off = RULE.replace("id: surge", "id: off") + "enabled: false\n"
    assert verdicts(rules_in(tmp_path, other, off), FACTS, [seen(12, 100)]) == []


def test_what_cannot_be_decided_says_why(tmp_path: Path) -> None:
    rule = RULE.replace("&& negative.count >= 10\nfor", '&& topic.labels.planet == "mars"\nfor')
    clause = why(tmp_path, rule, seen(12, 100)).clauses[1]
    assert not clause.seen.holds
    assert "planet" in clause.seen.trouble


def test_a_part_of_several_alternatives_is_kept_whole_with_all_that_it_reads(tmp_path: Path) -> None:
    rule = RULE.replace("negative.count >= 10\nfor", "(volume.count > 5 || authors.count > 5)\nfor")
    clause = why(tmp_path, rule, seen(12, 100)).clauses[1]
    assert dict(clause.values) == {"volume.count": 0, "authors.count": 0}
    assert clause.seen.text == "(volume.count > 5 || authors.count > 5)"


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 500)), min_size=1, max_size=4))
def test_a_verdict_never_contradicts_what_the_decider_would_do(windows: list[tuple[int, int]]) -> None:
    views = [seen(count, days, window) for (count, days), window in zip(windows, WINDOWS, strict=False)]
    for verdict in verdicts(_SHIPPED, FACTS, views):
        met = topic_met(topic_case(verdict.rule, FACTS, MINUTE), [TopicValues(one, FACTS) for one in views], print)
        assert (met.severity if met else None) == verdict.severity
        assert (verdict.severity is not None) == all(clause.seen.holds for clause in verdict.clauses)


def test_the_parts_seen_are_those_that_decide() -> None:
    condition = compile_condition("negative.count >= 10 && volume.count < 5", scope="topic")
    first, second = condition.seen({"negative.count": 12, "volume.count": 9})
    assert (first.text, first.holds, second.text, second.holds) == (
        "negative.count >= 10",
        True,
        "volume.count < 5",
        False,
    )
