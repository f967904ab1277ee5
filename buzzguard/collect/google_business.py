"""The source `google_business`: the reviews of your own places on Google (Business Profile).

- resumes from a cursor: the reviews of each location are walked from the one changed last back to what was delivered
  last, and `late` beyond, for reviews that Google shows late (`orderBy=updateTime desc`); a page that is known no more
  begins the walk anew at the top
- backs off after 429, and when the quota of the project is used up, as Google asks
- terms: verified locations that you manage; the project needs Google's approval
- secrets: the client's secret and the refresh token of the consent; they get a token of an hour, which travels in a
  header
- a review counts once, at the time of its last change (`updateTime`); whoever edits one keeps its id. Stars without a
  comment count where the stream names `topics`. Your own answers and the average of all stars are not read
- reviews count for the `topics` of their stream: they rarely name the place
- leans on what is UNVERIFIED: that projects have no quota until they are approved; how translated comments are marked
  (the original is kept)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.bearer import Bearer
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, at, id_at, moment_at, text_at
from buzzguard.collect.google_tokens import TOKENS, consent, explain
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.reviews import advised
from buzzguard.collect.several import Several
from buzzguard.collect.site import site_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.model import Author, Fetched, Mention, MentionKind

SOURCE = "google_business"
_PER_PAGE = 50
_STARS = {"ONE": 1.0, "TWO": 2.0, "THREE": 3.0, "FOUR": 4.0, "FIVE": 5.0}
_HOW = "give the consent again (scope business.manage) and write its refresh token"
_STALE = frozenset((400, 404))
_ORIGINAL_LAST = re.compile(r"^\s*\(Translated by Google\).*?\(Original\)\s*", re.DOTALL)
_ORIGINAL_FIRST = re.compile(r"\s*\(Translated by Google\).*$", re.DOTALL)

Location = Annotated[str, Field(pattern=r"^accounts/\d{1,30}/locations/\d{1,30}$")]


class GoogleBusinessSource:
    """The reviews of locations. Keeps nothing between calls but its settings, its secrets and a token."""

    card = SourceCard(
        group="free key or own account",
        reads="Google Maps and Search: the reviews of your own places (Business Profile)",
        needs="a Google Cloud project that Google approved, its OAuth client, and the consent of a manager",
        delay="the interval of polling (2 min)",
        limits="the quota of the project (none until approved); 50 reviews each",
        terms="verified places that you manage",
    )

    class Settings(Frozen):
        """Which places, and the consent that lets their reviews be read."""

        locations: Annotated[tuple[Location, ...], Field(min_length=1, max_length=1_000)]
        """Each place, as the API names it: `accounts/111/locations/222`."""
        client_id: Annotated[str, Field(min_length=1, max_length=200)]
        """The id of the OAuth client."""
        client_secret: Secret
        """Its secret."""
        refresh_token: Secret
        """The refresh token of the consent, for the scope https://www.googleapis.com/auth/business.manage."""
        late: Duration = Field(default=timedelta(hours=24), le=timedelta(days=7))
        """How long after its date a review may still appear, while it is checked: each poll reads so far back."""
        address: WebAddress = "https://mybusiness.googleapis.com"
        """Where the API answers."""
        token_address: WebAddress = TOKENS
        """Where tokens come from."""
        site: WebAddress = "https://business.google.com/reviews"
        """Where you read the reviews and answer them: Google tells no address of a single one."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when a secret cannot be read."""
        self._stream = stream
        self._language = common.language
        self._topics = common.topics
        self._settings = settings
        self._wanted = tools.wanted
        renew = consent(
            tools.http,
            client_id=settings.client_id,
            secret=read_secret(settings.client_secret),
            refresh=read_secret(settings.refresh_token),
            address=settings.token_address,
        )
        self._bearer = Bearer(tools.http, renew)
        self._several = Several(backfill=tools.backfill, overlap=settings.late)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk the reviews of each location once."""
        asks = {place: partial(self._page, place=place, now=now) for place in self._settings.locations}
        return advised(await self._several.walk(cursor, now, asks), self._topics)

    async def _page(self, token: str, since: datetime, *, place: str, now: datetime) -> Page:
        url = asked(
            f"{self._settings.address}/v4/{place}/reviews",
            pageSize=_PER_PAGE,
            orderBy="updateTime desc",
            pageToken=token or None,
        )
        answer = await self._bearer.get(url, now)
        if token and answer.status in _STALE:
            return await self._page("", since, place=place, now=now)
        body = read_json(answer, now, authorised=True, explain=partial(explain, now=now, how=_HOW))
        reviews = records_in(body, "reviews")
        times = take(reviews, _published, stream=self._stream, now=now).read
        taken = take(reviews, self._reader(place, now), stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=text_at(body, "nextPageToken", most=2_000),
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    def _reader(self, place: str, now: datetime) -> Callable[[Any], Mention | None]:
        def read(record: Any) -> Mention | None:
            mention = self._mention(record, place, now)
            if self._topics:
                return mention
            return mention if mention.text and self._wanted(mention) else None

        return read

    def _mention(self, record: Any, place: str, now: datetime) -> Mention:
        number = id_at(record, "reviewId")
        text, stars = original(text_at(record, "comment")), _STARS.get(text_at(record, "starRating", most=40))
        if not text and stars is None:
            raise ValueError("it holds neither a text nor stars")
        name = text_at(record, "reviewer.displayName", most=LONGEST_NAME)
        anonymous = at(record, "reviewer.isAnonymous") is True
        return Mention(
            id=f"{SOURCE}:{place.partition('/locations/')[2]}:{number}",
            stream=self._stream,
            source=SOURCE,
            published=_published(record),
            fetched=now,
            text=text,
            url=f"{self._settings.site}#{number}",
            site=site_of(self._settings.site),
            language=self._language,
            kind=MentionKind.REVIEW,
            # A person has one review of a place; anonymous ones are different people all the same.
            author=Author(id=number, name="" if anonymous else name),
            rating=stars,
            topics=self._topics,
        )


def _published(record: Any) -> datetime:
    return moment_at(record, "updateTime" if at(record, "updateTime") is not None else "createTime")


def original(comment: str) -> str:
    """What the customer wrote, without the translation that Google puts before or behind it."""
    found = _ORIGINAL_LAST.sub("", comment)
    return (found if found != comment else _ORIGINAL_FIRST.sub("", comment)).strip() or comment.strip()
