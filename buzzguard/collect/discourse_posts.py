"""Posts of a Discourse forum → mentions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TITLE, at, id_at, moment_at, number_at, text_at
from buzzguard.collect.json_api import take
from buzzguard.collect.site import site_of, web_link
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "discourse"
_LIKE = 2
"""The number of the action `like`."""
_LAST = 10


class Forum(NamedTuple):
    """The forum that is read, and the stream that reads it."""

    stream: str
    address: str
    language: str

    def id_of(self, post: Any) -> str:
        """The id of a post as a mention. Raises ValueError when it has none."""
        return self.id(id_at(post, "id"))

    def id(self, number: str) -> str:
        """The id of the mention that the post `number` is."""
        return f"{SOURCE}:{self.address.partition('://')[2]}:{number}"


def read_post(
    post: Any, topic: Mapping[str, Any], forum: Forum, *, known: Mapping[tuple[str, str], str], now: datetime
) -> Mention:
    """The mention that a post is; `known` are ids of posts listed with it. Raises ValueError for one that is none."""
    text = text_at(post, "cooked") or text_at(post, "raw") or text_at(post, "blurb")
    title = text_at(post, "topic_title", most=LONGEST_TITLE) or text_at(topic, "title", most=LONGEST_TITLE)
    if not (text or title):
        raise ValueError("it holds no text")
    user = text_at(post, "username", most=LONGEST_NAME)
    answered = known.get((str(at(post, "topic_id")), str(at(post, "reply_to_post_number"))), "")
    return Mention(
        id=forum.id_of(post),
        stream=forum.stream,
        source=SOURCE,
        published=moment_at(post, "created_at"),
        fetched=now,
        text=text,
        title=title,
        url=_link(post, topic, forum),
        site=site_of(forum.address),
        language=forum.language,
        kind=MentionKind.REPLY if number_at(post, "post_number") > 1 else MentionKind.POST,
        author=Author(id=user, handle=user, name=text_at(post, "name", most=LONGEST_NAME)),
        engagement=Engagement(
            likes=_likes(post), replies=number_at(post, "reply_count"), views=number_at(post, "reads")
        ),
        parent=forum.id(answered) if answered else "",
    )


def place_of(post: Any) -> tuple[str, str]:
    """The topic and the place in it, by which replies name a post. Raises ValueError for one that has none."""
    return id_at(post, "topic_id"), id_at(post, "post_number")


def is_gone(post: Any) -> bool:
    """Whether a post may not be read any more: hidden by the community, or taken back."""
    return at(post, "hidden") is True or at(post, "user_deleted") is True or bool(at(post, "deleted_at"))


def placed_until(posts: list[Any]) -> datetime | None:
    """Until when a page lists; by several posts, as one that was imported or moved bears a time of its own."""
    times = take(posts, lambda post: moment_at(post, "created_at"), stream="", now=datetime.max).read  # noqa: DTZ901
    return max(times[-_LAST:], default=None)


def _link(post: Any, topic: Mapping[str, Any], forum: Forum) -> str:
    told = text_at(post, "post_url", most=2_000)
    if told:
        return web_link(told, base=f"{forum.address}/")
    slug = text_at(post, "topic_slug", most=500) or text_at(topic, "slug", most=500) or "-"
    if at(post, "topic_id") is None:
        return ""
    return f"{forum.address}/t/{slug}/{id_at(post, 'topic_id')}/{number_at(post, 'post_number') or 1}"


def _likes(post: Any) -> int:
    actions = at(post, "actions_summary")
    told = [one for one in actions if at(one, "id") == _LIKE] if isinstance(actions, list) else []
    return number_at(post, "like_count") or max((number_at(one, "count") for one in told), default=0)
