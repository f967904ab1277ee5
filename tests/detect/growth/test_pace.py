"""Doubling and halving: found where they are, with intervals that hold, and not where nothing grows."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from buzzguard.detect.growth import Course
from buzzguard.detect.growth.course import minutes_of
from buzzguard.detect.growth.pace import Pace, doubling, pace
from tests.detect.growth import days

SEEDS = range(60)


def paced(course: Course) -> Pace:
    return pace(minutes_of(course))


@pytest.mark.parametrize(("minutes", "now"), [(15.0, 4.0), (30.0, 4.0), (60.0, 2.0), (180.0, 2.0)])
def test_a_doubling_time_is_found_and_its_interval_holds_it(minutes: float, now: float) -> None:
    found = [doubling(paced(days.day(days.doubling(minutes, now), seed=seed)))[0] for seed in SEEDS]
    told = [one for one in found if one is not None]
    assert len(told) >= 0.75 * len(found)
    held = sum(one.low <= timedelta(minutes=minutes) <= one.high for one in told)
    assert held >= 0.75 * len(told), "an interval of 80 %"
    middle = sorted(one.value for one in told)[len(told) // 2] / timedelta(minutes=minutes)
    assert 0.8 < middle < 1.25


def test_a_halving_time_is_told_of_what_falls() -> None:
    for seed in range(10):
        doubles, halves = doubling(paced(days.day(days.fall(200, 60, 6.0), seed=seed)))
        assert doubles is None and halves is not None
        assert halves.low <= halves.value <= halves.high
        assert timedelta(minutes=30) < halves.value < timedelta(minutes=120)


@pytest.mark.parametrize(("usual", "excess"), [(0.5, 2.0), (0.5, 0.0), (0.001, 0.05), (10.0, 50.0)])
def test_what_does_not_grow_is_said_to_grow_once_in_fifty_days_at_most(usual: float, excess: float) -> None:
    false = sum(paced(days.day(excess, usual=usual, seed=seed)).clear for seed in range(150))
    assert false <= 3


def test_a_step_is_no_exponential() -> None:
    spans = [paced(days.day(days.step(60, 5.0), seed=seed)).span for seed in range(20)]
    assert sorted(spans)[10] <= 64, "the span stops where the step is"


def test_the_morning_is_not_growth_where_the_baseline_knows_it() -> None:
    sun = np.roll(days.SUN, 360)
    story = 2.0 * np.sqrt(sun)
    grown = [paced(days.day(lambda ago: story * (ago > 0.0), usual=2.0 * sun, seed=seed)).clear for seed in SEEDS]
    assert sum(grown) <= 3


def test_growth_is_read_over_a_gap() -> None:
    known = np.ones(days.DAY)
    known[-50:-20] = 0.0
    found = [paced(days.day(days.doubling(60, 4.0), seed=seed, known=known)) for seed in range(20)]
    slopes = sorted(one.slope for one in found)
    assert 0.8 < slopes[10] / (math.log(2) / 60) < 1.25


def test_a_longer_history_than_the_story_is_not_looked_at() -> None:
    assert pace(minutes_of(days.day(1.0)), longest=40).span <= 64
