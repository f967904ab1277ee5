"""The physical limit, against published and independent values."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.bound import evidence, law, limit_for, optimum, run_length


@pytest.mark.parametrize(
    ("rate", "factor", "minutes"), [(0.1, 3, 265), (0.1, 10, 34), (1, 5, 14.2), (10, 3, 6.1), (100, 3, 5.0)]
)
def test_poisson(rate: float, factor: float, minutes: float) -> None:
    assert optimum(rate, factor) == pytest.approx(minutes, rel=0.02)


@pytest.mark.parametrize(
    ("rate", "factor", "phi", "minutes"), [(1, 3, 0.25, 48), (0.1, 5, 1.0, 116), (10, 10, 1.0, 12.4)]
)
def test_negative_binomial(rate: float, factor: float, phi: float, minutes: float) -> None:
    assert optimum(rate, factor, phi) == pytest.approx(minutes, rel=0.02)


@pytest.mark.parametrize(("mean", "phi"), [(0.1, 0.0), (7.0, 0.0), (0.1, 1.0), (50.0, 0.25)])
def test_the_law_has_its_mean_and_variance(mean: float, phi: float) -> None:
    chances = law(mean, phi)
    counts = np.arange(len(chances))
    assert chances.sum() == pytest.approx(1.0)
    assert (chances * counts).sum() == pytest.approx(mean, rel=1e-3)
    assert (chances * (counts - mean) ** 2).sum() == pytest.approx(mean + phi * mean**2, rel=0.01)


def test_evidence_of_a_rise_is_negative_on_average_before_it_and_positive_after() -> None:
    for phi in (0.0, 0.25):
        for factor, sign in ((1.0, -1), (2.0, 1)):
            chances = law(5.0 * factor, phi)
            counts = np.arange(float(len(chances)))
            assert sign * (chances * evidence(counts, 5.0, 2.0, phi)).sum() > 0


def test_the_limit_gives_the_wished_time_between_false_alarms() -> None:
    chances = law(1.0, 0.0)
    moves = evidence(np.arange(float(len(chances))), 1.0, 3.0, 0.0)
    assert run_length(limit_for(25_920, moves, chances), moves, chances) == pytest.approx(25_920, rel=0.01)


def test_a_simulated_cusum_agrees_with_the_chain() -> None:
    """2,000 runs of the CUSUM itself: the mean delay is within three standard errors."""
    chances = law(1.0, 0.0)
    limit = limit_for(25_920, evidence(np.arange(float(len(chances))), 1.0, 3.0, 0.0), chances)
    counts = np.random.default_rng(1).poisson(3.0, (200, 2000)).astype(float)
    value, first = np.zeros(2000), np.zeros(2000)
    for number, row in enumerate(counts, 1):
        value = np.maximum(0.0, value + evidence(row, 1.0, 3.0, 0.0))
        first[(value >= limit) & (first == 0)] = number
    assert (first > 0).all()
    assert optimum(1.0, 3.0) / 5 == pytest.approx(first.mean(), abs=3 * first.std() / 2000**0.5)
