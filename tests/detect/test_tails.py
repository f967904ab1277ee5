"""Tails are checked against sums of the laws themselves."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.tails import CountLaw, SumLaw, value_at


def mass(count: int, mean: float, phi: float) -> float:
    """The negative binomial by its recurrence."""
    size = 1.0 / phi
    log_mass = -size * math.log1p(mean * phi)
    for k in range(count):
        log_mass += math.log((k + size) / (k + 1.0) * mean / (mean + size))
    return math.exp(log_mass)


@pytest.mark.parametrize("mean", [0.01, 0.5, 4.0, 60.0])
@pytest.mark.parametrize("phi", [0.002, 0.3, 3.0])
def test_the_upper_tail_is_the_sum_of_its_masses(mean: float, phi: float) -> None:
    law = CountLaw(mean, phi, 1.0)
    count = math.ceil(mean + 5.0 * law.spread) + 1
    tail = sum(mass(k, mean, phi) for k in range(count, count + 400))
    clump = max(1.0, (count - mean) ** 2 / (count + phi * count * count))
    assert law.decades(count) == pytest.approx(-math.log10(tail * clump), abs=0.12)


def test_the_lower_tail_is_the_sum_of_its_masses() -> None:
    law = CountLaw(60.0, 0.05, 1.0)
    tail = sum(mass(k, 60.0, 0.05) for k in range(16))
    clump = max(1.0, (45.0 / law.spread) ** 2)
    assert law.decades_below(15) == pytest.approx(-math.log10(tail * clump), abs=0.12)


@given(
    mean=st.floats(1e-9, 1e9),
    phi=st.floats(0.002, 1e6),
    days=st.sampled_from([5 / 1440, 1.0]),
    value=st.floats(0.0, 1e12),
)
def test_every_law_answers_every_value(mean: float, phi: float, days: float, value: float) -> None:
    law = CountLaw(mean, phi, days)
    assert not math.isnan(law.decades(value))
    assert not math.isnan(law.decades_below(value))
    assert law.decades(value * 2.0 + 10.0) >= law.decades(value) - 1e-6 or value <= mean + law.spread


@given(mean=st.floats(1e-3, 1e6), phi=st.floats(0.002, 5.0), decades=st.floats(0.5, 8.0))
def test_value_at_inverts_the_law(mean: float, phi: float, decades: float) -> None:
    law = CountLaw(mean, phi, 15 / 1440)
    value = value_at(law, decades)
    below = law.decades(value - 0.3 - 0.003 * value)
    assert law.decades(value) >= decades - 0.0101
    assert below <= decades + 0.0101


def test_a_sum_law_knows_its_own_quantiles() -> None:
    law = SumLaw(math.log(1000.0), 1.0, 1.0, 1.0)
    four_sigma = 1000.0 * math.exp(4.0)
    assert law.decades(four_sigma) == pytest.approx(-math.log10(3.167e-5 * 16.0), abs=0.01)
    assert value_at(law, law.decades(four_sigma)) == pytest.approx(four_sigma, rel=0.02)
    assert law.decades(1e300) > 1000.0
    assert law.decades_below(0.0) == -math.inf
