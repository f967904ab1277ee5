"""Framing of server-sent events."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.sse import Event, Parser

STREAM = (
    b":ok\n\n"
    b"event: message\nid: 1\ndata: one\n\n"
    b"id: 2\r\ndata: two\r\ndata: lines\r\n\r\n"
    b"data:\xc3\xa9\r\rretry: 5\n\n"
    b"id: 9\ndata: never ended"
)
EVENTS = [Event("1", "one"), Event("2", "two\nlines"), Event("2", "é")]


def read(stream: bytes, cuts: list[int]) -> list[Event]:
    parser, found, begin = Parser(), [], 0
    for cut in [*sorted(cuts), len(stream)]:
        found += parser.feed(stream[begin:cut])
        begin = max(begin, cut)
    return found


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_events_are_the_same_however_the_stream_is_cut(cuts: list[int]) -> None:
    assert read(STREAM, cuts) == EVENTS


def test_an_event_that_is_too_long_is_marked_and_the_next_is_read() -> None:
    huge = b"id: 1\ndata: " + b"x" * 3_000_000 + b"\n\nid: 2\ndata: small\n\n"
    assert read(huge, list(range(0, len(huge), 65_536))) == [Event("1", "", too_long=True), Event("2", "small")]


def test_many_lines_of_data_are_bounded_too() -> None:
    many = b"data: " + b"x" * 900_000 + b"\n"
    (event,) = read(many * 3 + b"\n", [])
    assert event.too_long


@given(st.binary(max_size=300))
def test_nothing_that_comes_breaks_it(stream: bytes) -> None:
    for event in read(stream + b"\n\n", []):
        assert isinstance(event.data, str)
