"""What an encoder's graph is given of the pieces of its vocabulary.

Their vectors are stored in 4 bits. Either the graph reads them (`WholeVectors`), or it was cut in two
(`understand.train.by_piece`) and what its first half says of a piece is kept (`KnownPieces`): the first half reads each
piece alone, and a few thousand pieces make up nearly all that is written.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable, arrays

Rows: TypeAlias = NDArray[np.int64]
There: TypeAlias = NDArray[np.bool_]
Given: TypeAlias = Mapping[str, NDArray[Any]]

ROOM = 4_096
"""Pieces that are kept; when there is no room for the next, all are forgotten. 8 MB with vectors 512 wide; twice as
many made tweets of eight languages no faster.
"""
TOGETHER = 32
"""Pieces that the first half is run on, always as many: what it says of one must not depend on their number."""
_NOWHERE = -1


class Packed:
    """The embedding in 4 bits: piece by block by byte, and the scale of each block.

    Of a byte the low half comes first; with `halves`, the low halves of a block come before its high ones.
    """

    def __init__(self, path: Path, pieces: int, *, halves: bool) -> None:
        """Read `path`. Raises WeightsUnreadable unless it holds so many pieces."""
        packed, scales = arrays(path, "q", "s")
        blocks = len(packed)
        fits = packed.dtype == np.uint8 and packed.ndim == 2 and scales.size == blocks and blocks % pieces == 0 < blocks
        if not fits or not np.isfinite(scales).all():
            raise WeightsUnreadable("weights_unreadable", f"{path}: not an embedding of {pieces} pieces in 4 bits")
        self._halves = halves
        self._bytes: NDArray[np.uint8] = packed.reshape(pieces, blocks // pieces, -1).astype(np.uint8, copy=False)
        self.scales: NDArray[np.float32] = scales.astype(np.float32).reshape(pieces, -1)
        """By piece and block."""

    @property
    def width(self) -> int:
        """Numbers in a vector."""
        return int(2 * self._bytes[0].size)

    def numbers(self, pieces: Rows | slice) -> NDArray[np.int8]:
        """Piece by block by place; times its scale each is a number of the vector."""
        packed = self._bytes[pieces]
        shape = (*packed.shape[:2], 2, packed.shape[2]) if self._halves else (*packed.shape, 2)
        numbers = np.empty(shape, np.int8)
        low, high = (numbers[:, :, 0], numbers[:, :, 1]) if self._halves else (numbers[..., 0], numbers[..., 1])
        np.bitwise_and(packed, 15, out=low, casting="unsafe")
        np.right_shift(packed, 4, out=high, casting="unsafe")
        numbers -= 8
        return numbers.reshape(*packed.shape[:2], -1)


class WholeVectors:
    """The vectors themselves, for a graph that reads them. They are kept in 8 bits: in 4 they would take half the
    memory, and as long to unpack at every text as the text's own encoding.
    """

    def __init__(self, packed: Packed, name: str) -> None:
        """`name` is that of the graph's input."""
        self._name = name
        self._numbers = packed.numbers(slice(None))
        self._scales = packed.scales

    def given(self, rows: Rows, there: There) -> Given:
        """The graph's inputs for texts by piece; zeros where no piece is."""
        scales = self._scales[rows] * there[..., None]
        vectors = self._numbers[rows] * scales[..., None]
        return {self._name: vectors.reshape(*rows.shape, -1)}


class KnownPieces:
    """What the first half of a cut graph says of each piece, worked out when the piece is first met."""

    def __init__(self, packed: Packed, session: Any, room: int = ROOM) -> None:
        """`session` runs the first half. Raises WeightsUnreadable unless each vector has one scale."""
        if packed.scales.shape[1] != 1:
            raise WeightsUnreadable("weights_unreadable", "a graph that is cut in two needs one scale a vector")
        self._packed, self._session = packed, session
        self._lock = Lock()
        self._place = np.full(len(packed.scales), _NOWHERE, np.int32)
        self._numbers = np.zeros((room, packed.width), np.int8)
        self._near = np.zeros((room, session.get_outputs()[0].shape[-1]), np.float16)
        # The first place stands for no piece.
        self._held = 1

    def given(self, rows: Rows, there: There) -> Given:
        """The second half's inputs for texts by piece, of which there are fewer than there is room."""
        with self._lock:
            self._meet(np.unique(rows[there]))
            places = self._place[rows] * there
            return {
                "vectors": self._numbers[places],
                "scales": self._packed.scales[rows] * there[..., None],
                "near": self._near[places],
            }

    def _meet(self, wanted: Rows) -> None:
        unknown = wanted[self._place[wanted] == _NOWHERE]
        if self._held + len(unknown) > len(self._near):
            self._place[:], self._held = _NOWHERE, 1
            unknown = wanted
        for begin in range(0, len(unknown), TOGETHER):
            self._learn(unknown[begin : begin + TOGETHER])

    def _learn(self, pieces: Rows) -> None:
        places = slice(self._held, self._held + len(pieces))
        numbers = self._packed.numbers(pieces)[:, 0]
        vectors = np.zeros((TOGETHER, self._packed.width), np.float32)
        vectors[: len(pieces)] = numbers * self._packed.scales[pieces]
        self._numbers[places] = numbers
        self._near[places] = self._said(vectors)[: len(pieces)]
        self._place[pieces] = np.arange(places.start, places.stop)
        self._held = places.stop

    def _said(self, vectors: NDArray[np.float32]) -> NDArray[np.float16]:
        given = {"vectors": vectors[None], "mask": np.ones((1, len(vectors), 1), np.float32)}
        near: NDArray[np.float16] = self._session.run(None, given)[0][0]
        return near
