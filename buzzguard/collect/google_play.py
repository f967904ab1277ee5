"""The source `google_play`: the reviews of your own apps on Google Play.

- resumes from a cursor: the reviews of each app are walked page by page until one holds only what is older than what
  was delivered last, and `late` beyond, for reviews that Google shows late. It lists the last week alone: what is
  missed for longer than that stays unread
- backs off before the 200 requests of an hour are used up, and spreads its polls over the hour; after 429, and when the
  quota of the project is used up, as Google asks
- terms: your own apps only; scraping the shop's pages is against its terms
- secrets: the JSON file of a service account; it signs for a token of an hour, which travels in a header
- a review counts once, with the text that it has when it is first read. Whoever edits one keeps its id: it is no second
  voice, and Google tells only how it reads now. How many found it helpful is read again while it is young. Your own
  answers are not read
- reviews count for the `topics` of their stream: they rarely name the app
- leans on what is UNVERIFIED: 200 requests an hour (200,000 a day and 3,000 a minute are told as well); that the newest
  are listed first (a walk ends only with a page of which nothing is new)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated, Any

from pydantic import Field

from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.bearer import Bearer
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.google_tokens import explain, service_account
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.quota import Quota
from buzzguard.collect.reviews import advised, rating_at
from buzzguard.collect.several import Several
from buzzguard.collect.site import site_of
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.model import Author, Engagement, Fetched, Mention, MentionKind

SOURCE = "google_play"
_SCOPE = "https://www.googleapis.com/auth/androidpublisher"
_PER_PAGE = 100
_HOW = "check the service account, and that it may reply to reviews in the Play Console"
_STALE = frozenset((400, 404))

Package = Annotated[str, Field(pattern=r"^[A-Za-z]\w*(\.[A-Za-z]\w*)+$", max_length=200)]


class GooglePlaySource:
    """The reviews of apps. Keeps nothing between calls but its settings, its key and a token."""

    card = SourceCard(
        group="free key or own account",
        reads="Google Play: the reviews of your own apps that hold a text",
        needs="a service account that may reply to reviews (its JSON file), pip install 'buzzguard[reviews]'",
        delay="the interval of polling (2 min), and what Google takes to publish",
        limits="200 requests an hour; the last week only, no stars without a text",
        terms="your own apps only",
    )

    class Settings(Frozen):
        """Which apps, and the account that may read their reviews."""

        packages: Annotated[tuple[Package, ...], Field(min_length=1, max_length=100)]
        """The package name of each app: what stands after `id=` in its address (`com.example.lumio`)."""
        service_account: Secret
        """The JSON file of the service account's key."""
        requests_per_hour: int = Field(default=200, ge=1, le=100_000)
        """How many requests all streams of this source may make in an hour."""
        late: Duration = Field(default=timedelta(hours=24), le=timedelta(days=7))
        """How long after its date a review may still appear, while it is checked: each poll reads so far back."""
        address: WebAddress = "https://androidpublisher.googleapis.com"
        """Where the API answers."""
        site: WebAddress = "https://play.google.com"
        """Where people read the reviews."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the service account cannot be read, or what signs is not installed."""
        self._stream = stream
        self._language = common.language
        self._topics = common.topics
        self._settings = settings
        self._wanted = tools.wanted
        renew = service_account(tools.http, read_secret(settings.service_account), scope=_SCOPE)
        self._bearer = Bearer(tools.http, renew)
        self._quota = Quota(tools.meter, account=SOURCE, cap=settings.requests_per_hour, each="hour")
        self._several = Several(backfill=tools.backfill, overlap=settings.late)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk the reviews of each app once."""
        asks = {package: partial(self._page, package=package, now=now) for package in self._settings.packages}
        fetched = await self._several.walk(cursor, now, asks)
        return advised(self._quota.spread(fetched, now), self._topics)

    async def _page(self, token: str, since: datetime, *, package: str, now: datetime) -> Page:
        answer = await self._asked(token, package, now)
        if token and answer.status in _STALE:
            # A page that is known no more: the walk begins anew, what it brought is known by its marks.
            return await self._page("", since, package=package, now=now)
        body = read_json(answer, now, authorised=True, explain=partial(explain, now=now, how=_HOW))
        reviews = records_in(body, "reviews")
        times = take(reviews, lambda each: _published(_comment(each)), stream=self._stream, now=now).read
        taken = take(reviews, self._reader(package, now), stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=text_at(body, "tokenPagination.nextPageToken", most=2_000),
            # Nothing says in which order they are listed: one old review among new ones ends nothing.
            oldest=max(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    async def _asked(self, token: str, package: str, now: datetime) -> Answer:
        await self._quota.spend(now)
        url = f"{self._settings.address}/androidpublisher/v3/applications/{package}/reviews"
        return await self._bearer.get(asked(url, maxResults=_PER_PAGE, token=token or None), now)

    def _reader(self, package: str, now: datetime) -> Callable[[Any], Mention | None]:
        def read(record: Any) -> Mention | None:
            mention = self._mention(record, package, now)
            return mention if self._topics or self._wanted(mention) else None

        return read

    def _mention(self, record: Any, package: str, now: datetime) -> Mention:
        number = id_at(record, "reviewId")
        comment = _comment(record)
        title, text = _title_and_text(text_at(comment, "text"))
        if not (text or title):
            raise ValueError("it holds no text")
        name = text_at(record, "authorName", most=LONGEST_NAME)
        url = asked(f"{self._settings.site}/store/apps/details", id=package, reviewId=number)
        return Mention(
            id=f"{SOURCE}:{number}",
            stream=self._stream,
            source=SOURCE,
            published=_published(comment),
            fetched=now,
            text=text,
            title=title,
            url=url,
            site=site_of(url),
            language=text_at(comment, "reviewerLanguage", most=20) or self._language,
            kind=MentionKind.REVIEW,
            # Names are not unique (`A Google user`); a person has one review of an app.
            author=Author(id=number, name=name),
            engagement=Engagement(likes=number_at(comment, "thumbsUpCount")),
            rating=rating_at(comment, "starRating"),
            topics=self._topics,
        )


def _comment(record: Any) -> Any:
    """What the customer says; the developer's answer stands beside it. Raises ValueError when there is nothing."""
    comments = at(record, "comments")
    found = (at(each, "userComment") for each in (comments if isinstance(comments, list) else []))
    comment = next((each for each in found if isinstance(each, dict)), None)
    if comment is None:
        raise ValueError("it holds no comment of a customer")
    return comment


def _published(comment: Any) -> datetime:
    """When the text was written, or edited last: seconds, as text or number, and nanoseconds."""
    second = moment_at(comment, "lastModified.seconds")
    nanos = min(number_at(comment, "lastModified.nanos"), 999_999_999)
    return second.astimezone(UTC) + timedelta(microseconds=nanos // 1_000)


def _title_and_text(written: str) -> tuple[str, str]:
    """Google joins title and text by a tab."""
    title, tab, text = written.partition("\t")
    return (title.strip()[:LONGEST_TITLE], text.strip()) if tab else ("", written.strip())
