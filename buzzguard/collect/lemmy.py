"""The source `lemmy`: posts and comments that one Lemmy instance knows, by search or all that is new.

- resumes from a cursor: posts and comments are two lists of each search, walked from the newest back to six hours
  before what was delivered last, as a post of another instance may arrive hours after it was written
- backs off on `too_many_requests` (`rate_limit_error` in older versions), under whatever status, as asked or ten
  minutes; polls no oftener than 50 requests in ten minutes allow (instances allow about 60)
- terms: those of each instance; what is removed or deleted there is deleted here
- secrets: none, public data are read
- a text has the same id from whichever instance it comes (`ap_id`)
- leans on what is UNVERIFIED: the shape of comments (that of posts, with `comment` in the place of `post`); that pages
  end when one is not full; for `api: v4` all of it: counters and `published_at` inside the post, `page_cursor` and
  `next_page`, the error body
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec
from pydantic import Field, model_validator

from buzzguard.collect.asked import Queries, WebAddress, asked, queries_of
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.limits import wait_of
from buzzguard.collect.several import Listing, Several
from buzzguard.collect.site import site_of, web_link
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Fetched, Mention, MentionKind

SOURCE = "lemmy"
_LATE = timedelta(hours=6)
_INTERVAL = timedelta(minutes=10)
_ASKED_IN_INTERVAL = 50
_LONGEST_ID = 200
_TOO_MANY = frozenset(("too_many_requests", "rate_limit_error"))
_KINDS = {"Posts": "post", "Comments": "comment"}
"""What is asked for → the name of the object that holds the text."""


class LemmySource:
    """One instance. Keeps nothing between calls but its settings."""

    card = SourceCard(
        group="keyless",
        reads="Lemmy: posts and comments that an instance knows, by search or all of a community",
        needs="nothing",
        delay="the interval of polling (2 min), and what federation takes",
        limits="set by each instance, usually 60 searches in 10 min; BuzzGuard asks 50",
        terms="those of the instance; what is deleted there is deleted here",
    )

    class Settings(Frozen):
        """What is read of an instance; one stream for each instance."""

        address: WebAddress
        """The instance, for example https://lemmy.world."""
        queries: Queries = ()
        """What to search for, one search each; the words of the stream's topics when empty."""
        community: str = Field(default="", max_length=200)
        """Only this community: `name`, or `name@instance` for one of another instance."""
        everything: bool = False
        """Whether all that is new is read, and chosen from here, instead of searching: for small instances, or with a
        community (`v3` only)."""
        bots: bool = False
        """Whether accounts that say that they are bots are read."""
        api: Literal["v3", "v4"] = "v3"
        """The version of the interface; `v4` came with Lemmy 1.0, which still answers `v3`."""
        per_page: int = Field(default=50, ge=1, le=50)
        """Records on a page."""

        @model_validator(mode="after")
        def _possible(self) -> LemmySource.Settings:
            if self.everything and self.api == "v4":
                raise ValueError("everything can be read by api: v3 only")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._stream = stream
        self._language = common.language
        self._settings = settings
        self._tools = tools
        self._several = Several(backfill=tools.backfill, overlap=_LATE)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every list once."""
        asks = self._asks(now)
        fetched = await self._several.walk(cursor, now, asks)
        least = _INTERVAL / _ASKED_IN_INTERVAL * len(asks)
        if fetched.retry_after == timedelta(0):
            return fetched
        return msgspec.structs.replace(fetched, retry_after=max(fetched.retry_after or least, least))

    def _asks(self, now: datetime) -> dict[str, Ask]:
        queries = ("",) if self._settings.everything else queries_of(self._settings.queries, self._tools.words)
        where = f"{self._settings.address} {self._settings.community}"
        return {
            f"{where} {kind} {query}": partial(self._page, kind=kind, query=query, now=now)
            for query in queries
            for kind in _KINDS
        }

    def _url(self, token: str, *, kind: str, query: str) -> str:
        own, v4 = self._settings, self._settings.api == "v4"
        base = f"{own.address}/api/{own.api}"
        common: dict[str, str | int | None] = {
            "sort": "New",
            "limit": own.per_page,
            "community_name": own.community or None,
        }
        if own.everything:
            return asked(f"{base}/{_KINDS[kind]}/list", type_="All", page=token or 1, **common)
        if v4:
            found = {"search_term": query, "type_": kind, "page_cursor": token or None}
            return asked(f"{base}/search", **found, **common)
        return asked(f"{base}/search", q=query, type_=kind, listing_type="All", page=token or 1, **common)

    async def _page(self, token: str, _since: datetime, *, kind: str, query: str, now: datetime) -> Listing:
        answer = await self._tools.http.get(self._url(token, kind=kind, query=query))
        body = read_json(answer, now, explain=partial(_explain, now=now))
        records, name = records_in(body, kind.lower()), _KINDS[kind]
        gone = take(records, lambda one: _key(one, name) if _is_gone(one, name) else None, stream=self._stream, now=now)
        taken = take(records, partial(self._mention, name=name, now=now), stream=self._stream, now=now)
        times = take(records, lambda one: _placed_at(one, name), stream=self._stream, now=now).read
        return Listing(
            mentions=tuple(taken.read),
            next=self._next(token, body, len(records)),
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
            deleted=tuple(gone.read),
        )

    def _next(self, token: str, body: Any, listed: int) -> str:
        if self._settings.api == "v4":
            return text_at(body, "next_page", most=2_000) if listed else ""
        return str(int(token or 1) + 1) if listed >= self._settings.per_page else ""

    def _mention(self, record: Any, *, name: str, now: datetime) -> Mention | None:
        if _is_gone(record, name) or (at(record, "creator.bot_account") is True and not self._settings.bots):
            return None
        mention = _read(record, name, stream=self._stream, language=self._language, now=now)
        return mention if self._tools.wanted(mention) else None


def _read(record: Any, name: str, *, stream: str, language: str, now: datetime) -> Mention:
    reply = name == "comment"
    url = web_link(text_at(record, f"{name}.ap_id"), base="")
    mention = Mention(
        id=_key(record, name),
        stream=stream,
        source=SOURCE,
        published=_published(record, name),
        fetched=now,
        text=text_at(record, "comment.content" if reply else "post.body"),
        title=text_at(record, "post.name", most=LONGEST_TITLE),
        url=url,
        site=site_of(url),
        language=language,
        kind=MentionKind.COMMENT if reply else MentionKind.POST,
        author=_author(record),
        engagement=Engagement(
            likes=_counted(record, name, "upvotes") or _counted(record, name, "score"),
            replies=_counted(record, name, "child_count" if reply else "comments"),
        ),
        # A reply to a comment tells only the number that this instance gave it: the post is known everywhere.
        parent=_key(record, "post") if reply and text_at(record, "post.ap_id") else "",
    )
    if not (mention.text or mention.title):
        raise ValueError("it holds no text")
    return mention


def _author(record: Any) -> Author:
    id = text_at(record, "creator.actor_id", most=1_000) or text_at(record, "creator.ap_id", most=1_000)
    name = text_at(record, "creator.name", most=LONGEST_NAME)
    host = urlsplit(web_link(id, base="")).hostname or ""
    return Author(
        id=id,
        handle=f"{name}@{host}" if name and host else name,
        name=text_at(record, "creator.display_name", most=LONGEST_NAME) or name,
        created=_opened(at(record, "creator")),
    )


def _opened(person: Any) -> datetime | None:
    try:
        return moment_at(person, "published" if at(person, "published") else "published_at")
    except ValueError:
        return None


def _key(record: Any, name: str) -> str:
    address = web_link(text_at(record, f"{name}.ap_id"), base="")
    if not address:
        raise ValueError(f"there is no address at '{name}.ap_id'")
    if len(address) > _LONGEST_ID:
        address = blake2b(address.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{SOURCE}:{address}"


def _published(record: Any, name: str) -> datetime:
    return moment_at(record, f"{name}.published" if at(record, f"{name}.published") else f"{name}.published_at")


def _placed_at(record: Any, name: str) -> datetime | None:
    """The time by which a record stands where it does; None for one that is pinned to the top."""
    pinned = at(record, "post.featured_community") is True or at(record, "post.featured_local") is True
    return None if pinned and name == "post" else _published(record, name)


def _counted(record: Any, name: str, what: str) -> int:
    return number_at(record, f"counts.{what}") or number_at(record, f"{name}.{what}")


def _is_gone(record: Any, name: str) -> bool:
    return at(record, f"{name}.removed") is True or at(record, f"{name}.deleted") is True


def _explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    said = text_at(body, "error", most=100) if isinstance(body, dict) else ""
    if not said:
        return None
    if said in _TOO_MANY or answer.status == 429:
        return SourceUnavailable(
            "429, the instance has too many requests of this address", retry_after=wait_of(answer, now) or _INTERVAL
        )
    if answer.status >= 500:
        return None
    return SourceRefused(f"{answer.status}, the instance says: {' '.join(said.split())}")
