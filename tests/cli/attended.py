"""A folder whose daemon runs beside the test: a real worker that takes what the command line asks."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from buzzguard.cli import main
from buzzguard.clock import SystemClock
from buzzguard.config.settings import StoreSettings
from buzzguard.model import Batch
from buzzguard.store.sole import SoleUse
from tests import running
from tests.small_world import mentions
from tests.working import World, working


class Attended:
    """What the command line is tried against; `incidents` are those open at first, by their ids."""

    def __init__(self) -> None:
        self.incidents: list[str] = []
        self.folder = Path()

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(main, words, catch_exceptions=False)

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json").stdout)


@contextmanager
def attended(folder: Path, **more: Any) -> Iterator[Attended]:
    """A running daemon's worker over `folder`, with an incident opened just now."""
    made, ready, loop = Attended(), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        async with working(folder, **more) as world:
            running.write(folder, running.settings(**more))
            await _open(world, made)
            ready.set()
            while not stop.is_set():
                if await world.store.requests(1):
                    world.clock.set(SystemClock().now())
                    await world.worker.submit(Batch(), {})
                await asyncio.sleep(0.01)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    sole = SoleUse.take(StoreSettings().url, base=folder)
    thread.start()
    try:
        assert ready.wait(20)
        yield made
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()
        sole.release()


async def _open(world: World, made: Attended) -> None:
    now = SystemClock().now()
    world.clock.set(now)
    await world.submit(*mentions(3, at=now))
    made.incidents = [one.id for one in await world.store.incidents_open(now)]
