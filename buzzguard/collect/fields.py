"""Reading fields of records from outside: null or absent, of another type, too long; numbers as text, dates as any."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from buzzguard.collect.dates import parse_date

LONGEST_TEXT = 20_000
LONGEST_TITLE = 1_000
LONGEST_NAME = 200
_MOST = 10**15
_EARLIEST, _LATEST = 0, 10**10


def at(record: Any, path: str) -> Any:
    """What stands at a dotted path (`user.name`); None where anything on the way is absent or null."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def text_at(record: Any, path: str, *, most: int = LONGEST_TEXT) -> str:
    """The text at a path, cut at `most` characters; empty for what is no text."""
    value = at(record, path)
    return value[:most] if isinstance(value, str) else ""


def id_at(record: Any, path: str) -> str:
    """The identifier at a path, written as a text or as a number. Raises ValueError when there is none."""
    value = at(record, path)
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ValueError(f"there is no id at {path!r}")
    if isinstance(value, float):
        if not value.is_integer():
            raise ValueError(f"the id at {path!r} is a fraction")
        value = int(value)
    return str(value)[:LONGEST_NAME]


def number_at(record: Any, path: str) -> int:
    """The count at a path, as a number or as digits; zero for anything else, and for less than nothing."""
    value = at(record, path)
    if isinstance(value, str):
        value = float(value) if value.strip().replace(".", "", 1).isdecimal() else 0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return int(min(max(value, 0), _MOST))


def decimal_at(record: Any, path: str) -> float | None:
    """The finite number at a path (`4`, `"4.5"`), None when there is none."""
    value = at(record, path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        read = float(value)
    except ValueError:
        return None
    return read if math.isfinite(read) else None


def moment_at(record: Any, path: str) -> datetime:
    """The instant at a path: text in any shape of `dates`, or Unix seconds, milliseconds or microseconds.

    Raises ValueError when there is none.
    """
    value = at(record, path)
    read: datetime | None = None
    if isinstance(value, str) and value.strip():
        read = parse_date(value.strip()) or _unix(value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        read = _unix(value)
    if read is None:
        raise ValueError(f"there is no time at {path!r}")
    return read


def language_tag(written: str) -> str:
    """`fr-FR`, `fr_FR`, `FR` → `fr`; empty for what is no language tag."""
    tag = written.strip().lower().replace("_", "-").partition("-")[0]
    return tag if 2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha() else ""


def _unix(value: float | str) -> datetime | None:
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    for unit in (1, 1_000, 1_000_000):
        if _EARLIEST < seconds / unit <= _LATEST:
            return datetime.fromtimestamp(seconds / unit, UTC)
    return None
