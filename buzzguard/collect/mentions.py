"""Entries of a feed → mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from zoneinfo import ZoneInfo

from buzzguard.collect.dates import is_day_only, parse_date
from buzzguard.collect.entry import Entry, Feed
from buzzguard.collect.fields import language_tag
from buzzguard.collect.site import host_of, site_of, web_link
from buzzguard.model import Author, Mention, MentionKind

SOURCE = "rss"
_LONGEST_TEXT = 20_000
"""Characters of an entry that are kept: a long article with its markup; what names a brand stands before that."""
_LONGEST_TITLE = 1_000
_LONGEST_NAME = 200
_EVERYWHERE_UNIQUE = ("http://", "https://", "tag:", "urn:uuid:")
_MAIL = re.compile(r"\S+@\S+\.\S+")
_AGGREGATOR = "news.google.com"


def mention_key(entry: Entry, *, guid_counts: bool) -> str:
    """What identifies an entry within its feed: guid, else link, else what it says.

    Google News gives one story several guids; there the outlet and the title identify it.
    """
    if host_of(entry.link) == _AGGREGATOR and entry.outlet_url and entry.title:
        return f"{_AGGREGATOR} {host_of(entry.outlet_url)} {_bare_title(entry)}"
    if entry.guid and guid_counts:
        return entry.guid
    return entry.link or "\0".join((entry.title, entry.published, entry.text))


def _bare_title(entry: Entry) -> str:
    """The title without the ` - Outlet` that an aggregator adds."""
    return entry.title.removesuffix(f" - {entry.outlet}") if entry.outlet else entry.title


class Reader:
    """Turns the entries of one stream into mentions."""

    def __init__(self, stream: str, *, feed_url: str, language: str, time_zone: str) -> None:
        self._stream = stream
        self._host = host_of(feed_url)
        self._language = language
        self._zone = ZoneInfo(time_zone)

    def newest(self, entries: Mapping[str, Entry], *, limit: int, now: datetime) -> dict[str, Entry]:
        """At most `limit` entries, the latest ones; feeds list the newest first, or last."""
        if len(entries) <= limit:
            return dict(entries)
        by_time = sorted(entries, key=lambda key: parse_date(entries[key].published, zone=self._zone) or now)
        latest = frozenset(by_time[-limit:])
        return {key: entry for key, entry in entries.items() if key in latest}

    def mentions(self, entries: Mapping[str, Entry], feed: Feed, *, url: str, now: datetime) -> tuple[Mention, ...]:
        """One mention for each entry, in order of publication."""
        base = web_link(feed.link, base=url) or url
        found = [self._mention(key, entry, feed, base=base, now=now) for key, entry in entries.items()]
        return tuple(sorted(found, key=lambda mention: mention.published))

    @staticmethod
    def undated(mentions: tuple[Mention, ...]) -> str:
        """A note on entries that have no usable date, empty when all have one."""
        without = sum(not mention.time_trusted for mention in mentions)
        return f"{without} entries have no usable date, the time of reading counts" if without else ""

    def _mention(self, key: str, entry: Entry, feed: Feed, *, base: str, now: datetime) -> Mention:
        link = web_link(entry.link, base=base) if entry.link else ""
        published = self._published(entry.published, now)
        aggregated = host_of(link) == _AGGREGATOR
        return Mention(
            id=self._id(key),
            stream=self._stream,
            source=SOURCE,
            published=published or now,
            fetched=now,
            text=entry.text[:_LONGEST_TEXT],
            title=(_bare_title(entry) if aggregated else entry.title)[:_LONGEST_TITLE],
            url=link,
            site=site_of((aggregated and entry.outlet_url) or link) or site_of(base),
            language=language_tag(entry.language or feed.language or self._language),
            kind=MentionKind.ARTICLE,
            author=_author(entry.author),
            time_trusted=published is not None,
        )

    def _id(self, key: str) -> str:
        """Equal for the same entry whichever stream brought it: a guid that is no address counts within its host."""
        scope = "" if key.startswith(_EVERYWHERE_UNIQUE) else self._host
        digest = blake2b(f"{scope}\0{key}".encode("utf-8", "replace"), digest_size=12)
        return f"{SOURCE}:{digest.hexdigest()}"

    def _published(self, text: str, now: datetime) -> datetime | None:
        """The event time, None when there is none to trust: a bare day says nothing of the hour while it lasts."""
        published = parse_date(text, zone=self._zone) if text else None
        if published is None or not is_day_only(text):
            return published
        today = now.astimezone(self._zone).date()
        return None if published.astimezone(self._zone).date() == today else published


def _author(written: str) -> Author:
    """The name of an author; an address of electronic mail is nobody's business and is left out where a name is."""
    name = " ".join(_MAIL.sub(" ", written).strip(" ()<>,;\"'").split()) or written.partition("@")[0].strip()
    name = name[:_LONGEST_NAME]
    return Author(id=name.casefold(), handle=name, name=name) if name else Author()
