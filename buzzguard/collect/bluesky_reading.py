"""What each event of Bluesky's stream brings: mentions of topics, deletions, names of authors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from buzzguard.collect.bluesky_memory import OVERLAP_US, Recent, Taken
from buzzguard.collect.bluesky_posts import (
    COLLECTION,
    SITE,
    SOURCE,
    Post,
    card_title,
    handle_of,
    instant,
    kind_of,
    mention_of,
    post_link,
)
from buzzguard.collect.bluesky_profiles import Profiles
from buzzguard.collect.bluesky_wire import Account, Commit, Event, Frames
from buzzguard.collect.cursor import mark
from buzzguard.collect.fields import LONGEST_TEXT
from buzzguard.collect.tap import Drop
from buzzguard.errors import SourceUnavailable
from buzzguard.model import EXCERPT, Mention, Quarantined

_SECOND_US = 1_000_000
_AHEAD = timedelta(hours=1)
_MOST_BAD = 50
"""Frames in a row that cannot be read: then the place speaks something else."""
_LOST = frozenset(("deleted", "deactivated", "suspended", "takendown"))
"""States of an account in which its author, or the network, has taken its posts back."""
_DID = re.compile(r"did:[a-z0-9]{1,40}:[A-Za-z0-9._:%-]{1,500}")
_RKEY = re.compile(r"[A-Za-z0-9._:~-]{1,512}")
_BAD = (ValueError, TypeError, RecursionError, OverflowError)
_POSTS = msgspec.json.Decoder(Post)


class Reading:
    """Reads events in their order. `wanted` says whether a post names a topic; only what does is made a mention."""

    def __init__(self, stream: str, frames: Frames, profiles: Profiles, wanted: Callable[[Mention], bool]) -> None:
        self._stream = stream
        self._frames = frames
        self._profiles = profiles
        self._wanted = wanted
        self._recent = Recent({}, 0)
        self._taken: Taken | None = None
        self._position = ""
        self._idle_us = self._floor_us = self._count = self._bad = 0
        self._now = instant(0)

    def resume(self, us: int, count: int, *, seen: Mapping[str, int] | None) -> None:
        """Get ready to read on behind event number `count`, of time `us`; `seen` marks what was taken of those before
        (None: what was read until now)."""
        if seen is not None:
            self._recent, self._count = Recent(seen, count), count
        if self._taken is None:
            self._taken = Taken(instant(us))
        self._position, self._bad = f"{us}.{count}", 0
        self._idle_us = self._floor_us = us

    def taken_until(self, us: int, count: int) -> dict[str, int]:
        """Marks of what was taken up to event number `count`, as far back as a reconnection may reach."""
        self._recent.forget(us)
        return self._recent.until(us, count)

    def drops(self, frame: str | bytes, *, now: datetime) -> Iterator[Drop]:
        """What a frame brings; one that brings nothing moves the position once a second of the stream's time.

        Raises SourceUnavailable when nothing that comes can be read."""
        self._now = now
        try:
            event = self._frames.event(frame)
            at = self._believed(event.time_us)
        except _BAD as error:
            self._bad += 1
            if self._bad > _MOST_BAD:
                raise SourceUnavailable("nothing that the server sends can be read") from error
            yield Drop(position=self._position, quarantined=self._set_aside(frame, error))
            return
        self._bad = 0
        self._count += 1
        self._position = f"{self._after(event.time_us)}.{self._count}"
        try:
            yield from self._brought(event, at)
        except _BAD as error:
            yield Drop(position=self._position, at=at, quarantined=self._set_aside(frame, error))
        if abs(event.time_us - self._idle_us) >= _SECOND_US:
            self._idle_us = event.time_us
            yield Drop(position=self._position, at=at)

    def _believed(self, us: int) -> datetime:
        """The time of an event. Raises ValueError for one that would lead the cursor astray."""
        at = instant(us)
        if us <= 0 or at > self._now + _AHEAD:
            raise ValueError(f"an event of another time: {us}")
        return at

    def _after(self, us: int) -> int:
        """The time that the position takes from an event: what is only read again does not move it back."""
        if self._floor_us - 2 * OVERLAP_US <= us < self._floor_us:
            return self._floor_us
        self._floor_us = 0
        return us

    def _brought(self, event: Event, at: datetime) -> Iterator[Drop]:
        commit = event.commit
        if commit is not None:
            if commit.collection == COLLECTION:
                drop = self._changed(event.did, commit, at, event.time_us)
                if drop is not None:
                    yield drop
        elif event.account is not None:
            yield from self._account(event.did, event.account, at)
        elif event.identity is not None:
            self._profiles.renamed(event.did, handle_of({"handle": event.identity.handle}))

    def _changed(self, did: str, commit: Commit, at: datetime, us: int) -> Drop | None:
        assert self._taken is not None
        if commit.operation == "delete":
            gone = self._taken.gone(did, commit.rkey, at)
            return Drop(position=self._position, at=at, deleted=gone) if gone else None
        if commit.operation not in ("create", "update"):
            return None
        mention = self._mention(did, commit, at)
        if mention is None or not self._recent.take(mark(f"{did}/{commit.rkey}/{commit.rev}"), us, self._count):
            return None
        self._taken.add(did, commit.rkey, at)
        return Drop(position=self._position, at=at, mention=mention)

    def _mention(self, did: str, commit: Commit, at: datetime) -> Mention | None:
        """The mention that a post becomes, None when it names no topic. Raises ValueError for a bad record."""
        post = _POSTS.decode(commit.record)
        author = self._profiles.author(did)
        glance = Mention(
            id="",
            stream=self._stream,
            source=SOURCE,
            published=at,
            fetched=at,
            text=post.text[:LONGEST_TEXT],
            title=card_title(post),
            url=post_link(did, commit.rkey),
            site=SITE,
            kind=kind_of(post),
            author=author,
        )
        if not self._wanted(glance):
            return None
        if not (_DID.fullmatch(did) and _RKEY.fullmatch(commit.rkey)):
            raise ValueError("the author or the key of a post is not of the documented form")
        return mention_of(post, did=did, rkey=commit.rkey, stream=self._stream, seen=at, fetched=at, author=author)

    def _account(self, did: str, account: Account, at: datetime) -> Iterator[Drop]:
        """An author who is gone takes the posts along. What was taken of them the store has to tell."""
        if not account.active and account.status in _LOST and _DID.fullmatch(did):
            yield Drop(position=self._position, at=at, deleted_author=f"{SOURCE}:{did}")

    def _set_aside(self, frame: str | bytes, error: Exception) -> Quarantined:
        text = frame.decode("utf-8", "replace") if isinstance(frame, bytes) else frame
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        return Quarantined(stream=self._stream, at=self._now, reason=reason, record=text[:EXCERPT])
