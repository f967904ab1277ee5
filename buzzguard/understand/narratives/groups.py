"""Streaming groups of texts by their words: the numbers below narratives.

One pass, after the leader algorithm (Hartigan 1975) with TextClust's fading (Carnein et al. 2017): a text joins the
group whose centroid is nearest by the cosine of its IDF-weighted words, when that is near enough, and begins one
otherwise. Groups and words fade by event time, with forward decay (Cormode et al. 2009): what is new weighs more, so
nothing old need be touched, and a late text weighs what it would have weighed in time. All weights lie in one matrix of
words by groups, hence a text costs a gather of its rows and one product, whatever is in the groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

_FIRST_ROWS, _FIRST_COLUMNS = 64, 8
_RESCALE = 30.0
"""Half-lives after which weights are brought back to one: far from where float32 ends."""
_FAINTEST = 40.0
"""Half-lives after which less weight makes no difference."""
_LEAST, _MOST = 0.5, 1.5
"""Bounds of a word's rarity (the logarithm of texts per text that holds it): in short texts the middling words
(`refund`, `delay`) tell the story as well as the rarest, and in a crisis its own words are in most texts and still
hold it together."""


class Nearest(NamedTuple):
    """A text against the groups: its words' `rows` and unit `weights`, the nearest `column` (-1: none near enough)."""

    rows: NDArray[np.intp]
    weights: FloatArray
    column: int
    cosine: float


class Groups:
    """At most `most` groups over at most `vocabulary` words; `half_life` in seconds.

    Of the groups that are `near` enough, one that much is told of draws more than its cosine (`draw` times the
    logarithm of its size): the rich get richer, as in a Chinese restaurant process, which keeps stories whole.

    What is not seen again fades; beyond the limits the weakest group and the rarest words go first. Columns are reused:
    whoever calls keeps what belongs to a column.
    """

    def __init__(self, *, most: int, vocabulary: int, half_life: float, near: float, draw: float) -> None:
        self._most = most
        self._vocabulary = vocabulary
        self._half_life = half_life
        self._near = near
        self._draw = draw
        self._rows: dict[str, int] = {}
        self._weights: FloatArray = np.zeros((_FIRST_ROWS, min(most, _FIRST_COLUMNS)), np.float32)
        self._seen: FloatArray = np.zeros(_FIRST_ROWS, np.float32)
        self._norms: FloatArray = np.zeros(min(most, _FIRST_COLUMNS), np.float32)
        self.mass: FloatArray = np.zeros(min(most, _FIRST_COLUMNS), np.float32)
        self.used: list[bool] = []
        self._texts = 0.0
        self._begun: float | None = None

    @property
    def words(self) -> int:
        """How many words are known."""
        return len(self._rows)

    @property
    def bytes(self) -> int:
        """How much memory the numbers take."""
        return sum(array.nbytes for array in (self._weights, self._seen, self._norms, self.mass))

    def weight_at(self, at: float) -> float:
        """What one text of this time (seconds) weighs."""
        if self._begun is None:
            self._begun = at
        lives = (at - self._begun) / self._half_life
        if lives > _RESCALE:
            self._rescale(lives)
            lives = 0.0
            self._begun = at
        return float(2.0 ** max(lives, -_FAINTEST))

    def nearest(self, words: Sequence[str], weight: float) -> Nearest:
        """Learn how common the words are, and find the nearest group."""
        rows = self._rows_of(words)
        self._seen[rows] += weight
        self._texts += weight
        weights = self._idf(rows, weight)
        return self._find(rows, weights, weight)

    def word_shares(self, column: int) -> dict[str, float]:
        """The part of each word in a group's centroid, of the unit length of all."""
        length = float(np.sqrt(max(self._norms[column], 1e-30)))
        held = self._weights[: len(self._rows), column]
        return {word: float(held[row]) / length for word, row in self._rows.items() if held[row] > 0.0}

    def join(self, column: int, near: Nearest, weight: float) -> None:
        """Add a text to a group."""
        if len(near.rows):
            held = self._weights[near.rows, column]
            self._weights[near.rows, column] = held + near.weights * np.float32(weight)
            # The weights have unit length.
            self._norms[column] += weight * (2.0 * float(near.weights @ held) + weight)
        self.mass[column] += weight

    def begin(self) -> int:
        """A new empty column: a free one, or that of the weakest group, which is lost."""
        held = len(self.used)
        for column in range(held):
            if not self.used[column]:
                self.used[column] = True
                return column
        if held < self._most:
            if held == self._weights.shape[1]:
                self._widen()
            self.used.append(True)
            return held
        column = int(np.argmin(self.mass[:held]))
        self.clear(column)
        self.used[column] = True
        return column

    def clear(self, column: int) -> None:
        """Empty a column and free it."""
        self._weights[:, column] = 0.0
        self._norms[column] = self.mass[column] = 0.0
        self.used[column] = False

    def merge(self, column: int, other: int) -> None:
        """Add a group to another and free its column."""
        self._weights[:, column] += self._weights[:, other]
        self._norms[column] = float(np.square(self._weights[:, column], dtype=np.float64).sum())
        self.mass[column] += self.mass[other]
        self.clear(other)

    def cosines(self, columns: Sequence[int]) -> FloatArray:
        """How near groups are to one another."""
        held = self._weights[: len(self._rows)][:, list(columns)]
        lengths = np.sqrt(np.maximum(np.square(held).sum(axis=0), 1e-30))
        unit = held / lengths
        return np.asarray(unit.T @ unit, np.float32)

    def _find(self, rows: NDArray[np.intp], weights: FloatArray, weight: float) -> Nearest:
        held = len(self.used)
        if not held or not len(rows):
            return Nearest(rows, weights, -1, 0.0)
        products = weights @ self._weights[rows, :held]
        cosines = products / np.sqrt(np.maximum(self._norms[:held], 1e-30))
        drawn = cosines * (1.0 + self._draw * np.log1p(self.mass[:held] / np.float32(max(weight, 1e-30))))
        column = int(drawn.argmax())
        cosine = float(cosines[column])
        return Nearest(rows, weights, column if cosine >= self._near else -1, cosine)

    def _idf(self, rows: NDArray[np.intp], weight: float) -> FloatArray:
        seen = np.maximum(self._seen[rows], 1e-30)
        rarity = np.minimum(np.maximum(np.log((self._texts + weight) / seen), _LEAST), _MOST)
        return np.asarray(rarity / max(float(np.sqrt(rarity @ rarity)), 1e-30), np.float32)

    def _rows_of(self, words: Sequence[str]) -> NDArray[np.intp]:
        known = self._rows
        new = [word for word in words if word not in known]
        if new:
            if len(known) + len(new) > self._vocabulary:
                self._forget_words()
                known = self._rows
                new = [word for word in words if word not in known]
            while len(known) + len(new) > len(self._seen):
                self._lengthen()
            for word in new:
                known[word] = len(known)
        return np.array(list(map(known.__getitem__, words)), np.intp)

    def _forget_words(self) -> None:
        """Keep the commoner half."""
        held = len(self._rows)
        kept = np.sort(np.argsort(-self._seen[:held], kind="stable")[: self._vocabulary // 2])
        old = list(self._rows)
        self._rows = {old[row]: index for index, row in enumerate(kept.tolist())}
        for array in (self._weights, self._seen):
            array[: len(kept)] = array[kept]
            array[len(kept) :] = 0.0
        self._norms[:] = np.square(self._weights, dtype=np.float64).sum(axis=0)

    def _lengthen(self) -> None:
        self._weights = np.concatenate((self._weights, np.zeros_like(self._weights)))
        self._seen = np.concatenate((self._seen, np.zeros_like(self._seen)))

    def _widen(self) -> None:
        more = min(len(self._norms), self._most - len(self._norms))
        self._weights = np.concatenate((self._weights, self._weights[:, :more] * 0), axis=1)
        self._norms = np.concatenate((self._norms, self._norms[:more] * 0))
        self.mass = np.concatenate((self.mass, self.mass[:more] * 0))

    def _rescale(self, lives: float) -> None:
        factor = np.float32(2.0 ** -min(lives, 3 * _FAINTEST))
        self._weights *= factor
        self._seen *= factor
        self._norms *= factor
        self._norms *= factor
        self.mass *= factor
        self._texts *= float(factor)
