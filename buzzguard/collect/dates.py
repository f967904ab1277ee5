"""Dates as the world writes them → aware UTC."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

_LONGEST = 80
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv january janvier januar",
            "feb fév fev févr fevr february février fevrier februar",
            "mar mars march märz mrz",
            "apr avr april avril",
            "may mai",
            "jun juin june juni",
            "jul juil july juillet juli",
            "aug août aout august",
            "sep sept september septembre",
            "oct okt october octobre oktober",
            "nov november novembre",
            "dec déc dez december décembre decembre dezember",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES = {
    **dict.fromkeys(("z", "ut", "utc", "gmt", "wet"), 0),
    **dict.fromkeys(("cet", "mez", "bst", "west"), 60),
    **dict.fromkeys(("cest", "mesz", "eet"), 120),
    **dict.fromkeys(("eest", "msk"), 180),
    **{"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420},
}
"""Minutes ahead of UTC. `BST` is the British one and `CST` the American: the likelier in English and French feeds."""

_CLOCK = r"(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?(?:\s*(?P<half>[ap]m)\b)?"
_ZONE = r"\s*(?P<zone>[+-]\d{2}:?\d{2}|[+-]\d{2}(?!\d)|[a-z]{1,5})?(?:\s*\([^)]*\))?"
_RFC822 = re.compile(
    rf"(?:[^\W\d]+[.,]*\s+)?(?P<d>\d{{1,2}})[\s-]+(?P<mon>[^\W\d]+)\.?[\s-]+(?P<y>\d{{4}}|\d{{2}})(?:[\s,]+{_CLOCK}{_ZONE})?"
)
_ASCTIME = re.compile(rf"[^\W\d]+,?\s+(?P<mon>[^\W\d]+)\.?\s+(?P<d>\d{{1,2}}),?\s+{_CLOCK}{_ZONE}\s+(?P<y>\d{{4}})")
_AMERICAN = re.compile(
    rf"(?:[^\W\d]+,\s+)?(?P<mon>[^\W\d]+)\.?\s+(?P<d>\d{{1,2}}),?\s+(?P<y>\d{{4}})(?:[\s,]+{_CLOCK}{_ZONE})?"
)
_EUROPEAN = re.compile(rf"(?P<d>\d{{1,2}})[./](?P<mon>\d{{1,2}})[./](?P<y>\d{{4}})(?:[\sT,]+{_CLOCK}{_ZONE})?")
_LOOSE_ISO = re.compile(
    rf"(?P<y>\d{{4}})[-/](?P<mon>\d{{1,2}})[-/](?P<d>\d{{1,2}})(?:[\sT]+{_CLOCK}{_ZONE})?", re.IGNORECASE
)
_SHAPES = (_RFC822, _LOOSE_ISO, _EUROPEAN, _ASCTIME, _AMERICAN)
_DAY_ONLY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}/\d{1,2}/\d{1,2}")
_EPOCH = {10: 1, 13: 1_000, 16: 1_000_000}
"""Digits of a Unix time in seconds, milliseconds and microseconds → units a second."""


def parse_date(text: str, *, zone: tzinfo = UTC) -> datetime | None:
    """Read a date in any of the shapes that feeds and exports use, None when it is none of them.

    ISO 8601 and its relatives, RFC 822 (also with French and German month names and two-digit years), asctime, American
    and European day orders where they cannot be confused (`24.04.2015` and `24/04/2015` put the day first), Unix times
    of 10, 13 or 16 digits. A date without an offset is in `zone`; without a clock it is midnight.
    """
    try:
        read = datetime.fromisoformat(text) if not text.isdigit() else _digits(text)
    except ValueError:
        read = _by_shape(text.strip().lower()) if len(text) <= _LONGEST else None
    return aware(read, zone) if read is not None else None


def aware(read: datetime, zone: tzinfo) -> datetime | None:
    """`read` in UTC, taken as of `zone` when it has none; None when that leaves the calendar."""
    try:
        return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def is_day_only(text: str) -> bool:
    """Whether a date names a day without a time."""
    return _DAY_ONLY.fullmatch(text.strip()) is not None


def _digits(text: str) -> datetime | None:
    if len(text) == 8:
        return datetime.combine(date.fromisoformat(text), datetime.min.time())
    per_second = _EPOCH.get(len(text))
    if per_second is None:
        return None
    return datetime.fromtimestamp(0, UTC) + timedelta(seconds=int(text) / per_second)


def _by_shape(text: str) -> datetime | None:
    if text.isdigit():
        return None
    for shape in _SHAPES:
        match = shape.fullmatch(text)
        if match:
            return _from_parts(match.groupdict())
    return None


def _from_parts(parts: dict[str, str | None]) -> datetime | None:
    month = _month(parts["mon"] or "")
    if month is None:
        return None
    try:
        return datetime(
            _year(parts["y"] or ""),
            month,
            int(parts["d"] or 0),
            _hour(parts),
            int(parts["min"] or 0),
            min(int(parts["s"] or 0), 59),  # a leap second
            tzinfo=_offset(parts["zone"]),
        )
    except ValueError:
        return None


def _month(text: str) -> int | None:
    return int(text) if text.isdigit() else _MONTHS.get(text.rstrip("."))


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:
        return year
    return year + (2000 if year < 70 else 1900)


def _hour(parts: dict[str, str | None]) -> int:
    hour = int(parts["h"] or 0)
    half = parts.get("half")
    if not half:
        return hour
    return hour % 12 + (12 if half == "pm" else 0)


def _offset(text: str | None) -> timezone | None:
    """The zone of a date; None (so: the stream's own) for a name that says nothing to us."""
    if not text:
        return None
    if text[0] not in "+-":
        minutes = _ZONES.get(text)
        return None if minutes is None else timezone(timedelta(minutes=minutes))
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def reader(time_format: str, *, zone: tzinfo) -> Callable[[str], datetime | None]:
    """A function that reads dates in `time_format` (strptime), or in any known shape when that is empty."""
    if not time_format:
        return lambda text: parse_date(text, zone=zone)

    def read(text: str) -> datetime | None:
        try:
            return aware(datetime.strptime(text.strip(), time_format), zone)  # noqa: DTZ007 - the zone is given next
        except ValueError:
            return None

    return read
