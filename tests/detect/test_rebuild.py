"""Absent windows are empty, unless a mention is known to lie in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from buzzguard.detect.rebuild import STRIDES, Rebuild
from buzzguard.measure import strides as measure
from buzzguard.model import WINDOWS, Samples
from tests.detect.world import MONDAY

FIVE = WINDOWS[0]


class Diary:
    """Notes what is taught."""

    def __init__(self, learned: Mapping[str, datetime] | None = None, *topics: str) -> None:
        self.taught: list[Samples] = []
        self.rebuild = Rebuild(topics or ("acme",), learned or {}, self.taught.extend)

    def of(self, window: timedelta, topic: str = "acme") -> list[Samples]:
        return [one for one in self.taught if one.window == window and one.topic == topic]


def sample(step: int, volume: int, window: timedelta = FIVE, topic: str = "acme") -> Samples:
    return Samples(topic=topic, window=window, end=MONDAY + step * FIVE, volume=volume, closed=True)


def test_gaps_are_filled_with_nothing_in_order_of_time() -> None:
    diary = Diary()
    for one in (sample(1, 2), sample(4, 5)):
        assert diary.rebuild.take(one)
    diary.rebuild.finish()
    assert [one.volume for one in diary.of(FIVE)] == [2, 0, 0, 5]
    assert [one.end for one in diary.of(FIVE)] == [MONDAY + step * FIVE for step in (1, 2, 3, 4)]


def test_a_long_window_around_a_mention_that_was_not_stored_is_not_taken_for_empty() -> None:
    diary = Diary()
    for one in (sample(1, 2), sample(12, 1)):
        diary.rebuild.take(one)
    diary.rebuild.finish()
    assert not diary.of(WINDOWS[2])


def test_open_windows_other_strides_and_strangers_do_not_count() -> None:
    rebuild = Diary().rebuild
    assert not rebuild.take(Samples(topic="acme", window=FIVE, end=MONDAY, volume=1))
    assert not rebuild.take(sample(1, 3, WINDOWS[2]))
    assert not rebuild.take(Samples(topic="other", window=FIVE, end=MONDAY, closed=True))


def test_what_a_checkpoint_covers_is_not_taught_again() -> None:
    diary = Diary({"acme": MONDAY + 2 * FIVE})
    taken = [diary.rebuild.take(sample(step, 1)) for step in (1, 2, 3)]
    diary.rebuild.finish()
    assert taken == [False, False, True]
    assert [one.end for one in diary.of(FIVE)] == [MONDAY + 3 * FIVE]


def test_topics_are_taught_together_each_from_its_own_first_mention_on() -> None:
    diary = Diary(None, "acme", "other")
    for one in (sample(1, 2), sample(3, 1, topic="other"), sample(4, 1)):
        diary.rebuild.take(one)
    reached = diary.rebuild.finish()
    assert [one.end for one in diary.of(FIVE, "other")] == [MONDAY + step * FIVE for step in (3, 4)]
    assert [one.end for one in diary.taught] == sorted(one.end for one in diary.taught)
    assert reached == dict.fromkeys(("acme", "other"), MONDAY + 4 * FIVE)


def test_a_topic_far_behind_the_others_catches_up_from_its_own_checkpoint() -> None:
    """One checkpoint is an hour older than the other: its topic alone is taught that hour."""
    diary = Diary({"acme": MONDAY, "other": MONDAY + 12 * FIVE}, "acme", "other")
    for step in (1, 12, 13):
        diary.rebuild.take(sample(step, 1))
        diary.rebuild.take(sample(step, 1, topic="other"))
    diary.rebuild.finish()
    assert [one.volume for one in diary.of(FIVE)] == [1, *[0] * 10, 1, 1]
    assert [one.end for one in diary.of(FIVE, "other")] == [MONDAY + 13 * FIVE]


def test_both_tables_of_strides_say_the_same() -> None:
    assert {window: timedelta(seconds=stride) for window, stride in STRIDES.items()} == measure.STRIDES
    assert tuple(STRIDES) == WINDOWS
