"""The Numenta Anomaly Benchmark's score of the volume watch, at one fixed threshold and without look-ahead.

`python -m tests.bench.nab DIR [--json] [--days 14] [--baselines FILE [--all-baselines]]`. DIR has NAB's layout:
data/<group>/<file>.csv and labels/combined_windows.json; every file there is scored, whatever its group. Timestamps
are taken as UTC. Baselines have no threshold in days (but one family): they are scored at the best threshold for these
very files, in hindsight, under the same alarm policy, profile by profile.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench import baselines
from tests.bench.figures import number, parser, show, table, watch_of
from tests.bench.nab_data import BadData, Recording, alarm_rows, cohorts, periods_of, read
from tests.bench.nab_score import PROFILES, count, rate
from tests.bench.watching import BoolArray, FloatArray, Watch

DAYS = 14.0
SPLITS = 500
CANDIDATES = 400
TOP = 0.5

Periods = Mapping[str, FloatArray]
HEADERS = ("detector", "standard", "low FP", "low FN", "caught", "false rows", "threshold")


def watch_all(recordings: Sequence[Recording], fresh: Any) -> dict[str, FloatArray]:
    """The return period of each row of each file. `fresh(streams)` makes a watch."""
    periods: dict[str, FloatArray] = {}
    for group in cohorts(recordings):
        watch: Watch = fresh(len(group))
        for recording, found in zip(group, periods_of(group, watch), strict=True):
            periods[recording.name] = found
    return periods


def flags_at(recordings: Sequence[Recording], periods: Periods, days: float) -> dict[str, BoolArray]:
    """The rows in which an alarm fires at the threshold `days`, by file name."""
    flags = {}
    for one in recordings:
        flagged = np.zeros(len(one.counts), dtype=np.bool_)
        flagged[alarm_rows(one, periods[one.name], days)] = True
        flags[one.name] = flagged
    return flags


def figures(recordings: Sequence[Recording], flags: Mapping[str, BoolArray]) -> dict[str, Any]:
    """The scores of flagged rows, and how many windows they caught."""
    labels = [one.labels for one in recordings]
    return {**rate(labels, flags), **count(labels, flags)._asdict()}


def halves(recordings: Sequence[Recording], flags: Mapping[str, BoolArray]) -> dict[str, float | int]:
    """Mean and deviation of the standard score over halves of the files: all of them, or a fixed random 500."""
    labels = [one.labels for one in recordings]
    size = max(1, len(labels) // 2)
    if math.comb(len(labels), size) <= SPLITS:
        parts: list[list[int]] = [list(one) for one in itertools.combinations(range(len(labels)), size)]
    else:
        dice = np.random.default_rng(0)
        parts = [dice.choice(len(labels), size, replace=False).tolist() for _ in range(SPLITS)]
    scores = [rate([labels[one] for one in part], flags)["standard"] for part in parts]
    known = [one for one in scores if math.isfinite(one)]
    return {
        "splits": len(known),
        "mean": statistics.fmean(known) if known else math.nan,
        "sd": statistics.stdev(known) if len(known) > 1 else math.nan,
    }


def bench(recordings: Sequence[Recording], fresh: Any, days: float) -> dict[str, Any]:
    """All figures of one detector at one threshold."""
    flags = flags_at(recordings, watch_all(recordings, fresh), days)
    files = [{"file": one.name, **figures([one], flags)} for one in recordings]
    return {
        **figures(recordings, flags),
        "threshold_days": days,
        "halves": halves(recordings, flags),
        "files": files,
    }


def hindsight(recordings: Sequence[Recording], periods: Periods, also: float) -> dict[str, Any]:
    """The best that any threshold gives on these very files, for each profile; counts are those of `standard`.

    Tried are scores of growing rank, and `also`.
    """
    rows = sum(len(one.counts) for one in recordings)
    falling = np.sort(np.concatenate([np.unique(one) for one in periods.values()]))[::-1]
    falling = falling[falling > 0][: max(2, int(TOP * rows))]
    ranks = np.unique(np.geomspace(1, max(1, len(falling)), CANDIDATES).astype(np.int64) - 1)
    candidates = [math.inf, also, *falling[ranks[: len(falling)]].tolist()]
    tried = [{**figures(recordings, flags_at(recordings, periods, at)), "threshold": at} for at in candidates]
    best = max(tried, key=lambda one: one["standard"])
    return {**best, **{name: max(one[name] for one in tried) for name in PROFILES}}


def compare(recordings: Sequence[Recording], options: argparse.Namespace) -> list[dict[str, Any]]:
    """The baselines asked for: in hindsight, and at the fixed threshold where they have one."""
    rows = []
    for baseline in baselines.chosen(options):
        periods = watch_all(recordings, baseline.watch)
        if baseline.natural:
            fixed = figures(recordings, flags_at(recordings, periods, options.days))
            rows.append({"detector": baseline.name, "hindsight": False, **fixed, "threshold": options.days})
        rows.append({"detector": baseline.name, "hindsight": True, **hindsight(recordings, periods, options.days)})
    return rows


def _row(name: str, found: Mapping[str, Any], threshold: str) -> list[str]:
    scores = [number(found[profile], 1) for profile in PROFILES]
    return [name, *scores, f"{found['caught']}/{found['windows']}", str(found["false_rows"]), threshold]


def tables(found: Mapping[str, Any]) -> list[str]:
    """The figures for people."""
    fixed = f"once in {found['threshold_days']:g} days"
    rows = [_row("**watch**", found, fixed)]
    for one in found["baselines"]:
        rows.append(_row(one["detector"], one, "best in hindsight" if one["hindsight"] else fixed))
    spread = found["halves"]
    return [
        table(HEADERS, rows),
        table(("file", *HEADERS[1:-1]), [_row(one["file"], one, "")[:-1] for one in found["files"]]),
        f"standard score over {spread['splits']} halves of the files: "
        f"{number(spread['mean'], 1)} ± {number(spread['sd'], 1)}",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    line = parser(__doc__)
    line.add_argument("folder", type=Path, metavar="DIR", help="a folder in NAB's layout")
    line.add_argument("--days", type=float, default=DAYS, help="the one threshold: rarer than once in so many days")
    baselines.add_options(line)
    options = line.parse_args(arguments)
    try:
        recordings = read(options.folder)
    except BadData as error:
        raise SystemExit(str(error)) from error
    make = watch_of(options)
    found = bench(recordings, lambda streams: make(streams, signal="volume", scorer=None), options.days)
    found["baselines"] = compare(recordings, options)
    show(found, tables(found), as_json=options.json)


if __name__ == "__main__":
    main()
