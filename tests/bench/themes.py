"""How well themes are found: precision and recall of each.

`python -m tests.bench.themes FILE [FILE …] [--json] [--rules DIR]`. A file holds JSON lines, gzipped or not, of one of
three sorts, told by their keys:

- `text`, `language`, `themes`: labelled with themes (`tests/understand/themes/held_out.jsonl`);
- `text`, `sentiment`, `reason`: the airline tweets, whose reasons of complaint are mapped by `REASONS`;
- `text`, `topic`, `is_review_bombing`: the reviews around three campaigns, mapped by `CAMPAIGNS`.

A row of the last two has one label where several themes may be in it, and a label may be met by any of several themes:
recall is the share of a label's rows in which one of its themes was found, counted for the first of them; precision the
share of a theme's finds in rows whose label allows it, a lower bound. What no theme fits ("Can't Tell") is left out.
`quiet` rows are about nothing in particular: `extra` is the share of them in which anything was found.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from buzzguard.config.shipped import shipped_rules
from buzzguard.understand.fold import fold
from buzzguard.understand.theme_files import load_themes
from buzzguard.understand.themes import Themes

REASONS = {
    "Customer Service Issue": ("service",),
    "Flight Attendant Complaints": ("service",),
    "Late Flight": ("delivery",),
    "Cancelled Flight": ("delivery",),
    "Lost Luggage": ("delivery",),
    "Damaged Luggage": ("delivery", "quality"),
    "longlines": ("service", "delivery"),
    "Bad Flight": ("quality", "service", "delivery"),
    "Flight Booking Problems": ("quality", "service", "price", "delivery"),
}
CAMPAIGNS = {
    "Skyrim - Paid Mods": ("price",),
    "Firewatch": ("legal", "ethics"),
    "Assassin's Creed Unity": ("praise",),
}
"""What the reviews of each campaign were about: paid additions; a copyright notice; a game given away in solidarity."""


class Row(NamedTuple):
    """One text. `themes`: those that its label allows, the first the one that it counts for. With `every`, each of them
    is a label of its own. None of them: about nothing in particular."""

    text: str
    language: str
    themes: tuple[str, ...]
    every: bool = False


def read_rows(file: Path) -> Iterator[Row]:
    """The rows of a file that have a label. Raises OSError, ValueError or KeyError for what is none."""
    content = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    for line in content.decode("utf-8").splitlines():
        if (row := _row(json.loads(line))) is not None:
            yield row


def _row(row: dict[str, Any]) -> Row | None:
    if "themes" in row:
        return Row(row["text"], row["language"], tuple(row["themes"]), every=True)
    if "is_review_bombing" in row:
        bombing = row["is_review_bombing"] == "Ja"
        return Row(row["text"], "en", CAMPAIGNS[row["topic"]]) if bombing and row["topic"] in CAMPAIGNS else None
    if row["reason"] is not None:
        return Row(row["text"], "en", REASONS[row["reason"]]) if row["reason"] in REASONS else None
    return Row(row["text"], "en", ("praise",) if row["sentiment"] == "positive" else ())


class Tally:
    """Counts of a file."""

    def __init__(self) -> None:
        self.there: Counter[str] = Counter()
        self.met: Counter[str] = Counter()
        self.found: Counter[str] = Counter()
        self.allowed: Counter[str] = Counter()
        self.rows = self.quiet = self.extra = 0

    def take(self, row: Row, found: Iterable[str]) -> None:
        """Count one row with what was found in it."""
        themes = set(found)
        self.rows += 1
        if not row.themes:
            self.quiet += 1
            self.extra += bool(themes)
            if not row.every:
                return
        self.found.update(themes)
        self.allowed.update(themes.intersection(row.themes))
        for wanted in [(theme,) for theme in row.themes] if row.every else [row.themes] if row.themes else []:
            self.there[wanted[0]] += 1
            self.met[wanted[0]] += bool(themes.intersection(wanted))

    def figures(self) -> dict[str, Any]:
        """Precision and recall by theme and over all, rounded."""
        each = {theme: self._of(theme) for theme in sorted(self.there | self.found)}
        return {
            "rows": self.rows,
            "precision": _share(self.allowed.total(), self.found.total()),
            "recall": _share(self.met.total(), self.there.total()),
            "quiet": self.quiet,
            "extra": _share(self.extra, self.quiet),
            "themes": each,
        }

    def _of(self, theme: str) -> dict[str, Any]:
        return {
            "rows": self.there[theme],
            "found": self.found[theme],
            "precision": _share(self.allowed[theme], self.found[theme]),
            "recall": _share(self.met[theme], self.there[theme]),
        }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def measure(themes: Themes, rows: Sequence[Row]) -> dict[str, Any]:
    """The figures of rows, and how many folded texts a second of processor time take their themes."""
    folded = [fold(row.text) for row in rows]
    begin = time.process_time()
    found = [themes.of(text, row.language) for text, row in zip(folded, rows, strict=True)]
    seconds = time.process_time() - begin
    tally = Tally()
    for row, several in zip(rows, found, strict=True):
        tally.take(row, (one.id for one in several))
    return {**tally.figures(), "texts_per_second": round(len(rows) / seconds) if seconds else None}


def table(name: str, told: dict[str, Any]) -> str:
    """The figures of a file as text."""
    lines = [f"{name}: {told['rows']} rows, {told['texts_per_second']} texts/s; of {told['quiet']} about nothing "]
    lines[0] += f"{_percent(told['extra'])} % got a theme"
    lines.append(f"{'':16}{'rows':>7}{'found':>7}{'precision':>11}{'recall':>8}")
    for theme, one in told["themes"].items():
        cells = f"{one['rows']:7}{one['found']:7}{_percent(one['precision']):>11}{_percent(one['recall']):>8}"
        lines.append(f"{theme:16}{cells}")
    lines.append(f"{'all':16}{'':14}{_percent(told['precision']):>11}{_percent(told['recall']):>8}")
    return "\n".join(lines)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def main(arguments: Sequence[str]) -> None:
    """Measure every file and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rules", type=Path, default=shipped_rules(), help="a rules folder with themes")
    options = parser.parse_args(arguments)
    themes = load_themes([options.rules])
    told = {file.name: measure(themes, list(read_rows(file))) for file in options.files}
    if options.json:
        print(json.dumps(told, ensure_ascii=False))
    else:
        print("\n\n".join(table(name, one) for name, one in told.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
