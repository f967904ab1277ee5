"""The stage: mentions in, understood mentions out, each dropped one with its named reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Literal

import msgspec

from buzzguard.config.settings import TopicSettings
from buzzguard.model import Author, Dropped, Engagement, Mention, ScoredMention, Text
from buzzguard.ports import Scorer
from buzzguard.understand.fold import fold
from buzzguard.understand.gravity import GravityWords
from buzzguard.understand.language import guess_language, language_code
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText, searched
from buzzguard.understand.normalise import canonical_url, one_line, plain_text, site_of_canonical
from buzzguard.understand.query import Query, QueryError, parse_query
from buzzguard.understand.repeats import Repeats, shared_text

MAX_ID = 1_000
MAX_TITLE = 500
MAX_NAME = 200
MAX_COUNT = 10_000_000_000
"""More people than there are: larger counts of followers or likes are cut, a hostile number must not drown the rest."""
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
TOLERATED_SKEW = timedelta(minutes=5)
"""Clocks differ by this much without anybody lying; a time further ahead is not trusted."""
_UNTOUCHED = Engagement()
_UNBOUND: Mapping[str, frozenset[str]] = {}

Reason = Literal["repeat", "no_topic", "invalid"]


class _Kept(msgspec.Struct):
    """A mention on its way, before its sentiment is known."""

    mention: Mention
    topics: tuple[str, ...]
    gravity: tuple[str, ...]
    repeat_key: int
    copy_key: int


class Understanding:
    """Cleans, matches and scores mentions.

    Raises `QueryError` with its topic when a query cannot be used. Equal mentions in equal order give equal results;
    its only state is the memory of repeats, which `restore` rebuilds.

    `bound` names streams whose mentions may count for some topics only. What such a stream brings of others is dropped
    before it is remembered, so that another stream can still bring it.
    """

    def __init__(
        self,
        topics: Mapping[str, TopicSettings],
        scorer: Scorer,
        gravity: GravityWords,
        *,
        bound: Mapping[str, frozenset[str]] = _UNBOUND,
    ) -> None:
        self._matcher = TopicMatcher({topic: _parsed(topic, settings.query) for topic, settings in topics.items()})
        self._order = {topic: index for index, topic in enumerate(topics)}
        self._bound = bound
        self._scorer = scorer
        self._gravity = gravity
        self._repeats = Repeats()

    def understand(self, mentions: Sequence[Mention], now: datetime) -> tuple[list[ScoredMention], list[Dropped]]:
        """The mentions that name a topic, in order, and those dropped.

        A time after `now` becomes `now`. A mention's own topics, given by its stream or its sender, are trusted: those
        that exist are taken without a look at the text. Texts are scored in one call, only those that are kept. What a
        mention holds never raises: an unusable one is dropped as `invalid`.
        """
        kept: list[_Kept] = []
        dropped: list[Dropped] = []
        for mention in mentions:
            result = self._take(mention, now)
            if isinstance(result, _Kept):
                kept.append(result)
            else:
                dropped.append(Dropped(id=mention.id, stream=mention.stream, reason=result))
        return self._scored(kept), dropped

    def restore(self, scored: Iterable[ScoredMention]) -> None:
        """Remember mentions understood before a restart: those published in the last 48 h (`repeats.MEMORY`)."""
        for one in scored:
            mention = one.mention
            self._repeats.remember(mention, repeat_key=one.repeat_key, length=len(fold(_searched(mention))))

    def _take(self, mention: Mention, now: datetime) -> _Kept | Reason:
        if self._repeats.knows_id(mention.id):
            return "repeat"
        try:
            clean = _cleaned(mention, now)
        except (ValueError, TypeError, OverflowError):
            return "invalid"
        folded = fold(_searched(clean))
        topics = self._assigned(clean) or self._matcher.match(_match_text(clean, folded))
        if (allowed := self._bound.get(mention.stream)) is not None:
            topics = tuple(topic for topic in topics if topic in allowed)
        if not topics:
            return "no_topic"
        key = repeat_key(folded)
        if not self._repeats.take(clean, repeat_key=key, length=len(folded)):
            return "repeat"
        return _Kept(clean, topics, self._gravity.found(folded), key, _copy_key(folded))

    def _assigned(self, mention: Mention) -> tuple[str, ...]:
        if not mention.topics:
            return ()
        return tuple(sorted({topic for topic in mention.topics if topic in self._order}, key=self._order.__getitem__))

    def _scored(self, kept: list[_Kept]) -> list[ScoredMention]:
        if not kept:
            return []
        texts = [Text(text=_read(one.mention), language=one.mention.language) for one in kept]
        return [
            ScoredMention(
                mention=one.mention,
                topics=one.topics,
                sentiment=sentiment,
                gravity=one.gravity,
                language=one.mention.language,
                repeat_key=one.repeat_key,
                copy_key=one.copy_key,
            )
            for one, sentiment in zip(kept, self._scorer.score(texts), strict=True)
        ]


def repeat_key(folded: str) -> int:
    """A number that stands for a folded text: the same in every process, and within a signed 64-bit column."""
    return int.from_bytes(blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def _copy_key(folded: str) -> int:
    """A number that copies of a folded text share; zero where the repeat key tells as much."""
    shared = shared_text(folded)
    return 0 if shared is folded else repeat_key(shared)


def _parsed(topic: str, query: str) -> Query:
    try:
        return parse_query(query)
    except QueryError as error:
        raise QueryError(error.message, error.column, error.hint, topic=topic) from None


def _searched(mention: Mention) -> str:
    return searched(mention.title, mention.text)


def _match_text(mention: Mention, folded: str) -> MatchText:
    return MatchText(
        folded=folded,
        original=_searched(mention),
        title=mention.title,
        language=mention.language,
        source=mention.source,
        site=mention.site,
        author=mention.author.handle,
        author_name=mention.author.name,
        kind=mention.kind,
        url=mention.url,
    )


def _read(mention: Mention) -> str:
    """What a reader reads, for the scorer: a feed's title is often the text's beginning, cut with an ellipsis."""
    title, text = mention.title, mention.text
    if not title or text.startswith(title.rstrip(" .…")):
        return text or title
    return f"{title}. {text}" if text else title


def _cleaned(mention: Mention, now: datetime) -> Mention:
    """The mention, nothing hostile left in it. Raises ValueError, TypeError or OverflowError when it is unusable."""
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
        language=language_code(mention.language) or guess_language(f"{title} {text}" if title else text),
        kind=mention.kind,
        author=_author(mention.author),
        engagement=_engagement(mention.engagement),
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
    )


def _engagement(engagement: Engagement) -> Engagement:
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
