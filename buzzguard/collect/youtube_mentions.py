"""YouTube's videos and comments → mentions."""

from __future__ import annotations

import html
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from buzzguard.collect.fields import (
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_TITLE,
    at,
    id_at,
    moment_at,
    number_at,
    text_at,
)
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "youtube"
_WATCH = "https://www.youtube.com/watch?v="


def video_mention(record: Any, *, stream: str, language: str, now: datetime) -> Mention:
    """The mention of a video that a search found. Raises ValueError for a record of which none can be made."""
    title = html.unescape(text_at(record, "snippet.title", most=LONGEST_TITLE))
    text = html.unescape(text_at(record, "snippet.description"))
    if not title and not text:
        raise ValueError("there is neither a title nor a description")
    video = id_at(record, "id.videoId")
    name = text_at(record, "snippet.channelTitle", most=LONGEST_NAME)
    return Mention(
        id=f"{SOURCE}:{video}",
        stream=stream,
        source=SOURCE,
        published=moment_at(record, "snippet.publishedAt"),
        fetched=now,
        text=text,
        title=title,
        url=f"{_WATCH}{video}",
        site="youtube.com",
        language=language,
        author=Author(id=text_at(record, "snippet.channelId", most=LONGEST_NAME), handle=name, name=name),
    )


def said_in(thread: Any) -> Iterator[tuple[Any, str, int]]:
    """The comments that a thread shows: each with the id of what it answers and its number of answers."""
    top = at(thread, "snippet.topLevelComment")
    video = text_at(thread, "snippet.videoId", most=LONGEST_NAME)
    yield top, video, number_at(thread, "snippet.totalReplyCount")
    answers = at(thread, "replies.comments")
    for answer in answers if isinstance(answers, list) else []:
        yield answer, text_at(top, "id", most=LONGEST_NAME), 0


def comment_mention(
    said: tuple[Any, str, int], *, stream: str, language: str, topics: tuple[str, ...], now: datetime
) -> Mention:
    """The mention of a comment, as `said_in` gives it. Raises ValueError as `video_mention`."""
    record, parent, answers = said
    text = (text_at(record, "snippet.textOriginal") or text_at(record, "snippet.textDisplay"))[:LONGEST_TEXT]
    if not text:
        raise ValueError("there is no text")
    number = id_at(record, "id")
    video = text_at(record, "snippet.videoId", most=LONGEST_NAME)
    name = text_at(record, "snippet.authorDisplayName", most=LONGEST_NAME)
    return Mention(
        id=f"{SOURCE}:{number}",
        stream=stream,
        source=SOURCE,
        published=moment_at(record, "snippet.publishedAt"),
        fetched=now,
        text=text,
        url=f"{_WATCH}{video}&lc={number}" if video else "",
        site="youtube.com",
        language=language,
        kind=MentionKind.COMMENT,
        author=Author(
            id=text_at(record, "snippet.authorChannelId.value", most=LONGEST_NAME), handle=name.lstrip("@"), name=name
        ),
        engagement=Engagement(likes=number_at(record, "snippet.likeCount"), replies=answers),
        parent=f"{SOURCE}:{parent}" if parent else "",
        topics=topics,
    )
