"""The vocabulary that is shipped: what the corpus needs of a base model's pieces, and their vectors in 4 bits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SCRIPTS = ("LATIN", "ARABIC", "DEVANAGARI")
"""Scripts of the languages that are trained on: pieces of others are dropped, but for what the corpus holds."""
SEEN = 2
"""Occurrences in the corpus that keep a piece before all others."""
CUTS = (1.0, 0.9, 0.8, 0.7)
"""Shares of a row's largest number that may be its range: what lies beyond is cut, the rest is finer."""
BLOCK = 32
"""Numbers under one scale, where a row is cut into blocks."""

Floats = NDArray[np.float32]
Rows = NDArray[np.int64]


def chosen(pieces: Sequence[str], scores: Floats, tokens: Iterable[Sequence[int]], most: int) -> Rows:
    """At most `most` pieces to keep, in order: seen in the corpus, single characters, then the likeliest.

    Only pieces of `SCRIPTS`, digits and symbols are kept unseen. `scores` are their logarithms of probability.
    """
    count = np.zeros(len(pieces), np.int64)
    for one in tokens:
        count[np.asarray(one, np.int64)] += 1
    ours = np.array([_written_in(piece) for piece in pieces])
    single = ours & np.array([len(piece.lstrip("▁")) <= 1 for piece in pieces])
    rank = 4 * (count >= SEEN) + 3 * (single & ours) + 2 * (count > 0) + ours
    best = np.lexsort((-scores, -rank))[:most]
    return np.sort(best[rank[best] > 0])


def pruned(model: Any, keep: Rows) -> tuple[bytes, Rows]:
    """A SentencePiece model (a `ModelProto`) of the kept pieces and of all that are no normal ones; and their old ids.

    Pieces are really left out, not marked unknown: a word of a dropped piece is then spelt in smaller ones.
    """
    wanted = set(keep.tolist())
    kept = [number for number, piece in enumerate(model.pieces) if number in wanted or piece.type != piece.NORMAL]
    made = type(model)()
    made.CopyFrom(model)
    del made.pieces[:]
    for number in kept:
        made.pieces.add().CopyFrom(model.pieces[number])
    held: bytes = made.SerializeToString()
    return held, np.array(kept, np.int64)


def read_model(path: Path) -> Any:
    """The `ModelProto` of a SentencePiece file."""
    from sentencepiece import sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto()
    model.ParseFromString(path.read_bytes())
    return model


def unigram_model(pieces: Sequence[str], scores: Floats, controls: Sequence[int], unknown: int) -> Any:
    """The `ModelProto` of a unigram model over NFKC text, as XLM-R and its kin read it."""
    from sentencepiece import SentencePieceNormalizer, sentencepiece_model_pb2

    model = sentencepiece_model_pb2.ModelProto()
    # The rules come compiled: only the library can say them.
    model.ParseFromString(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    model.normalizer_spec.name = "nmt_nfkc"
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    for number, (piece, score) in enumerate(zip(pieces, scores, strict=True)):
        added = model.pieces.add()
        added.piece, added.score = piece, float(score)
        if number == unknown:
            added.type = added.UNKNOWN
        elif number in controls:
            added.type = added.CONTROL
    model.trainer_spec.vocab_size = len(pieces)
    model.trainer_spec.unk_id = unknown
    return model


def packed_rows(vectors: Floats) -> dict[str, NDArray[Any]]:
    """Each row under one scale, cut where that costs least; of a byte the low half comes first."""
    scale = np.abs(vectors).max(axis=1, keepdims=True) / 7.5 + 1e-9
    best = np.full(len(vectors), np.inf)
    numbers = np.zeros(vectors.shape, np.int8)
    scales = scale.copy()
    for cut in CUTS:
        tried = np.clip(np.rint(vectors / (cut * scale)), -8, 7)
        error = ((tried * cut * scale - vectors) ** 2).sum(axis=1)
        better = error < best
        best[better], numbers[better], scales[better] = error[better], tried[better], cut * scale[better]
    halves = (numbers + 8).astype(np.uint8)
    return {"q": halves[:, ::2] | halves[:, 1::2] << 4, "s": scales.astype(np.float16)}


def packed_blocks(vectors: Floats) -> dict[str, NDArray[Any]]:
    """Each block of 32 under its own scale; the low halves of a block's bytes come before the high ones."""
    blocks = vectors.reshape(-1, BLOCK)
    scale = np.abs(blocks).max(axis=1, keepdims=True) / 8 + 1e-12
    numbers = np.clip(np.rint(blocks / scale) + 8, 0, 15).astype(np.uint8)
    return {"q": numbers[:, : BLOCK // 2] | numbers[:, BLOCK // 2 :] << 4, "s": scale.astype(np.float16)}


def write_embedding(path: Path, packed: dict[str, NDArray[Any]]) -> None:
    """Write the packed vectors as the scorer reads them."""
    with path.open("wb") as file:
        np.savez_compressed(file, q=packed["q"], s=packed["s"])


def _written_in(piece: str) -> bool:
    return all(map(_ours, piece))


@cache
def _ours(character: str) -> bool:
    if not character.isalpha():
        return unicodedata.category(character)[0] != "C"
    return unicodedata.name(character, "").startswith(SCRIPTS)
