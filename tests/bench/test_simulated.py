"""The simulation strikes forks, at the hours planned, and leaves the calm series alone."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pytest

from tests.bench import simulated
from tests.bench.simulated import bench, rivals, tables, watches
from tests.bench.stand_in import make
from tests.bench.trials import Contestant, Plan, delays, run, strikes
from tests.bench.watching import DAY_BINS, FloatArray, IntArray

TINY = Plan(streams=4, days=4, warm=1, checks=(2,), rates=(1.0, 10.0), shapes=("step3", "negshift"))


class Level:
    """A watch whose period is what it is fed, negatives before volume."""

    def __init__(self, streams: int) -> None:
        self._streams = streams

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """The count."""
        assert len(volume) == self._streams
        return (volume if negative is None else negative).astype(np.float64)

    def fork(self, index: IntArray) -> Level:
        """As many streams as asked for."""
        return Level(len(index))


def level(plan: Plan, **feed: str) -> Contestant:
    everyone = np.arange(len(plan.rates) * plan.streams)
    return Contestant("level", Level(len(everyone)), everyone, **feed)  # type: ignore[arg-type]


def test_every_stream_is_struck_once_at_each_check_in_order_of_time() -> None:
    plan = Plan(streams=5)
    found = strikes(plan)
    assert [one.onset for one in found] == sorted(one.onset for one in found)
    struck = np.concatenate([one.streams for one in found])
    assert sorted(struck.tolist()) == sorted(list(range(20)) * 3)
    assert {one.onset // DAY_BINS for one in found} == set(plan.checks)


def test_crises_raise_the_counts_of_forks_and_of_nothing_else() -> None:
    plan = Plan(streams=40, days=5, warm=1, checks=(2,), rates=(10.0,))
    one, alone = level(plan), level(Plan(streams=40, days=5, warm=1, checks=(), rates=(10.0,)))
    run([one], plan)
    run([alone], Plan(streams=40, days=5, warm=1, checks=(), rates=(10.0,)))
    assert np.array_equal(np.concatenate(one.calm), np.concatenate(alone.calm))
    usual = np.mean([piece.mean() for piece in one.crises["negshift"]])
    tenfold = np.mean([piece[:100].mean() for piece in one.crises["step10"]])
    assert tenfold / usual == pytest.approx(10, rel=0.3)
    assert {len(piece) for piece in one.crises["slow"]} == {3 * DAY_BINS}
    assert {len(piece) for piece in one.crises["step3"]} == {DAY_BINS}
    assert sum(piece.shape[1] for piece in one.crises["exp2h"]) == 40


def test_a_scorer_feeds_its_negatives() -> None:
    plan = Plan(streams=30, days=2, warm=1, checks=(), rates=(50.0,))
    volume, clean, noisy = level(plan), level(plan, scorer="clean"), level(plan, scorer="noisy")
    run([volume, clean, noisy], plan)
    total, few, more = (np.concatenate(one.calm).mean() for one in (volume, clean, noisy))
    assert few / total == pytest.approx(0.20, abs=0.01)
    assert more / total == pytest.approx(0.24, abs=0.01)


def test_a_watch_of_some_streams_sees_what_the_others_see() -> None:
    everyone = level(TINY)
    some = TINY.first_of_each(2)
    few = Contestant("few", Level(len(some)), some)
    run([everyone, few], TINY)
    assert np.array_equal(np.concatenate(everyone.calm)[:, some], np.concatenate(few.calm))
    assert sum(piece.shape[1] for piece in few.crises["step3"]) == len(some)
    assert set(np.concatenate(few.crisis_rates["step3"])) == {1.0, 10.0}


def test_what_is_not_found_counts_as_the_horizon() -> None:
    assert delays(np.array([[0, 0], [0, 95]], dtype=np.float32), 90).tolist() == [np.inf, 10]
    assert simulated._delay(np.array([10.0, np.inf, np.inf]), 1440)["median_minutes"] == 1440


def test_all_signals_and_baselines_are_summed_up(tmp_path: Path) -> None:
    path = tmp_path / "rivals.py"
    path.write_text(
        "class Count:\n    def update(self, ts, c):\n        return float(c)\n\n"
        "def registry():\n    return {'MSRP-sum top2': Count, 'CUSUM NB k=3': Count}\n"
    )
    options = argparse.Namespace(baselines=path, all_baselines=False, baseline_streams=1)
    found = bench([*watches(make, TINY), *rivals(options, TINY)], TINY)
    by_name = {one["name"]: one for one in found["detectors"]}
    assert {"volume", "share, noisy scorer", "crisis, clean scorer", "CUSUM NB k=3 [volume]"} <= set(by_name)
    assert "natural" in by_name["MSRP-sum top2 [volume]"]
    assert "natural" not in by_name["CUSUM NB k=3 [volume]"]
    for one in by_name.values():
        assert one["found"]["false_alarms_90_days"] <= 1
        assert one["found"]["shapes"]["step3"]["trials"] == 2 * one["streams"] // 2
    natural, at_one, costs = tables(found)
    assert "| share, noisy scorer | " in natural
    assert "CUSUM NB k=3 [negatives, noisy scorer]" in at_one
    assert "µs" in costs
