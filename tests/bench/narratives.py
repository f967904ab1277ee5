"""Narratives against labels: V-measure, identity kept over time and speed, beside TextClust and others.

`python -m tests.bench.narratives FILE [--json] [--first 1000] [--all] [--headlines 20]`. FILE holds one JSON object a
line, gzipped or not: `id`, `published`, `text` and either `brand` and `reason` (one stream a brand) or `topic` and
`is_review_bombing` (one stream of all). Mentions without a label are placed too, and not scored. Where the brands on
which the defaults were chosen are among others they are left out, unless `--all`. `--first` bounds each stream for all
methods, since TextClust takes quadratic time; the last row is ours on whole streams.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from buzzguard.model import Polarity, Told
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives import Narratives, NarrativeSettings
from buzzguard.understand.normalise import plain_text
from tests.bench.figures import number, parser, show, table
from tests.bench.narratives_rivals import RIVALS, Make, ours
from tests.bench.narratives_score import agreement, alone, as_shown, identity

CHOSEN_ON = frozenset({"American", "Delta", "Southwest"})
"""Brands of the airline set on which the defaults were chosen."""
NO_STORY = frozenset({"", "Can't Tell"})
NAMES = (
    "flight flights airline airlines americanair american jetblue delta southwestair southwest usairways airways us \
united virginamerica virgin america game games"
)
"""What all mentions of these sets name: in production the words of a topic's query."""
COLUMNS = ("v", "shown_v", "adjusted", "same", "other", "kept", "placed", "groups", "per_s")
_FORMATS = ("%Y-%m-%d %H:%M:%S %z", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y")


class Labelled(NamedTuple):
    """A mention and the story it tells, empty when nobody said."""

    told: Told
    label: str


Streams = Mapping[str, Sequence[Labelled]]


def read(path: Path) -> dict[str, list[Labelled]]:
    """The streams of a file, each in order of time."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8")
    streams: dict[str, list[Labelled]] = defaultdict(list)
    for line in filter(str.strip, text.splitlines()):
        row = json.loads(line)
        streams[row.get("brand") or "all"].append(Labelled(_told(row), _label(row)))
    for rows in streams.values():
        rows.sort(key=lambda one: (one.told.at, one.told.id))
    return dict(sorted(streams.items()))


def reported(streams: Streams) -> Streams:
    """The streams on which nothing was chosen; all when there are no others."""
    held_out = {name: rows for name, rows in streams.items() if name not in CHOSEN_ON}
    return held_out or streams


def measure(make: Make, streams: Streams) -> dict[str, float]:
    """The figures of one method: means over streams, weighted by their labelled mentions."""
    rows: list[tuple[int, dict[str, float]]] = []
    seconds, count = 0.0, 0
    for name, labelled in streams.items():
        begun = time.process_time()
        place = make(f"{NAMES} {name}")
        groups = [place(one.told) for one in labelled]
        seconds += time.process_time() - begun
        count += len(groups)
        if any(one.label for one in labelled):
            rows.append(_figures(labelled, groups))
    total = sum(weight for weight, _ in rows)
    means = {name: sum(weight * row[name] for weight, row in rows) / total for name in rows[0][1]}
    return {**means, "per_s": count / max(seconds, 1e-9)}


def _figures(labelled: Sequence[Labelled], groups: list[str]) -> tuple[int, dict[str, float]]:
    chosen = [index for index, one in enumerate(labelled) if one.label]
    labels = [labelled[index].label for index in chosen]
    times = [labelled[index].told.at.timestamp() for index in chosen]
    shown, lonely = as_shown(groups), alone(groups)
    mine = [lonely[index] for index in chosen]
    row = {
        **agreement(labels, mine),
        **identity(labels, mine, times),
        "shown_v": agreement(labels, [shown[index] for index in chosen])["v"],
        "placed": float(np.mean([bool(shown[index]) for index in chosen])),
        "groups": float(len({group for group in shown if group})),
    }
    return len(chosen), row


def bench(streams: Streams, first: int) -> dict[str, dict[str, float]]:
    """All methods on the first mentions of each stream, ours on all."""
    some = {name: rows[:first] for name, rows in streams.items()}
    found = {"BuzzGuard": measure(ours, some)}
    found.update((name, measure(make, some)) for name, make in RIVALS.items())
    found["BuzzGuard, whole streams"] = measure(ours, streams)
    return found


def headlines(streams: Streams, count: int) -> list[str]:
    """What narratives are called: some of the three largest of each day, with their mentions and authors."""
    lines: list[str] = []
    for name, rows in streams.items():
        narratives = Narratives(NarrativeSettings(), names={name: [NAMES, name]})
        for one, after in zip(rows, [*rows[1:], None], strict=True):
            narratives.place(name, one.told)
            if after is None or after.told.at.date() > one.told.at.date():
                at = one.told.at
                best = narratives.top(name, at, since=at - timedelta(hours=24))
                lines += [f"{name} {at:%m-%d}: {each.headline} ({each.mentions}, {each.authors})" for each in best]
    step = max(1, len(lines) // count)
    return lines[::step][:count]


def _told(row: Mapping[str, Any]) -> Told:
    text = plain_text(str(row["text"]))
    sentiment = str(row.get("sentiment") or "neutral")
    author = str(row.get("author") or "")
    return Told(
        id=str(row["id"]),
        at=_instant(str(row["published"])),
        text=text,
        folded=fold(text),
        language=str(row.get("lang") or ""),
        author_key=author,
        polarity=Polarity(sentiment),
    )


def _label(row: Mapping[str, Any]) -> str:
    if "is_review_bombing" in row:
        return f"{row.get('topic')}, {row['is_review_bombing']}"
    reason = str(row.get("reason") or "")
    return "" if reason in NO_STORY else reason


def _instant(text: str) -> datetime:
    for form in _FORMATS:
        try:
            parsed = datetime.strptime(text, form)  # noqa: DTZ007 - without a zone it is UTC
        except ValueError:
            continue
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    parsed = datetime.fromisoformat(text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def main(arguments: Sequence[str]) -> None:
    """Read, measure, print."""
    line = parser(__doc__)
    line.add_argument("file", type=Path)
    line.add_argument("--first", type=int, default=1_000)
    line.add_argument("--all", action="store_true")
    line.add_argument("--headlines", type=int, default=0)
    options = line.parse_args(arguments)
    read_all = read(options.file)
    streams = read_all if options.all else reported(read_all)
    found = bench(streams, options.first)
    rows = [
        (name, *(number(row[column], 0 if column == "per_s" else 3) for column in COLUMNS))
        for name, row in found.items()
    ]
    texts = [f"streams: {', '.join(streams)}", table(("method", *COLUMNS), rows)]
    named = headlines(streams, options.headlines) if options.headlines else []
    show(
        {"streams": list(streams), "methods": found, "headlines": named},
        [*texts, "\n".join(named)],
        as_json=options.json,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
