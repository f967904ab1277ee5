"""How every bench prints: Markdown tables for people, one JSON object with `--json`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.bench.watching import DEFAULT_WATCH, Make, load_make


def parser(description: str | None) -> argparse.ArgumentParser:
    """A command line with what all benches share."""
    line = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    line.add_argument("--watch", default=DEFAULT_WATCH, metavar="MODULE:FUNCTION", help="the detector's factory")
    return line


def watch_of(options: argparse.Namespace) -> Make:
    """The factory that the command line names."""
    return load_make(options.watch)


def number(value: float | int | None, digits: int = 2) -> str:
    """A number as a table shows it; a dash for what is not known or has no end."""
    if value is None or not math.isfinite(value):
        return "-"
    if isinstance(value, int):
        return str(value)
    return f"{value:.{digits}f}"


def table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [list(map(str, headers)), ["---"] * len(headers), *(list(map(str, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: records become objects, numbers without an end become null."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "item") and not hasattr(value, "__len__"):
        return plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def show(figures: Mapping[str, Any], tables: Iterable[str], *, as_json: bool) -> None:
    """Print the figures as one JSON object, or the tables with an empty line between."""
    print(json.dumps(plain(figures), indent=1) if as_json else "\n\n".join(tables))
