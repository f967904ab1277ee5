"""The source `app_store`: the reviews of your own apps, from App Store Connect.

- resumes from a cursor: the reviews of each app are walked from the newest back to what was delivered last, by the
  links that each page names (`links.next`); one that leads to another host is refused. A link that has grown stale
  begins the walk anew at the top. Every poll reads `late` further back, for reviews that Apple shows late
- backs off when `X-Rate-Limit` tells that no request of the rolling hour remains, and after 429, by ten minutes
- terms: your own apps only
- secrets: the private key (.p8); it signs a token of ten minutes, which travels in a header
- a review counts once: an edited one keeps its id. Your own responses are not read
- reviews count for the `topics` of their stream: they rarely name the app
- leans on what is UNVERIFIED: the filters of territories and ratings, the form of `X-Rate-Limit`, the shape of errors,
  that an edited review keeps its id. The public feed of reviews is no longer to be relied on, and is not read
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.bearer import Bearer, Token
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, id_at, moment_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take, wrong_token
from buzzguard.collect.reviews import advised, rating_at
from buzzguard.collect.several import Several
from buzzguard.collect.shared import shared
from buzzguard.collect.signing import SigningKey
from buzzguard.collect.site import site_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Fetched, Mention, MentionKind

SOURCE = "app_store"
_PER_PAGE = 200
_BREATH = timedelta(minutes=10)
_LASTS, _ASIDE, _EARLIER = timedelta(minutes=10), timedelta(minutes=1), timedelta(minutes=2)
_REMAINING = re.compile(r"user-hour-rem:\s*(\d{1,9})")
_STALE = frozenset((400, 404, 409, 410))
_HOW = "check key_id, issuer_id and the private key in App Store Connect, Users and Access, and this machine's clock"

AppId = Annotated[str, Field(pattern=r"^\d{5,20}$")]


class AppStoreSource:
    """The reviews of apps. Keeps nothing between calls but its settings, its key and a token."""

    card = SourceCard(
        group="free key or own account",
        reads="App Store: the customer reviews of your own apps",
        needs="an App Store Connect API key (with the role Customer Support), pip install 'buzzguard[reviews]'",
        delay="the interval of polling (2 min); Apple publishes reviews within a day",
        limits="about 3,600 requests an hour and key; 200 reviews each",
        terms="your own apps only",
    )

    class Settings(Frozen):
        """Which apps, and the key that may read their reviews."""

        apps: Annotated[tuple[AppId, ...], Field(min_length=1, max_length=200)]
        """The Apple ID of each app: the number in its address (`1500000001`)."""
        key_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{5,40}$")]
        """The id of the API key."""
        issuer_id: Annotated[str, Field(pattern=r"^[0-9a-fA-F-]{36}$")]
        """The issuer id of the team."""
        private_key: Secret
        """The private key: the content of the file AuthKey_….p8."""
        territories: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Z]{3}$")], ...], Field(max_length=200)] = ()
        """Only reviews of these countries (`FRA`, `USA`); of all when empty."""
        ratings: Annotated[tuple[Annotated[int, Field(ge=1, le=5)], ...], Field(max_length=5)] = ()
        """Only reviews with so many stars; all when empty."""
        late: Duration = Field(default=timedelta(hours=36), le=timedelta(days=7))
        """How long after its date a review may still appear, while it is checked: each poll reads so far back."""
        address: WebAddress = "https://api.appstoreconnect.apple.com"
        """Where the API answers."""
        site: WebAddress = "https://apps.apple.com"
        """Where people read the reviews."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read, or what signs is not installed."""
        self._stream = stream
        self._language = common.language
        self._topics = common.topics
        self._settings = settings
        self._wanted = tools.wanted
        self._key = SigningKey(read_secret(settings.private_key), algorithm="ES256", name="the private_key")
        self._bearer = Bearer(tools.http, self._token)
        self._shared = shared(tools.http, f"App Store Connect ({settings.key_id})")
        self._several = Several(backfill=tools.backfill, overlap=settings.late)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk the reviews of each app once."""
        kept = f"{sorted(self._settings.territories)} {sorted(self._settings.ratings)}"
        asks = {f"{app} {kept}": partial(self._page, app=app, now=now) for app in self._settings.apps}
        return advised(await self._several.walk(cursor, now, asks), self._topics)

    async def _token(self, now: datetime) -> Token:
        begins, ends = now - _ASIDE, now + _LASTS
        claims = {
            "iss": self._settings.issuer_id,
            "iat": int(begins.timestamp()),
            "exp": int(ends.timestamp()),
            "aud": "appstoreconnect-v1",
        }
        return Token(self._key.sign(claims, {"kid": self._settings.key_id}), ends - _EARLIER)

    async def _page(self, token: str, since: datetime, *, app: str, now: datetime) -> Page:
        """One page; `token` is the link that the page before named."""
        self._shared.check(now)
        linked = token if self._is_ours(token) else ""
        answer = await self._bearer.get(linked or self._first(app), now)
        if linked and answer.status in _STALE:
            return await self._page("", since, app=app, now=now)
        wait = self._wait(answer, now)
        body = read_json(answer, now, authorised=True, explain=partial(_explain, now=now))
        reviews = records_in(body, "data")
        times = take(reviews, _published, stream=self._stream, now=now).read
        taken = take(reviews, self._reader(app, now), stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=self._next(body),
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
            retry_after=wait,
        )

    def _first(self, app: str) -> str:
        fields: dict[str, str | int | None] = {
            "limit": _PER_PAGE,
            "sort": "-createdDate",
            "filter[territory]": ",".join(self._settings.territories) or None,
            "filter[rating]": ",".join(map(str, self._settings.ratings)) or None,
        }
        return asked(f"{self._settings.address}/v1/apps/{app}/customerReviews", **fields)

    def _next(self, body: Any) -> str:
        link = text_at(body, "links.next", most=4_000)
        if link and not self._is_ours(link):
            raise SourceRefused("App Store Connect leads to another host for the next page; it is not followed")
        return link

    def _is_ours(self, link: str) -> bool:
        """Whether a link leads to where the token may be shown."""
        try:
            return urlsplit(link)[:2] == urlsplit(self._settings.address)[:2]
        except ValueError:
            return False

    def _wait(self, answer: Answer, now: datetime) -> timedelta | None:
        """How long all who ask with the key wait: when the rolling hour is used up it frees bit by bit."""
        remaining = _REMAINING.search(answer.headers.get("x-rate-limit", ""))
        if answer.status != 429 and (remaining is None or int(remaining[1]) > 0):
            return None
        wait = retry_hint(answer, now) or _BREATH
        self._shared.wait(wait, now)
        return wait

    def _reader(self, app: str, now: datetime) -> Callable[[Any], Mention | None]:
        def read(record: Any) -> Mention | None:
            mention = self._mention(record, app, now)
            return mention if self._topics or self._wanted(mention) else None

        return read

    def _mention(self, record: Any, app: str, now: datetime) -> Mention:
        number = id_at(record, "id")
        text, title = text_at(record, "attributes.body"), text_at(record, "attributes.title", most=LONGEST_TITLE)
        if not (text or title):
            raise ValueError("it holds no text")
        name = text_at(record, "attributes.reviewerNickname", most=LONGEST_NAME)
        return Mention(
            id=f"{SOURCE}:{number}",
            stream=self._stream,
            source=SOURCE,
            published=_published(record),
            fetched=now,
            text=text,
            title=title,
            url=f"{self._settings.site}/app/id{app}?see-all=reviews#{number}",
            site=site_of(self._settings.site),
            language=self._language,
            kind=MentionKind.REVIEW,
            author=Author(handle=name, name=name),
            rating=rating_at(record, "attributes.rating"),
            topics=self._topics,
        )


def _published(record: Any) -> datetime:
    return moment_at(record, "attributes.createdDate")


def _explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    errors = at(body, "errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    status = answer.status
    if status == 401:
        return wrong_token("401", _HOW)
    if status == 429:
        wait = retry_hint(answer, now) or _BREATH
        return SourceUnavailable("429, App Store Connect was asked too often", retry_after=wait)
    if first is None:
        return None
    said = " ".join(" ".join(text_at(first, name, most=150) for name in ("title", "detail")).split())
    if status == 403:
        return SourceRefused(f"403, the key may not read reviews ({said}); give it the role Customer Support")
    if status == 404:
        return SourceRefused(f"404, App Store Connect knows no such app of this team; check the number ({said})")
    if status >= 500 or status == 200:
        return SourceUnavailable(f"{status}, App Store Connect has trouble: {said}")
    return SourceRefused(f"{status}, App Store Connect does not take what it is asked: {said}")
