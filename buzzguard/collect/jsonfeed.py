"""JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/).

feedparser reads this format only when told so by content type and drops half its fields, hence this reader.
"""

from __future__ import annotations

import json
from html import escape
from typing import Any

from buzzguard.collect.entry import Entry, Feed, NotAFeed


def parse(text: str) -> Feed:
    """Read a JSON Feed. Raises NotAFeed for JSON that is damaged or something else; an odd item costs only itself."""
    try:
        document = json.loads(text)  # of all parsers the one that half an emoji in one item does not stop
    except (ValueError, RecursionError) as error:
        raise NotAFeed("JSON that is damaged or cut short") from error
    if not isinstance(document, dict) or not _text(document, "version").startswith(
        ("https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1")
    ):
        raise NotAFeed("JSON, but not a JSON Feed")
    items = document.get("items")
    written = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    odd = (len(items) if isinstance(items, list) else 0) - len(written)
    return Feed(
        entries=tuple(_entry(item, document) for item in written),
        link=_text(document, "home_page_url"),
        language=_text(document, "language"),
        note=f"{odd} items are not objects" if odd else "",
        ended=document.get("expired") is True,
        links=_links(document),
    )


def _links(document: dict[str, Any]) -> dict[str, str]:
    hubs = document.get("hubs")
    first = next((hub for hub in hubs if isinstance(hub, dict)), {}) if isinstance(hubs, list) else {}
    named = {"hub": _text(first, "url"), "self": _text(document, "feed_url")}
    return {name: address for name, address in named.items() if address}


def _entry(item: dict[str, Any], document: dict[str, Any]) -> Entry:
    """Plain text is escaped: what travels in a mention may be HTML and is cleaned as such."""
    plain = escape(_text(item, "content_text"), quote=False)
    return Entry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=escape(_text(item, "title"), quote=False),
        text=_text(item, "content_html") or plain or escape(_text(item, "summary"), quote=False),
        published=_text(item, "date_published") or _text(item, "date_modified"),
        author=_author(item) or _author(document),
        language=_text(item, "language"),
    )


def _author(section: dict[str, Any]) -> str:
    authors = section.get("authors")
    several = [author for author in authors if isinstance(author, dict)] if isinstance(authors, list) else []
    single = section.get("author")
    for author in [*several, *([single] if isinstance(single, dict) else [])]:
        if _text(author, "name"):
            return _text(author, "name")
    return ""


def _text(section: dict[str, Any], name: str) -> str:
    """A field as text that can be stored; ids are sometimes numbers."""
    value = section.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).encode("utf-8", "replace").decode().replace("\0", "").strip()
