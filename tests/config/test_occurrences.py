"""When planned events are on, through changes of clocks and leap years."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.moments import begin_of, end_of, oddity, parse_day, parse_moment
from buzzguard.config.occurrences import Occurrences, last_end
from buzzguard.config.settings import EventSettings, Settings

PARIS, NEW_YORK, UTC_ZONE = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
ZONES = ["UTC", "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Santiago"]


def event(begins: str, ends: str, **more: Any) -> EventSettings:
    return EventSettings.model_validate({"name": "An event", "from": begins, "to": ends, "expect": 3, **more})


def minute(text: str) -> int:
    read = datetime.fromisoformat(text)
    return int((read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()) // 60


def told(spans: list[tuple[int, int]]) -> list[str]:
    """Spans as UTC: `0327T19:50-0327T21:00`."""
    times = [[datetime.fromtimestamp(at * 60, UTC) for at in span] for span in spans]
    return [f"{begun:%m%dT%H:%M}-{over:%m%dT%H:%M}" for begun, over in times]


def test_a_day_is_whole_and_the_last_day_belongs_to_it() -> None:
    assert told([Occurrences(event("2027-03-15", "2027-03-15"), PARIS).first()]) == ["0314T23:00-0315T23:00"]
    assert told([Occurrences(event("2027-07-14", "2027-07-20"), PARIS).first()]) == ["0713T22:00-0720T22:00"]


def test_the_days_on_which_clocks_change_have_23_and_25_hours() -> None:
    for day, hours in (("2027-03-28", 23), ("2027-10-31", 25)):
        begun, over = Occurrences(event(day, day), PARIS).first()
        assert over - begun == hours * 60


def test_a_day_that_begins_at_one_in_the_morning_begins_then() -> None:
    # In Chile clocks go forward at midnight.
    assert told([Occurrences(event("2027-09-05", "2027-09-05"), ZoneInfo("America/Santiago")).first()]) == [
        "0905T04:00-0906T03:00"
    ]


def test_seconds_widen_an_event_to_whole_minutes() -> None:
    assert told([Occurrences(event("2027-03-15T08:00:30Z", "2027-03-15T09:00:30Z"), PARIS).first()]) == [
        "0315T08:00-0315T09:01"
    ]


def test_a_weekly_show_keeps_its_local_time_through_the_changes_of_clocks() -> None:
    show = Occurrences(event("2027-03-21T20:50", "2027-03-21T22:00", every="week", until="2027-04-04"), PARIS)
    spans = show.between(minute("2027-01-01"), minute("2028-01-01"))
    assert told(spans) == ["0321T19:50-0321T21:00", "0328T18:50-0328T20:00", "0404T18:50-0404T20:00"]
    assert show.last_end() == spans[-1][1]


@pytest.mark.parametrize(
    ("zone", "begins", "ends", "changed"),
    [
        # clocks go forward: 02:30 is 03:30, and a show from 01:00 to 02:30 still ends an hour and a half later
        (PARIS, "2027-03-21T02:30", "2027-03-21T04:00", "0328T01:30-0328T02:00"),
        (PARIS, "2027-03-21T01:00", "2027-03-21T02:30", "0328T00:00-0328T01:30"),
        (PARIS, "2027-03-21T02:15", "2027-03-21T03:00", "0328T01:15-0328T02:00"),
        (NEW_YORK, "2027-03-07T02:30", "2027-03-07T04:00", "0314T07:30-0314T08:00"),
        # clocks go back: 02:30 comes twice, and both are within
        (PARIS, "2027-10-24T02:30", "2027-10-24T04:00", "1031T00:30-1031T03:00"),
        (PARIS, "2027-10-24T01:00", "2027-10-24T02:30", "1030T23:00-1031T01:30"),
        (NEW_YORK, "2027-10-31T01:30", "2027-10-31T03:00", "1107T05:30-1107T08:00"),
    ],
)
def test_a_weekly_show_in_the_nights_in_which_clocks_change(
    zone: ZoneInfo, begins: str, ends: str, changed: str
) -> None:
    show = Occurrences(event(begins, ends, every="week"), zone)
    following = show.first()[0] + 5 * 1440
    assert told(show.between(following, following + 5 * 1440)) == [changed]


def test_a_yearly_event_spans_the_new_year() -> None:
    holidays = Occurrences(event("2026-12-20", "2027-01-03", every="year"), UTC_ZONE)
    assert told(holidays.between(minute("2029-01-02"), minute("2029-01-02T00:01"))) == ["1220T00:00-0104T00:00"]
    assert holidays.between(minute("2026-12-01"), minute("2026-12-20")) == []
    assert holidays.last_end() is None


def test_the_29th_of_february_is_the_28th_in_other_years() -> None:
    leap = Occurrences(event("2028-02-29", "2028-02-29", every="year"), UTC_ZONE)
    days = [told(leap.between(minute(f"{year}-02-01"), minute(f"{year}-04-01"))) for year in (2028, 2029, 2032)]
    assert days == [["0229T00:00-0301T00:00"], ["0228T00:00-0301T00:00"], ["0229T00:00-0301T00:00"]]


def test_to_the_28th_of_february_is_to_the_28th_every_year() -> None:
    sale = Occurrences(event("2028-02-27", "2028-02-28", every="year"), UTC_ZONE)
    assert told(sale.between(minute("2029-02-01"), minute("2029-04-01"))) == ["0227T00:00-0301T00:00"]


@given(
    zone=st.sampled_from(ZONES),
    begins=st.datetimes(datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2028-01-01")),
    minutes=st.integers(1, 7 * 1440),
    every=st.sampled_from([None, "week", "year"]),
    after=st.integers(-400 * 1440, 1200 * 1440),
    length=st.integers(1, 3000),
    until=st.none() | st.integers(0, 800),
)
def test_looking_at_a_part_shows_what_looking_at_the_whole_shows(
    zone: str, begins: datetime, minutes: int, every: str | None, after: int, length: int, until: int | None
) -> None:
    begins = begins.replace(second=0, microsecond=0)
    last = None if until is None or every is None else (begins + timedelta(days=until)).date().isoformat()
    ends = begins + timedelta(minutes=minutes)
    planned = event(f"{begins:%Y-%m-%dT%H:%M}", f"{ends:%Y-%m-%dT%H:%M}", every=every, until=last)
    occurrences = Occurrences(planned, ZoneInfo(zone))
    first = occurrences.first()
    whole = occurrences.between(first[0] - 500 * 1440, first[0] + 1600 * 1440)
    start = first[0] + after
    expected = [span for span in whole if span[0] < start + length and span[1] > start]
    assert occurrences.between(start, start + length) == expected
    assert whole[0] == first
    ending = occurrences.last_end()
    assert all(begun < over and (ending is None or over <= ending) for begun, over in whole)


def test_an_event_is_over_when_it_is_over_everywhere() -> None:
    topics = {
        "here": {"name": "Here", "query": "a"},
        "there": {"name": "There", "query": "b", "time_zone": "Pacific/Honolulu"},
    }
    settings = Settings.model_validate({"topics": topics, "time_zone": "Europe/Paris"})
    assert last_end(event("2027-03-15", "2027-03-15"), settings) == minute("2027-03-16T10:00")
    assert last_end(event("2027-03-15", "2027-03-15", topics=["here"]), settings) == minute("2027-03-15T23:00")
    assert last_end(event("2027-03-15", "2027-03-15", time_zone="UTC"), settings) == minute("2027-03-16")
    assert last_end(event("2027-03-15", "2027-03-15", every="week"), settings) is None
    until = event("2027-03-15", "2027-03-15", every="week", until="2027-03-28", time_zone="UTC")
    assert last_end(until, settings) == minute("2027-03-23")


# moments


@given(st.datetimes(datetime.fromisoformat("2000-01-01"), datetime.fromisoformat("2100-12-31")), st.sampled_from(ZONES))
def test_a_local_time_is_odd_exactly_when_it_is_not_one_instant(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    at = at.replace(second=0, microsecond=0)
    begun, over = begin_of(at, zone), end_of(at, zone)
    back = begun.astimezone(zone).replace(tzinfo=None)
    assert oddity(at, zone) == ("twice" if over > begun else "skipped" if back != at else "")


def test_a_day_and_an_instant_are_never_odd() -> None:
    assert oddity(parse_moment("2027-03-28"), PARIS) == ""
    assert oddity(parse_moment("2027-03-28T02:30+01:00"), PARIS) == ""


@given(st.text(max_size=30) | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(st.integers()))
def test_what_is_no_moment_is_told_with_a_hint(written: object) -> None:
    for parse in (parse_moment, parse_day):
        with pytest.raises(ValueError, match=", write "):
            parse(written)


@pytest.mark.parametrize(
    "written", ["2027-03-15T24:00", "2027-13-01", "2027-03-15T08:00+25:00", "٢٠٢٧-03-15", "2027-03-15\n"]
)
def test_what_looks_like_a_moment_is_not_one(written: str) -> None:
    if written.isspace() or written.endswith("\n"):
        assert parse_moment(written) == parse_moment("2027-03-15")  # spaces around it do not matter
        return
    with pytest.raises(ValueError, match=", write "):
        parse_moment(written)
