"""Dates and times of day as people plan them: `2027-03-15`, `2027-03-15T20:50`, `2027-03-15T20:50+01:00`.

A date is a whole day and a time of day without an offset is local: both mean an instant only in a time zone. In the
night in which clocks go forward some local times do not exist, in the one in which they go back some come twice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Literal

YEARS = range(2000, 2101)
"""Years that a plan may name."""
PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?)?$"
_FORM = re.compile(PATTERN)
_EXAMPLES = "2027-03-15 for a whole day, or 2027-03-15T20:50"
_DAY = timedelta(days=1)


def parse_moment(value: object) -> date:
    """Read a date, or a date with a time of day (then it is a `datetime`, aware when an offset is written).

    Raises ValueError with a hint.
    """
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _FORM.match(value.strip()):
        written = f"{value[:40]!r}" if isinstance(value, str) else "this"
        raise ValueError(f"{written} is not a date or time, write {_EXAMPLES}")
    text = value.strip()
    try:
        read = date.fromisoformat(text) if len(text) == len("2027-03-15") else datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{text!r} does not exist, write {_EXAMPLES}") from error
    if read.year not in YEARS:
        raise ValueError(f"the year {read.year} is out of range, write one from {YEARS[0]} to {YEARS[-1]}")
    return read


def parse_day(value: object) -> date:
    """Read a date without a time of day. Raises ValueError with a hint."""
    read = parse_moment(value)
    if isinstance(read, datetime):
        raise ValueError(f"{value!r} is not a date alone, write for example {read:%Y-%m-%d}")
    return read


def is_local(moment: date) -> bool:
    """Whether a moment means an instant only in a time zone: all but those with an offset."""
    return not isinstance(moment, datetime) or moment.tzinfo is None


def begin_of(moment: date, zone: tzinfo) -> datetime:
    """The instant at which `moment` begins for people in `zone`, aware, UTC.

    A time of day that the clocks skip is as much later as they go forward; of one that comes twice it is the first.
    """
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return _instant(moment, zone, fold=0)


def end_of(moment: date, zone: tzinfo) -> datetime:
    """The instant at which `moment` is over: a day with its last minute, a time of day (the later of two) at once."""
    if not isinstance(moment, datetime):
        return begin_of(moment + _DAY, zone)
    return _instant(moment, zone, fold=1 if oddity(moment, zone) == "twice" else 0)


def oddity(moment: date, zone: tzinfo) -> Literal["skipped", "twice", ""]:
    """What a change of clocks does to a local time of day in `zone`; nothing to days and instants."""
    if not isinstance(moment, datetime) or moment.tzinfo is not None:
        return ""
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    if first == second or first is None or second is None:
        return ""
    return "twice" if first > second else "skipped"


def _instant(moment: datetime, zone: tzinfo, *, fold: int) -> datetime:
    return (moment.replace(tzinfo=zone, fold=fold) if moment.tzinfo is None else moment).astimezone(UTC)
