"""What all streams of one service share within the process: whose turn it is, and how long nobody may ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

from buzzguard.collect.http import HttpClient
from buzzguard.errors import SourceUnavailable


class Shared:
    """One request at a time, spaced, and none while the service asks to wait. Forgotten with the process."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._opens: datetime | None = None
        self._lock = asyncio.Lock()
        self._free_at = 0.0

    def check(self, now: datetime) -> None:
        """Raises SourceUnavailable, with the wait, while the service asked for one."""
        if self._opens is not None and now < self._opens:
            raise SourceUnavailable(
                f"{self._service} asks to wait until {self._opens:%H:%M:%S} UTC", retry_after=self._opens - now
            )

    def wait(self, how_long: timedelta, now: datetime) -> None:
        """Nobody asks for `how_long`."""
        until = now + how_long
        self._opens = until if self._opens is None else max(self._opens, until)

    @asynccontextmanager
    async def turn(self, spacing: timedelta) -> AsyncIterator[None]:
        """The turn to ask, `spacing` of real time after the end of the one before."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            await asyncio.sleep(max(self._free_at - loop.time(), 0.0))
            try:
                yield
            finally:
                self._free_at = loop.time() + spacing.total_seconds()


_BY_CLIENT: WeakKeyDictionary[HttpClient, dict[str, Shared]] = WeakKeyDictionary()


def shared(http: HttpClient, service: str) -> Shared:
    """What the streams that ask through `http` share of `service`."""
    return _BY_CLIENT.setdefault(http, {}).setdefault(service, Shared(service))
