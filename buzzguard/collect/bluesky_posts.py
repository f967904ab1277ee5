"""Posts of Bluesky → mentions, from whichever service they come: one post has one id."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from buzzguard.collect.dates import parse_date
from buzzguard.collect.fields import LONGEST_NAME, LONGEST_TEXT, LONGEST_TITLE, at, language_tag, number_at, text_at
from buzzguard.model import Author, Engagement, Mention, MentionKind

SOURCE = "bluesky"
"""What mentions name as their source: the place, whichever way it was read."""
SITE = "bsky.app"
COLLECTION = "app.bsky.feed.post"
_BELIEVED = timedelta(hours=1)
_LONGEST_ID = 200
_TID = "234567abcdefghijklmnopqrstuvwxyz"
_TID_LENGTH = 13
_NONE = Engagement()
_FIRST_TID = datetime(2020, 1, 1, tzinfo=UTC)


class Post(msgspec.Struct, frozen=True):
    """The record of a post. Only its text has to be of the documented type; the rest is judged where it is used."""

    text: str
    created: Any = msgspec.field(name="createdAt", default=None)
    langs: Any = None
    reply: Any = None
    embed: Any = None


def post_id(did: str, rkey: str) -> str:
    """The id of the mention that a post becomes."""
    key = f"{did}/{rkey}"
    return f"{SOURCE}:{key if len(key) <= _LONGEST_ID else blake2b(key.encode(), digest_size=16).hexdigest()}"


def post_link(did: str, rkey: str) -> str:
    """The page of a post."""
    return f"https://{SITE}/profile/{did}/post/{rkey}"


def parts_of(uri: Any) -> tuple[str, str] | None:
    """Author and key of the post at an `at://` address; None for anything else."""
    if not isinstance(uri, str) or not uri.startswith("at://"):
        return None
    did, _, rest = uri[5:].partition("/")
    collection, _, rkey = rest.partition("/")
    usable = did and rkey and "/" not in rkey and collection == COLLECTION
    return (did, rkey) if usable else None


def instant(us: int) -> datetime:
    """Microseconds of Unix time as an instant. Raises ValueError beyond the calendar."""
    try:
        return datetime.fromtimestamp(us / 1e6, UTC)
    except (OverflowError, OSError) as error:
        raise ValueError("a time beyond the calendar") from error


def event_time(created: Any, seen: datetime) -> datetime:
    """When a post was said: the time that its author's program declares, when it lies within the hour before the
    network saw the post; that moment otherwise. A declared time may be false."""
    declared = parse_date(created) if isinstance(created, str) else None
    return declared if declared is not None and seen - _BELIEVED <= declared <= seen else seen


def made_at(rkey: str) -> datetime | None:
    """The time that a record's key tells (a TID: 13 signs of base 32, microseconds and a clock's number); None for a
    key of another form."""
    if len(rkey) != _TID_LENGTH or rkey[0] > "j" or any(sign not in _TID for sign in rkey):
        return None
    value = 0
    for sign in rkey:
        value = value << 5 | _TID.index(sign)
    try:
        made = instant(value >> 10)
    except ValueError:
        return None
    return made if made > _FIRST_TID else None


def kind_of(post: Post) -> MentionKind:
    """Whether a post answers another."""
    return MentionKind.REPLY if parent_of(post, quotes=False) else MentionKind.POST


def parent_of(post: Post, *, quotes: bool = True) -> str:
    """The id of the post that this one answers or, with `quotes`, shows and comments on; empty when it does neither."""
    uris = [_at(post.reply, "parent", "uri")]
    if quotes:
        uris += [_at(post.embed, "record", "uri"), _at(post.embed, "record", "record", "uri")]
    found = next(filter(None, map(parts_of, uris)), None)
    return post_id(*found) if found else ""


def card_title(post: Post) -> str:
    """The title of the page that a post shows; empty when it shows none."""
    for path in (("external", "title"), ("media", "external", "title")):
        title = _at(post.embed, *path)
        if isinstance(title, str):
            return title[:LONGEST_TITLE]
    return ""


def language_of(post: Post) -> str:
    """The one language that a post declares (`fr`); empty when it declares none or several."""
    langs = post.langs
    if not isinstance(langs, list) or len(langs) != 1 or not isinstance(langs[0], str):
        return ""
    return language_tag(langs[0])


def mention_of(  # noqa: PLR0913 - what the services tell apart, each by keyword
    post: Post,
    *,
    did: str,
    rkey: str,
    stream: str,
    seen: datetime,
    fetched: datetime,
    author: Author,
    engagement: Engagement = _NONE,
) -> Mention:
    """The mention that a post becomes. `seen` is when the network saw it."""
    return Mention(
        id=post_id(did, rkey),
        stream=stream,
        source=SOURCE,
        published=event_time(post.created, seen),
        fetched=fetched,
        text=post.text[:LONGEST_TEXT],
        title=card_title(post),
        url=post_link(did, rkey),
        site=SITE,
        language=language_of(post),
        kind=kind_of(post),
        author=author,
        engagement=engagement,
        parent=parent_of(post),
    )


def author_of(profile: Mapping[str, Any], did: str) -> Author:
    """An author as profile views tell of them."""
    created = at(profile, "createdAt")
    return Author(
        id=did,
        handle=handle_of(profile),
        name=text_at(profile, "displayName", most=LONGEST_NAME),
        followers=number_at(profile, "followersCount"),
        verified=at(profile, "verification.verifiedStatus") == "valid",
        created=parse_date(created) if isinstance(created, str) else None,
    )


def handle_of(record: Any) -> str:
    """The handle that a record tells; empty when it tells none or one that the network could not confirm."""
    handle = text_at(record, "handle", most=253)
    return "" if handle == "handle.invalid" else handle


def _at(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
