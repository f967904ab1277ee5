"""The byte model behind the guess of a language: py3langid's, read in batches.

The features of a text are found by an automaton that walks its bytes, their weights are added by language (multinomial
naive Bayes over the logarithm of counts; Lui and Baldwin 2012, retrained by py3langid). Here a batch of texts walks one
step at a time, all abreast, which is twice as fast as one text after the other, and only the columns asked for are
kept. Its file is read without the library, which would hold 150 MB for a moment: 45 MB are kept.
"""

from __future__ import annotations

import lzma
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

ABREAST = 512
"""Texts walked at once: more would not fit the processor's cache."""
_FEW = 8
"""Below so many texts they are walked one by one."""
_FEATURES = 1 << 20
"""More than the model has features: a text and a feature make one number."""


class ByteModel:
    """Scores texts by language. Loading takes most of a second: make one, when it is first needed.

    `languages` are the columns, in their order; those that the model does not know are left out. Raises ValueError when
    it knows none.
    """

    def __init__(self, languages: Sequence[str]) -> None:
        from py3langid.langid import MODEL_DIR, MODEL_FILE

        self._read(Path(MODEL_DIR) / MODEL_FILE, languages)

    def _read(self, path: Path, languages: Sequence[str]) -> None:
        # Unpacked into a file: of its arrays no more than one is in memory as a whole.
        with TemporaryFile(suffix=".npz") as unpacked:
            with lzma.open(path) as packed:
                shutil.copyfileobj(packed, unpacked, 1 << 20)
            unpacked.seek(0)
            with np.load(unpacked, allow_pickle=False) as held:
                self._keep(held, languages)

    def _keep(self, held: Mapping[str, npt.NDArray[Any]], languages: Sequence[str]) -> None:
        names: list[str] = held["classes"].tolist()
        self.languages = tuple(dict.fromkeys(code for code in languages if code in names))
        if not self.languages:
            raise ValueError(f"the model of languages knows none of {', '.join(languages)}")
        # A language may have a column for each of its scripts: the first is the common one.
        columns = [names.index(code) for code in self.languages]
        # In 16 bits, as they are stored.
        self._weights: npt.NDArray[np.float16] = np.ascontiguousarray(held["ptc"][:, columns], dtype=np.float16)
        self._bias: FloatArray = np.asarray(held["pc"][columns], dtype=np.float32)
        self._next = held["nextmove"]
        self._row: IntArray = held["nextmove_row"].astype(np.int64) << 8
        self._found = held["out_feat"].astype(np.int32, copy=False)

    def scores(self, texts: Sequence[bytes]) -> FloatArray:
        """One row a text, one column a language: logarithms up to a constant, divided by the root of the length.

        A row depends on its text alone. Texts in UTF-8; the empty one scores as if nothing were known.
        """
        table = np.zeros((len(texts), len(self.languages)), dtype=np.float32)
        for begin in range(0, len(texts), ABREAST):
            part = texts[begin : begin + ABREAST]
            rows, features = self._one_by_one(part) if len(part) < _FEW else self._abreast(part)
            self._add(table[begin : begin + len(part)], rows, features)
        lengths = np.sqrt(np.maximum(1, np.fromiter(map(len, texts), np.float32, len(texts))))
        return np.asarray((table + self._bias) / lengths[:, None], dtype=np.float32)

    def _one_by_one(self, texts: Sequence[bytes]) -> tuple[IntArray, IntArray]:
        following, row, found = self._next.data, self._row.data, self._found.data
        rows: list[int] = []
        features: list[int] = []
        for index, text in enumerate(texts):
            state = 0
            for byte in text:
                state = following[row[state] + byte]
                if (feature := found[state]) >= 0:
                    rows.append(index)
                    features.append(feature)
        return np.asarray(rows, dtype=np.int64), np.asarray(features, dtype=np.int64)

    def _abreast(self, texts: Sequence[bytes]) -> tuple[IntArray, IntArray]:
        lengths: IntArray = np.fromiter(map(len, texts), np.int64, len(texts))
        order = np.argsort(-lengths, kind="stable")
        longest = int(lengths[order[0]])
        letters = np.zeros((longest, len(texts)), dtype=np.uint8)
        for column, index in enumerate(order):
            letters[: lengths[index], column] = np.frombuffer(texts[index], dtype=np.uint8)
        # The longest stand first, so that those still walking at a step are the first few.
        walking = np.searchsorted(-lengths[order], -np.arange(longest), side="left")
        state: IntArray = np.zeros(len(texts), dtype=np.int64)
        features = np.full(letters.shape, -1, dtype=np.int32)
        for step in range(longest):
            still = walking[step]
            reached = self._next[self._row[state[:still]] + letters[step, :still]]
            state[:still] = reached
            features[step, :still] = self._found[reached]
        steps, columns = np.nonzero(features >= 0)
        return order[columns], features[steps, columns].astype(np.int64)

    def _add(self, table: FloatArray, rows: IntArray, features: IntArray) -> None:
        if not len(rows):
            return
        keys = np.sort(rows * _FEATURES + features)
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        counts = np.diff(first, append=len(keys))
        row, feature = keys[first] // _FEATURES, keys[first] % _FEATURES
        weighted = self._weights[feature].astype(np.float32)
        weighted *= np.log1p(counts).astype(np.float32)[:, None]
        begins = np.flatnonzero(np.diff(row, prepend=-1))
        table[row[begins]] = np.add.reduceat(weighted, begins, axis=0)
