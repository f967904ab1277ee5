"""The source `meta_pages`: what is said on and about an own Facebook page or Instagram account.

- resumes from a cursor: each list (posts that tag the page, its feed, the comments under its young posts, media that
  tag the account, recent media of hashtags) is walked from the newest back to what was delivered last
- backs off on Graph's own codes of limits (4, 17, 32, 613): a quarter of an hour unless it asks otherwise
- terms: own pages and accounts only; hashtags and others' pages need App Review by Meta
- secrets: the access token, sent in a header
- leans on what is UNVERIFIED: the codes of limits, the token as a header, `order=reverse_chronological` and
  `filter=stream` of comments. `from` is left out by Graph unless the app may see it. Media that mention the account
  without a tag are told by webhook alone and are not read here
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from pydantic import Field, field_validator, model_validator

from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import id_at, text_at
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.meta_mentions import explain, mention_of, time_of
from buzzguard.collect.several import Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask, Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.model import Fetched

_POST = "id,message,from,created_time,permalink_url,shares"
_COMMENT = "id,message,from,created_time,permalink_url,like_count,comment_count,parent"
_MEDIA = "id,caption,permalink,timestamp,like_count,comments_count,media_type"
_PER_PAGE = 50
_HASHTAGS = 30
"""Different hashtags that an account may ask for in seven days."""
_LONGEST_CURSOR = 10_000_000


class _Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`lists`: where they stand. `posts`: the page's own, whose comments are followed, with their time (Unix seconds).
    `past`: the first round is not over."""

    lists: str = ""
    posts: dict[str, float] = {}
    past: bool = True


class _List(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `own` is a page whose own words are no mentions; `under` the post that is commented on."""

    path: str
    fields: str
    own: str = ""
    under: str = ""
    user: str | None = None


class MetaPagesSource:
    """Lists of one page and one account. Keeps the numbers of hashtags in memory."""

    card = SourceCard(
        group="paid or gated",
        reads="Facebook: posts that tag an own page, its feed and comments; Instagram: tags and hashtags",
        needs="an access token of the own page; App Review for hashtags and tags of others",
        delay="the interval of polling (2 min)",
        limits="as Graph's codes say; 30 hashtags in 7 days, their media of the last 24 hours",
        terms="own pages and accounts only; App Review by Meta for anything else",
    )

    class Settings(Frozen):
        """Which page and account."""

        access_token: Secret
        """The token of the page (or of the account)."""
        page: str = Field(default="", pattern=r"^\d{0,30}$")
        """The number of the Facebook page."""
        account: str = Field(default="", pattern=r"^\d{0,30}$")
        """The number of the Instagram business or creator account."""
        hashtags: tuple[str, ...] = Field(default=(), max_length=_HASHTAGS)
        """Hashtags whose recent media are read, without #."""
        follow: Duration = timedelta(days=7)
        """How long the comments under a post of the page are read after its publication."""
        most_posts: int = Field(default=20, ge=0, le=100)
        """Under how many of the newest of them."""
        all_about_us: bool = True
        """Whether all that is said there counts for the topics that the stream names, also what does not name them."""
        address: WebAddress = "https://graph.facebook.com/v26.0"
        """Where Graph answers, with its version."""

        @field_validator("hashtags")
        @classmethod
        def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            names = tuple(dict.fromkeys(name.removeprefix("#").casefold() for name in value))
            for name in names:
                if not name or not name.replace("_", "").isalnum():
                    raise ValueError(f"{name[:40]!r} is not a hashtag: letters, digits and _")
            return names

        @model_validator(mode="after")
        def _some(self) -> MetaPagesSource.Settings:
            if not (self.page or self.account):
                raise ValueError("give page (Facebook), account (Instagram), or both")
            if self.hashtags and not self.account:
                raise ValueError("hashtags are asked for by an Instagram account: give account")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the token cannot be read."""
        self._stream = stream
        self._settings = settings
        # What the stream's settings give to each of its mentions: the language, and the topics where all is about us.
        self._common = (common.language, common.topics if settings.all_about_us else ())
        self._http = tools.http
        self._token = read_secret(settings.access_token)
        self._backfill = tools.backfill
        self._hashtags: dict[str, str] = {}

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Walk each list once."""
        state = _load(cursor)
        posts = dict(state.posts)
        several = Several(backfill=self._backfill if state.past else timedelta(0))
        fetched = await several.walk(state.lists, now, self._asks(posts, now))
        oldest = (now - self._settings.follow).timestamp()
        newest = sorted((post for post in posts if posts[post] >= oldest), key=posts.__getitem__, reverse=True)
        after = _Cursor(
            lists=fetched.cursor,
            posts={post: posts[post] for post in newest[: self._settings.most_posts]},
            past=state.past and fetched.retry_after == timedelta(0),
        )
        return msgspec.structs.replace(fetched, cursor=msgspec.json.encode(after).decode())

    def _asks(self, posts: dict[str, float], now: datetime) -> dict[str, Ask]:
        page, account = self._settings.page, self._settings.account
        lists: dict[str, _List] = {}
        if page:
            lists["tagged"] = _List(path=f"{page}/tagged", fields=_POST)
            lists["feed"] = _List(path=f"{page}/feed", fields=_POST, own=page)
        for post in posts:
            lists[f"comments {post}"] = _List(path=f"{post}/comments", fields=_COMMENT, own=page, under=post)
        if account:
            lists["tags"] = _List(path=f"{account}/tags", fields=f"{_MEDIA},username", own=account)
        asks: dict[str, Ask] = {
            name: partial(self._page, each=each, posts=posts, now=now) for name, each in lists.items()
        }
        return asks | {f"#{name}": partial(self._hashtag, name=name, now=now) for name in self._settings.hashtags}

    async def _hashtag(self, token: str, since: datetime, *, name: str, now: datetime) -> Page:
        account = self._settings.account
        if name not in self._hashtags:
            body = await self._get("ig_hashtag_search", now, user_id=account, q=name)
            found = take(records_in(body, "data"), partial(id_at, path="id"), stream=self._stream, now=now).read
            if not found:
                return Page(note=f"Instagram knows no hashtag #{name}")
            self._hashtags[name] = found[0]
        each = _List(path=f"{self._hashtags[name]}/recent_media", fields=_MEDIA, user=account)
        return await self._page(token, since, each=each, posts={}, now=now)

    async def _page(self, token: str, _: datetime, *, each: _List, posts: dict[str, float], now: datetime) -> Page:
        newest_first = {"order": "reverse_chronological", "filter": "stream"} if each.under else {}
        body = await self._get(
            each.path,
            now,
            fields=each.fields,
            limit=_PER_PAGE,
            after=token or None,
            user_id=each.user,
            **newest_first,
        )
        records = records_in(body, "data")
        times = take(records, time_of, stream=self._stream, now=now).read
        if each.path.endswith("/feed"):
            dated = take(records, lambda one: (id_at(one, "id"), time_of(one)), stream=self._stream, now=now).read
            posts.update((post, at.timestamp()) for post, at in dated)
        build = partial(
            mention_of,
            own=each.own,
            under=each.under,
            stream=self._stream,
            common=self._common,
            now=now,
        )
        taken = take(records, build, stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=text_at(body, "paging.cursors.after", most=2_000) if records else "",
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    async def _get(self, path: str, now: datetime, **fields: str | int | None) -> Any:
        headers = {"authorization": f"Bearer {self._token.reveal()}"}
        answer = await self._http.get(asked(f"{self._settings.address}/{path}", **fields), headers=headers)
        return read_json(answer, now, authorised=True, explain=partial(explain, now=now))


def _load(text: str) -> _Cursor:
    if not text or len(text) > _LONGEST_CURSOR:
        return _Cursor()
    try:
        return msgspec.json.decode(text, type=_Cursor)
    except (msgspec.MsgspecError, UnicodeError):
        return _Cursor()
