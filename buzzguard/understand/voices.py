"""Who speaks of a topic in five minutes, and who of them speaks well of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from buzzguard.model import MentionKind, Polarity, Quote, ScoredMention, Sentiment
from buzzguard.understand.authors import AuthorFacts, Standing

MAX_QUOTE = 200
"""Characters of an advocate's words."""
LEAST_QUOTE = 15
"""Characters below which praise says nothing that could be answered or passed on (`Top !`)."""
SURELY = 0.8
"""Probability below which nobody is shown as an advocate: an angry quote among the praise shames who trusts it."""
NAMES = 32
"""Names of the press counted in one bin."""
_DISTINCT = 256
_ADVOCATES = 4
"""Kept in one bin: more than are told, for some may turn out to be no praise."""
_FOLLOWERS_PER_ACT = 100
"""About one reader in a hundred reacts: a like, reply or share weighs as much as so many followers."""
_HASHES = 1 << 64


class Distinct:
    """Counts distinct names: exact up to 256, a sample of known share beyond (adaptive sampling, Wegman 1984).

    Of names only hashes are kept. What it holds does not depend on the order in which they came.
    """

    __slots__ = ("_bound", "_keys")

    def __init__(self) -> None:
        self._keys: set[int] = set()
        self._bound = _HASHES

    def add(self, name: str) -> None:
        """Take note of a name."""
        key = int.from_bytes(blake2b(name.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        if key < self._bound:
            self._keys.add(key)
            while len(self._keys) > _DISTINCT:
                self._bound //= 2
                self._keys = {key for key in self._keys if key < self._bound}

    def absorb(self, other: Distinct) -> None:
        """Count what another one counted, too; grows with the number of those absorbed."""
        self._bound = min(self._bound, other._bound)
        self._keys = {key for key in (*self._keys, *other._keys) if key < self._bound}

    def count(self) -> int:
        """How many there are; about, above 256."""
        return round(len(self._keys) * (_HASHES / self._bound))


class Speakers:
    """Who spoke: counts of the press by name, and distinct authors that are verified or new."""

    __slots__ = ("new", "press", "press_names", "verified")

    def __init__(self) -> None:
        self.press = 0
        self.press_names: Counter[str] = Counter()
        self.verified = Distinct()
        self.new = Distinct()

    def add(self, one: ScoredMention, facts: AuthorFacts) -> None:
        """Count a mention with what is known of its author."""
        if facts.standing is Standing.PRESS:
            self.press += 1
            if facts.press_name and (facts.press_name in self.press_names or len(self.press_names) < NAMES):
                self.press_names[facts.press_name] += 1
        who = one.mention.author_key
        if who and facts.verified:
            self.verified.add(who)
        if who and facts.new:
            self.new.add(who)

    def merge(self, other: Speakers) -> None:
        """Add the counts of another."""
        self.press += other.press
        self.press_names.update(other.press_names)
        self.verified.absorb(other.verified)
        self.new.absorb(other.new)


class Advocate(NamedTuple):
    """Praise in an author's own words; the greater the more of it is heard. `who` is empty when unknown."""

    weight: int
    at: datetime
    id: str
    who: str
    quote: Quote

    @property
    def order(self) -> tuple[int, datetime, str]:
        """What it is compared by: no two are equal."""
        return self.weight, self.at, self.id


class Advocates:
    """The praise of five minutes that is heard most, one for each author. The order of arrival changes nothing."""

    __slots__ = ("_by_author",)

    def __init__(self) -> None:
        self._by_author: dict[str, Advocate] = {}

    def add(self, one: ScoredMention, sentiment: Sentiment) -> None:
        """Consider a mention by its sentiment towards the topic."""
        if not _praises(sentiment) or one.gravity or one.copied:
            return
        mention = one.mention
        if mention.kind is MentionKind.REPOST or len(_said(one)) < LEAST_QUOTE:
            return
        who = mention.author_key or f"#{mention.id}"
        weight = mention.author.followers + _FOLLOWERS_PER_ACT * mention.engagement.total
        held = self._by_author.get(who)
        order = (weight, mention.published, mention.id)
        if held is not None and held.order >= order:
            return
        if held is None and len(self._by_author) >= _ADVOCATES and order < min(each.order for each in self.all()):
            return
        self._by_author[who] = Advocate(weight, mention.published, mention.id, who, _quote(one, sentiment))
        if len(self._by_author) > _ADVOCATES:
            del self._by_author[min(self._by_author, key=lambda key: self._by_author[key].order)]

    def forget(self, ids: frozenset[str]) -> None:
        """Drop what these mentions said."""
        self._by_author = {who: one for who, one in self._by_author.items() if one.id not in ids}

    def all(self) -> Iterable[Advocate]:
        """Those kept, in no order that means anything."""
        return self._by_author.values()


def most_heard(several: Iterable[Advocates], most: int) -> tuple[Quote, ...]:
    """The words of the advocates heard most, one for each author."""
    found = [one for advocates in several for one in advocates.all()]
    chosen: dict[str, Advocate] = {}
    for one in sorted(found, key=lambda each: each.order, reverse=True):
        if len(chosen) < most:
            chosen.setdefault(one.who, one)
    return tuple(one.quote for one in chosen.values())


def toward(one: ScoredMention, index: int) -> Sentiment:
    """The sentiment towards the topic of that index."""
    return one.toward[index] if one.toward else one.sentiment


def _praises(sentiment: Sentiment) -> bool:
    """Whether it surely speaks well: irony (`thanks to you my kitchen burns`) is positive by a little."""
    surely = sentiment.positive >= SURELY or not (sentiment.positive or sentiment.negative)
    return sentiment.polarity is Polarity.POSITIVE and not sentiment.unsure and surely


def _said(one: ScoredMention) -> str:
    return one.mention.text or one.mention.title


def _quote(one: ScoredMention, sentiment: Sentiment) -> Quote:
    mention = one.mention
    return Quote(
        text=_cut(_said(one)),
        url=mention.url,
        author=mention.author.name or mention.author.handle,
        site=mention.site,
        published=mention.published,
        polarity=sentiment.polarity,
        reach=mention.author.followers,
        engagement=mention.engagement.total,
    )


def _cut(text: str) -> str:
    """Whole words, with an ellipsis where something is missing."""
    if len(text) <= MAX_QUOTE:
        return text
    head = text[:MAX_QUOTE]
    words = head.rpartition(" ")[0].rstrip(" ,;:—-")
    # Without a space near the end (a long address, Chinese) the cut falls where it must.
    return (words if len(words) > MAX_QUOTE // 2 else head[:-1]) + "…"
