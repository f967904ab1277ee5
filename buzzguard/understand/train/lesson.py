"""What a teacher says of texts: labels for those that nobody labelled, and doubt about those that somebody did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from buzzguard.understand.train.cleaning import cleaned
from buzzguard.understand.train.corpus import MAIN, BadCorpus, Corpus, Example, capped, texts

PART_WORDS = 3
"""Words that a part of a text has at least: parts are texts of the right languages that nobody had to label."""


CAP = 6_000
"""Texts a class of each further set that the teacher is asked about: the largest would drown the rest."""
SEED = 2


class Lesson(NamedTuple):
    """Texts, and the teacher's logits of each. The first of the texts are those of `examples`, with their labels."""

    bodies: list[str]
    said: NDArray[np.float32]
    examples: tuple[Example, ...]


def taught(corpus: Corpus, unlabelled: Sequence[str], teacher: Callable[[Sequence[str]], NDArray[Any]]) -> Lesson:
    """What the teacher says of texts for training, of parts of UMSAB's, and of the unlabelled ones."""
    examples = asked(corpus)
    bodies = given(examples, unlabelled)
    return Lesson(bodies, teacher(bodies).astype(np.float32), examples)


def asked(corpus: Corpus) -> tuple[Example, ...]:
    """The texts for training that the teacher is asked about."""
    caps = {one.source: CAP for one in corpus.train}
    return tuple(capped(corpus.train, caps, np.random.default_rng(SEED)))


def given(examples: Sequence[Example], unlabelled: Sequence[str]) -> list[str]:
    """All that the teacher is asked about: the examples come first."""
    parts = [part for one in examples if one.source == MAIN for part in halves(one.text)]
    return [*texts(examples), *parts, *unlabelled]


def halves(text: str) -> list[str]:
    """The two parts of a text, cut in its middle; none of a short one."""
    words = text.split()
    middle = len(words) // 2
    return [" ".join(words[:middle]), " ".join(words[middle:])] if middle >= PART_WORDS else []


def read_lines(files: Sequence[Path]) -> list[str]:
    """The texts of files with one text a line, cleaned. Raises BadCorpus."""
    return [cleaned(line) for path in files for line in _lines(path) if line.strip()]


def _lines(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadCorpus(f"{path}: {error}") from error
