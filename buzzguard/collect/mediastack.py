"""The source `mediastack`: articles of the press, searched at mediastack.

- resumes from a cursor: each search is walked from its newest article back to what was delivered last, by `offset`
  among the days up to that of the first page: articles that come in meanwhile push others down, which are then listed
  twice and known by their marks. Every poll reads three hours further back, for articles that are found late
- backs off before the requests of the plan's month are used up, and spreads its polls over the month; when it is told
  `usage_limit_reached`, until the month ends; a minute, or as `Retry-After` asks, for `rate_limit_reached`
- terms: the free plan is non-commercial: 100 requests a month are a look every seven hours, no watch
- secrets: the key; it goes in the address by protocol, and addresses are shown without their values
- keywords are matched loosely by the service, what they let through is held against the topics here; one search for
  each word of the topics, as keywords know no OR
- leans on what is UNVERIFIED: the codes `function_access_restricted` and `rate_limit_reached`; that the free plan takes
  no `date` (it is left out there), that days are those of UTC, that the month of the quota is that of the calendar
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import WebAddress, asked, queries_of
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.news import LATE, Article, NewsQueries, article_mention, article_text
from buzzguard.collect.quota import Quota
from buzzguard.collect.several import Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import LanguageCode, Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Mention

SOURCE = "mediastack"
_PER_PAGE = 100
_BREATH = timedelta(minutes=1)
_REQUESTS = {"free": 100, "paid": 10_000}
_WRONG_KEY = frozenset(("invalid_access_key", "missing_access_key"))


class MediastackSource:
    """Searches. Keeps nothing between calls but its settings and its key."""

    card = SourceCard(
        group="paid or gated",
        reads="articles of the press at mediastack, by search",
        needs="a key; for a watch a paid plan",
        delay="paid: 5 min and more, as the quota of the month allows; free plan: 7 hours for each word",
        limits="free plan 100 requests a month, paid from 10,000; 100 articles each",
        terms="the free plan is for non-commercial use",
    )

    class Settings(Frozen):
        """What is searched for at mediastack, and on which plan."""

        key: Secret
        """The access key of the account (mediastack.com/dashboard)."""
        plan: Literal["free", "paid"] = "free"
        """The plan of the key: the free one has no search by date."""
        queries: NewsQueries = ()
        """What to search for, one search each: keywords; the words of the stream's topics when empty."""
        languages: Annotated[tuple[LanguageCode, ...], Field(max_length=20)] = ()
        """Only articles in these languages; in that of the stream, or in all, when empty."""
        countries: Annotated[tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...], Field(max_length=60)] = ()
        """Only articles of outlets in these countries (`fr`); in all when empty."""
        requests_per_month: int | None = Field(default=None, ge=1, le=10_000_000)
        """How many requests all streams of this source may make in a month: 100 on the free plan, 10,000 on the least
        paid one."""
        address: WebAddress = "https://api.mediastack.com/v1"
        """Where the service answers; newer accounts: https://api.apilayer.net/mediastack/v1."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._language = common.language
        self._languages = settings.languages or ((common.language,) if common.language else ())
        self._settings = settings
        self._tools = tools
        self._key = read_secret(settings.key)
        cap = settings.requests_per_month or _REQUESTS[settings.plan]
        self._quota = Quota(tools.meter, account=SOURCE, cap=cap, each="month")
        self._several = Several(backfill=tools.backfill, overlap=LATE)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk every search once."""
        where = " ".join((*self._languages, "/", *self._settings.countries))
        asks = {
            f"{query} {where}": partial(self._page, query=query, now=now)
            for query in queries_of(self._settings.queries, self._tools.words)
        }
        fetched = await self._several.walk(cursor, now, asks)
        return self._quota.spread(fetched, now)

    async def _page(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        place = _Place.read(token, now)
        await self._quota.spend(now)
        answer = await self._tools.http.get(self._url(place, since, query))
        body = read_json(answer, now, authorised=True, explain=partial(self._explain, now=now))
        articles = records_in(body, "data")
        times = take(articles, lambda each: moment_at(each, "published_at"), stream=self._stream, now=now).read
        taken = take(articles, partial(self._mention, now=now), stream=self._stream, now=now)
        behind = place.offset + len(articles)
        more = bool(articles) and number_at(body, "pagination.total") > behind
        return Page(
            mentions=tuple(taken.read),
            next=place._replace(offset=behind).token if more else "",
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    def _url(self, place: _Place, since: datetime, query: str) -> str:
        days = f"{since:%Y-%m-%d},{place.day}" if self._settings.plan == "paid" else None
        fields = {
            # A comma would begin another keyword.
            "keywords": query if self._settings.queries else query.replace(",", " "),
            "languages": ",".join(self._languages) or None,
            "countries": ",".join(self._settings.countries) or None,
            "date": days,
            "sort": "published_desc",
            "limit": _PER_PAGE,
            "offset": place.offset or None,
            "access_key": self._key.reveal(),
        }
        return asked(f"{self._settings.address}/news", **fields)

    def _mention(self, record: Any, *, now: datetime) -> Mention | None:
        article = Article(
            url=text_at(record, "url"),
            published=moment_at(record, "published_at"),
            title=text_at(record, "title", most=LONGEST_TITLE),
            text=article_text(text_at(record, "description"), ""),
            author=text_at(record, "author", most=LONGEST_NAME),
            language=text_at(record, "language", most=2) or self._language,
        )
        mention = article_mention(article, source=SOURCE, stream=self._stream, now=now)
        return mention if self._tools.wanted(mention) else None

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        code = text_at(body, "error.code", most=60)
        if not code:
            return None
        status = answer.status
        said = " ".join(text_at(body, "error.message", most=250).replace(self._key.reveal(), "…").split())
        if code in _WRONG_KEY:
            return wrong_token(f"{status} {code}", "take the access key from mediastack.com/dashboard")
        if code == "usage_limit_reached":
            left = self._quota.left(now)
            return SourceUnavailable(f"{status}, mediastack: the requests of the month are used up", retry_after=left)
        if code == "rate_limit_reached":
            wait = retry_hint(answer, now) or _BREATH
            return SourceUnavailable(f"{status}, mediastack was asked too fast", retry_after=wait)
        if code == "function_access_restricted":
            return SourceRefused(f"{status}, the plan does not allow this: {said}; on the free plan write `plan: free`")
        if status >= 500:
            return SourceUnavailable(f"{status}, mediastack has trouble: {said or code}")
        return SourceRefused(f"{status}, mediastack does not take what it is asked: {said or code}")


class _Place(NamedTuple):
    """Where a walk goes on: behind this many articles of the days up to `day`."""

    day: str
    offset: int = 0

    @classmethod
    def read(cls, token: str, now: datetime) -> _Place:
        day, _, offset = token.partition(" ")
        if not (offset.isdecimal() and len(offset) < 8 and len(day) == 10):
            return cls(f"{now:%Y-%m-%d}")
        return cls(day, int(offset))

    @property
    def token(self) -> str:
        return f"{self.day} {self.offset}"
