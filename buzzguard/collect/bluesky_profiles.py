"""Who wrote: handles and followers of Bluesky authors, asked for in batches and remembered.

It only ever adds: mentions are delivered without when the service is slow, closed or wrong. It leans on
`app.bsky.actor.getProfiles` answering without a login on the public host (**UNVERIFIED** for 2026).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec

from buzzguard.collect.bluesky_posts import author_of
from buzzguard.collect.fields import text_at
from buzzguard.collect.http import HttpClient
from buzzguard.collect.json_api import read_json, records_in
from buzzguard.collect.limits import wait_of
from buzzguard.errors import SourceError, SourceUnavailable
from buzzguard.model import Author, Mention
from buzzguard.telemetry import get_logger

_log = get_logger("collect.bluesky_profiles")
_BATCH = 25
_MOST_BATCHES = 4
"""Asked for one poll: the authors beyond go without, rather than all wait."""
_MOST_KNOWN = 20_000
_FRESH = timedelta(hours=12)
_PATIENCE = 3.0
_PAUSE, _LONGEST_PAUSE = timedelta(minutes=2), timedelta(hours=2)


class Profiles:
    """Knows authors. `base` is the address of the service; empty: nobody is asked."""

    def __init__(self, http: HttpClient, base: str) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._known: dict[str, tuple[Author, datetime]] = {}
        self._handles: dict[str, str] = {}
        self._pause = _PAUSE
        self._opens: datetime | None = None

    def author(self, did: str) -> Author:
        """What is known of an author without asking."""
        known = self._known.get(did)
        author = known[0] if known else Author(id=did)
        handle = self._handles.get(did)
        return msgspec.structs.replace(author, handle=handle) if handle else author

    def renamed(self, did: str, handle: str) -> None:
        """The network told of an author's handle."""
        self._handles.pop(did, None)
        if handle:
            self._handles[did] = handle
        _bound(self._handles)

    async def fill(self, mentions: Sequence[Mention], now: datetime) -> tuple[Mention, ...]:
        """The same mentions, with what can be told of their authors within a few seconds. Never raises."""
        unknown = dict.fromkeys(one.author.id for one in mentions if self._is_unknown(one.author.id, now))
        if unknown and self._base and (self._opens is None or now >= self._opens):
            await self._learn(list(unknown)[: _BATCH * _MOST_BATCHES], now)
        return tuple(msgspec.structs.replace(one, author=self.author(one.author.id)) for one in mentions)

    def _is_unknown(self, did: str, now: datetime) -> bool:
        known = self._known.get(did)
        return known is None or now - known[1] > _FRESH

    async def _learn(self, dids: list[str], now: datetime) -> None:
        batches = [dids[start : start + _BATCH] for start in range(0, len(dids), _BATCH)]
        try:
            async with asyncio.timeout(_PATIENCE):
                ended = await asyncio.gather(*(self._ask(batch, now) for batch in batches), return_exceptions=True)
            for error in filter(None, ended):
                raise error
        except (SourceError, TimeoutError) as error:
            asked = error.retry_after if isinstance(error, SourceUnavailable) else None
            self._opens = now + max(self._pause, asked or self._pause)
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            _log.info("profiles.unavailable", reason=str(error)[:200] or "too slow", again_at=self._opens.isoformat())
            return
        self._pause = _PAUSE

    async def _ask(self, dids: list[str], now: datetime) -> None:
        query = urlencode([("actors", did) for did in dids])
        answer = await self._http.get(f"{self._base}/xrpc/app.bsky.actor.getProfiles?{query}", max_bytes=2_000_000)
        profiles = records_in(read_json(answer, now), "profiles")
        found = {text_at(profile, "did"): profile for profile in profiles}
        self._learned({did: author_of(found[did], did) if did in found else Author(id=did) for did in dids}, now)
        wait = wait_of(answer, now)
        if wait:
            self._opens = now + wait

    def _learned(self, authors: dict[str, Author], now: datetime) -> None:
        for did, author in authors.items():
            self._known.pop(did, None)
            self._known[did] = author, now
        _bound(self._known)


def _bound(memory: dict[str, Any]) -> None:
    while len(memory) > _MOST_KNOWN:
        del memory[next(iter(memory))]
