"""Synthetic crises: how many are found and how soon, at one false alarm in 90 days and one threshold for all sizes.

`python -m tests.bench.simulated [--streams 40] [--seed 1] [--json] [--baselines FILE]`. Four rates, seven shapes of
crisis, 84 days of day, week, trend, noise, holidays and harmless bursts (`worlds`), 28 of them not judged. Each signal
at two thresholds: `natural`, the watch's own "once in 90 days", with the false alarms it really gave; and `found`, the
threshold that gives one false alarm in 90 days on the crisis-free part of this run. A burst that alarms is false.
A crisis not found within 24 hours (72 for the slow one) counts as those. Baselines have no sentiment of their own:
they watch the volume, and the negatives in its place.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.bench import baselines
from tests.bench.figures import number, parser, show, table, watch_of
from tests.bench.threshold import PERIOD_DAYS, tail_of
from tests.bench.trials import SCORERS, Contestant, Plan, delays, horizon, run
from tests.bench.watching import BIN_MINUTES, DAY_BINS, FloatArray, Make, Signal
from tests.bench.worlds import Shape

NEGATIVE_SIGNALS: tuple[Signal, ...] = ("negative", "share", "crisis")


def watches(make: Make, plan: Plan) -> list[Contestant]:
    """The watch on each signal, with a clean and a noisy scorer where it needs one."""
    everyone = np.arange(len(plan.rates) * plan.streams, dtype=np.int64)
    field = [Contestant("volume", make(len(everyone), signal="volume", scorer=None), everyone)]
    for signal in NEGATIVE_SIGNALS:
        for scorer, confusion in SCORERS.items():
            watch = make(len(everyone), signal=signal, scorer=confusion)
            field.append(Contestant(f"{signal}, {scorer} scorer", watch, everyone, scorer=scorer))
    return field


def rivals(options: argparse.Namespace, plan: Plan) -> list[Contestant]:
    """The baselines asked for, on fewer streams: they are slow."""
    few = plan.first_of_each(options.baseline_streams)
    field = []
    for one in baselines.chosen(options):
        for feed, scorer in (
            ("volume", ""),
            ("negatives, clean scorer", "clean"),
            ("negatives, noisy scorer", "noisy"),
        ):
            name = f"{one.name} [{feed}]"
            watch = one.watch(len(few))
            field.append(Contestant(name, watch, few, scorer=scorer, as_volume=bool(scorer), natural=one.natural))
    return field


def summary(one: Contestant, plan: Plan) -> dict[str, Any]:
    """What a contestant found, at its thresholds."""
    calm = np.concatenate(one.calm)
    thresholds = {"found": tail_of(calm, warm=plan.warm * DAY_BINS).lowest()}
    if one.natural:
        thresholds = {"natural": float(PERIOD_DAYS), **thresholds}
    return {
        "name": one.name,
        "streams": len(one.streams),
        "microseconds": one.microseconds,
        **{name: _at(one, calm, threshold, plan) for name, threshold in thresholds.items()},
    }


def _at(one: Contestant, calm: Any, threshold: float, plan: Plan) -> dict[str, Any]:
    rates = plan.rate_of_streams()[one.streams]
    warm = plan.warm * DAY_BINS
    false = {f"{rate:g}": tail_of(calm[:, rates == rate], warm=warm).per_period(threshold) for rate in plan.rates}
    return {
        "threshold": threshold,
        "false_alarms_90_days": tail_of(calm, warm=warm).per_period(threshold),
        "false_alarms_by_rate": false,
        "shapes": {shape: _shape(one, shape, threshold, plan) for shape in plan.shapes},
    }


def _shape(one: Contestant, shape: Shape, threshold: float, plan: Plan) -> dict[str, Any]:
    minutes = np.concatenate([delays(periods, threshold) for periods in one.crises[shape]])
    rates = np.concatenate(one.crisis_rates[shape])
    last = horizon(shape) * BIN_MINUTES
    by_rate = {f"{rate:g}": _delay(minutes[rates == rate], last) for rate in plan.rates}
    return {**_delay(minutes, last), "by_rate": by_rate}


def _delay(minutes: FloatArray, last: int) -> dict[str, float | int]:
    """Recall with its standard error, and the median delay; what is not found counts as `last` minutes."""
    if not len(minutes):
        return {"trials": 0, "recall": math.nan, "recall_error": math.nan, "median_minutes": math.nan}
    recall = float(np.isfinite(minutes).mean())
    return {
        "trials": len(minutes),
        "recall": recall,
        "recall_error": math.sqrt(recall * (1 - recall) / len(minutes)),
        "median_minutes": float(np.median(np.minimum(minutes, last))),
    }


def bench(field: Sequence[Contestant], plan: Plan) -> dict[str, Any]:
    """Run them all and sum up."""
    run(field, plan)
    return {
        "streams_a_rate": plan.streams,
        "seed": plan.seed,
        "days": plan.days,
        "rates": list(plan.rates),
        "detectors": [summary(one, plan) for one in field],
    }


def _line(one: Mapping[str, Any], name: str) -> list[str]:
    at = one[name]
    cells = [f"{cell['recall']:.0%} {number(cell['median_minutes'], 0)}" for cell in at["shapes"].values()]
    false = " / ".join(number(value, 1) for value in at["false_alarms_by_rate"].values())
    return [one["name"], *cells, number(at["false_alarms_90_days"]), false, f"{at['threshold']:.3g}"]


def tables(found: Mapping[str, Any]) -> list[str]:
    """The figures for people: found, median delay in minutes."""
    rates = " / ".join(f"{rate:g}" for rate in found["rates"])
    blocks = []
    for name, title in (
        ("natural", "natural: the watch's own once in 90 days, with the false alarms it really gave"),
        ("found", "found: 1 false alarm in 90 days on the crisis-free part of this run, all rates pooled"),
    ):
        mine = [one for one in found["detectors"] if name in one]
        if mine:
            shapes = list(mine[0][name]["shapes"])
            heads = ("detector", *shapes, "false alarms / 90 d", f"at {rates}", "threshold")
            blocks.append(f"{title}\n\n{table(heads, [_line(one, name) for one in mine])}")
    costs = [[one["name"], one["streams"], number(one["microseconds"])] for one in found["detectors"]]
    return [*blocks, table(("detector", "streams", "µs a stream and bin"), costs)]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    line = parser(__doc__)
    line.add_argument("--streams", type=int, default=Plan.streams, help="series at each rate")
    line.add_argument("--seed", type=int, default=Plan.seed)
    line.add_argument("--only", default="", help="only the watches whose name contains this")
    line.add_argument("--baseline-streams", type=int, default=3, help="series at each rate that the baselines watch")
    baselines.add_options(line)
    options = line.parse_args(arguments)
    plan = Plan(streams=options.streams, seed=options.seed)
    mine = [one for one in watches(watch_of(options), plan) if options.only in one.name]
    found = bench([*mine, *rivals(options, plan)], plan)
    show(found, tables(found), as_json=options.json)


if __name__ == "__main__":
    main()
