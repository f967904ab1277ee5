"""Other ways to group a stream of texts, run beside BuzzGuard's: each gives a function from mention to group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from importlib import import_module
from typing import Any

import numpy as np

from buzzguard.model import Told
from buzzguard.understand.narratives import Narratives, NarrativeSettings
from buzzguard.understand.narratives.words import stems_of, words_of

Place = Callable[[Told], str]
Make = Callable[[str], Place]
_BITS = 64


def ours(names: str, **settings: Any) -> Place:
    """BuzzGuard's narratives of one topic; `draw=0` is the plain leader algorithm by cosine."""
    narratives = Narratives(NarrativeSettings(**settings), names={"topic": [names]})
    return lambda told: narratives.place("topic", told)


def each_alone(_: str) -> Place:
    """No groups at all: what a measure gives for nothing."""
    return lambda told: told.id


def all_one(_: str) -> Place:
    """One group of all."""
    return lambda _told: "all"


def simhash(names: str, *, differ: int) -> Place:
    """A text joins the nearest earlier text whose SimHash (Charikar 2002) differs in at most `differ` of 64 bits."""
    common, seen = stems_of(names.lower()), np.zeros((0, _BITS), np.bool_)

    def place(told: Told) -> str:
        nonlocal seen
        words = words_of(told.folded, common)
        if not words:
            return ""
        bits = np.sum([_signs(word) for word in words], axis=0) > 0
        if len(seen):
            distances = (seen != bits).sum(axis=1)
            if distances.min() <= differ:
                return str(int(distances.argmin()))
        seen = np.concatenate((seen, bits[None]))
        return str(len(seen) - 1)

    return place


def minhash(names: str, *, rows: int, bands: int = 32) -> Place:
    """A text joins the group with which it shares most bands of a MinHash (Broder 1997), at least one."""
    common = stems_of(names.lower())
    table: dict[tuple[int, tuple[int, ...]], str] = {}
    factors = np.array([_hash(f"factor{index}") | 1 for index in range(rows * bands)], np.uint64)

    def place(told: Told) -> str:
        words = words_of(told.folded, common)
        if not words:
            return ""
        hashes = np.array([_hash(word) for word in words], np.uint64)
        least = (hashes[:, None] * factors[None]).min(axis=0).reshape(bands, rows).tolist()
        keys = [(band, tuple(part)) for band, part in enumerate(least)]
        votes = Counter(table[key] for key in keys if key in table)
        group = votes.most_common(1)[0][0] if votes else told.id
        for key in keys:
            table.setdefault(key, group)
        return group

    return place


def textclust(names: str, *, clean: bool = False, **settings: Any) -> Place:
    """river's TextClust; `clean` gives it our words instead of its own bag of words."""
    clusters: Any = import_module("river.cluster")
    features: Any = import_module("river.feature_extraction")
    common, model = stems_of(names.lower()), clusters.TextClust(**settings)
    bag = features.BagOfWords(lowercase=True)

    def place(told: Told) -> str:
        words = Counter(words_of(told.folded, common)) if clean else bag.transform_one(told.text)
        if not words:
            return ""
        model.learn_one(words, t=told.at.timestamp() / 3_600)
        return str(model.predict_one(words))

    return place


RIVALS: dict[str, Make] = {
    "each alone": each_alone,
    "all one": all_one,
    "SimHash, 22 of 64 bits": lambda names: simhash(names, differ=22),
    "MinHash, 32 bands of 1": lambda names: minhash(names, rows=1),
    "cosine leader (draw 0)": lambda names: ours(names, draw=0.0),
    "TextClust, default": textclust,
    "TextClust, tuned (our words, radius .8)": lambda names: textclust(
        names, clean=True, radius=0.8, real_time_fading=False
    ),
    "TextClust, tuned (our words, automatic radius)": lambda names: textclust(
        names, clean=True, auto_r=True, real_time_fading=False
    ),
}


def _hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "big")


@lru_cache(maxsize=20_000)
def _signs(word: str) -> Any:
    return np.unpackbits(np.frombuffer(_hash(word).to_bytes(8, "big"), np.uint8)).astype(np.int8) * 2 - 1
