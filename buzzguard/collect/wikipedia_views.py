"""The source `wikipedia_views`: how often chosen articles are read, day by day: the sign that people look a brand up.

- gives counts, no texts: the views of all its articles together, one count a day. The first poll reads back 30 days, or
  `backfill` when that is more; each later one reads the last days again, as Wikimedia corrects them, and tells what has
  changed
- 404 means that there are no data (yet): no error. An article of which nothing is known at first is named in a note
- backs off on 429 and 503 as the server asks; asks one article after the other, every hour at the most
- terms: no key; readers name a contact (`network.user_agent`); the data are CC0
- secrets: none
- leans on what is UNVERIFIED: how many requests a minute are borne; that days without views are left out of an answer
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote

import msgspec
from pydantic import field_validator

from buzzguard.collect.asked import WebAddress
from buzzguard.collect.card import SourceCard
from buzzguard.collect.cursor import mark
from buzzguard.collect.fields import decimal_at, id_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import read_json, records_in, take
from buzzguard.collect.tools import Tools
from buzzguard.collect.wikipedia import Articles, nameless, unwelcome
from buzzguard.config.base import Frozen
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceError
from buzzguard.model import Count, CountKind, Fetched, Quarantined

_DAY = timedelta(days=1)
_FIRST_LOOK = timedelta(days=30)
_CORRECTED = timedelta(days=4)
_PAUSE = timedelta(hours=1)
_LONGEST_CURSOR = 100_000


class _Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """`days` are the views last told, by day (`2026-11-21`), of the articles that `articles` is the mark of."""

    articles: str = ""
    days: dict[str, float] = {}


class WikipediaViewsSource:
    """Views of articles. Keeps nothing between calls but its settings."""

    card = SourceCard(
        group="keyless",
        reads="Wikipedia: how often chosen articles are read, day by day (counts only)",
        needs="nothing; a contact in network.user_agent",
        delay="about a day",
        limits="not told; asks once an hour, one article after the other",
        terms="CC0; readers name a contact",
        counts=(CountKind.PAGE_VIEWS,),
    )

    class Settings(Frozen):
        """Whose views are counted."""

        articles: Articles
        """The articles, by Wikipedia: `{fr.wikipedia: ["Lumio (entreprise)"]}`; their views are added up."""
        readers: Literal["user", "all-agents"] = "user"
        """Whose views: those of people, or of spiders and automata too."""
        address: WebAddress = "https://wikimedia.org/api/rest_v1"
        """Where the numbers are asked."""

        @field_validator("articles")
        @classmethod
        def _some(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
            if not any(value.values()):
                raise ValueError('no article is named, write for example {fr.wikipedia: ["Lumio (entreprise)"]}')
            return value

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._stream = stream
        self._topics = common.topics
        self._settings = settings
        self._tools = tools
        self._mark = mark(f"{settings.readers} {sorted(settings.articles.items())}")

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read the last days of every article. Raises SourceError when one cannot be had: a sum without it is wrong."""
        known = self._load(cursor)
        back = _CORRECTED if known else max(self._tools.backfill, _FIRST_LOOK)
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        first = today - timedelta(days=-(-back // _DAY))
        found, notes, aside = await self._views(first, today, now, told=bool(known))
        changed = {day: views for day, views in sorted(found.items()) if known.get(_name(day)) != views}
        kept = {name: views for name, views in known.items() if name >= _name(first)}
        after = _Cursor(self._mark, kept | {_name(day): views for day, views in found.items()})
        return Fetched(
            counts=tuple(self._count(day, views) for day, views in changed.items()),
            cursor=msgspec.json.encode(after).decode(),
            retry_after=_PAUSE,
            backfilling=not known and bool(self._tools.backfill),
            note="; ".join(notes)[:500],
            quarantined=tuple(aside),
        )

    async def _views(
        self, first: datetime, today: datetime, now: datetime, *, told: bool
    ) -> tuple[dict[datetime, float], list[str], list[Quarantined]]:
        """The views of each whole day from `first`, what to tell, and what could not be read."""
        found: dict[datetime, float] = {}
        notes = [] if told else [note for note in (nameless(self._tools.http),) if note]
        aside: list[Quarantined] = []
        for wiki, titles in self._settings.articles.items():
            for title in titles:
                items = await self._items(wiki, title, first, today, now)
                taken = take(items, lambda item: _day(item, first, today), stream=self._stream, now=now)
                aside += taken.quarantined
                for day, views in dict(taken.read).items():
                    found[day] = found.get(day, 0.0) + views
                if not items and not told:
                    notes.append(f"no views are known of {title!r} in {wiki}: check the title")
        return found, notes, aside

    async def _items(self, wiki: str, title: str, first: datetime, today: datetime, now: datetime) -> list[Any]:
        article = quote(title.replace(" ", "_"), safe="")
        span = f"{first:%Y%m%d}/{today - _DAY:%Y%m%d}"
        where = f"{wiki}/all-access/{self._settings.readers}/{article}/daily/{span}"
        answer = await self._tools.http.get(f"{self._settings.address}/metrics/pageviews/per-article/{where}")
        if answer.status == 404:
            return []
        return records_in(read_json(answer, now, explain=_explain), "items")

    def _count(self, day: datetime, views: float) -> Count:
        return Count(
            stream=self._stream,
            kind=CountKind.PAGE_VIEWS,
            start=day,
            end=day + _DAY,
            value=views,
            topics=self._topics,
        )

    def _load(self, text: str) -> dict[str, float]:
        if not text or len(text) > _LONGEST_CURSOR:
            return {}
        try:
            read = msgspec.json.decode(text, type=_Cursor)
        except (msgspec.MsgspecError, UnicodeError):
            return {}
        return read.days if read.articles == self._mark else {}


def _day(item: Any, first: datetime, today: datetime) -> tuple[datetime, float] | None:
    """A day and its views; None for one that is not over, or was not asked for."""
    day = datetime.strptime(id_at(item, "timestamp")[:8], "%Y%m%d").replace(tzinfo=UTC)
    views = decimal_at(item, "views")
    if views is None or views < 0:
        raise ValueError("there is no number at 'views'")
    return (day, views) if first <= day < today else None


def _name(day: datetime) -> str:
    return f"{day:%Y-%m-%d}"


def _explain(answer: Answer, _: Any) -> SourceError | None:
    return unwelcome(answer)
