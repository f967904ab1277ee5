"""Which mentions are copies of one text: syndicated news, copy-paste with small edits, reposts, cut versions.

Copies are looked for in three ways, each surer than quick:

- the same words: one look into a table of what was seen;
- fingerprints (winnowing; Schleimer, Wilkerson and Aiken 2003): of the hashes of all runs of `RUN` words the least in
  every `WITHIN` neighbours is kept, so that any `RUN + WITHIN - 1` words in common are sure to share one;
- what shares a fingerprint is compared in full (`alike`): only that comparison makes two texts copies.

A group is known by its first text; some edited versions are remembered beside it, so that a text that was edited twice
is still found, but never so many that one text drifts into another.
"""

from __future__ import annotations

import heapq
from collections import Counter, OrderedDict
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import chain, pairwise
from zlib import crc32

from buzzguard.model import Record
from buzzguard.understand.likeness import Compared, Read, alike, read
from buzzguard.understand.repeats import CHANCE_LENGTH

MEMORY = timedelta(hours=48)
RUN = 2
"""Words in a hashed run."""
WITHIN = 3
"""Neighbouring runs of which one is kept."""
_TEXTS_OF_FINGERPRINT = 16
"""Texts that share a fingerprint and are remembered: the newest. What everybody writes finds nobody."""
_SHARED = 0.3
"""Share of the fingerprints of either text that copies have in common."""
_COMPARED = 6
"""Texts compared in full, those with most fingerprints in common first."""
_FINGERPRINTS = 160
"""Of one text: a longer one is known by its beginning."""
_HASHED = _FINGERPRINTS * WITHIN - 1
"""Words hashed for them."""
_VERSIONS = 4
"""Edited versions of a group that are looked for, and compared with."""
_WORDINGS = 1_000
"""Wordings of a group that are known at once."""
_AT_HAND = 30_000
"""Characters of versions that stay ready to be compared (some 3 MB with their shingles): in a burst of texts nearly
alike the same few versions are compared with every one of them."""


class CopyGroup(Record, frozen=True, kw_only=True):
    """The copies to which a mention belongs.

    `key` stands for them, the same in every process; `first` is the id of the one published first, as far as is known
    by now; `size` how many there are with this one; `original` tells that this mention is that first one.
    """

    key: int
    first: str
    size: int
    original: bool


class _Group:
    __slots__ = ("first", "first_at", "key", "newest", "size", "versions", "wordings")

    def __init__(self, key: int, first: str, at: float) -> None:
        self.key = key
        self.first = first
        self.first_at = at
        self.newest = at
        self.size = 0
        self.wordings: list[int] = []
        self.versions: list[int] = []


class _Version:
    __slots__ = ("group", "mention", "prints", "text")

    def __init__(self, group: int, mention: str, text: str, prints: tuple[int, ...]) -> None:
        self.group = group
        self.mention = mention
        self.text = text
        self.prints = prints


class _AtHand:
    """The versions compared last, as `Compared`: what a comparison needs of them costs more than the comparison."""

    def __init__(self) -> None:
        self._held: OrderedDict[int, Compared] = OrderedDict()
        self._characters = 0

    def get(self, number: int, version: _Version) -> Compared:
        held = self._held.get(number)
        if held is not None:
            self._held.move_to_end(number)
            return held
        held = self._held[number] = Compared(Read.of(version.text))
        self._characters += len(held.words)
        while self._characters > _AT_HAND and len(self._held) > 1:
            self.forget(next(iter(self._held)))
        return held

    def forget(self, number: int) -> None:
        held = self._held.pop(number, None)
        if held is not None:
            self._characters -= len(held.words)


class Copies:
    """Groups by event time: a group is forgotten when none of it was published within `memory` of the newest mention.

    At most `limit` different wordings are kept; beyond that the groups that are silent longest are forgotten first.
    Equal mentions in equal order give equal groups. `remember` rebuilds them from what was stored.
    """

    def __init__(self, *, memory: timedelta = MEMORY, limit: int = 100_000) -> None:
        self._memory = memory.total_seconds()
        self._limit = limit
        self._newest = float("-inf")
        self._groups: dict[int, _Group] = {}
        self._wordings: dict[int, int] = {}
        self._versions: dict[int, _Version] = {}
        self._at_hand = _AtHand()
        self._least: dict[int, float] = {}
        self._sharing: dict[int, list[int]] = {}
        self._silent: list[tuple[float, int]] = []
        self._numbered = 0

    def __len__(self) -> int:
        return len(self._wordings)

    def place(self, mention_id: str, folded: str, published: datetime) -> CopyGroup:
        """Count a mention of this text (folded, `fold.fold`), which no other call counted, to its group."""
        at = published.timestamp()
        text = read(folded)
        wording = _number(text.words if len(text.words) >= CHANCE_LENGTH else folded)
        key = self._wordings.get(wording)
        if key is None:
            prints = fingerprints(text.words) if len(text.words) >= CHANCE_LENGTH else ()
            key = self._nearest(text, prints)
            group = self._groups.get(wording if key is None else key) or self._begin(wording, mention_id, at)
            self._learn(group, wording, mention_id, text, prints)
        else:
            group = self._groups[key]
        return self._count(group, mention_id, at)

    def remember(self, mention_id: str, folded: str, published: datetime, *, key: int, first: str = "") -> None:
        """Count a mention that was placed in an earlier life, to the group of `key`.

        `first` is the id of the group's first mention, when it was another that may not be told again.
        """
        at = published.timestamp()
        text = read(folded)
        long = len(text.words) >= CHANCE_LENGTH
        group = self._groups.get(key) or self._begin(key, first or mention_id, float("-inf") if first else at)
        wording = _number(text.words if long else folded)
        if wording not in self._wordings:
            self._learn(group, wording, mention_id, text, fingerprints(text.words) if long else ())
        self._count(group, mention_id, at)

    def held(self) -> set[str]:
        """The ids of the mentions whose texts are kept to compare with."""
        return {version.mention for version in self._versions.values()}

    def forget(self, ids: frozenset[str]) -> None:
        """Drop the texts of erased mentions: their groups go on, known by the hashes of their wordings."""
        for number in [number for number, version in self._versions.items() if version.mention in ids]:
            group = self._groups[self._versions[number].group]
            group.versions.remove(number)
            self._drop_version(number)

    def _begin(self, key: int, first: str, at: float) -> _Group:
        group = self._groups[key] = _Group(key, first, at)
        heapq.heappush(self._silent, (at, key))
        return group

    def _learn(self, group: _Group, wording: int, mention_id: str, text: Read, prints: tuple[int, ...]) -> None:
        if len(group.wordings) < _WORDINGS:
            group.wordings.append(wording)
            self._wordings[wording] = group.key
        if not prints or len(group.versions) >= _VERSIONS:
            return
        self._numbered += 1
        group.versions.append(self._numbered)
        self._versions[self._numbered] = _Version(group.key, mention_id, text.stored, prints)
        self._least[self._numbered] = len(prints) * _SHARED
        for one in prints:
            sharing = self._sharing.get(one)
            if sharing is None:
                self._sharing[one] = [self._numbered]
                continue
            sharing.append(self._numbered)
            if len(sharing) > _TEXTS_OF_FINGERPRINT:
                del sharing[0]

    def _nearest(self, text: Read, prints: tuple[int, ...]) -> int | None:
        shared = Counter(chain.from_iterable(filter(None, map(self._sharing.get, prints))))
        if not shared:
            return None
        enough, least = len(prints) * _SHARED, self._least
        likely = [(-count, number) for number, count in shared.items() if count >= enough or count >= least[number]]
        if not likely:
            return None
        compared = Compared(text)
        # Equally many in common: the older first, whatever order they were met in.
        for _, number in heapq.nsmallest(_COMPARED, likely):
            version = self._versions[number]
            if alike(compared, self._at_hand.get(number, version)):
                return version.group
        return None

    def _count(self, group: _Group, mention_id: str, at: float) -> CopyGroup:
        group.size += 1
        if at < group.first_at:
            group.first, group.first_at = mention_id, at
        group.newest = max(group.newest, at)
        self._newest = max(self._newest, at)
        counted = CopyGroup(key=group.key, first=group.first, size=group.size, original=group.first == mention_id)
        self._forget()
        return counted

    def _forget(self) -> None:
        horizon, silent = self._newest - self._memory, self._silent
        while silent and (silent[0][0] < horizon or len(self._wordings) > self._limit):
            at, key = silent[0]
            group = self._groups[key]
            if group.newest > at:
                heapq.heapreplace(silent, (group.newest, key))
            else:
                heapq.heappop(silent)
                self._drop(group)

    def _drop(self, group: _Group) -> None:
        del self._groups[group.key]
        for wording in group.wordings:
            del self._wordings[wording]
        for number in group.versions:
            self._drop_version(number)

    def _drop_version(self, number: int) -> None:
        del self._least[number]
        self._at_hand.forget(number)
        for one in self._versions.pop(number).prints:
            sharing = self._sharing.get(one)
            if sharing is not None and number in sharing:
                sharing.remove(number)
                if not sharing:
                    del self._sharing[one]


def fingerprints(words: str) -> tuple[int, ...]:
    """The winnowed hashes of the runs of words of a text, each once. `words` are separated by single spaces."""
    data = words.encode("utf-8", "replace").split(b" ", _HASHED)[:_HASHED]
    # A checksum goes on where that of the word before ended: the run itself need not be put together.
    runs = list(map(crc32, map(b" ".__add__, data[1:]), map(crc32, data)))
    if len(runs) <= WITHIN:
        return tuple(dict.fromkeys(runs))
    pairs = [one if one < two else two for one, two in pairwise(runs)]
    least = [one if one < two else two for one, two in pairwise(pairs)]  # of every three: twice as fast as `min`
    return tuple(dict.fromkeys(least))[:_FINGERPRINTS]


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)
