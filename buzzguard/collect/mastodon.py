"""The source `mastodon`: hashtags, or a search, on chosen Mastodon servers.

- each timeline is walked from its newest page back to what was delivered last, following the `Link` header. `min_id`
  would read forward, but the ids of a server follow the time of writing: what reaches it late from another server
  stands below an id already read, and would never be seen. A walk reads a quarter of an hour further back, shows young
  statuses again for nothing, and asks the newest page without the parameters that servers count most strictly
- asks nothing while `X-RateLimit-Remaining` is zero; pages beyond the first are counted (280 of 300 in 15 min)
- a status has the id of its `uri`: what several servers show is one mention
- `streaming` (user token): statuses as they are said, deletions and edits; an edit gives new numbers, its text is not
  taken. Whatever a connection missed is in the timelines, which are read after each opening and every five minutes
- deletions are heard of by streaming alone, for statuses seen since the process began
- `search` (user token): full-text search, where the server has it; finds those who agreed to be found
- terms: each server has its own; polling of hashtags is welcome. Only public and unlisted statuses are taken
- secrets: the token, sent in a header to its one server (and its streaming host) alone

**UNVERIFIED**: the heart-beat of the stream (15 s; 90 s of silence end a connection); the order and the paging of
statuses in a search; that `/api/v2/instance` of all servers tells of closed feeds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

import msgspec
from pydantic import BeforeValidator, Field, model_validator

from buzzguard.collect.asked import Queries, WebAddress
from buzzguard.collect.card import SourceCard
from buzzguard.collect.cursor import mark
from buzzguard.collect.mastodon_live import Heard, Live
from buzzguard.collect.mastodon_server import Server
from buzzguard.collect.several import Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret, StreamSettings
from buzzguard.errors import SourceRefused
from buzzguard.model import Fetched, Mention

_WALK_EVERY = timedelta(minutes=5)
_WALK_ALONE = timedelta(minutes=1)
"""While a connection is broken."""
_REMEMBERED = timedelta(hours=2)
_MOST_REMEMBERED = 5_000
_MOST_CURSOR = 10_000_000
_MOST_TAGS = 50
_GATHER = timedelta(seconds=0.3)
_NOT_A_LETTER = re.compile(r"[\W_]+")


def _server(value: object) -> object:
    """A server may be written by its host alone."""
    return f"https://{value}" if isinstance(value, str) and "://" not in value else value


def _hashtag(value: object) -> object:
    return value.strip().removeprefix("#") if isinstance(value, str) else value


Hashtag = Annotated[str, BeforeValidator(_hashtag), Field(pattern=r"^\w{1,100}$")]


class LiveCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a stream that listens stands: the walks, when they were last done (Unix seconds), and the marks of what was
    delivered lately with its time, so that a walk does not bring it again."""

    walks: str = ""
    walked: float = 0.0
    heard: dict[str, float] = {}


class MastodonSource:
    """Reads timelines, or listens. What it remembers beside its cursor only makes things sooner."""

    card = SourceCard(
        group="keyless",
        reads="Mastodon: hashtags on chosen servers; by search or streaming with a token",
        needs="nothing; a user token for search, streaming and closed servers",
        delay="the interval of polling (2 min); seconds with streaming",
        limits="300 requests in 5 min, 300 pages in 15 min for each server",
        terms="those of each server; deletions are honoured, only public statuses are read",
    )

    class Settings(Frozen):
        """Which servers are read, and for what."""

        servers: tuple[Annotated[WebAddress, BeforeValidator(_server)], ...] = Field(
            default=("https://mastodon.social",), min_length=1, max_length=20
        )
        """The servers: hosts, or addresses."""
        hashtags: tuple[Hashtag, ...] = Field(default=(), max_length=_MOST_TAGS)
        """The hashtags; the words of the stream's topics, written as one, when empty."""
        search: Queries = ()
        """Searches in place of hashtags, in the server's own syntax; they want a user token."""
        local: bool = False
        """Only statuses of the servers' own people."""
        token: Secret | None = None
        """A token of the one server of this stream."""
        streaming: bool = False
        """Whether to listen as well; wants a user token."""

        @model_validator(mode="after")
        def _belong_together(self) -> MastodonSource.Settings:
            if self.token is not None and len(self.servers) != 1:
                raise ValueError("a token belongs to one server; write one stream for each server that has one")
            if (self.search or self.streaming) and self.token is None:
                raise ValueError("`search` and `streaming` want the `token` of a user of the server")
            if self.search and (self.streaming or self.hashtags):
                raise ValueError("`search` stands in place of `hashtags` and `streaming`; write two streams")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:  # noqa: ARG002
        """Raises ConfigError when the token cannot be read."""
        token = read_secret(settings.token) if settings.token else None
        self._settings = settings
        self._words = tools.words
        self._patience = tools.patience
        self._servers = [
            Server(tools.http, address, stream=stream, token=token, meter=tools.meter) for address in settings.servers
        ]
        self._several = Several(backfill=tools.backfill)
        gather = min(_GATHER, tools.patience / 4)
        self._live = (
            Live(tools.http, self._servers[0], local=settings.local, gather=gather) if settings.streaming else None
        )

    async def close(self) -> None:
        """Hang up."""
        if self._live is not None:
            await self._live.close()

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """What is new in the timelines, or was said since."""
        if self._live is None:
            return await self._several.walk(cursor, now, self._asks(now))
        await self._live.listen(self._tags(), now)
        return await self._listened(self._live, _load(cursor), now)

    def _asks(self, now: datetime) -> Mapping[str, Ask]:
        if self._settings.search:
            return {
                f"{server.host}?{query}": partial(server.search, query=query, now=now)
                for server in self._servers
                for query in self._settings.search
            }
        local = self._settings.local
        return {
            f"{server.host}#{tag}": partial(server.timeline, tag=tag, local=local, now=now)
            for server in self._servers
            for tag in self._tags()
        }

    def _tags(self) -> list[str]:
        """The hashtags. Raises SourceRefused when there is none."""
        found = dict.fromkeys([*self._settings.hashtags] or filter(None, map(squeezed, self._words)))
        if not found:
            raise SourceRefused("there is no hashtag to read: write `hashtags`, or give the stream topics with words")
        return list(found)[:_MOST_TAGS]

    async def _listened(self, live: Live, state: LiveCursor, now: datetime) -> Fetched:
        """One poll of a stream that listens: a walk when one is due, else what is heard."""
        apart = _WALK_EVERY if live.whole else _WALK_ALONE
        due = live.missed or now.timestamp() - state.walked >= apart.total_seconds()
        if not due:
            return _joined(Fetched(cursor=state.walks), await live.take(self._patience, now), state, now)
        live.missed, whole = False, False
        try:
            walk = await self._several.walk(state.walks, now, self._asks(now))
            whole = walk.retry_after != timedelta(0)
        finally:
            # A connection that opened meanwhile asks for one more walk too.
            live.missed = live.missed or not whole
        note = "; ".join(filter(None, [walk.note, f"not listening: {live.refused}" if live.refused else ""]))
        joined = _joined(walk, Heard(), msgspec.structs.replace(state, walked=now.timestamp()), now)
        wait = walk.retry_after if live.refused else timedelta(0)
        return msgspec.structs.replace(joined, note=note[:500], retry_after=wait)


def squeezed(words: str) -> str:
    """Words as people write them in a hashtag: `air france` → `airfrance`; empty where no letter is left."""
    tag = _NOT_A_LETTER.sub("", words)
    return tag if len(tag) > 1 and not tag.isdecimal() else ""


def _joined(walk: Fetched, heard: Heard, state: LiveCursor, now: datetime) -> Fetched:
    """What a walk and the listening brought, each mention once; both orders happen."""
    fresh: dict[str, Mention] = {}
    for mention in (*walk.mentions, *heard.mentions):
        if mark(mention.id) not in state.heard:
            fresh.setdefault(mention.id, mention)
    oldest = (now - _REMEMBERED).timestamp()
    remembered = {key: at for key, at in state.heard.items() if at >= oldest}
    remembered |= {mark(id): now.timestamp() for id in fresh}
    after = LiveCursor(
        walks=walk.cursor,
        walked=state.walked,
        heard=dict(list(remembered.items())[-_MOST_REMEMBERED:]),
    )
    return msgspec.structs.replace(
        walk,
        mentions=tuple(sorted(fresh.values(), key=lambda mention: mention.published)),
        cursor=msgspec.json.encode(after).decode(),
        retry_after=timedelta(0),
        rereads=(*walk.rereads, *heard.rereads),
        deleted=(*walk.deleted, *heard.deleted),
    )


def _load(cursor: str) -> LiveCursor:
    """The place of a stream that listens; one that only walked until now is taken over."""
    if not cursor or len(cursor) > _MOST_CURSOR:
        return LiveCursor()
    try:
        read = msgspec.json.decode(cursor, type=LiveCursor)
    except (msgspec.MsgspecError, UnicodeError):
        return LiveCursor()
    return read if read.walks else LiveCursor(walks=cursor)
