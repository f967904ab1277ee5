"""How close the volume watch comes to the physical limit: its mean delay over that of the optimal detector.

`python -m tests.bench.limit [--streams 60] [--json]`. Independent Poisson and negative binomial counts at four rates;
the watch learns everything online for 28 days and more, then the rate is multiplied at several times, each time in a
fork of its own. Two thresholds: the watch's own "once in 90 days", and the one that gives one false alarm in 90 days
of each cell's crisis-free series in this run. The optimum (`bound`) knows both laws; a watch that has never learned
them can only be slower. A rise not found within 72 hours counts as 72 hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from tests.bench.bound import optimum
from tests.bench.figures import number, parser, show, table, watch_of
from tests.bench.threshold import PERIOD_DAYS, Tail, tail_of
from tests.bench.watching import BIN_MINUTES, DAY_BINS, Float32Array, FloatArray, IntArray, Make, Watch
from tests.bench.worlds import draw, end_of

RATES = (0.1, 1.0, 10.0, 100.0)
FACTORS = (2.0, 3.0, 5.0, 10.0)
PHIS = (0.0, 0.25, 1.0)
HIGHEST = 1e30


@dataclass(frozen=True)
class Plan:
    """How much is run. `streams`: at each rate; the first `warm` days are not judged."""

    streams: int = 60
    warm: int = 28
    days: int = 91
    onsets: int = 4
    horizon: int = 3 * DAY_BINS
    rates: tuple[float, ...] = RATES
    factors: tuple[float, ...] = FACTORS
    seed: int = 1

    def onset_bins(self) -> list[int]:
        """The bins in which the rises begin, spread over the judged days and over the hours of the day."""
        step = (self.days - self.warm) * DAY_BINS / self.onsets
        return [
            int(self.warm * DAY_BINS + step * number + number * DAY_BINS / self.onsets) for number in range(self.onsets)
        ]


@dataclass
class Run:
    """What a watch said of crisis-free series (bins x streams), and after each onset (bins x factors · streams)."""

    calm: Float32Array
    risen: list[Float32Array] = field(default_factory=list)


def watch_rises(watch: Watch, phi: float, plan: Plan) -> Run:
    """Drive `watch` (rates x streams) through calm series, and forks of it through rises."""
    rates = np.repeat(np.array(plan.rates), plan.streams)
    dice = np.random.default_rng([plan.seed, int(phi * 1000)])
    run = Run(np.zeros((plan.days * DAY_BINS, len(rates)), dtype=np.float32))
    onsets = set(plan.onset_bins())
    for day in range(plan.days):
        counts = _draw(rates, DAY_BINS, phi, dice)
        for row, volume in enumerate(counts):
            index = day * DAY_BINS + row
            if index in onsets:
                run.risen.append(_rise(watch, index, rates, phi, plan))
            run.calm[index] = np.minimum(watch.tick(end_of(index), volume, None), HIGHEST)
    return run


def _draw(rates: FloatArray, bins: int, phi: float, dice: np.random.Generator) -> IntArray:
    return draw(np.broadcast_to(rates.astype(np.float32), (bins, len(rates))), phi, dice)


def _rise(watch: Watch, onset: int, rates: FloatArray, phi: float, plan: Plan) -> Float32Array:
    """Fork every stream once for each factor and let its rate rise at `onset`."""
    forked = watch.fork(np.tile(np.arange(len(rates), dtype=np.int64), len(plan.factors)))
    higher = np.concatenate([rates * factor for factor in plan.factors])
    counts = _draw(higher, plan.horizon, phi, np.random.default_rng([plan.seed, int(phi * 1000), onset]))
    periods = np.zeros(counts.shape, dtype=np.float32)
    for row, volume in enumerate(counts):
        periods[row] = np.minimum(forked.tick(end_of(onset + row), volume, None), HIGHEST)
    return periods


def delays(periods: Float32Array, threshold: float) -> FloatArray:
    """Minutes to the end of the first bin of each column that reaches `threshold`; all of them where none does."""
    over = periods >= threshold
    first = np.where(over.any(axis=0), over.argmax(axis=0) + 1, len(periods))
    return np.asarray(first * BIN_MINUTES, dtype=np.float64)


def cells(run: Run, phi: float, plan: Plan) -> list[dict[str, Any]]:
    """The figures of every rate and factor under one law."""
    found = []
    for place, rate in enumerate(plan.rates):
        columns = slice(place * plan.streams, (place + 1) * plan.streams)
        calm = tail_of(run.calm[:, columns], warm=plan.warm * DAY_BINS)
        for number_of, factor in enumerate(plan.factors):
            first = (number_of * len(plan.rates) + place) * plan.streams
            risen = np.concatenate([one[:, first : first + plan.streams] for one in run.risen], axis=1)
            found.append({"phi": phi, "rate": rate, "factor": factor, **_cell(risen, calm, optimum(rate, factor, phi))})
    return found


def _cell(risen: Float32Array, calm: Tail, best: float) -> dict[str, Any]:
    figures: dict[str, Any] = {"optimum_minutes": best, "trials": risen.shape[1]}
    for name, threshold in (("natural", float(PERIOD_DAYS)), ("exact", calm.lowest())):
        minutes = delays(risen, threshold)
        figures[name] = {
            "threshold_days": threshold,
            "false_alarms_90_days": calm.per_period(threshold),
            "minutes": minutes.mean(),
            "found": float((risen >= threshold).any(axis=0).mean()),
            "ratio": minutes.mean() / best,
            "error": minutes.std(ddof=1) / np.sqrt(len(minutes)) / best if len(minutes) > 1 else float("nan"),
        }
    return figures


def bench(make: Make, plan: Plan, phis: Sequence[float] = PHIS) -> dict[str, Any]:
    """All cells, and the worst of those the target names (three and five times)."""
    found: list[dict[str, Any]] = []
    for phi in phis:
        watch = make(len(plan.rates) * plan.streams, signal="volume", scorer=None)
        found += cells(watch_rises(watch, phi, plan), phi, plan)
    aimed = [cell for cell in found if cell["factor"] in (3.0, 5.0)]
    worst = {
        f"worst_{name}": max((cell[name]["ratio"] for cell in aimed), default=None) for name in ("natural", "exact")
    }
    return {**worst, "cells": found}


def tables(found: dict[str, Any]) -> list[str]:
    """The figures for people: one table for each law and threshold."""
    blocks = []
    for phi, name in product(sorted({cell["phi"] for cell in found["cells"]}), ("natural", "exact")):
        mine = [cell for cell in found["cells"] if cell["phi"] == phi]
        factors = sorted({cell["factor"] for cell in mine})
        rows = []
        for rate in sorted({cell["rate"] for cell in mine}):
            line = [cell for cell in mine if cell["rate"] == rate]
            rows.append(
                [f"{rate:g}", number(line[0][name]["false_alarms_90_days"]), *(_show(one, name) for one in line)]
            )
        law = "Poisson" if phi == 0 else f"negative binomial, phi {phi:g}"
        asked = "the watch's own once in 90 days" if name == "natural" else "1 false alarm in 90 days in this run"
        heads = ("rate / 5 min", "false alarms / 90 d", *(f"x{factor:g}" for factor in factors))
        blocks.append(
            f"{law}, {asked}: delay over optimum ± standard error (minutes / optimum)\n\n{table(heads, rows)}"
        )
    worst = ", ".join(f"{name} {number(found[f'worst_{name}'])}" for name in ("natural", "exact"))
    return [*blocks, f"worst ratio at x3 and x5: {worst}"]


def _show(cell: dict[str, Any], name: str) -> str:
    one = cell[name]
    missed = "" if one["found"] == 1 else f", found {one['found']:.0%}"
    return (
        f"{number(one['ratio'])} ± {number(one['error'])} "
        f"({number(one['minutes'], 1)} / {number(cell['optimum_minutes'], 1)}{missed})"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    line = parser(__doc__)
    line.add_argument("--streams", type=int, default=Plan.streams, help="series at each rate")
    line.add_argument("--onsets", type=int, default=Plan.onsets, help="times at which the rates rise")
    line.add_argument("--days", type=int, default=Plan.days, help="days of the calm series, the 28 of warm-up included")
    line.add_argument("--rates", type=float, nargs="+", default=RATES, help="mentions in five minutes")
    line.add_argument("--factors", type=float, nargs="+", default=FACTORS, help="by what the rates are multiplied")
    line.add_argument("--phi", type=float, nargs="+", default=PHIS, help="overdispersions; 0 is Poisson")
    line.add_argument("--seed", type=int, default=Plan.seed)
    options = line.parse_args(arguments)
    plan = Plan(
        streams=options.streams,
        days=options.days,
        onsets=options.onsets,
        rates=tuple(options.rates),
        factors=tuple(options.factors),
        seed=options.seed,
    )
    found = bench(watch_of(options), plan, options.phi)
    show(found, tables(found), as_json=options.json)


if __name__ == "__main__":
    main()
