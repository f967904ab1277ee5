"""The source `newsapi`: articles of the press, searched at NewsAPI.org.

- resumes from a cursor: each search is walked from its newest article back to what was delivered last, by time (`to`):
  what is published meanwhile shifts nothing, and the 100 articles that the free plan pages through are never passed.
  Every poll reads three hours further back, for articles that are found late
- backs off before the requests of the plan's day are used up, and spreads its polls over the day; waits an hour when it
  is told `rateLimited`, until 00:00 UTC when `apiKeyExhausted`, or as `Retry-After` asks
- terms: the free plan is for development alone and gives articles 24 hours late, which every poll notes: it warns of
  nothing early. A watch needs a paid plan
- secrets: the key; it travels in a header
- the words of the topics are searched for as few queries as hold them. Articles are matched with what is shown of them:
  title, description and the first 200 characters
- leans on what is UNVERIFIED: 500 characters a query; 426 for pages beyond the plan's articles; that the day of the
  quota is that of UTC; prices and limits of the plans
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.news import (
    LATE,
    LONGEST_QUERY,
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
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import FIRST_LOOK, Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Mention

SOURCE = "newsapi"
_PER_PAGE = 100
_HISTORY = timedelta(days=29)
"""What the free plan shows of the past: a month."""
_DELAY = timedelta(hours=24)
_BREATH = timedelta(hours=1)
_REQUESTS = {"developer": 100, "paid": 8_000}
"""A day: 250,000 a month are a little more."""
_WRONG_KEY = frozenset(("apiKeyDisabled", "apiKeyInvalid", "apiKeyMissing"))
_REMOVED = "[Removed]"
_TOO_MANY = "NewsAPI shows no further article of one second: some are missing"


class NewsApiSource:
    """Searches. Keeps nothing between calls but its settings and its key."""

    card = SourceCard(
        group="paid or gated",
        reads="articles of the press at NewsAPI.org, by search",
        needs="a key; for a watch a paid plan (from $449 a month)",
        delay="paid: the interval of polling; the free plan gives articles 24 hours late: no early warning",
        limits="free plan 100 requests a day and a month back; paid 250,000 a month",
        terms="the free plan is for development only",
    )

    class Settings(Frozen):
        """What is searched for at NewsAPI.org, and on which plan."""

        key: Secret
        """The key of the account (newsapi.org/account)."""
        plan: Literal["developer", "paid"] = "developer"
        """The plan of the key: `developer` is free, for development only, and 24 hours late."""
        queries: NewsQueries = ()
        """What to search for, one search each, with quotes, AND, OR, NOT and parentheses; the words of the stream's
        topics when empty."""
        search_in: Annotated[tuple[Literal["title", "description", "content"], ...], Field(min_length=1)] = (
            "title",
            "description",
            "content",
        )
        """Where the words must stand."""
        domains: Annotated[tuple[str, ...], Field(max_length=100)] = ()
        """Only articles of these sites (`lemonde.fr`); of all when empty."""
        exclude_domains: Annotated[tuple[str, ...], Field(max_length=100)] = ()
        """No articles of these sites."""
        requests_per_day: int | None = Field(default=None, ge=1, le=100_000)
        """How many requests all streams of this source may make in a day; what the plan allows when absent."""
        address: WebAddress = "https://newsapi.org/v2"
        """Where the service answers."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._language = common.language
        self._settings = settings
        self._tools = tools
        self._free = settings.plan == "developer"
        self._key = read_secret(settings.key)
        cap = settings.requests_per_day or _REQUESTS[settings.plan]
        self._quota = Quota(tools.meter, account=SOURCE, cap=cap, each="day")
        # What the free plan shows begins where its delay ends: the first look reaches as far beyond.
        first = FIRST_LOOK + _DELAY if self._free else timedelta(0)
        self._several = Several(backfill=max(tools.backfill, first), overlap=LATE)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        queries = news_queries(self._settings.queries, self._tools.words, longest=LONGEST_QUERY)
        asks = {f"{query} {self._language}": partial(self._page, query=query, now=now) for query in queries}
        fetched = await self._several.walk(cursor, now, asks)
        note = "the free plan gives articles 24 hours late: no early warning" if self._free else ""
        return self._quota.spread(fetched, now, late=_DELAY if self._free else timedelta(0), note=note)

    async def _page(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        place = Place.read(token)
        await self._quota.spend(now)
        answer = await self._tools.http.get(
            self._url(place, since, query, now), headers={"x-api-key": self._key.reveal(), "accept": "application/json"}
        )
        try:
            body = read_json(answer, now, authorised=True, explain=partial(self._explain, now=now))
        except _TooDeep:
            if place.page == 1:
                raise
            return Page(next=place.earlier().token, note=_TOO_MANY)
        articles = records_in(body, "articles")
        times = take(articles, lambda each: moment_at(each, "publishedAt"), stream=self._stream, now=now).read
        taken = take(articles, partial(self._mention, now=now), stream=self._stream, now=now)
        oldest = min(times, default=None)
        more = place.more_behind(len(articles), size=_PER_PAGE, total=number_at(body, "totalResults"))
        return Page(
            mentions=tuple(taken.read),
            next=place.behind(oldest).token if more and oldest is not None else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
        )

    def _url(self, place: Place, since: datetime, query: str, now: datetime) -> str:
        settings = self._settings
        fields = {
            "q": query,
            "searchIn": ",".join(settings.search_in),
            "domains": ",".join(settings.domains) or None,
            "excludeDomains": ",".join(settings.exclude_domains) or None,
            "language": self._language or None,
            "from": iso(max(since, now - _HISTORY) if self._free else since),
            "to": place.latest,
            "sortBy": "publishedAt",
            "pageSize": _PER_PAGE,
            "page": place.page if place.page > 1 else None,
        }
        return asked(f"{settings.address}/everything", **fields)

    def _mention(self, record: Any, *, now: datetime) -> Mention | None:
        title = text_at(record, "title", most=LONGEST_TITLE)
        if title == _REMOVED:
            return None
        article = Article(
            url=text_at(record, "url"),
            published=moment_at(record, "publishedAt"),
            title=title,
            text=article_text(text_at(record, "description"), text_at(record, "content")),
            author=text_at(record, "author", most=LONGEST_NAME),
            language=self._language,
        )
        mention = article_mention(article, source=SOURCE, stream=self._stream, now=now)
        return mention if self._tools.wanted(mention) else None

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        code = text_at(body, "code", most=60)
        if not code or text_at(body, "status") != "error":
            return None
        said = " ".join(text_at(body, "message", most=250).replace(self._key.reveal(), "…").split())
        if code in _WRONG_KEY:
            return wrong_token(f"{answer.status} {code}", "take a key from newsapi.org/account")
        if code == "rateLimited":
            wait = retry_hint(answer, now) or _BREATH
            return SourceUnavailable(f"{answer.status}, NewsAPI was asked too often: {said}", retry_after=wait)
        if code == "apiKeyExhausted":
            wait = retry_hint(answer, now) or self._quota.left(now)
            return SourceUnavailable(
                f"{answer.status}, NewsAPI: the requests of the plan are used up", retry_after=wait
            )
        if code == "maximumResultsReached":
            return _TooDeep(f"{answer.status}, NewsAPI: {said or code}")
        if code == "unexpectedError" or answer.status >= 500:
            return SourceUnavailable(f"{answer.status}, NewsAPI has trouble: {said or code}")
        return SourceRefused(f"{answer.status}, NewsAPI does not take what it is asked: {said or code}")


class _TooDeep(SourceRefused):
    """More articles were asked for than the plan pages through."""
