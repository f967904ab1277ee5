"""A poller over scripted sources and a daemon reduced to what it commits."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from buzzguard.clock import ManualClock
from buzzguard.collect.poller import Poller
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import StoreError
from buzzguard.model import Fetched, Poll
from buzzguard.ports import Source

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EVERY = timedelta(minutes=2)
SPEED = 12_000.0
"""Two minutes pass in ten milliseconds."""


class Scripted:
    """A source that answers what it is told to, in turn; the last answer stays."""

    def __init__(self, *answers: Fetched | Exception) -> None:
        self.answers = list(answers) or [Fetched(cursor="1")]
        self.cursors: list[str] = []
        self.closed = 0
        self.gate: asyncio.Event | None = None
        self.least_every = timedelta(0)

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        self.cursors.append(cursor)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed += 1


class Daemon:
    """Keeps what is delivered, as the daemon's store does; can refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.polls: list[Poll] = []
        self.refuse = 0
        self.counts: int | None = None

    def cursor(self, stream: str) -> str:
        return self.kept.get(stream, "")

    async def deliver(self, stream: str, fetched: Fetched | None, poll: Poll) -> int | None:
        if self.refuse:
            self.refuse -= 1
            raise StoreError("the disk is full")
        self.polls.append(poll)
        if fetched is not None:
            self.kept[stream] = fetched.cursor
        return self.counts

    def of(self, stream: str) -> list[Poll]:
        return [poll for poll in self.polls if poll.stream == stream]


def stream(source: Source, **settings: object) -> tuple[StreamSettings, Source]:
    return StreamSettings.model_validate({"source": "rss", "every": EVERY, **settings}), source


@asynccontextmanager
async def polling(
    daemon: Daemon, *, speed: float = SPEED, last_polls: dict[str, Poll] | None = None, **streams: Any
) -> AsyncIterator[Poller]:
    chosen = {name: value if isinstance(value, tuple) else stream(value) for name, value in streams.items()}
    poller = Poller(
        chosen,
        clock=ManualClock(START),
        cursors=daemon.cursor,
        deliver=daemon.deliver,
        last_polls=last_polls,
        rng=random.Random(7),
        speed=speed,
    )
    await poller.start()
    try:
        yield poller
    finally:
        await poller.drain(timedelta(seconds=1))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)
