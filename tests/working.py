"""A worker with a real store and core, for tests of what it does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from buzzguard.assembly import Assembly, rebuild_core
from buzzguard.clock import ManualClock
from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import Batch, Command, Effects, Mention, Poll, Received
from buzzguard.pipeline import Core
from buzzguard.ports import Scorer
from buzzguard.store.sql import SqlStore
from buzzguard.worker import Worker
from tests.running import RULE
from tests.small_world import NOW, assembly


class RefusingStore(SqlStore):
    """A real store that notes its commits and can refuse some."""

    refusals = 0

    def note(self) -> None:
        """Begin to note."""
        self.commits: list[tuple[Effects, dict[str, str]]] = []

    async def commit(self, effects: Effects, cursors: Mapping[str, str]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StoreError("disk full")
        await super().commit(effects, cursors)
        self.commits.append((effects, dict(cursors)))


class World:
    """A worker with a real store and core; `told` counts how often it said that notifications wait."""

    def __init__(self, built: Assembly, store: RefusingStore) -> None:
        self.store = store
        self.built = built
        self.clock = ManualClock(NOW)
        self.told = 0
        self.rebuilt = 0
        self.worker = Worker(store, clock=self.clock, rebuild=self._rebuild, told=self._hear)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self.worker.replace_core()
        self._running = asyncio.create_task(self.worker.run())

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def submit(
        self, *taken: Mention, cursor: str = "", **more: tuple[Poll, ...] | tuple[Command, ...]
    ) -> Received:
        batch = Batch(mentions=taken, polls=more.get("polls", ()), commands=more.get("commands", ()))  # type: ignore[arg-type]
        return await self.worker.submit(batch, {"press": cursor} if cursor else {})

    async def volume(self) -> int:
        """All that the store says was counted, by its minutes."""
        stored = await self.store.mentions_since(NOW - timedelta(days=3))
        return len(stored)

    async def _rebuild(self) -> Core:
        self.rebuilt += 1
        return await rebuild_core(self.built, self.store, self.clock.now())

    def _hear(self) -> None:
        self.told += 1


@asynccontextmanager
async def working(folder: Path, *, scorer: Scorer | None = None, rule: str = RULE, **more: Any) -> AsyncIterator[World]:
    """A running one; `more` are sections of its settings."""
    built = assembly(folder, scorer=scorer, rule=rule, **more)
    store = await RefusingStore.open(StoreSettings(), base=folder)
    assert isinstance(store, RefusingStore)
    store.note()
    made = World(built, store)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
        await store.close()
