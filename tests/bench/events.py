"""Real boycotts of quiet brands: false alarms, crises found, and how many mentions that took.

`python -m tests.bench.events FILE [--json] [--crises FILE2] [--days 14 30 60 90 180 365]`. FILE is `published,brand`;
FILE2, `brand,date`, replaces the known crises of `events_data`. The volume watch ticks through every 5-minute bin from
the first day to the last, all brands side by side. The first 28 days are not judged. A crisis is found when the watch
exceeds the threshold within four days of the day it became public; mentions count from the first of that day. Alarms
from the day before it (the day is India's, the bins are UTC's) to thirty days after it are part of it; all others are
false, although some are smaller boycotts that nobody listed. Beside it the plain rule: four mentions in six hours.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tests.bench.events_data import KNOWN, Crisis, Mentions, read, read_crises
from tests.bench.figures import number, parser, show, table, watch_of
from tests.bench.nab_data import BadData
from tests.bench.watching import BIN_MINUTES, DAY_BINS, BoolArray, FloatArray, Idles, IntArray, Watch, rings

THRESHOLDS = (7.0, 14.0, 30.0, 60.0, 90.0, 180.0, 365.0)
WARM = 28 * DAY_BINS
FOUND_WITHIN = 4 * DAY_BINS
BEFORE, AFTER = DAY_BINS, 30 * DAY_BINS
YEAR_BINS = 365.25 * DAY_BINS
CHUNK = 28 * DAY_BINS
NEAR = DAY_BINS + 12
PLAIN_MENTIONS, PLAIN_BINS = 4, 72

Crises = Mapping[str, Sequence[Crisis]]


class Exceedances(NamedTuple):
    """The bins in which a brand exceeds the lowest threshold, in order, and its periods there."""

    bins: IntArray
    periods: FloatArray

    def over(self, days: float) -> IntArray:
        """The bins that reach `days`."""
        return self.bins[self.periods >= days]


def watch_all(watch: Watch, mentions: Mentions, lowest: float) -> list[Exceedances]:
    """Tick through all bins; what reaches `lowest` days, by brand."""
    kept: list[tuple[int, FloatArray]] = []
    for first, bins, empty in stretches(mentions):
        if empty and isinstance(watch, Idles):
            watch.idle(mentions.start + (first + bins) * BIN_MINUTES, bins)
            continue
        for row, volume in enumerate(mentions.counts(first, bins)):
            periods = watch.tick(mentions.start + (first + row + 1) * BIN_MINUTES, volume, None)
            if periods.max() >= lowest:
                kept.append((first + row, periods))
    rows = np.array([index for index, _ in kept], dtype=np.int64)
    values = np.array([periods for _, periods in kept]).reshape(len(kept), len(mentions.brands))
    return [
        Exceedances(rows[values[:, column] >= lowest], values[values[:, column] >= lowest, column])
        for column in range(len(mentions.brands))
    ]


def stretches(mentions: Mentions) -> Iterator[tuple[int, int, bool]]:
    """All bins in stretches of at most `CHUNK`: first bin, number of bins, whether nothing is near.

    Nothing is near where nobody was mentioned in the stretch and in the twenty-five hours before it: no window of a
    watch holds a mention there, and nothing can be rare.
    """
    busy = np.unique(np.concatenate(mentions.bins))
    begins = busy[np.diff(busy, prepend=-CHUNK) > NEAR]
    lasts = np.append(busy[:-1][np.diff(busy) > NEAR], busy[-1])
    edges = np.unique(np.concatenate([[0, mentions.length], begins, np.minimum(lasts + NEAR, mentions.length)]))
    for low, high in itertools.pairwise(edges.tolist()):
        near = bool(np.searchsorted(busy, low - NEAR, side="right") < np.searchsorted(busy, high))
        for first in range(low, high, CHUNK):
            yield first, min(CHUNK, high - first), not near


def plain_rule(mentions: Mentions) -> list[Exceedances]:
    """The bins in which four mentions lie within the six hours before their end, by brand."""
    found = []
    for places in mentions.bins:
        sums = np.cumsum(np.bincount(places, minlength=mentions.length))
        sums[PLAIN_BINS:] -= sums[:-PLAIN_BINS].copy()
        over = np.flatnonzero(sums >= PLAIN_MENTIONS).astype(np.int64)
        found.append(Exceedances(over, np.full(len(over), np.inf)))
    return found


def at_threshold(mentions: Mentions, said: Sequence[Exceedances], days: float, crises: Crises) -> dict[str, Any]:
    """What the alarms at one threshold are worth."""
    false = quiet_bins = 0
    details: list[dict[str, Any]] = []
    for column, brand in enumerate(mentions.brands):
        over = said[column].over(days)
        calm = _calm(mentions, crises.get(brand, ()))
        fired = over[rings(over)]
        false += int(calm[fired].sum())
        quiet_bins += int(calm.sum())
        details += [_crisis(mentions, column, over, one) for one in crises.get(brand, ())]
    found = [one for one in details if one["found"]]
    years = quiet_bins / YEAR_BINS
    return {
        "threshold_days": days,
        "false_alarms": false,
        "brand_years": years,
        "false_alarms_brand_year": false / years if years else float("nan"),
        "found": len(found),
        "crises": len(details),
        "median_mentions": _median([one["mentions"] for one in found]),
        "median_minutes": _median([one["minutes"] for one in found]),
        "details": details,
    }


def _calm(mentions: Mentions, crises: Sequence[Crisis]) -> BoolArray:
    """The bins of a brand in which an alarm is false: after the warm-up and outside its crises."""
    calm = np.ones(mentions.length, dtype=np.bool_)
    calm[:WARM] = False
    for one in crises:
        onset = mentions.day(one.day)
        calm[max(0, onset - BEFORE) : max(0, onset + AFTER)] = False
    return calm


def _crisis(mentions: Mentions, column: int, over: IntArray, crisis: Crisis) -> dict[str, Any]:
    """Whether and when a crisis was found: minutes and mentions from its first mention to the end of that bin."""
    onset = mentions.day(crisis.day)
    named = {"brand": mentions.brands[column], "day": crisis.day.isoformat(), "what": crisis.what}
    within = over[(over >= onset) & (over < onset + FOUND_WITHIN)]
    if not len(within):
        return {**named, "found": False, "mentions": None, "minutes": None}
    minutes = mentions.minutes[column]
    end = (int(within[0]) + 1) * BIN_MINUTES
    since = minutes[(minutes >= onset * BIN_MINUTES) & (minutes < end)]
    delay = end - int(since[0]) if len(since) else 0
    return {**named, "found": True, "mentions": len(since), "minutes": delay}


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def bench(watch: Watch, mentions: Mentions, crises: Crises, thresholds: Sequence[float]) -> dict[str, Any]:
    """All thresholds, and the plain rule."""
    said = watch_all(watch, mentions, min(thresholds))
    return {
        "brands": list(mentions.brands),
        "mentions": sum(len(one) for one in mentions.minutes),
        "years": mentions.length / YEAR_BINS,
        "thresholds": [at_threshold(mentions, said, days, crises) for days in sorted(thresholds)],
        "plain_rule": at_threshold(mentions, plain_rule(mentions), 0.0, crises),
    }


def tables(found: Mapping[str, Any]) -> list[str]:
    """The figures for people: the thresholds side by side, then each crisis at each of them."""
    named = [(f"once in {one['threshold_days']:g} d", one) for one in found["thresholds"]]
    named.append((f"{PLAIN_MENTIONS} mentions in {PLAIN_BINS * BIN_MINUTES // 60} h", found["plain_rule"]))
    heads = ("rule", "false alarms / brand-year", "false alarms", "found", "median mentions", "median minutes")
    rows = [
        (
            name,
            number(one["false_alarms_brand_year"]),
            one["false_alarms"],
            f"{one['found']}/{one['crises']}",
            number(one["median_mentions"], 0),
            number(one["median_minutes"], 0),
        )
        for name, one in named
    ]
    crises = [
        (first["brand"], first["day"], first["what"], *(_found(one["details"][place]) for _, one in named))
        for place, first in enumerate(found["plain_rule"]["details"])
    ]
    years = found["plain_rule"]["brand_years"]
    return [
        f"{len(found['brands'])} brands, {found['mentions']} mentions in {found['years']:.1f} years; "
        f"{years:.1f} brand-years outside crises",
        table(heads, rows),
        "mentions (minutes) from the first of the day to the alarm\n\n"
        + table(("brand", "public on", "what", *(name for name, _ in named)), crises),
    ]


def _found(detail: Mapping[str, Any]) -> str:
    return f"{detail['mentions']} ({detail['minutes']})" if detail["found"] else "-"


def spanned(crises: Crises, mentions: Mentions) -> dict[str, tuple[Crisis, ...]]:
    """The crises of brands and days that the file spans: the others cannot be found in it."""
    return {
        brand: tuple(one for one in crises.get(brand, ()) if _judged(mentions, one.day)) for brand in mentions.brands
    }


def _judged(mentions: Mentions, day: date) -> bool:
    return WARM <= mentions.day(day) < mentions.length


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    line = parser(__doc__)
    line.add_argument("file", type=Path, metavar="FILE", help="mentions: published,brand")
    line.add_argument("--crises", type=Path, metavar="FILE2", help="known crises: brand,date[,what]")
    line.add_argument(
        "--days", type=float, nargs="+", default=THRESHOLDS, help="thresholds: rarer than once in so many days"
    )
    options = line.parse_args(arguments)
    try:
        mentions = read(options.file)
        crises = spanned(KNOWN if options.crises is None else read_crises(options.crises), mentions)
    except BadData as error:
        raise SystemExit(str(error)) from error
    watch = watch_of(options)(len(mentions.brands), signal="volume", scorer=None)
    found = bench(watch, mentions, crises, options.days)
    show(found, tables(found), as_json=options.json)


if __name__ == "__main__":
    main()
