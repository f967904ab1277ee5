"""When a score is an alarm."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests.bench.threshold import tail_of
from tests.bench.watching import Bell, alarms, load_make

series = arrays.arrays(np.float64, (60, 3), elements=st.sampled_from([0.0, 1.0, 5.0, 20.0, 400.0]))
holds = st.integers(0, 12)


def fired(values: list[float], *, hold: int = 3, warm: int = 0) -> list[int]:
    return [int(one) for one in alarms(np.array(values), 90.0, hold_bins=hold, warm=warm)]


def test_an_alarm_fires_once_and_again_after_the_hold() -> None:
    assert fired([0, 90, 500, 0, 0, 0, 90]) == [1, 6]


def test_each_exceedance_starts_the_hold_anew() -> None:
    assert fired([100, 0, 0, 100, 0, 0, 100, 0, 0, 0, 100]) == [0, 10]


def test_what_exceeds_during_the_warm_up_never_fires_but_holds() -> None:
    assert fired([0, 100, 0, 100, 0, 0, 0, 0, 100], warm=3) == [8]


def test_a_permanent_exceedance_fires_once() -> None:
    assert fired([100.0] * 50) == [0]


@given(series, holds)
def test_the_bell_rings_when_alarms_says_so(periods: np.ndarray, hold: int) -> None:
    thresholds = np.array([5.0, 90.0])
    bell = Bell(periods.shape[1], thresholds, hold_bins=hold)
    rung = np.zeros((2, *periods.shape), dtype=bool)
    for index, row in enumerate(periods):
        rings = bell.ring(index, row)
        if rings is not None:
            rung[:, index] = rings
    for place, days in enumerate(thresholds):
        for stream in range(periods.shape[1]):
            expected = alarms(periods[:, stream], days, hold_bins=hold)
            assert np.flatnonzero(rung[place, :, stream]).tolist() == expected.tolist()


@given(arrays.arrays(np.float32, (700, 3), elements=st.sampled_from([0.0] * 20 + [1.0, 5.0, 20.0]), fill=st.just(0.0)))
def test_the_tail_counts_the_alarms_of_every_series(periods: np.ndarray) -> None:
    tail = tail_of(periods, warm=200, top=1.0)
    for threshold in (1.0, 5.0, 20.0, 21.0):
        expected = sum(len(alarms(periods[:, stream], threshold, warm=200)) for stream in range(3))
        assert tail.alarms(threshold) == expected


def test_the_lowest_threshold_gives_the_wished_number_of_alarms() -> None:
    dice = np.random.default_rng(1)
    periods = dice.pareto(1.0, (90 * 288, 10)).astype(np.float32)
    tail = tail_of(periods)
    assert tail.per_period(tail.lowest(2.0)) == pytest.approx(2.0, abs=0.11)


def test_a_score_that_saturates_has_no_threshold_that_it_reaches() -> None:
    periods = np.ones((90 * 288, 4), dtype=np.float32)
    periods[::300] = 0
    tail = tail_of(periods)
    assert not (periods >= tail.lowest(0.5)).any()


def test_without_any_score_the_threshold_is_infinite() -> None:
    assert tail_of(np.zeros((1000, 2))).lowest() == float("inf")


def test_an_unknown_watch_is_named_with_a_hint() -> None:
    with pytest.raises(SystemExit, match="--watch MODULE:FUNCTION"):
        load_make("tests.bench.nowhere:make")
    with pytest.raises(SystemExit, match="no watch at"):
        load_make("tests.bench.stand_in:nothing")
