"""Read times of mentions by brand, and the days on which crises of those brands became public."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tests.bench.nab_data import BadData
from tests.bench.watching import BIN_MINUTES, DAY_BINS, IntArray

DAY_MINUTES = 1440


class Crisis(NamedTuple):
    """The day on which a crisis became public, and what it was."""

    day: date
    what: str


# Public facts: days on which newspapers reported calls in India to boycott a brand, for its own deeds, and on which
# or after which the calls are seen in at least three mentions within four days.
KNOWN: Mapping[str, tuple[Crisis, ...]] = {
    "tanishq": (
        Crisis(date(2020, 10, 12), "advert of an interfaith baby shower (Ekatvam), withdrawn the next day"),
        Crisis(date(2020, 11, 9), "Diwali advert that advises against fireworks, withdrawn"),
    ),
    "tata": (Crisis(date(2020, 10, 12), "the Ekatvam advert of its brand Tanishq"),),
    "fabindia": (Crisis(date(2021, 10, 18), "Diwali collection named Jashn-e-Riwaaz, in Urdu"),),
    "netflix": (
        Crisis(date(2019, 9, 6), "police complaint that its series defame Hindus; calls to ban it trend"),
        Crisis(date(2020, 6, 29), "the film Krishna and His Leela"),
        Crisis(date(2020, 11, 22), "kiss in a temple in the series A Suitable Boy; complaint to the police"),
    ),
    "tiktok": (
        Crisis(date(2020, 5, 18), "video that seems to glorify an acid attack; the app's rating collapses"),
        Crisis(date(2020, 6, 17), "boycott of Chinese products after the deaths at the Galwan border"),
    ),
    "paytm": (Crisis(date(2020, 6, 17), "boycott of Chinese holdings after the deaths at the Galwan border"),),
    "facebook": (Crisis(date(2020, 12, 20), "takes down the page of the farmers' protest, Kisan Ekta Morcha"),),
}


@dataclass(frozen=True)
class Mentions:
    """Mentions of each brand. `bins`: for each brand the 5-minute bins since `start` (a midnight UTC, as a minute), in
    order, one for each mention; `minutes` their minutes since `start`; `length`: bins to the end of the last day.
    """

    brands: tuple[str, ...]
    start: int
    length: int
    minutes: tuple[IntArray, ...]

    @property
    def bins(self) -> tuple[IntArray, ...]:
        """The bin of each mention, by brand."""
        return tuple(one // BIN_MINUTES for one in self.minutes)

    def counts(self, first: int, bins: int) -> IntArray:
        """Mentions in each of `bins` bins from `first`, as (bins, brands)."""
        found = np.zeros((bins, len(self.brands)), dtype=np.int64)
        for column, places in enumerate(self.bins):
            low, high = np.searchsorted(places, [first, first + bins])
            np.add.at(found[:, column], places[low:high] - first, 1)
        return found

    def day(self, when: date) -> int:
        """The bin with which a day begins (UTC)."""
        midnight = int(datetime(when.year, when.month, when.day, tzinfo=UTC).timestamp()) // 60
        return (midnight - self.start) // BIN_MINUTES


def read(path: Path) -> Mentions:
    """Read `published,brand`. Raises BadData with file and line."""
    minutes: dict[str, list[int]] = {}
    for place, row in _rows(path, "published", "brand"):
        minutes.setdefault(row["brand"], []).append(_minute(row["published"], place))
    if not minutes:
        raise BadData(f"{path}: holds no mention")
    brands = tuple(sorted(minutes))
    start = min(map(min, minutes.values())) // DAY_MINUTES * DAY_MINUTES
    days = max(map(max, minutes.values())) // DAY_MINUTES + 1 - start // DAY_MINUTES
    times = tuple(np.sort(np.array(minutes[brand], dtype=np.int64)) - start for brand in brands)
    return Mentions(brands, start, days * DAY_BINS, times)


def read_crises(path: Path) -> dict[str, tuple[Crisis, ...]]:
    """Read `brand,date` with an optional third column `what`. Raises BadData with file and line."""
    found: dict[str, tuple[Crisis, ...]] = {}
    for place, row in _rows(path, "brand", "date"):
        try:
            day = date.fromisoformat(row["date"])
        except ValueError as error:
            raise BadData(f"{place}: {row['date']!r} is no day like 2020-10-12") from error
        found[row["brand"]] = (*found.get(row["brand"], ()), Crisis(day, row.get("what") or ""))
    return found


def _rows(path: Path, *columns: str) -> list[tuple[str, dict[str, str]]]:
    """Each row with its place; the named columns are there and not empty."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path}: cannot be read as UTF-8 text ({error})") from error
    reader = csv.DictReader(text.splitlines())
    if not set(columns) <= set(reader.fieldnames or ()):
        raise BadData(f"{path}:1: the columns must be {','.join(columns)}")
    found = []
    for row in reader:
        place = f"{path}:{reader.line_num}"
        if not all(row[name] for name in columns):
            raise BadData(f"{place}: {','.join(columns)} must all be given")
        found.append((place, {str(name): value or "" for name, value in row.items()}))
    return found


def _minute(stamp: str, place: str) -> int:
    try:
        instant = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise BadData(f"{place}: {stamp!r} is no instant like 2020-10-12T09:30:00+00:00") from error
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return int(aware.timestamp()) // 60
