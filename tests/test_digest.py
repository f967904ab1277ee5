"""The week in a page reaches leaders each week once, whatever stops in between."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from buzzguard import telemetry
from buzzguard.clock import ManualClock
from buzzguard.config.digest import DigestSettings, Weekly
from buzzguard.config.settings import Settings, StoreSettings
from buzzguard.digest import Digests, week_before
from buzzguard.model import Letter
from buzzguard.store.sql import SqlStore
from tests import running

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 3, 23, 8, 30, tzinfo=PARIS)
HOUR, WEEK = timedelta(hours=1), timedelta(weeks=1)


def settings(every: str = "monday 08:30", **more: Any) -> Settings:
    receivers = {"room": {"notifier": "screen"}, "boss": {"notifier": "screen", "language": "fr"}}
    made = running.settings(digest={"receivers": ["room", "boss"], "every": every}, time_zone="Europe/Paris", **more)
    return Settings.model_validate(made | {"receivers": receivers})


class Post:
    """A store, a clock, and what was put into the outbox."""

    def __init__(self, store: SqlStore, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.clock = ManualClock(MONDAY)
        self.settings = settings()
        self.woken = 0
        self.restart()

    def restart(self) -> None:
        self._digests = Digests(self.store, clock=self.clock, told=self._hear)

    def _hear(self) -> None:
        self.woken += 1

    async def at(self, when: datetime) -> list[Letter]:
        """The letters that wait, after a look at that instant."""
        self.clock.set(when.astimezone(UTC))
        await self._digests.look(self.settings, self.folder, self.clock.now())
        due = await self.store.due(datetime(2030, 1, 1, tzinfo=UTC), 100)
        return [one.notification for one in due if isinstance(one.notification, Letter)]


@pytest.fixture
async def post(tmp_path: Path) -> AsyncIterator[Post]:
    store = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield Post(store, tmp_path)
    await store.close()


def test_a_time_of_the_week_is_a_day_and_a_time() -> None:
    every = DigestSettings(receivers=("room",)).every
    assert every == Weekly(0, 8, 30)
    assert DigestSettings.model_validate({"receivers": ["room"], "every": "Fri 17:05"}).every == Weekly(4, 17, 5)
    for wrong in ("monday", "8:30", "someday 08:30", "monday 24:00", "monday 08:60", 5):
        with pytest.raises(ValueError, match=r"monday 08:30|no weekday"):
            DigestSettings.model_validate({"receivers": ["room"], "every": wrong})


@pytest.mark.parametrize("monday", [MONDAY, MONDAY + WEEK, datetime(2026, 10, 26, 8, 30, tzinfo=PARIS)])
def test_it_is_due_at_the_local_time_also_when_clocks_change(monday: datetime) -> None:
    """On 29 March clocks go forward, on 25 October back."""
    every = Weekly(0, 8, 30)
    assert every.last(monday.astimezone(UTC), PARIS) == monday
    before = every.last(monday.astimezone(UTC) - timedelta(seconds=1), PARIS)
    assert before.astimezone(PARIS).replace(tzinfo=None) == monday.replace(tzinfo=None) - WEEK
    skipped = Weekly(6, 2, 30).last(datetime(2026, 3, 29, 12, tzinfo=UTC), PARIS)
    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    twice = Weekly(6, 2, 30).last(datetime(2026, 10, 25, 12, tzinfo=UTC), PARIS)
    assert twice == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_week_told_of_is_the_last_whole_one() -> None:
    start, end = week_before(MONDAY + WEEK, PARIS)
    assert (start.astimezone(PARIS).isoformat(), end - start) == ("2026-03-23T00:00:00+01:00", WEEK - HOUR)


async def test_each_receiver_gets_it_once_in_their_language(post: Post) -> None:
    letters = await post.at(MONDAY)
    assert [(one.receiver, one.page.language) for one in letters] == [("room", "en"), ("boss", "fr")]
    assert letters[1].page.title.startswith("La semaine du 16/03/2026 au 22/03/2026")
    assert len(await post.at(MONDAY + HOUR)) == 2
    post.restart()
    assert len(await post.at(MONDAY + 2 * HOUR)) == 2
    assert post.woken == 1
    assert len(await post.at(MONDAY + WEEK)) == 4


async def test_two_starts_at_once_send_one(post: Post) -> None:
    await asyncio.gather(*(post.at(MONDAY) for _ in range(2)))
    assert len(await post.at(MONDAY)) == 2


async def test_what_was_due_while_nothing_ran_is_sent_within_a_day_or_left_out(post: Post) -> None:
    assert len(await post.at(MONDAY + 24 * HOUR)) == 2
    stream = io.StringIO()
    telemetry.configure_logging(json=True, stream=stream)
    assert len(await post.at(MONDAY + WEEK + 25 * HOUR)) == 2
    assert len(await post.at(MONDAY + WEEK + 26 * HOUR)) == 2
    (skipped,) = [json.loads(line) for line in stream.getvalue().splitlines() if "digest.skipped" in line]
    assert (skipped["digest"], skipped["hours_late"]) == ("digest-2026-03-30", 25)


async def test_before_the_first_one_nothing_was_skipped(post: Post) -> None:
    stream = io.StringIO()
    telemetry.configure_logging(json=True, stream=stream)
    assert await post.at(MONDAY + 49 * HOUR) == []
    assert "digest.skipped" not in stream.getvalue()
    assert len(await post.at(MONDAY + WEEK)) == 2


async def test_without_the_section_nothing_is_sent(post: Post) -> None:
    post.settings = Settings.model_validate(running.settings())
    assert await post.at(MONDAY) == []
