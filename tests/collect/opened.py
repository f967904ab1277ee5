"""A source as the watch opens it, for tests of its own behaviour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from buzzguard import plugins
from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import MemoryMeter, Meter
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.model import Fetched, Mention
from buzzguard.ports import Source

LOOPBACK = NetworkSettings(allow=("localhost", "127.0.0.1"))


@asynccontextmanager
async def opened(
    source: str,
    settings: dict[str, Any],
    *,
    words: tuple[str, ...] = (),
    wanted: Callable[[Mention], bool] = lambda _: True,
    backfill: timedelta = timedelta(0),
    meter: Meter | None = None,
    network: NetworkSettings = LOOPBACK,
    topics: tuple[str, ...] = (),
) -> AsyncIterator[Source]:
    """A stream named `stream` on `source`."""
    http = HttpClient(network)
    model = plugins.settings_model("source", source)
    tools = Tools(
        http,
        wanted=wanted,
        words=words,
        meter=meter or MemoryMeter(),
        backfill=backfill,
        patience=timedelta(seconds=0.2),
    )
    made = plugins.load("source", source)(
        "stream", model.model_validate(settings), common=StreamSettings(source=source, topics=topics), tools=tools
    )
    try:
        yield made
    finally:
        await made.close()
        await http.close()


def said(fetched: Fetched) -> list[str]:
    """The texts of what was fetched."""
    return [mention.text or mention.title for mention in fetched.mentions]
