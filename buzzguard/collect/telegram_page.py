"""A channel's public page on t.me → mentions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple

from buzzguard.collect.dates import parse_date
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TEXT
from buzzguard.collect.site import web_link
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "telegram"
HOME = "https://t.me/"
_POST = re.compile(r"([A-Za-z0-9_]{2,40})/(\d{1,15})")
_LINK = re.compile(r"https?://t\.me/(?:s/)?([A-Za-z0-9_]{2,40})/(\d{1,15})")
_NUMBER = re.compile(r"([\d.,]{1,12})\s*([KMB]?)", re.IGNORECASE)
_TIMES = {"": 1, "K": 1_000, "M": 1_000_000, "B": 1_000_000_000}
_BREAKS = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LONGEST_PAGE = 20_000_000


class NoPage(Exception):
    """The document is not a channel's page, or not a whole one; the message says which."""


class Said(NamedTuple):
    """One message of a page, as written."""

    post: str
    text: str
    written: str
    views: str
    name: str
    answers: str
    forwarded: str


def read_page(document: str) -> list[Said]:
    """The messages of a page, oldest first. Raises NoPage. Takes long for a large page: call it in a thread."""
    if "tgme_" not in document:
        raise NoPage("a web page, not that of a channel: it may be blocked")
    if "</html>" not in document[-2_000:].lower():
        raise NoPage("cut short")
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(_BREAKS.sub("\n", document[:_LONGEST_PAGE]))
    return [_said(node) for node in tree.css("div.tgme_widget_message[data-post]")]


def post_number(said: Said) -> int:
    """The number of a message in its channel. Raises ValueError for one that names none."""
    named = _POST.fullmatch(said.post)
    if named is None:
        raise ValueError(f"{said.post[:60]!r} names no message")
    return int(named[2])


def page_mention(said: Said, *, stream: str, language: str, now: datetime) -> Mention | None:
    """The mention of a message; None for one without a text (a picture alone). Raises ValueError."""
    number = post_number(said)
    published = parse_date(said.written)
    if published is None:
        raise ValueError("there is no time")
    if not said.text:
        return None
    channel = said.post.partition("/")[0]
    origin = _LINK.match(said.forwarded) or _LINK.match(said.answers)
    kind = MentionKind.REPLY if origin else MentionKind.POST
    return Mention(
        id=mention_id(channel, number),
        stream=stream,
        source=SOURCE,
        published=published,
        fetched=now,
        text=said.text[:LONGEST_TEXT],
        url=web_link(f"{HOME}{channel}/{number}", base=HOME),
        site="t.me",
        language=language,
        kind=MentionKind.REPOST if said.forwarded else kind,
        author=Author(id=channel.lower(), handle=channel, name=said.name[:LONGEST_NAME] or channel),
        engagement=Engagement(views=views_of(said.views)),
        parent=mention_id(origin[1], int(origin[2])) if origin else "",
    )


def mention_id(chat: str, number: int) -> str:
    """The id of a message: the same from the page and from a bot. `chat`: its public name, else its number."""
    return f"{SOURCE}:{chat.lower()}/{number}"


def views_of(text: str) -> int:
    """`1.8K` → 1800; 0 for what is no number."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return 0
    try:
        return round(float(found[1].replace(",", ".")) * _TIMES[found[2].upper()])
    except ValueError:
        return 0


def _said(node: Any) -> Said:
    time = node.css_first("a.tgme_widget_message_date time[datetime]")
    return Said(
        post=node.attributes.get("data-post") or "",
        text=_text(node.css_first("div.tgme_widget_message_text.js-message_text")),
        written=(time.attributes.get("datetime") or "") if time is not None else "",
        views=_text(node.css_first("span.tgme_widget_message_views")),
        name=_text(node.css_first("a.tgme_widget_message_owner_name")),
        answers=_link(node.css_first("a.tgme_widget_message_reply")),
        forwarded=_link(node.css_first("a.tgme_widget_message_forwarded_from_name")),
    )


def _text(node: Any) -> str:
    return str(node.text()).strip() if node is not None else ""


def _link(node: Any) -> str:
    return (node.attributes.get("href") or "") if node is not None else ""
