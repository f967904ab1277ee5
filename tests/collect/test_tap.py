"""A place that pushes, followed through a tap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.collect.tap import STEADY, Bounds, Drop, Tap
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Mention

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SOON = timedelta(seconds=0.05)
BOUNDS = Bounds()
MOMENT = timedelta(seconds=0.01)


class Place:
    """Pushes numbered drops; a position is the number of the next one."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.opened: list[str] = []
        self.ends: Exception | None = None
        self.holds = 0.0
        self.silent: set[int] = set()
        self.more = asyncio.Event()

    async def follow(self, position: str) -> AsyncIterator[Drop]:
        self.opened.append(position)
        number = int(position or 0)
        while True:
            while number < self.count:
                number += 1
                yield self._drop(number)
            if (ends := self.ends) is not None:
                await asyncio.sleep(self.holds)
                raise ends
            self.more.clear()
            await self.more.wait()

    def push(self, count: int) -> None:
        self.count += count
        self.more.set()

    def _drop(self, number: int) -> Drop:
        said = Mention(id=f"p:{number}", stream="s", source="p", published=NOW, fetched=NOW, text=str(number))
        return Drop(position=str(number), at=NOW, mention=None if number in self.silent else said)


def tap(place: Place, *, steady: timedelta = STEADY, most: Bounds = BOUNDS) -> Tap:
    return Tap(place.follow, wait=SOON, gather=SOON / 5, steady=steady, most=most)


async def test_what_comes_is_brought_in_order_and_once() -> None:
    place = Place(3)
    running = tap(place)
    first = await running.take("", NOW)
    place.push(2)
    second = await running.take(first.cursor, NOW)
    third = await running.take(second.cursor, NOW)
    assert [one.text for one in first.mentions] == ["1", "2", "3"]
    assert [one.text for one in second.mentions] == ["4", "5"]
    assert not third.mentions
    assert place.opened == [""]
    assert first.retry_after == timedelta(0)
    await running.close()


async def test_a_poll_that_was_not_committed_is_brought_again() -> None:
    place = Place(3)
    running = tap(place)
    first = await running.take("", NOW)
    again = await running.take("", NOW)
    assert again.mentions == first.mentions
    place.push(1)
    assert [one.text for one in (await running.take(again.cursor, NOW)).mentions] == ["4"]
    await running.close()


async def test_a_new_process_goes_on_at_the_committed_cursor() -> None:
    place = Place(5)
    running = tap(place)
    await running.close()
    resumed = tap(place)
    assert [one.text for one in (await resumed.take("3", NOW)).mentions] == ["4", "5"]
    await resumed.close()


async def test_a_cursor_from_elsewhere_opens_the_place_anew() -> None:
    place = Place(5)
    running = tap(place)
    await running.take("", NOW)
    assert [one.text for one in (await running.take("2", NOW)).mentions] == ["3", "4", "5"]
    assert place.opened == ["", "2"]
    await running.close()


async def test_what_brings_nothing_moves_the_cursor_and_takes_no_memory() -> None:
    place = Place(50_000)
    place.silent = set(range(1, 50_001))
    running = tap(place)
    fetched = await running.take("", NOW)
    while fetched.cursor != "50000":
        fetched = await running.take(fetched.cursor, NOW)
        assert not fetched.mentions
    await running.close()


async def test_the_end_of_a_connection_is_told_after_all_that_came_before_it() -> None:
    place = Place(2)
    place.ends = SourceUnavailable("401 perhaps")
    running = tap(place)
    first = await running.take("", NOW)
    assert len(first.mentions) == 2
    with pytest.raises(SourceUnavailable, match="401 perhaps"):
        await running.take(first.cursor, NOW)
    place.ends = None
    place.push(1)
    assert [one.text for one in (await running.take(first.cursor, NOW)).mentions] == ["3"]
    assert place.opened == ["", "2"]
    await running.close()


async def test_a_connection_that_held_is_opened_again_without_a_failed_poll() -> None:
    place = Place(1)
    place.holds = 0.02
    place.ends = SourceUnavailable("cut after a quarter of an hour")
    running = tap(place, steady=MOMENT)
    first = await running.take("", NOW)
    place.ends = None
    place.push(1)
    assert [one.text for one in (await running.take(first.cursor, NOW)).mentions] == ["2"]
    await running.close()


async def test_a_refusal_is_not_tried_again() -> None:
    place = Place(0)
    place.holds = 0.02
    place.ends = SourceRefused("401, the token was refused")
    running = tap(place, steady=MOMENT)
    with pytest.raises(SourceRefused):
        await running.take("", NOW)
    assert place.opened == [""]
    await running.close()


async def test_a_place_that_pushes_faster_than_it_is_read_waits() -> None:
    place = Place(1_000)
    running = tap(place, most=Bounds(waiting=100, taken=30))
    found: list[str] = []
    cursor = ""
    while len(found) < 1_000:
        fetched = await running.take(cursor, NOW)
        assert len(fetched.mentions) <= 30
        found += [one.text for one in fetched.mentions]
        cursor = fetched.cursor
    assert found == [str(number) for number in range(1, 1_001)]
    await running.close()


async def test_a_bug_in_a_source_reaches_a_poll() -> None:
    async def broken(position: str) -> AsyncIterator[Drop]:
        yield Drop(position=str(1 // len(position)))

    running = Tap(broken, wait=SOON)
    with pytest.raises(SourceUnavailable, match="internal error"):
        await running.take("", NOW)
    await running.close()
    await running.close()
