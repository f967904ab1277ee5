"""Public holidays: the days that people really have off, named in both languages."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

from buzzguard.config.countries import check_country, holidays_in, rest_day

EASTER_MONDAY = [date(2024, 4, 1), date(2025, 4, 21), date(2026, 4, 6), date(2027, 3, 29)]
FRENCH = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
ASCENSION_AND_WHIT_MONDAY = {
    2024: (date(2024, 5, 9), date(2024, 5, 20)),
    2025: (date(2025, 5, 29), date(2025, 6, 9)),
    2026: (date(2026, 5, 14), date(2026, 5, 25)),
    2027: (date(2027, 5, 6), date(2027, 5, 17)),
}


@pytest.mark.parametrize("monday", EASTER_MONDAY, ids=str)
def test_the_eleven_public_holidays_of_france(monday: date) -> None:
    year = monday.year
    fixed = {date(year, month, day) for month, day in FRENCH}
    assert set(holidays_in("FR", year)) == fixed | {monday, *ASCENSION_AND_WHIT_MONDAY[year]}


def test_moselle_and_alsace_keep_two_more() -> None:
    more = {date(2027, 3, 26), date(2027, 12, 26)}
    for part in ("FR-57", "FR-67", "FR-68"):
        assert set(holidays_in(part, 2027)) - set(holidays_in("FR", 2027)) == more


@pytest.mark.parametrize("monday", EASTER_MONDAY, ids=str)
def test_easter_monday_is_a_bank_holiday_of_england_and_so_of_britain_but_not_of_scotland(monday: date) -> None:
    assert monday in holidays_in("GB", monday.year)
    assert monday in holidays_in("GB-ENG", monday.year)
    assert monday not in holidays_in("GB-SCT", monday.year)


def test_the_bank_holidays_of_england() -> None:
    assert sorted(holidays_in("GB", 2026)) == [
        date(2026, 1, 1),
        date(2026, 4, 3),
        date(2026, 4, 6),
        date(2026, 5, 4),
        date(2026, 5, 25),
        date(2026, 8, 31),
        date(2026, 12, 25),
        date(2026, 12, 26),
        date(2026, 12, 28),  # Boxing Day falls on a Saturday
    ]


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("US", date(2024, 11, 28)),  # Thanksgiving
        ("US", date(2025, 6, 19)),
        ("US", date(2026, 7, 3)),  # the 4th is a Saturday
        ("US", date(2026, 7, 4)),
        ("US", date(2027, 7, 5)),  # the 4th is a Sunday
        ("US", date(2027, 12, 31)),  # New Year's Day 2028 is a Saturday
        ("GB", date(2027, 12, 27)),  # Christmas is a Saturday
        ("GB", date(2027, 12, 28)),
        ("GB-SCT", date(2027, 1, 4)),  # 2 January is a Saturday
    ],
)
def test_the_day_off_for_a_holiday_at_a_weekend_is_one_too(country: str, day: date) -> None:
    assert day in holidays_in(country, day.year)


def test_the_days_around_a_holiday_are_not() -> None:
    assert not {date(2027, 7, 13), date(2027, 7, 15)} & set(holidays_in("FR", 2027))


def test_names_are_french_for_the_french_where_they_exist() -> None:
    names = {"en": "Easter Monday", "fr": "Lundi de Pâques"}
    assert holidays_in("FR", 2027)[date(2027, 3, 29)] == names
    assert holidays_in("FR", 2027)[date(2027, 1, 1)]["fr"] == "Jour de l’an"
    assert holidays_in("DE", 2027)[date(2027, 10, 3)] == {"en": "German Unity Day", "fr": "German Unity Day"}


@pytest.mark.parametrize("language", ["de", "th", "C"])
def test_names_do_not_hang_on_the_language_of_the_machine(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", language)
    holidays_in.cache_clear()
    assert holidays_in("FR", 2027)[date(2027, 7, 14)] == {"en": "National Day", "fr": "Fête nationale"}
    assert holidays_in("GR", 2027)[date(2027, 1, 1)] == {"en": "New Year’s Day", "fr": "New Year’s Day"}


def test_a_holiday_is_lived_like_the_day_of_rest() -> None:
    assert [rest_day(country) for country in ("FR", "GB", "US", "DE-BY", "IL", "SA")] == [6, 6, 6, 6, 5, 5]


def test_a_code_is_read_in_any_case_and_no_code_is_no_country() -> None:
    assert (check_country("fr-57"), check_country("")) == ("FR-57", "")


@pytest.mark.parametrize(
    "written", ["FRA", "France", "F", "FR_57", "FR-", "ＦＲ", "XX", "UK", "FR-75", "FR\n", "Zone A"]
)
def test_what_is_no_country_is_told(written: str) -> None:
    with pytest.raises(ValueError, match=", write "):
        check_country(written)


def test_a_configuration_without_a_country_does_not_load_the_library() -> None:
    program = (
        "import sys; from buzzguard.config.settings import Settings; from buzzguard.detect.calendar import Calendar;"
        "Calendar.of(Settings.model_validate({'topics': {'a': {'name': 'A', 'query': 'a'}}})).at(0);"
        "sys.exit('holidays' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
