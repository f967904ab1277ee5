"""Laws of ranks: a bounded memory that does not depend on the order in which it was filled."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.measure.ranks import BUCKET, KEPT, Ranks
from buzzguard.measure.tally import Fact, fact_of
from tests.measure.builders import mention

TOPICS = ("acme", "rival")
Said = tuple[str, int, str, int]
"""Topic, minute, author, key of the text."""


def fact(minute: int, author: str = "ann", key: int = 0) -> Fact:
    return fact_of(mention("m", 0, author=author, key=key), minute)


def filled(said: Sequence[Said], cuts: Sequence[int], limit: int) -> Ranks:
    """Ranks that took all of it, relieved after each batch."""
    ranks, waiting = Ranks(TOPICS, limit=limit), list(said)
    for size in [*cuts, len(said)]:
        batch, waiting = waiting[:size], waiting[size:]
        for topic, minute, author, key in batch:
            ranks.take(topic, fact(minute, author, key))
        ranks.relieve()
    return ranks


@st.composite
def said(draw: st.DrawFn) -> list[Said]:
    """Up to an hour and a half of few authors and texts."""
    one = st.tuples(st.sampled_from(TOPICS), st.integers(0, 6 * BUCKET - 1), st.sampled_from("abc"), st.integers(0, 3))
    return draw(st.lists(one, max_size=40))


@given(said(), st.lists(st.integers(1, 9), max_size=8), st.integers(0, 30), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_remembered_does_not_depend_on_the_order(
    given_: list[Said], cuts: list[int], limit: int, data: st.DataObject
) -> None:
    one = filled(given_, cuts, limit)
    other = filled(data.draw(st.permutations(given_)), [], limit)
    assert len(one) == len(other) <= limit
    probes = [(topic, fact(minute, author, key)) for topic, minute, author, key in given_]
    assert [one.take(*probe) for probe in probes] == [other.take(*probe) for probe in probes]


@given(said(), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_forgetting_is_never_having_known(given_: list[Said], buckets: int) -> None:
    horizon = buckets * BUCKET
    live, fresh = filled(given_, [], KEPT), Ranks(TOPICS)
    live.forget(horizon + BUCKET - 1)
    fresh.forget(horizon)
    for topic, minute, author, key in given_:
        if minute >= horizon:
            fresh.take(topic, fact(minute, author, key))
    assert len(live) == len(fresh)
    for topic, _, author, key in given_:
        probe = fact(6 * BUCKET, author, key)
        assert live.take(topic, probe) == fresh.take(topic, probe)


def test_a_flood_of_strangers_costs_the_oldest_quarters() -> None:
    ranks = Ranks(["acme"], limit=100)
    ranks.take("acme", fact(0, "early"))
    ranks.take("acme", fact(BUCKET, "later"))
    for number in range(99):
        ranks.take("acme", fact(BUCKET, f"stranger {number}"))
    ranks.relieve()
    assert len(ranks) == 100
    assert ranks.take("acme", fact(BUCKET, "later")) == 2
    assert [ranks.take("acme", fact(0, "early")) for _ in range(2)] == [1, 1]


def test_a_flood_within_one_quarter_costs_it_wholly_and_ranks_start_anew_with_the_next() -> None:
    ranks = Ranks(["acme"], limit=100)
    for number in range(101):
        ranks.take("acme", fact(0, f"stranger {number}"))
    ranks.relieve()
    assert len(ranks) == 0
    assert ranks.take("acme", fact(1, "ann")) == 1
    assert [ranks.take("acme", fact(BUCKET, "ann")) for _ in range(3)] == [1, 2, 3]


def test_a_mention_that_names_nobody_and_says_nothing_is_the_first_of_its_kind() -> None:
    ranks = Ranks(["acme"])
    nothing = fact_of(mention("m", 0, site="", key=0), 0)
    assert [ranks.take("acme", nothing) for _ in range(2)] == [1, 1]
    assert len(ranks) == 0
