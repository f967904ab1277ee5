"""A tap on a place that pushes: what flows in waits here until a poll takes it.

The place is read by a task of its own. A poll waits a moment for something to come, and takes what there is together
with the position after it. What was taken is kept until the next poll shows, by its cursor, that it was committed: a
poll that is repeated gets it again. So nothing but the committed cursor has to survive a crash, as the place is
followed again from there.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from buzzguard.errors import SourceError, SourceUnavailable
from buzzguard.model import Fetched, Mention, Quarantined, Record
from buzzguard.telemetry import get_logger

_log = get_logger("collect.tap")
STEADY = timedelta(seconds=10)
"""After this a connection was a good one."""


class Drop(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What came at one position; `position` is the cursor after it, `at` its time there."""

    position: str
    at: datetime | None = None
    mention: Mention | None = None
    deleted: str = ""
    deleted_author: str = ""
    quarantined: Quarantined | None = None


Follow = Callable[[str], AsyncIterator[Drop]]
"""Reads the place from a position on (empty: from now), for as long as the connection holds. Raises SourceError."""


class Bounds(Record, frozen=True, kw_only=True):
    """How many drops wait (beyond, reading stops until they are taken, and the place itself holds what follows), and
    how many one poll takes."""

    waiting: int = 5_000
    taken: int = 1_000


class Tap:
    """Follows a place from cursor to cursor. A poll waits for the first mention at most `wait`, and once there is one,
    `gather` for those that come with it. A connection that ends after `steady` of work is opened again at once; one
    that ends sooner is the poll's trouble, so that the poller's patience spaces the attempts."""

    def __init__(
        self,
        follow: Follow,
        *,
        wait: timedelta = timedelta(seconds=15),
        gather: timedelta = timedelta(seconds=0.3),
        steady: timedelta = STEADY,
        most: Bounds = Bounds(),  # noqa: B008 - frozen
    ) -> None:
        self._follow = follow
        self._wait = wait.total_seconds()
        self._gather = gather.total_seconds()
        self._steady = steady.total_seconds()
        self._most = most
        self._drops: deque[Drop] = deque()
        self._position = ""
        self._taken: Fetched | None = None
        self._since = ""
        self._room = asyncio.Event()
        self._came = asyncio.Event()
        self._trouble: SourceError | None = None
        self._task: asyncio.Task[None] | None = None

    async def take(self, cursor: str, now: datetime) -> Fetched:
        """What came after `cursor`. Raises the SourceError that ended the connection, once all before it was taken."""
        if self._taken is not None and cursor != self._taken.cursor:
            if cursor == self._since and self._task is not None:
                return self._taken
            await self.close()
        if self._task is None:
            self._open(cursor)
        self._taken = None
        await self._something()
        if not self._drops and self._trouble is not None:
            raise await self._ended()
        self._since = cursor
        self._taken = self._drained(cursor, now)
        return self._taken

    async def close(self) -> None:
        """Hang up. May be called twice."""
        task, self._task, self._taken = self._task, None, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _open(self, cursor: str) -> None:
        self._drops.clear()
        self._position, self._trouble = cursor, None
        self._room.set()
        self._came.clear()
        self._task = asyncio.create_task(self._read(cursor), name="tap")

    async def _read(self, cursor: str) -> None:
        """Follow until the connection ends; what does is the trouble of the poll that comes to it."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                began = loop.time()
                trouble = await self._connection(self._drops[-1].position if self._drops else self._position or cursor)
                if loop.time() - began < self._steady or not trouble.retryable:
                    self._trouble = trouble
                    return
        except Exception as error:  # noqa: BLE001 - the loop of a task: whatever ended it must reach a poll
            _log.error("tap.crashed", error=type(error).__name__, exc_info=True)
            self._trouble = SourceUnavailable(f"internal error, {type(error).__name__}")
        finally:
            self._came.set()

    async def _connection(self, position: str) -> SourceError:
        """Read one connection to its end; returns what ended it."""
        try:
            async for drop in self._follow(position):
                self._keep(drop)
                if len(self._drops) >= self._most.waiting:
                    self._room.clear()
                    await self._room.wait()
        except SourceError as error:
            return error
        return SourceUnavailable("the connection was closed by the other side")

    def _keep(self, drop: Drop) -> None:
        """Positions that bring nothing are kept as one, so that a quiet stream moves its cursor and takes no memory.
        Deletions wait for the poll to end: a whole network's would never let one wait."""
        if _is_idle(drop) and self._drops and _is_idle(self._drops[-1]):
            self._drops[-1] = drop
        else:
            self._drops.append(drop)
        if drop.mention is not None or drop.quarantined is not None:
            self._came.set()

    async def _something(self) -> None:
        try:
            async with asyncio.timeout(self._wait):
                await self._came.wait()
        except TimeoutError:
            return
        if self._trouble is None and len(self._drops) < self._most.taken:
            await asyncio.sleep(self._gather)
        self._came.clear()

    def _drained(self, cursor: str, now: datetime) -> Fetched:
        taken = [self._drops.popleft() for _ in range(min(len(self._drops), self._most.taken))]
        self._room.set()
        if self._drops or self._trouble is not None:
            self._came.set()
        if taken:
            self._position = taken[-1].position
        last = next((drop.at for drop in reversed(taken) if drop.at is not None), None)
        return Fetched(
            mentions=tuple(drop.mention for drop in taken if drop.mention is not None),
            cursor=self._position or cursor,
            retry_after=timedelta(0),
            deleted=tuple(drop.deleted for drop in taken if drop.deleted),
            deleted_authors=tuple(drop.deleted_author for drop in taken if drop.deleted_author),
            quarantined=tuple(drop.quarantined for drop in taken if drop.quarantined is not None),
            lag=None if last is None else max(now - last, timedelta(0)),
        )

    async def _ended(self) -> SourceError:
        error = self._trouble or SourceUnavailable("the connection was closed by the other side")
        await self.close()
        return error


def _is_idle(drop: Drop) -> bool:
    return drop.mention is None and drop.quarantined is None and not (drop.deleted or drop.deleted_author)
