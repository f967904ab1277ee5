"""What a course is read as: whole days, bounded numbers, unknown minutes without weight."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pytest

from buzzguard.detect.growth import Course, per_minute
from buzzguard.detect.growth.course import DAY, MOST, minutes_of
from tests.detect.growth import days


def test_a_short_course_is_a_day_whose_beginning_nobody_watched() -> None:
    minutes = minutes_of(Course(at=days.NOW, counts=[3, 4, 2], expected=[1.0, 1.0, 1.0]))
    assert minutes.counts.shape == (DAY,)
    assert minutes.exposure[-3:] == pytest.approx([1.0, 1.0, 0.5])
    assert minutes.exposure[:-3].sum() == 0.0
    assert minutes.usual[-3:] == pytest.approx([1.0, 1.0, 0.5])


def test_absurd_numbers_are_bounded_and_what_is_none_is_unknown() -> None:
    counts = [1.0, math.nan, -7.0, 1e300, math.inf, 5.0]
    minutes = minutes_of(Course(at=days.NOW, counts=counts, expected=[math.nan, -1.0, 1.0, 1.0, 1.0, 1.0]))
    assert list(minutes.counts[-6:]) == [1.0, 0.0, 0.0, MOST, 0.0, 5.0]
    assert list(minutes.exposure[-6:]) == [1.0, 0.0, 1.0, 1.0, 0.0, 0.5]
    assert np.isfinite(minutes.sums).all()


def test_known_shares_scale_what_was_to_be_expected() -> None:
    minutes = minutes_of(Course(at=days.NOW, counts=[1, 1, 1], expected=[2.0, 2.0, 2.0], known=[0.5, 0.0, 1.0]))
    assert list(minutes.usual[-3:]) == [1.0, 0.0, 1.0]
    assert minutes.counts[-2] == 0.0, "what an unwatched minute holds came by chance"


def test_the_next_day_is_like_this_one_unless_told() -> None:
    expected = np.linspace(1.0, 2.0, DAY)
    alike = minutes_of(Course(at=days.NOW, counts=np.zeros(DAY), expected=expected))
    told = minutes_of(Course(at=days.NOW, counts=np.zeros(DAY), expected=expected, ahead=[9.0, 9.0]))
    assert list(alike.usual_ahead) == list(expected)
    assert list(told.usual_ahead[:3]) == [9.0, 9.0, expected[2]]


def test_the_season_is_one_now_and_never_dead() -> None:
    minutes = minutes_of(days.day(0.0, usual=np.maximum(days.SUN - 0.5, 0.0)))
    assert minutes.season[-1] == pytest.approx(1.0, rel=0.05)
    assert minutes.season.min() > 0.2
    assert list(minutes_of(days.day(0.0, usual=0.0)).season) == [1.0] * DAY


def test_minutes_have_instants() -> None:
    minutes = minutes_of(days.day(0.0))
    assert minutes.instant(DAY) - days.NOW == timedelta(seconds=30)
    assert minutes.instant(DAY - 60) == minutes.instant(DAY) - timedelta(hours=1)


def test_a_baseline_of_hours_is_told_by_the_minute() -> None:
    usual = per_minute([60.0, 120.0, 60.0], 60, since=30, minutes=121)
    assert usual[0] == pytest.approx(1.0, abs=0.01)
    assert usual[60] == pytest.approx(2.0, abs=0.01)
    assert usual[120] == pytest.approx(1.0, abs=0.01)
    assert list(per_minute([], 60, since=0, minutes=2)) == [0.0, 0.0]
