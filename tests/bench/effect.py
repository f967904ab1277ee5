"""How honest the measured effect of a statement is: coverage where it did nothing, and what it takes to see one.

`python -m tests.bench.effect [--crises 60] [--seed 1] [--json]`. Synthetic streams minute by minute: a day's and a
week's course, slow noise, overdispersed counts, four weeks of them; then a crisis of one of six shapes, mostly
negative, with noise of its own. A statement is published at a random minute of its first half day, and does nothing, or
leaves a part of the excess (`left`), or turns a part of its negative mentions neutral (`milder`). `held` is how often
the interval held what came, of all that were measured; it should be .80. `told` is how often a verdict other than
too vague was given, `seen` how often less was found. The futures of `detect.growth` were settled on real onsets, not
on these.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from buzzguard.model import MINUTE, Samples
from buzzguard.review.effect import HORIZONS, Before, Change, Verdict, effect_of
from buzzguard.review.story import Trace
from buzzguard.review.usual import WINDOW, usual_of

Floats = npt.NDArray[np.float64]
START = datetime(2026, 3, 2, tzinfo=UTC)
DAY = 1440
WEEKS = 4 * 7 * DAY
AFTER = 3 * DAY
SHAPES = ("step", "viral", "slow_viral", "wave", "flash", "ramp")
RATES = (0.05, 0.3, 2.0)
"""Mentions a minute that are usual: 70 to 3,000 a day."""
USUAL_SHARE, CRISIS_SHARE = 0.2, 0.6


class World:
    """One stream with its crisis: what was said, and when the statement came out."""

    def __init__(self, shape: str, rate: float, seed: int, *, left: float = 1.0, milder: float = 0.0) -> None:
        dice = np.random.default_rng(seed)
        length = WEEKS + AFTER
        mean = rate * course(length) * np.exp(wander(dice, length, 60, 0.3) + wander(dice, length, 720, 0.25))
        onset = WEEKS - DAY + int(dice.integers(0, DAY))
        height = float(np.exp(dice.uniform(np.log(3.0), np.log(20.0)))) * max(rate, 0.15)
        grown = crisis(shape, length - onset) * height
        season = np.sqrt(course(length)[onset:])
        grown = grown * season * np.exp(wander(dice, len(grown), 60, 0.25) + wander(dice, len(grown), 360, 0.2))
        self.spoke = onset + int(dice.integers(60, 12 * 60))
        grown[self.spoke - onset :] *= left
        share = np.clip(CRISIS_SHARE + wander(dice, len(grown), 120, 0.04), 0.05, 0.95)
        share[self.spoke - onset :] *= 1.0 - milder
        # The noise of each quarter of an hour, beside chance.
        jolts = np.repeat(dice.gamma(8.0, 1.0 / 8.0, length // 15 + 1), 15)[:length]
        usual, extra = dice.poisson(mean * jolts), dice.poisson(grown * jolts[onset:])
        self.volume = usual.astype(np.int64)
        self.volume[onset:] += extra
        self.negative = dice.binomial(usual, USUAL_SHARE).astype(np.int64)
        self.negative[onset:] += dice.binomial(extra, share)
        self.onset = onset

    @property
    def spoke_at(self) -> datetime:
        """When the statement came out."""
        return START + self.spoke * MINUTE

    def facts(self) -> Before:
        """What a report would know two days after the statement."""
        samples = [
            Samples(
                topic="t",
                window=WINDOW,
                end=START + (at + 15) * MINUTE,
                volume=int(self.volume[at : at + 15].sum()),
                negative=int(self.negative[at : at + 15].sum()),
                closed=True,
            )
            for at in range(0, self.onset - 15, 15)
        ]
        until = START + self.onset * MINUTE
        first = self.spoke - DAY - 60
        return Before(
            traces=list(self.traces(first)),
            usual=usual_of(samples, lambda one: one.volume, START, until),
            usual_negative=usual_of(samples, lambda one: one.negative, START, until),
            seen_since=START + first * MINUTE,
            known_until=self.spoke_at + timedelta(hours=24),
        )

    def traces(self, first: int) -> Iterator[Trace]:
        """Every mention from a minute on, until a day after the statement."""
        for minute in range(first, min(self.spoke + DAY, len(self.volume))):
            at = START + minute * MINUTE
            for place in range(int(self.volume[minute])):
                yield Trace(at=at, negative=place < self.negative[minute])


def course(minutes: int) -> Floats:
    """The public's day and week, its mean 1."""
    at = np.arange(minutes)
    angle = (at % DAY) / DAY * 2 * np.pi
    day = np.exp(0.55 * np.sin(angle - 2.2) + 0.25 * np.sin(2 * angle - 0.5))
    return np.asarray(day / day[:DAY].mean() * np.where(at // DAY % 7 >= 5, 0.6, 1.0), dtype=np.float64)


def wander(dice: np.random.Generator, minutes: int, memory: float, spread: float) -> Floats:
    """Noise that forgets itself in `memory` minutes, drawn by the quarter of an hour."""
    steps = minutes // 15 + 2
    kept = float(np.exp(-15.0 / memory))
    shocks = dice.normal(0.0, spread * np.sqrt(1.0 - kept * kept), steps)
    values = np.empty(steps)
    values[0] = dice.normal(0.0, spread)
    for at in range(1, steps):
        values[at] = kept * values[at - 1] + shocks[at]
    return np.asarray(np.repeat(values, 15)[:minutes], dtype=np.float64)


def crisis(shape: str, minutes: int) -> Floats:
    """The excess of a crisis, its height 1: how it rises and wanes."""
    at = np.arange(minutes, dtype=np.float64)
    wane = np.exp(-np.maximum(at - 12 * 60, 0.0) / (12 * 60))
    if shape == "step":
        return np.asarray(np.where(at >= 0, wane, 0.0), dtype=np.float64)
    if shape in ("viral", "slow_viral"):
        double = 30.0 if shape == "viral" else 120.0
        rise = np.minimum(0.02 * 2.0 ** np.minimum(at / double, 40.0), 1.0)
        top = int(np.argmax(rise >= 1.0)) if (rise >= 1.0).any() else minutes
        return np.asarray(rise * np.exp(-np.maximum(at - top - 6 * 60, 0.0) / (10 * 60)), dtype=np.float64)
    if shape == "wave":
        return np.asarray((at / 240.0) * np.exp(1.0 - at / 240.0), dtype=np.float64)
    if shape == "flash":
        return np.asarray((1.0 + at / 60.0) ** -1.0, dtype=np.float64)
    return np.asarray(np.minimum(at / (24 * 60), 1.0), dtype=np.float64)


def held(change: Change, half: float) -> bool | None:
    """Whether the interval held what came; None where nothing is compared."""
    if change.observed is None or change.expected is None:
        return None
    return change.expected.low - half <= change.observed <= change.expected.high + half


def measure(crises: int, seed: int, *, left: float = 1.0, milder: float = 0.0) -> dict[str, Any]:
    """Figures by signal and horizon over so many crises of each shape and rate."""
    rows: dict[tuple[str, timedelta], list[tuple[bool, Verdict]]] = {}
    unfit, total = 0, 0
    for number in range(crises):
        for place, shape in enumerate(SHAPES):
            for rate in RATES:
                world = World(shape, rate, hash((seed, number, place, rate)) % 2**32, left=left, milder=milder)
                found = effect_of(world.spoke_at, world.facts())
                total += 1
                unfit += found.unfit is not None
                for name, changes, half in (("volume", found.volume, 0.5), ("share", found.share, 0.0)):
                    for change in changes:
                        ok = held(change, half)
                        if ok is not None:
                            rows.setdefault((name, change.span), []).append((ok, change.verdict))
    figures: dict[str, Any] = {"worlds": total, "unfit": round(unfit / max(total, 1), 3)}
    for (name, span), results in sorted(rows.items()):
        clear = [verdict for _, verdict in results if verdict is not Verdict.TOO_VAGUE]
        told = [ok for ok, verdict in results if verdict is not Verdict.TOO_VAGUE]
        figures[f"{name} {span // timedelta(hours=1)} h"] = {
            "compared": len(results),
            "held": round(float(np.mean([ok for ok, _ in results])), 3),
            "told": round(len(clear) / len(results), 3),
            "told_held": round(float(np.mean(told)), 3) if told else None,
            "less": round(sum(verdict is Verdict.LESS for verdict in clear) / max(len(clear), 1), 3),
            "more": round(sum(verdict is Verdict.MORE for verdict in clear) / max(len(clear), 1), 3),
        }
    return figures


WAYS: dict[str, dict[str, float]] = {
    "nothing": {},
    "half of the excess": {"left": 0.5},
    "a fifth of the excess": {"left": 0.2},
    "a third milder": {"milder": 1 / 3},
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--crises", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    report = {name: measure(chosen.crises, chosen.seed, **how) for name, how in WAYS.items()}
    if chosen.json:
        print(json.dumps(report))
        return
    for name, figures in report.items():
        print(f"{name}: {figures.pop('worlds')} worlds, unfit {figures.pop('unfit'):.0%}")
        for key, row in figures.items():
            print(f"  {key:12}" + "".join(f"{field} {value!s:>6}  " for field, value in row.items()))


if __name__ == "__main__":
    assert HORIZONS
    main()
