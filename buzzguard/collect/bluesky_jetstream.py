"""The source `bluesky_jetstream`: every public post of Bluesky as it is said, filtered here by the topics' queries.

- follows the classic wire (`/subscribe`) of Jetstream. The cursor is the time of the last handled event, with the marks
  of what was taken in the seconds before: a reconnection, to this host or the next of the list, begins five seconds
  earlier, and what comes again is dropped on author, key and revision
- the servers replay about 36 hours. A first poll starts `backfill` ago, at most that far, else now. After a longer stop
  it goes on where the replay begins; the time before that is told as lost, and noted for a day
- deletions are passed on when the post was taken, or is from before this process and the store has to tell. An account
  that is deleted, taken down, suspended or deactivated takes all its mentions along
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
from buzzguard.model import Fetched, Span

REPLAY = timedelta(hours=36)
"""How far back the servers go."""
_SECOND_US = 1_000_000
_MARGIN = timedelta(minutes=30)
"""A first poll reads back a little less, so that its own connecting does not make it too late."""
_GATHER = timedelta(seconds=0.3)
_NOTED_FOR = timedelta(days=1)
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
        self._gap: Span | None = None
        self._now = _EPOCH

    async def close(self) -> None:
        """Hang up."""
        await self._tap.close()

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """What was said since the cursor and names a topic. Raises SourceUnavailable when no host can be had."""
        self._now = now
        place = self._placed(cursor, now)
        lost = _lost(place, now)
        self._gap = lost or self._gap
        self._committed = place
        fetched = await self._tap.take(place.position, now)
        us, count = position_of(fetched.cursor)
        after = Place(us=us, count=count, live_us=place.live_us, seen=self._reading.taken_until(us, count))
        mentions = await self._profiles.fill(fetched.mentions, now)
        return msgspec.structs.replace(
            fetched,
            mentions=tuple(msgspec.structs.replace(mention, fetched=now) for mention in mentions),
            cursor=after.dump(),
            backfilling=bool(place.live_us) and place.us < place.live_us,
            note=self._note(us, now, catching_up=us < place.live_us),
            lost=() if lost is None else (lost,),
        )

    def _note(self, us: int, now: datetime, *, catching_up: bool) -> str:
        notes = []
        if self._gap is not None and now - self._gap.end < REPLAY + _NOTED_FOR:
            span = f"{self._gap.start:%Y-%m-%d %H:%M} to {self._gap.end:%Y-%m-%d %H:%M} UTC"
            notes.append(f"posts from {span} are lost: the servers replay {REPLAY // timedelta(hours=1)} h only")
        if catching_up:
            notes.append(f"catching up, at {instant(us):%Y-%m-%d %H:%M} UTC")
            notes += ["what is older cannot be read back"] if self._asked_back > REPLAY else []
        return "; ".join(notes)

    def _placed(self, cursor: str, now: datetime) -> Place:
        place = load_place(cursor)
        if place is not None:
            return place
        if self._began is None:  # a first poll that is repeated begins where it began
            us = _microseconds(now)
            back = int(min(self._asked_back, REPLAY - _MARGIN) / timedelta(microseconds=1))
            self._began = Place(us=us - back, live_us=us if back else 0)
        return self._began

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


def _lost(place: Place, now: datetime) -> Span | None:
    """The time after the cursor whose posts cannot be had any more."""
    resumed = now - REPLAY
    return Span(start=instant(place.us), end=resumed) if place.us < _microseconds(resumed) else None


def _microseconds(at: datetime) -> int:
    return int(at.timestamp() * _SECOND_US)
