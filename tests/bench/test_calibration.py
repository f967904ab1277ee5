"""The calibration bench counts what a watch of known calibration must give."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.bench.calibration import Plan, bench, tables, years_for
from tests.bench.stand_in import make
from tests.bench.watching import DAY_BINS, Confusion, FloatArray, IntArray, Signal


class Exact:
    """A watch that ignores its counts and is exceeded once in the period it says, by a fixed schedule."""

    def __init__(self, streams: int) -> None:
        self._streams, self._ticks = streams, 0

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """Every second day an exceedance of two days, every tenth one of ten."""
        self._ticks += 1
        days, rest = divmod(self._ticks - 1, DAY_BINS)
        period = 0.0 if rest else 10.0 if days % 10 == 0 else 2.0 if days % 2 == 0 else 0.0
        return np.full(self._streams, period)

    def fork(self, index: IntArray) -> Exact:
        """Not needed here."""
        return Exact(len(index))


def exact(streams: int, *, signal: Signal, scorer: Confusion | None) -> Exact:
    return Exact(streams)


def test_an_exact_watch_has_a_ratio_of_one() -> None:
    plan = Plan(years=20 * 2 / 365, days=20, warm=10, rates=(1.0,), periods=(2.0, 10.0))
    found = bench(exact, plan, kinds=("poisson",))
    assert [cell["ratio"] for cell in found["cells"]] == [1.0, 1.0]
    assert [cell["observed"] for cell in found["cells"]] == [20, 4]


def test_enough_years_are_run_for_the_error_asked_for() -> None:
    years = years_for(0.08)
    assert math.sqrt(1.25 * years) / years == pytest.approx(0.08)


@pytest.mark.parametrize("signal", ["volume", "share"])
def test_all_worlds_are_run_for_each_signal(signal: Signal) -> None:
    plan = Plan(years=0.02, days=3, warm=1, rates=(0.1, 100.0), periods=(1.0, 7.0))
    found = bench(make, plan, signal=signal, noisy=True)
    assert {cell["world"] for cell in found["cells"]} == {"poisson", "overdispersed", "full"}
    assert len(found["cells"]) == 12
    assert len(tables(found)) == 4
    assert found["noisy_scorer"]
