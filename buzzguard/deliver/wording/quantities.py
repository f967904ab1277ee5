"""Numbers, spans, return periods and instants as a person of each language writes them."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.deliver.wording.catalogue import Catalogue, Plural
from buzzguard.deliver.wording.en import EN
from buzzguard.deliver.wording.fr import FR
from buzzguard.model import Language

CATALOGUES: dict[Language, Catalogue] = {"en": EN, "fr": FR}

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
MONTH = timedelta(days=30.4375)
YEAR = timedelta(days=365)

EXTRAPOLATION = 3
"""A return period is claimed up to this many times the time learned: beyond it, the baseline's tail is a guess."""


def catalogue(language: Language) -> Catalogue:
    """The sentences of a language."""
    return CATALOGUES[language]


def plural(forms: Plural, n: float, language: Language) -> str:
    """The form for `n`: French counts 0 and 1.5 as one, English 1 alone."""
    below = catalogue(language).numbers.singular_below
    return forms.one if n == 1 or abs(n) < below else forms.many


def number(value: float, language: Language) -> str:
    """`1,284,500` or `1 284 500`; one decimal below ten; what is not finite is `unknown`."""
    words = catalogue(language).numbers
    if not math.isfinite(value):
        return words.unknown
    if abs(value) < 9.95 and abs(value - round(value)) >= 0.05:
        return f"{value:.1f}".replace(".", words.decimal)
    return f"{round(value):,}".replace(",", words.thousands)


def expectation(value: float, language: Language) -> str:
    """A baseline's value: like `number`, but a tiny one is `almost none` and not a false zero."""
    if 0 < value < 0.05:
        return catalogue(language).numbers.almost_zero
    return number(value, language)


def percent(part: float, language: Language) -> str:
    """A part (0…1) of a whole: `62 %`."""
    return catalogue(language).numbers.percent.format(n=number(100.0 * part, language))


def duration(span: timedelta, language: Language) -> str:
    """A span in at most two units: `45 s`, `40 min`, `1 h 30 min`, `24 h`, `12 days`, `3 months`."""
    units = catalogue(language).units
    span = max(span, timedelta(0))
    if span < MINUTE:
        return _count(units.second, span // timedelta(seconds=1), language)
    minutes = round(span / MINUTE)
    if minutes < 60:
        return _count(units.minute, minutes, language)
    if minutes < 48 * 60:
        hours, rest = divmod(minutes, 60)
        return units.hour_minute.format(h=hours, m=rest) if rest else _count(units.hour, hours, language)
    if span < 60 * DAY:
        return _count(units.day, span // DAY, language)
    if span < 2 * YEAR:
        return _count(units.month, span // MONTH, language)
    return _count(units.year, span // YEAR, language)


def once_in(period: timedelta, language: Language, *, learned: timedelta | None = None) -> str:
    """A return period in words: `once in 3 months`, `less than once a year`.

    Never claims more than was learned: a period more than `EXTRAPOLATION` times the time the baseline stands on is
    told as `rarer than anything in 12 days of data`.
    """
    words = catalogue(language).rarity
    if period < HOUR:
        return words.usual
    if learned is not None and period / EXTRAPOLATION > learned:
        return words.unseen.format(span=duration(learned, language)) if learned >= HOUR else words.unknown
    if period >= YEAR:
        return words.beyond_year
    for unit, forms in ((MONTH, words.month), (WEEK, words.week), (DAY, words.day)):
        units = period / unit
        # Nine days are told as nine days: "once a week" would be too coarse below two units.
        if units >= 2 or 0.98 <= units < 1.15 or (unit is DAY and units >= 1):
            return _times(forms, units)
    return _times(words.hour, period / HOUR)


def _times(forms: Plural, units: float) -> str:
    n = max(1, math.floor(units + 0.05))
    return forms.one if n == 1 else forms.many.format(n=n)


def _count(forms: Plural, n: int, language: Language) -> str:
    return plural(forms, n, language).format(n=number(n, language))


@lru_cache(maxsize=64)
def zone(name: str) -> tzinfo:
    """The time zone of that name; UTC where the machine knows none, for an alert must go out all the same."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


class Clockface:
    """Tells instants to one reader: their language, their time zone, and the day that is today for them."""

    def __init__(self, language: Language, time_zone: str, today: datetime) -> None:
        self._words = catalogue(language).times
        self._zone = zone(time_zone)
        self._today = today.astimezone(self._zone).date()

    def stamp(self, at: datetime) -> str:
        """`03:12`, or `23 Nov, 03:12` on another day."""
        return self._tell(at, self._words.stamp_today, self._words.stamp_other)

    def at(self, at: datetime) -> str:
        """`at 03:12`, or `on 23 Nov at 03:12`."""
        return self._tell(at, self._words.at_today, self._words.at_other)

    def until(self, at: datetime) -> str:
        """`until 03:12`, or `until 23 Nov at 03:12`."""
        return self._tell(at, self._words.until_today, self._words.until_other)

    def by(self, at: datetime) -> str:
        """`by 03:12`, or `by 23 Nov, 03:12`."""
        return self._tell(at, self._words.by_today, self._words.by_other)

    def around(self, at: datetime) -> str:
        """Of what is to be expected, as exact as that can be: `by 18:00`, `vers 18:00`."""
        quarter = timedelta(minutes=15)
        rounded = at + quarter / 2
        rounded -= (rounded - datetime(2000, 1, 1, tzinfo=UTC)) % quarter
        return self._tell(rounded, self._words.around_today, self._words.around_other)

    def day(self, at: datetime) -> str:
        """`23 Nov`."""
        local = at.astimezone(self._zone)
        day = self._words.first_day if local.day == 1 else str(local.day)
        return f"{day}\u00a0{self._words.months[local.month - 1]}"

    def _tell(self, at: datetime, today: str, other: str) -> str:
        local = at.astimezone(self._zone)
        form = today if local.date() == self._today else other
        day = self._words.first_day if local.day == 1 else str(local.day)
        return form.format(time=f"{local:%H:%M}", day=day, month=self._words.months[local.month - 1])
