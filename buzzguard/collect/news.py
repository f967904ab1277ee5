"""What the searches of news services have in common: their queries, walks by time, and their articles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field

from buzzguard.collect.asked import phrase, queries_of
from buzzguard.collect.site import site_of, web_link
from buzzguard.model import Author, Mention, MentionKind

LONGEST_QUERY = 500
LATE = timedelta(hours=3)
"""How late after its time of publication an article may still enter an index."""
_CUT = re.compile(r"\s*(?:…|\.\.\.)?\s*\[\+?\d+ chars\]\s*$")
_NOBODY = re.compile(r"https?://|@|^\s*(?:null|none|n/a|unknown)\s*$", re.IGNORECASE)


def _short_enough(query: str) -> str:
    if len(query) > LONGEST_QUERY:
        raise ValueError(
            f"a query has at most {LONGEST_QUERY} characters, this one has {len(query)}; write it as several queries"
        )
    return query


NewsQuery = Annotated[str, Field(min_length=1), AfterValidator(_short_enough)]
NewsQueries = Annotated[tuple[NewsQuery, ...], Field(max_length=50)]
"""What to search for, one search each, in the service's own language."""


def any_of(words: Iterable[str], *, longest: int = LONGEST_QUERY) -> tuple[str, ...]:
    """As few queries as find any of the words: `"lumio" OR "lumio k2"`, each of at most `longest` characters.

    Requests are what news services count. A word that is longer than a query stands alone.
    """
    queries: list[str] = []
    for word in dict.fromkeys(words):
        longer = f"{queries[-1]} OR {phrase(word)}" if queries else ""
        if longer and len(longer) <= longest:
            queries[-1] = longer
        else:
            queries.append(phrase(word))
    return tuple(queries)


def news_queries(configured: tuple[str, ...], words: tuple[str, ...], *, longest: int) -> tuple[str, ...]:
    """What to search for: as configured, else any of the words of the stream's topics. Raises SourceRefused when there
    is nothing."""
    return queries_of(configured, any_of(words, longest=longest))


class Place(NamedTuple):
    """Where a walk by time goes on: with what was published up to the second `until` (0: with the newest), on this page
    of it. Pages beyond the first are needed only where one second holds more than a page."""

    until: int = 0
    page: int = 1

    @classmethod
    def read(cls, token: str) -> Place:
        """Read `token`; the newest for any other text."""
        until, _, page = token.partition(" ")
        if not (until.isdecimal() and page.isdecimal() and len(token) < 30):
            return cls()
        return cls(int(until), max(int(page), 1))

    @property
    def token(self) -> str:
        """The text that `read` reads back."""
        return f"{self.until} {self.page}"

    @property
    def latest(self) -> str | None:
        """The latest time to ask for. A second more than needed: whether a service means it to be listed is not told
        everywhere, and what is listed twice is known by its mark."""
        return iso(datetime.fromtimestamp(self.until + 1, UTC)) if self.until else None

    def behind(self, oldest: datetime) -> Place:
        """The place behind a full page whose earliest time is `oldest`."""
        second = int(oldest.timestamp())
        return Place(self.until, self.page + 1) if self.until and second >= self.until else Place(second)

    def more_behind(self, listed: int, *, size: int, total: int) -> bool:
        """Whether a page that lists so many, `size` asked for and `total` found in all, is not the last. Services may
        give fewer than asked for: behind a further page of one second the next is tried."""
        return listed > 0 and (self.page > 1 or listed >= size or total > listed)

    def earlier(self) -> Place:
        """The second before, where no further page can be had."""
        return Place(max(self.until - 1, 1))


def iso(moment: datetime) -> str:
    """`2026-11-22T06:12:00Z`."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


class Article(NamedTuple):
    """What a service tells of one."""

    url: str
    published: datetime
    title: str
    text: str
    author: str
    language: str


def article_text(description: str, content: str) -> str:
    """What is known of an article's text: services cut its content and say how much they cut (`[+2310 chars]`)."""
    content, description = _CUT.sub("", content).strip(), description.strip()
    if content.startswith(description[:100]) and len(content) >= len(description):
        return content
    return "\n\n".join(filter(None, [description, content]))


def article_mention(article: Article, *, source: str, stream: str, now: datetime) -> Mention:
    """The mention of an article. Its address identifies it: news services have no ids. Raises ValueError when it has
    none, or says nothing."""
    url = web_link(article.url, base="")
    if not url:
        raise ValueError("it has no address")
    if not (article.text or article.title):
        raise ValueError("it holds no text")
    site = site_of(url)
    digest = blake2b(url.encode("utf-8", "replace"), digest_size=12).hexdigest()
    return Mention(
        id=f"{source}:{digest}",
        stream=stream,
        source=source,
        published=article.published,
        fetched=now,
        text=article.text,
        title=article.title,
        url=url,
        site=site,
        language=article.language,
        kind=MentionKind.ARTICLE,
        author=_author(article.author, site),
    )


def _author(written: str, site: str) -> Author:
    """A journalist, known by the name within the site; an address in place of a name is nobody."""
    name = " ".join(written.split())
    if not name or _NOBODY.search(name):
        return Author()
    return Author(id=f"{site}/{name.casefold()}", handle=name, name=name)
