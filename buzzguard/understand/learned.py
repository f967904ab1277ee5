"""A light linear model over the words of example sentences, made anew at each start.

Ridge regression of each class on the words of its examples (binary, weighted by rarity, rows of length one): with a
thousand examples it takes milliseconds, has one solution, and needs no seed. Words are cut
to `STEM` letters, which joins most inflections of both languages.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

STEM = 6
"""Letters of a word that count."""
PENALTY = 0.6
"""Ridge penalty, against rows of length one: below one the examples are followed closely."""
LEAST_SHARE = 0.5
"""Weights of a word below this share of its largest are left out: they say little, and cost time."""
STEPS = 40
"""Of conjugate gradients: the penalty makes the problem round, half of them would do."""
_TINY = 1e-30
STRANGE = 0.5
"""What a word that no example holds adds to a text's length, against the rarest that one does."""
MAX_WORDS = 300
"""Words read of a text."""
REMEMBERED = 50_000
"""Words whose weights are remembered under their full letters."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_PLAIN_WORD = re.compile(r"[A-Za-z]{2,}")
"""The same in ASCII, three times as fast."""
_STOP_LIST = """
    the and for that this with you your are was were have has had not but they their there from his her its our ours out
    who what when where why how all any can could would should will just been being than then them these those into
    over under about after before again more most some such only own same so too very did does doing don isn it is he
    she we us me my to of in on at by as an or if no do be up am im ive
    le la les un une des du de et ou mais donc or ni car que qui quoi dont où ce cet cette ces mon ma mes ton ta tes son
    sa ses notre nos votre vos leur leurs je tu il elle on nous vous ils elles me te se lui en y au aux dans par pour
    sur avec sans sous chez est sont suis es sommes etes ai as avons avez ont etait ete etre avoir fait faire plus pas
    ne si tout tous toute toutes bien tres trop meme comme aussi encore deja ca cela ici quand apres avant depuis deux
    trois qu ma jai cest
"""
_STOPPED = frozenset(word[:STEM] for word in _STOP_LIST.split())
Floats: TypeAlias = npt.NDArray[np.float64]
_Weighted: TypeAlias = tuple[float, tuple[tuple[int, float], ...]]
"""Of a stem: its squared rarity, and its weight in each class in which it tells."""


def words_of(folded_text: str) -> list[str]:
    """The words of a folded text, each once, in order: the first `MAX_WORDS`."""
    found = (_PLAIN_WORD if folded_text.isascii() else _WORD).findall(folded_text)
    return list(dict.fromkeys(found[:MAX_WORDS]))


class WordModel:
    """Says by its words how much a text is like the examples of each class.

    `examples` are folded texts with the numbers of their classes (none: like nothing). Weights are rounded, so that
    the last bits of a processor's arithmetic decide nothing.
    """

    def __init__(self, examples: Sequence[tuple[str, Sequence[int]]], classes: int) -> None:
        self._classes = classes
        self._weights: dict[str, _Weighted] = {}
        self._unknown: _Weighted = (1.0, ())
        self._known: dict[str, _Weighted] = {}
        rows = [({word[:STEM] for word in words_of(text)} - _STOPPED, owners) for text, owners in examples]
        rows = [(words, owners) for words, owners in rows if words]
        if rows:
            self._learn(rows)

    def of(self, words: Sequence[str]) -> tuple[list[float], float]:
        """Likeness to each class (about 0 to 1) before it is divided by the text's length, and that length."""
        sums = [0.0] * self._classes
        length = 0.0
        for word, weighted in zip(words, map(self._known.get, words), strict=True):
            rarity, tells = weighted or self._look_up(word)
            length += rarity
            for owner, weight in tells:
                sums[owner] += weight
        return sums, math.sqrt(length) or 1.0

    def speaking(self, words: Sequence[str], owner: int) -> list[tuple[float, str]]:
        """The words that speak for a class, with what each adds before it is divided by the length."""
        return [
            (weight, word)
            for word in words
            for one, weight in self._weights.get(word[:STEM], self._unknown)[1]
            if one == owner and weight > 0
        ]

    def _look_up(self, word: str) -> _Weighted:
        """The weights of a word, remembered: most texts say the same few thousand."""
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        weighted = self._known[word] = self._weights.get(word[:STEM], self._unknown)
        return weighted

    def _learn(self, rows: list[tuple[set[str], Sequence[int]]]) -> None:
        vocabulary = sorted(set().union(*(words for words, _ in rows)))
        column = {stem: index for index, stem in enumerate(vocabulary)}
        wanted = np.zeros((len(rows), self._classes))
        for index, (_, owners) in enumerate(rows):
            wanted[index, list(owners)] = 1.0
        entries = _Entries([sorted(column[stem] for stem in words) for words, _ in rows], len(vocabulary))
        rarity = 1.0 + np.log(len(rows) / entries.per_column)
        entries.weigh(rarity)
        solved = entries.ridge(wanted - wanted.mean(axis=0))
        self._unknown = round(float(np.max(rarity)) ** 2 * STRANGE, 4), ()
        for index, stem in enumerate(vocabulary):
            self._weights[stem] = round(float(rarity[index]) ** 2, 4), _telling(solved[index] * rarity[index])
        self._weights |= dict.fromkeys(_STOPPED, (0.0, ()))


class _Entries:
    """The sparse matrix of the examples: a row an example, a column a stem."""

    def __init__(self, rows: Sequence[Sequence[int]], columns: int) -> None:
        self._columns = np.array([column for row in rows for column in row])
        self._rows = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._row_starts = np.flatnonzero(np.diff(self._rows, prepend=-1))
        self._by_column = np.argsort(self._columns, kind="stable")
        self._column_starts = np.flatnonzero(np.diff(self._columns[self._by_column], prepend=-1))
        self._values = np.ones(len(self._columns))
        self.per_column = np.bincount(self._columns, minlength=columns)

    def weigh(self, rarity: Floats) -> None:
        """Give each stem its rarity, then each row the length one."""
        values = rarity[self._columns]
        lengths = np.sqrt(np.add.reduceat(values**2, self._row_starts))
        self._values = values / lengths[self._rows]

    def ridge(self, wanted: Floats) -> Floats:
        """The weights of the stems for each class, by conjugate gradients on the dual problem, all classes at once."""
        residual, solved = wanted.copy(), np.zeros_like(wanted)
        direction, left = residual.copy(), (residual**2).sum(axis=0)
        for _ in range(STEPS):
            image = self._times(self._transposed(direction)) + PENALTY * direction
            step = left / np.maximum((direction * image).sum(axis=0), _TINY)
            solved += step * direction
            residual -= step * image
            before, left = left, (residual**2).sum(axis=0)
            direction = residual + left / np.maximum(before, _TINY) * direction
        return self._transposed(solved)

    def _times(self, weights: Floats) -> Floats:
        product: Floats = np.add.reduceat(self._values[:, None] * weights[self._columns], self._row_starts)
        return product

    def _transposed(self, sums: Floats) -> Floats:
        order = self._by_column
        product: Floats = np.add.reduceat(self._values[order, None] * sums[self._rows[order]], self._column_starts)
        return product


def _telling(weights: Floats) -> tuple[tuple[int, float], ...]:
    least = LEAST_SHARE * float(np.max(np.abs(weights)))
    return tuple((owner, round(float(weight), 3)) for owner, weight in enumerate(weights) if abs(weight) >= least > 0)
