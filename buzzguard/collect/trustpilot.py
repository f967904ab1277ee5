"""The source `trustpilot`: the reviews of a company on Trustpilot, for customers of its API module.

- resumes from a cursor: the reviews of each business unit are walked from the newest back to what was delivered last.
  With the key's secret by time (`endDateTime`), so that what is written meanwhile shifts nothing; with the key alone by
  page: reviews that come in push others down, which are listed twice and known by their marks. Every poll reads `late`
  further back, for reviews that are shown late
- backs off before the calls of the day are used up, and spreads its polls over the day; after 429 as `Retry-After` asks
- terms: a paid add-on; the reviews belong to their authors
- secrets: the key, in a header, and its secret: it gets a token of 100 hours, which travels in a header
- a review counts once: an edited one keeps its id. How many liked it is read again while it is young. Your own replies
  are not read
- reviews count for the `topics` of their stream: they rarely name the company
- leans on what is UNVERIFIED: the bodies of errors; keys of a review beside its id, stars, title, text, language, times
  and consumer; that `endDateTime` is inclusive (asked a second later)
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.bearer import Bearer, Token, lasting
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.news import Place, iso
from buzzguard.collect.quota import Quota
from buzzguard.collect.reviews import advised, rating_at
from buzzguard.collect.several import Several
from buzzguard.collect.site import site_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Fetched, Mention, MentionKind

SOURCE = "trustpilot"
_PER_PAGE = 100
_BREATH = timedelta(minutes=5)
_TOKENS = "/oauth/oauth-business-users-for-applications/accesstoken"
_HOW = "check the key and its secret in Trustpilot Business, Integrations, and that the plan includes the API module"

UnitId = Annotated[str, Field(pattern=r"^[0-9a-f]{24}$")]


class TrustpilotSource:
    """The reviews of business units. Keeps nothing between calls but its settings, its secrets and a token."""

    card = SourceCard(
        group="paid or gated",
        reads="Trustpilot: the reviews of a company",
        needs="a key of Trustpilot's paid API module; with its secret also what only the company may read",
        delay="the interval of polling; 3 min and more, as the calls of the year allow",
        limits="200,000 calls a year (tier 1), 1 million (tier 2); 100 reviews each",
        terms="customers of Trustpilot's API module only",
    )

    class Settings(Frozen):
        """Which companies, and the key that may read their reviews."""

        business_units: Annotated[tuple[UnitId, ...], Field(min_length=1, max_length=100)]
        """The id of each business unit: /business-units/find?name=example.com tells it."""
        key: Secret
        """The API key."""
        secret: Secret | None = None
        """The API secret of the key: with it the company's own, private interface is read, by time."""
        stars: Annotated[tuple[Annotated[int, Field(ge=1, le=5)], ...], Field(max_length=5)] = ()
        """Only reviews with so many stars; all when empty."""
        requests_per_day: int = Field(default=500, ge=1, le=1_000_000)
        """How many calls all streams of this source may make in a day; tier 1 has 547."""
        late: Duration = Field(default=timedelta(hours=6), le=timedelta(days=7))
        """How long after its date a review may still appear, while it is checked: each poll reads so far back."""
        address: WebAddress = "https://api.trustpilot.com/v1"
        """Where the API answers."""
        site: WebAddress = "https://www.trustpilot.com"
        """Where people read the reviews."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when a secret cannot be read."""
        self._stream = stream
        self._language = common.language
        self._topics = common.topics
        self._settings = settings
        self._http = tools.http
        self._wanted = tools.wanted
        self._key = read_secret(settings.key)
        self._secret = read_secret(settings.secret) if settings.secret is not None else None
        self._headers = {"apikey": self._key.reveal(), "accept": "application/json"}
        self._bearer = Bearer(tools.http, self._renewed, headers=self._headers) if self._secret else None
        self._quota = Quota(tools.meter, account=SOURCE, cap=settings.requests_per_day, each="day")
        self._several = Several(backfill=tools.backfill, overlap=settings.late)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk the reviews of each business unit once."""
        which = f"{sorted(self._settings.stars)} {self._language} {self._bearer is not None}"
        asks = {f"{unit} {which}": partial(self._page, unit=unit, now=now) for unit in self._settings.business_units}
        fetched = await self._several.walk(cursor, now, asks)
        return advised(self._quota.spread(fetched, now), self._topics)

    async def _page(self, token: str, since: datetime, *, unit: str, now: datetime) -> Page:
        place = Place.read(token)
        await self._quota.spend(now)
        url = self._url(place, since, unit)
        answer = await (self._bearer.get(url, now) if self._bearer else self._http.get(url, headers=self._headers))
        body = read_json(answer, now, authorised=True, explain=partial(self._explain, now=now))
        reviews = records_in(body, "reviews")
        times = take(reviews, _published, stream=self._stream, now=now).read
        taken = take(reviews, self._reader(now), stream=self._stream, now=now)
        oldest = min(times, default=None)
        more = bool(reviews) and (len(reviews) >= _PER_PAGE or _goes_on(body))
        return Page(
            mentions=tuple(taken.read),
            next=self._behind(place, oldest).token if more else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
        )

    def _behind(self, place: Place, oldest: datetime | None) -> Place:
        if self._bearer is None or oldest is None:
            return place._replace(page=place.page + 1)
        return place.behind(oldest)

    def _url(self, place: Place, since: datetime, unit: str) -> str:
        private = self._bearer is not None
        fields: dict[str, str | int | None] = {
            "stars": ",".join(map(str, self._settings.stars)) or None,
            "language": self._language or None,
            "startDateTime": iso(since) if private else None,
            "endDateTime": place.latest if private else None,
            "orderBy": "createdat.desc",
            "perPage": _PER_PAGE,
            "page": place.page if place.page > 1 else None,
        }
        return asked(f"{self._settings.address}{'/private' if private else ''}/business-units/{unit}/reviews", **fields)

    async def _renewed(self, now: datetime) -> Token:
        assert self._secret is not None
        pair = b64encode(f"{self._key.reveal()}:{self._secret.reveal()}".encode()).decode("ascii")
        headers = {"authorization": f"Basic {pair}", "content-type": "application/x-www-form-urlencoded"}
        url = f"{self._settings.address}{_TOKENS}"
        answer = await self._http.post(url, b"grant_type=client_credentials", headers=headers)
        body = read_json(answer, now, authorised=True, explain=partial(self._explain, now=now))
        value = text_at(body, "access_token")
        if not value:
            raise SourceUnavailable(f"{answer.status}, Trustpilot gave no token")
        return lasting(value, body, now)

    def _reader(self, now: datetime) -> Callable[[Any], Mention | None]:
        def read(record: Any) -> Mention | None:
            mention = self._mention(record, now)
            return mention if self._topics or self._wanted(mention) else None

        return read

    def _mention(self, record: Any, now: datetime) -> Mention:
        number = id_at(record, "id")
        text, title = text_at(record, "text"), text_at(record, "title", most=LONGEST_TITLE)
        if not (text or title):
            raise ValueError("it holds no text")
        name = text_at(record, "consumer.displayName", most=LONGEST_NAME)
        url = f"{self._settings.site}/reviews/{number}"
        return Mention(
            id=f"{SOURCE}:{number}",
            stream=self._stream,
            source=SOURCE,
            published=_published(record),
            fetched=now,
            text=text,
            title=title,
            url=url,
            site=site_of(url),
            language=text_at(record, "language", most=20) or self._language,
            kind=MentionKind.REVIEW,
            author=Author(id=text_at(record, "consumer.id", most=LONGEST_NAME), name=name),
            engagement=Engagement(likes=number_at(record, "numberOfLikes")),
            rating=rating_at(record, "stars"),
            topics=self._topics,
        )

    def _explain(self, answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
        status = answer.status
        if status == 401:
            return wrong_token("401", _HOW)
        if status == 403:
            return SourceRefused(f"403, Trustpilot does not let this key read the reviews; {_HOW}")
        if status == 404 and body is not None:
            return SourceRefused("404, Trustpilot knows no such business unit; check its id")
        if status == 429:
            wait = retry_hint(answer, now) or _BREATH
            return SourceUnavailable("429, Trustpilot was asked too often", retry_after=wait)
        return None


def _published(record: Any) -> datetime:
    return moment_at(record, "createdAt").astimezone(UTC)


def _goes_on(body: Any) -> bool:
    """Whether a list names a page behind it."""
    return any(text_at(link, "rel", most=40) == "next-page" for link in records_in(body, "links"))
