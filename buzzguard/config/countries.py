"""Public holidays, by country and part of a country (ISO 3166-1 and 3166-2): `FR`, `FR-57`, `DE-BY`, `GB-SCT`.

The dates are those of the library `holidays` (MIT), imported when the first country is asked for: it costs a third of
a second. What is known of it, and what is made of that:

- Without a language it takes the one of the machine's environment: each name is asked for in a language, and a holiday
  has a French name only where the country's holidays were translated.
- `GB` alone is what all four parts share: no Easter Monday, no August bank holiday. England's are taken, where five
  in six live; `GB-SCT`, `GB-NIR` and `GB-WLS` have their own.
- The parts of a country that it knows are those with holidays of their own. Bas-Rhin and Haut-Rhin (`FR-67`, `FR-68`)
  stand there under Alsace.
- A holiday on a Sunday and the working day off for it are two dates; both count.
- Holidays of the moon are estimates in future years, and one-off days (a funeral, a coronation) come with a newer
  release. Where it knows no more (Sri Lanka a few years ahead, India from 2036, all from 2101) there are none, nor
  where none are kept (Ukraine under martial law).
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from buzzguard.model import Localised

if TYPE_CHECKING:
    from holidays import HolidayBase

_FORM = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
_NOT_ISO = {"UK": "GB", "EL": "GR"}
_PARTS = {("GB", ""): "ENG", ("FR", "67"): "6AE", ("FR", "68"): "6AE"}
_SATURDAY, _SUNDAY = 5, 6
_FEW = 12


@lru_cache(maxsize=1024)
def check_country(written: str) -> str:
    """The code in capitals; empty for an empty text (no country). Raises ValueError with a hint for any other."""
    code = written.upper()
    if not code:
        return ""
    form = _FORM.fullmatch(code)
    if form is None:
        raise ValueError(f"{written[:40]!r} is not a country, write its ISO 3166 code: FR, or FR-57 for a part of it")
    country, part = form[1], form[2] or ""
    if country in _NOT_ISO:
        raise ValueError(f"{country} is not its ISO 3166 code, write {_NOT_ISO[country]}")
    try:
        known = _iso_parts(_calendar_of(country, "").subdivisions)
    except NotImplementedError as error:
        raise ValueError(f"no holidays are known of the country {country}, write another or remove the key") from error
    if part and _PARTS.get((country, part), part) not in known:
        some = ", ".join([country, *(f"{country}-{name}" for name in known[:_FEW])])
        raise ValueError(f"no holidays of its own are known of {code}, write one of {some}")
    return code


@lru_cache(maxsize=512)
def holidays_in(country: str, year: int) -> Mapping[date, Localised]:
    """The public holidays of a year, days off in lieu included, with their names. `country` is a checked code."""
    home, _, part = country.partition("-")
    names = {language: _names(home, part, year, language) for language in ("en", "fr")}
    days = {day: {language: found[day] for language, found in names.items()} for day in sorted(names["en"])}
    return MappingProxyType(days)


@lru_cache(maxsize=512)
def rest_day(country: str) -> int:
    """The weekday (0 is Monday) that a holiday resembles: Sunday, or where people work on Sundays Saturday or so."""
    home, _, part = country.partition("-")
    weekend = _calendar_of(home, part).weekend
    return _SUNDAY if _SUNDAY in weekend else max(weekend, default=_SUNDAY)


def _iso_parts(parts: tuple[str, ...]) -> list[str]:
    """Without the library's own (cities, zones of school holidays)."""
    return [part for part in parts if re.fullmatch(r"[A-Z0-9]{1,3}", part)]


def _calendar_of(country: str, part: str, *, year: int | None = None, language: str | None = None) -> HolidayBase:
    import holidays

    subdivision = _PARTS.get((country, part), part) or None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it knows no holidays of a year is no news to the reader of a log
        return holidays.country_holidays(country, subdiv=subdivision, years=year, language=language, expand=False)


def _names(country: str, part: str, year: int, language: str) -> dict[date, str]:
    spoken = _spoken(_calendar_of(country, part), language)
    found = _calendar_of(country, part, year=year, language=spoken)
    return {day: name.replace("'", "’") for day, name in found.items()}


def _spoken(calendar: HolidayBase, language: str) -> str | None:
    """The translation nearest to `language`: its own, else English, else the country's own."""
    own = calendar.default_language
    for wanted in (language, "en"):
        for name in (own, *sorted(calendar.supported_languages)):
            if name is not None and name.startswith(wanted):
                return name
    return own
