"""Kinds of values that several sections of the configuration are written in."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from buzzguard.config.countries import check_country
from buzzguard.config.durations import parse_duration
from buzzguard.config.moments import PATTERN, parse_day, parse_moment

T = TypeVar("T")
DAY_MINUTES = 24 * 60
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"unknown time zone {name!r}, write for example Europe/Paris") from error
    return name


Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
"""A duration as people write it: `90s`, `5m`, `1h30m`, `7d`."""
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Lower-case letters, digits, `-` and `_`."""
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""An ISO 639 code: `fr`."""
TimeZone = Annotated[str, AfterValidator(_time_zone)]
Country = Annotated[str, AfterValidator(check_country)]
"""A country or a part of it that has holidays of its own: `FR`, `FR-57`, `DE-BY`; empty for none."""
Moment = Annotated[
    date,
    PlainValidator(parse_moment),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["2027-03-15", "2027-03-15T20:50"]}),
]
"""A whole day, or a time of day: local, or with its offset."""
Day = Annotated[date, PlainValidator(parse_day), WithJsonSchema({"type": "string", "format": "date"})]


def _off_or_duration(value: object) -> timedelta:
    """`off`, as YAML reads it too, stands for no time at all."""
    if (
        value is False
        or value == 0
        or (isinstance(value, str) and value.strip().lower() in ("off", "none", "never", "0"))
    ):
        return timedelta(0)
    return parse_duration(value)


OffOrDuration = Annotated[
    timedelta,
    BeforeValidator(_off_or_duration),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^([0-9]+[wdhms])+$"}, {"enum": ["off", "never", False, 0]}]}
    ),
]
"""A duration, or `off`."""


def time_of_day(written: object) -> int:
    """Minutes after midnight, of what a person wrote. Raises ValueError with a hint.

    YAML reads `18:00` without quotation marks as the number 1080, and `09:00` as a text.
    """
    if isinstance(written, int) and not isinstance(written, bool) and 60 <= written <= DAY_MINUTES:
        return written
    found = _TIME.fullmatch(written.strip()) if isinstance(written, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else DAY_MINUTES + 1
    if minutes > DAY_MINUTES:
        raise ValueError(f"{str(written)[:40]!r} is not a time of day, write for example 09:00, or 24:00 for midnight")
    return minutes


TimeOfDay = Annotated[
    int,
    PlainValidator(time_of_day),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^[0-9]{1,2}:[0-5][0-9]$"}, {"type": "integer", "maximum": 1440}]}
    ),
]
"""A local time of day, `09:00` to `24:00`, as minutes after midnight."""


def weekday(written: str) -> int:
    """0 for `mon` or `Monday` to 6 for Sunday. Raises ValueError."""
    short = written.strip().lower()[:3]
    if short not in WEEKDAYS:
        raise ValueError(f"{written[:20]!r} is no weekday, write {', '.join(WEEKDAYS)}")
    return WEEKDAYS.index(short)


def _listed(written: object) -> object:
    return (written,) if isinstance(written, str) else written


Few = Annotated[tuple[T, ...], BeforeValidator(_listed)]
"""One, or a list of them."""
