"""The source `stackexchange`: questions on Stack Overflow and its sister sites, by search.

- resumes from a cursor: each search of each site is walked from its newest question back to what was delivered last, by
  the time of creation (`todate`), never by page number: what is asked meanwhile shifts nothing
- backs off as `backoff` in an answer asks, for all streams; when `quota_remaining` is used up, until the day ends; on
  `throttle_violation` (HTTP 400) for the seconds that it names. Polls are spread so that the quota lasts for the day
- terms: content is CC BY-SA: author and link are kept
- secrets: the key; it goes in the address by protocol, and addresses are shown without their values
- score, answers and views of young questions are read again from the first page, for nothing
- answers and comments of others are not searched (that is `/search/excerpts`)
- leans on what is UNVERIFIED: that every answer is compressed (also borne plain); that the day of the quota is that of
  UTC; the wording of errors of the key
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import partial
from html import unescape
from typing import Annotated, Any

import msgspec
from pydantic import Field

from buzzguard.collect.asked import Queries, WebAddress, asked, phrase, queries_of, until
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, decimal_at, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.meter import Allowance
from buzzguard.collect.rereading import YOUNG
from buzzguard.collect.several import Several
from buzzguard.collect.shared import shared
from buzzguard.collect.site import site_of, web_link
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask, Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Fetched, Mention

SOURCE = "stackexchange"
_PER_PAGE = 100
_ANONYMOUS, _WITH_KEY = 290, 9_800
"""Requests of a day, a little less than the 300 and the 10,000 that are given."""
_DAY = timedelta(days=1)
_AVAILABLE = re.compile(r"available in (\d{1,7}) seconds")


class StackExchangeSource:
    """Searches on sites. Keeps nothing between calls but its settings and its key."""

    card = SourceCard(
        group="keyless",
        reads="Stack Overflow and the other Stack Exchange sites: questions, by search",
        needs="nothing; with a free key many more requests",
        delay="5 min and more: as the quota of the day allows",
        limits="300 requests a day and address, 10,000 with a free key",
        terms="CC BY-SA: keep author and link",
    )

    class Settings(Frozen):
        """What is searched for, and where."""

        sites: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z0-9.-]{2,60}$")], ...], Field(min_length=1)] = (
            "stackoverflow",
        )
        """The sites as the interface names them: `stackoverflow`, `superuser`, `money`, `es.stackoverflow`."""
        queries: Queries = ()
        """What to search for, one search on each site; the words of the stream's topics when empty."""
        key: Secret | None = None
        """A key of stackapps.com: free, and no secret in their eyes; with it 10,000 requests a day."""
        requests_per_day: int | None = Field(default=None, ge=1, le=10_000)
        """How many requests all streams of this source may make in a day; a little less than is given when absent."""
        address: WebAddress = "https://api.stackexchange.com/2.3"
        """Where the interface answers."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._language = common.language
        self._settings = settings
        self._tools = tools
        self._key = read_secret(settings.key) if settings.key is not None else None
        self._cap = settings.requests_per_day or (_WITH_KEY if self._key else _ANONYMOUS)
        self._shared = shared(tools.http, "Stack Exchange")
        self._several = Several(backfill=tools.backfill)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        asks = self._asks(now)
        fetched = await self._several.walk(cursor, now, asks)
        if fetched.retry_after == timedelta(0):
            return fetched
        least = _DAY / self._cap * len(asks)
        return msgspec.structs.replace(fetched, retry_after=max(fetched.retry_after or least, least))

    def _asks(self, now: datetime) -> dict[str, Ask]:
        queries = queries_of(self._settings.queries, self._tools.words)
        return {
            f"{site} {query}": partial(self._page, site=site, query=query, now=now)
            for site in self._settings.sites
            for query in queries
        }

    async def _page(self, token: str, since: datetime, *, site: str, query: str, now: datetime) -> Page:
        """One page; `token` is the latest second that it may list."""
        self._shared.check(now)
        await self._tools.meter.spend(self._allowance(now), 1, now)
        floor = since if token else min(since, now - YOUNG)
        url = asked(
            f"{self._settings.address}/search/advanced",
            site=site,
            q=phrase(query) if " " in query else query,
            sort="creation",
            order="desc",
            fromdate=int(floor.timestamp()),
            todate=token or None,
            pagesize=_PER_PAGE,
            filter="withbody",
            key=self._key.reveal() if self._key else None,
        )
        answer = await self._tools.http.get(url)
        body = read_json(answer, now, authorised=self._key is not None, explain=partial(self._explain, now=now))
        items = records_in(body, "items")
        times = take(items, lambda item: moment_at(item, "creation_date"), stream=self._stream, now=now).read
        taken = take(items, partial(self._mention, site=site, now=now), stream=self._stream, now=now)
        oldest = min(times, default=None)
        return Page(
            mentions=tuple(taken.read),
            next=until(token, oldest) if at(body, "has_more") is True and oldest is not None else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
            retry_after=self._asked_to_wait(body, now),
        )

    def _allowance(self, now: datetime) -> Allowance:
        day = now.replace(hour=0, minute=0, second=0, microsecond=0)
        account = f"{SOURCE} with a key" if self._key else SOURCE
        return Allowance(account=account, unit="requests", cap=self._cap, since=day, until=day + _DAY)

    def _asked_to_wait(self, body: Any, now: datetime) -> timedelta | None:
        """What an answer asks of all who call the method."""
        seconds = min(decimal_at(body, "backoff") or 0.0, _DAY.total_seconds())
        wait = timedelta(seconds=max(seconds, 0.0))
        left = decimal_at(body, "quota_remaining")
        if left is not None and left < 1:
            wait = max(wait, self._allowance(now).until - now)
        if wait:
            self._shared.wait(wait, now)
        return wait or None

    def _mention(self, item: Any, *, site: str, now: datetime) -> Mention | None:
        mention = _read(item, site, stream=self._stream, language=self._language, now=now)
        return mention if self._tools.wanted(mention) else None

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        name = text_at(body, "error_name", most=60)
        if not name:
            return None
        said = " ".join(text_at(body, "error_message", most=200).split())
        if self._key is not None:
            said = said.replace(self._key.reveal(), "…")
        if name == "throttle_violation":
            found = _AVAILABLE.search(said)
            wait = timedelta(seconds=int(found[1])) if found else timedelta(hours=1)
            self._shared.wait(min(wait, _DAY), now)
            return SourceUnavailable(f"{answer.status}, Stack Exchange: {said}", retry_after=min(wait, _DAY))
        if name in ("internal_error", "temporarily_unavailable"):
            return SourceUnavailable(f"{answer.status}, Stack Exchange: {said or name}")
        if "key" in said.split("`") or name in ("key_required", "invalid_key"):
            return wrong_token(str(answer.status), "take a new key from stackapps.com")
        return SourceRefused(f"{answer.status}, Stack Exchange: {said or name}")


def _read(item: Any, site: str, *, stream: str, language: str, now: datetime) -> Mention:
    number = id_at(item, "question_id")
    url = web_link(text_at(item, "link"), base="")
    text, title = text_at(item, "body"), unescape(text_at(item, "title", most=LONGEST_TITLE))
    if not (text or title):
        raise ValueError("it holds no text")
    name = unescape(text_at(item, "owner.display_name", most=LONGEST_NAME))
    user = at(item, "owner.user_id")
    return Mention(
        id=f"{SOURCE}:{site}:{number}",
        stream=stream,
        source=SOURCE,
        published=moment_at(item, "creation_date"),
        fetched=now,
        text=text,
        title=title,
        url=url,
        site=site_of(url),
        language=language,
        author=Author(id=f"{site}/{id_at(item, 'owner.user_id')}" if user is not None else "", handle=name, name=name),
        engagement=Engagement(
            likes=number_at(item, "score"), replies=number_at(item, "answer_count"), views=number_at(item, "view_count")
        ),
    )
