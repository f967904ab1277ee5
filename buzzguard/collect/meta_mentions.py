"""Posts, comments and media of Facebook and Instagram → mentions, and what Graph says of its own trouble."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from buzzguard.collect.fields import LONGEST_NAME, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.http import Answer
from buzzguard.collect.json_api import wrong_token
from buzzguard.collect.limits import wait_of
from buzzguard.collect.site import web_link
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "meta"
_LIMITS = frozenset((4, 17, 32, 613))
_TOKEN = frozenset((102, 190))
_RIGHTS = frozenset((3, 10, *range(200, 300)))
_PASSING = frozenset((1, 2))
_USUAL_WAIT = timedelta(minutes=15)


def time_of(record: Any) -> datetime:
    """When it was published. Raises ValueError."""
    return moment_at(record, "created_time" if at(record, "created_time") is not None else "timestamp")


def mention_of(
    record: Any, *, own: str, under: str, stream: str, common: tuple[str, tuple[str, ...]], now: datetime
) -> Mention | None:
    """The mention of a record; None for what the page itself says and for pictures alone. Raises ValueError."""
    number = id_at(record, "id")
    if own and text_at(record, "from.id", most=LONGEST_NAME) == own:
        return None
    text = text_at(record, "message") or text_at(record, "caption")
    published = time_of(record)
    if not text:
        if any(at(record, name) is not None for name in ("message", "caption")):
            raise ValueError("its text is none")
        return None
    url = web_link(text_at(record, "permalink_url") or text_at(record, "permalink"), base="https://www.facebook.com")
    language, topics = common
    parent = text_at(record, "parent.id", most=LONGEST_NAME) or under
    return Mention(
        id=f"{SOURCE}:{number}",
        stream=stream,
        source=SOURCE,
        published=published,
        fetched=now,
        text=text,
        url=url,
        site="instagram.com" if at(record, "timestamp") is not None else "facebook.com",
        language=language,
        kind=MentionKind.COMMENT if under else MentionKind.POST,
        author=_author(record),
        engagement=_engagement(record),
        parent=f"{SOURCE}:{parent}" if parent else "",
        topics=topics,
    )


def _author(record: Any) -> Author:
    handle = text_at(record, "username", most=LONGEST_NAME)
    name = text_at(record, "from.name", most=LONGEST_NAME) or handle
    return Author(id=text_at(record, "from.id", most=LONGEST_NAME) or handle, handle=handle, name=name)


def _engagement(record: Any) -> Engagement:
    return Engagement(
        likes=number_at(record, "like_count"),
        replies=number_at(record, "comments_count") or number_at(record, "comment_count"),
        shares=number_at(record, "shares.count"),
    )


def explain(answer: Answer, body: Any, *, now: datetime) -> SourceError | None:
    """What Graph says of its own trouble, by its code."""
    if at(body, "error") is None:
        return None
    code, said = number_at(body, "error.code"), " ".join(text_at(body, "error.message", most=200).split())
    if code in _LIMITS or answer.status == 429:
        return SourceUnavailable(
            f"{answer.status}, too many requests to Graph (code {code})",
            retry_after=wait_of(answer, now) or _USUAL_WAIT,
        )
    if code in _TOKEN or answer.status == 401:
        return wrong_token(f"{answer.status} (code {code})", "make a new access token of the page")
    if code in _RIGHTS:
        return SourceRefused(f"{answer.status}, the token lacks a permission (code {code}): {said}")
    if code in _PASSING or answer.status >= 500 or at(body, "error.is_transient") is True:
        return SourceUnavailable(f"{answer.status}, Graph has trouble (code {code})", retry_after=wait_of(answer, now))
    return SourceRefused(f"{answer.status}, Graph refuses (code {code}): {said or 'it does not say why'}")
