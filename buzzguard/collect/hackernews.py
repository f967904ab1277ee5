"""The source `hackernews`: stories and comments of Hacker News, searched through Algolia.

- resumes from a cursor: each search is walked from its newest back to what was delivered last, by the time of creation
  (`created_at_i`), never by page number: what is said meanwhile shifts nothing, and the limit of 1,000 paged hits is
  never met
- backs off before this address has asked 10,000 times in an hour; once shut out for asking too much, waits an hour
- terms: the free search of Algolia; texts belong to their authors
- secrets: none
- points and comments of young stories are read again from the first page, for nothing. Points of comments are not told.
- leans on what is UNVERIFIED: the shape of error bodies, 403 or 429 for an address that is shut out, and that
  `typoTolerance` and `advancedSyntax` are passed on to the index: what they let through is held against the topics here
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import Queries, WebAddress, asked, phrase, queries_of, until
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.meter import Allowance
from buzzguard.collect.rereading import YOUNG
from buzzguard.collect.several import Several
from buzzguard.collect.site import site_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Fetched, Mention, MentionKind

SOURCE = "hackernews"
_PER_PAGE = 100
_SHUT_OUT = timedelta(hours=1)


class HackerNewsSource:
    """Searches. Keeps nothing between calls but its settings."""

    card = SourceCard(
        group="keyless",
        reads="Hacker News: stories and comments, by search",
        needs="nothing",
        delay="the interval of polling (2 min), and some minutes of indexing",
        limits="10,000 requests an hour and address; BuzzGuard stops at 9,000",
        terms="free search by Algolia; texts belong to their authors",
    )

    class Settings(Frozen):
        """What is searched for on Hacker News."""

        queries: Queries = ()
        """What to search for, one search each; the words of the stream's topics when empty."""
        comments: bool = True
        """Whether comments are read, or stories alone."""
        requests_per_hour: int = Field(default=9_000, ge=60, le=10_000)
        """How many requests all streams of this source may make in an hour; 10,000 shut the address out."""
        address: WebAddress = "https://hn.algolia.com/api/v1"
        """Where the search answers."""
        site: WebAddress = "https://news.ycombinator.com"
        """Where people read what it finds."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._stream = stream
        self._language = common.language
        self._settings = settings
        self._tools = tools
        self._several = Several(backfill=tools.backfill)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        queries = queries_of(self._settings.queries, self._tools.words)
        asks = {f"{query} {self._tags()}": partial(self._page, query=query, now=now) for query in queries}
        return await self._several.walk(cursor, now, asks)

    def _tags(self) -> str:
        return "(story,comment)" if self._settings.comments else "story"

    async def _page(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        """One page; `token` is the latest time that it may list."""
        await self._tools.meter.spend(_allowance(self._settings.requests_per_hour, now), 1, now)
        floor = since if token else min(since, now - YOUNG)
        latest = f",created_at_i<={int(token)}" if token.isdecimal() else ""
        url = asked(
            f"{self._settings.address}/search_by_date",
            query=phrase(query),
            tags=self._tags(),
            numericFilters=f"created_at_i>={int(floor.timestamp())}{latest}",
            hitsPerPage=_PER_PAGE,
            advancedSyntax="true",
            typoTolerance="false",
        )
        body = read_json(await self._tools.http.get(url), now, explain=partial(_explain, now=now))
        hits = records_in(body, "hits")
        times = take(hits, lambda hit: moment_at(hit, "created_at_i"), stream=self._stream, now=now).read
        taken = take(hits, partial(self._mention, now=now), stream=self._stream, now=now)
        oldest = min(times, default=None)
        full = len(hits) >= min(_PER_PAGE, number_at(body, "hitsPerPage") or _PER_PAGE)
        return Page(
            mentions=tuple(taken.read),
            next=until(token, oldest) if full and oldest is not None else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
        )

    def _mention(self, hit: Any, *, now: datetime) -> Mention | None:
        mention = self._read(hit, now)
        # The search matches beginnings of words and, where it is not held back, misspelt ones.
        return mention if self._tools.wanted(mention) else None

    def _read(self, hit: Any, now: datetime) -> Mention:
        number = id_at(hit, "objectID")
        comment = "comment" in _tags_of(hit) or bool(text_at(hit, "comment_text"))
        text = text_at(hit, "comment_text" if comment else "story_text")
        title = text_at(hit, "story_title" if comment else "title", most=LONGEST_TITLE)
        if not (text or title):
            raise ValueError("it holds no text")
        author = text_at(hit, "author", most=LONGEST_NAME)
        url = f"{self._settings.site}/item?id={number}"
        return Mention(
            id=f"{SOURCE}:{number}",
            stream=self._stream,
            source=SOURCE,
            published=moment_at(hit, "created_at_i" if at(hit, "created_at_i") is not None else "created_at"),
            fetched=now,
            text=text,
            title=title,
            url=url,
            site=site_of(url),
            language=self._language,
            kind=MentionKind.COMMENT if comment else MentionKind.POST,
            author=Author(id=author, handle=author),
            engagement=Engagement(likes=number_at(hit, "points"), replies=number_at(hit, "num_comments")),
            parent=f"{SOURCE}:{id_at(hit, 'parent_id')}" if comment and at(hit, "parent_id") is not None else "",
        )


def _allowance(cap: int, now: datetime) -> Allowance:
    hour = now.replace(minute=0, second=0, microsecond=0)
    return Allowance(account=SOURCE, unit="requests", cap=cap, since=hour, until=hour + timedelta(hours=1))


def _tags_of(hit: Any) -> list[Any]:
    tags = at(hit, "_tags")
    return tags if isinstance(tags, list) else []


def _explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    if answer.status in (403, 429):
        return SourceUnavailable(
            f"{answer.status}, Hacker News search has shut this address out for asking too much",
            retry_after=retry_hint(answer, now) or _SHUT_OUT,
        )
    said = text_at(body, "message", most=150)
    if answer.status == 400 and said:
        return SourceRefused(f"400, Hacker News search does not take the query: {' '.join(said.split())}")
    return None
