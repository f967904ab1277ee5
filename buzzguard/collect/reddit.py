"""The source `reddit`: posts and comments, with an approved app (OAuth) or by feed with an account's private token.

- resumes from a cursor: each list is walked from its newest back to what was delivered last. Lists are never asked with
  `before`: once its anchor is deleted, Reddit answers with an empty list for ever. `after` is used within a walk only;
  when its anchor vanishes on the way, the walk begins once more at the top
- backs off as `x-ratelimit-*` (seconds left, a float) and `Retry-After` ask; in the mode `rss` asks rarely (`pause`)
- terms: every app must be approved by Reddit before any use, commercial use needs a contract; what people delete is to
  be deleted; never get round a block. Feeds with a private token are read under the terms of a personal account
- secrets: the client's and the feed's; the feed's stands in the address, which is shown without its values
- leans on what is UNVERIFIED: the texts of error bodies (`reason: private`), that lists end at about 1,000 entries
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple
from urllib.parse import urlencode

import msgspec
from pydantic import Field, field_validator, model_validator

from buzzguard.collect.answers import check_status, web_page
from buzzguard.collect.asked import WebAddress, phrase
from buzzguard.collect.card import SourceCard
from buzzguard.collect.entry import Feed, NotAFeed
from buzzguard.collect.feed import parse_feed
from buzzguard.collect.fields import moment_at, text_at
from buzzguard.collect.gate import Gate
from buzzguard.collect.http import Answer, HttpClient
from buzzguard.collect.json_api import records_in, take, wrong_token
from buzzguard.collect.reddit_mentions import SOURCE, entry_mention, fullname, is_gone, mention_of
from buzzguard.collect.reddit_session import RedditSession, explain
from buzzguard.collect.several import Listing, Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.errors import SourceRefused
from buzzguard.model import Fetched, Mention

_PER_PAGE = 100
_LIST_ENDS = 900
"""Lists stop at about 1,000 entries; one that ended near there may have had more to show."""
_LONGEST_QUERY = 500
_SUBREDDIT = re.compile(r"[A-Za-z0-9_]{2,30}")
_AGENT = re.compile(r"[\w .-]{1,40}:[\w.-]{1,60}:[\w.-]{1,20} \(by /?u/[\w-]{2,30}\)")
_AGENT_HINT = "write <platform>:<app id>:<version> (by /u/<user>), for example linux:org.example.watch:1.0 (by /u/acme)"


class RedditSource:
    """A search, or the new posts (and comments) of subreddits. Keeps its token and what it last told in memory."""

    card = SourceCard(
        group="free key or own account",
        reads="Reddit: posts by search; new posts and comments of subreddits",
        needs="an app approved by Reddit (id and secret), or the private feed token of an account",
        delay="the interval of polling (2 min); by feed 10 min",
        limits="100 requests a minute (free app); feeds: a handful; lists of 1,000 entries",
        terms="approval before any use; commercial use by contract; delete what people delete",
    )

    class Settings(Frozen):
        """What is read of Reddit, and as whom."""

        mode: Literal["oauth", "rss"] = "oauth"
        """`oauth` with an approved app; `rss` by feed with the private token of an account: slower, no engagement."""
        query: str = Field(default="", max_length=_LONGEST_QUERY)
        """What is searched for; the words of the topics when neither this nor `subreddits` is given."""
        subreddits: tuple[str, ...] = Field(default=(), max_length=100)
        """Where; without a query all that is new there."""
        comments: bool = False
        """Whether the new comments of the subreddits are read too: Reddit has no search for them."""
        client_id: str = Field(default="", max_length=100)
        """The id of the approved app (`oauth`)."""
        client_secret: Secret | None = None
        """Its secret (`oauth`)."""
        user_agent: str = ""
        """How the app names itself, in the form that Reddit asks for (`oauth`)."""
        feed_token: Secret | None = None
        """The value of `feed=` in the addresses of reddit.com/prefs/feeds (`rss`)."""
        feed_user: str = Field(default="", max_length=40)
        """The value of `user=` there (`rss`)."""
        pause: Duration = timedelta(minutes=10)
        """The least time between two reads of feeds (`rss`)."""
        address: WebAddress = "https://www.reddit.com"
        """Where tokens and feeds come from."""
        api: WebAddress = "https://oauth.reddit.com"
        """Where the API answers."""

        @field_validator("subreddits")
        @classmethod
        def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            names = tuple(name.strip().removeprefix("/").removeprefix("r/").rstrip("/") for name in value)
            for name in names:
                if not _SUBREDDIT.fullmatch(name):
                    raise ValueError(f"{name[:40]!r} is not the name of a subreddit, write for example france")
            return names

        @model_validator(mode="after")
        def _complete(self) -> RedditSource.Settings:
            if self.comments and not self.subreddits:
                raise ValueError("comments are read of subreddits: name them in `subreddits`")
            if self.mode == "rss":
                if self.feed_token is None or not self.feed_user:
                    raise ValueError(
                        "mode rss needs feed_token and feed_user: the values of feed= and user= in the addresses of "
                        "https://www.reddit.com/prefs/feeds/"
                    )
                return self
            if self.client_secret is None or not self.client_id:
                raise ValueError("mode oauth needs client_id and client_secret of an app that Reddit has approved")
            if not _AGENT.fullmatch(self.user_agent):
                raise ValueError(f"user_agent is not in the form that Reddit asks for: {_AGENT_HINT}")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when a secret cannot be read."""
        self._stream = stream
        self._language = common.language
        self._asked = _lists(settings, tools.words)
        self._several = Several(backfill=tools.backfill)
        self._session: RedditSession | None = None
        self._feeds: _Feeds | None = None
        if settings.mode == "rss":
            self._feeds = _Feeds(settings, tools.http)
        else:
            self._session = _session(settings, tools.http)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk each list once."""
        if not self._asked:
            raise SourceRefused("there is nothing to look for: give the stream a query, subreddits or topics")
        ask = self._feed if self._feeds is not None else self._listing
        asks = {
            f"{path} {sorted(parameters.items())}": partial(ask, path=path, parameters=parameters, now=now)
            for path, parameters in self._asked
        }
        fetched = await self._several.walk(cursor, now, asks)
        return msgspec.structs.replace(fetched, retry_after=self._wait(fetched.retry_after))

    def _wait(self, asked: timedelta | None) -> timedelta | None:
        return max(asked or timedelta(0), self._feeds.pause) if self._feeds is not None else asked

    async def _feed(self, _: str, __: datetime, *, path: str, parameters: dict[str, str], now: datetime) -> Page:
        assert self._feeds is not None
        feed = await self._feeds.read(path, parameters, now)
        build = partial(entry_mention, stream=self._stream, language=self._language, now=now)
        taken = take(feed.entries, build, stream=self._stream, now=now)
        return Page(mentions=tuple(taken.read), quarantined=tuple(taken.quarantined), note=feed.note)

    async def _listing(
        self, token: str, since: datetime, *, path: str, parameters: dict[str, str], now: datetime
    ) -> Page:
        assert self._session is not None
        place = _Place.read(token)
        body, wait = await self._session.get(path, parameters | place.parameters, now)
        things = [each.get("data") for each in records_in(body, "data", "children") if isinstance(each, dict)]
        if place.after and not things and not place.again:
            # Its anchor was deleted: an empty list says nothing of what lies behind it.
            return await self._listing("  again", since, path=path, parameters=parameters, now=now)
        taken = take(things, partial(self._mention, now=now), stream=self._stream, now=now)
        gone = take(things, _gone, stream=self._stream, now=now)
        onward, oldest = text_at(body, "data.after", most=40), _oldest(things, now)
        listed = place.listed + len(things)
        short = not onward and listed >= _LIST_ENDS and oldest is not None and oldest > since
        return Listing(
            mentions=tuple(taken.read),
            next=_Place(onward, listed, place.again).token if onward else "",
            oldest=oldest,
            quarantined=tuple(taken.quarantined),
            retry_after=wait,
            note="Reddit lists no more than about 1,000: older ones are missing" if short else "",
            deleted=tuple(gone.read),
        )

    def _mention(self, record: Any, *, now: datetime) -> Mention | None:
        if is_gone(record):
            return None
        return mention_of(record, stream=self._stream, language=self._language, now=now)


class _Feeds:
    """Reads lists as feeds."""

    def __init__(self, settings: RedditSource.Settings, http: HttpClient) -> None:
        assert settings.feed_token is not None
        self._http = http
        self._address = settings.address
        self.pause = settings.pause
        self._user = settings.feed_user
        self._token = read_secret(settings.feed_token)
        self._headers = {"user-agent": settings.user_agent} if settings.user_agent else {}
        self._gate = Gate("Reddit")

    async def read(self, path: str, parameters: Mapping[str, str], now: datetime) -> Feed:
        """What a list shows as a feed: the newest hundred. Raises SourceError."""
        self._gate.pass_through(now)
        where = f"{path}.rss" if path.endswith("/search") else f"{path}/.rss"
        secret = {"feed": self._token.reveal(), "user": self._user}
        url = f"{self._address}{where}?{urlencode({**parameters, **secret})}"
        answer = await self._http.get(url, headers=self._headers)
        self._gate.heed(answer, now)
        if answer.status == 401:
            raise wrong_token("401", "copy it anew from https://www.reddit.com/prefs/feeds/")
        trouble = explain(answer, None if answer.status != 200 else {})
        if trouble is not None:
            raise trouble
        check_status(answer, now, authorised=True)
        return await asyncio.to_thread(_parse, answer)


def _parse(answer: Answer) -> Feed:
    try:
        return parse_feed(answer.body, content_type=answer.headers.get("content-type", ""), truncated=answer.truncated)
    except NotAFeed as error:
        raise web_page(answer, error) from error


def _session(settings: RedditSource.Settings, http: HttpClient) -> RedditSession:
    assert settings.client_secret is not None
    secret = read_secret(settings.client_secret)
    return RedditSession(
        http,
        address=settings.address,
        api=settings.api,
        agent=settings.user_agent,
        basic=Sealed(f"{settings.client_id}:{secret.reveal()}"),
    )


def _lists(settings: RedditSource.Settings, words: tuple[str, ...]) -> list[tuple[str, dict[str, str]]]:
    """The lists that are read: path and parameters of each."""
    where = f"/r/{'+'.join(settings.subreddits)}" if settings.subreddits else ""
    query = settings.query or ("" if where else _query_of(words))
    some = {"limit": str(_PER_PAGE)}
    lists: list[tuple[str, dict[str, str]]] = []
    if query:
        asked = some | {"q": query, "sort": "new", "t": "all"} | ({"type": "link"} if settings.mode == "oauth" else {})
        lists.append((f"{where}/search", asked | ({"restrict_sr": "1"} if where else {})))
    elif where:
        lists.append((f"{where}/new", some))
    if settings.comments:
        lists.append((f"{where}/comments", some))
    return lists


def _query_of(words: tuple[str, ...]) -> str:
    """Any of the words, as many as a query may hold."""
    query = ""
    for word in words:
        longer = f"{query} OR {phrase(word)}" if query else phrase(word)
        if len(longer) > _LONGEST_QUERY:
            break
        query = longer
    return query


class _Place(NamedTuple):
    """Where a walk goes on: after which name, how many were listed before, and whether it has begun once more."""

    after: str = ""
    listed: int = 0
    again: str = ""

    @classmethod
    def read(cls, token: str) -> _Place:
        after, _, rest = token.partition(" ")
        listed, _, again = rest.partition(" ")
        return cls(after, int(listed) if listed.isdecimal() and len(listed) < 9 else 0, again)

    @property
    def token(self) -> str:
        return f"{self.after} {self.listed} {self.again}".rstrip()

    @property
    def parameters(self) -> dict[str, str]:
        return {"after": self.after, "count": str(self.listed)} if self.after else {}


def _gone(record: Any) -> str | None:
    return f"{SOURCE}:{fullname(record)}" if is_gone(record) else None


def _oldest(things: list[Any], now: datetime) -> datetime | None:
    times = take(things, lambda one: moment_at(one, "created_utc"), stream="", now=now).read
    return min(times, default=None)
