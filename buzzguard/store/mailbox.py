"""What is handed to the daemon, and what it hands on: requests of other processes, and letters."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncConnection

from buzzguard.model import Answer, Command, Letter, Request
from buzzguard.store import outbox, requests


class Mailbox(ABC):
    """This part of `ports.Store`; each method is one transaction."""

    @abstractmethod
    def _read(self) -> AbstractAsyncContextManager[AsyncConnection]: ...

    @abstractmethod
    def _write(self) -> AbstractAsyncContextManager[AsyncConnection]: ...

    async def request(self, command: Command) -> bool:
        """See `ports.Store.request`."""
        async with self._write() as connection:
            return await requests.keep(connection, command)

    async def requests(self, limit: int) -> list[Request]:
        """See `ports.Store.requests`."""
        async with self._read() as connection:
            return await requests.waiting(connection, limit)

    async def answer(self, id: str) -> Answer | None:
        """See `ports.Store.answer`."""
        async with self._read() as connection:
            return await requests.answer_of(connection, id)

    async def post(self, letters: Sequence[Letter]) -> None:
        """See `ports.Store.post`."""
        async with self._write() as connection:
            await outbox.post(connection, letters)

    async def posted(self, about: str, *, any_of: bool = False) -> bool:
        """See `ports.Store.posted`."""
        async with self._read() as connection:
            return await outbox.posted(connection, about, any_of=any_of)
