"""What a Mastodon server pushes. It only makes sooner what the timelines show as well: nothing hangs on it."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Any

import msgspec

from buzzguard.collect.asked import asked
from buzzguard.collect.http import HttpClient, Unwelcome
from buzzguard.collect.json_api import read_json
from buzzguard.collect.mastodon_server import Server
from buzzguard.collect.mastodon_statuses import engagement_of
from buzzguard.collect.sse import Event, events
from buzzguard.errors import SourceError, SourceUnavailable
from buzzguard.model import Mention, Record, Reread
from buzzguard.telemetry import get_logger

_log = get_logger("collect.mastodon_live")
_MOST_WAITING = 5_000
_FIRST_PAUSE, _LONGEST_PAUSE = 5.0, 300.0
_QUIET = timedelta(seconds=90)


class Heard(Record, frozen=True, kw_only=True):
    """What was pushed since the last time."""

    mentions: tuple[Mention, ...] = ()
    deleted: tuple[str, ...] = ()
    rereads: tuple[Reread, ...] = ()


class Live:
    """Listens to hashtags of one server, one connection each, until closed. `missed` says that the timelines have to be
    read, because a connection was opened or something fell out; `refused` why there is nothing to listen to."""

    def __init__(self, http: HttpClient, server: Server, *, local: bool, gather: timedelta) -> None:
        self._http = http
        self._server = server
        self._kind = "hashtag/local" if local else "hashtag"
        self._gather = gather.total_seconds()
        self._events: deque[Event] = deque()
        self._came = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._open: set[str] = set()
        self.missed = True
        self.refused: SourceError | None = None

    @property
    def whole(self) -> bool:
        """Whether every connection is open."""
        return bool(self._tasks) and len(self._open) == len(self._tasks)

    async def listen(self, tags: list[str], now: datetime) -> None:
        """Begin, once. What keeps it from beginning is `refused`, or tried again the next time."""
        if self._tasks or self.refused is not None:
            return
        try:
            base = await self._server.streaming(now)
        except SourceUnavailable:
            return
        except SourceError as error:
            self.refused = error
            return
        self._tasks = [asyncio.create_task(self._hear(base, tag, now), name=f"mastodon-{tag}") for tag in tags]

    async def take(self, patience: timedelta, now: datetime) -> Heard:
        """What came; waits at most `patience` for something."""
        try:
            async with asyncio.timeout(patience.total_seconds()):
                await self._came.wait()
                await asyncio.sleep(self._gather)
        except TimeoutError:
            pass
        self._came.clear()
        heard = [self._events.popleft() for _ in range(len(self._events))]
        mentions: dict[str, Mention] = {}
        deleted: list[str] = []
        rereads: list[Reread] = []
        for event in heard:
            if event.name == "delete":
                deleted += filter(None, [self._server.statuses.known(event.data.strip())])
                continue
            mention, status = self._status(event, now)
            if mention is not None and event.name == "update":
                mentions.setdefault(mention.id, mention)
            elif mention is not None:
                rereads.append(Reread(id=mention.id, engagement=engagement_of(status), at=now))
        return Heard(mentions=tuple(mentions.values()), deleted=tuple(dict.fromkeys(deleted)), rereads=tuple(rereads))

    async def close(self) -> None:
        """Hang up. May be called twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _status(self, event: Event, now: datetime) -> tuple[Mention | None, Any]:
        """The mention of an event; None for one that cannot be read: the timeline sets it aside with its reason."""
        try:
            status = msgspec.json.decode(event.data)
            return self._server.statuses.mention(status, now=now), status
        except (ValueError, TypeError, RecursionError):
            return None, None

    async def _hear(self, base: str, tag: str, now: datetime) -> None:
        """Listen to one hashtag for ever; connections that end are opened again, ever more slowly."""
        loop, pause = asyncio.get_running_loop(), _FIRST_PAUSE
        while self.refused is None:
            began = loop.time()
            try:
                await self._connection(tag, asked(f"{base}/api/v1/streaming/{self._kind}", tag=tag))
            except Unwelcome as error:
                self._turned_away(error, now)
            except SourceError as error:
                _log.info("live.ended", host=self._server.host, reason=str(error)[:200])
            finally:
                self._open.discard(tag)
            pause = _FIRST_PAUSE if loop.time() - began > _LONGEST_PAUSE else min(2 * pause, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _connection(self, tag: str, url: str) -> None:
        async with self._http.stream(url, headers=self._server.headers, quiet=_QUIET) as pieces:
            # From here on nothing is missed; what was said before is in the timeline.
            self.missed = True
            self._open.add(tag)
            self._came.set()
            async for event in events(pieces):
                if event.name in ("update", "status.update", "delete"):
                    self._keep(event)

    def _keep(self, event: Event) -> None:
        if len(self._events) >= _MOST_WAITING:
            self._events.popleft()
            self.missed = True
        self._events.append(event)
        self._came.set()

    def _turned_away(self, error: Unwelcome, now: datetime) -> None:
        try:
            read_json(error.answer, now, authorised=True, explain=self._server.explain)
        except SourceUnavailable as told:
            _log.info("live.ended", host=self._server.host, reason=str(told)[:200])
        except SourceError as told:
            self.refused = told
