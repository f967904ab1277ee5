"""What rules and people are told of a window."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.told import MOST_DECADES, period
from buzzguard.model import WINDOWS, Direction, Samples, Signal
from tests.detect.world import DAY, EVER, World, said

HOUR, SIX = WINDOWS[2], WINDOWS[4]


@pytest.fixture(scope="module")
def world() -> World:
    return World.after({"lively": "lively", "quiet": "quiet", "silent": "silent"})


@given(rarity=st.one_of(st.floats(allow_nan=True, allow_infinity=True), st.floats(-3.0, 9.0)), more=st.floats(0.0, 5.0))
def test_a_return_period_is_never_negative_nor_beyond_all_knowledge(rarity: float, more: float) -> None:
    assert timedelta(0) <= period(rarity) <= EVER
    if not np.isnan(rarity):
        assert period(rarity) <= period(rarity + more)


def test_decades_of_days_are_days() -> None:
    assert period(0.0) == DAY
    assert period(2.0) == pytest.approx(100 * DAY, abs=timedelta(seconds=1))
    assert period(MOST_DECADES + 3.0) == pytest.approx(EVER, abs=timedelta(minutes=1))
    assert period(-2.0) == timedelta(0)


def test_what_is_usual_has_no_return_period_and_is_not_recorded(world: World) -> None:
    """A window as large as expected is no once-in-two-days."""
    for topic in world.topics:
        windows = []
        for window in WINDOWS:
            expected = int(world.judge(topic, window).expected)
            windows.append(Samples(topic=topic, window=window, end=world.now, **said(expected)._asdict()))
        for one in world.detector.assess(windows):
            assert all(answer.once_per == timedelta(0) for answer in one.assessments.values()), (topic, one.samples)


def test_a_lull_is_told_of_closed_and_known_windows_only(world: World) -> None:
    def empty(**how: object) -> tuple[Direction, timedelta]:
        sample = Samples(topic="lively", window=SIX, end=world.now, **how)  # type: ignore[arg-type]
        answer = world.detector.assess([sample])[0].assessments[Signal.VOLUME]
        return answer.direction, answer.once_per

    filling, unknown, closed = empty(), empty(closed=True, known=0.5), empty(closed=True)
    assert filling == unknown == (Direction.BELOW, timedelta(0))
    assert closed[0] is Direction.BELOW
    # So rare that a week of watching cannot tell how rare: a hundred times as long is the most that is claimed.
    assert timedelta(days=300) < closed[1] <= timedelta(days=901)


def test_a_topic_that_never_speaks_has_no_lull(world: World) -> None:
    for window in WINDOWS:
        closed = Samples(topic="silent", window=window, end=world.now, closed=True)
        answer = world.detector.assess([closed])[0].assessments[Signal.VOLUME]
        assert (answer.once_per, answer.expected) == (timedelta(0), 0.0)


def test_high_is_where_the_law_of_counts_calls_a_window_rarer_than_once_a_week(world: World) -> None:
    for topic in ("lively", "quiet"):
        for window in WINDOWS:
            high = world.judge(topic, window).high
            laws = []
            for count in (0.85 * high - 1.0, 1.15 * high + 1.0):
                sample = Samples(topic=topic, window=window, end=world.now, volume=max(0, round(count)))
                (volume,) = (one for one in world.detector.explain([sample]).signals if one.signal is Signal.VOLUME)
                laws.append(next(scale.law for scale in volume.scales if scale.window == window))
            assert laws[0] < timedelta(days=7) < laws[1], (topic, window)


def test_the_parts_of_a_crisis_name_what_made_it(world: World) -> None:
    hostile, large = said(40, 38), said(400, 80)
    tone, size = (world.judge("lively", HOUR, Signal.CRISIS, more=more) for more in (hostile, large))
    assert next(iter(tone.parts)) == Signal.SHARE
    assert Signal.SHARE not in size.parts or next(iter(size.parts)) != Signal.SHARE
    assert set(size.parts) & {Signal.VOLUME, Signal.AUTHORS, Signal.SPREAD}
    for answer in (tone, size):
        assert sum(answer.parts.values()) == pytest.approx(1.0, abs=0.01)


def test_the_crisis_score_is_the_decades_of_its_return_period(world: World) -> None:
    answer = world.judge("lively", HOUR, Signal.CRISIS, more=said(60, 50))
    assert answer.once_per / DAY == pytest.approx(10.0**answer.observed, rel=0.01)
    assert answer.expected == 0.0
