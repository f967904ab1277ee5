"""What every source is handed beside its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import MemoryMeter, Meter
from buzzguard.collect.websub import Subscriptions
from buzzguard.model import Mention


def _everything(_: Mention) -> bool:
    return True


@dataclass(frozen=True)
class Tools:
    """The network, and what a source may ask of the watch that it reads for.

    `wanted` says whether a mention names a topic of the stream: for places that send everything. `words` are the words
    and phrases that the queries of the stream's topics look for, without what they exclude: for places that must be
    asked. `meter` counts what costs money or quota. `backfill` is how far a first poll reads back. `patience` is how
    long a poll of a place that pushes waits for something to come. `subscriptions` are those at the hubs of feeds; None
    where nothing can reach us.
    """

    http: HttpClient
    wanted: Callable[[Mention], bool] = _everything
    words: tuple[str, ...] = ()
    meter: Meter = field(default_factory=MemoryMeter)
    backfill: timedelta = timedelta(0)
    patience: timedelta = timedelta(seconds=15)
    subscriptions: Subscriptions | None = None
