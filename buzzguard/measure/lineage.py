"""Which mentions of a topic beget others: those that share or answer one, and how long after it they came.

A parent is known by its id when it is itself a mention of the topic. Which of the two arrives first does not matter.
"""

from __future__ import annotations

from buzzguard.model import Mention, MentionKind

BEGOTTEN = frozenset({MentionKind.REPLY, MentionKind.REPOST, MentionKind.COMMENT})
MOST = 5_000
"""Parents, and children without theirs, remembered of a topic: beyond, the oldest are forgotten."""


class Lineage:
    """Counts the begotten mentions of one topic. Minutes are whole numbers since the epoch."""

    def __init__(self) -> None:
        self._born: dict[str, int] = {}
        self._orphans: dict[str, list[int]] = {}
        self._begotten: dict[int, int] = {}
        self._lags: dict[int, list[int]] = {}

    def add(self, mention: Mention, minute: int) -> None:
        """Take a mention that counts in `minute`."""
        self._born[mention.id] = minute
        for child in self._orphans.pop(mention.id, ()):
            self._lag(child, minute)
        if mention.kind in BEGOTTEN or mention.parent:
            self._begotten[minute] = self._begotten.get(minute, 0) + 1
        if mention.parent and mention.parent != mention.id:
            self._follow(mention.parent, minute)
        for book in (self._born, self._orphans):
            if len(book) > MOST:
                del book[next(iter(book))]

    def begotten(self, start: int, end: int) -> list[int]:
        """Begotten mentions of each minute from `start` up to `end`."""
        counts = [0] * (end - start)
        for minute, count in self._begotten.items():
            if start <= minute < end:
                counts[minute - start] = count
        return counts

    def lags(self, start: int, end: int) -> list[int]:
        """How many of those minutes' mentions came 0, 1, 2, … minutes after a parent that is known."""
        found = [lag for minute, lags in self._lags.items() if start <= minute < end for lag in lags]
        counts = [0] * (max(found, default=-1) + 1)
        for lag in found:
            counts[lag] += 1
        return counts

    def forget(self, horizon: int) -> None:
        """Drop what happened before that minute."""
        if not self._born and not self._orphans:
            return
        self._born = {id: minute for id, minute in self._born.items() if minute >= horizon}
        self._orphans = {id: minutes for id, minutes in self._orphans.items() if max(minutes) >= horizon}
        self._begotten = {minute: count for minute, count in self._begotten.items() if minute >= horizon}
        self._lags = {minute: lags for minute, lags in self._lags.items() if minute >= horizon}

    def _follow(self, id: str, minute: int) -> None:
        parent = self._born.get(id)
        if parent is None:
            self._orphans.setdefault(id, []).append(minute)
        else:
            self._lag(minute, parent)

    def _lag(self, child: int, parent: int) -> None:
        if child >= parent:
            self._lags.setdefault(child, []).append(child - parent)
