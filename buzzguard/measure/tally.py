"""What is counted: of one mention, of one minute, of any span."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import msgspec

from buzzguard.model import Polarity, ScoredMention

MAX_REACH = 10_000_000_000
"""A larger count of followers is a lie, and would hide all others."""


class Fact(msgspec.Struct, frozen=True, gc=False):
    """What counts of one mention, computed once for all its topics. `minute` is its minute since the epoch.

    `confidence` is in thousandths. `voice` is the author to rank by, `text` what its copies share; empty and zero where
    nothing is known.
    """

    minute: int
    negative: int
    positive: int
    reach: int
    engagement: int
    gravity: int
    author: str
    site: str
    source: str
    confidence: int
    voice: str
    text: int
    copy: int


def fact_of(scored: ScoredMention, minute: int) -> Fact:
    """The countable facts of a mention, counted in `minute`."""
    mention = scored.mention
    sentiment, readings = scored.sentiment, scored.readings
    polarity, author = sentiment.polarity, mention.counted_author
    return Fact(
        minute=minute,
        negative=polarity is Polarity.NEGATIVE,
        positive=polarity is Polarity.POSITIVE,
        reach=min(max(mention.author.followers, 0), MAX_REACH),
        engagement=min(max(mention.engagement.total if readings is None else readings.first, 0), MAX_REACH),
        gravity=1 if scored.gravity else 0,
        author=author,
        site=mention.site,
        source=mention.source,
        confidence=_thousandths(sentiment.confidence),
        voice=author if mention.site or mention.author_key else "",
        text=(scored.copy_key or scored.repeat_key) if mention.text or mention.title or scored.withdrawn else 0,
        copy=1 if scored.copied else 0,
    )


def _thousandths(confidence: float) -> int:
    """The confidence of a scorer, which may be anybody's: what is no number weighs nothing."""
    if confidence >= 1.0:
        return 1_000
    return int(confidence * 1_000 + 0.5) if confidence > 0.0 else 0


class Counts(Protocol):
    """What depends on the sentiment of mentions: running sums."""

    negative: int
    positive: int
    voices: int
    hostile: int


class Change(msgspec.Struct, frozen=True, gc=False):
    """What another sentiment of one mention, already counted, changes in the counts."""

    negative: int
    positive: int
    voices: int
    hostile: int

    def apply(self, counts: Counts) -> None:
        """Correct the sums."""
        counts.negative += self.negative
        counts.positive += self.positive
        counts.voices += self.voices
        counts.hostile += self.hostile


def change_of(before: Fact, after: Fact, *, weighed: int) -> tuple[Change, int]:
    """What differs between two readings of a mention that weighed `weighed` voices, and what it weighs now.

    Its place among its author's mentions and among copies stays: the weight follows the confidence alone.
    """
    weight = weighed * after.confidence // before.confidence if before.confidence else 0
    change = Change(
        negative=after.negative - before.negative,
        positive=after.positive - before.positive,
        voices=weight - weighed,
        hostile=after.negative * weight - before.negative * weighed,
    )
    return change, weight


class New(msgspec.Struct, frozen=True, gc=False):
    """What a mention brings that its span did not hold yet; `top`: the largest reach of a negative mention."""

    author: bool
    site: bool
    source: bool
    top: bool


class Tally:
    """Counts of a span of event time, with the sets behind its distinct counts."""

    __slots__ = (
        "authors",
        "copies",
        "engagement",
        "gravity",
        "hostile",
        "negative",
        "positive",
        "reach",
        "sites",
        "sources",
        "top_reach",
        "voices",
        "volume",
    )

    def __init__(self) -> None:
        self.volume = 0
        self.negative = 0
        self.positive = 0
        self.reach = 0
        self.engagement = 0
        self.gravity = 0
        self.copies = 0
        self.voices = 0
        self.hostile = 0
        self.top_reach = 0
        self.authors: set[str] = set()
        self.sites: set[str] = set()
        self.sources: set[str] = set()

    def add(self, fact: Fact, voices: int) -> New:
        """Count one mention that weighs `voices`; tells what is new about it."""
        new = New(
            fact.author not in self.authors,
            bool(fact.site) and fact.site not in self.sites,
            fact.source not in self.sources,
            bool(fact.negative) and fact.reach > self.top_reach,
        )
        self.volume += 1
        self.negative += fact.negative
        self.positive += fact.positive
        self.reach += fact.reach
        self.engagement += fact.engagement
        self.gravity += fact.gravity
        self.copies += fact.copy
        self.voices += voices
        if fact.negative:
            self.hostile += voices
        if new.author:
            self.authors.add(fact.author)
        if new.site:
            self.sites.add(fact.site)
        if new.source:
            self.sources.add(fact.source)
        if new.top:
            self.top_reach = fact.reach
        return new

    def merge(self, other: Tally) -> None:
        """Count all that `other` counted."""
        self.volume += other.volume
        self.negative += other.negative
        self.positive += other.positive
        self.reach += other.reach
        self.engagement += other.engagement
        self.gravity += other.gravity
        self.copies += other.copies
        self.voices += other.voices
        self.hostile += other.hostile
        self.top_reach = max(self.top_reach, other.top_reach)
        self.authors |= other.authors
        self.sites |= other.sites
        self.sources |= other.sources


def merged(tallies: Iterable[Tally]) -> Tally:
    """One tally over several spans."""
    total = Tally()
    for tally in tallies:
        total.merge(tally)
    return total
