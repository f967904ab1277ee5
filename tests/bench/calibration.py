"""Whether return periods hold: alarms observed over alarms asked for, by world, rate and period.

`python -m tests.bench.calibration [--signal volume] [--error 0.08] [--json]`. Crisis-free worlds; the first 28 days of
each series are not judged. Enough stream-years are run that the counting error of the rarest period, were the watch
exact, is at most `--error`. The error shown is the standard error over streams, which also sees that some streams
may be worse than others.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np

from tests.bench.figures import number, parser, show, table, watch_of
from tests.bench.watching import CLEAN, DAY_BINS, NOISY, Bell, Confusion, FloatArray, IntArray, Make, Signal, Watch
from tests.bench.worlds import Kind, build, draw, end_of, seen_negative

RATES = (0.1, 1.0, 10.0, 100.0, 1000.0)
PERIODS = (7.0, 30.0, 90.0, 365.0)
KINDS: tuple[Kind, ...] = get_args(Kind)
CHUNK = 7
HIGHEST_RATIO = 1.25


@dataclass(frozen=True)
class Plan:
    """How much is run: `years` of judged series in each cell, in series of `days` days after `warm` days."""

    years: float
    days: int = 182
    warm: int = 28
    rates: tuple[float, ...] = RATES
    periods: tuple[float, ...] = PERIODS
    phi: float = 0.5
    seed: int = 1

    @property
    def streams(self) -> int:
        """Series at each rate."""
        return max(2, math.ceil(self.years * 365 / self.days))


def years_for(error: float, periods: Sequence[float] = PERIODS) -> float:
    """Years to watch so that observed / asked at the rarest period deviates by `error`, if alarms are Poisson.

    So many that this holds up to a ratio of 1.25, the highest that is called calibrated.
    """
    return HIGHEST_RATIO * max(periods) / 365 / error**2


def alarms_in(watch: Watch, kind: Kind, plan: Plan, scorer: Confusion | None) -> IntArray:
    """Alarms of each stream (rates x streams) after the warm-up, as (periods, streams)."""
    rates = np.repeat(np.array(plan.rates), plan.streams)
    world = build(kind, rates, seed=plan.seed, phi=plan.phi)
    dice = np.random.default_rng([plan.seed, KINDS.index(kind)])
    bell = Bell(len(rates), np.array(plan.periods))
    fired = np.zeros((len(plan.periods), len(rates)), dtype=np.int64)
    index = 0
    while index < (plan.warm + plan.days) * DAY_BINS:
        latent = world.unfold(CHUNK)
        volumes = draw(latent.mean, world.phi, dice)
        negatives = None if scorer is None else seen_negative(volumes, latent.share, scorer, dice)
        for row, volume in enumerate(volumes):
            periods = watch.tick(end_of(index), volume, None if negatives is None else negatives[row])
            rings = bell.ring(index, periods)
            if rings is not None and plan.warm * DAY_BINS <= index < (plan.warm + plan.days) * DAY_BINS:
                fired += rings
            index += 1
    return fired


def cells(fired: IntArray, kind: Kind, plan: Plan) -> list[dict[str, Any]]:
    """Observed over asked, with its error, for every rate and period."""
    found = []
    for place, rate in enumerate(plan.rates):
        mine = fired[:, place * plan.streams : (place + 1) * plan.streams]
        for row, period in enumerate(plan.periods):
            asked = plan.streams * plan.days / period
            observed = int(mine[row].sum())
            found.append(
                {
                    "world": kind,
                    "rate": rate,
                    "period_days": period,
                    "asked": asked,
                    "observed": observed,
                    "ratio": observed / asked,
                    "error": _error(mine[row].astype(np.float64), asked),
                    "counting_error": math.sqrt(max(observed, 1)) / asked,
                }
            )
    return found


def _error(fired: FloatArray, asked: float) -> float:
    """Standard error of the ratio, from the spread over streams."""
    return float(fired.std(ddof=1) * math.sqrt(len(fired)) / asked)


def bench(
    make: Make, plan: Plan, *, signal: Signal = "volume", kinds: Sequence[Kind] = KINDS, noisy: bool = False
) -> dict[str, Any]:
    """All cells, and the extremes."""
    # With a noisy scorer every signal sees the same series, so that they can be compared.
    scorer = NOISY if noisy else None if signal == "volume" else CLEAN
    found: list[dict[str, Any]] = []
    for kind in kinds:
        watch = make(len(plan.rates) * plan.streams, signal=signal, scorer=scorer)
        found += cells(alarms_in(watch, kind, plan, scorer), kind, plan)
    ratios = [cell["ratio"] for cell in found]
    return {
        "signal": signal,
        "noisy_scorer": noisy,
        "years_a_cell": plan.streams * plan.days / 365,
        "lowest": min(ratios),
        "highest": max(ratios),
        "largest_counting_error": max(cell["counting_error"] for cell in found),
        "cells": found,
    }


def tables(found: dict[str, Any]) -> list[str]:
    """The figures for people: one table for each world."""
    blocks = []
    for kind in dict.fromkeys(cell["world"] for cell in found["cells"]):
        mine = [cell for cell in found["cells"] if cell["world"] == kind]
        periods = sorted({cell["period_days"] for cell in mine})
        rows = [
            [f"{rate:g}", *(f"{number(one['ratio'])} ± {number(one['error'])}" for one in mine if one["rate"] == rate)]
            for rate in sorted({cell["rate"] for cell in mine})
        ]
        heads = ("rate / 5 min", *(f"once in {period:g} d" for period in periods))
        blocks.append(
            f"{found['signal']}, {kind} world: alarms observed / asked ± standard error\n\n{table(heads, rows)}"
        )
    extremes = (
        f"from {number(found['lowest'])} to {number(found['highest'])}; "
        f"{found['years_a_cell']:.0f} stream-years a cell, counting error at most {found['largest_counting_error']:.3f}"
    )
    return [*blocks, extremes]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    line = parser(__doc__)
    line.add_argument("--signal", choices=get_args(Signal), default="volume")
    line.add_argument(
        "--noisy", action="store_true", help="negatives as a scorer of recall .8, false positives .1 sees them"
    )
    line.add_argument("--error", type=float, default=0.08, help="counting error aimed at in every cell")
    line.add_argument("--years", type=float, help="stream-years a cell, instead of --error")
    line.add_argument("--days", type=int, default=Plan.days, help="judged days of each series")
    line.add_argument("--worlds", nargs="+", choices=KINDS, default=KINDS)
    line.add_argument("--phi", type=float, default=Plan.phi, help="of the overdispersed world")
    line.add_argument("--seed", type=int, default=Plan.seed)
    options = line.parse_args(arguments)
    years = options.years or years_for(options.error)
    plan = Plan(years=years, days=options.days, phi=options.phi, seed=options.seed)
    found = bench(watch_of(options), plan, signal=options.signal, kinds=options.worlds, noisy=options.noisy)
    show(found, tables(found), as_json=options.json)


if __name__ == "__main__":
    main()
