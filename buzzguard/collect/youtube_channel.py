"""The source `youtube_channel`: the newest videos of a channel or playlist, by the feed that YouTube publishes of it.

A channel's number in place of an address; all else is `rss`: how it resumes and backs off, and the mentions, which are
the same as those of a stream of `rss` on that feed. No key, no quota, no secret. UNVERIFIED: a feed lists the newest
15 videos.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field, field_validator, model_validator

from buzzguard.collect.asked import WebAddress
from buzzguard.collect.card import SourceCard
from buzzguard.collect.rss import RssSource
from buzzguard.collect.tools import Tools
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.model import Fetched


class YoutubeChannelSource:
    """The feed of one channel or playlist."""

    card = SourceCard(
        group="keyless",
        reads="YouTube: the newest videos of a channel or playlist",
        needs="nothing",
        delay="the interval of polling (2 min), and the feed's own",
        limits="the newest 15 videos; waits as YouTube asks",
        terms="YouTube's terms of service; a feed is made for feed readers",
    )

    class Settings(Frozen):
        """Which channel or playlist."""

        channel: str = ""
        """The channel's number, `UC` and 22 more characters (not its @handle)."""
        playlist: str = Field(default="", pattern=r"^([A-Za-z0-9_-]{10,60})?$")
        """The number of a playlist, instead of a channel."""
        address: WebAddress = "https://www.youtube.com"
        """Where the feeds are."""

        @field_validator("channel")
        @classmethod
        def _number(cls, value: str) -> str:
            bare = value.rstrip("/").rpartition("/")[2] if "/channel/" in value else value
            return check_channel(bare) if bare else ""

        @model_validator(mode="after")
        def _one(self) -> YoutubeChannelSource.Settings:
            if bool(self.channel) == bool(self.playlist):
                raise ValueError("give either channel or playlist")
            return self

        @property
        def url(self) -> str:
            """The address of the feed."""
            wanted = f"channel_id={self.channel}" if self.channel else f"playlist_id={self.playlist}"
            return f"{self.address}/feeds/videos.xml?{wanted}"

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._feed = RssSource(stream, RssSource.Settings(url=settings.url), common=common, tools=tools)

    async def close(self) -> None:
        """See `RssSource`."""
        await self._feed.close()

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """See `RssSource`."""
        return await self._feed.fetch(cursor, now)


def check_channel(value: str) -> str:
    """`value`, when it is the number of a channel. Raises ValueError with a hint."""
    if value.startswith("UC") and len(value) == 24 and value.replace("-", "").replace("_", "").isalnum():
        return value
    hint = "a handle is not enough: " if value.startswith("@") else ""
    raise ValueError(
        f"{value[:40]!r} is not the number of a channel; {hint}it is UC and 22 more characters, "
        "shown on YouTube under About > Share channel > Copy channel ID"
    )
