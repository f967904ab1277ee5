"""What is said of bounds is so for every value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.bounds import contradiction, follows
from buzzguard.decide.expression import Condition, compile_condition

comparisons = st.tuples(
    st.sampled_from(["volume.count", "negative.count"]),
    st.sampled_from(["<", "<=", ">", ">=", "==", "!="]),
    st.integers(min_value=0, max_value=4),
)
conditions = st.lists(comparisons, min_size=1, max_size=4).map(
    lambda parts: compile_condition(" && ".join(f"{name} {op} {bound}" for name, op, bound in parts), scope="topic")
)
VALUES = [
    {"volume.count": volume / 2, "negative.count": negative / 2} for volume in range(10) for negative in range(10)
]


@given(condition=conditions)
def test_contradicting_bounds_are_never_met(condition: Condition) -> None:
    if contradiction(condition.bounds):
        assert not any(condition.holds(values) for values in VALUES)


@given(condition=conditions, given_first=conditions)
def test_what_follows_holds_wherever_the_given_does(condition: Condition, given_first: Condition) -> None:
    if follows(condition, given_first.bounds):
        assert all(condition.holds(values) for values in VALUES if given_first.holds(values))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("volume.count > 5 && volume.count < 5", True),
        ("volume.count >= 5 && volume.count <= 5", False),
        ("volume.once_per > days(9) && volume.once_per < days(2)", True),
        ("volume.count > 5 && negative.count < 5", False),
    ],
)
def test_contradictions_are_found(text: str, found: bool) -> None:
    assert bool(contradiction(compile_condition(text, scope="topic").bounds)) is found


def test_a_weaker_bound_follows_from_a_stronger() -> None:
    stronger = compile_condition("volume.count > 5 && negative.count == 3", scope="topic").bounds
    assert follows(compile_condition("volume.count >= 5 && negative.count < 4", scope="topic"), stronger)
    assert not follows(compile_condition("volume.count > 6", scope="topic"), stronger)
    assert not follows(compile_condition("volume.count > 5 || false", scope="topic"), stronger)
