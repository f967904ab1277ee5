"""When a story began, and when it is past its peak: not by night, not by chance."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.detect.growth import Course
from buzzguard.detect.growth.course import minutes_of
from buzzguard.detect.growth.story import Story, story
from buzzguard.model import MINUTE
from tests.detect.growth import days


def told(course: Course) -> Story:
    return story(minutes_of(course))


@pytest.mark.parametrize(("since", "height"), [(20, 2.0), (90, 1.0), (400, 3.0)])
def test_the_beginning_is_found(since: int, height: float) -> None:
    ages = sorted(told(days.day(days.step(since, height), seed=seed)).age for seed in range(20))
    assert abs(ages[10] - since) <= 6


def test_nothing_above_the_baseline_is_no_story() -> None:
    assert sum(told(days.day(0.0, seed=seed)).begun is not None for seed in range(100)) <= 5
    assert told(days.day(0.0, usual=0.0)) == Story()


def test_one_mention_is_no_story() -> None:
    counts = np.zeros(days.DAY)
    counts[-3] = 1
    assert told(Course(at=days.NOW, counts=counts, expected=np.full(days.DAY, 1e-4))).begun is None


def test_a_clear_decline_is_past_the_peak() -> None:
    for seed in range(10):
        found = told(days.day(days.fall(240, 60, 6.0), seed=seed))
        assert found.past_peak
        assert found.peak is not None
        assert days.NOW - 250 * MINUTE <= found.peak.at <= days.NOW - 180 * MINUTE
        assert 250 < found.peak.per_hour < 550


def test_a_level_story_is_hardly_ever_past_its_peak() -> None:
    for usual, excess, since in ((0.5, 2.0, 600.0), (0.01, 0.3, 600.0), (5.0, 30.0, 300.0)):
        false = sum(told(days.day(days.step(since, excess), usual=usual, seed=seed)).past_peak for seed in range(100))
        assert false <= 3


def test_night_is_not_the_end() -> None:
    """What falls with the public's day, as the baseline knows it, has not passed its peak."""
    evening = np.roll(days.SUN, -360)
    course = np.sqrt(evening / evening.max())
    false = sum(
        told(days.day(lambda ago: np.where(ago < 480, 6.0 * course, 0.0), usual=2.0 * evening, seed=seed)).past_peak
        for seed in range(30)
    )
    assert false <= 2


def test_a_gap_is_not_a_decline() -> None:
    known = np.ones(days.DAY)
    known[-60:] = 0.0
    found = told(days.day(days.step(400, 4.0), known=known))
    assert found.begun is not None
    assert not found.past_peak
