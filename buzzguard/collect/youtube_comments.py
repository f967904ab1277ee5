"""The source `youtube_comments`: videos that a search finds, and what is commented under them.

- resumes from a cursor: the comments of each video (or of a channel's videos) are walked from the newest back to what
  was delivered last; a page that YouTube no longer knows begins anew. The cursor holds the videos followed as well
- keeps to the two budgets of a day, which begin anew at midnight in California: 100 searches (one in `search_every`),
  and 10,000 other calls, over which polls are spread. When YouTube says that one is used up, it waits until then
- goes on with other videos where comments are disabled or a video is gone
- terms: API data is refreshed or deleted within 30 days, YouTube is named, one project for one application
- secrets: the key, sent in the header `x-goog-api-key`
- leans on what is UNVERIFIED: that header (the documents show `key=` in the address), `|` as OR in a search, and that
  `publishedAfter` is inclusive. Answers to old threads are seen only as far as YouTube lists the thread again
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from pydantic import Field, field_validator

from buzzguard.collect.asked import WebAddress, phrase
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import moment_at, text_at
from buzzguard.collect.json_api import records_in, take
from buzzguard.collect.several import Several
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Ask, Page
from buzzguard.collect.youtube_api import Closed, LostPage, YoutubeApi
from buzzguard.collect.youtube_channel import check_channel
from buzzguard.collect.youtube_mentions import comment_mention, said_in, video_mention
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import read_secret
from buzzguard.config.settings import Duration, Identifier, Secret, StreamSettings
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Fetched, Mention

_LONGEST_CURSOR = 10_000_000
_LONGEST_QUERY = 400
_MOST_FOUND = 500
_DAY = timedelta(days=1)
_SHARE = 0.9
"""Of the day's calls, how many are spread over polls: the rest is for pages beyond the first."""


class _Cursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`lists`: where the comments stand. `videos`: what is followed, with the time of publication (Unix seconds);
    `found`: videos told already, the latest first; `closed`: those without comments. `past`: the first round is not
    over."""

    lists: str = ""
    videos: dict[str, float] = {}
    found: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    searched: float = 0.0
    past: bool = True


class YoutubeCommentsSource:
    """Comments of videos. Keeps nothing between calls."""

    card = SourceCard(
        group="free key or own account",
        reads="YouTube: videos by search, and the comments under them or under a channel's videos",
        needs="a key of the YouTube Data API (free)",
        delay="15 min for a new video; minutes for comments",
        limits="100 searches and 10,000 other calls a day",
        terms="refresh or delete within 30 days, name YouTube, one project for one application",
    )

    class Settings(Frozen):
        """Which comments are read."""

        key: Secret
        """The key of the API."""
        query: str = Field(default="", max_length=_LONGEST_QUERY)
        """What videos are searched for; the words of the topics when neither this nor videos nor channels are given."""
        videos: tuple[str, ...] = Field(default=(), max_length=200)
        """Videos whose comments are always read, by their numbers of 11 characters."""
        channels: tuple[str, ...] = Field(default=(), max_length=50)
        """Channels under whose videos all comments are read, by their numbers (UC…)."""
        all_comments: bool = False
        """Whether every comment counts for the topics that the stream names, also one that does not name them."""
        search_every: Duration = Field(default=timedelta(minutes=15), ge=timedelta(minutes=15))
        """How often videos are searched for."""
        follow: Duration = timedelta(days=3)
        """How long after its publication a video that was found is followed."""
        most_videos: int = Field(default=20, ge=1, le=200)
        """How many of those are followed at once, the newest."""
        daily_searches: int = Field(default=96, ge=1)
        """Searches that this stream's account may make in a day; 100 for all streams of a project."""
        daily_calls: int = Field(default=10_000, ge=100)
        """Other calls that it may make in a day."""
        account: Identifier = "youtube"
        """Streams of one project share its budgets."""
        address: WebAddress = "https://www.googleapis.com/youtube/v3"
        """Where the API answers."""

        @field_validator("channels")
        @classmethod
        def _channels(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(check_channel(each) for each in value)

        @field_validator("videos")
        @classmethod
        def _videos(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            for each in value:
                if len(each) != 11 or not each.replace("-", "").replace("_", "").isalnum():
                    raise ValueError(f"{each[:40]!r} is not the number of a video: the 11 characters after watch?v=")
            return value

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the key cannot be read."""
        self._stream = stream
        self._settings = settings
        self._language = common.language
        self._topics = common.topics if settings.all_comments else ()
        self._backfill = tools.backfill
        listed = settings.videos or settings.channels
        self._query = settings.query or ("" if listed else _any_of(tools.words))
        key = read_secret(settings.key)
        self._api = YoutubeApi(tools.http, tools.meter, address=settings.address, key=key, account=settings.account)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Search when it is time, then read the comments of what is followed."""
        state, found, note = await self._searched(_load(cursor), now)
        closed: list[str] = []
        several = Several(backfill=self._backfill if state.past else timedelta(0))
        try:
            fetched = await several.walk(state.lists, now, self._asks(state, closed, now))
        except SourceUnavailable as error:
            if not found:
                raise
            fetched = Fetched(cursor=state.lists, note=str(error), retry_after=error.retry_after)
        after = msgspec.structs.replace(
            state,
            lists=fetched.cursor,
            closed=(*closed, *state.closed)[:_MOST_FOUND],
            past=state.past and fetched.retry_after == timedelta(0),
        )
        mentions = {mention.id: mention for mention in (*found, *fetched.mentions)}
        return Fetched(
            mentions=tuple(sorted(mentions.values(), key=lambda mention: mention.published)),
            cursor=msgspec.json.encode(after).decode(),
            retry_after=self._wait(fetched.retry_after, state),
            note="; ".join(one for one in (note, fetched.note) if one)[:500],
            backfilling=bool(self._backfill) and state.past,
            rereads=fetched.rereads,
            quarantined=fetched.quarantined,
        )

    async def _searched(self, state: _Cursor, now: datetime) -> tuple[_Cursor, list[Mention], str]:
        """The videos to follow from now on, those of them that are new, and what the search complains of."""
        oldest = (now - self._settings.follow).timestamp()
        young = {video: at for video, at in state.videos.items() if at >= oldest and video not in state.closed}
        state = msgspec.structs.replace(state, videos=young)
        due = state.searched + self._settings.search_every.total_seconds() - 1
        if not self._query or 0 < state.searched <= now.timestamp() < due:
            return state, [], ""
        try:
            body = await self._search(now)
        except SourceUnavailable as error:
            if not young and not self._settings.videos and not self._settings.channels:
                raise
            return msgspec.structs.replace(state, searched=now.timestamp()), [], f"search: {error}"
        build = partial(video_mention, stream=self._stream, language=self._language, now=now)
        taken = take(records_in(body, "items"), build, stream=self._stream, now=now)
        new = [one for one in taken.read if one.id not in state.found]
        young |= {one.id.partition(":")[2]: one.published.timestamp() for one in taken.read}
        newest = sorted(young, key=young.__getitem__, reverse=True)[: self._settings.most_videos]
        after = msgspec.structs.replace(
            state,
            videos={video: young[video] for video in newest if video not in state.closed},
            found=(*(one.id for one in new), *state.found)[:_MOST_FOUND],
            searched=now.timestamp(),
        )
        return after, new, ""

    async def _search(self, now: datetime) -> Any:
        since = (now - self._settings.follow).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self._api.get(
            "search",
            now,
            budget="searches",
            cap=self._settings.daily_searches,
            part="snippet",
            type="video",
            order="date",
            q=self._query,
            publishedAfter=since,
            relevanceLanguage=self._language or None,
            maxResults=50,
        )

    def _asks(self, state: _Cursor, closed: list[str], now: datetime) -> dict[str, Ask]:
        videos = dict.fromkeys((*self._settings.videos, *state.videos))
        page = partial(self._page, closed=closed, now=now)
        asks: dict[str, Ask] = {f"video {video}": partial(page, video=video, channel=None) for video in videos}
        for channel in self._settings.channels:
            asks[f"channel {channel}"] = partial(page, video=None, channel=channel)
        return asks

    async def _page(
        self, token: str, _: datetime, *, video: str | None, channel: str | None, closed: list[str], now: datetime
    ) -> Page:
        try:
            body = await self._threads(token, video, channel, now)
        except Closed as error:
            closed += [video] if video else []
            return Page(note=f"{video or channel}: {error}")
        except LostPage:
            if not token:
                raise
            body = await self._threads("", video, channel, now)
        threads = records_in(body, "items")
        times = take(threads, partial(moment_at, path=_TOP_TIME), stream=self._stream, now=now).read
        build = partial(comment_mention, stream=self._stream, language=self._language, topics=self._topics, now=now)
        said = [one for thread in threads for one in said_in(thread)]
        taken = take(said, build, stream=self._stream, now=now)
        return Page(
            mentions=tuple(taken.read),
            next=text_at(body, "nextPageToken", most=2_000),
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    async def _threads(self, token: str, video: str | None, channel: str | None, now: datetime) -> Any:
        return await self._api.get(
            "commentThreads",
            now,
            budget="units",
            cap=self._settings.daily_calls,
            part="snippet,replies",
            videoId=video,
            allThreadsRelatedToChannelId=channel,
            order="time",
            maxResults=100,
            textFormat="plainText",
            pageToken=token or None,
        )

    def _wait(self, asked: timedelta | None, state: _Cursor) -> timedelta | None:
        """As asked; else as long as a poll's share of the day's calls lasts."""
        if asked is not None:
            return asked
        lists = len({*self._settings.videos, *state.videos}) + len(self._settings.channels)
        return _DAY * lists / (_SHARE * self._settings.daily_calls) or None


_TOP_TIME = "snippet.topLevelComment.snippet.publishedAt"


def _load(text: str) -> _Cursor:
    if not text or len(text) > _LONGEST_CURSOR:
        return _Cursor()
    try:
        return msgspec.json.decode(text, type=_Cursor)
    except (msgspec.MsgspecError, UnicodeError):
        return _Cursor()


def _any_of(words: tuple[str, ...]) -> str:
    query = ""
    for word in words:
        longer = f"{query}|{phrase(word)}" if query else phrase(word)
        if len(longer) > _LONGEST_QUERY:
            break
        query = longer
    return query
