"""The limit bench: delays are counted as the bound counts them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.bench import limit
from tests.bench.limit import Plan, bench, delays, tables
from tests.bench.stand_in import make
from tests.bench.watching import FloatArray, IntArray

TINY = Plan(streams=3, warm=2, days=4, onsets=2, horizon=60, rates=(0.1, 1.0), factors=(5.0,))


class Level:
    """A watch whose period is the count: no learning at all."""

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """The count."""
        return volume.astype(np.float64)

    def fork(self, index: IntArray) -> Level:
        """Itself."""
        return self


def test_a_delay_runs_to_the_end_of_the_alarming_bin() -> None:
    periods = np.array([[0, 100, 0], [0, 0, 100], [0, 0, 100]], dtype=np.float32)
    assert delays(periods, 90).tolist() == [15, 5, 10]


def test_every_cell_is_measured_at_both_thresholds() -> None:
    found = bench(make, TINY, phis=(0.0,))
    assert len(found["cells"]) == 2
    for cell in found["cells"]:
        assert cell["trials"] == 6
        assert cell["exact"]["false_alarms_90_days"] <= 1
        assert cell["natural"]["ratio"] == pytest.approx(cell["natural"]["minutes"] / cell["optimum_minutes"])
    assert all("± " in block for block in tables(found)[:-1])


def test_the_forks_see_the_raised_rate_from_the_onset_on() -> None:
    plan = Plan(streams=40, warm=1, days=2, onsets=1, horizon=50, rates=(10.0,), factors=(2.0, 5.0))
    run = limit.watch_rises(Level(), 0.0, plan)
    assert run.calm.mean() == pytest.approx(10, rel=0.02)
    assert run.risen[0][:, :40].mean() == pytest.approx(20, rel=0.03)
    assert run.risen[0][:, 40:].mean() == pytest.approx(50, rel=0.03)


def test_the_command_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    size = ["--streams", "1", "--days", "29", "--onsets", "1", "--rates", "1", "--factors", "5", "--phi", "0"]
    limit.main(["--json", "--watch", "tests.bench.stand_in:make", *size])
    found = json.loads(capsys.readouterr().out)
    assert [cell["factor"] for cell in found["cells"]] == [5.0]
    assert found["worst_natural"] >= min(cell["natural"]["ratio"] for cell in found["cells"])
