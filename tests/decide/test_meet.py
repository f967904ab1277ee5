"""On which window a rule is met, how grave, and under which name."""

from __future__ import annotations

from pathlib import Path

from buzzguard.decide.evaluate import Decider
from buzzguard.decide.expression import compile_condition
from buzzguard.decide.meet import fingerprint, lead_signal, topic_case, topic_met
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import TopicFacts, TopicValues
from buzzguard.model import Judged, Severity, Signal
from tests.decide.scenes import ACME, DAY, HOUR, MINUTE, RULE, T0, judged, rules_in

FACTS = TopicFacts("acme", ACME["acme"])


def meet(rule: Rule, *windows: Judged) -> tuple[Severity, object] | None:
    case = topic_case(rule, FACTS, MINUTE)
    met = topic_met(case, [TopicValues(one, FACTS) for one in windows], lambda _: None)
    return (met.severity, met.evidence.window) if met else None


def seen(count: int, days: int, window: object = HOUR) -> Judged:
    return judged({"negative": count}, rare={Signal.NEGATIVE: days * DAY}, window=window)  # type: ignore[arg-type]


def test_a_fingerprint_is_the_same_for_ever_and_differs_with_each_part() -> None:
    assert fingerprint("surge", "acme", {"b": "2", "a": "1"}) == fingerprint("surge", "acme", {"a": "1", "b": "2"})
    assert fingerprint("surge", "acme", {}) == "cce83a300f8b911e"
    names = {("surge", "acme", ""), ("surg", "eacme", ""), ("surge", "acme2", ""), ("surge", "acme", "x")}
    assert len({fingerprint(rule, topic, {"stream": label}) for rule, topic, label in names}) == 4


def test_the_lead_is_the_first_signal_whose_return_period_is_read() -> None:
    condition = compile_condition("authors.count > 3 && reach.once_per > days(3)", scope="topic")
    assert lead_signal(condition) is Signal.REACH
    assert lead_signal(compile_condition("authors.count > 3", scope="topic")) is Signal.AUTHORS
    assert lead_signal(compile_condition("volume.lull_once_per > days(3)", scope="topic")) is Signal.VOLUME


def test_the_gravest_window_wins_over_the_rarest(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, RULE)
    assert meet(rule, seen(12, 900, 5 * MINUTE), seen(40, 400, HOUR)) == (Severity.RED, HOUR)


def test_of_equals_the_shortest_window_is_named(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, RULE)
    assert meet(rule, seen(40, 100, DAY), seen(12, 100, HOUR)) == (Severity.ORANGE, HOUR)


def test_a_raise_counts_only_where_the_condition_holds(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, RULE.replace("red: negative.once_per > days(365) &&", "red: volume.count == 0 &&"))
    assert meet(rule, seen(12, 100, HOUR), judged({"negative": 40}, window=DAY)) == (Severity.ORANGE, HOUR)


def test_only_the_rules_own_windows_are_judged(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, RULE + "windows: [5m, 15m]\n")
    assert meet(rule, seen(12, 100, HOUR)) is None
    assert meet(rule, seen(12, 100, 5 * MINUTE)) == (Severity.ORANGE, 5 * MINUTE)


CRISIS_RULE = """\
id: crisis
title: {en: "Crisis", fr: "Crise"}
when: crisis.once_per > days(90) && negative.count >= 5
severity: orange
status: stable
"""


def tense(days: int, negative: int = 8) -> Judged:
    return judged(
        {"negative": negative, "volume": 20, "voices": 20_000, "hostile": 8_000}, rare={Signal.CRISIS: days * DAY}
    )


def test_the_evidence_of_a_score_holds_the_counts_that_explain_it(tmp_path: Path) -> None:
    [rule] = rules_in(tmp_path, CRISIS_RULE)
    met = topic_met(topic_case(rule, FACTS, MINUTE), [TopicValues(tense(100), FACTS)], lambda _: None)
    assert met is not None
    told = {assessment.signal: assessment.observed for assessment in met.evidence.assessments}
    assert list(told) == [
        Signal.CRISIS,
        Signal.NEGATIVE,
        Signal.SHARE,
        Signal.VOLUME,
        Signal.AUTHORS,
        Signal.SPREAD,
    ]
    assert (told[Signal.SHARE], told[Signal.VOLUME]) == (0.4, 20)


def test_an_alert_of_a_score_is_renewed_when_its_negative_mentions_double(tmp_path: Path) -> None:
    decider = Decider(rules_in(tmp_path, CRISIS_RULE), ACME)
    seen = [
        len(decider.evaluate({"acme": [tense(100, each)]}, [], T0 + n * MINUTE)) for n, each in enumerate((8, 15, 16))
    ]
    assert seen == [1, 0, 1]
