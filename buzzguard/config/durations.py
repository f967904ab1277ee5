"""Durations as people write them: `90s`, `5m`, `1h30m`, `7d`, `2w`."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WHOLE = re.compile(r"(?:\d+[wdhms])+")
_PART = re.compile(r"(\d+)([wdhms])")
_LONGEST = timedelta(days=36_500)


def parse_duration(value: object) -> timedelta:
    """Read a duration.

    Accepts a `timedelta`, or a text of whole numbers each followed by w, d, h, m or s. Raises ValueError with a
    hint for anything else (a bare number has no unit), and for more than a hundred years.
    """
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"{value} has no unit, write for example {value}m")
    text = str(value).strip().lower()
    if not _WHOLE.fullmatch(text) or len(text) > 40:
        raise ValueError(f"{text[:40]!r} is not a duration, write for example 90s, 5m, 1h30m or 7d")
    seconds = sum(int(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"{text} is longer than a hundred years")
    return timedelta(seconds=seconds)


def format_duration(value: timedelta) -> str:
    """Write a duration so that `parse_duration` reads it back: `1h30m`; `0s` for none."""
    rest = round(value.total_seconds())
    parts: list[str] = []
    for unit, size in _UNITS.items():
        count, rest = divmod(rest, size)
        if count and unit != "w":
            parts.append(f"{count}{unit}")
        elif count:
            rest += count * size
    return "".join(parts) or "0s"
