"""Events of channels take turns: a thousand pins at once are a queue, not a thousand threads and calls.

Those of one message are taken in their order. Where Slack says how long to wait, whoever has a turn waits with it.
"""

from __future__ import annotations

from asyncio import Semaphore
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from zlib import crc32

from buzzguard.errors import DeliveryDelayed

LANES = 4
"""Events that are taken in together."""
MOST_WAITING = 2_000
MOST_LIMITED = 60
"""Times that one event is held back by Slack's limits before it counts as an attempt that failed."""

Sleep = Callable[[float], Awaitable[object]]


class Turns:
    """The queue of one front."""

    def __init__(self) -> None:
        self._lanes = tuple(Semaphore(1) for _ in range(LANES))
        self.waiting = 0

    @property
    def full(self) -> bool:
        """Whether nothing more may wait."""
        return self.waiting >= MOST_WAITING

    @contextmanager
    def queued(self) -> Iterator[None]:
        """While an event is not taken in yet."""
        self.waiting += 1
        try:
            yield
        finally:
            self.waiting -= 1

    async def take(self, about: str, work: Callable[[], Awaitable[None]], *, sleep: Sleep) -> None:
        """Do the work on `about` when it is its turn; raises what it raises, a limit of Slack's only after many."""
        async with self._lanes[crc32(about.encode("utf-8", "replace")) % LANES]:
            for _ in range(MOST_LIMITED):
                try:
                    await work()
                    return
                except DeliveryDelayed as delayed:
                    if delayed.retry_after is None:
                        raise
                    await sleep(delayed.retry_after.total_seconds())
            await work()
