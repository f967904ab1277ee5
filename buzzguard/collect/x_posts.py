"""X's posts → mentions. The service's guides say tweet where its newest description says post: both are read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from buzzguard.collect.fields import LONGEST_NAME, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.json_api import records_in, take
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "x"
POST_FIELDS = (
    "created_at,lang,author_id,public_metrics,conversation_id,in_reply_to_user_id,referenced_tweets,"
    "edit_history_tweet_ids,note_tweet"
)
USER_FIELDS = "username,name,verified,public_metrics,created_at"
_RENAMED = {"iw": "he", "in": "id", "ji": "yi"}
_UNKNOWN = frozenset(("und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"))
_RELATIONS = (("retweeted", MentionKind.REPOST), ("replied_to", MentionKind.REPLY), ("quoted", MentionKind.POST))
_SAME = {"reposted": "retweeted"}


def authors_in(body: Any) -> dict[str, Any]:
    """The accounts that an answer tells beside its posts, by id."""
    users = records_in(body, "includes", "users")
    named = take(users, lambda user: (id_at(user, "id"), user), stream="", now=datetime.max).read  # noqa: DTZ901 - unused
    return dict(named)


def mention_of(record: Any, users: Mapping[str, Any], *, stream: str, now: datetime) -> Mention:
    """The mention of a post. Raises ValueError for one of which none can be made."""
    shown = id_at(record, "id")
    text = _either(record, "note_tweet.text", "note_post.text") or text_at(record, "text")
    if not text:
        raise ValueError("there is no text")
    author = _author(record, users)
    kind, parent = _relation(record)
    return Mention(
        id=f"{SOURCE}:{_first_edition(record) or shown}",
        stream=stream,
        source=SOURCE,
        published=moment_at(record, "created_at"),
        fetched=now,
        text=text,
        url=f"https://x.com/{author.handle or 'i/web'}/status/{shown}",
        site="x.com",
        language=_language(text_at(record, "lang", most=10)),
        kind=kind,
        author=author,
        engagement=_engagement(at(record, "public_metrics")),
        parent=f"{SOURCE}:{parent}" if parent else "",
    )


def post_key(record: Any) -> str:
    """What a post is charged as."""
    return f"post:{id_at(record, 'id')}"


def _either(record: Any, one: str, other: str) -> str:
    return text_at(record, one) or text_at(record, other)


def _first_edition(record: Any) -> str:
    """The id that a post had before it was edited: an edition is no new mention."""
    editions = at(record, "edit_history_tweet_ids") or at(record, "edit_history_post_ids")
    first = editions[0] if isinstance(editions, list) and editions else None
    return first[:LONGEST_NAME] if isinstance(first, str) else ""


def _relation(record: Any) -> tuple[MentionKind, str]:
    """What a post is to another, and the other's id."""
    named = at(record, "referenced_tweets") or at(record, "referenced_posts")
    found: dict[str, str] = {}
    for each in named if isinstance(named, list) else []:
        kind = text_at(each, "type", most=20)
        found[_SAME.get(kind, kind)] = text_at(each, "id", most=LONGEST_NAME)
    for name, kind_of in _RELATIONS:
        if found.get(name):
            return kind_of, found[name]
    return MentionKind.POST, ""


def _author(record: Any, users: Mapping[str, Any]) -> Author:
    number = text_at(record, "author_id", most=LONGEST_NAME)
    user = users.get(number)
    if user is None:
        return Author(id=number)
    return Author(
        id=number,
        handle=text_at(user, "username", most=LONGEST_NAME),
        name=text_at(user, "name", most=LONGEST_NAME),
        followers=number_at(user, "public_metrics.followers_count"),
        verified=at(user, "verified") is True,
        created=_opened(user),
    )


def _opened(user: Any) -> datetime | None:
    try:
        return moment_at(user, "created_at")
    except ValueError:
        return None


def _engagement(told: Any) -> Engagement:
    reposts = number_at(told, "retweet_count") or number_at(told, "repost_count")
    return Engagement(
        likes=number_at(told, "like_count"),
        replies=number_at(told, "reply_count"),
        shares=reposts + number_at(told, "quote_count"),
        views=number_at(told, "impression_count"),
    )


def _language(code: str) -> str:
    code = code.lower().partition("-")[0]
    return "" if code in _UNKNOWN else _RENAMED.get(code, code)


class Charges(NamedTuple):
    """What an answer is charged for."""

    posts: list[str]
    users: list[str]


def charges(body: Any, *, stream: str, now: datetime) -> Charges:
    """The posts and accounts that an answer holds."""
    posts = [*records_in(body, "data"), *records_in(body, "includes", "tweets"), *records_in(body, "includes", "posts")]
    users = records_in(body, "includes", "users")
    return Charges(
        take(posts, post_key, stream=stream, now=now).read,
        take(users, lambda user: f"user:{id_at(user, 'id')}", stream=stream, now=now).read,
    )
