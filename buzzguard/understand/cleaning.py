"""A mention as fetched → the same with nothing hostile left in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from buzzguard.model import Author, Engagement, Mention
from buzzguard.understand.language import language_code
from buzzguard.understand.normalise import canonical_url, one_line, plain_text, site_of_canonical

MAX_ID = 1_000
MAX_TITLE = 500
MAX_NAME = 200
MAX_COUNT = 10_000_000_000
"""More people than there are: larger counts of followers or likes are cut, a hostile number must not drown the rest."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
TOLERATED_SKEW = timedelta(minutes=5)
"""Clocks differ by this much without anybody lying; a time further ahead is not trusted."""
_UNTOUCHED = Engagement()


def cleaned(mention: Mention, now: datetime) -> Mention:
    """The mention, plain and bounded; its language is what the source says, as a code.

    A time after `now` becomes `now`. Raises ValueError, TypeError or OverflowError when it is unusable.
    """
    _check(mention.id, MAX_ID)
    _check(mention.stream, MAX_NAME)
    published, trusted = _event_time(mention, now)
    title, text = plain_text(mention.title, MAX_TITLE) if mention.title else "", plain_text(mention.text)
    url = canonical_url(mention.url, anchor=True)
    if not (title or text or (url and mention.topics)):
        raise ValueError("nothing to read")
    return Mention(
        id=mention.id,
        stream=mention.stream,
        source=one_line(mention.source, MAX_NAME),
        published=published,
        fetched=mention.fetched,
        text=text,
        title=title,
        url=url,
        site=one_line(mention.site, MAX_NAME).lower() or site_of_canonical(url),
        language=language_code(mention.language),
        kind=mention.kind,
        author=_author(mention.author),
        engagement=counted_engagement(mention.engagement),
        rating=mention.rating if mention.rating is not None and abs(mention.rating) < MAX_COUNT else None,
        parent=one_line(mention.parent, MAX_ID),
        time_trusted=trusted,
        topics=mention.topics,
    )


def _check(name: str, limit: int) -> None:
    if not name or len(name) > limit or not (name.isprintable() or name.isascii()) or "\0" in name:
        raise ValueError("an unusable name")


def _event_time(mention: Mention, now: datetime) -> tuple[datetime, bool]:
    published = mention.published.astimezone(UTC) if mention.published.tzinfo is not UTC else mention.published
    if mention.published.tzinfo is None or mention.fetched.tzinfo is None or published < EARLIEST:
        raise ValueError("an unusable time")
    if published <= now:
        return published, mention.time_trusted
    return now, mention.time_trusted and published - now <= TOLERATED_SKEW


def _author(author: Author) -> Author:
    return Author(
        id=one_line(author.id, MAX_NAME),
        handle=one_line(author.handle, MAX_NAME),
        name=one_line(author.name, MAX_NAME),
        followers=_count(author.followers),
        verified=author.verified,
        created=author.created if author.created is None or author.created.tzinfo else None,
    )


def counted_engagement(engagement: Engagement) -> Engagement:
    """Counts as a service can truly have told them."""
    if engagement == _UNTOUCHED:
        return engagement
    return Engagement(
        likes=_count(engagement.likes),
        replies=_count(engagement.replies),
        shares=_count(engagement.shares),
        views=_count(engagement.views),
    )


def _count(value: int) -> int:
    return min(max(value, 0), MAX_COUNT)
