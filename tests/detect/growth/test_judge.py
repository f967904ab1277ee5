"""The whole judgement: phases as a story passes them, and any numbers at all."""

from __future__ import annotations

import math
from datetime import timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.detect.growth import Course, judge_growth
from buzzguard.model import Growth, Phase, Signal
from tests.detect.growth import days

HOSTILE = st.one_of(
    st.integers(-5, 40),
    st.sampled_from([0, 10**12, -(10**9), math.nan, math.inf, -math.inf, 1e300]),
    st.floats(allow_nan=True, allow_infinity=True),
)


def phase(course: Course) -> Phase | None:
    return judge_growth(course).phase


def test_a_story_passes_its_phases() -> None:
    assert phase(days.day(0.0)) is None
    assert phase(days.day(days.step(12, 1.5), usual=0.02)) is Phase.STARTING
    assert phase(days.day(days.doubling(40, 5.0))) is Phase.GROWING
    assert phase(days.day(days.step(400, 4.0))) is Phase.PEAKING
    assert phase(days.day(days.fall(200, 80, 8.0))) is Phase.FALLING
    assert phase(days.day(lambda ago: np.where((ago > 300) & (ago < 700), 4.0, 0.0))) is Phase.OVER


@pytest.mark.parametrize("seed", range(5))
def test_a_real_course_of_events_is_never_told_the_wrong_way_round(seed: int) -> None:
    growing = judge_growth(days.day(days.doubling(40, 6.0), seed=seed))
    assert growing.doubles_in is not None and growing.halves_in is None
    assert not growing.past_peak
    assert growing.reproduction is not None and growing.reproduction.low > 1.0
    falling = judge_growth(days.day(days.fall(240, 60, 8.0), seed=seed))
    assert falling.doubles_in is None
    assert falling.past_peak
    assert falling.peak is None
    assert falling.reproduction is not None and falling.reproduction.high < 1.1


def test_the_pace_and_the_beginning_are_told() -> None:
    growth = judge_growth(days.day(days.step(120, 3.0)))
    assert growth.expected_per_hour == pytest.approx(30.0)
    assert growth.per_hour == pytest.approx(210.0, rel=0.25)
    assert growth.since is not None
    assert abs(days.NOW - growth.since - timedelta(minutes=120)) < timedelta(minutes=8)


def test_the_minute_that_fills_does_not_look_like_a_fall() -> None:
    """In the first second of a minute its count is nought, and says nothing."""
    course = days.day(days.step(300, 6.0))
    counts = np.asarray(course.counts).copy()
    counts[-1] = 0
    start = judge_growth(
        Course(at=days.NOW.replace(second=0), counts=counts, expected=course.expected, known=course.known)
    )
    assert start.phase is Phase.PEAKING
    assert start.per_hour == pytest.approx(judge_growth(course).per_hour, rel=0.05)


def test_the_same_course_gives_the_same_words() -> None:
    assert judge_growth(days.day(days.doubling(40, 5.0))) == judge_growth(days.day(days.doubling(40, 5.0)))


def test_the_signal_goes_along() -> None:
    course = days.day(days.step(300, 6.0))
    negative = Course(at=course.at, counts=course.counts, expected=course.expected, signal=Signal.NEGATIVE)
    assert judge_growth(negative).signal is Signal.NEGATIVE


def test_lists_of_whole_numbers_will_do() -> None:
    course = days.day(days.step(300, 6.0))
    listed = Course(at=course.at, counts=[int(n) for n in course.counts], expected=list(course.expected))
    assert judge_growth(listed) == judge_growth(course)


def test_minutes_that_nobody_watched_are_no_lull() -> None:
    known = np.ones(days.DAY)
    for first, last in ((-120, -30), (-90, None)):
        known[:] = 1.0
        known[first:last] = 0.0
        growth = judge_growth(days.day(days.step(400, 4.0), known=known))
        assert growth.phase is Phase.PEAKING
        assert growth.halves_in is None


def test_what_has_not_been_read_yet_is_no_fall() -> None:
    """Streams are read every ten minutes: what was published since is not there yet."""
    course = days.day(days.step(300, 6.0))
    counts = np.asarray(course.counts).copy()
    counts[-9:] = 0
    blind = judge_growth(Course(at=course.at, counts=counts, expected=course.expected))
    aware = judge_growth(Course(at=course.at, counts=counts, expected=course.expected, delay=timedelta(minutes=10)))
    assert blind.phase is Phase.FALLING
    assert aware.phase is Phase.PEAKING
    assert aware.per_hour == pytest.approx(390.0, rel=0.2)


def test_a_few_mentions_are_not_over_after_half_an_hour() -> None:
    counts = np.zeros(days.DAY)
    counts[[-200, -170, -110, -60, -40]] = 1
    growth = judge_growth(Course(at=days.NOW, counts=counts, expected=np.full(days.DAY, 1e-3)))
    assert growth.phase in (Phase.STARTING, Phase.PEAKING)


def test_a_quiet_brand_of_no_baseline_at_all() -> None:
    counts = np.zeros(days.DAY)
    counts[[-300, -200, -90, -60, -40, -25, -15, -8, -4, -2]] = 1
    growth = judge_growth(Course(at=days.NOW, counts=counts, expected=np.zeros(days.DAY)))
    assert growth.phase is not None
    assert growth.expected_per_hour == 0.0
    sound(growth)


def sound(growth: Growth) -> None:
    """What must be true of every judgement."""
    msgspec.json.encode(growth)
    assert math.isfinite(growth.per_hour) and growth.per_hour >= 0.0
    assert growth.doubles_in is None or growth.halves_in is None
    for span in (growth.doubles_in, growth.halves_in):
        assert span is None or timedelta(0) < span.low <= span.value <= span.high
    for one in growth.forecast:
        assert all(math.isfinite(end) for end in (one.per_hour.low, one.per_hour.value, one.per_hour.high))
        assert 0.0 <= one.per_hour.low <= one.per_hour.value <= one.per_hour.high
    if growth.reproduction is not None:
        assert 0.0 <= growth.reproduction.low <= growth.reproduction.value <= growth.reproduction.high
        assert math.isfinite(growth.reproduction.high)
    assert (growth.phase is None) == (growth.since is None)
    assert not (growth.past_peak and growth.peaked is None)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(HOSTILE, max_size=60),
    st.lists(HOSTILE, max_size=60),
    st.lists(HOSTILE, max_size=20),
    st.lists(HOSTILE, max_size=20),
    HOSTILE,
)
def test_any_numbers_are_survived(
    counts: list[float], expected: list[float], known: list[float], lags: list[float], dispersion: float
) -> None:
    course = Course(
        at=days.NOW,
        counts=counts,
        expected=expected,
        known=known,
        ahead=lags,
        begotten=known,
        lags=lags,
        dispersion=dispersion,
    )
    sound(judge_growth(course))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9), st.floats(0.0, 1e6), st.integers(1, 1440), st.integers(0, 2000))
def test_any_story_is_survived(seed: int, height: float, since: int, length: int) -> None:
    course = days.day(days.step(since, height), usual=height / 50.0, seed=seed)
    short = Course(at=course.at, counts=course.counts[-length:] if length else (), expected=course.expected)
    sound(judge_growth(short))
