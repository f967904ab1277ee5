"""The memory of what was seen, so that one text is counted once.

A mention is a repeat when, within the memory, there was one

- with the same id;
- or an article at the same address from the same kind of source (feeds of one site overlap, articles are edited);
  for other kinds many texts share the address of their page, so there the text must be the same too;
- or the same text by the same author. Without an author the site stands for one, and the text must be long enough
  that two people would not write it by chance.

The same text by different authors is no repeat, but a copy: counted, and weighed by how many there are
(`ScoredMention.copy_key`).
"""

from __future__ import annotations

import heapq
import re
from datetime import timedelta

from buzzguard.model import Mention, MentionKind

MEMORY = timedelta(hours=48)
CHANCE_LENGTH = 40
"""Folded characters below which two anonymous texts may be equal by chance (`Merci !`, `never again`)."""

_PERSONAL = re.compile(r"(?:\brt )?@[\w@.]+:?|https?://\S+|\bwww\.\S+|\bpic\.twitter\.com/\S+")
"""What differs between copies of one text: whom it is sent to, by whom it is passed on, a shortened address."""
_HANDLE = re.compile(r"@[\w@.]+:?")
"""All of it that most texts hold, by itself several times as fast: the engine looks for one character."""


def shared_text(folded: str) -> str:
    """What copies of a folded text share; the text itself when too little is left to tell that it is copied."""
    if "://" in folded or "www." in folded or ".com/" in folded or "rt @" in folded:
        personal = _PERSONAL
    elif "@" in folded:
        personal = _HANDLE
    else:
        return folded
    shared = " ".join(personal.sub(" ", folded).split())
    return shared if len(shared) >= CHANCE_LENGTH else folded


class Repeats:
    """Remembers by event time: what was published longer than `memory` before the newest mention is forgotten.

    At most `limit` keys (about three a mention) are kept; beyond that the oldest are forgotten first. The state
    depends only on the mentions taken, so taking them again rebuilds it.
    """

    def __init__(self, *, memory: timedelta = MEMORY, limit: int = 250_000) -> None:
        self._memory = memory.total_seconds()
        self._limit = limit
        self._newest = float("-inf")
        self._seen: dict[int, float] = {}
        self._oldest: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._seen)

    def knows_id(self, id: str) -> bool:
        """Whether a mention of this id was taken."""
        return hash(id) in self._seen

    def take(self, mention: Mention, *, repeat_key: int, length: int) -> bool:
        """Remember `mention` (its address canonical) and return true, unless it repeats another.

        `repeat_key` stands for its folded text, `length` is how long that is.
        """
        keys = _keys(mention, repeat_key, length)
        if not self._seen.keys().isdisjoint(keys):
            return False
        self._add(mention, keys)
        return True

    def remember(self, mention: Mention, *, repeat_key: int, length: int) -> None:
        """Remember a mention that was taken in an earlier life."""
        self._add(mention, _keys(mention, repeat_key, length))

    def _add(self, mention: Mention, keys: list[int]) -> None:
        at = mention.published.timestamp()
        for key in keys:
            if key not in self._seen:
                self._seen[key] = at
                heapq.heappush(self._oldest, (at, key))
        self._newest = max(self._newest, at)
        self._forget()

    def _forget(self) -> None:
        horizon = self._newest - self._memory
        while self._oldest and (self._oldest[0][0] < horizon or len(self._seen) > self._limit):
            del self._seen[heapq.heappop(self._oldest)[1]]


def _keys(mention: Mention, repeat_key: int, length: int) -> list[int]:
    # Built-in hashes suffice: 64 bits, never stored, and no outsider can aim at their secret seed.
    keys = [hash(mention.id)]
    if mention.url and _names_one_text(mention.url):
        article = mention.kind is MentionKind.ARTICLE
        keys.append(hash((mention.url, mention.source, mention.kind, 0 if article else repeat_key)))
    author = mention.author
    if length and (author.id or author.handle or length >= CHANCE_LENGTH):
        keys.append(hash((mention.counted_author, repeat_key)))
    return keys


def _names_one_text(url: str) -> bool:
    """Whether a canonical address says more than the name of its site."""
    parts = url.split("/", 3)
    return len(parts) == 4 and bool(parts[3])
