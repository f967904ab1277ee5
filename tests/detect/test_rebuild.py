"""Absent windows are empty, unless a mention is known to lie in them."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.detect.rebuild import Rebuild
from buzzguard.model import WINDOWS, Assessment, Samples, Signal
from tests.detect.world import MONDAY

FIVE = WINDOWS[0]


class Diary:
    """A detector that notes what it is taught."""

    def __init__(self) -> None:
        self.taught: list[Samples] = []

    def assess(self, samples: Samples) -> dict[Signal, Assessment]:
        return {}

    def learn(self, samples: Samples) -> None:
        self.taught.append(samples)

    def snapshot(self) -> bytes:
        return b""

    def restore(self, state: bytes) -> None:
        raise ValueError("a diary is not restored")


def sample(step: int, volume: int, window: timedelta = FIVE) -> Samples:
    return Samples(topic="acme", window=window, end=MONDAY + step * FIVE, volume=volume, closed=True)


def test_gaps_are_filled_with_nothing_in_order_of_time() -> None:
    diary = Diary()
    rebuild = Rebuild({"acme": diary}, {})
    for one in (sample(1, 2), sample(4, 5)):
        assert rebuild.take(one)
    rebuild.finish()
    fives = [one for one in diary.taught if one.window == FIVE]
    assert [one.volume for one in fives] == [2, 0, 0, 5]
    assert [one.end for one in fives] == [MONDAY + step * FIVE for step in (1, 2, 3, 4)]


def test_a_long_window_around_a_mention_that_was_not_stored_is_not_taken_for_empty() -> None:
    diary = Diary()
    rebuild = Rebuild({"acme": diary}, {})
    for one in (sample(1, 2), sample(12, 1)):
        rebuild.take(one)
    rebuild.finish()
    assert not [one for one in diary.taught if one.window == WINDOWS[2]]


def test_open_windows_other_strides_and_strangers_do_not_count() -> None:
    rebuild = Rebuild({"acme": Diary()}, {})
    assert not rebuild.take(Samples(topic="acme", window=FIVE, end=MONDAY, volume=1))
    assert not rebuild.take(sample(1, 3, WINDOWS[2]))
    assert not rebuild.take(Samples(topic="other", window=FIVE, end=MONDAY, closed=True))


def test_what_a_checkpoint_covers_is_not_taught_again() -> None:
    diary = Diary()
    rebuild = Rebuild({"acme": diary}, {"acme": MONDAY + 2 * FIVE})
    taken = [rebuild.take(sample(step, 1)) for step in (1, 2, 3)]
    rebuild.finish()
    assert taken == [False, False, True]
    assert [one.end for one in diary.taught if one.window == FIVE] == [MONDAY + 3 * FIVE]
