"""The source `telegram`: public channels by their pages, or the chats of an own bot.

- resumes from a cursor: a channel's page is walked back by `before=`; a bot's updates are confirmed to Telegram by the
  `offset` of the next call, which comes from the committed cursor: what was not committed comes again (for 24 hours)
- backs off as `Retry-After` and `parameters.retry_after` ask; a channel without a public page is told to the operator
- terms: the pages are not documented and no permission is given for reading them by machine: seldom (`pause`), and only
  if you may. A bot sees channels whose administrator it is and groups whose member it is
- secrets: the bot's token stands in the path of every call; no address shown holds it
- leans on what is UNVERIFIED: the marks of answers and forwarded messages on the page, `forward_origin` of an update.
  An edited message keeps its id: its first text stays
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from pydantic import Field, field_validator, model_validator

from buzzguard.collect.answers import check_status, shown
from buzzguard.collect.asked import WebAddress, asked
from buzzguard.collect.card import SourceCard
from buzzguard.collect.charset import decode
from buzzguard.collect.dates import parse_date
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.several import Several
from buzzguard.collect.telegram_bot import KINDS, explain, update_mention, update_number
from buzzguard.collect.telegram_page import NoPage, Said, page_mention, post_number, read_page
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Duration, Secret, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Fetched

_CHANNEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{3,39}")
_UPDATES = 100
_LONGEST_POLL = timedelta(seconds=50)


class TelegramSource:
    """Channels, or a bot. Keeps nothing between calls."""

    card = SourceCard(
        group="free key or own account",
        reads="Telegram: public channels by their pages; channels and groups that a bot of yours is in",
        needs="nothing for pages; a bot's token for its chats",
        delay="pages: the interval of polling (5 min); a bot: seconds",
        limits="20 messages a page; one reader for each bot, updates kept for 24 hours",
        terms="pages are undocumented, no permission given: seldom, and at your own judgement",
    )

    class Settings(Frozen):
        """Which channels, or which bot."""

        channels: tuple[str, ...] = Field(default=(), max_length=50)
        """Public channels, by the names in their addresses (t.me/NAME)."""
        bot_token: Secret | None = None
        """The token of a bot, instead of channels."""
        pause: Duration = Field(default=timedelta(minutes=5), ge=timedelta(minutes=1))
        """The least time between two reads of pages."""
        address: WebAddress = "https://t.me"
        """Where the pages are."""
        api: WebAddress = "https://api.telegram.org"
        """Where the Bot API answers."""

        @field_validator("channels")
        @classmethod
        def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
            names = tuple(name.rstrip("/").rpartition("/")[2].removeprefix("@") for name in value)
            for name in names:
                if not _CHANNEL.fullmatch(name):
                    raise ValueError(f"{name[:40]!r} is not the name of a channel, write for example alerteconso")
            return tuple(dict.fromkeys(name.lower() for name in names))

        @model_validator(mode="after")
        def _one(self) -> TelegramSource.Settings:
            if bool(self.channels) == (self.bot_token is not None):
                raise ValueError("give either channels or bot_token; a second stream can have the other")
            return self

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when the token cannot be read."""
        self._settings = settings
        self._http = tools.http
        self._stream = stream
        self._language = common.language
        self._patience = min(tools.patience, _LONGEST_POLL)
        self._several = Several(backfill=tools.backfill)
        self._token = read_secret(settings.bot_token) if settings.bot_token is not None else None

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read the pages, or wait for updates."""
        if self._token is not None:
            return await self._updates(self._token, cursor, now)
        asks = {f"page {name}": partial(self._page, channel=name, now=now) for name in self._settings.channels}
        fetched = await self._several.walk(cursor, now, asks)
        more = fetched.retry_after == timedelta(0)
        wait = timedelta(0) if more else max(fetched.retry_after or timedelta(0), self._settings.pause)
        return msgspec.structs.replace(fetched, retry_after=wait)

    async def _page(self, token: str, _: datetime, *, channel: str, now: datetime) -> Page:
        url = asked(f"{self._settings.address}/s/{channel}", before=token or None)
        answer = await self._http.get(url)
        if answer.redirects:
            raise SourceRefused(
                f"{answer.redirects[0][0]}, the channel {channel} has no public page: it is private, restricted or gone"
            )
        check_status(answer, now, authorised=False)
        said = await asyncio.to_thread(_read, answer)
        numbers = take(said, post_number, stream=self._stream, now=now).read
        times = take(said, lambda one: parse_date(one.written), stream=self._stream, now=now).read
        build = partial(page_mention, stream=self._stream, language=self._language, now=now)
        taken = take(said, build, stream=self._stream, now=now)
        first = min(numbers, default=0)
        return Page(
            mentions=tuple(taken.read),
            next=str(first) if first > 1 else "",
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
        )

    async def _updates(self, token: Sealed, cursor: str, now: datetime) -> Fetched:
        offset = _offset(cursor)
        url = asked(
            f"{self._settings.api}/bot{token.reveal()}/getUpdates",
            offset=offset or None,
            limit=_UPDATES,
            timeout=int(self._patience.total_seconds()),
            allowed_updates=json.dumps(KINDS),
        )
        answer = await self._http.get(url, timeout=self._patience + timedelta(seconds=15))
        body = read_json(answer, now, authorised=True, explain=explain)
        updates = records_in(body, "result")
        numbers = take(updates, update_number, stream=self._stream, now=now).read
        build = partial(update_mention, stream=self._stream, language=self._language, now=now)
        taken = take(updates, build, stream=self._stream, now=now)
        after = max([offset, *(number + 1 for number in numbers)])
        return Fetched(
            mentions=tuple(sorted(taken.read, key=lambda mention: mention.published)),
            cursor=json.dumps({"offset": after}),
            retry_after=timedelta(0) if len(updates) >= _UPDATES and after > offset else None,
            quarantined=tuple(taken.quarantined),
        )


def _read(answer: Answer) -> list[Said]:
    try:
        return read_page(decode(answer.body, answer.headers.get("content-type", "")))
    except NoPage as error:
        raise SourceUnavailable(f"{shown(answer)} is {error}") from error


def _offset(cursor: str) -> int:
    """Where a bot's updates go on; 0 for a cursor that cannot be read."""
    try:
        read: Any = json.loads(cursor)
    except (ValueError, RecursionError):
        return 0
    found = read.get("offset") if isinstance(read, dict) else None
    return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < 2**53 else 0
