"""Raw scores become return periods by their own past."""

from __future__ import annotations

from math import inf, log10
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.by_river.tail import BLOCK, OwnScores

DAY_BLOCKS = 8


def taught(scores: list[float], *, stride: int = BLOCK) -> OwnScores:
    own = OwnScores(stride, overlap=0.0)
    for index, score in enumerate(scores):
        own.see(index * stride, score, in_run=False)
    return own


def exponential(days: int, seed: str = "tail") -> list[float]:
    dice = Random(seed)
    return [dice.expovariate(1.0) for _ in range(days * DAY_BLOCKS)]


def test_nothing_is_said_before_two_days_of_scores() -> None:
    own = OwnScores(15, overlap=0.0)
    for index in range(191):
        own.see(15 * index, 1.0, in_run=False)
        assert own.decades(100.0) == -inf
    own.see(15 * 191, 1.0, in_run=False)
    assert own.decades(100.0) > -inf


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=200), st.floats(-1e7, 1e7), st.floats(0, 1e7))
def test_a_higher_score_is_never_less_rare(scores: list[float], score: float, more: float) -> None:
    own = taught(scores)
    assert own.decades(score) <= own.decades(score + more)


@given(st.lists(st.floats(-1e6, 1e6), min_size=20, max_size=200), st.floats(-1e9, 1e9))
def test_nothing_is_rarer_than_a_hundred_times_the_time_watched(scores: list[float], score: float) -> None:
    own = taught(scores)
    assert own.decades(score) <= log10(100.0 * own.days) + 1e-9


@pytest.mark.parametrize("asked_days", [7.0, 30.0, 365.0])
def test_of_independent_scores_return_periods_hold(asked_days: float) -> None:
    """Peaks above x come exp(−x) of 8 times a day: the score of a known return period is told within a factor of 2."""
    true_score = -_ln(1.0 / (DAY_BLOCKS * asked_days))
    told = sorted(taught(exponential(90, seed=str(seed))).decades(true_score) for seed in range(15))
    assert log10(asked_days / 2.0) < told[7] < log10(asked_days * 2.0)


def _ln(value: float) -> float:
    return log10(value) / log10(2.718281828459045)


def test_one_crisis_does_not_hide_the_next_one_but_a_habit_is_a_habit() -> None:
    calm = exponential(60)
    before = taught(calm).decades(30.0)
    once = taught([*calm[:200], 30.0, *calm[200:]]).decades(30.0)
    often = taught([*calm[:100], 30.0, *calm[100:200], 30.0, *calm[200:300], 30.0, *calm[300:]]).decades(30.0)
    assert once > log10(365.0)
    assert abs(once - before) < 0.3
    assert often < log10(30.0)


def test_the_windows_of_one_run_are_one_peak() -> None:
    calm = exponential(30)
    apart, together = taught(calm), taught(calm)
    at = len(calm) * BLOCK
    for index in range(16):
        apart.see(at + index * BLOCK, 20.0, in_run=False)
        together.see(at + index * BLOCK, 20.0, in_run=True)
    after = [(at + (16 + index) * BLOCK, 0.1) for index in range(2)]
    for minute, score in after:
        apart.see(minute, score, in_run=False)
        together.see(minute, score, in_run=False)
    assert apart.decades(20.0) < 0.5 < together.decades(20.0)


def test_what_is_older_than_a_season_is_forgotten() -> None:
    own = taught([*exponential(10), *[50.0, 0.1, 60.0], *exponential(100, seed="later")])
    assert own.decades(40.0) > log10(365.0)
