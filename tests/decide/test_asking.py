"""What rules ask for is read from their conditions, never below what they can fire at."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.asking import answerable, asked, floors_of, speaks_young
from buzzguard.decide.expression import compile_condition
from buzzguard.decide.loader import load_rules
from buzzguard.model import Signal
from buzzguard.model.question import Question

DAY = timedelta(days=1)
SHIPPED = Path(__file__).parents[2] / "rules"


@pytest.mark.parametrize(
    ("when", "days"),
    [
        ("negative.once_per > days(90) && negative.count >= 10", {"negative": 90}),
        ("days(90) < negative.once_per", {"negative": 90}),
        ("(negative.once_per >= hours(24))", {"negative": 1}),
        ("negative.once_per > days(30) + days(60)", {"negative": 90}),
        ("negative.once_per > days(90) && volume.once_per > days(30)", {"negative": 90}),
        ("negative.once_per > days(90) || volume.once_per > days(30)", {"negative": 90, "volume": 30}),
        ("negative.once_per > days(90) || negative.once_per > days(30)", {"negative": 30}),
        ("(negative.once_per > days(90) || volume.count > 5) && reach.once_per > days(7)", {"reach": 7}),
        ("negative.once_per > days(90) || volume.count > 5", {}),
        ("!(negative.once_per > days(90))", {}),
        ("negative.once_per < days(90)", {}),
        ("negative.once_per > days(0)", {}),
        ("negative.once_per > volume.once_per", {}),
        ("window > hours(1) ? negative.once_per > days(90) : volume.count > 5", {}),
        ("negative.once_per > days(90) // and\n || volume.once_per > days(30) // more", {"negative": 90, "volume": 30}),
        ('topic.role == "a || b" && negative.once_per > days(90)', {"negative": 90}),
    ],
)
def test_a_condition_is_read_as_far_as_it_bounds_a_return_period(when: str, days: dict[str, int]) -> None:
    compile_condition(when, scope="topic")
    assert floors_of(when) == {f"{name}.once_per": count * DAY for name, count in days.items()}


def conditions() -> st.SearchStrategy[str]:
    names = st.sampled_from(["negative", "volume", "reach"])
    atoms = st.one_of(
        st.builds(lambda name, days: f"{name}.once_per > days({days})", names, st.integers(1, 9)),
        st.builds(lambda name, days: f"days({days}) <= {name}.once_per", names, st.integers(1, 9)),
        st.builds(lambda name: f"{name}.count > 3", names),
        st.just("!(volume.once_per > days(3))"),
    )
    return st.recursive(
        atoms,
        lambda inner: st.builds(lambda a, sign, b: f"({a} {sign} {b})", inner, st.sampled_from(["&&", "||"]), inner),
        max_leaves=5,
    )


@given(conditions(), st.lists(st.tuples(st.integers(0, 10), st.integers(0, 6)), min_size=3, max_size=3))
def test_where_a_condition_holds_one_of_its_floors_is_reached(when: str, seen: list[tuple[int, int]]) -> None:
    values: dict[str, object] = {}
    for name, (days, count) in zip(("negative", "volume", "reach"), seen, strict=True):
        values |= {f"{name}.once_per": days * DAY, f"{name}.count": count}
    floors = floors_of(when)
    if floors and compile_condition(when, scope="topic").holds(values):
        assert any(values[name] >= floor for name, floor in floors.items())  # type: ignore[operator]


@given(st.text(alphabet="()|&!<>?: ab.\"'/\n", max_size=40))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    assert floors_of(text) == {}


def test_deep_parentheses_are_not_followed_for_ever() -> None:
    assert floors_of("(" * 900 + "negative.once_per > days(90)" + ")" * 900) == {"negative.once_per": 90 * DAY}


def test_a_lull_is_a_question_of_its_own() -> None:
    assert floors_of("volume.lull_once_per > days(30)") == {"volume.lull_once_per": 30 * DAY}


def test_a_rule_for_a_young_baseline_is_told_apart() -> None:
    assert speaks_young("negative.learning && negative.once_per > days(3)")
    assert not speaks_young("!negative.learning && negative.once_per > days(3)")
    assert not speaks_young("negative.learning || negative.once_per > days(3)")


def test_the_shipped_rules_ask_a_brand_some_questions_and_a_competitor_one() -> None:
    rules = load_rules([SHIPPED])
    topics = {
        "acme": TopicSettings(name="Acme", query="acme"),
        "rival": TopicSettings(name="Rival", query="rival", role="competitor"),
    }
    found = asked(rules, topics)
    days = {(one.rule, one.topic, one.name): one.once_per / DAY for one in found.questions}
    assert days == {
        ("attention-surge", "acme", "page_views.once_per"): 90,
        ("competitor-surge", "rival", "negative.once_per"): 180,
        ("crisis", "acme", "crisis.once_per"): 90,
        ("critical-words", "acme", "gravity.once_per"): 90,
        ("influential-author", "acme", "reach.once_per"): 30,
        ("negative-stir", "acme", "negative.once_per"): 180,
        ("negative-surge", "acme", "negative.once_per"): 90,
        ("praise-surge", "acme", "positive.once_per"): 90,
        ("volume-surge", "acme", "volume.once_per"): 90,
    }
    assert (found.open, found.young) == ((), ("early-surge",))


def test_what_is_counted_elsewhere_is_asked_only_of_what_somebody_counts() -> None:
    names = ("page_views.once_per", "counted.once_per", "negative.once_per")
    questions = [Question(topic=topic, rule="r", name=name, once_per=DAY) for topic in ("a", "b") for name in names]
    left = [(one.topic, one.name) for one in answerable(questions, {("a", Signal.PAGE_VIEWS)})]
    assert left == [("a", names[0]), ("a", names[2]), ("b", names[2])]
