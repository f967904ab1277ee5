"""Dates as the world writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.dates import is_day_only, parse_date, reader

SIX = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22T06:00:00Z",
        "2026-11-22T07:00:00+01:00",
        "2026-11-22T07:00:00+0100",
        "2026-11-21 22:00:00 -0800",
        "2026-11-22T06:00:00.000Z",
        "20261122T060000Z",
        "2026/11/22 06:00",
        "Sun, 22 Nov 2026 06:00:00 GMT",
        "Sun, 22 Nov 2026 07:00:00 +0100",
        "Sun, 22 Nov 26 01:00 EST",
        "22 Nov 2026 07:00:00 CET",
        "dim., 22 nov. 2026 07:00:00 +0100",
        "Sonntag, 22. November 2026 07:00:00 MEZ".replace("22.", "22"),
        "Sun Nov 22 06:00:00 +0000 2026",
        "Sun Nov 22 06:00:00 2026",
        "Nov 22, 2026 6:00 AM",
        "22.11.2026 06:00:00",
        "22/11/2026 06:00",
        "22-Nov-2026 06:00AM",
        "1795327200",
        "1795327200000",
        "Sun, 22 Nov 2026 06:00:00 +0000 (UTC)",
    ],
)
def test_many_shapes_name_the_same_instant(written: str) -> None:
    assert parse_date(written) == SIX


@pytest.mark.parametrize(
    "written",
    [
        "",
        "soon",
        "12345",
        "9999-12-31T23:59:59-10:00",
        "0001-01-01T00:00:00+10:00",
        "32 Nov 2026",
        "12/25/2026",
        "²" * 10,
        "x" * 9_999,
    ],
)
def test_what_is_no_date_is_none(written: str) -> None:
    assert parse_date(written) is None


def test_a_time_without_offset_is_in_the_given_zone() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert parse_date("2026-11-22 07:00:00", zone=paris) == SIX
    assert parse_date("22.11.2026 07:00:00", zone=paris) == SIX
    assert reader("%d %m %Y %H", zone=paris)("22 11 2026 07") == SIX
    assert reader("%d %m %Y %H", zone=paris)("nonsense") is None


def test_french_months_are_known() -> None:
    names = ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."]
    read = [parse_date(f"1 {name} 2026 00:00:00 GMT") for name in names]
    assert [date.month for date in read if date] == list(range(1, 13))


def test_a_day_without_a_time_is_known_as_such() -> None:
    assert is_day_only("2026-11-22")
    assert not is_day_only("2026-11-22T06:00:00Z")


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    read = parse_date(text)
    assert read is None or read.tzinfo is UTC


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))  # noqa: DTZ001 - hypothesis wants it
def test_iso_8601_comes_back_as_it_was(when: datetime) -> None:
    aware = when.replace(tzinfo=UTC)
    assert parse_date(aware.isoformat()) == aware


@pytest.mark.parametrize(
    "written", ["22-Nov-2026 06:00PM", "22/11/2026 6:00 pm", "2026-11-22 06:00:00 PM", "Nov 22, 2026 6:00 PM"]
)
def test_the_afternoon_is_told_in_every_shape(written: str) -> None:
    assert parse_date(written) == SIX.replace(hour=18)
