"""The source `x`: posts of X (Twitter) by search, and how many there are; or posts that mention an own account.

- resumes from a cursor: `since_id` is the newest id of the first page of the walk before; while pages are followed it
  stays the same, and the cursor holds the page, so that a crash between two loses nothing. X searches seven days back.
  A walk that the budget has cut short is left for later once something newer is there to be read
- pays: every request is written down at the most it can cost before it is made, and settled after it; at `daily_cap`
  the stream rests until midnight UTC and says so. Counting comes first: what it needs until then is kept for it
- backs off until `x-rate-limit-reset`; a monthly cap that is used up ends the day
- terms: a prepaid account; what is deleted or changed on X must be within a day; no sensitive traits, no matching of
  accounts with people elsewhere
- secrets: the bearer token, sent in a header
- leans on what is UNVERIFIED: long texts under `note_tweet.text`; whether accounts told beside posts are charged
  (`author_price` counts them), whether failed calls are (a count is taken to be, posts are not)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

import msgspec
from pydantic import Field, model_validator

from buzzguard.collect.asked import WebAddress
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import text_at
from buzzguard.collect.json_api import records_in, take
from buzzguard.collect.tools import Tools
from buzzguard.collect.x_api import XApi, partial_errors
from buzzguard.collect.x_counts import Counted, Counter
from buzzguard.collect.x_cursor import Walk, XCursor, load, rfc3339
from buzzguard.collect.x_posts import POST_FIELDS, USER_FIELDS, authors_in, charges, mention_of
from buzzguard.collect.x_purse import Purse
from buzzguard.collect.x_query import LONGEST, any_of, check
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Identifier, Secret, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import CountKind, Fetched, Mention, Quarantined

_FULL, _LEAST = 100, 10
_MOST_PAGES = 10
_STALE = timedelta(hours=1)
"""A walk that began longer ago than this is left for one that begins at the newest post."""
_FIRST_COUNT = timedelta(days=1)
_FIRST_LOOK = timedelta(hours=1)
"""Posts cost: unless a back-fill is asked for, the first walk goes back no further."""


class XSource:
    """A search, or the mentions of an own account. Keeps in memory what was charged today."""

    card = SourceCard(
        group="paid or gated",
        reads="X (Twitter): posts by search, how many there are, mentions of an own account",
        needs="a bearer token of a prepaid account",
        delay="the interval of polling (5 min), and half a minute of X's own",
        limits="300 requests in 15 min; $0.005 a post and a count call; daily_cap dollars a day",
        terms="follow deletions within a day; no sensitive traits, no matching of accounts with people elsewhere",
        counts=(CountKind.MENTIONS,),
    )

    class Settings(Frozen):
        """What is read of X, and what it may cost."""

        bearer_token: Secret
        """The app's bearer token."""
        query: str = Field(default="", max_length=4_096)
        """What is searched for, in X's own language; the words of the topics when absent."""
        longest_query: int = Field(default=LONGEST, ge=LONGEST, le=4_096)
        """How many characters X takes: 512, more by contract."""
        mentions_of: str = Field(default="", pattern=r"^\d{0,25}$")
        """The number of an own account: what mentions it is read, cheaper; nothing is counted."""
        posts: Literal["always", "when_moving", "never"] = "when_moving"
        """Whether posts are read: at every poll, once there are `moving` new ones, or not at all (counts alone)."""
        moving: int = Field(default=1, ge=1)
        """How many posts must have been counted for them to be read."""
        granularity: Literal["minute", "hour"] = "minute"
        """The windows in which posts are counted."""
        pause: Duration = timedelta(minutes=5)
        """The least time between two polls: each costs a count."""
        daily_cap: float = Field(default=5.0, gt=0, le=100_000)
        """Dollars that may be spent in a day (UTC)."""
        account: Identifier = "x"
        """Streams of one account share what is spent; each keeps to its own cap."""
        authors: bool = True
        """Whether the accounts behind posts are told (name, followers)."""
        post_price: float = Field(default=0.005, ge=0)
        """Dollars for a post."""
        author_price: float = Field(default=0.010, ge=0)
        """Dollars for an account told beside posts; 0 when your bill shows none."""
        count_price: float = Field(default=0.005, ge=0)
        """Dollars for a count."""
        own_price: float = Field(default=0.001, ge=0)
        """Dollars for a post that mentions an own account."""
        address: WebAddress = "https://api.x.com"
        """Where X answers."""

        @model_validator(mode="after")
        def _sane(self) -> XSource.Settings:
            if self.query and self.mentions_of:
                raise ValueError("give either query or mentions_of; a second stream can have the other")
            if self.mentions_of and self.posts == "never":
                raise ValueError("mentions of an account are read, not counted: posts cannot be never")
            check(self.query, self.longest_query)
            page = self.page_price * _LEAST + (0 if self.mentions_of else self.count_price)
            if page > self.daily_cap:
                raise ValueError(f"daily_cap does not pay for one page of posts, it takes at least {page:.2f}")
            return self

        @property
        def page_price(self) -> float:
            """Dollars for each post of a page, at most."""
            own = self.own_price if self.mentions_of else self.post_price
            return own + (self.author_price if self.authors else 0)

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the token cannot be read."""
        self._stream = stream
        self._settings = settings
        self._backfill = tools.backfill
        words, self._left_out = any_of(tools.words, language=common.language, longest=settings.longest_query)
        self._query = settings.query or words
        self._purse = Purse(tools.meter, account=settings.account, cap=settings.daily_cap)
        token = read_secret(settings.bearer_token)
        self._api = XApi(tools.http, address=settings.address, token=token, purse=self._purse)
        self._counter = Counter(self._api, self._purse, stream=stream, topics=common.topics, price=settings.count_price)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Count, then read what there is to read."""
        own = self._settings.mentions_of
        if not (own or self._query):
            raise SourceRefused("there is nothing to look for: give the stream a query or topics, or mentions_of")
        state = load(cursor, query=own or self._query, now=now)
        counted = Counted((), 0.0, 0)
        if not own:
            counted = await self._counted(state, now)
            state = msgspec.structs.replace(state, counted=counted.until, unread=state.unread + counted.fresh)
        reading = _Reading(state)
        if self._is_wanted(state):
            await self._read(reading, now, counted=bool(counted.counts))
        return await self._fetched(reading, counted, first=state.first, now=now)

    async def _counted(self, state: XCursor, now: datetime) -> Counted:
        back = max(self._backfill, _FIRST_COUNT)
        return await self._counter.count(self._query, state, now, width=self._settings.granularity, back=back)

    def _is_wanted(self, state: XCursor) -> bool:
        if self._settings.posts != "when_moving" or self._settings.mentions_of:
            return self._settings.posts != "never"
        return state.unread >= self._settings.moving or state.walk is not None or bool(state.rests)

    async def _read(self, reading: _Reading, now: datetime, *, counted: bool) -> None:
        """Walk from the newest post; then what older walks have left. What fails is raised when nothing was brought; a
        budget or limit that is used up does not cost the counts."""
        try:
            await self._walk(reading, now)
            await self._walk_rests(reading, now)
        except SourceUnavailable as error:
            if reading.pages == 0 and not (counted and error.retry_after):
                raise
            reading.trouble = error

    async def _walk(self, reading: _Reading, now: datetime) -> None:
        state = reading.state
        if state.walk is not None and now.timestamp() - state.walk.begun > _STALE.total_seconds():
            state = reading.state = state.aside()
        walk = state.walk or state.fresh_walk(now, self._backfill or _FIRST_LOOK)
        if state.since_id and state.walk is None and not walk.since_id:
            reading.notes.append("X searches seven days back: what was said before was not read")
        while reading.pages < _MOST_PAGES:
            newest, page = await self._page(walk, reading, now)
            reading.state = reading.state.after_page(walk, newest=newest, page=page)
            if reading.state.walk is None:
                return
            walk = reading.state.walk

    async def _walk_rests(self, reading: _Reading, now: datetime) -> None:
        while reading.state.walk is None and reading.state.rests and reading.pages < _MOST_PAGES:
            rest, *others = reading.state.rests
            page = ""
            if rest.expired(now):
                reading.notes.append("what X no longer has of an earlier walk was not read")
            else:
                _, page = await self._page(rest, reading, now)
            left = (msgspec.structs.replace(rest, page=page), *others) if page else tuple(others)
            reading.state = msgspec.structs.replace(reading.state, rests=left)

    async def _page(self, walk: Walk, reading: _Reading, now: datetime) -> tuple[str, str]:
        """Read a page: the newest id that it tells, and where to go on (empty: nowhere)."""
        many = await self._hold(now)
        body, wait = await self._api.get(self._path, self._asked(walk, many), now, cost=partial(self._cost, now=now))
        users = authors_in(body)
        build = partial(mention_of, users=users, stream=self._stream, now=now)
        taken = take(records_in(body, "data"), build, stream=self._stream, now=now)
        reading.mentions += taken.read
        reading.quarantined += taken.quarantined
        reading.notes.append(partial_errors(body))
        reading.pages += 1
        reading.wait = wait
        page = text_at(body, "meta.next_token", most=2_000)
        return text_at(body, "meta.newest_id", most=30), "" if page == walk.page else page

    @property
    def _path(self) -> str:
        own = self._settings.mentions_of
        return f"/2/users/{own}/mentions" if own else "/2/tweets/search/recent"

    def _asked(self, walk: Walk, many: int) -> Mapping[str, str]:
        asked = {"max_results": str(many), "tweet.fields": POST_FIELDS}
        if self._settings.authors:
            asked |= {"expansions": "author_id", "user.fields": USER_FIELDS}
        if walk.since_id:
            asked["since_id"] = walk.since_id
        else:
            asked["start_time"] = rfc3339(walk.start)
        if self._settings.mentions_of:
            return asked | ({"pagination_token": walk.page} if walk.page else {})
        asked |= {"query": self._query, "sort_order": "recency"}
        return asked | ({"next_token": walk.page} if walk.page else {})

    async def _hold(self, now: datetime) -> int:
        """How many posts the next page may hold, paid for at the most that they can cost."""
        price = self._settings.page_price
        kept = self._kept(now)
        left = await self._purse.left(now, kept=kept)
        many = _FULL if price == 0 else min(max(int(left / price + 1e-6), _LEAST), _FULL)
        try:
            await self._purse.hold(many * price, now, kept=kept)
        except SourceUnavailable as error:
            spent = await self._purse.spent(now)
            rest = "; the rest is kept for counting" if kept else ""
            raise SourceUnavailable(
                f"the day's budget is used up: ${spent:.2f} of ${self._settings.daily_cap:.2f} are spent{rest}; "
                "posts are read again from midnight UTC",
                retry_after=error.retry_after,
            ) from error
        return many

    def _kept(self, now: datetime) -> float:
        """Dollars that counting needs until midnight, at most half of the cap."""
        if self._settings.mentions_of:
            return 0.0
        polls = math.ceil((self._purse.day(now).until - now) / max(self._settings.pause, timedelta(seconds=30)))
        return min(polls * self._settings.count_price, self._settings.daily_cap / 2)

    def _cost(self, body: Any, *, now: datetime) -> float:
        """What an answer is charged for: a thing that was charged today is not again."""
        found = charges(body, stream=self._stream, now=now)
        own = self._settings.own_price if self._settings.mentions_of else self._settings.post_price
        posts = self._purse.newly_charged(found.posts, now)
        return posts * own + self._purse.newly_charged(found.users, now) * self._settings.author_price

    async def _fetched(self, reading: _Reading, counted: Counted, *, first: bool, now: datetime) -> Fetched:
        spent = await self._purse.spent(now)
        notes = [
            str(reading.trouble or ""),
            *reading.notes,
            f"${spent:.2f} of ${self._settings.daily_cap:.2f} spent today",
        ]
        if self._left_out and not (self._settings.query or self._settings.mentions_of):
            notes.append(f"{self._left_out} words of the topics found no room in X's query: write `query`")
        once = {mention.id: mention for mention in reading.mentions}
        return Fetched(
            mentions=tuple(sorted(once.values(), key=lambda mention: mention.published)),
            cursor=reading.state.dump(),
            retry_after=self._wait(reading, counted),
            note="; ".join(dict.fromkeys(note for note in notes if note))[:500],
            backfilling=first and bool(self._backfill),
            counts=counted.counts,
            quarantined=(*reading.quarantined, *counted.quarantined),
        )

    def _wait(self, reading: _Reading, counted: Counted) -> timedelta:
        asked = reading.wait or counted.wait
        if reading.trouble is None and not asked and (reading.state.walk or reading.state.rests):
            return timedelta(0)
        # A budget for posts that is used up does not end counting.
        return max(asked or timedelta(0), self._settings.pause)


class _Reading:
    """What one poll has read."""

    def __init__(self, state: XCursor) -> None:
        self.state = state
        self.mentions: list[Mention] = []
        self.quarantined: list[Quarantined] = []
        self.notes: list[str] = []
        self.pages = 0
        self.wait: timedelta | None = None
        self.trouble: SourceUnavailable | None = None
