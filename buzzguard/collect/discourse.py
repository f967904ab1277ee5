"""The source `discourse`: the posts of a forum that runs on Discourse, all that are new or by search.

- resumes from a cursor: posts are walked by id, from the newest back (`before`); a search by page number. Pinned topics
  play no part: posts are listed, not topics
- backs off on 429 as `Retry-After` and the body's `wait_seconds` ask, whichever is longer; reads a long past in bursts
  of ten pages, as forums allow 60 requests a minute
- terms: those of the forum; posts that are hidden or deleted there are deleted here
- secrets: the API key of a private forum, sent in a header to that forum alone
- leans on what is UNVERIFIED: the body of 429; whether `before` includes the post that it names and how wide a gap of
  ids may be (both ways are borne); `like_count`, `actions_summary`, `reply_to_post_number` and `user_deleted`, used
  where they are told
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal

import msgspec
from pydantic import Field, model_validator

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import Queries, WebAddress, asked, queries_of
from buzzguard.collect.card import SourceCard
from buzzguard.collect.discourse_posts import Forum, is_gone, place_of, placed_until, read_post
from buzzguard.collect.fields import at, decimal_at, id_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.several import Listing, Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Mention

_BURST = timedelta(seconds=15)
"""Between two bursts of ten pages: less than the 60 requests a minute that a key may make."""
_SEARCH = timedelta(seconds=6)
"""What a search costs: anonymous ones are limited to a few a minute."""
_IDS_A_PAGE = 50
_MOST_EMPTY = 3
_LONGEST_WAIT = timedelta(hours=24)


class DiscourseSource:
    """One forum. Keeps nothing between calls but its settings and its key."""

    card = SourceCard(
        group="keyless",
        reads="Discourse forums: all new posts, or by search; private forums with a key",
        needs="nothing; for a private forum an API key and a user name",
        delay="the interval of polling (2 min)",
        limits="those of the forum: 60 requests a minute and key, few searches a minute",
        terms="those of the forum; what is hidden or deleted there is deleted here",
    )

    class Settings(Frozen):
        """What is read of a forum; one stream for each forum."""

        address: WebAddress
        """The forum, for example https://forum.example.org."""
        mode: Literal["posts", "search"] = "posts"
        """`posts` reads all that is new and chooses here; `search` asks the forum, for one with too many posts."""
        queries: Queries = ()
        """What to search for, one search each; the words of the stream's topics when empty (`search`)."""
        categories: tuple[int, ...] = Field(default=(), max_length=200)
        """Only posts of categories with these numbers; all when empty."""
        api_key: Secret | None = None
        """The key of a private forum: made by its administrator, for reading alone."""
        api_username: str = Field(default="", max_length=100)
        """The user that the key reads as; `system` for a key of all users."""

        @model_validator(mode="after")
        def _complete(self) -> DiscourseSource.Settings:
            if (self.api_key is None) != (not self.api_username):
                raise ValueError("api_key and api_username go together")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._settings = settings
        self._tools = tools
        self._forum = Forum(stream=stream, address=settings.address, language=common.language)
        self._key = read_secret(settings.api_key) if settings.api_key is not None else None
        self._several = Several(backfill=tools.backfill)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every list once."""
        asks = self._asks(now)
        fetched = await self._several.walk(cursor, now, asks)
        if self._settings.mode == "posts" or fetched.retry_after == timedelta(0):
            return fetched
        least = _SEARCH * len(asks)
        return msgspec.structs.replace(fetched, retry_after=max(fetched.retry_after or least, least))

    def _asks(self, now: datetime) -> dict[str, Ask]:
        where = self._settings.address
        if self._settings.mode == "posts":
            return {f"{where} posts": partial(self._latest, now=now)}
        queries = queries_of(self._settings.queries, self._tools.words)
        return {f"{where} search {query}": partial(self._found, query=query, now=now) for query in queries}

    async def _latest(self, token: str, _since: datetime, *, now: datetime) -> Listing:
        """One page of the latest posts; `token` is the id to begin with, and how many pages before it were empty."""
        before, _, empty = token.partition(" ")
        body = await self._get(asked(f"{self._settings.address}/posts.json", before=before or None), now)
        posts = records_in(body, "latest_posts")
        ids = take(posts, lambda post: int(id_at(post, "id")), stream=self._stream, now=now).read
        onward = _onward(int(before or 0), ids, int(empty or 0))
        return self._listing(posts, {}, onward=onward, retry_after=_BURST, now=now)

    async def _found(self, token: str, since: datetime, *, query: str, now: datetime) -> Listing:
        # The day before: `after` is judged in the time zone of the forum.
        day = (since - timedelta(days=1)).astimezone(UTC).date().isoformat()
        page = int(token or 1)
        wanted = f"{query} order:latest after:{day}"
        body = await self._get(asked(f"{self._settings.address}/search.json", q=wanted, page=page), now)
        trouble = text_at(body, "grouped_search_result.error", most=150)
        if trouble:
            raise SourceRefused(f"the forum does not take the search: {' '.join(trouble.split())}")
        topics = {str(at(topic, "id")): topic for topic in records_in(body, "topics")}
        posts = records_in(body, "posts")
        more = at(body, "grouped_search_result.more_full_page_results") is True and bool(posts)
        return self._listing(posts, topics, onward=str(page + 1) if more else "", retry_after=None, now=now)

    def _listing(
        self,
        posts: list[Any],
        topics: Mapping[str, Any],
        *,
        onward: str,
        retry_after: timedelta | None,
        now: datetime,
    ) -> Listing:
        gone = take(posts, lambda post: self._forum.id_of(post) if is_gone(post) else None, stream="", now=now)
        places = take(posts, lambda post: (place_of(post), id_at(post, "id")), stream="", now=now).read
        build = partial(self._mention, topics=topics, known=dict(places), now=now)
        taken = take(posts, build, stream=self._stream, now=now)
        return Listing(
            mentions=tuple(taken.read),
            next=onward,
            oldest=placed_until(posts),
            quarantined=tuple(taken.quarantined),
            retry_after=retry_after,
            deleted=tuple(gone.read),
        )

    def _mention(
        self, post: Any, *, topics: Mapping[str, Any], known: Mapping[tuple[str, str], str], now: datetime
    ) -> Mention | None:
        if is_gone(post):
            return None
        topic = topics.get(str(at(post, "topic_id")), {})
        category = at(post, "category_id") if at(post, "category_id") is not None else at(topic, "category_id")
        if self._settings.categories and category not in self._settings.categories:
            return None
        mention = read_post(post, topic, self._forum, known=known, now=now)
        return mention if self._tools.wanted(mention) else None

    async def _get(self, url: str, now: datetime) -> Any:
        headers = {"accept": "application/json"}
        if self._key is not None:
            headers |= {"api-key": self._key.reveal(), "api-username": self._settings.api_username}
        answer = await self._tools.http.get(url, headers=headers)
        authorised = self._key is not None
        explain = partial(_explain, now=now, authorised=authorised)
        return read_json(answer, now, authorised=authorised, explain=explain)


def _onward(before: int, ids: list[int], empty: int) -> str:
    """Where the next page begins, and how many empty ones in a row there were. Older forums list a range of ids, in
    which nothing may be public: behind an empty page there may be more."""
    if ids:
        least = min(ids)
        return str(least - 1 if before and least >= before else least) if least > 1 else ""
    if not before or before <= _IDS_A_PAGE or empty + 1 >= _MOST_EMPTY:
        return ""
    return f"{before - _IDS_A_PAGE} {empty + 1}"


def _explain(answer: Answer, body: Any, *, now: datetime, authorised: bool) -> SourceError | None:
    kind = text_at(body, "error_type", most=50)
    if answer.status == 429 or kind == "rate_limit":
        told = decimal_at(body, "extras.wait_seconds") or 0.0
        seconds = min(max(told, 0.0), _LONGEST_WAIT.total_seconds())
        wait = max(timedelta(seconds=seconds), retry_hint(answer, now) or timedelta(0))
        return SourceUnavailable("429, the forum has too many requests of this reader", retry_after=wait or None)
    if answer.status not in (401, 403) or body is None:
        return None
    if authorised:
        return wrong_token(str(answer.status), "renew the API key in the forum's administration, for reading")
    return SourceRefused(f"{answer.status}, the forum is private: it wants `api_key` and `api_username`")
