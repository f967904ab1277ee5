"""How good the forecasts of `buzzguard.detect.growth` are on real onsets, beside saying "as now" and "it goes on so".

`python -m tests.bench.growth DIR [--json] [--step 15] [--halves]`. DIR is laid out like this project's folder of real
recordings: `crisislex/*.csv.gz` (times of mentions of disasters; put into a quiet stream made here, with the day's
course of the place), `airline.jsonl.gz` (American from 22 February 2015), `nab/` (five companies, their labelled
windows; usual is the median of the same time of day in the two weeks before). Every quarter of an hour in which the
last hour stands out, the forecast for one, three and six hours is compared with the count of the hour around that
instant. The error is the absolute logarithm of the ratio of (count + 1): 0.69 is wrong by a factor of two. Every
onset has the same weight. The method was settled while looking at these sets: only others test it fairly. `--halves`
adds the spread of the gain over 200 random halves of the onsets.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from buzzguard.detect.growth import Course, judge_growth
from buzzguard.model import Growth

Floats = npt.NDArray[np.float64]
DAY = 1440
MINUTE = timedelta(minutes=1)
HORIZONS = (60, 180, 360)
METHODS = ("forecast", "as_now", "exponential")
QUIET = 0.05
"""Mentions a minute of the stream into which a disaster is put."""
HOURS_OF = {"Venezuela": -4.5, "Glasgow": 0.0, "Lac": -4.0, "Savar": 6.0, "West": -5.0}


@dataclass
class Onset:
    """One story: its minutes, what was usual of each, and in which of them it is asked how it goes on."""

    name: str
    start: datetime
    counts: Floats
    usual: Floats
    first: int
    last: int


@dataclass
class Errors:
    """What came out of one horizon: absolute log errors by method, whether it claimed to know, whether it held."""

    rows: dict[str, list[float]] = field(default_factory=lambda: {method: [] for method in METHODS})
    known: list[bool] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)


def day_course(shift: float) -> Floats:
    """What share of a day's mean is usual in each minute (UTC), `shift` hours east of Greenwich."""
    angle = (np.arange(DAY) / 60.0 + shift) / 24.0 * 2.0 * math.pi
    course = np.exp(0.55 * np.sin(angle - 2.2) + 0.25 * np.sin(2.0 * angle - 0.5))
    return np.asarray(course / course.mean(), dtype=np.float64)


def minute_of(instant: datetime) -> int:
    """Minutes since the epoch."""
    return int(instant.timestamp() // 60)


def disasters(folder: Path, *, course: bool = True) -> Iterator[Onset]:
    """The disasters, each in a quiet stream that began two days before it."""
    for path in sorted((folder / "crisislex").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            next(lines)
            times = sorted(datetime.strptime(line.strip(), "%a %b %d %H:%M:%S %z %Y") for line in lines if line.strip())
        shift = next((hours for name, hours in HOURS_OF.items() if name in path.name), 0.0)
        start = times[0].astimezone(UTC).replace(second=0, microsecond=0) - timedelta(days=2)
        minutes = np.array([minute_of(at) - minute_of(start) for at in times])
        length = int(minutes.max()) + 1
        share = np.roll(day_course(shift), -(minute_of(start) % DAY)) if course else np.ones(DAY)
        usual = QUIET * np.resize(share, length)
        dice = np.random.default_rng(1)
        counts = np.bincount(minutes, minlength=length) + dice.poisson(usual)
        yield Onset(path.name.split(".")[0], start, counts.astype(np.float64), usual, 2 * DAY, 5 * DAY)


def american(folder: Path) -> Iterator[Onset]:
    """American Airlines, all mentions and the negative ones; the day's course is that of the other airlines before."""
    path = folder / "airline.jsonl.gz"
    if not path.exists():
        return
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    start = datetime(2015, 2, 20, tzinfo=UTC)
    turn = datetime(2015, 2, 22, 12, tzinfo=UTC)
    told = [(datetime.strptime(row["published"], "%Y-%m-%d %H:%M:%S %z"), row) for row in rows]
    others = [minute_of(at) % DAY // 60 for at, row in told if row["brand"] != "American" and at < turn]
    share = np.repeat(np.bincount(others, minlength=24) / len(others) * 24.0, 60)
    for name, wanted in (("american", {"negative", "neutral", "positive"}), ("american_negative", {"negative"})):
        minutes = np.array(
            [
                minute_of(at) - minute_of(start)
                for at, row in told
                if row["brand"] == "American" and at >= turn and row["sentiment"] in wanted
            ]
        )
        length = int(minutes.max()) + 1
        counts = np.bincount(minutes, minlength=length).astype(np.float64)
        yield Onset(name, start, counts, 0.1 * np.resize(share, length), minute_of(turn) - minute_of(start), length)


def companies(folder: Path) -> Iterator[Onset]:
    """The labelled windows of NAB's companies. Counts of five minutes are dealt to their minutes at random."""
    labels_path = folder / "nab" / "labels" / "combined_windows.json"
    if not labels_path.exists():
        return
    labels = json.loads(labels_path.read_text(encoding="utf-8"))
    for path in sorted((folder / "nab" / "data").glob("*/*.csv")):
        rows = [line.split(",") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
        start = datetime.fromisoformat(rows[0][0]).replace(tzinfo=UTC)
        bins = np.array([float(value) for _, value in rows])
        dice = np.random.default_rng(2)
        counts = np.concatenate([dice.multinomial(int(value), [0.2] * 5) for value in bins]).astype(np.float64)
        for window in labels.get(f"{path.parent.name}/{path.name}", []):
            begin, end = (
                minute_of(datetime.fromisoformat(edge).replace(tzinfo=UTC)) - minute_of(start) for edge in window
            )
            if begin < 4 * DAY:
                continue
            usual = usual_of(bins, begin // 5, len(bins))
            name = f"{path.stem.rsplit('_', 1)[-1]} {window[0][5:10]}"
            yield Onset(name, start, counts, np.repeat(usual / 5.0, 5), begin, min(end, len(counts)))


def usual_of(bins: Floats, before: int, length: int) -> Floats:
    """The median of the same half hour of the days before, at most fourteen, for every bin."""
    days = min(before // 288, 14)
    past = bins[before - days * 288 : before].reshape(days, 288)
    slots = np.array([np.median(np.roll(past, 3 - slot, axis=1)[:, :7]) for slot in range(288)])
    return np.asarray(np.resize(np.roll(slots, before % 288), length), dtype=np.float64)


def moments(onset: Onset, step: int) -> Iterator[tuple[int, Growth]]:
    """The minutes of an onset in which its last hour stands out, with what is then said."""
    horizon = max(HORIZONS) + 30
    for minute in range(max(onset.first, DAY) + 1, min(onset.last, len(onset.counts) - horizon), step):
        count, usual = (float(part[minute - 60 : minute].sum()) for part in (onset.counts, onset.usual))
        if count - usual < 3.0 * math.sqrt(usual + 0.1 * usual * usual + 1.0) or count - usual < 5.0:
            continue
        yield minute, judge_growth(course_of(onset, minute))


def course_of(onset: Onset, minute: int) -> Course:
    """What was known of an onset in the middle of a minute; of that minute a part of the mentions."""
    counts = onset.counts[minute - DAY + 1 : minute + 1].copy()
    counts[-1] = counts[-1] // 2
    return Course(
        at=onset.start + (minute + 0.5) * MINUTE,
        counts=counts,
        expected=onset.usual[minute - DAY + 1 : minute + 1],
        ahead=np.resize(onset.usual[minute + 1 : minute + 1 + DAY], DAY)
        if len(onset.usual) > minute + DAY
        else onset.usual[minute - DAY + 1 : minute + 1],
    )


def exponential(growth: Growth, ahead: int) -> float:
    """The excess goes on to double, or to halve, as it does now."""
    excess = max(growth.per_hour - growth.expected_per_hour, 0.0)
    if growth.doubles_in is not None:
        excess *= 2.0 ** min(ahead / (growth.doubles_in.value / MINUTE), 40.0)
    if growth.halves_in is not None:
        excess *= 0.5 ** (ahead / (growth.halves_in.value / MINUTE))
    return growth.expected_per_hour + excess


def judged(onset: Onset, step: int) -> dict[int, Errors]:
    """The errors of one onset for each horizon."""
    found = {ahead: Errors() for ahead in HORIZONS}
    for minute, growth in moments(onset, step):
        now = float(onset.counts[minute - 60 : minute].sum())
        outlooks = {round((one.at - growth.at) / MINUTE): one for one in growth.forecast}
        for ahead, errors in found.items():
            came = float(onset.counts[minute + ahead - 29 : minute + ahead + 31].sum())
            one = outlooks.get(ahead)
            told = {
                "forecast": one.per_hour.value if one else now,
                "as_now": now,
                "exponential": exponential(growth, ahead) if one else now,
            }
            for method, value in told.items():
                errors.rows[method].append(abs(math.log((value + 1.0) / (came + 1.0))))
            errors.known.append(bool(one and one.known))
            errors.held.append(bool(one and one.per_hour.low - 0.5 <= came <= one.per_hour.high + 0.5))
    return found


def median(values: Floats, weights: Floats) -> float:
    """The weighted median."""
    if not len(values):
        return math.nan
    order = np.argsort(values)
    sums = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(sums, 0.5 * sums[-1])])


def summary(results: dict[str, dict[int, Errors]], ahead: int) -> dict[str, float]:
    """Figures of one horizon over the onsets, of all moments (`all_`) and of those in which it claims to know."""
    parts = [one[ahead] for one in results.values() if one[ahead].known]
    if not parts:
        return {}
    weight = np.concatenate([np.full(len(part.known), 1.0 / len(part.known)) for part in parts])
    known = np.concatenate([np.array(part.known) for part in parts])
    held = np.concatenate([np.array(part.held) for part in parts])
    figures = {"moments": float(len(weight)), "known": float(np.average(known, weights=weight))}
    for method in METHODS:
        errors = np.concatenate([np.array(part.rows[method]) for part in parts])
        figures[method] = median(errors[known], weight[known])
        figures[f"all_{method}"] = median(errors, weight)
    figures["held"] = float(np.average(held[known], weights=weight[known])) if known.any() else math.nan
    figures["all_held"] = float(np.average(held, weights=weight))
    return {name: round(figure, 3) for name, figure in figures.items()}


def halves(results: dict[str, dict[int, Errors]], ahead: int) -> dict[str, float]:
    """Mean and spread, over random halves of the onsets, of the forecast's error less that of "as now"."""
    dice, gains = random.Random(5), []
    names = sorted(name for name, one in results.items() if one[ahead].known)
    for _ in range(200):
        part = summary({name: results[name] for name in dice.sample(names, max(len(names) // 2, 1))}, ahead)
        if not math.isnan(part["forecast"]):
            gains.append(part["forecast"] - part["as_now"])
    return {"gain": round(float(np.mean(gains)), 3), "gain_sd": round(float(np.std(gains)), 3)} if gains else {}


def peaks(onsets: list[Onset], step: int) -> dict[str, float]:
    """Of the peaks told ahead: the error of their height, and how often height and time lay in their intervals.

    The true peak is the highest hour of the next twelve. `known` are those that it would tell people.
    """
    rows = []
    for onset in onsets:
        for minute, growth in moments(onset, step):
            if growth.peak is None or minute + DAY // 2 > len(onset.counts):
                continue
            sums = np.cumsum(onset.counts[minute - 30 : minute + DAY // 2])
            hours = sums[60:] - sums[:-60]
            height, at = float(hours.max()), growth.at + int(hours.argmax()) * MINUTE
            told = growth.peak.per_hour
            rows.append(
                (
                    growth.peak.known,
                    abs(math.log((told.value + 1.0) / (height + 1.0))),
                    told.low - 0.5 <= height <= told.high + 0.5,
                    growth.peak.earliest <= at <= growth.peak.latest,
                )
            )
    if not rows:
        return {}
    table = np.array(rows, dtype=np.float64)
    known = table[table[:, 0] > 0.0]
    figures = {"moments": float(len(table)), "error": float(np.median(table[:, 1])), "held": float(table[:, 2].mean())}
    figures |= {"time_held": float(table[:, 3].mean()), "known": float(len(known))}
    if len(known):
        figures |= {"known_error": float(np.median(known[:, 1])), "known_held": float(known[:, 2].mean())}
        figures |= {"known_time_held": float(known[:, 3].mean())}
    return {name: round(figure, 3) for name, figure in figures.items()}


def cost(onset: Onset) -> float:
    """Milliseconds of processor time of a call: the tenth of 300, for other programs only ever slow it down."""
    course, spent = course_of(onset, int(onset.counts[onset.first : onset.last].argmax()) + onset.first + 60), []
    for _ in range(300):
        began = time.process_time()
        judge_growth(course)
        spent.append(time.process_time() - began)
    return round(float(np.quantile(spent, 0.1)) * 1e3, 3)


SETS: dict[str, Callable[[Path], Iterator[Onset]]] = {
    "disasters": disasters,
    "american": american,
    "companies": companies,
}


def measure(folder: Path, step: int, *, spread: bool = False) -> dict[str, Any]:
    """All figures, by set and over all."""
    results: dict[str, dict[str, dict[int, Errors]]] = {}
    onsets = [(name, onset) for name, make in SETS.items() for onset in make(folder)]
    for name, onset in onsets:
        results.setdefault(name, {})[onset.name] = judged(onset, step)
    every = {name: one for part in results.values() for name, one in part.items()}
    report: dict[str, Any] = {"ms_a_call": cost(onsets[0][1]) if onsets else None}
    report["peaks"] = peaks([onset for _, onset in onsets], step)
    for name, part in {**results, "all": every}.items():
        report[name] = {f"{ahead // 60} h": summary(part, ahead) for ahead in HORIZONS}
        if spread and name == "all":
            for ahead in HORIZONS:
                report[name][f"{ahead // 60} h"] |= halves(part, ahead)
    report["onsets"] = {
        name: {f"{ahead // 60} h": summary({name: one}, ahead) for ahead in HORIZONS} for name, one in every.items()
    }
    return report


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--step", type=int, default=15)
    parser.add_argument("--halves", action="store_true")
    chosen = parser.parse_args()
    report = measure(chosen.folder, chosen.step, spread=chosen.halves)
    if chosen.json:
        print(json.dumps(report))
        return
    columns = ("moments", "known", *METHODS, "held", *(f"all_{method}" for method in METHODS), "all_held")
    print(f"{report['ms_a_call']} ms a call\n{'':26}" + "".join(f"{name[:12]:>13}" for name in columns))
    for name, rows in report.items():
        if name in ("ms_a_call", "onsets", "peaks"):
            continue
        for ahead, figures in rows.items():
            print(f"{name:20}{ahead:6}" + "".join(f"{figures.get(column, math.nan):13}" for column in columns))
    print("peaks told ahead:", ", ".join(f"{name} {figure:g}" for name, figure in report["peaks"].items()))
    if not report["all"]["1 h"]:
        sys.exit("nothing found to measure")


if __name__ == "__main__":
    main()
