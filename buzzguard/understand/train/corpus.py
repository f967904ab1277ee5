"""Labelled texts: read, cleaned as the scorers clean theirs, each text once, none that is also judged on.

A folder holds `umsab/<language>/{train,val}_{text,labels}.txt` (one text a line; 0 negative, 1 neutral, 2 positive) and
`extra/<set>.jsonl` or `.jsonl.gz`, objects `{"text": …, "label": 0|1|2, "lang": …}`. Either part may be absent.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from buzzguard.errors import BuzzguardError
from buzzguard.understand.train.cleaning import cleaned, identity

MAIN = "umsab"
"""The source of the texts in `umsab/`: what the tiers are judged on."""
SHIPPED = ("semeval17", "de_tweets", "hinglish", "spanglish")
"""The other sets that the shipped weights stand on; the model card says why these."""
UNRELIABLE = frozenset({"hindi"})
"""Languages of UMSAB whose validation labels have nothing to do with the texts: every model is right on a third of
them, also those that are right on more than half of its test. Nothing is fitted or chosen on them."""
CLASSES = 3
"""Negative, neutral, positive."""
NEUTRAL = 1
OPENING = 30
"""Letters that two texts must share at their start to be taken for the same (a repost cut short)."""

Labels = NDArray[np.int64]


class BadCorpus(BuzzguardError):
    """A file of labelled texts cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class Example:
    """One labelled text, already cleaned. `language` as its folder or file names it."""

    text: str
    label: int
    language: str
    source: str


@dataclass(frozen=True)
class Corpus:
    """What is trained on, and by language what is judged on. No text of `val` is in `train`."""

    train: tuple[Example, ...]
    val: dict[str, tuple[Example, ...]]

    @cached_property
    def two_sided(self) -> frozenset[str]:
        """Sources that never say neutral: a text of theirs is negative or positive, and may well be neither."""
        seen: dict[str, set[int]] = {}
        for one in self.train:
            seen.setdefault(one.source, set()).add(one.label)
        return frozenset(source for source, labels in seen.items() if NEUTRAL not in labels)


def read_corpus(folder: Path, sets: Sequence[str] = SHIPPED) -> Corpus:
    """The texts of a folder. `sets` names the extra ones; raises BadCorpus for one that is not there or broken."""
    val = {name: tuple(unique(_split(folder, name, "val"), ())) for name in languages(folder)}
    judged = [one.text for own in val.values() for one in own]
    main = [one for name in languages(folder) for one in _split(folder, name, "train")]
    extra = [one for name in sets for one in read_set(folder, name)]
    if not main and not extra:
        raise BadCorpus(f"{folder}: no labelled texts; expected umsab/<language>/train_text.txt or extra/<set>.jsonl")
    return Corpus(tuple(unique([*main, *extra], judged)), val)


def languages(folder: Path) -> list[str]:
    """The languages of `umsab/`, in order of name."""
    return sorted(one.parent.name for one in folder.glob("umsab/*/train_text.txt"))


def read_set(folder: Path, name: str) -> list[Example]:
    """The extra set `name`, cleaned, in order of the file. Raises BadCorpus."""
    for ending, opened in ((".jsonl.gz", gzip.open), (".jsonl", open)):
        path = folder / "extra" / f"{name}{ending}"
        if path.is_file():
            return list(_records(path, name, opened))
    raise BadCorpus(f"{folder / 'extra'}: no set {name!r} there; --sets names those to train on")


def unique(examples: Iterable[Example], judged: Iterable[str]) -> Iterator[Example]:
    """Each text once, the first of its kind; none that equals a judged one or begins like it."""
    seen: set[str] = set()
    for key in map(identity, judged):
        seen.add(key)
        seen.add(f"^{key[:OPENING]}")
    for one in examples:
        key = identity(one.text)
        opening = f"^{key[:OPENING]}" if len(key) >= OPENING else key
        if key and key not in seen and opening not in seen:
            seen.add(key)
            yield one


def weights(examples: Sequence[Example], *, evenness: float, main: float = 1.0) -> NDArray[np.float64]:
    """How much each text counts: rare classes of a source and language more (`evenness` 1: all classes alike).

    Bounded to 0.2…3. Texts of UMSAB count `main` times as much.
    """
    group = Counter((one.source, one.language) for one in examples)
    part = Counter((one.source, one.language, one.label) for one in examples)
    classes = Counter((source, language) for source, language, _ in part)
    shares = np.array(
        [
            group[one.source, one.language]
            / (classes[one.source, one.language] * part[one.source, one.language, one.label])
            for one in examples
        ]
    )
    boost = np.array([main if one.source == MAIN else 1.0 for one in examples])
    return np.clip(shares**evenness * boost, 0.2, 3.0)


def labels(examples: Sequence[Example]) -> Labels:
    """The labels of texts, in order."""
    return np.array([one.label for one in examples], np.int64)


def texts(examples: Sequence[Example]) -> list[str]:
    """The texts, in order."""
    return [one.text for one in examples]


def capped(examples: Sequence[Example], caps: dict[str, int], rng: np.random.Generator) -> list[Example]:
    """All of UMSAB, and of each other source at most `caps[source]` texts a class (all where it has no cap)."""
    kept: Counter[tuple[str, int]] = Counter()
    chosen: list[Example] = []
    for index in rng.permutation(len(examples)):
        one = examples[int(index)]
        kept[one.source, one.label] += 1
        if one.source == MAIN or kept[one.source, one.label] <= caps.get(one.source, len(examples)):
            chosen.append(one)
    return chosen


def _split(folder: Path, language: str, split: str) -> list[Example]:
    base = folder / "umsab" / language
    lines = _lines(base / f"{split}_text.txt")
    given = [line for line in _lines(base / f"{split}_labels.txt") if line.strip()]
    # Only a line feed ends a text: some hold other characters that Python would split at.
    bodies = lines[: len(given)]
    if len(bodies) < len(given):
        raise BadCorpus(f"{base}/{split}_labels.txt: {len(given)} labels for {len(lines)} texts")
    return [
        Example(cleaned(body), _label(label, base / f"{split}_labels.txt", number), language, MAIN)
        for number, (body, label) in enumerate(zip(bodies, given, strict=True), 1)
    ]


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCorpus(f"{path}: {error}") from error


def _records(path: Path, name: str, opened: Callable[..., Any]) -> Iterator[Example]:
    with opened(path, "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                given = json.loads(line)
                text, label, language = str(given["text"]), given["label"], str(given.get("lang", ""))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadCorpus(
                    f'{path}:{number}: expected {{"text": …, "label": 0, 1 or 2, "lang": …}}: {error}'
                ) from error
            yield Example(cleaned(text), _label(label, path, number), language, name)


def _label(given: object, path: Path, number: int) -> int:
    label = re.sub(r"\.0+$", "", str(given).strip())
    if label not in {"0", "1", "2"}:
        raise BadCorpus(f"{path}:{number}: label {given!r}; 0 is negative, 1 neutral, 2 positive")
    return int(label)
