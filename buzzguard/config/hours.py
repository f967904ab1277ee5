"""Hours of the week: when people work, are on call, or may be told of what is not grave.

Days are `mon` to `sun`, ranges of them, and `holiday`: a public holiday is no other day. Hours are local; those that
end before they begin run into the next day and belong to the day on which they begin.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.countries import holidays_in
from buzzguard.config.kinds import DAY_MINUTES, WEEKDAYS, Country, TimeOfDay, TimeZone, weekday
from buzzguard.config.moments import begin_of

HOLIDAY = "holiday"
_DAY = timedelta(days=1)
_LOOK_AHEAD = 15
"""Days looked at for the next opening: longer than any run of holidays."""


def _days(written: object) -> tuple[str, ...]:
    parts = written.split(",") if isinstance(written, str) else written
    if not isinstance(parts, list | tuple) or not parts:
        raise ValueError("write days as mon-fri, or as a list: [mon, wed, holiday]")
    found: dict[str, None] = {}
    for part in parts:
        found |= dict.fromkeys(_range(str(part).strip().lower()))
    return tuple(found)


def _range(part: str) -> list[str]:
    if part in (HOLIDAY, "holidays"):
        return [HOLIDAY]
    first, dash, last = part.partition("-")
    start = weekday(first)
    end = weekday(last) if dash else start
    return [WEEKDAYS[(start + step) % 7] for step in range((end - start) % 7 + 1)]


Days = Annotated[
    tuple[str, ...],
    BeforeValidator(_days),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["mon-fri", "sat-sun, holiday"]},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
EVERY_DAY = (*WEEKDAYS, HOLIDAY)


class HoursSettings(Frozen):
    """Hours of some days of the week."""

    days: Days = EVERY_DAY
    """The days: `mon-fri`, `sat-sun, holiday`; each when absent. A public holiday is `holiday` and no other day."""
    begins: TimeOfDay = Field(default=0, alias="from")
    """From this local time."""
    ends: TimeOfDay = Field(default=DAY_MINUTES, alias="to")
    """To this local time, on the next day when it is not after `from`."""
    time_zone: TimeZone | None = None
    """The time zone; that of the rota or the general one when absent."""
    country: Country | None = None
    """The country whose public holidays are `holiday`; that of the rota or the general one when absent."""

    @model_validator(mode="after")
    def _is_some_time(self) -> HoursSettings:
        if self.begins == self.ends:
            raise ValueError("`from` and `to` are the same time, write for example from: 09:00 and to: 18:00")
        if self.begins == DAY_MINUTES:
            raise ValueError("`from` is 24:00, write 00:00")
        return self


class Hours:
    """Hours in their time zone, with the holidays of their country (empty: none)."""

    def __init__(self, settings: HoursSettings, *, time_zone: str, country: str) -> None:
        self._settings = settings
        self.zone: tzinfo = ZoneInfo(settings.time_zone or time_zone)
        self._country = country if settings.country is None else settings.country

    def hold(self, at: datetime) -> bool:
        """Whether the instant lies within the hours."""
        return any(begins <= at < ends for begins, ends in self.spans(at, at))

    def next_opening(self, at: datetime) -> datetime | None:
        """The first instant, not before `at`, that lies within them; None when none does for two weeks."""
        found = (max(begins, at) for begins, ends in self.spans(at, at + _LOOK_AHEAD * _DAY) if ends > at)
        return min(found, default=None)

    def spans(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans of hours that could touch `start` to `end`, in order, UTC."""
        day = start.astimezone(self.zone).date() - _DAY
        last = end.astimezone(self.zone).date()
        while day <= last:
            if day_name(day, self._country) in self._settings.days:
                yield self._span(day)
            day += _DAY

    def _span(self, day: date) -> tuple[datetime, datetime]:
        begins, ends = self._settings.begins, self._settings.ends
        return instant(day, begins, self.zone), instant(day, ends if ends > begins else ends + DAY_MINUTES, self.zone)


def day_name(day: date, country: str) -> str:
    """`mon` to `sun`, or `holiday`. `country` is a checked code, or empty."""
    if country and day in holidays_in(country, day.year):
        return HOLIDAY
    return WEEKDAYS[day.weekday()]


def instant(day: date, minutes: int, zone: tzinfo) -> datetime:
    """When it is so many minutes after midnight of a day, for people in `zone`; UTC. From 1440 on it is a later day."""
    whole, rest = divmod(minutes, DAY_MINUTES)
    local = datetime.combine(day + whole * _DAY, time(rest // 60, rest % 60))
    return begin_of(local, zone).astimezone(UTC)
