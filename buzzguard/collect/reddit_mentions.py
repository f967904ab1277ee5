"""Reddit's posts and comments → mentions, from the API and from its feeds."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from buzzguard.collect.dates import parse_date
from buzzguard.collect.entry import Entry
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, id_at, moment_at, number_at, text_at
from buzzguard.collect.site import web_link
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "reddit"
_HOME = "https://www.reddit.com"
_GONE = frozenset(("[deleted]", "[removed]"))
_NAME = re.compile(r"(t[13])_([a-z0-9]{1,20})")
_POST_IN_LINK = re.compile(r"/comments/([a-z0-9]{1,20})/")
_SUBMITTED = re.compile(r"(?:<!-- SC_(?:OFF|ON) -->|\s*submitted by\s*<a .*\Z)", re.DOTALL)
_AHEAD = timedelta(days=1)


def fullname(record: Any) -> str:
    """The name of a thing (`t3_…` a post, `t1_…` a comment). Raises ValueError for what has none."""
    name = id_at(record, "name")
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name[:40]!r} is not the name of a post or comment")
    return name


def is_gone(record: Any) -> bool:
    """Whether its author or a moderator has taken it back."""
    text = text_at(record, "body", most=40) or text_at(record, "selftext", most=40)
    return text in _GONE or bool(text_at(record, "removed_by_category", most=40))


def mention_of(record: Any, *, stream: str, language: str, now: datetime) -> Mention:
    """The mention of a record of the API. Raises ValueError for a record of which none can be made."""
    name = fullname(record)
    title, text = text_at(record, "title", most=LONGEST_TITLE), text_at(record, _BODY[name[:2]])
    if not title and not text:
        raise ValueError("there is neither a title nor a text")
    published = moment_at(record, "created_utc")
    if published > now + _AHEAD:
        raise ValueError("its time is in the future")
    origin = text_at(record, "crosspost_parent", most=30)
    crossposted = name.startswith("t3_") and _NAME.fullmatch(origin) is not None
    parent = origin if crossposted else text_at(record, "parent_id", most=30)
    return Mention(
        id=f"{SOURCE}:{name}",
        stream=stream,
        source=SOURCE,
        published=published,
        fetched=now,
        text=text,
        title=title,
        url=web_link(text_at(record, "permalink"), base=_HOME),
        site="reddit.com",
        language=language,
        kind=MentionKind.REPOST if crossposted else _KINDS[name[:2]],
        author=_author(record),
        engagement=_engagement(record),
        parent=f"{SOURCE}:{parent}" if _NAME.fullmatch(parent) else "",
    )


_BODY = {"t1": "body", "t3": "selftext"}
_KINDS = {"t1": MentionKind.COMMENT, "t3": MentionKind.POST}


def _author(record: Any) -> Author:
    handle = text_at(record, "author", most=LONGEST_NAME)
    if not handle or handle in _GONE:
        return Author()
    # Its name, not `author_fullname`: the feeds tell no other, and one person is to be one author in both modes.
    return Author(id=handle.casefold(), handle=handle, name=handle)


def _engagement(record: Any) -> Engagement:
    return Engagement(
        likes=number_at(record, "score"),
        replies=number_at(record, "num_comments"),
        shares=number_at(record, "num_crossposts"),
        views=number_at(record, "view_count"),
    )


def entry_mention(entry: Entry, *, stream: str, language: str, now: datetime) -> Mention:
    """The mention of an entry of a feed: the same id as from the API. Raises ValueError as `mention_of`."""
    named = _NAME.fullmatch(entry.guid)
    published = parse_date(entry.published) if entry.published else None
    if named is None:
        raise ValueError(f"{entry.guid[:40]!r} is not the name of a post or comment")
    if published is None or published > now + _AHEAD:
        raise ValueError("there is no time")
    link = web_link(entry.link, base=_HOME)
    post = _POST_IN_LINK.search(link)
    handle = entry.author.strip().removeprefix("/u/")[:LONGEST_NAME]
    is_comment = named[1] == "t1"
    return Mention(
        id=f"{SOURCE}:{named[0]}",
        stream=stream,
        source=SOURCE,
        published=published.astimezone(UTC),
        fetched=now,
        text=_SUBMITTED.sub("", entry.text[:LONGEST_TEXT]).strip(),
        title="" if is_comment else entry.title[:LONGEST_TITLE],
        url=link,
        site="reddit.com",
        language=language,
        kind=_KINDS[named[1]],
        author=Author(id=handle.casefold(), handle=handle, name=handle) if handle not in ("", *_GONE) else Author(),
        parent=f"{SOURCE}:t3_{post[1]}" if is_comment and post else "",
    )
