"""Numbers, spans, return periods and instants as people of each language write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.deliver import wording
from buzzguard.deliver.wording import Clockface
from buzzguard.model import (
    Language,
)
from tests.deliver.samples import (
    NOW,
)

LANGUAGES: tuple[Language, ...] = ("en", "fr")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("value", "en", "fr"),
    [
        (0, "0", "0"),
        (2.4, "2.4", "2,4"),
        (2.0, "2", "2"),
        (9.96, "10", "10"),
        (44.6, "45", "45"),
        (1_284_500, "1,284,500", "1\u202f284\u202f500"),
        (-3, "-3", "-3"),
        (float("nan"), "unknown", "inconnu"),
        (float("inf"), "unknown", "inconnu"),
    ],
)
def test_numbers_as_people_write_them(value: float, en: str, fr: str) -> None:
    assert (wording.number(value, "en"), wording.number(value, "fr")) == (en, fr)


@pytest.mark.parametrize(
    ("span", "en", "fr"),
    [
        (timedelta(0), "0 s", "0\u00a0s"),
        (timedelta(seconds=-5), "0 s", "0\u00a0s"),
        (timedelta(seconds=45), "45 s", "45\u00a0s"),
        (timedelta(minutes=40), "40 min", "40\u00a0min"),
        (timedelta(minutes=59, seconds=50), "1 h", "1\u00a0h"),
        (timedelta(hours=1, minutes=5), "1 h 05 min", "1\u00a0h\u00a005"),
        (timedelta(hours=24), "24 h", "24\u00a0h"),
        (timedelta(days=12), "12 days", "12\u00a0jours"),
        (timedelta(days=95), "3 months", "3\u00a0mois"),
        (timedelta(days=800), "2 years", "2\u00a0ans"),
    ],
)
def test_spans(span: timedelta, en: str, fr: str) -> None:
    assert (wording.duration(span, "en"), wording.duration(span, "fr")) == (en, fr)


@pytest.mark.parametrize(
    ("period", "en", "fr"),
    [
        (timedelta(0), "as usual", "comme d’ordinaire"),
        (timedelta(hours=1), "once an hour", "une fois par heure"),
        (timedelta(hours=5), "once in 5 hours", "une fois toutes les 5\u00a0heures"),
        (timedelta(days=1), "once a day", "une fois par jour"),
        (timedelta(days=7), "once a week", "une fois par semaine"),
        (timedelta(days=9), "once in 9 days", "une fois tous les 9\u00a0jours"),
        (timedelta(days=24), "once in 3 weeks", "une fois toutes les 3\u00a0semaines"),
        (timedelta(days=31), "once a month", "une fois par mois"),
        (timedelta(days=91), "once in 3 months", "une fois tous les 3\u00a0mois"),
        (timedelta(days=400), "less than once a year", "moins d’une fois par an"),
        (timedelta.max, "less than once a year", "moins d’une fois par an"),
    ],
)
def test_return_periods(period: timedelta, en: str, fr: str) -> None:
    assert (wording.once_in(period, "en"), wording.once_in(period, "fr")) == (en, fr)


def test_no_more_is_claimed_than_was_learned() -> None:
    quarter = timedelta(days=91)
    assert wording.once_in(quarter, "en", learned=12 * DAY) == "rarer than anything in 12 days of data"
    assert wording.once_in(quarter, "fr", learned=12 * DAY) == "plus rare que tout en 12\u00a0jours de données"
    assert wording.once_in(quarter, "en", learned=40 * DAY) == "once in 3 months"
    assert wording.once_in(quarter, "en", learned=timedelta(0)) == "too early to say how rare"
    assert wording.once_in(timedelta(0), "en", learned=timedelta(0)) == "as usual"


UNITS = {"hour": 1, "day": 24, "week": 168, "month": 730.5}


@given(st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=364)))
def test_a_return_period_is_never_exaggerated(period: timedelta) -> None:
    found = re.fullmatch(r"once (?:an?|in (\d+)) (hour|day|week|month)s?", wording.once_in(period, "en"))
    assert found is not None
    claimed = int(found[1] or 1) * UNITS[found[2]]
    assert 0.45 <= claimed / (period / timedelta(hours=1)) <= 1.06


@given(
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)), st.timedeltas(timedelta(0), 9_999 * DAY)
)
def test_every_period_has_words(period: timedelta, learned: timedelta) -> None:
    for language in LANGUAGES:
        assert wording.once_in(period, language, learned=learned)
        assert wording.duration(period, language)


def test_instants_are_told_in_the_team_time_zone_with_the_date_when_not_today() -> None:
    face = Clockface("en", "Europe/Paris", NOW)
    assert face.at(datetime(2026, 11, 22, 2, 12, tzinfo=UTC)) == "at 03:12"
    assert face.at(datetime(2026, 11, 22, 23, 30, tzinfo=UTC)) == "on 23 Nov at 00:30"
    assert face.stamp(datetime(2026, 11, 21, 22, 59, tzinfo=UTC)) == "21 Nov, 23:59"
    french = Clockface("fr", "Europe/Paris", NOW)
    assert french.until(datetime(2026, 12, 1, 8, 0, tzinfo=UTC)) == "jusqu’au 1er\u00a0déc. à 09:00"


def test_instants_across_the_change_of_the_clocks() -> None:
    before, after = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    face = Clockface("fr", "Europe/Paris", before)
    assert (face.stamp(before), face.stamp(after)) == ("02:30", "02:30")


def test_an_unknown_time_zone_does_not_cost_the_alert() -> None:
    assert Clockface("en", "Mars/Olympus", NOW).stamp(NOW) == "01:58"
    assert Clockface("en", "../etc/passwd", NOW).stamp(NOW) == "01:58"
