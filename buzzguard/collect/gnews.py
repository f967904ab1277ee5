"""The source `gnews`: articles of the press, searched at GNews.

- resumes from a cursor: each search is walked from its newest article back to what was delivered last, by time (`to`):
  what is published meanwhile shifts nothing. Every poll reads three hours further back, for what is found late
- backs off before the requests of the plan's day are used up, and spreads its polls over the day; when it is told that
  they are (403), until 00:00 UTC; asks no faster than the plan allows (`requests_per_second`), over all streams
- terms: the free plan is non-commercial and holds articles back for 12 hours, which every poll notes
- secrets: the key; it goes in the address by protocol, and addresses are shown without their values
- the words of the topics are searched for as few queries as hold them
- leans on what is UNVERIFIED: the free plan's 100 requests a day, 10 articles a request and 12 hours of delay; that
  queries of 200 characters are taken; whether `to` is inclusive (asked a second later)
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.news import (
    LATE,
    Article,
    NewsQueries,
    Place,
    article_mention,
    article_text,
    iso,
    news_queries,
)
from buzzguard.collect.quota import Quota
from buzzguard.collect.several import Several
from buzzguard.collect.shared import shared
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import FIRST_LOOK, Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Mention

SOURCE = "gnews"
_LONGEST_QUERY = 200
_DELAY = timedelta(hours=12)
_BREATH = timedelta(minutes=1)
_REQUESTS = {"free": 100, "paid": 1_000}
_PER_PAGE = {"free": 10, "paid": 100}
_A_SECOND = {"free": 1, "paid": 10}
_TOO_MANY = "GNews shows no further article of one second: some are missing"


class GNewsSource:
    """Searches. Keeps nothing between calls but its settings and its key."""

    card = SourceCard(
        group="paid or gated",
        reads="articles of the press at GNews, by search",
        needs="a key; for a company a paid plan",
        delay="paid: the interval of polling; the free plan gives articles 12 hours late: no early warning",
        limits="free plan 100 requests a day, 10 articles each, one a second; paid by plan, 100 articles each",
        terms="the free plan is for non-commercial use",
    )

    class Settings(Frozen):
        """What is searched for at GNews, and on which plan."""

        key: Secret
        """The key of the account (gnews.io/dashboard)."""
        plan: Literal["free", "paid"] = "free"
        """The plan of the key: the free one is non-commercial, and 12 hours late."""
        queries: NewsQueries = ()
        """What to search for, one search each, with quotes, AND, OR, NOT and parentheses; the words of the stream's
        topics when empty."""
        search_in: Annotated[tuple[Literal["title", "description", "content"], ...], Field(min_length=1)] = (
            "title",
            "description",
        )
        """Where the words must stand."""
        country: Annotated[str, Field(pattern=r"^([a-z]{2})?$")] = ""
        """Only articles that are published in this country (`fr`); in all when empty."""
        articles_per_request: int | None = Field(default=None, ge=1, le=100)
        """How many articles the plan gives at once: 10 on the free one, up to 100 on paid ones."""
        requests_per_day: int | None = Field(default=None, ge=1, le=100_000)
        """How many requests all streams of this source may make in a day: 100 on the free plan; 1,000 when absent."""
        requests_per_second: int | None = Field(default=None, ge=1, le=100)
        """How fast it may be asked: once a second on the free plan, ten times on paid ones."""
        address: WebAddress = "https://gnews.io/api/v4"
        """Where the service answers."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._language = common.language
        self._settings = settings
        self._tools = tools
        self._free = settings.plan == "free"
        self._key = read_secret(settings.key)
        self._size = settings.articles_per_request or _PER_PAGE[settings.plan]
        self._spacing = timedelta(seconds=1 / (settings.requests_per_second or _A_SECOND[settings.plan]))
        self._shared = shared(tools.http, "GNews")
        cap = settings.requests_per_day or _REQUESTS[settings.plan]
        self._quota = Quota(tools.meter, account=SOURCE, cap=cap, each="day")
        # What the free plan shows begins where its delay ends: the first look reaches as far beyond.
        first = FIRST_LOOK + _DELAY if self._free else timedelta(0)
        self._several = Several(backfill=max(tools.backfill, first), overlap=LATE)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        queries = news_queries(self._settings.queries, self._tools.words, longest=_LONGEST_QUERY)
        asks = {
            f"{query} {self._language} {self._settings.country}": partial(self._page, query=query, now=now)
            for query in queries
        }
        fetched = await self._several.walk(cursor, now, asks)
        note = "the free plan gives articles 12 hours late: no early warning" if self._free else ""
        return self._quota.spread(fetched, now, late=_DELAY if self._free else timedelta(0), note=note)

    async def _page(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        place = Place.read(token)
        if place.page > 1 and self._free:
            # Only paid plans have pages.
            return Page(next=place.earlier().token, note=_TOO_MANY)
        self._shared.check(now)
        async with self._shared.turn(self._spacing):
            await self._quota.spend(now)
            answer = await self._tools.http.get(self._url(place, since, query))
        body = read_json(answer, now, authorised=True, explain=partial(self._explain, now=now))
        articles = records_in(body, "articles")
        times = take(articles, lambda each: moment_at(each, "publishedAt"), stream=self._stream, now=now).read
        taken = take(articles, partial(self._mention, now=now), stream=self._stream, now=now)
        oldest = min(times, default=None)
        more = place.more_behind(len(articles), size=self._size, total=number_at(body, "totalArticles"))
        return Page(
            mentions=tuple(taken.read),
            next=place.behind(oldest).token if more and oldest is not None else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
        )

    def _url(self, place: Place, since: datetime, query: str) -> str:
        fields = {
            "q": query,
            "lang": self._language or None,
            "country": self._settings.country or None,
            "in": ",".join(self._settings.search_in),
            "max": self._size,
            "from": iso(since),
            "to": place.latest,
            "sortby": "publishedAt",
            "nullable": "image,description,content",
            "page": place.page if place.page > 1 else None,
            "apikey": self._key.reveal(),
        }
        return asked(f"{self._settings.address}/search", **fields)

    def _mention(self, record: Any, *, now: datetime) -> Mention | None:
        article = Article(
            url=text_at(record, "url"),
            published=moment_at(record, "publishedAt"),
            title=text_at(record, "title", most=LONGEST_TITLE),
            text=article_text(text_at(record, "description"), text_at(record, "content")),
            author=text_at(record, "author", most=LONGEST_NAME),
            language=text_at(record, "lang", most=2) or self._language,
        )
        mention = article_mention(article, source=SOURCE, stream=self._stream, now=now)
        return mention if self._tools.wanted(mention) else None

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        said = _said(body).replace(self._key.reveal(), "…")
        status = answer.status
        if status == 401 or (status == 200 and "api key" in said.lower()):
            return wrong_token(str(status), "take a key from gnews.io/dashboard")
        if body is None or (status == 200 and not said):
            return None
        if status == 403:
            wait = retry_hint(answer, now) or self._quota.left(now)
            self._shared.wait(wait, now)
            return SourceUnavailable(f"403, GNews: the requests of the day are used up ({said})", retry_after=wait)
        if status == 429:
            wait = retry_hint(answer, now) or _BREATH
            return SourceUnavailable("429, GNews was asked too fast; lower requests_per_second", retry_after=wait)
        if status >= 500:
            return SourceUnavailable(f"{status}, GNews has trouble", retry_after=retry_hint(answer, now))
        return SourceRefused(f"{status}, GNews does not take what it is asked: {said}") if said else None


def _said(body: Any) -> str:
    """What `errors` holds: a list of texts, or texts by the name of the parameter."""
    errors = at(body, "errors")
    texts = list(errors.values()) if isinstance(errors, dict) else errors if isinstance(errors, list) else [errors]
    return " ".join("; ".join(text for text in texts if isinstance(text, str)).split())[:250]
