"""Learning from the past that streams have read: the samples of its time are measured anew, then learned in order.

Decisions that cost an argument:

- What a stream reads of its past never counts in a window that is judged: no alert may come of it that history has
  appeared. A crisis that goes on is told all the same, by what is said of it from now on.
- When the past is read, all stored mentions of its span are measured once more, from whichever stream; the samples
  take the place of the former ones, and the core is made anew, so that baselines learn in the order of time.
- The time before the earliest mention that a stream has brought is unknown for it, not zero.
- Nothing is measured from before the mentions that are kept: what had counted there is no longer known.
- Measuring goes on beside the watch, an hour of the past at a time; only its end holds the watch up.
- A crash on the way leaves the records unlearned: the next start does it all again, to the same samples.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard import telemetry
from buzzguard.config.settings import Settings
from buzzguard.core import streams_of_topics
from buzzguard.measure.anew import RUN_UP, Anew
from buzzguard.model import Backfill, Poll, Samples
from buzzguard.ports import Store
from buzzguard.worker import Worker

_HOUR = timedelta(hours=1)
_WRITE_EVERY = 24
"""Hours of the past in one transaction."""

log = telemetry.get_logger("past")


async def learn_past(store: Store, worker: Worker, records: Sequence[Backfill], now: datetime) -> list[Backfill]:
    """Learn from what `records` tell of; returns them as they are then. Raises StoreError, to be tried again."""
    settings = worker.core.settings
    until = {one.stream: one.at for one in records}
    learned: list[Backfill] = []
    reached = min((one.reached for one in records if one.reached), default=now)
    start = _whole_hour(max(reached, now - settings.store.keep_mentions))
    said = await _topics_said(store, until, start, now)
    topics = [topic for topic in settings.topics if topic in said]
    task = _Task(store, topics, settings, start)
    if topics:
        await task.begin(worker.core.counted.streams)
        await task.measure(worker.core.measuring.closed_until)

    async def finish() -> None:
        if topics:
            await task.finish(worker.core.measuring.closed_until)
        # Meanwhile a stream may have brought more: that is learned the next time.
        stored = [one for one in await store.backfills() if one.stream in until]
        learned.extend(replace(one, learned=until[one.stream]) for one in stored)
        await store.learned(topics, learned)

    if topics:
        await worker.replace_core(finish)
    else:
        await finish()
    log.info("backfill.learned", streams=sorted(one.stream for one in records), topics=len(topics), since=start)
    return learned


class _Task:
    def __init__(self, store: Store, topics: Sequence[str], settings: Settings, start: datetime) -> None:
        self._store = store
        self._topics = topics
        self._settings = settings
        self._at = start - RUN_UP
        self._written = self._start = start
        self._found: list[Samples] = []

    async def begin(self, without: frozenset[str]) -> None:
        """Make ready: which streams could be read when, `without` those that give no mentions."""
        followed = await self._store.streams_before(self._at)
        known = [Poll(stream=stream, at=self._at, ok=True) for stream in sorted(followed)]
        logged = [*(await self._store.last_polls()).values(), *await self._store.polls_since(self._at)]
        polls = [*known, *sorted(logged, key=lambda poll: poll.at)]
        polls = [poll for poll in polls if poll.stream not in without]
        streams = {topic: found for topic, found in streams_of_topics(self._settings).items() if topic in self._topics}
        self._anew = Anew(self._topics, streams, start=self._start, polls=polls)

    async def measure(self, until: datetime) -> None:
        """Whole hours, as far as windows have closed; the watch goes on meanwhile."""
        until = _whole_hour(until)
        while self._at < until:
            await self._advance(self._at + _HOUR)
            if self._at - self._written >= _WRITE_EVERY * _HOUR:
                await self._write()
            await asyncio.sleep(0)

    async def finish(self, closed: datetime) -> None:
        """What has closed since, while the watch waits."""
        await self.measure(closed)
        if self._at < closed:
            await self._advance(closed)
        await self._write()

    async def _advance(self, until: datetime) -> None:
        mentions = await self._store.mentions_between(self._at, until)
        self._found += self._anew.take(mentions, until)
        self._at = until

    async def _write(self) -> None:
        if self._at > self._written:
            await self._store.measured_anew(self._topics, (self._written, self._at), self._found)
            self._written, self._found = self._at, []


async def _topics_said(store: Store, streams: Iterable[str], start: datetime, now: datetime) -> set[str]:
    """The topics of which the streams have brought something past."""
    wanted, found, at = frozenset(streams), set[str](), start
    while at <= now:
        for one in await store.mentions_between(at, at + _HOUR):
            if one.past and one.mention.stream in wanted:
                found.update(one.topics)
        at += _HOUR
        await asyncio.sleep(0)
    return found


def _whole_hour(instant: datetime) -> datetime:
    return instant.replace(minute=0, second=0, microsecond=0)
