"""The source `rss`: RSS, Atom and JSON Feed.

- resumes from a cursor (ETag, Last-Modified, address moved to, entries delivered); first poll: all that is listed
- a feed with a hub (WebSub) is read at once when the hub knocks, where `web.public_url` lets it
- backs off on 429 and 5xx as the server asks, and says so; 404 and 401 tell the operator, 410 ends the stream
- terms: a feed is published to be read by feed readers; Google News allows personal, non-commercial use only
- no secret in logs: addresses are shown without user, password and query values (Google Alerts: the path is the secret,
  so a stream on it is named by its host alone)
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections import Counter
from datetime import datetime
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace
from pydantic import Field, field_validator

from buzzguard.collect.answers import check_status, retry_hint, web_page
from buzzguard.collect.card import SourceCard
from buzzguard.collect.cursor import FeedCursor, advance, load_cursor, mark
from buzzguard.collect.entry import Entry, Feed, NotAFeed
from buzzguard.collect.feed import parse_feed
from buzzguard.collect.http import Answer, same_party
from buzzguard.collect.mentions import Reader, mention_key
from buzzguard.collect.tools import Tools
from buzzguard.collect.websub import hub_of
from buzzguard.config.base import Frozen
from buzzguard.config.secrets import Sealed, read_secret
from buzzguard.config.settings import Secret, StreamSettings, TimeZone
from buzzguard.errors import SourceGone, SourceRefused
from buzzguard.model import Fetched, Mention

_PERMANENT = frozenset((301, 308))
_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")


class RssSource:
    """One feed. Keeps nothing between calls but its settings."""

    card = SourceCard(
        group="keyless",
        reads="RSS, Atom and JSON feeds: press, blogs, forums, Google Alerts, YouTube channels",
        needs="nothing",
        delay="the interval of polling (2 min), and the feed's own",
        limits="those of each site; waits as it asks",
        terms="made for feed readers; Google News: personal, non-commercial use",
    )

    class Settings(Frozen):
        """`url` of the feed; `headers` it wants; `max_items` per answer; `time_zone` of dates that name none."""

        url: str = Field(max_length=4_000)
        headers: dict[str, Secret] = {}
        max_items: int = Field(default=1_000, ge=1, le=10_000)
        time_zone: TimeZone = "UTC"
        push: bool = True
        """Whether the feed's hub, where it has one, is asked to say when there is news; needs `web.public_url`."""

        @field_validator("url")
        @classmethod
        def _web_address(cls, value: str) -> str:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                raise ValueError("not an http or https address, write for example https://example.org/feed.xml")
            return value

        @field_validator("headers")
        @classmethod
        def _header_names(cls, value: dict[str, Secret]) -> dict[str, Secret]:
            for name in value:
                if not _HEADER_NAME.fullmatch(name):
                    raise ValueError(f"{name[:40]!r} is not the name of a header, write for example Authorization")
            return value

    def __init__(self, stream: str, settings: Settings, *, common: StreamSettings, tools: Tools) -> None:
        """Raises ConfigError when a header's secret cannot be read."""
        self._settings = settings
        self._stream = stream
        self._http = tools.http
        self._subscriptions = tools.subscriptions
        self._secrets = _credentials(settings)
        self._reader = Reader(stream, feed_url=settings.url, language=common.language, time_zone=settings.time_zone)

    async def close(self) -> None:
        """Nothing is held: the HTTP client is the daemon's."""

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        """Read the feed once: entries not delivered before, and the cursor after them."""
        state = load_cursor(cursor, address=self._settings.url)
        if state.moved:
            try:
                return await self._fetch_from(state.moved, state, now)
            except (SourceRefused, SourceGone):
                # The new address is dead or wrong; the one that was configured may know better.
                state = FeedCursor(address=state.address, seen=state.seen)
        return await self._fetch_from(self._settings.url, state, now)

    async def _fetch_from(self, url: str, state: FeedCursor, now: datetime) -> Fetched:
        answer = await self._http.get(url, headers=self._headers(url, state))
        if answer.status == 304:
            return Fetched(cursor=state.dump(), retry_after=retry_hint(answer, now))
        check_status(answer, now, authorised=bool(self._secrets))
        feed = await asyncio.to_thread(_parse, answer)
        fetched = self._deliver(feed, answer, state, now)
        trouble = await self._subscribe(feed, answer, now)
        return replace(fetched, note="; ".join(filter(None, (fetched.note, trouble)))) if trouble else fetched

    async def _subscribe(self, feed: Feed, answer: Answer, now: datetime) -> str:
        """Ask the feed's hub for a knock at its news; returns what is wrong, in a line."""
        subscriptions = self._subscriptions
        hub, topic = hub_of(answer, feed.links) if subscriptions is not None and self._settings.push else ("", "")
        if subscriptions is None or not hub:
            return ""
        return await subscriptions.keep(self._stream, hub, topic, http=self._http, now=now)

    def _headers(self, url: str, state: FeedCursor) -> dict[str, str]:
        headers = {"accept": _ACCEPT}
        if same_party(self._settings.url, url):
            headers |= {name: secret.reveal() for name, secret in self._secrets.items()}
        if state.etag:
            headers["if-none-match"] = state.etag
        if state.modified:
            headers["if-modified-since"] = state.modified
        return headers

    def _deliver(self, feed: Feed, answer: Answer, state: FeedCursor, now: datetime) -> Fetched:
        entries = _identified(feed.entries)
        kept = self._reader.newest(entries, limit=self._settings.max_items, now=now)
        known = frozenset(state.seen)
        fresh = {key: entry for key, entry in kept.items() if mark(key) not in known}
        if feed.ended and not fresh:
            raise SourceGone("the feed declares that it has ended")
        mentions, past = self._reader.mentions(fresh, feed, url=answer.url, now=now), ""
        if not state.seen:
            mentions, past = _dated(mentions)
        # A cut answer must not be confirmed to the server: it would never send the rest.
        trusted = not (feed.cut or feed.ended or answer.headers.get("expires", "").strip() == "0")
        after = advance(
            state,
            listed=[mark(key) for key in kept],
            etag=answer.headers.get("etag", "") if trusted else "",
            modified=answer.headers.get("last-modified", "") if trusted else "",
            moved=_moved(answer, state),
        )
        notes = [feed.note, past, self._reader.undated(mentions), _slower(feed, state)]
        if len(kept) < len(entries):
            notes.append(f"{len(entries) - len(kept)} entries beyond max_items were left out")
        return Fetched(mentions=mentions, cursor=after.dump(), note="; ".join(note for note in notes if note))


def _parse(answer: Answer) -> Feed:
    try:
        return parse_feed(answer.body, content_type=answer.headers.get("content-type", ""), truncated=answer.truncated)
    except NotAFeed as error:
        raise web_page(answer, error) from error


def _identified(entries: tuple[Entry, ...]) -> dict[str, Entry]:
    """Entries by what identifies them, those listed twice taken once.

    A guid that several different entries bear (broken generators write the home page into each) identifies none.
    """
    bearers = Counter(entry.guid for entry in {(e.guid, e.link, e.title): e for e in entries}.values())
    keyed: dict[str, Entry] = {}
    for entry in entries:
        if not (entry.title or entry.text):
            continue  # it may be filled later
        keyed.setdefault(mention_key(entry, guid_counts=bearers[entry.guid] == 1), entry)
    return keyed


def _dated(mentions: tuple[Mention, ...]) -> tuple[tuple[Mention, ...], str]:
    """What a first poll delivers. Entries without a date that a feed lists then may be of any age: counted as said
    now, they would make a spike of the past. They are remembered as seen; later ones count when they are fetched."""
    dated = tuple(mention for mention in mentions if mention.time_trusted)
    left = len(mentions) - len(dated)
    note = f"{left} entries without a date were there before the first poll and were not counted" if left else ""
    return dated, note


def _moved(answer: Answer, state: FeedCursor) -> str:
    """Where the feed lives for good: as far as the redirects met were permanent ones."""
    moved = state.moved
    for status, target in answer.redirects:
        if status not in _PERMANENT:
            break
        moved = target
    return moved


def _slower(feed: Feed, state: FeedCursor) -> str:
    """What a feed asks of readers is a wish that early warning cannot grant; it is told once."""
    wish = feed.every_minutes
    return f"the feed suggests to be read every {wish} min" if wish and not state.seen else ""


def _credentials(settings: RssSource.Settings) -> dict[str, Sealed]:
    """The secret headers, those written into the address included. Raises ConfigError."""
    parts = urlsplit(settings.url)
    found = {name.lower(): read_secret(secret) for name, secret in settings.headers.items()}
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        found.setdefault("authorization", Sealed("Basic " + b64encode(pair.encode()).decode("ascii")))
    return found
