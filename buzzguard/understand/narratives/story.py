"""What is kept of one narrative: counts by time, authors, places, and the mentions that may speak for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from buzzguard.model import Polarity, Told

BIN = 600
"""Seconds of event time that are counted together."""
AUTHORS = 512
"""Authors remembered one by one; of more, a known share (adaptive sampling, Wegman 1984)."""
PLACES = 64
"""Sources, sites and themes remembered by name, each."""
SPEAKERS = 16
"""Mentions kept that may lend the headline or the quote."""
MAX_SPOKEN = 600
"""Characters kept of each."""
_HASHES = 1 << 64


class Bin(msgspec.Struct):
    """The counts of one span."""

    mentions: int = 0
    originals: int = 0
    negative: int = 0
    positive: int = 0
    value: float = 0.0


class Speaker(NamedTuple):
    """An original mention that may speak for its narrative; the greater `rank` stays longer."""

    rank: float
    id: str
    at: float
    text: str
    folded: str
    language: str
    polarity: Polarity


class First(NamedTuple):
    """The earliest mention."""

    at: float
    id: str
    source: str
    site: str


class Authors:
    """Distinct authors with when they were last seen: exact up to `AUTHORS`, a sample with a known share beyond."""

    __slots__ = ("_bound", "_seen")

    def __init__(self) -> None:
        self._seen: dict[int, float] = {}
        self._bound = _HASHES

    def add(self, author: str, at: float) -> None:
        """Take note of an author; only a hash is kept."""
        key = int.from_bytes(blake2b(author.encode("utf-8", "replace"), digest_size=8).digest(), "big")
        self._put(key, at)

    def count(self, since: float) -> int:
        """About how many were seen since."""
        return round(sum(at >= since for at in self._seen.values()) * (_HASHES / self._bound))

    def absorb(self, other: Authors) -> None:
        """Add those of another."""
        self._bound = min(self._bound, other._bound)
        for key, at in other._seen.items():
            self._put(key, at)
        self._shrink()

    def forget(self, before: float) -> None:
        """Drop those last seen earlier."""
        self._seen = {key: at for key, at in self._seen.items() if at >= before}

    def _put(self, key: int, at: float) -> None:
        if key < self._bound:
            self._seen[key] = max(at, self._seen.get(key, at))
            if len(self._seen) > AUTHORS:
                self._shrink()

    def _shrink(self) -> None:
        while len(self._seen) > AUTHORS:
            self._bound //= 2
            self._seen = {key: at for key, at in self._seen.items() if key < self._bound}


class Places:
    """Names with how many mentions each had by bin: sources, sites or themes."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[str, dict[int, int]] = {}

    def add(self, name: str, bin: int, count: int = 1) -> None:
        """Count a name; when too many are known the one least often seen goes."""
        counts = self._counts.setdefault(name, {})
        counts[bin] = counts.get(bin, 0) + count
        if len(self._counts) > PLACES:
            others = (other for other in self._counts if other != name)
            del self._counts[min(others, key=lambda other: (sum(self._counts[other].values()), other))]

    def since(self, bin: int) -> tuple[tuple[str, int], ...]:
        """The names seen from a bin on, most frequent first."""
        found = ((name, sum(n for at, n in counts.items() if at >= bin)) for name, counts in self._counts.items())
        return tuple(sorted((one for one in found if one[1]), key=lambda one: (-one[1], one[0])))

    def absorb(self, other: Places) -> None:
        """Add the counts of another."""
        for name, counts in other._counts.items():
            for bin, count in counts.items():
                self.add(name, bin, count)

    def forget(self, bin: int) -> None:
        """Drop what is earlier."""
        kept = ((name, {at: n for at, n in counts.items() if at >= bin}) for name, counts in self._counts.items())
        self._counts = {name: counts for name, counts in kept if counts}


class Story:
    """One narrative's record. `id` was made of its first mention; `half_life` (seconds) is how speakers age."""

    def __init__(self, id: str, half_life: float) -> None:
        self.id = id
        self.named = False
        self.size = 0
        self.first = First(math.inf, "", "", "")
        self.last = -math.inf
        self.bins: dict[int, Bin] = {}
        self.authors = Authors()
        self.sources, self.sites, self.themes = Places(), Places(), Places()
        self.speakers: list[Speaker] = []
        self.merged: tuple[str, ...] = ()
        self._half_life = half_life

    def add(self, told: Told, at: float, *, original: bool, cosine: float) -> None:
        """Count a mention; an original one may speak."""
        self.size += 1
        self.last = max(self.last, at)
        index = int(at // BIN)
        counts = self.bins.get(index)
        if counts is None:
            counts = self.bins[index] = Bin()
        counts.mentions += 1
        counts.negative += told.polarity is Polarity.NEGATIVE
        counts.positive += told.polarity is Polarity.POSITIVE
        counts.value += told.value if -1.0 <= told.value <= 1.0 else 0.0
        if (at, told.id) < self.first[:2] or self.first.at == math.inf:
            self.first = First(at, told.id, told.source, told.site)
        self.sources.add(told.source, index)
        self.sites.add(told.site, index)
        for theme in told.themes:
            self.themes.add(theme, index)
        if not original:
            return
        counts.originals += 1
        if told.author_key:
            self.authors.add(told.author_key, at)
        self._offer(told, at, cosine)

    def absorb(self, other: Story) -> None:
        """Take over all of another narrative."""
        self.size += other.size
        self.named = self.named or other.named
        self.first = min(self.first, other.first)
        self.last = max(self.last, other.last)
        for index, counts in other.bins.items():
            held = self.bins.setdefault(index, Bin())
            held.mentions += counts.mentions
            held.originals += counts.originals
            held.negative += counts.negative
            held.positive += counts.positive
            held.value += counts.value
        self.authors.absorb(other.authors)
        for mine, its in ((self.sources, other.sources), (self.sites, other.sites), (self.themes, other.themes)):
            mine.absorb(its)
        self.speakers = sorted({*self.speakers, *other.speakers}, reverse=True)[:SPEAKERS]

    def forget(self, before: float) -> None:
        """Drop what was counted earlier."""
        bin = int(before // BIN)
        if all(index >= bin for index in self.bins):
            return
        self.bins = {index: counts for index, counts in self.bins.items() if index >= bin}
        self.authors.forget(before)
        for places in (self.sources, self.sites, self.themes):
            places.forget(bin)

    def erase(self, ids: frozenset[str]) -> int:
        """Drop the texts and the names of erased mentions; returns how many were held."""
        kept = [one for one in self.speakers if one.id not in ids]
        found = len(self.speakers) - len(kept)
        self.speakers = kept
        if self.first.id in ids:
            self.first = self.first._replace(id="", source="", site="")
            found += 1
        return found

    def between(self, start: float, end: float) -> Bin:
        """The counts of the bins from `start` (its bin whole) up to the bin of `end`, that too."""
        first, last = int(start // BIN), int(end // BIN)
        return total(counts for index, counts in self.bins.items() if first <= index <= last)

    def _offer(self, told: Told, at: float, cosine: float) -> None:
        speakers = self.speakers
        rank = math.log2(max(cosine, 0.01)) + at / self._half_life
        if len(speakers) == SPEAKERS:
            weakest = min(speakers)
            if rank <= weakest.rank:
                return
            speakers.remove(weakest)
        text = told.text[:MAX_SPOKEN]
        speakers.append(Speaker(rank, told.id, at, text, told.folded[:MAX_SPOKEN], told.language, told.polarity))


def total(bins: Iterable[Bin]) -> Bin:
    """The sum of counts."""
    summed = Bin()
    for counts in bins:
        summed.mentions += counts.mentions
        summed.originals += counts.originals
        summed.negative += counts.negative
        summed.positive += counts.positive
        summed.value += counts.value
    return summed
