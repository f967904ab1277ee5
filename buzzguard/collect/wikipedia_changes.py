"""The source `wikipedia_changes`: edits of chosen articles, or of those whose title or edit names what is watched.

- resumes from a cursor: the id of the last event (`Last-Event-ID`), so that no connection that ends leaves a gap; the
  first poll begins `back` ago. All edits of all wikis flow by, about 50 a second: a long past is not read back
- backs off on 429 and 503 as the server asks; a connection that ends is opened again
- terms: no key; for tools of small scale that name a contact (`network.user_agent`); edits are CC BY-SA
- secrets: none
- an edit is a comment: its summary is the text, the article the title, the difference that it made the address
- leans on what is UNVERIFIED: that connections are cut about every 15 minutes, how far back `since` may reach, and how
  many requests a minute are borne
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from pydantic import Field

from buzzguard.collect.answers import check_status
from buzzguard.collect.asked import WebAddress
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Unwelcome
from buzzguard.collect.json_api import quarantined, take
from buzzguard.collect.limits import wait_of
from buzzguard.collect.site import site_of, web_link
from buzzguard.collect.sse import Event, events
from buzzguard.collect.tap import Drop, Tap
from buzzguard.collect.tools import Tools
from buzzguard.collect.wikipedia import Articles, Wiki, nameless, title_of, unwelcome
from buzzguard.config.base import Frozen
from buzzguard.config.settings import Duration, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import EXCERPT, Author, Fetched, Mention, MentionKind

SOURCE = "wikipedia_changes"
_EDITS = frozenset(("edit", "new"))
_ARTICLE, _TALK = 0, 1
_LONGEST_POSITION = 20_000
_GATHER = timedelta(seconds=0.3)
_NEVER = datetime.fromtimestamp(0, UTC)


class WikipediaChangesSource:
    """The stream of all edits, of which few are kept."""

    card = SourceCard(
        group="keyless",
        reads="Wikipedia: edits of chosen articles, or of those that name what is watched",
        needs="nothing; a contact in network.user_agent",
        delay="seconds",
        limits="one connection; about 50 edits a second flow by (250 MB an hour)",
        terms="small-scale tools that name a contact; CC BY-SA",
    )

    class Settings(Frozen):
        """Which edits are read."""

        articles: Articles = {}
        """Articles whose every edit is read, by Wikipedia, and counts for the stream's `topics`; when empty, those
        whose title or edit names a word of the stream's topics."""
        wikis: tuple[Wiki, ...] = ("en.wikipedia", "fr.wikipedia")
        """The Wikipedias in which those words are looked for."""
        talk: bool = False
        """Whether the discussions of articles are read too."""
        bots: bool = False
        """Whether edits of bots are read."""
        back: Duration = Field(default=timedelta(minutes=15), le=timedelta(days=7))
        """How far a first poll reads back; an hour is about 250 MB."""
        address: WebAddress = "https://stream.wikimedia.org"
        """Where events flow from."""

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        self._stream = stream
        self._language = common.language
        # The watch looks for topics in titles and texts; an article that was chosen by name belongs to them anyway.
        self._topics = common.topics if settings.articles else ()
        self._settings = settings
        self._http = tools.http
        self._chosen = {(wiki, title) for wiki, titles in settings.articles.items() for title in titles}
        self._named = None if self._chosen else _pattern(tools.words)
        self._tap = Tap(self._follow, wait=tools.patience, gather=min(_GATHER, tools.patience / 4))
        self._now = _NEVER
        self._told = False

    async def close(self) -> None:
        """Hang up."""
        await self._tap.close()

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """What came after `cursor`."""
        if not self._chosen and self._named is None:
            raise SourceRefused("there is nothing to look for: write `articles`, or give the stream topics with words")
        self._now = now
        fetched = await self._tap.take(cursor, now)
        note = "" if self._told else nameless(self._http)
        self._told = True
        return msgspec.structs.replace(
            fetched,
            mentions=tuple(msgspec.structs.replace(one, fetched=now) for one in fetched.mentions),
            quarantined=tuple(msgspec.structs.replace(one, at=now) for one in fetched.quarantined),
            note=note,
        )

    async def _follow(self, position: str) -> AsyncIterator[Drop]:
        url = f"{self._settings.address}/v2/stream/recentchange"
        headers = {"accept": "text/event-stream"}
        if _is_position(position):
            headers["last-event-id"] = position
        else:
            since = (self._now - self._settings.back).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            url = f"{url}?{urlencode({'since': since})}"
        try:
            async with self._http.stream(url, headers=headers) as pieces:
                async for event in events(pieces):
                    if _is_position(event.id):
                        yield self._drop(event)
        except Unwelcome as error:
            trouble = unwelcome(error.answer)
            if trouble is not None:
                raise trouble from None
            wait = wait_of(error.answer, self._now)
            if wait is not None:
                raise SourceUnavailable(str(error), retry_after=wait) from None
            check_status(error.answer, self._now, authorised=False)
            raise

    def _drop(self, event: Event) -> Drop:
        """What an event brings. One that brings nothing moves the position too, canaries included."""
        try:
            change = msgspec.json.decode(event.data or '"the event is too long"')
        except (msgspec.DecodeError, RecursionError) as error:
            aside = quarantined(event.data[:EXCERPT], error, stream=self._stream, now=_NEVER)
            return Drop(position=event.id, quarantined=aside)
        taken = take([change], self._mention, stream=self._stream, now=_NEVER)
        times = take([change], lambda one: moment_at(one, "timestamp"), stream="", now=_NEVER).read
        return Drop(
            position=event.id,
            at=next(iter(times), None),
            mention=next(iter(taken.read), None),
            quarantined=next(iter(taken.quarantined), None),
        )

    def _mention(self, change: Any) -> Mention | None:
        if not isinstance(change, dict):
            raise ValueError("it is no object")
        if at(change, "meta.domain") == "canary" or at(change, "type") not in _EDITS:
            return None
        if at(change, "bot") is True and not self._settings.bots:
            return None
        if not self._is_meant(change):
            return None
        read = _read(change, stream=self._stream, language=self._language)
        return msgspec.structs.replace(read, topics=self._topics)

    def _is_meant(self, change: Any) -> bool:
        space = at(change, "namespace")
        if space != _ARTICLE and not (space == _TALK and self._settings.talk):
            return False
        wiki = text_at(change, "server_name").removesuffix(".org")
        title = text_at(change, "title", most=LONGEST_TITLE)
        if self._chosen:
            article = title.partition(":")[2] if space == _TALK else title
            return (wiki, title_of(article)) in self._chosen
        if wiki not in self._settings.wikis or self._named is None:
            return False
        return self._named.search(_folded(f"{title}\n{text_at(change, 'comment')}")) is not None


def _read(change: Any, *, stream: str, language: str) -> Mention:
    wiki, title = id_at(change, "wiki"), text_at(change, "title", most=LONGEST_TITLE)
    new, old = id_at(change, "revision.new"), number_at(change, "revision.old")
    user = text_at(change, "user", most=LONGEST_NAME)
    server = web_link(text_at(change, "server_url", most=300), base="")
    link = {"title": title.replace(" ", "_")} | ({"diff": new, "oldid": str(old)} if old else {"oldid": new})
    script = text_at(change, "server_script_path", most=100) or "/w"
    label = text_at(change, "server_name").partition(".")[0]
    published = moment_at(change, "timestamp" if at(change, "timestamp") is not None else "meta.dt")
    return Mention(
        id=f"{SOURCE}:{wiki}:{new}",
        stream=stream,
        source=SOURCE,
        published=published,
        fetched=published,
        text=text_at(change, "comment"),
        title=title,
        url=web_link(f"{script}/index.php?{urlencode(link)}", base=server) if server else "",
        site=site_of(server),
        language=language or (label if 2 <= len(label) <= 3 else ""),
        kind=MentionKind.COMMENT,
        author=Author(id=user, handle=user),
    )


def _is_position(text: str) -> bool:
    """Whether a text is a position in the stream: topics, partitions and how far they were read."""
    if not text or len(text) > _LONGEST_POSITION or not text.isascii():
        return False
    try:
        places = msgspec.json.decode(text)
    except msgspec.DecodeError:
        return False
    return isinstance(places, list) and bool(places) and all(isinstance(at(one, "topic"), str) for one in places)


def _pattern(words: tuple[str, ...]) -> re.Pattern[str] | None:
    """Finds any of the words as a whole; they come folded."""
    kept = sorted({_folded(word) for word in words if word.strip()}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, kept))})(?!\w)") if kept else None


def _folded(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))
