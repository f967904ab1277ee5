"""Whether river's ADWIN hints at a new normal before three days have made it one.

`python -m tests.bench.drift [--copies 4] [--json]`. Topics with a day and a night, clumped counts and days that
differ by a fifth, whose level jumps after 45 days, go through the default detector. ADWIN sees, each midnight, the
root of the day's volume over what was expected of it: as the detector expected (`followed`: it learns the new level
meanwhile), and, the best that it could be given, as it would have expected had it learned nothing since the jump
(`frozen`). Days from the jump: until the baseline stands within a fifth of the new level, until ADWIN's first hint
(30: none came); and false hints a year. The baseline takes 1 to 5 days; followed, ADWIN never hints; frozen and at
its laxest it takes 11, 5 and 3 days for twice, thrice and five times the level. It is thus no earlier than the rule
of three days, and not used.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.model import Samples, Signal
from tests.bench.figures import number, table

START = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = 288
WARM, AFTER = 45, 30
RATES = (0.05, 0.5, 5.0)
JUMPS = (1.0, 1.5, 2.0, 3.0, 5.0)
DELTAS = (0.002, 0.05, 0.5)
"""ADWIN's own confidence, and two laxer ones."""
LEARNED_WITHIN = 0.8
NEVER = float(AFTER)

Counts = npt.NDArray[np.int64]


def counts(rates: npt.NDArray[np.float64], jumps: npt.NDArray[np.float64]) -> Counts:
    """Running sums of five-minute counts, a column a topic."""
    dice = np.random.default_rng(3)
    steps, topics = (WARM + AFTER) * DAY, len(rates)
    course = np.exp(0.8 * np.sin(np.arange(steps) % DAY / DAY * 2.0 * np.pi - 2.2))
    days = np.zeros((WARM + AFTER, topics))
    for day in range(1, WARM + AFTER):
        days[day] = 0.5 * days[day - 1] + dice.normal(0.0, 0.2 * 0.75**0.5, topics)
    mean = rates * (course / course.mean())[:, None] * np.repeat(np.exp(days - 0.02), DAY, axis=0)
    mean[WARM * DAY :] *= jumps
    drawn = dice.poisson(mean * dice.gamma(4.0, 0.25, mean.shape))
    return np.vstack([np.zeros(topics, np.int64), np.cumsum(drawn, axis=0)])


def closed(sums: Counts, names: list[str], step: int) -> Iterator[Samples]:
    """The windows that close with a step."""
    for window, stride in STRIDES.items():
        if step * 300 % stride == 0:
            held = sums[step] - sums[max(0, step - window // STEP)]
            for name, count in zip(names, held.tolist(), strict=True):
                end = START + STEP * step
                yield Samples(topic=name, window=window, end=end, volume=count, authors=count, closed=True)


def lived(sums: Counts, names: list[str]) -> npt.NDArray[np.float64]:
    """What was expected of each day's volume, a row a day."""
    detector = SeasonalDetector(SeasonalDetector.Settings(), names)
    expected = []
    for step in range(1, len(sums)):
        windows = list(closed(sums, names, step))
        if step % DAY == 0:
            judged = detector.assess(windows[-len(names) :])
            expected.append([each.assessments[Signal.VOLUME].expected for each in judged])
        detector.learn(windows)
    return np.array(expected)


def hints(ratios: npt.NDArray[np.float64], delta: float) -> list[int]:
    """The days, counted from the jump, on which ADWIN tells a drift; it is given a week to know the topic first."""
    from river import drift

    adwin: Any = drift.ADWIN
    watching = adwin(delta=delta, clock=1, grace_period=3, min_window_length=1)
    told = []
    for day, ratio in enumerate(ratios.tolist()):
        if day >= 7:
            watching.update(ratio**0.5)
            if watching.drift_detected:
                told.append(day - WARM + 1)
    return told


def measured(copies: int) -> list[dict[str, float]]:
    """One row a jump."""
    chosen = [(rate, jump) for rate in RATES for jump in JUMPS for _ in range(copies)]
    rates, jumps = (np.array(column) for column in zip(*chosen, strict=True))
    sums = counts(rates, jumps)
    names = [f"t{index}" for index in range(len(chosen))]
    expected = np.maximum(lived(sums, names), 0.1)
    held = np.diff(sums[::DAY], axis=0)
    frozen = expected.copy()
    frozen[WARM:] = expected[WARM - 7 : WARM].mean(axis=0)
    rows = []
    for jump in JUMPS:
        of_jump = np.flatnonzero(jumps == jump)
        level = expected[WARM:, of_jump] / (rates[of_jump] * DAY * jump)
        row = {"jump": jump, "baseline": median(_first(days) for days in (level >= LEARNED_WITHIN).T)}
        for delta in DELTAS:
            for name, usual in (("followed", expected), ("frozen", frozen)):
                told = [hints(held[:, topic] / usual[:, topic], delta) for topic in of_jump]
                false = sum(day <= 0 or jump == 1.0 for days in told for day in days)
                row[f"{name}_{delta}"] = median(min((day for day in days if day > 0), default=NEVER) for days in told)
                row[f"{name}_{delta}_false"] = false / len(told) * 365.0 / (WARM + AFTER if jump == 1.0 else WARM)
        rows.append(row)
    return rows


def _first(days: npt.NDArray[np.bool_]) -> float:
    return float(np.argmax(days)) if days.any() else NEVER


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=4, help="topics of each size and jump")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    rows = measured(chosen.copies)
    if chosen.json:
        print(json.dumps({"rows": rows}))
        return
    heads = list(rows[0])
    print(table(heads, [[number(row[head]) for head in heads] for row in rows]))


if __name__ == "__main__":
    main()
