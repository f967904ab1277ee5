"""Who begot whom: whatever arrives first, and never without end."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.measure.lineage import MOST, Lineage
from buzzguard.measure.stage import Measuring
from buzzguard.model import Mention, MentionKind
from tests.measure.builders import START, at, mention, poll

FIRST = int(START.timestamp() // 60)


def one(id: str, minute: int, *, parent: str = "", kind: MentionKind = MentionKind.POST) -> tuple[Mention, int]:
    return msgspec.structs.replace(mention(id, minute).mention, parent=parent, kind=kind), FIRST + minute


def test_a_share_counts_as_begotten_and_its_lag_is_known_when_its_parent_is() -> None:
    lineage = Lineage()
    for told in (
        one("a", 0),
        one("b", 3, parent="a", kind=MentionKind.REPOST),
        one("c", 5, kind=MentionKind.REPLY),
        one("d", 5, parent="elsewhere", kind=MentionKind.REPLY),
    ):
        lineage.add(*told)
    assert lineage.begotten(FIRST, FIRST + 7) == [0, 0, 0, 1, 0, 2, 0]
    assert lineage.lags(FIRST, FIRST + 7) == [0, 0, 0, 1]


@given(st.permutations([("a", 0, ""), ("b", 3, "a"), ("c", 4, "b"), ("d", 9, "a"), ("e", 2, "c")]))
def test_the_order_of_arrival_does_not_matter(told: list[tuple[str, int, str]]) -> None:
    lineage = Lineage()
    for id, minute, parent in told:
        lineage.add(*one(id, minute, parent=parent))
    assert lineage.lags(FIRST, FIRST + 10) == [0, 1, 0, 1, 0, 0, 0, 0, 0, 1], "a parent after its child has no lag"


def test_its_memory_is_bounded_and_forgets() -> None:
    lineage = Lineage()
    for number in range(MOST + 10):
        lineage.add(*one(str(number), 1, parent=f"p{number}"))
    lineage.add(*one("p0", 0))
    lineage.add(*one(f"p{MOST}", 0))
    assert lineage.lags(FIRST, FIRST + 2) == [0, 1], "the oldest orphan was forgotten, a later one finds its parent"
    lineage.forget(FIRST + 2)
    assert lineage.begotten(FIRST, FIRST + 2) == [0, 0]
    assert lineage.lags(FIRST, FIRST + 2) == []


def test_a_mention_that_answers_itself_begets_nothing() -> None:
    lineage = Lineage()
    lineage.add(*one("a", 0, parent="a"))
    assert lineage.lags(FIRST, FIRST + 1) == []


def test_measuring_tells_the_lineage_of_a_topic() -> None:
    measuring = Measuring(["acme"], {"acme": frozenset({"s"})}, lateness=timedelta(hours=6))
    parent, child = mention("a", 0), mention("b", 2)
    child = msgspec.structs.replace(
        child, mention=msgspec.structs.replace(child.mention, parent="a", kind=MentionKind.REPOST)
    )
    measuring.add([child, parent], at(3))
    assert measuring.lineage("acme", start=START, minutes=4) == ([0, 0, 1, 0], [0, 0, 1])


def test_measuring_tells_which_minutes_were_known() -> None:
    measuring = Measuring(["acme"], {"acme": frozenset({"s"})}, lateness=timedelta(hours=6))
    assert measuring.known("acme", start=START, bins=2, bin=timedelta(minutes=5)) == [1.0, 1.0]
    measuring.observe([poll(0), poll(10), poll(20, ok=False), poll(30, ok=False)])
    told = measuring.known("acme", start=START, bins=3, bin=timedelta(minutes=10))
    assert (told[0], told[2]) == (1.0, 0.0)
