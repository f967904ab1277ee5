"""The source `gdelt`: news of the world by title (`articles`), or how many each quarter hour (`timeline`).

- resumes from a cursor. Articles are walked from the newest back to what was delivered last; there are no pages, so
  where 250 are reached the span of time is split at the oldest of them. Timelines go on where they ended, two days at a
  time, and the last hours are told again, as slices fill late
- backs off for five minutes or as asked on 429, for all streams: they ask one after the other, six seconds apart
- terms: open for any use with attribution and a link to gdeltproject.org; texts belong to their publishers
- secrets: none
- the time of an article is the quarter hour in which GDELT saw it, after it was published: nothing better is told
- a bonus, not a foundation: the service sheds load, and may refuse for hours
- leans on what is UNVERIFIED: that `maxrecords` bears 250 and `sort=datedesc` holds; the shortest and the longest query
  (words are asked in groups of 200 characters); the wording of errors, and of attribution
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b
from typing import Any, Literal

import msgspec
from pydantic import Field

from buzzguard.collect.asked import Queries, WebAddress, queries_of
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_TITLE, moment_at, text_at
from buzzguard.collect.gdelt_service import KEPT, SLICE, GdeltService, floor, stamp
from buzzguard.collect.gdelt_timeline import Timeline
from buzzguard.collect.json_api import records_in, take
from buzzguard.collect.several import Several
from buzzguard.collect.site import site_of, web_link
from buzzguard.collect.tools import Tools
from buzzguard.collect.walk import Page
from buzzguard.config.base import Frozen
from buzzguard.config.settings import Duration, StreamSettings
from buzzguard.errors import SourceRefused
from buzzguard.model import CountKind, Fetched, Mention, MentionKind

SOURCE = "gdelt"
_MOST = 250
_LATE = timedelta(hours=2)
_PAUSE = timedelta(minutes=5)
_GROUP = 200
_LANGUAGES = {
    "arabic": "ar",
    "chinese": "zh",
    "dutch": "nl",
    "english": "en",
    "french": "fr",
    "german": "de",
    "italian": "it",
    "japanese": "ja",
    "polish": "pl",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "turkish": "tr",
}


class GdeltSource:
    """News by search. Keeps nothing between calls but its settings; all streams of a process take turns."""

    card = SourceCard(
        group="keyless",
        reads="GDELT: titles of the world's news by search, or how many there are each quarter hour",
        needs="nothing",
        delay="15 to 30 min",
        limits="one request each 5 s and address; often refuses for hours",
        terms="any use with attribution and a link to gdeltproject.org; texts belong to publishers",
        counts=(CountKind.MENTIONS,),
    )

    class Settings(Frozen):
        """What is searched for in the news."""

        mode: Literal["articles", "timeline"] = "articles"
        """`articles` brings titles; `timeline` only counts, which feed the volume directly."""
        queries: Queries = ()
        """Words and phrases, any of which is looked for; the words of the stream's topics when empty."""
        whole_text: bool = False
        """Whether articles count whose text names what is looked for and whose title does not: GDELT searches texts and
        shows titles. The stream must then be of exactly one topic (`topics: [acme]`)."""
        filters: str = Field(default="", max_length=150)
        """Operators that are added to every search: `sourcelang:french`, `sourcecountry:FR` (FIPS, not ISO),
        `-domainis:example.com`."""
        most: int = Field(default=_MOST, ge=10, le=_MOST)
        """Articles in an answer."""
        pause: Duration = timedelta(seconds=6)
        """The least time between two requests of this process; GDELT refuses more than one in 5 s."""
        address: WebAddress = "https://api.gdeltproject.org/api/v2/doc/doc"
        """Where the interface answers."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._stream = stream
        self._language = common.language
        self._topics = common.topics
        self._settings = settings
        self._tools = tools
        self._service = GdeltService(tools.http, settings.address, pause=settings.pause)
        self._several = Several(backfill=tools.backfill, overlap=_LATE, most_pages=10)
        self._timeline = Timeline(stream, self._service, topics=common.topics, backfill=tools.backfill)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read once."""
        if self._settings.whole_text and len(self._topics) != 1:
            raise SourceRefused("whole_text needs a stream of exactly one topic: write `topics: [name]`")
        groups = _groups(queries_of(self._settings.queries, self._tools.words), self._settings.filters)
        if self._settings.mode == "timeline":
            return await self._timeline.fetch(groups, cursor, now)
        fetched = await self._several.walk(
            cursor, now, {group: partial(self._page, query=group, now=now) for group in groups}
        )
        if fetched.retry_after == timedelta(0):
            return fetched
        return msgspec.structs.replace(fetched, retry_after=max(fetched.retry_after or _PAUSE, _PAUSE))

    async def _page(self, token: str, since: datetime, *, query: str, now: datetime) -> Page:
        """The latest articles of a span of time; `token` is its end, as GDELT writes times."""
        end = datetime.strptime(token, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if _is_time(token) else now
        body = await self._service.ask(
            now,
            query=query,
            mode="artlist",
            maxrecords=str(self._settings.most),
            sort="datedesc",
            startdatetime=stamp(min(max(since, now - KEPT), end - SLICE)),
            enddatetime=stamp(end),
        )
        articles = records_in(body, "articles")
        times = take(articles, lambda one: moment_at(one, "seendate"), stream=self._stream, now=now).read
        taken = take(articles, partial(self._mention, now=now), stream=self._stream, now=now)
        onward, crowded = _onward(times, end) if len(articles) >= self._settings.most else ("", False)
        return Page(
            mentions=tuple(taken.read),
            next=onward,
            oldest=min(times, default=None),
            quarantined=tuple(taken.quarantined),
            note=f"GDELT lists no more than {len(articles)} of a quarter hour: some are missing" if crowded else "",
        )

    def _mention(self, article: Any, *, now: datetime) -> Mention | None:
        url = web_link(text_at(article, "url"), base="")
        title = text_at(article, "title", most=LONGEST_TITLE).strip()
        if not url or not title:
            raise ValueError("it has no address or no title")
        told = text_at(article, "language", most=40).lower()
        mention = Mention(
            id=f"{SOURCE}:{blake2b(url.encode('utf-8', 'replace'), digest_size=16).hexdigest()}",
            stream=self._stream,
            source=SOURCE,
            published=moment_at(article, "seendate"),
            fetched=now,
            text="",
            title=title,
            url=url,
            site=site_of(url),
            language=self._language or _LANGUAGES.get(told, ""),
            kind=MentionKind.ARTICLE,
        )
        if self._tools.wanted(mention):
            return mention
        # The search found it by its text, which is not shown: the watch cannot find the topic again by itself.
        return msgspec.structs.replace(mention, topics=self._topics) if self._settings.whole_text else None


def _onward(times: list[datetime], end: datetime) -> tuple[str, bool]:
    """Where the next span ends, and whether a quarter hour held more than are listed.

    It ends with the slice of the oldest article, which may hold more than were listed; before it where the span asked
    ended with that slice already.
    """
    if not times:
        return "", False
    begin = floor(min(times))
    until = begin + SLICE - timedelta(seconds=1)
    return (stamp(until), False) if until < end else (stamp(begin - timedelta(seconds=1)), True)


def _groups(queries: tuple[str, ...], filters: str) -> list[str]:
    """Searches for any of the words, each short enough. Parentheses may stand around alternatives alone."""
    groups: list[list[str]] = [[]]
    for query in queries:
        quoted = '"{}"'.format(query.replace('"', " ").strip())
        if groups[-1] and len(" OR ".join([*groups[-1], quoted])) > _GROUP:
            groups.append([])
        groups[-1].append(quoted)
    joined = [f"({' OR '.join(group)})" if len(group) > 1 else group[0] for group in groups]
    return [f"{group} {filters}".strip() for group in joined]


def _is_time(token: str) -> bool:
    return len(token) == 14 and token.isascii() and token.isdecimal()
