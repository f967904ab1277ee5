"""iCalendar files as overrides: what is read, and what is refused in plain words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.model import Fault
from buzzguard.respond.ical import Calendar, read_calendar

PARIS = ZoneInfo("Europe/Paris")
PEOPLE = {"claire": "claire", "Karim Haddad": "karim", "lea@acme.example": "lea"}


def read(*events: str) -> tuple[Calendar, list[Fault]]:
    blocks = "".join(f"BEGIN:VEVENT\r\n{event.strip()}\r\nEND:VEVENT\r\n" for event in events)
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{blocks}END:VCALENDAR\r\n"
    return read_calendar(text, file="oncall.ics", people=PEOPLE, zone=PARIS)


def told(*events: str) -> list[tuple[str, str, str]]:
    calendar, faults = read(*events)
    assert faults == []
    stands = calendar.stands(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    form = "%d %H:%M"
    return sorted(
        (f"{one.begins.astimezone(PARIS):{form}}", f"{one.ends.astimezone(PARIS):{form}}", one.who) for one in stands
    )


@pytest.mark.parametrize(
    ("event", "found"),
    [
        ("SUMMARY:claire\nDTSTART:20261110T180000Z\nDTEND:20261110T200000Z", ("10 19:00", "10 21:00", "claire")),
        ("SUMMARY:Claire\nDTSTART:20261110T180000\nDURATION:PT12H", ("10 18:00", "11 06:00", "claire")),
        (
            "SUMMARY:On call: karim haddad (nights)\nDTSTART;TZID=Europe/London:20261110T180000\nDURATION:P1D",
            ("10 19:00", "11 19:00", "karim"),
        ),
        (
            'SUMMARY:Astreinte\nATTENDEE;CN="Haddad; K":mailto:LEA@acme.example\nDTSTART;VALUE=DATE:20261110',
            ("10 00:00", "11 00:00", "lea"),
        ),
        (
            "SUMMARY:cla\n ire\nDTSTART;VALUE=DATE:20261110\nDTEND;VALUE=DATE:20261112",
            ("10 00:00", "12 00:00", "claire"),
        ),
    ],
)
def test_an_event_is_somebody_who_stands_in(event: str, found: tuple[str, str, str]) -> None:
    assert told(event) == [found]


def test_an_event_comes_back_with_its_exceptions_and_moves() -> None:
    weekly = (
        "UID:1\nSUMMARY:claire\nDTSTART;TZID=Europe/Paris:20261026T090000\nDURATION:PT9H\n"
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TH;UNTIL=20261120T000000Z\nEXDATE;TZID=Europe/Paris:20261109T090000"
    )
    moved = (
        "UID:1\nRECURRENCE-ID;TZID=Europe/Paris:20261105T090000\nSUMMARY:claire\nDTSTART:20261106T120000\nDURATION:PT1H"
    )
    gone = "UID:1\nRECURRENCE-ID;TZID=Europe/Paris:20261112T090000\nSTATUS:CANCELLED\nDTSTART:20261112T090000"
    assert [begins for begins, _, _ in told(weekly, moved, gone)] == ["02 09:00", "06 12:00", "16 09:00", "19 09:00"]


def test_an_event_counts_its_days() -> None:
    every = "SUMMARY:claire\nDTSTART:20261101T220000\nDURATION:PT8H\nRRULE:FREQ=DAILY;INTERVAL=10;COUNT=3"
    assert [begins for begins, _, _ in told(every)] == ["01 22:00", "11 22:00", "21 22:00"]
    assert told("SUMMARY:nobody\nSTATUS:CANCELLED\nDTSTART:20261101T220000") == []


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("SUMMARY:zoe\nDTSTART;VALUE=DATE:20261110", "nobody is known by `zoe`"),
        ("SUMMARY:claire and karim haddad\nDTSTART;VALUE=DATE:20261110", "names several people"),
        ("SUMMARY:claire", "has no beginning"),
        ("SUMMARY:claire\nDTSTART:yesterday", "is no date or time"),
        ("SUMMARY:claire\nDTSTART;TZID=Romance Standard Time:20261110T090000\nDURATION:PT1H", "unknown time zone"),
        ("SUMMARY:claire\nDTSTART;TZID=/etc/passwd:20261110T090000\nDURATION:PT1H", "unknown time zone"),
        ("SUMMARY:claire\nDTSTART:20261110T090000\nDURATION:1h", "is no duration"),
        ("SUMMARY:claire\nDTSTART:20261110T090000", "does not end after it begins"),
        ("SUMMARY:claire\nDTSTART:00011110T090000\nDURATION:PT1H", "out of range"),
        ("SUMMARY:claire\nDTSTART:20261110T090000\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", "comes back is not understood"),
        ("SUMMARY:claire\nDTSTART:20261110T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=1MO", "cannot be read"),
        ("SUMMARY:claire\nDTSTART:20261110T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;INTERVAL=0", "out of range"),
        ("SUMMARY:claire\nDTSTART:20261110T090000\nDURATION:PT1H\nRDATE:20261111T090000Z", "RDATE"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line_and_costs_no_other_event(event: str, said: str) -> None:
    calendar, faults = read("SUMMARY:lea@acme.example\nDTSTART;VALUE=DATE:20261110", event)
    assert len(faults) == 1 and said in faults[0].message
    assert faults[0].line >= 7
    start = datetime(2026, 11, 10, 12, tzinfo=UTC)
    assert [one.who for one in calendar.stands(start, start)] == ["lea"]


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_calendar(text, file="x", people=PEOPLE, zone=PARIS)
    read(text)


@given(st.integers(0, 2_000), st.integers(1, 30), st.integers(0, 6))
def test_a_look_at_any_time_finds_what_a_look_at_all_time_finds(day: int, interval: int, length: int) -> None:
    event = f"SUMMARY:claire\nDTSTART:20260101T220000\nDURATION:P{length}DT1H\nRRULE:FREQ=DAILY;INTERVAL={interval}"
    calendar, _ = read(event)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    at = first + timedelta(days=day, hours=22)
    everything = calendar.stands(first, first + timedelta(days=2_010))
    wanted = {(one.begins, one.ends) for one in everything if one.begins <= at < one.ends}
    assert {(one.begins, one.ends) for one in calendar.stands(at, at) if one.begins <= at < one.ends} == wanted
