"""A trailing window kept up to date by what enters and what leaves it."""

from __future__ import annotations

import heapq

from buzzguard.measure.tally import Fact, New, Tally


class Trailing:
    """Running counts of the last `length` minutes.

    Distinct counts are exact: each key counts the minutes of the window in which it occurs. The largest reach is the
    top of a heap from which minutes that left are dropped when they come up.
    """

    __slots__ = (
        "_tops",
        "authors",
        "copies",
        "engagement",
        "gravity",
        "hostile",
        "length",
        "negative",
        "positive",
        "reach",
        "sites",
        "sources",
        "voices",
        "volume",
    )

    def __init__(self, length: int) -> None:
        self.length = length
        self._empty()

    def _empty(self) -> None:
        self.volume = 0
        self.negative = 0
        self.positive = 0
        self.reach = 0
        self.engagement = 0
        self.gravity = 0
        self.copies = 0
        self.voices = 0
        self.hostile = 0
        self.authors: dict[str, int] = {}
        self.sites: dict[str, int] = {}
        self.sources: dict[str, int] = {}
        self._tops: list[tuple[int, int]] = []

    def include(self, fact: Fact, voices: int, new: New) -> None:
        """Count a mention that weighs `voices`; `new` is what is new about it in its minute."""
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
            self.authors[fact.author] = self.authors.get(fact.author, 0) + 1
        if new.site:
            self.sites[fact.site] = self.sites.get(fact.site, 0) + 1
        if new.source:
            self.sources[fact.source] = self.sources.get(fact.source, 0) + 1
        if new.top:
            heapq.heappush(self._tops, (-fact.reach, fact.minute))

    def expire(self, tally: Tally) -> None:
        """Take away a minute that leaves the window."""
        self.volume -= tally.volume
        engagement = self.engagement - tally.engagement
        if not self.volume:
            self._empty()
            self.engagement = engagement  # reactions to what was said before the window
            return
        self.negative -= tally.negative
        self.positive -= tally.positive
        self.reach -= tally.reach
        self.engagement = engagement
        self.gravity -= tally.gravity
        self.copies -= tally.copies
        self.voices -= tally.voices
        self.hostile -= tally.hostile
        _leave(self.authors, tally.authors)
        _leave(self.sites, tally.sites)
        _leave(self.sources, tally.sources)

    def top_reach(self, start: int) -> int:
        """The largest audience of an author of a negative mention since minute `start`."""
        tops = self._tops
        while tops and tops[0][1] < start:
            heapq.heappop(tops)
        return -tops[0][0] if tops else 0


def _leave(counts: dict[str, int], keys: set[str]) -> None:
    for key in keys:
        left = counts[key] - 1
        if left:
            counts[key] = left
        else:
            del counts[key]
