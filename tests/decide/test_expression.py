"""Conditions: what is refused and how it is said, and what holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.expression import Condition, ExpressionError, compile_condition
from buzzguard.decide.vocabulary import LONGEST, TopicFacts, TopicValues
from buzzguard.model import Direction, Judged, Samples, Signal
from tests.decide.scenes import ACME, DAY, HOUR, MINUTE, T0, assessment, judged


def compiled(text: str) -> Condition:
    return compile_condition(text, scope="topic")


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "hint"),
    [
        ("negativ.count > 1", 1, 1, "unknown signal `negativ`", "did you mean `negative`?"),
        ("negative.cout > 1", 1, 1, "`negative` has no value `cout`", "did you mean `count`?"),
        ("negative > 3", 1, 1, "`negative` has several values, say which", "write for example `negative.count`"),
        ("day(3) > window", 1, 1, "unknown function `day`", "did you mean `days`?"),
        (
            "negative.count > 1 &&\n  negative.once_per > 90",
            2,
            21,
            "`>` cannot join a duration and a number",
            "write a duration as days(90), hours(6) or minutes(15)",
        ),
        ("negative.count > 'a'", 1, 16, "`>` cannot join a number and a text", ""),
        (
            "negative.count && true",
            1,
            16,
            "`&&` cannot join a number and yes or no",
            "each side must be yes or no, for example `negative.count >= 10`",
        ),
        ("negative.count = 3", 1, 16, "`=` is no comparison", "write `==`"),
        (
            "negative.count > 3 and true",
            1,
            20,
            "`and` is not expected here",
            "write `&&` for and, `||` for or, `!` for not",
        ),
        ("negative.count >=", 1, 18, "the condition stops too early", "something is missing at the end"),
        ("'abc", 1, 1, "a text that begins here never ends", "close it with '"),
        ("negative.count", 1, 1, "a condition says yes or no, this one gives a number", "compare it with something"),
        ("  ", 1, 1, "the condition is empty", ""),
        ("dyn(3) == 3", 1, 1, "unknown function `dyn`", ""),
        ("'é' == 'è' && foo.count > 2", 1, 15, "unknown signal `foo`", ""),
    ],
)
def test_a_fault_is_told_in_plain_words_with_its_place(
    text: str, line: int, column: int, message: str, hint: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        compiled(text)
    error = caught.value
    assert (error.line, error.column, error.message, error.hint) == (line, column, message, hint)


def test_all_wrong_names_are_told_at_once() -> None:
    with pytest.raises(ExpressionError) as caught:
        compiled("negativ.count > 1 && volum.count > 2 || autors.count > 3")
    assert [problem.hint for problem in caught.value.problems] == [
        "did you mean `negative`?",
        "did you mean `volume`?",
        "did you mean `authors`?",
    ]


@pytest.mark.parametrize(
    "text",
    [
        'negative.once_per > duration("soon")',
        'topic.role.matches("(")',
        "days(1000000000) > window",
        f"[{','.join('1' * 200)}].all(a, [{','.join('1' * 200)}].all(b, b > 0))",
    ],
)
def test_what_can_never_be_decided_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="can never be decided"):
        compiled(text)


@pytest.mark.parametrize("text", ["(" * 500 + "true" + ")" * 500, "true && " * 400 + "true", "\ud800 > 1", "\x00"])
def test_hostile_texts_are_refused(text: str) -> None:
    with pytest.raises(ExpressionError):
        compiled(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("negative.count >= 10", True),
        ("negative.count >= 12.5", False),
        ("negative.count * 2 > 23.5 && negative.count / 5 == 2.4", True),
        ("12 == negative.count", True),
        ("negative.value == negative.count", True),
        ("negative.expected == 2", True),
        ("negative.ratio == 6", True),
        ("negative.once_per > days(90) && negative.once_per < days(100.5)", True),
        ("negative.once_per >= hours(2400) && negative.once_per >= minutes(144000)", True),
        ("negative.doubles_in > days(365000 - 1)", True),
        ("negative.learning", False),
        ("spread.sources == 3 && spread.sites == 4 && spread.count == 4", True),
        ("reach.top == 9000 && reach.count == 9900", True),
        ("negative.share == 0.5", True),
        ("volume.lull_once_per > days(1)", False),
        ('topic.id == "acme" && topic.role == "brand" && topic.owner == "communications"', True),
        ('topic.labels.country == "fr"', True),
        ('"city" in topic.labels && topic.labels.city == "Lyon"', False),
        ("window == hours(1)", True),
        ('topic.role in ["brand", "product"] ? negative.count > 1 : false', True),
    ],
)
def test_a_condition_reads_one_topic_and_window(text: str, holds: bool) -> None:
    counts = {
        "volume": 24,
        "negative": 12,
        "spread": 4,
        "sources": 3,
        "reach": 9_900,
        "top_reach": 9_000,
    }
    values = TopicValues(judged(counts, rare={Signal.NEGATIVE: 100 * DAY}), TopicFacts("acme", ACME["acme"]))
    assert compiled(text).holds(values) is holds


def test_a_lull_is_no_surge() -> None:
    below = assessment(Signal.VOLUME, rare=30 * DAY, direction=Direction.BELOW)
    samples = Samples(topic="acme", window=HOUR, end=T0)
    values = TopicValues(Judged(samples=samples, assessments={Signal.VOLUME: below}), TopicFacts("acme", ACME["acme"]))
    assert compiled("volume.lull_once_per > days(20)").holds(values)
    assert not compiled("volume.once_per > days(0)").holds(values)


def test_a_signal_that_was_not_judged_is_usual_and_learning() -> None:
    samples = Samples(topic="acme", window=HOUR, end=T0, negative=3)
    values = TopicValues(Judged(samples=samples, assessments={}), TopicFacts("acme", ACME["acme"]))
    assert compiled("negative.learning && negative.once_per == days(0) && negative.ratio == 3").holds(values)


def test_an_endless_return_period_is_a_thousand_years() -> None:
    values = TopicValues(judged(rare={Signal.NEGATIVE: timedelta.max}), TopicFacts("acme", ACME["acme"]))
    assert compiled("negative.once_per > days(300000) || false").holds(values)
    assert values["negative.once_per"] == LONGEST


def test_what_cannot_be_decided_does_not_hold_and_says_why() -> None:
    condition = compiled('topic.labels.city == "Lyon" && negative.count >= 1')
    reasons: list[str] = []
    values = {"topic.labels": {}, "negative.count": 4}
    assert not condition.holds(values, reasons.append)
    assert reasons == ['NOT_FOUND: Key not found in map : "city"']


def test_what_is_false_anyway_is_no_trouble() -> None:
    condition = compiled('topic.labels.city == "Lyon" && negative.count >= 1')
    assert condition.trouble({"topic.labels": {}, "negative.count": 0}) == ""


def test_a_condition_names_what_it_reads() -> None:
    condition = compiled("authors.count > 3 && negative.share > 0.2 && topic.labels.country == 'fr'")
    assert condition.names == {"authors.count", "negative.share", "topic.labels"}
    assert condition.signals == (Signal.AUTHORS, Signal.NEGATIVE)


@pytest.mark.parametrize("name", ["negative.count", "negative.ratio"])
@given(
    value=st.one_of(st.integers(min_value=-(10**6), max_value=10**6), st.floats(allow_infinity=False)),
    bound=st.one_of(st.integers(min_value=0, max_value=10**6), st.floats(min_value=0, max_value=1e6)),
    operator=st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
)
def test_the_quick_way_agrees_with_cel(name: str, value: float, bound: float, operator: str) -> None:
    quick = compiled(f"{name} {operator} {bound!r}")
    slow = compiled(f"{name} {operator} {bound!r} || false")
    assert quick.bounds
    assert not slow.bounds
    assert quick.holds({name: value}) is slow.holds({name: value})


@given(value=st.timedeltas(min_value=timedelta(0), max_value=LONGEST), days=st.integers(min_value=0, max_value=10_000))
def test_the_quick_way_agrees_with_cel_on_durations(value: timedelta, days: int) -> None:
    quick, slow = compiled(f"window > days({days})"), compiled(f"window > days({days}) || false")
    assert quick.holds({"window": value}) is slow.holds({"window": value})


@given(
    counts=st.lists(st.integers(min_value=0, max_value=20), min_size=3, max_size=3),
    bounds=st.lists(st.integers(min_value=0, max_value=20), min_size=3, max_size=3),
)
def test_parts_hold_together_exactly_when_the_whole_does(counts: list[int], bounds: list[int]) -> None:
    names = ["volume.count", "negative.count", "authors.count"]
    text = " && ".join(f"{name} >= {bound}" for name, bound in zip(names, bounds, strict=True))
    values = dict(zip(names, counts, strict=True))
    assert compiled(text).holds(values) is compiled(f"({text})").holds(values)


def test_the_same_values_give_the_same_answer_after_many_others() -> None:
    condition = compiled("volume.count > negative.count + 5")
    for count in range(5_000):
        assert condition.holds({"volume.count": count, "negative.count": 100}) is (count > 105)
    assert condition.holds({"volume.count": 106, "negative.count": 100})


def test_streams_and_selectors_have_their_own_names() -> None:
    stream = compile_condition("stream.failing_for > hours(1)", scope="stream")
    assert stream.holds({"stream.failing_for": 61 * MINUTE})
    with pytest.raises(ExpressionError, match="unknown name `negative`"):
        compile_condition("negative.count > 1", scope="stream")
    with pytest.raises(ExpressionError, match="did you mean `role`"):
        compile_condition('rol == "brand"', scope="selector")
