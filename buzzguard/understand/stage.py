"""The stage: mentions in, understood mentions out, each dropped one with its named reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Literal

import msgspec
from msgspec.structs import replace

from buzzguard.config.settings import TopicSettings
from buzzguard.config.understanding import AccountSettings
from buzzguard.model import Dropped, Mention, ScoredMention, Sentiment, Text
from buzzguard.ports import Scorer
from buzzguard.understand.authors import COUNTED, Accounts, Standing
from buzzguard.understand.cleaning import cleaned
from buzzguard.understand.copies import Copies
from buzzguard.understand.fold import fold
from buzzguard.understand.for_model import text_for_model
from buzzguard.understand.gravity import GravityWords
from buzzguard.understand.language import Languages
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText, searched
from buzzguard.understand.privacy import Keeper
from buzzguard.understand.query import Query, QueryError, asks_for, parse_query
from buzzguard.understand.repeats import Repeats
from buzzguard.understand.scoring import Scoring
from buzzguard.understand.setting import Setting
from buzzguard.understand.targets import Targets
from buzzguard.understand.teaching import Teaching
from buzzguard.understand.themes import Themes

_SETTINGS = 1_024
"""Combinations of topics whose settings are remembered."""
_UNBOUND: Mapping[str, frozenset[str]] = {}

Reason = Literal["repeat", "no_topic", "not_about_us", "own_account", "invalid"]


@dataclass(frozen=True)
class Readers:
    """What mentions are read with: loaded from files and settings, the same for every core."""

    scorer: Scorer
    gravity: GravityWords
    themes: Themes = field(default_factory=lambda: Themes(()))
    accounts: Accounts = field(default_factory=lambda: Accounts(AccountSettings()))
    keeper: Keeper = field(default_factory=lambda: Keeper("handle"))
    languages: Languages = field(default_factory=Languages)
    leads: frozenset[str] = frozenset()


class _Kept(msgspec.Struct):
    """A mention on its way, before its sentiment is known. `read` is what the scorer reads."""

    mention: Mention
    topics: tuple[str, ...]
    folded: str
    read: str
    repeat_key: int
    copy_key: int
    copied: bool


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
        readers: Readers,
        *,
        bound: Mapping[str, frozenset[str]] = _UNBOUND,
    ) -> None:
        queries = {topic: _parsed(topic, settings.query) for topic, settings in topics.items()}
        self._matcher = TopicMatcher(queries)
        self.words = {topic: tuple(term.text for term in query.terms) for topic, query in queries.items()}
        self._order = {topic: index for index, topic in enumerate(topics)}
        self._asks_language = any(asks_for(query, "lang") for query in queries.values())
        self._targets = Targets(topics, queries)
        self._bound = bound
        self._readers = readers
        self._sectors = {topic: settings.sector for topic, settings in topics.items() if settings.sector}
        self._setting_of = lru_cache(maxsize=_SETTINGS)(self._setting)
        self._repeats = Repeats()
        self._copies = Copies()
        self.own: list[tuple[Mention, tuple[str, ...]]] = []
        """What the house itself said, in the mentions understood last, with the topics: dropped, and never counted."""
        self.teaching = Teaching(topics, readers.scorer, leads=readers.leads)
        self.scoring = Scoring(readers.scorer)

    def understand(self, mentions: Sequence[Mention], now: datetime) -> tuple[list[ScoredMention], list[Dropped]]:
        """The mentions that name a topic, in order, and those dropped.

        A time after `now` becomes `now`. A mention's own topics, given by its stream or its sender, are trusted: those
        that exist are taken without a look at the text. Texts are scored in one call, only those that are kept. What a
        mention holds never raises: an unusable one is dropped as `invalid`.
        """
        kept: list[_Kept] = []
        dropped: list[Dropped] = []
        self.own = []
        for mention, clean in zip(mentions, self._cleaned(mentions, now), strict=True):
            result = clean if isinstance(clean, str) else self._take(clean, mention.text)
            if isinstance(result, _Kept):
                kept.append(result)
            else:
                dropped.append(Dropped(id=mention.id, stream=mention.stream, reason=result))
        return self._scored(kept, now), dropped

    def restore(self, scored: Iterable[ScoredMention]) -> None:
        """Remember mentions understood before a restart, in order of publication."""
        for one in scored:
            mention = one.mention
            folded = fold(_searched(mention))
            self._repeats.remember(mention, repeat_key=one.repeat_key, length=len(folded))
            if one.copy_key and not one.withdrawn:
                first = f"copied:{one.copy_key}" if one.copied else ""
                self._copies.remember(mention.id, folded, mention.published, key=one.copy_key, first=first)

    def held(self) -> set[str]:
        """The ids of the mentions of which a text is kept, to compare with or to score again."""
        return self._copies.held() | self.scoring.held()

    def forget(self, ids: frozenset[str]) -> None:
        """Drop the texts of erased mentions. Hashes stay, so that the same text is still known for a repeat."""
        self._copies.forget(ids)
        self.scoring.forget(ids)

    def _cleaned(self, mentions: Sequence[Mention], now: datetime) -> list[Mention | Literal["repeat", "invalid"]]:
        clean: list[Mention | Literal["repeat", "invalid"]] = []
        for mention in mentions:
            if self._repeats.knows_id(mention.id):
                clean.append("repeat")
                continue
            try:
                clean.append(cleaned(mention, now))
            except (ValueError, TypeError, OverflowError):
                clean.append("invalid")
        if self._asks_language:
            usable = [one for one in clean if isinstance(one, Mention)]
            told = iter(self._in_their_languages(usable))
            return [next(told) if isinstance(one, Mention) else one for one in clean]
        return clean

    def _in_their_languages(self, mentions: Sequence[Mention]) -> list[Mention]:
        """The mentions with the languages of their texts, told in one batch."""
        texts = [f"{one.title} {one.text}" if one.title else one.text for one in mentions]
        told = self._readers.languages.detect(texts, [one.language for one in mentions])
        return [
            one if one.language == language else replace(one, language=language)
            for one, language in zip(mentions, told, strict=True)
        ]

    def _take(self, clean: Mention, raw: str) -> _Kept | Reason:
        if self._repeats.knows_id(clean.id):
            return "repeat"
        folded = fold(_searched(clean))
        topics = self._assigned(clean) or self._matcher.match(_match_text(clean, folded))
        if (allowed := self._bound.get(clean.stream)) is not None:
            topics = tuple(topic for topic in topics if topic in allowed)
        if not topics:
            return "no_topic"
        standing = self._readers.accounts.standing(clean)
        if standing not in COUNTED:
            self.own += [(clean, topics)] if standing is Standing.OURS else []
            return "own_account"
        topics = self.teaching.about_us(topics, folded, _searched(clean)) if not clean.topics else topics
        if not topics:
            return "not_about_us"
        read = text_for_model(clean, raw)
        clean = self._readers.keeper.reduce(clean)
        key = repeat_key(folded)
        if not self._repeats.take(clean, repeat_key=key, length=len(folded)):
            return "repeat"
        copies = self._copies.place(clean.id, folded, clean.published)
        return _Kept(clean, topics, folded, read, key, copies.key, not copies.original)

    def _assigned(self, mention: Mention) -> tuple[str, ...]:
        if not mention.topics:
            return ()
        return tuple(sorted({topic for topic in mention.topics if topic in self._order}, key=self._order.__getitem__))

    def _scored(self, kept: list[_Kept], now: datetime) -> list[ScoredMention]:
        if not kept:
            return []
        mentions = [one.mention for one in kept]
        if not self._asks_language:
            mentions = self._in_their_languages(mentions)
        texts = [Text(text=one.read, language=m.language) for one, m in zip(kept, mentions, strict=True)]
        sentiments = self.scoring.score([one.mention.id for one in kept], texts, now)
        toward = self._toward(kept, texts, now)
        return [
            ScoredMention(
                mention=mention,
                topics=one.topics,
                sentiment=sentiment,
                toward=toward.get(one.mention.id, ()),
                gravity=self._readers.gravity.found(one.folded, self._setting_of(one.topics, mention.published.year)),
                language=mention.language,
                repeat_key=one.repeat_key,
                copy_key=one.copy_key,
                copied=one.copied,
                themes={found.id: found.words for found in self._readers.themes.of(one.folded, mention.language)},
            )
            for one, mention, sentiment in zip(kept, mentions, sentiments, strict=True)
        ]

    def _toward(self, kept: Sequence[_Kept], texts: Sequence[Text], now: datetime) -> dict[str, tuple[Sentiment, ...]]:
        """Sentiment topic by topic, for mentions that say different things of the brands they name."""
        parted = [
            (one, text, self._targets.said_of(text.text, one.topics)) for one, text in zip(kept, texts, strict=True)
        ]
        parted = [(one, text, said) for one, text, said in parted if said]
        if not parted:
            return {}
        asked = [
            (one, Text(text=said.get(topic, text.text), language=text.language))
            for one, text, said in parted
            for topic in one.topics
        ]
        told = iter(self.scoring.score([f"{one.mention.id}>" for one, _ in asked], [text for _, text in asked], now))
        return {one.mention.id: tuple(next(told) for _ in one.topics) for one, _, _ in parted}

    def _setting(self, topics: tuple[str, ...], year: int) -> Setting:
        sectors = frozenset(self._sectors[topic] for topic in topics if topic in self._sectors)
        return Setting(sectors=sectors, year=year)


def repeat_key(folded: str) -> int:
    """A number that stands for a folded text: the same in every process, and within a signed 64-bit column."""
    return int.from_bytes(blake2b(folded.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


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
