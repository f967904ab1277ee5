"""The exact interval of a Poisson mean, against Garwood's table and by its own law."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.backtest.poisson import at_least, interval

GARWOOD = {
    0: (0.0, 3.6889),
    1: (0.0253, 5.5716),
    2: (0.2422, 7.2247),
    5: (1.6235, 11.6683),
    10: (4.7954, 18.3904),
    100: (81.3640, 121.6268),
}
"""The 95 % limits as every table prints them (Garwood 1936; Pearson and Hartley, table 40)."""


@pytest.mark.parametrize(("count", "limits"), GARWOOD.items())
def test_the_limits_are_those_of_the_tables(count: int, limits: tuple[float, float]) -> None:
    assert interval(count) == pytest.approx(limits, abs=6e-5)


@given(st.integers(0, 300), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_at_its_ends_the_count_is_as_rare_as_promised(count: int, confidence: float) -> None:
    low, high = interval(count, confidence=confidence)
    tail = (1 - confidence) / 2
    assert low <= count <= high
    assert 1 - at_least(count + 1, high) == pytest.approx(tail, abs=1e-9)
    if count:
        assert at_least(count, low) == pytest.approx(tail, abs=1e-9)


@given(st.integers(1, 60), st.floats(0.01, 80))
def test_the_chance_of_so_many_is_the_sum_of_the_law(count: int, mean: float) -> None:
    fewer = sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count))
    assert at_least(count, mean) == pytest.approx(1 - fewer, abs=1e-9)


def test_a_large_count_is_as_sure_as_its_square_root() -> None:
    low, high = interval(1_000_000)
    assert (low, high) == pytest.approx((1_000_000 - 1959, 1_000_000 + 1961), abs=3)


def test_what_is_no_count_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        interval(-1)
    with pytest.raises(ValueError, match="between 0 and 1"):
        interval(1, confidence=1.0)
