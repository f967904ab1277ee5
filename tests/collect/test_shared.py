"""What all streams of one service share."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from buzzguard.collect.http import HttpClient
from buzzguard.collect.shared import Shared, shared
from buzzguard.errors import SourceUnavailable
from tests.collect.opened import LOOPBACK

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
SPACING = timedelta(milliseconds=20)


async def test_turns_come_one_by_one_and_apart() -> None:
    place, loop = Shared("it"), asyncio.get_running_loop()
    times: list[float] = []

    async def ask() -> None:
        async with place.turn(SPACING):
            times.append(loop.time())

    await asyncio.gather(*(ask() for _ in range(4)))
    assert all(later - sooner >= SPACING.total_seconds() for sooner, later in pairwise(times))


async def test_a_turn_that_fails_is_over() -> None:
    place = Shared("it")
    for _ in range(2):
        with pytest.raises(SourceUnavailable):
            async with place.turn(timedelta(0)):
                raise SourceUnavailable("503")


def test_the_longest_wait_that_was_asked_for_holds() -> None:
    place = Shared("it")
    place.check(NOW)
    place.wait(timedelta(minutes=5), NOW)
    place.wait(timedelta(minutes=1), NOW)
    with pytest.raises(SourceUnavailable, match="it asks to wait until 09:05:00 UTC"):
        place.check(NOW + timedelta(minutes=4))
    place.check(NOW + timedelta(minutes=5))


async def test_streams_share_by_client_and_service() -> None:
    one, other = HttpClient(LOOPBACK), HttpClient(LOOPBACK)
    assert shared(one, "a") is shared(one, "a")
    assert shared(one, "a") is not shared(one, "b")
    assert shared(one, "a") is not shared(other, "a")
    await one.close()
    await other.close()
