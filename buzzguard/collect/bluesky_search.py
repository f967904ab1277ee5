"""The source `bluesky_search`: the past of Bluesky by search, through a session of an account.

- resumes from a cursor: each search is walked from its newest back to what was delivered last. Meant for the back-fill
  of a start and as a second net beside `bluesky_jetstream`: the same post has the same id from both
- the session is kept and renewed in memory; at most 30 logins a day are spent (of 300). Asks nothing while the headers
  say that nothing remains; waits as a 429 asks
- a false time is not believed: see `bluesky_posts.event_time`, held against `indexedAt`
- likes, replies and reposts of young posts that are listed again are read again, for nothing
- terms: the search is no interface for general use, and may not show all; deletions are learned from the stream
- secrets: an app password, sent in the body of the login alone; tokens in headers

**UNVERIFIED**: `searchPostsV2` is not used, as it may not be live; that `q` takes phrases in quotes (it is "Lucene
recommended"): what it lets through is held against the topics by the watch.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from pydantic import Field

from buzzguard.collect.asked import Queries, WebAddress, asked, phrase, queries_of
from buzzguard.collect.bluesky_posts import Post, author_of, mention_of, parts_of
from buzzguard.collect.bluesky_session import Session
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import at, id_at, moment_at, number_at, text_at
from buzzguard.collect.json_api import records_in, take
from buzzguard.collect.several import Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import LanguageCode, Secret, StreamSettings
from buzzguard.model import Engagement, Fetched, Mention

_PER_PAGE = 100


class BlueskySearchSource:
    """Searches. Keeps nothing between calls but its session."""

    card = SourceCard(
        group="free key or own account",
        reads="Bluesky: posts by search, back to any day; best for the back-fill of a start",
        needs="an account and an app password",
        delay="the interval of polling (2 min), and the indexing of the service",
        limits="3,000 requests in 5 min, 300 logins a day; the search may not show everything",
        terms="search is not meant as a general interface: use bluesky_jetstream to watch",
    )

    class Settings(Frozen):
        """What is searched for, and with which account."""

        identifier: str = Field(min_length=3, max_length=300)
        """The handle of the account, `lumio-watch.bsky.social`."""
        password: Secret
        """An app password of the account, never its own."""
        queries: Queries = ()
        """What to search for, one search each; the words of the stream's topics when empty."""
        languages: tuple[LanguageCode, ...] = Field(default=(), max_length=10)
        """Only posts that declare one of these languages; all when empty."""
        service: WebAddress = "https://bsky.social"
        """The server of the account."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:  # noqa: ARG002
        """Raises ConfigError when the password cannot be read."""
        self._stream = stream
        self._settings = settings
        self._words = tools.words
        self._several = Several(backfill=tools.backfill)
        self._session = Session(
            tools.http,
            settings.service,
            identifier=settings.identifier,
            password=read_secret(settings.password),
            meter=tools.meter,
        )

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        asks = {
            f"{query} {language}": partial(self._page, query=query, language=language, now=now)
            for query in queries_of(self._settings.queries, self._words)
            for language in self._settings.languages or ("",)
        }
        return await self._several.walk(cursor, now, asks)

    async def _page(self, token: str, since: datetime, *, query: str, language: str, now: datetime) -> Page:
        """One page; `token` is the cursor that the service gave."""
        url = asked(
            f"{self._settings.service}/xrpc/app.bsky.feed.searchPosts",
            q=query if query in self._settings.queries else phrase(query),
            sort="latest",
            since=f"{since:%Y-%m-%dT%H:%M:%S}.000Z",
            lang=language or None,
            limit=_PER_PAGE,
            cursor=token or None,
        )
        body = await self._session.get(url, now)
        posts = records_in(body, "posts")
        times = take(posts, _sorted_at, stream=self._stream, now=now).read
        taken = take(posts, partial(self._mention, now=now), stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=text_at(body, "cursor", most=2_000) if posts else "",
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    def _mention(self, view: Any, *, now: datetime) -> Mention:
        parts = parts_of(at(view, "uri"))
        if parts is None:
            raise ValueError("there is no address of a post at 'uri'")
        did, rkey = parts
        author = at(view, "author")
        return mention_of(
            msgspec.convert(at(view, "record"), Post),
            did=did,
            rkey=rkey,
            stream=self._stream,
            seen=moment_at(view, "indexedAt"),
            fetched=now,
            author=author_of(author if isinstance(author, dict) else {}, id_at(view, "author.did")),
            engagement=Engagement(
                likes=number_at(view, "likeCount"),
                replies=number_at(view, "replyCount"),
                shares=number_at(view, "repostCount") + number_at(view, "quoteCount"),
            ),
        )


def _sorted_at(view: Any) -> datetime:
    """What the service sorts by: the earlier of the declared and the indexed time, held to an hour before it."""
    indexed = moment_at(view, "indexedAt")
    try:
        declared = moment_at(view, "record.createdAt")
    except ValueError:
        return indexed
    return max(min(declared, indexed), indexed - timedelta(hours=1))
