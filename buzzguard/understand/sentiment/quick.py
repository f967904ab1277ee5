"""The quick tier: a linear model over hashed n-grams. numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from buzzguard.model import Sentiment, Text
from buzzguard.understand.sentiment.features import ROWS, Block, Features, hashed
from buzzguard.understand.sentiment.probabilities import CLASSES, Logits, sentiments, softmax
from buzzguard.understand.sentiment.weights_folder import SHIPPED, WeightsUnreadable, arrays, calibration

BATCH = 256
"""Texts hashed together: their n-grams stay within the processor's cache."""


class HashedTable:
    """The weights: for each row three classes, and the square of the row's inverse document frequency.

    Stored as `sign * sqrt(|w|)` in 8 bits, so that small weights keep their precision; squared here into 16 bits, and
    summed as whole numbers: the sums of a text are exact, however it is batched. Both kinds of n-gram are scaled to
    length one on their own: a text has many more of characters than of words.
    """

    def __init__(self, path: Path) -> None:
        """Read `path`. Raises WeightsUnreadable."""
        roots, scale, frequency, step, bias = arrays(path, "q", "sc", "qi", "s2", "b")
        shapes = (roots.shape, scale.shape, frequency.shape, bias.shape)
        if shapes != ((ROWS, CLASSES), (CLASSES,), (ROWS,), (CLASSES,)) or roots.dtype != np.int8:
            raise WeightsUnreadable("weights_unreadable", f"{path}: tables of another shape ({shapes})")
        packed = np.empty((ROWS, CLASSES + 1), np.int16)
        np.multiply(roots, np.abs(roots.astype(np.int16)), out=packed[:, :CLASSES])
        packed[:, CLASSES] = frequency
        self._rarest = max(1, int(frequency.max()))
        self._packed: NDArray[np.uint64] = packed.view(np.uint64).ravel()
        self._scale = scale.astype(np.float64)
        self._step = float(step)
        self._bias = bias.astype(np.float64)

    def logits(self, features: Features) -> Logits:
        """One row a text."""
        total = sum(self._scaled(block) for block in features)
        rows: Logits = total * self._scale + self._bias
        return rows

    def rarity(self, rows: NDArray[np.int32]) -> Logits:
        """The inverse document frequency of each row; that of the rarest for rows that training never met."""
        squares = self._packed.view(np.int16)[rows.astype(np.int64) * (CLASSES + 1) + CLASSES].astype(np.float64)
        squares[squares == 0] = self._rarest
        rarities: Logits = np.sqrt(squares * self._step)
        return rarities

    def _scaled(self, block: Block) -> Logits:
        numbers = np.take(self._packed, block.rows).view(np.int16).reshape(-1, CLASSES + 1)
        sums = np.zeros((len(block.start) - 1, CLASSES + 1), np.int64)
        some = np.flatnonzero(block.start[1:] > block.start[:-1])
        if len(some):
            sums[some] = np.add.reduceat(numbers, block.start[some], axis=0, dtype=np.int32)
        lengths: Logits = np.sqrt(sums[:, CLASSES:] * self._step) + 1e-6
        return sums[:, :CLASSES] / lengths


class QuickScorer:
    """Sentiment from n-grams: 40,000 texts a second and more on one core, in any language it was trained on."""

    name = "quick"

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Read the weights of `folder`. Raises WeightsUnreadable."""
        self.measured = calibration(folder, self.name)
        self.confusion = self.measured.confusion
        self._table = HashedTable(folder / "quick.npz")

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text."""
        probabilities = self.probabilities(self.logits([text.text for text in texts]))
        return sentiments(probabilities, [self.name] * len(texts), self.measured.abstain)

    def rarity(self, rows: NDArray[np.int32]) -> Logits:
        """The inverse document frequency of rows of the table, as its training texts showed it."""
        return self._table.rarity(rows)

    def logits(self, texts: Sequence[str]) -> Logits:
        """One row a text; all alike for a text without letters or symbols, of which nothing can be said."""
        rows = np.zeros((len(texts), CLASSES))
        for begin in range(0, len(texts), BATCH):
            features = hashed(texts[begin : begin + BATCH])
            said = np.diff(features.words.start) > 0
            rows[begin : begin + BATCH] = self._table.logits(features) * said[:, None]
        return rows

    def probabilities(self, logits: Logits) -> Logits:
        """Calibrated probabilities of logits."""
        return softmax(logits / self.measured.temperature) if len(logits) else logits
