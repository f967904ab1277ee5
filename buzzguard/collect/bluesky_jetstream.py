"""The source `bluesky_jetstream`: every public post of Bluesky as it is said, filtered here by the topics' queries.

- follows the classic wire (`/subscribe`) of Jetstream. The cursor is the time of the last handled event, with the marks
  of what was taken in the seconds before: a reconnection, to this host or the next of the list, begins five seconds
  earlier, and what comes again is dropped on author, key and revision
- the servers replay about 36 hours. A first poll starts `backfill` ago, at most that far, else now. After a longer stop
  the first poll fails and says from when to when posts are lost; the next ones go on where the replay begins
- deletions are passed on when the post was taken, or is from before this process and the store has to tell. An account
  that is deleted, suspended or deactivated takes along those of its mentions that were taken since the process began
- a false time is not believed: see `bluesky_posts.event_time`
- handles and followers are not in the stream: they are looked up (`profiles`), and where that fails mentions come
  without. A query that asks for `author:` therefore finds authors whose handle is known already
- `dictionary`, the file `zstd_dictionary` of the Jetstream repository (its id is 1612007021), turns compression on
- waits and backs off as the poller does; every host is tried once for each attempt
- terms: deletions are honoured; no secret is needed

**UNVERIFIED**: profiles without a login on public.api.bsky.app; how many events a second there are; that servers of
August 2026 and later keep the classic wire as it was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import msgspec
from pydantic import Field, field_validator

from buzzguard.collect.answers import check_status
from buzzguard.collect.bluesky_memory import OVERLAP_US, Place, load_place, position_of
from buzzguard.collect.bluesky_posts import COLLECTION, instant
from buzzguard.collect.bluesky_profiles import Profiles
from buzzguard.collect.bluesky_reading import Reading
from buzzguard.collect.bluesky_wire import MOST_FRAME, Frames
from buzzguard.collect.card import SourceCard
from buzzguard.collect.http import shown_url
from buzzguard.collect.tap import Drop, Tap
from buzzguard.collect.tools import Tools
from buzzguard.collect.websocket import Turned, connect
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceError, SourceUnavailable
from buzzguard.model import Fetched

REPLAY = timedelta(hours=36)
"""How far back the servers go."""
_SECOND_US = 1_000_000
_MARGIN = timedelta(minutes=30)
"""A first poll reads back a little less, so that its own connecting does not make it too late."""
_GATHER = timedelta(seconds=0.3)
_CATCHING_UP = timedelta(minutes=5)
_MOST_EMPTY = 8
_EPOCH = datetime.fromtimestamp(0, UTC)


class BlueskyJetstreamSource:
    """The public posts of Bluesky, pushed. What it remembers beside its cursor only saves work."""

    card = SourceCard(
        group="keyless",
        reads="Bluesky: every public post, filtered here by the topics' queries",
        needs="nothing",
        delay="seconds",
        limits="the last 36 h can be replayed; no filter by words at the service",
        terms="deletions are honoured; no profiles of people are built",
    )

    class Settings(Frozen):
        """What may be chosen; everything has a default."""

        hosts: tuple[str, ...] = Field(
            default=(
                "wss://jetstream1.us-east.bsky.network/subscribe",
                "wss://jetstream2.us-east.bsky.network/subscribe",
                "wss://jetstream1.us-west.bsky.network/subscribe",
                "wss://jetstream2.us-west.bsky.network/subscribe",
            ),
            min_length=1,
            max_length=20,
        )
        """Addresses of Jetstream servers, tried in turn."""
        profiles: str = "https://public.api.bsky.app"
        """Where handles and followers of authors are looked up; empty: they are not."""
        dictionary: Path | None = None
        """The published zstd dictionary; with it the stream is compressed."""

        @field_validator("hosts")
        @classmethod
        def _sockets(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            for address in value:
                parts = urlsplit(address)
                if parts.scheme not in ("ws", "wss") or not parts.hostname or parts.query:
                    raise ValueError(
                        f"{address[:80]!r} is no server's address, write for example wss://example.org/subscribe"
                    )
            return value

        @field_validator("profiles")
        @classmethod
        def _web_address(cls, value: str) -> str:
            parts = urlsplit(value)
            if value and (parts.scheme not in ("http", "https") or not parts.hostname):
                raise ValueError("not an http or https address; leave it empty to look nobody up")
            return value

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:  # noqa: ARG002
        """Raises ConfigError when the dictionary cannot be read."""
        self._stream = stream
        self._http = tools.http
        self._asked_back = tools.backfill
        self._hosts = deque(settings.hosts)
        self._profiles = Profiles(tools.http, settings.profiles)
        self._frames = Frames(settings.dictionary)
        self._reading = Reading(stream, self._frames, self._profiles, tools.wanted)
        self._tap = Tap(self._follow, wait=tools.patience, gather=min(_GATHER, tools.patience / 4))
        self._committed = Place()
        self._began: Place | None = None
        self._told_gap = False
        self._now = _EPOCH

    async def close(self) -> None:
        """Hang up."""
        await self._tap.close()

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """What was said since the cursor and names a topic. Raises SourceUnavailable when no host can be had, and once
        when the cursor is older than what can be replayed."""
        self._now = now
        place = self._placed(cursor, now)
        gap = self._gap(place, now)
        self._committed = place
        fetched = await self._take(place, now, patient=gap)
        us, count = position_of(fetched.cursor)
        after = Place(us=us, count=count, live_us=place.live_us, seen=self._reading.taken_until(us, count))
        mentions = await self._profiles.fill(fetched.mentions, now)
        return msgspec.structs.replace(
            fetched,
            mentions=tuple(msgspec.structs.replace(mention, fetched=now) for mention in mentions),
            cursor=after.dump(),
            backfilling=bool(place.live_us) and place.us < place.live_us,
            note=self._note(us, catching_up=gap or us < place.live_us),
        )

    def _note(self, us: int, *, catching_up: bool) -> str:
        if not catching_up:
            return ""
        short = "; what is older cannot be read back" if self._asked_back > REPLAY else ""
        return f"catching up, at {instant(us):%Y-%m-%d %H:%M} UTC{short}"

    def _placed(self, cursor: str, now: datetime) -> Place:
        place = load_place(cursor)
        if place is not None:
            return place
        if self._began is None:  # a first poll that is repeated begins where it began
            us = _microseconds(now)
            back = int(min(self._asked_back, REPLAY - _MARGIN) / timedelta(microseconds=1))
            self._began = Place(us=us - back, live_us=us if back else 0)
        return self._began

    def _gap(self, place: Place, now: datetime) -> bool:
        """Whether posts after the cursor cannot be had any more. Raises SourceUnavailable the first time: the poll
        fails, so that the minutes lost count as unknown."""
        resumed = now - REPLAY
        if _microseconds(resumed) <= place.us:
            self._told_gap = False
            return False
        if self._told_gap:
            return True
        self._told_gap = True
        lost = f"{instant(place.us):%Y-%m-%d %H:%M} to {resumed:%Y-%m-%d %H:%M} UTC"
        hours = int(REPLAY / timedelta(hours=1))
        raise SourceUnavailable(
            f"posts from {lost} are lost: the servers replay {hours} h only; going on from there",
            retry_after=timedelta(seconds=5),
        )

    async def _take(self, place: Place, now: datetime, *, patient: bool) -> Fetched:
        """What the tap holds. After a gap an empty answer would say that nothing was missed: a few more are waited for
        until one brings something or the present is reached."""
        fetched = await self._tap.take(place.position, now)
        for _ in range(_MOST_EMPTY if patient else 0):
            if fetched.mentions or (fetched.lag is not None and fetched.lag < _CATCHING_UP):
                break
            fetched = await self._tap.take(fetched.cursor, now)
        return fetched

    async def _follow(self, position: str) -> AsyncIterator[Drop]:
        """One connection: to the first host that takes it."""
        us, count = position_of(position)
        # After a restart, or when what was handed out was not committed, only what the cursor tells is known as taken.
        again = position == self._committed.position
        self._reading.resume(us, count, seen=self._committed.seen if again else None)
        trouble: SourceError = SourceUnavailable("no host could be reached")
        for _ in range(len(self._hosts)):
            host, opened = self._hosts[0], False
            try:
                async with connect(self._http, self._address(host, us), max_bytes=2 * MOST_FRAME) as socket:
                    opened = True
                    async for frame in socket.messages():
                        for drop in self._reading.drops(frame, now=self._now):
                            yield drop
                trouble = SourceUnavailable(f"{shown_url(host)} closed the connection")
            except SourceError as error:
                trouble = self._explained(error)
            self._hosts.rotate(-1)
            if opened:
                break
        raise trouble

    def _address(self, host: str, us: int) -> str:
        query = {
            "wantedCollections": COLLECTION,
            "cursor": str(max(us - OVERLAP_US, 1)),
            "maxMessageSizeBytes": str(MOST_FRAME),
        }
        return f"{host}?{urlencode(query | ({'compress': 'true'} if self._frames.compressed else {}))}"

    def _explained(self, error: SourceError) -> SourceError:
        if not isinstance(error, Turned):
            return error
        try:
            check_status(error.answer, self._now, authorised=False)
        except SourceError as told:
            return told
        return SourceUnavailable(f"{shown_url(error.answer.url)} answered with a page where a WebSocket was due")


def _microseconds(at: datetime) -> int:
    return int(at.timestamp() * _SECOND_US)
