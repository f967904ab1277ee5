"""Events, thresholds and targets as people write them, and what they are told when they write them wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.backtest.event_file import read_events
from buzzguard.backtest.plan import Event, EventReader, Target, read_target, read_thresholds
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

DAY = timedelta(days=1)
READER = EventReader(
    {"acme": "Acme", "zeta": "Zeta & Co"}, time_zone="Europe/Paris", lasts=2 * DAY, early=timedelta(hours=6)
)


def event(text: str) -> Event:
    read = READER.read(text)
    assert isinstance(read, Event), read
    return read


def fault(text: str) -> Fault:
    read = READER.read(text)
    assert isinstance(read, Fault), read
    return read


def test_a_time_without_offset_is_the_teams() -> None:
    found = event("2026-03-02T14:00 acme the melting kettle")
    assert found.start == datetime(2026, 3, 2, 13, tzinfo=UTC)
    assert (found.topics, found.name) == (("acme",), "the melting kettle")
    assert (found.start - found.since, found.end - found.start) == (timedelta(hours=6), 2 * DAY)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("2026-07-02", datetime(2026, 7, 1, 22, tzinfo=UTC)),
        ("2026-03-02 14:00 acme", datetime(2026, 3, 2, 13, tzinfo=UTC)),
        ("2026-03-02T14:00Z", datetime(2026, 3, 2, 14, tzinfo=UTC)),
        ("2026-03-02T14:00:30-05:00 *", datetime(2026, 3, 2, 19, 0, 30, tzinfo=UTC)),
    ],
)
def test_times_are_written_in_several_ways(text: str, start: datetime) -> None:
    assert event(text).start == start


def test_without_a_topic_an_event_concerns_all() -> None:
    assert event("2026-03-02").topics == event("2026-03-02 * strike").topics == ("acme", "zeta")


def test_what_is_wrong_comes_with_a_hint() -> None:
    assert "did you mean `acme`?" in fault("2026-03-02 acmee").hint
    assert "begins with no time" in fault("yesterday acme").message
    assert "begins with no time" in fault("2026-03-0299 acme").message
    assert "is not a time" in fault("2026-02-31 acme").message
    assert "is not a time" in fault("0001-01-01T00:00+14:00").message


@given(st.text(max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(READER.read(text), Event | Fault)
    assert isinstance(READER.read(f"2026-03-02 {text}"), Event | Fault)


def test_a_file_of_events_may_name_its_columns_and_separate_as_it_likes(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("# ours\nstart;end;topic;name\n2026-03-02;2026-03-09;Zeta & Co;recall\n", "utf-8-sig")
    (found,) = read_events(path, READER)
    assert (found.topics, found.name, found.place) == (("zeta",), "recall", f"{path}:3")
    assert found.end - found.start == 7 * DAY


def test_every_bad_line_of_a_file_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("2026-03-02,acme,fine\nsoon,acme\n2026-03-04,acmee\n2026-03-05,acme,x,2026-03-01\n")
    with pytest.raises(ConfigError) as raised:
        read_events(path, READER)
    assert [(one.file, one.line) for one in raised.value.faults] == [(str(path), n) for n in (2, 3, 4)]
    assert "ends before it begins" in raised.value.faults[2].message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no event"),
        (b"\xff\xfe,acme", "not UTF-8"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b'2026-03-02,"acme\n', "cannot be read"),
        (b"2026-03-02\n" * 5_001, "more than 5000 events"),
    ],
)
def test_a_file_that_is_none_says_so(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=told):
        read_events(path, READER)


def test_thresholds_rise_whatever_their_order() -> None:
    assert read_thresholds("30, 7,7,0.5") == (DAY / 2, 7 * DAY, 30 * DAY)


@pytest.mark.parametrize("text", ["", "7,,30", "x", "nan", "inf", "0", "-3", "99999"])
def test_what_is_no_number_of_days_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="--days"):
        read_thresholds(text)


def test_a_target_is_a_rate() -> None:
    assert read_target("2 per 30d") == Target(count=2, span=30 * DAY)
    assert read_target("0.5/1w").per_day == pytest.approx(0.5 / 7)


@pytest.mark.parametrize("text", ["", "two per month", "2 per 0s", "2 per", "-1 per 30d", "2 per 30 days"])
def test_what_is_no_target_is_told(text: str) -> None:
    with pytest.raises(ConfigError, match="--at-most"):
        read_target(text)
