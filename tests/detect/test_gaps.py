"""A topic's own past corrects what the model calls rare."""

from __future__ import annotations

import random

import pytest

from buzzguard.detect.gaps import Episodes

DAY = 1440


def lived(peaks: list[float], *, every: int = DAY) -> tuple[Episodes, int]:
    """Episodes with these peaks, one each `every` minutes, and the minute after the last."""
    episodes = Episodes(overlap=0.0)
    minute = 100 * DAY
    for peak in peaks:
        minute += every
        episodes.see(minute, peak)
    episodes.see(minute + DAY, -1.0)
    return episodes, minute + DAY


def test_where_the_model_is_right_it_is_hardly_corrected() -> None:
    answers = []
    for seed in range(20):
        dice = random.Random(seed)
        episodes, now = lived([dice.expovariate(2.302585) for _ in range(80)])
        answers.append(episodes.calibrated(3.0, now=now, learned=80 * DAY))
    assert sum(answers) / len(answers) == pytest.approx(3.0, abs=0.4)


def test_a_habit_is_as_rare_as_it_is() -> None:
    episodes, now = lived([20.0 + i % 7 for i in range(30)])
    assert episodes.calibrated(22.0, now=now, learned=30 * DAY) < 0.5
    assert episodes.calibrated(40.0, now=now, learned=30 * DAY) < 40.0


def test_what_happened_once_is_left_out_and_twice_is_not() -> None:
    usual = [0.3, 0.8, 0.2, 1.1, 0.5, 0.9, 0.4, 0.6] * 4
    once, now = lived([*usual, 30.0])
    twice, later = lived([*usual, 30.0, 31.0])
    assert once.calibrated(29.0, now=now, learned=40 * DAY) > 5.0
    assert twice.calibrated(29.0, now=later, learned=40 * DAY) < 2.0


def test_windows_that_follow_one_another_are_one_episode() -> None:
    episodes = Episodes(overlap=0.0)
    for minute in range(0, 300, 60):
        episodes.see(minute, 2.0)
    assert episodes.state.peaks == []
    episodes.see(1000, -1.0)
    assert episodes.state.peaks == [200]


def test_only_the_largest_of_the_last_season_are_kept() -> None:
    episodes, _ = lived([float(i % 50) / 10.0 + 0.1 for i in range(400)])
    assert len(episodes.state.peaks) <= 32
    assert max(episodes.state.hours) - min(episodes.state.hours) <= 90 * 24


@pytest.mark.parametrize("peaks", [[], [0.5] * 3, [0.2, 0.4, 0.9, 1.3, 2.0] * 4, [10.0, 20.0, 30.0, 40.0]])
def test_needed_is_the_inverse_of_calibrated(peaks: list[float]) -> None:
    episodes, now = lived(peaks)
    learned = max(10, len(peaks)) * DAY
    for wanted in (0.3, 0.8, 1.5, 2.5, 4.0):
        needed = episodes.needed(wanted, now=now, learned=learned)
        assert episodes.calibrated(needed + 0.011, now=now, learned=learned) >= wanted - 1e-9
        assert needed <= wanted or episodes.calibrated(needed - 0.03, now=now, learned=learned) <= wanted + 0.1


def test_rarer_windows_are_never_called_less_rare() -> None:
    episodes, now = lived([0.2, 0.4, 0.9, 1.3, 2.0, 9.0] * 4)
    answers = [episodes.calibrated(i / 10.0, now=now, learned=30 * DAY) for i in range(200)]
    assert answers == sorted(answers)
