"""Unknown is not zero: which time of a stream was seen."""

from __future__ import annotations

from buzzguard.measure.coverage import MAX_OUTAGES, Coverage
from buzzguard.model import Poll
from tests.measure.builders import at, poll

STREAM = frozenset({"s"})


def coverage(*polls: Poll) -> Coverage:
    made = Coverage()
    made.observe([poll(-10_000, stream="s"), *polls])
    made.forget(at(-5_000).timestamp())
    return made


def known(made: Coverage, start: float, end: float, streams: frozenset[str] = STREAM) -> float:
    return round(made.share(streams, at(start).timestamp(), at(end).timestamp()), 6)


def delivered(made: Coverage, *, fetched: float, published: float) -> None:
    made.delivered("s", at(fetched).timestamp(), at(published).timestamp())


def test_good_polls_leave_all_time_known() -> None:
    assert known(coverage(poll(0), poll(2), poll(4)), 0, 60) == 1.0


def test_streams_never_polled_are_always_known() -> None:
    assert known(Coverage(), 0, 60, frozenset({"pushed"})) == 1.0
    assert known(coverage(poll(0), poll(2, ok=False)), 0, 60, frozenset({"pushed"})) == 1.0


def test_a_failing_poll_makes_the_time_since_the_last_good_one_unknown() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(20, ok=False))
    assert known(made, -10, 10) == 0.5
    assert known(made, 0, 60) == 0.0


def test_a_good_poll_that_brings_nothing_shows_that_nothing_was_missed() -> None:
    assert known(coverage(poll(0), poll(10, ok=False), poll(30)), 0, 60) == 1.0


def test_a_good_poll_that_brings_mentions_makes_known_what_they_reach_back_to() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(30, mentions=2))
    assert known(made, 0, 60) == 0.5
    delivered(made, fetched=30, published=15)
    assert known(made, 0, 60) == 0.75
    delivered(made, fetched=31, published=-5)
    assert known(made, 0, 60) == 1.0


def test_mentions_may_come_before_the_poll_that_brought_them() -> None:
    made = coverage(poll(0), poll(10, ok=False))
    delivered(made, fetched=30, published=0)
    made.observe([poll(30, mentions=1)])
    assert known(made, 0, 60) == 1.0


def test_mentions_fetched_before_the_outage_heal_nothing() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(30, mentions=1))
    delivered(made, fetched=0, published=-5)
    assert known(made, 0, 60) == 0.5


def test_a_failure_after_a_stray_mention_keeps_the_outage() -> None:
    made = coverage(poll(0), poll(10, ok=False))
    delivered(made, fetched=12, published=0)
    made.observe([poll(20, ok=False)])
    assert known(made, 0, 40) == 0.0


def test_the_time_before_the_first_poll_is_unknown_until_mentions_reach_back() -> None:
    made = Coverage()
    made.observe([poll(0)])
    assert known(made, -60, 0) == 0.0
    delivered(made, fetched=0, published=-30)
    assert known(made, -60, 0) == 0.5


def test_a_first_poll_that_fails_leaves_everything_unknown() -> None:
    made = Coverage()
    made.observe([poll(0, ok=False)])
    assert known(made, -10, 10) == 0.0
    made.observe([poll(5)])
    assert known(made, -10, 10) == 0.25


def test_a_poll_long_after_its_plan_breaks_the_chain() -> None:
    made = coverage(poll(0, next_at=2), poll(60, mentions=3, next_at=62))
    assert known(made, 0, 60) == 0.0
    delivered(made, fetched=60, published=30)
    assert known(made, 0, 60) == 0.5
    assert known(coverage(poll(0, next_at=2), poll(60)), 0, 60) == 1.0
    assert known(coverage(poll(0, next_at=2), poll(6, mentions=3)), 0, 6) == 1.0


def test_known_is_the_mean_over_the_polled_streams() -> None:
    made = coverage(poll(0), poll(1, stream="t"), poll(10, ok=False))
    delivered(made, fetched=1, published=-50)
    made.delivered("t", at(1).timestamp(), at(-100).timestamp())
    assert known(made, 0, 60, frozenset({"s", "t", "pushed"})) == 0.5


def test_a_poll_told_twice_or_out_of_order_changes_nothing() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(20))
    made.observe([poll(10, ok=False), poll(0)])
    assert known(made, 0, 60) == 1.0


def test_an_answer_is_not_kept_longer_than_it_is_true() -> None:
    made = coverage(poll(0), poll(10, ok=False))
    assert known(made, 0, 60) == 0.0
    made.observe([poll(30, mentions=1)])
    assert known(made, 0, 60) == 0.5
    delivered(made, fetched=30, published=15)
    assert known(made, 0, 60) == 0.75
    made.observe([poll(30, stream="t")])
    delivered(made, fetched=30, published=0)
    assert known(made, 0, 60, frozenset({"s", "t"})) == 0.75


def test_a_healed_outage_is_forgotten_one_that_lasts_is_not() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(30))
    made.forget(at(-100).timestamp())
    assert made.unbroken
    made.observe([poll(40, ok=False)])
    made.forget(at(10_000).timestamp())
    assert known(made, 10_000, 10_060) == 0.0


def test_memory_of_outages_is_bounded() -> None:
    made = coverage()
    for index in range(0, 4 * MAX_OUTAGES, 2):
        made.observe([poll(index, ok=False), poll(index + 1, mentions=1)])
    made.forget(at(-100).timestamp())
    assert len(made._streams["s"].outages) == MAX_OUTAGES
    made.forget(at(5 * MAX_OUTAGES).timestamp())
    assert known(made, 0, 60) == 1.0


def test_a_place_that_pushes_is_unknown_from_its_last_good_poll_until_it_is_back() -> None:
    """Its good polls are told once a minute, each with the next to come at once; the last before a failure too."""
    minutes = [poll(minute, next_at=minute) for minute in range(10)]
    made = coverage(*minutes, poll(9.75, next_at=9.75), poll(10, ok=False), poll(12, ok=False), poll(14, mentions=1))
    delivered(made, fetched=14, published=13)
    assert known(made, 0, 9.75) == 1.0
    assert known(made, 9.75, 13) == 0.0
    assert known(made, 13, 60) == 1.0


def test_what_is_lost_stays_unknown_whatever_comes_later() -> None:
    made = coverage(poll(0, next_at=2), poll(60, next_at=62, lost=(0, 30)), poll(62, next_at=64))
    assert (known(made, 0, 30), known(made, 30, 60), known(made, 0, 60)) == (0.0, 1.0, 0.5)
    delivered(made, fetched=61, published=-20)
    assert known(made, 0, 60) == 0.5
    made.observe([poll(66, lost=(10, 33))])
    assert known(made, 0, 60) == 0.45, "told twice, counted once"


def test_lost_time_within_an_outage_counts_once() -> None:
    made = coverage(poll(0), poll(10, ok=False), poll(40, mentions=1, lost=(0, 20)))
    assert known(made, 0, 80) == 0.5
    delivered(made, fetched=40, published=10)
    assert known(made, 0, 80) == 0.75


def test_from_a_stream_whose_poll_is_overdue_nothing_is_known_since_its_last() -> None:
    made = coverage(poll(0, next_at=2), poll(0, stream="t", next_at=60))
    delivered(made, fetched=0, published=-60)
    made.delivered("t", at(0).timestamp(), at(-60).timestamp())
    made.wait_until(at(7).timestamp())
    assert known(made, 0, 10) == 1.0
    made.wait_until(at(8).timestamp())
    assert (known(made, 0, 10), known(made, 0, 10, frozenset({"t"}))) == (0.0, 1.0)
    made.observe([poll(9)])
    assert known(made, 0, 10) == 1.0, "it brought nothing: nothing was missed"
    made.wait_until(at(121).timestamp())
    assert (known(made, 0, 10, frozenset({"t"})), known(made, 0, 10)) == (0.0, 1.0)
