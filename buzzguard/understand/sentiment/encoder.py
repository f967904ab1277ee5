"""A multilingual encoder on one thread: SentencePiece, a 4-bit embedding, int8 ONNX.

Three files of a folder: `sp.model` (pruned SentencePiece; its ids are the rows of the embedding), `embedding.npz` (`q`:
two 4-bit numbers a byte, 8 standing for zero, in one or more blocks a row; `s`: the scale of each block) and
`encoder.onnx` (inputs: vectors, text by token by width, and a mask; output: three logits). The embedding is read
outside the graph: it is the larger part, and a text needs a few rows of it. Of a graph that was cut in two the first
half is a fourth file, `pieces.onnx`; see `piece_vectors`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from buzzguard.understand.sentiment.emoji_names import prepared
from buzzguard.understand.sentiment.piece_vectors import KnownPieces, Packed, WholeVectors
from buzzguard.understand.sentiment.probabilities import CLASSES, Logits
from buzzguard.understand.sentiment.weights_folder import WeightsUnreadable

BATCH_TOKENS = 512
"""Tokens in one run of the graph: beyond, its layers leave the processor's cache, and hold more memory."""
BATCH_TEXTS = 64


class Layout(NamedTuple):
    """How the files of a tier are read.

    `prefix` is set before each text. Of a byte of the embedding the low half comes first; with `halves`, the low halves
    of a block come before its high ones.
    """

    prefix: str = ""
    most_tokens: int = 128
    halves: bool = False


class Encoder:
    """Logits of texts.

    Which texts are run together changes nothing but speed, given a graph whose scales are fixed
    (`understand.train.fixed_scales`).
    """

    def __init__(self, folder: Path, layout: Layout) -> None:
        """Load from `folder`. Raises WeightsUnreadable, also when a library that reads it is not installed."""
        self._layout = layout
        self._pieces = _pieces(folder / "sp.model")
        self._first, self._last = self._pieces.bos_id(), self._pieces.eos_id()
        packed = Packed(folder / "embedding.npz", self._pieces.get_piece_size(), halves=layout.halves)
        self._session = _session(folder / "encoder.onnx")
        shapes = {given.name: given.shape for given in self._session.get_inputs()}
        vectors, self._mask = next(iter(shapes)), [*shapes][-1]
        self._mask_is_column = len(shapes[self._mask]) == 3
        if shapes[vectors][-1] != packed.width:
            raise WeightsUnreadable("weights_unreadable", f"{folder}: files that do not belong together")
        self._vectors: WholeVectors | KnownPieces
        if "near" in shapes:
            self._vectors = KnownPieces(packed, _session(folder / "pieces.onnx"))
        else:
            self._vectors = WholeVectors(packed, vectors)

    def logits(self, texts: Sequence[str]) -> Logits:
        """One row a text. Copies are read once: in a burst they are many."""
        places: dict[tuple[int, ...], int] = {}
        which = [places.setdefault(tuple(tokens), len(places)) for tokens in self._tokens(texts)]
        rows = np.zeros((len(places), CLASSES))
        for batch, given in self._batches(list(places)):
            rows[batch] = self._session.run(None, given)[0]
        return rows[which]

    def batches(self, texts: Sequence[str]) -> Iterator[tuple[list[int], dict[str, NDArray[Any]]]]:
        """What the graph is run on: places of texts of about one length, and its inputs for them."""
        return self._batches(self._tokens(texts))

    def _batches(self, tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], dict[str, NDArray[Any]]]]:
        order = sorted(range(len(tokens)), key=lambda number: len(tokens[number]))
        begin = 0
        while begin < len(order):
            end = _batch_end(order, tokens, begin)
            batch = order[begin:end]
            yield batch, self._given([tokens[number] for number in batch])
            begin = end

    def _tokens(self, texts: Sequence[str]) -> list[list[int]]:
        bodies = [self._layout.prefix + prepared(text) for text in texts]
        most = self._layout.most_tokens
        encoded = self._pieces.encode(bodies, num_threads=1) if bodies else []
        return [[self._first, *pieces[:most], self._last] for pieces in encoded]

    def _given(self, tokens: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
        lengths = np.fromiter(map(len, tokens), np.int64, len(tokens))
        there = np.arange(int(lengths.max())) < lengths[:, None]
        rows = np.zeros(there.shape, np.int64)
        rows[there] = np.fromiter(chain.from_iterable(tokens), np.int64, int(lengths.sum()))
        mask = there.astype(np.float32)
        return {**self._vectors.given(rows, there), self._mask: mask[..., None] if self._mask_is_column else mask}


def _batch_end(order: Sequence[int], tokens: Sequence[Sequence[int]], begin: int) -> int:
    """Texts of about one length that are run together, from `begin` on."""
    end = begin + 1
    while end < min(len(order), begin + BATCH_TEXTS) and (end + 1 - begin) * len(tokens[order[end]]) <= BATCH_TOKENS:
        end += 1
    return end


def _pieces(path: Path) -> Any:
    try:
        from sentencepiece import SentencePieceProcessor
    except ImportError as error:
        raise WeightsUnreadable("sentencepiece_missing", str(error)) from error
    try:
        model = path.read_bytes()
        if not model:
            raise ValueError("an empty file")
        return SentencePieceProcessor(model_proto=model)
    except FileNotFoundError as error:
        raise WeightsUnreadable("weights_missing", f"{path} is not there") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise WeightsUnreadable("weights_unreadable", f"{path}: {error}") from error


def _session(path: Path) -> Any:
    try:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as faults
    except ImportError as error:
        raise WeightsUnreadable("onnxruntime_missing", str(error)) from error
    raised: tuple[type[Exception], ...] = (OSError, *_faults(faults))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Plans of memory are for shapes that come again: ours hardly do, and each plan would be kept.
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except FileNotFoundError as error:
        raise WeightsUnreadable("weights_missing", f"{path} is not there") from error
    except raised as error:
        raise WeightsUnreadable("weights_unreadable", f"{path}: {error}") from error


def _faults(module: ModuleType) -> tuple[type[Exception], ...]:
    """What onnxruntime raises: it has no base class of its own."""
    return tuple(found for found in vars(module).values() if isinstance(found, type) and issubclass(found, Exception))
