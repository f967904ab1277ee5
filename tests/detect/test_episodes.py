"""A topic's own past corrects what the law of counts calls rare."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.episodes import KEPT, MEMORY, Episodes
from buzzguard.detect.scan import LN10, Array

DAY = 1440
ROW = np.arange(1)
GROWN = np.zeros(1, bool)


class Past:
    """The episodes of one topic, one channel, one window."""

    def __init__(self) -> None:
        self.episodes = Episodes.of(1, 1, 1)
        self.minute = 100 * DAY

    def see(self, rarity: float, *, after: int = 5, fresh: bool = False) -> None:
        self.minute += after
        self.episodes.see(ROW, 0, np.array([[rarity]]), minute=self.minute, fresh=np.array([fresh]))

    def peaks(self, *peaks: float, every: int = DAY) -> Past:
        """Episodes with these peaks, one each `every` minutes, and quiet after the last."""
        for peak in peaks:
            self.see(peak, after=every // 2)
            self.see(-1.0, after=every - every // 2)
        return self

    def read(self, *rarities: float, days: float = 30.0) -> list[float]:
        many = np.array(rarities)[:, None, None]
        rows = np.zeros(len(rarities), dtype=np.intp)
        found = self.episodes.read(rows, many, minute=self.minute, watched=np.full(len(rarities), days))
        return [float(value) for value in found[:, 0, 0]]


PEAKS = st.lists(st.floats(0.05, 30.0), max_size=25)


@given(peaks=PEAKS, days=st.floats(0.1, 400.0))
def test_what_the_law_calls_rarer_is_never_read_as_commoner(peaks: list[float], days: float) -> None:
    asked = [i / 7.0 - 2.0 for i in range(300)]
    read = Past().peaks(*peaks).read(*asked, days=days)
    assert all(few <= many + 1e-6 for few, many in pairwise(read))


@given(peaks=PEAKS, rarity=st.floats(-3.0, 40.0), days=st.floats(0.01, 400.0))
def test_it_never_claims_more_than_the_law(peaks: list[float], rarity: float, days: float) -> None:
    (read,) = Past().peaks(*peaks).read(rarity, days=days)
    assert read <= rarity + 1e-6


def test_where_the_law_is_right_it_is_hardly_corrected() -> None:
    """A month of exponential peaks, one a day: once in a month is read as about that."""
    answers = []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        peaks = dice.exponential(1.0 / LN10, 30)
        answers += Past().peaks(*(float(peak) + 0.01 for peak in peaks)).read(1.4)
    assert float(np.mean(answers)) == pytest.approx(1.4, abs=0.35)


def test_a_habit_is_as_common_as_it_is() -> None:
    past = Past().peaks(*(20.0 + i % 7 for i in range(30)))
    habit, beyond = past.read(22.0, 60.0)
    assert habit < 0.5
    assert 1.0 < beyond < 5.0


def test_what_happened_once_is_less_of_an_event_and_what_happened_often_none() -> None:
    usual = (0.3, 0.8, 0.2, 1.1, 0.5, 0.9, 0.4, 0.6)
    never, once, often = (Past().peaks(*usual, *more).read(29.0)[0] for more in ((), (30.0,), (30.0,) * 6))
    assert never > once > often
    assert often < 1.0


def test_windows_that_follow_one_another_are_one_episode() -> None:
    past = Past()
    for _ in range(6):
        past.see(2.0, after=60)
    assert past.episodes.count(0, past.minute)[0, 0] == 0
    past.see(-1.0, after=61)
    assert past.episodes.count(0, past.minute)[0, 0] == 1


def test_only_the_largest_of_the_last_month_are_kept() -> None:
    past = Past().peaks(*(float(i % 50) / 10.0 + 0.1 for i in range(120)), every=DAY // 4)
    assert past.episodes.count(0, past.minute)[0, 0] == KEPT
    kept = np.sort(past.episodes.peaks[0, 0, 0])
    assert kept[0] > 2.0
    past.minute += MEMORY
    assert past.episodes.count(0, past.minute)[0, 0] == 0
    assert past.read(3.0) == pytest.approx(Past().read(3.0))


def test_the_first_day_of_a_topic_is_no_past() -> None:
    past = Past()
    past.see(5.0, fresh=True)
    past.see(-1.0, after=120, fresh=True)
    assert past.episodes.count(0, past.minute)[0, 0] == 0


def test_topics_keep_their_own() -> None:
    episodes, rows = Episodes.of(3, 2, 2), np.array([0, 2])
    fresh = np.zeros(2, bool)
    rare: Array = np.array([[3.0, -1.0], [-1.0, 4.0]])
    episodes.see(rows, 1, rare, minute=1000, fresh=fresh)
    episodes.see(rows, 1, np.full((2, 2), -1.0), minute=1100, fresh=fresh)
    counted = [episodes.count(row, 1100).tolist() for row in range(3)]
    assert counted == [[[0, 1], [0, 0]], [[0, 0], [0, 0]], [[0, 0], [0, 1]]]
