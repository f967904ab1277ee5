"""Laws of reading a list that shows the newest first, while it grows and the reader crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.walk import FIRST_LOOK, OVERLAP, Page, Walker
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Fetched, Mention

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SIZE = 5


def mention(number: int, at: datetime) -> Mention:
    return Mention(id=f"s:{number}", stream="stream", source="s", published=at, fetched=NOW, text=f"t{number}")


class Listing:
    """A list by page number, as most services have it: what is said later pushes everything one place on."""

    def __init__(self) -> None:
        self.said: list[Mention] = []
        self.asked: list[str] = []
        self.down_at = ""

    def say(self, number: int, at: datetime) -> None:
        self.said.append(mention(number, at))

    async def ask(self, token: str, since: datetime) -> Page:
        self.asked.append(token)
        if token == self.down_at and self.down_at:
            raise SourceUnavailable("503, down", retry_after=timedelta(seconds=30))
        begin = int(token or 0) * SIZE
        newest = sorted(self.said, key=lambda one: one.published, reverse=True)
        page = newest[begin : begin + SIZE]
        more = begin + SIZE < len(newest)
        return Page(
            mentions=tuple(page),
            next=str(int(token or 0) + 1) if more else "",
            oldest=min((one.published for one in page), default=None),
        )


def drain(walker: Walker, cursor: str, now: datetime, listing: Listing, between: Callable[[], None] = lambda: None):  # type: ignore[no-untyped-def]
    async def run() -> tuple[list[str], str]:
        found: list[str] = []
        at = cursor
        for _ in range(100):
            fetched: Fetched = await walker.walk(at, now, listing.ask)
            found += [one.id for one in fetched.mentions]
            at = fetched.cursor
            between()
            if fetched.retry_after != timedelta(0):
                break
        return found, at

    return asyncio.run(run())


@given(st.lists(st.integers(0, 40), max_size=6), st.integers(1, 3), st.data())
def test_whatever_is_said_between_polls_is_brought_once(sizes: list[int], pages: int, data: st.DataObject) -> None:
    listing, walker = Listing(), Walker("q", most_pages=pages)
    number, now, cursor, found = 0, NOW, "", []
    for size in sizes:
        for _ in range(size):
            listing.say(number, now - timedelta(seconds=data.draw(st.integers(0, 290))))
            number += 1
        brought, cursor = drain(walker, cursor, now, listing)
        found += brought
        now += timedelta(minutes=5)
    assert sorted(found) == sorted(one.id for one in listing.said)


@given(st.integers(0, 60), st.integers(0, 10), st.integers(1, 3))
def test_what_appears_while_pages_are_read_is_neither_lost_nor_doubled(first: int, during: int, pages: int) -> None:
    listing, walker = Listing(), Walker("q", most_pages=pages)
    for number in range(first):
        listing.say(number, NOW - timedelta(minutes=2, seconds=number))
    waiting = list(range(first, first + during))

    def between() -> None:
        if waiting:
            listing.say(waiting.pop(), NOW - timedelta(seconds=len(waiting)))

    found, cursor = drain(walker, "", NOW, listing, between)
    while waiting:
        between()
    again, cursor = drain(walker, cursor, NOW + timedelta(minutes=1), listing)
    last, _ = drain(walker, cursor, NOW + timedelta(minutes=2), listing)
    assert sorted([*found, *again, *last]) == sorted(one.id for one in listing.said)


def test_a_mention_that_is_indexed_late_is_found_within_the_overlap() -> None:
    listing, walker = Listing(), Walker("q")
    listing.say(1, NOW)
    _, cursor = drain(walker, "", NOW, listing)
    listing.say(2, NOW - OVERLAP + timedelta(minutes=1))
    listing.say(3, NOW - OVERLAP - timedelta(minutes=1))
    found, _ = drain(walker, cursor, NOW + timedelta(minutes=1), listing)
    assert found == ["s:2"]


def test_a_first_walk_reads_a_day_back_or_as_far_as_it_is_told() -> None:
    listing = Listing()
    for number in range(40):
        listing.say(number, NOW - timedelta(days=number, hours=1))
    day, _ = drain(Walker("q"), "", NOW, listing)
    month, _ = drain(Walker("q", backfill=timedelta(days=30)), "", NOW, listing)
    assert timedelta(days=1) == FIRST_LOOK
    assert day == ["s:0"]
    assert len(month) == 30


async def test_only_the_first_walk_is_a_back_fill() -> None:
    listing, walker = Listing(), Walker("q", backfill=timedelta(days=3), most_pages=1)
    for number in range(12):
        listing.say(number, NOW - timedelta(hours=number))
    first = await walker.walk("", NOW, listing.ask)
    second = await walker.walk(first.cursor, NOW, listing.ask)
    third = await walker.walk(second.cursor, NOW, listing.ask)
    later = await walker.walk(third.cursor, NOW, listing.ask)
    assert [one.backfilling for one in (first, second, third, later)] == [True, True, True, False]
    assert not (await Walker("q").walk("", NOW, listing.ask)).backfilling


async def test_a_page_that_fails_keeps_those_before_it_and_goes_on_there() -> None:
    listing, walker = Listing(), Walker("q")
    for number in range(12):
        listing.say(number, NOW - timedelta(minutes=number))
    listing.down_at = "1"
    half = await walker.walk("", NOW, listing.ask)
    assert len(half.mentions) == SIZE
    assert half.retry_after == timedelta(seconds=30)
    assert "503" in half.note
    listing.down_at = ""
    rest = await walker.walk(half.cursor, NOW, listing.ask)
    assert listing.asked[-2:] == ["1", "2"]
    assert len(rest.mentions) == 7


async def test_a_first_page_that_fails_is_the_poll_s_error() -> None:
    async def ask(token: str, since: datetime) -> Page:
        raise SourceUnavailable("down")

    with pytest.raises(SourceUnavailable):
        await Walker("q").walk("", NOW, ask)


async def test_a_cursor_of_another_query_delivers_nothing_twice() -> None:
    listing = Listing()
    listing.say(1, NOW)
    before = await Walker("one").walk("", NOW, listing.ask)
    listing.say(2, NOW - timedelta(hours=3))
    after = await Walker("other").walk(before.cursor, NOW, listing.ask)
    assert [one.id for one in after.mentions] == ["s:2"]


async def test_a_time_from_the_future_does_not_hide_what_comes_before_it() -> None:
    listing, walker = Listing(), Walker("q")
    listing.say(1, NOW + timedelta(days=365))
    first = await walker.walk("", NOW, listing.ask)
    listing.say(2, NOW + timedelta(minutes=5))
    second = await walker.walk(first.cursor, NOW + timedelta(minutes=5), listing.ask)
    assert [one.id for one in second.mentions] == ["s:2"]


async def test_the_future_mention_is_not_told_again_at_every_poll() -> None:
    listing, walker = Listing(), Walker("q")
    listing.say(1, NOW + timedelta(days=365))
    cursor = (await walker.walk("", NOW, listing.ask)).cursor
    for minute in range(0, 180, 5):
        fetched = await walker.walk(cursor, NOW + timedelta(minutes=minute), listing.ask)
        assert not fetched.mentions
        cursor = fetched.cursor


async def test_a_page_that_leads_to_itself_ends_the_walk() -> None:
    asked: list[str] = []

    async def ask(token: str, since: datetime) -> Page:
        asked.append(token)
        return Page(mentions=(mention(1, NOW),), next="same", oldest=NOW)

    await Walker("q").walk("", NOW, ask)
    assert asked == ["", "same"]
