"""A feed's bytes → entries: RSS and Atom through feedparser, JSON Feed through `jsonfeed`.

Nothing here raises for what a document holds but `NotAFeed`; what can be read of a damaged one is read, and `note` says
that it was damaged.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import escape
from html.entities import name2codepoint
from typing import Any

from buzzguard.collect import jsonfeed
from buzzguard.collect.charset import decode
from buzzguard.collect.entry import Entry, Feed, NotAFeed

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|rdf|channel)[\s>]", re.IGNORECASE)
_HEAD = 20_000
"""Characters in which the root of a feed is looked for: comments and declarations may stand before it."""
_HTML = re.compile(r"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]", re.IGNORECASE)
_ENDS = re.compile(r"</((?:[\w.-]{1,40}:)?(?:item|entry))\s*>", re.IGNORECASE)
_STARTS = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s>]", re.IGNORECASE)
_TAIL = 200_000
"""Where the end of the root is looked for: scripts and comments may follow it."""
_MOST_ENTRIES = 10_000
_MOST_TAGS = 500_000
"""The parser takes some 20 µs a tag; a large honest feed has a tenth of these."""
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,10});")
_XML_NAMED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,400}\?>", re.IGNORECASE)
_NO_XML_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&(?:#\w+|\w+);")
_DOCTYPE_PARTS = re.compile(r"""<!--.*?-->|"[^"]*"|'[^']*'|[][<>]""", re.DOTALL)
_OPEN_ROOT = re.compile(r"<((?:[\w.-]{1,40}:)?(?:rss|feed|RDF|rdf|channel))[\s>]")


def parse_feed(body: bytes, *, content_type: str, truncated: bool = False) -> Feed:
    """Read a document. `truncated` says that the connection broke; a document may be cut short without it as well.

    Only whole entries are returned: the last one of a cut document is left for the next poll. Raises NotAFeed for what
    is no feed at all. Takes long for a large document: call it in a thread.
    """
    text = decode(body, content_type).lstrip("\ufeff \t\r\n")
    if not text:
        raise NotAFeed("an empty answer")
    if text[0] in "{[":
        return jsonfeed.parse(text)
    root = _ROOT.search(text, 0, _HEAD)
    html = _HTML.search(text, 0, _HEAD)
    if root is None or (html and html.start() < root.start()):
        raise NotAFeed("a web page, not a feed" if html else "neither RSS nor Atom nor JSON Feed", page=text)
    if text.count("<") > _MOST_TAGS:
        raise NotAFeed("a feed with too many tags")
    text, note, cut = _bounded(_without_doctype(_DECLARATION.sub("", text, count=1)))
    note = note or ("the feed was cut short" if truncated else "")
    return _parse_xml(_repaired(text), note=note, cut=cut or truncated)


def _without_doctype(text: str) -> str:
    """Drop the document type: it is what XML bombs and entities that read files are made of, and feeds need none."""
    start = text[:_HEAD].upper().find("<!DOCTYPE")
    if start < 0:
        return text
    depth = 0
    for match in _DOCTYPE_PARTS.finditer(text, start + len("<!DOCTYPE")):
        part = match[0]
        depth += (part in "[<") - (part in "]>")
        if depth < 0:
            return text[:start] + text[match.end() :]
    return text[:start]


def _bounded(text: str) -> tuple[str, str, bool]:
    """The document with whole entries only, and not too many; what was done to it; whether its end was missing."""
    opened = _OPEN_ROOT.search(text)
    if opened is None:
        return text, "", False
    closing = re.compile(rf"</{re.escape(opened[1])}\s*>")
    cut = closing.search(text, max(0, len(text) - _TAIL)) is None
    count, last = 0, 0
    for end in _ENDS.finditer(text):
        count, last = count + 1, end.end()
        if count == _MOST_ENTRIES:
            break
    if not cut and count < _MOST_ENTRIES:
        return text, "", False
    if last == 0:
        first = _STARTS.search(text)
        last = first.start() if first else len(text)
    channel = "</channel>" if opened[1].lower().endswith("rss") else ""
    note = "the feed was cut short" if cut else f"only the first {_MOST_ENTRIES} entries were read"
    return f"{text[:last]}{channel}</{opened[1]}>", note, cut


def _repaired(text: str) -> str:
    """Drop characters that XML forbids and write out HTML's named ones, so that the strict parser accepts the rest."""
    return _NAMED.sub(_written_out, _NO_XML_CHARACTER.sub("", text))


def _written_out(match: re.Match[str]) -> str:
    name = match[1]
    if name in _XML_NAMED or name not in name2codepoint:
        return match[0]
    return chr(name2codepoint[name])


def _parse_xml(text: str, *, note: str, cut: bool) -> Feed:
    import feedparser

    # As a stream: feedparser opens a string or bytes that look like a file name or an address.
    stream = io.BytesIO(text.encode("utf-8", "replace"))
    try:
        parsed = feedparser.parse(
            stream,
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (ValueError, LookupError, AssertionError, RecursionError, TypeError, AttributeError) as error:
        raise NotAFeed("a feed that cannot be parsed") from error
    if not parsed.version and not parsed.entries:
        raise NotAFeed("neither RSS nor Atom nor JSON Feed", page=text)
    if parsed.bozo and not note:
        note = "the feed is not well-formed"
    feed = parsed.feed
    return Feed(
        entries=tuple(_entry(entry) for entry in parsed.entries),
        link=_text(feed, "link"),
        language=_text(feed, "language"),
        every_minutes=_period(feed),
        note=note,
        cut=cut,
        links=_links(feed),
    )


def _links(feed: Mapping[str, Any]) -> dict[str, str]:
    """The addresses of a feed by their relation, the first of each."""
    links = feed.get("links")
    found: dict[str, str] = {}
    for link in links if isinstance(links, list) else []:
        if isinstance(link, Mapping) and _text(link, "href"):
            found.setdefault(_text(link, "rel"), _text(link, "href"))
    return found


def _entry(entry: Mapping[str, Any]) -> Entry:
    source = entry.get("source")
    published = _text(entry, "published") or _text(entry, "created") or _text(entry, "updated")
    return Entry(
        guid=_text(entry, "id"),
        link=_link(entry),
        title=_html(_text(entry, "title"), entry.get("title_detail")),
        text=_body(entry),
        published=published,
        author=_author(entry),
        language=_language(entry),
        outlet=_text(source, "title") if isinstance(source, Mapping) else "",
        outlet_url=_text(source, "href") if isinstance(source, Mapping) else "",
    )


def _text(section: Mapping[str, Any], name: str) -> str:
    value = section.get(name)
    return value.strip() if isinstance(value, str) else ""


def _html(written: str, detail: object) -> str:
    """A text as HTML: one declared as plain is escaped, for whoever cleans a mention undoes that once."""
    plain = isinstance(detail, Mapping) and detail.get("type") == "text/plain"
    return escape(written, quote=False) if plain and not _REFERENCE.search(written) else written


def _body(entry: Mapping[str, Any]) -> str:
    """The longest of the texts that an entry carries: summary, description, content."""
    contents = entry.get("content")
    parts = [part for part in contents if isinstance(part, Mapping)] if isinstance(contents, list) else []
    texts = [_html(_text(part, "value"), part) for part in parts]
    return max([_html(_text(entry, "summary"), entry.get("summary_detail")), *texts], key=len)


def _link(entry: Mapping[str, Any]) -> str:
    """The address of an entry: its alternate link, else its first, else an id that is one."""
    links = entry.get("links")
    found = [link for link in links if isinstance(link, Mapping)] if isinstance(links, list) else []
    for link in sorted(found, key=lambda link: link.get("rel") != "alternate"):
        if _text(link, "href"):
            return _text(link, "href")
    plain = _text(entry, "link")
    return plain if plain.startswith(("http://", "https://")) else ""


def _author(entry: Mapping[str, Any]) -> str:
    detail = entry.get("author_detail")
    name = _text(detail, "name") if isinstance(detail, Mapping) else ""
    return name or _text(entry, "author")


def _language(entry: Mapping[str, Any]) -> str:
    contents = entry.get("content")
    details = [
        entry.get("title_detail"),
        entry.get("summary_detail"),
        *(contents if isinstance(contents, list) else []),
    ]
    found = [_text(detail, "language") for detail in details if isinstance(detail, Mapping)]
    return _text(entry, "language") or next((language for language in found if language), "")


_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}


def _period(feed: Mapping[str, Any]) -> int:
    """How often the feed says that it should be read, in minutes; 0 when it does not say."""
    ttl = _text(feed, "ttl")
    if ttl.isdecimal() and len(ttl) < 7:
        return int(ttl)
    frequency = _text(feed, "sy_updatefrequency")
    times = max(int(frequency), 1) if frequency.isdecimal() and len(frequency) < 5 else 1
    return _PERIODS.get(_text(feed, "sy_updateperiod").lower(), 0) // times
