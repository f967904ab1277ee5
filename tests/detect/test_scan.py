"""The laws of counts against direct sums."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.baselines import DAYS_OF_WINDOW
from buzzguard.detect.scan import (
    Array,
    count_deviate,
    decades,
    deviate_of,
    mean_of_root,
    root_of_mean,
    root_variance,
    share_deviate,
)

MEANS = (0.001, 0.05, 0.3, 1.0, 4.0, 25.0, 59.0, 61.0, 400.0)


def poisson_masses(mean: float, upto: int) -> Array:
    counts = np.arange(upto)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    return np.asarray(np.exp(counts * math.log(mean) - mean - log_factorial))


def binomial_masses(count: int, share: float) -> Array:
    return np.array([math.comb(count, k) * share**k * (1.0 - share) ** (count - k) for k in range(count + 1)])


@cache
def normal_deviate(tail: float) -> float:
    """The deviation that a normal variable exceeds with this chance."""
    low, high = -10.0, 40.0
    for _ in range(80):
        middle = (low + high) / 2.0
        low, high = (middle, high) if 0.5 * math.erfc(middle / math.sqrt(2.0)) > tail else (low, middle)
    return low


def one(value: float) -> Array:
    return np.array([value])


# moments


@pytest.mark.parametrize("mean", MEANS)
def test_the_moments_of_a_root_are_those_of_direct_sums(mean: float) -> None:
    masses = poisson_masses(mean, int(mean + 40.0 * math.sqrt(mean) + 60))
    roots = np.sqrt(np.arange(len(masses)) + 1.0)
    expected = float(masses @ roots)
    assert float(root_of_mean(one(mean))[0]) == pytest.approx(expected, rel=2e-4)
    variance = float(masses @ roots**2) - expected**2
    assert float(root_variance(one(mean))[0]) == pytest.approx(variance, rel=0.03, abs=2e-5)


@given(mean=st.floats(1e-5, 1e9))
def test_the_mean_of_a_root_inverts_the_root_of_a_mean(mean: float) -> None:
    assert float(mean_of_root(root_of_mean(one(mean)))[0]) == pytest.approx(mean, rel=0.02, abs=1e-4)


# deviates


@pytest.mark.parametrize("mean", [0.05, 0.3, 1.0, 4.0, 25.0, 400.0])
def test_a_count_is_as_many_deviations_away_as_its_exact_tail_says(mean: float) -> None:
    masses = poisson_masses(mean, int(mean + 40.0 * math.sqrt(mean) + 60))
    for count in range(int(mean) + 2, int(mean + 7.0 * math.sqrt(mean)) + 8, 1 + int(math.sqrt(mean))):
        exact = normal_deviate(float(masses[count:].sum()))
        if not 1.5 < exact < 6.0:
            continue
        assert float(count_deviate(one(count), one(mean))[0]) == pytest.approx(exact, abs=0.05 + 0.12 * (mean < 1.0))


@pytest.mark.parametrize(("voices", "share"), [(10, 0.2), (30, 0.2), (30, 0.05), (100, 0.5), (400, 0.2)])
def test_hostile_voices_are_as_many_deviations_away_as_their_exact_tail_says(voices: int, share: float) -> None:
    masses = binomial_masses(voices, share)
    for hostile in range(int(voices * share) + 2, voices):
        exact = normal_deviate(float(masses[hostile:].sum()))
        if not 1.5 < exact < 6.0:
            continue
        found = float(share_deviate(one(hostile), one(voices), one(share))[0])
        # Never claimed to be rarer than it is; at most a quarter of a deviation less.
        assert exact - 0.25 < found < exact + 0.05


@given(mean=st.floats(1e-6, 1e6), count=st.integers(0, 10**7), more=st.integers(1, 1000))
def test_more_mentions_are_never_fewer_deviations(mean: float, count: int, more: int) -> None:
    few, many = count_deviate(np.array([count, count + more], float), np.full(2, mean))
    assert few <= many + 1e-6 * abs(many)


@given(voices=st.floats(0.0, 1e6), share=st.floats(0.005, 0.97), part=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0))
def test_more_hostile_voices_are_never_fewer_deviations(voices: float, share: float, part: float, more: float) -> None:
    low, high = part * voices, min(1.0, part + more) * voices
    few, many = share_deviate(np.array([low, high]), np.full(2, voices), np.full(2, share))
    assert few <= many + 1e-6 * max(1.0, abs(many))


def test_nothing_said_is_no_deviation() -> None:
    assert float(share_deviate(one(0.0), one(0.0), one(0.2))[0]) == pytest.approx(0.0, abs=1e-3)
    assert float(count_deviate(one(0.0), one(1e-9))[0]) == pytest.approx(0.0, abs=1e-3)


# how often a trailing window strays so far


@given(deviate=st.floats(1.0, 13.9), window=st.sampled_from(range(len(DAYS_OF_WINDOW))))
def test_the_deviate_of_a_return_period_inverts_it(deviate: float, window: int) -> None:
    days = DAYS_OF_WINDOW[[window]]
    back = float(deviate_of(decades(one(deviate), days), days)[0])
    assert float(decades(one(back), days)[0]) == pytest.approx(float(decades(one(deviate), days)[0]), abs=1e-3)


@given(deviate=st.floats(-50.0, 50.0), more=st.floats(0.0, 20.0))
def test_a_larger_deviation_is_never_commoner(deviate: float, more: float) -> None:
    fewer, further = decades(np.array([deviate, deviate + more]), np.ones(2))
    assert fewer <= further + 1e-9


def test_a_trailing_window_exceeds_about_as_often_as_it_is_said_to() -> None:
    """Clumps of exceedances of a trailing half day, looked at every five minutes for forty years."""
    dice, bins, deviate = np.random.default_rng(7), 144, 2.5
    counts = dice.standard_normal(40 * 365 * 288, dtype=np.float32)
    sums = np.cumsum(counts, dtype=np.float64)
    over = np.flatnonzero((sums[bins:] - sums[:-bins]) / math.sqrt(bins) > deviate)
    clumps = 1 + int((np.diff(over) > bins).sum())
    asked = len(counts) / 288.0 / 10.0 ** float(decades(one(deviate), one(0.5))[0])
    assert 0.7 < clumps / asked < 1.1
