"""What a query would have matched: counted while mentions go by, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime, tzinfo
from hashlib import blake2b
from heapq import heappush, heapreplace
from typing import Any

from buzzguard.cli.source_facts import match_text
from buzzguard.model import Mention, Record, ScoredMention
from buzzguard.understand.cleaning import cleaned
from buzzguard.understand.query import Query
from buzzguard.understand.trial import Trial, Trying

SAMPLES = 8
_SAMPLES_OF_WORD = 3
LONELY = 0.5
"""A word that brings this share of its matches alone, and no other word confirms, is worth a look."""
_LEAST_LONELY = 5


class Sample(Record, frozen=True, kw_only=True):
    """One match, with the words that made it."""

    mention: Mention
    words: tuple[str, ...]


class WordCount(Record, frozen=True, kw_only=True):
    """What a word of the query has brought: `alone` are matches in which no other word of the query stands, and which
    go when it goes; `unclaimed` those of them that no topic counts today."""

    word: str
    matches: int
    alone: int
    unclaimed: int
    samples: tuple[Sample, ...] = ()

    @property
    def suspect(self) -> bool:
        """Whether it may bring noise: much of what it brings, it brings alone."""
        return self.alone >= _LEAST_LONELY and self.alone >= LONELY * self.matches


class Preview:
    """Takes mentions and counts what `query` makes of them. Samples are drawn by a hash: the same each time."""

    def __init__(self, query: Query, *, zone: tzinfo, now: datetime) -> None:
        self._trying = Trying(query)
        self._zone, self._now = zone, now
        self._samples: list[tuple[float, str, Sample]] = []
        self._alone: dict[str, list[tuple[float, str, Sample]]] = {}
        self._words: dict[str, Counter[str]] = {}
        self.looked = self.matched = self.unreadable = 0
        self.days: Counter[date] = Counter()
        self.seen_days: set[date] = set()
        self.kept_out: Counter[str] = Counter()
        """What stood against a match, by part of the query: mentions that had a word of it all the same."""

    def take(self, mention: Mention, *, language: str = "", claimed: bool = False) -> None:
        """Hold the query against one mention; `claimed`: a topic counts it today."""
        try:
            clean = cleaned(mention, self._now)
        except (ValueError, TypeError, OverflowError):
            self.unreadable += 1
            return
        self.looked += 1
        day = clean.published.astimezone(self._zone).date()
        self.seen_days.add(day)
        trial = self._trying.hold(match_text(clean, language=language))
        if trial.holds:
            self.matched += 1
            self.days[day] += 1
            self._count(clean, trial, claimed=claimed)
        elif trial.found:
            self.kept_out.update(trial.against)

    def take_stored(self, scored: ScoredMention) -> None:
        """The same for one that is stored."""
        self.take(scored.mention, language=scored.language, claimed=bool(scored.topics))

    def take_all(self, mentions: Iterable[Mention]) -> None:
        """The same for a recording; the topics it names itself claim nothing."""
        for mention in mentions:
            self.take(mention)

    async def take_stream(self, scored: AsyncIterator[ScoredMention]) -> None:
        """The same for what a store holds."""
        async for one in scored:
            self.take_stored(one)

    @property
    def span(self) -> int:
        """Days from the first to the last mention looked at, both counted."""
        return (max(self.seen_days) - min(self.seen_days)).days + 1 if self.seen_days else 0

    def samples(self) -> list[Sample]:
        """Some of the matches, drawn evenly, the newest first."""
        return sorted((one for _, _, one in self._samples), key=lambda one: one.mention.published, reverse=True)

    def words(self) -> list[WordCount]:
        """What each word has brought, those that bring most alone first."""
        counts = [
            WordCount(
                word=word,
                matches=tally["matches"],
                alone=tally["alone"],
                unclaimed=tally["unclaimed"],
                samples=tuple(one for _, _, one in sorted(self._alone.get(word, []), key=lambda o: o[1])),
            )
            for word, tally in self._words.items()
        ]
        return sorted(counts, key=lambda one: (-one.alone, -one.matches, one.word))

    def _count(self, mention: Mention, trial: Trial, *, claimed: bool) -> None:
        words = tuple(dict.fromkeys(one.term for one in trial.found))
        sample = Sample(mention=mention, words=words)
        _draw(self._samples, sample, SAMPLES)
        for word in words:
            tally = self._words.setdefault(word, Counter())
            tally["matches"] += 1
            if len(words) == 1:
                tally["alone"] += 1
                tally["unclaimed"] += not claimed
                _draw(self._alone.setdefault(word, []), sample, _SAMPLES_OF_WORD)


def _draw(drawn: list[tuple[float, str, Any]], sample: Sample, most: int) -> None:
    """Keep the samples whose hashes are the smallest: each mention has the same chance, whatever the order."""
    digest = blake2b(sample.mention.id.encode("utf-8", "replace"), digest_size=8).digest()
    entry = -float(int.from_bytes(digest)), sample.mention.id, sample
    if any(known == entry[1] for _, known, _ in drawn):
        return
    if len(drawn) < most:
        heappush(drawn, entry)
    elif entry[0] > drawn[0][0]:
        heapreplace(drawn, entry)
