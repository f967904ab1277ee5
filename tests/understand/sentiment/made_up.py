"""Made-up weights of every tier, small and understood: what the words below say is what the tiers find."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
from sentencepiece import SentencePieceTrainer

from buzzguard.understand.sentiment.features import ROWS, hashed

BAD, GOOD, DULL = "terrible", "magnifique", "bonjour"
WORDS = (BAD, GOOD, DULL)
"""What each tier has learned: the side of these three words."""
WIDTH = 4


def quick_weights(folder: Path) -> None:
    """A table in which the three words are all there is."""
    roots = np.zeros((ROWS, 3), np.int8)
    frequency = np.zeros(ROWS, np.uint8)
    for word, side in ((BAD, 0), (GOOD, 2), (DULL, 1)):
        for rows in (block.rows for block in hashed([word])):
            roots[rows, side] = 100
            frequency[rows] = 255
    np.savez_compressed(
        folder / "quick.npz",
        q=roots,
        sc=np.full(3, 0.0005, np.float32),
        qi=frequency,
        s2=np.float32(0.01),
        b=np.array([-0.1, 0.1, -0.1], np.float32),
    )


def encoder_weights(folder: Path, *, halves: bool = False, width: int = WIDTH) -> None:
    """An encoder that adds up the vectors of its pieces; each of the three words has a piece."""
    pieces = BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter([" ".join(WORDS), "a b c d e"] * 20),
        model_writer=pieces,
        vocab_size=40,
        user_defined_symbols=list(WORDS),
        hard_vocab_limit=False,
        minloglevel=2,
    )
    (folder / "sp.model").write_bytes(pieces.getvalue())
    _embedding(folder, halves=halves)
    (folder / "encoder.onnx").write_bytes(summing_graph(width))


def _embedding(folder: Path, *, halves: bool) -> None:
    from sentencepiece import SentencePieceProcessor

    pieces = SentencePieceProcessor(model_file=str(folder / "sp.model"))
    numbers = np.full((pieces.get_piece_size(), WIDTH), 8, np.uint8)
    for side, word in enumerate((BAD, DULL, GOOD)):
        numbers[pieces.piece_to_id(word), side] = 15
    low, high = (numbers[:, : WIDTH // 2], numbers[:, WIDTH // 2 :]) if halves else (numbers[:, ::2], numbers[:, 1::2])
    scales = np.full((len(numbers), 1), 0.5, np.float16)
    np.savez_compressed(folder / "embedding.npz", q=low | (high << 4), s=scales)


def write(folder: Path, **tiers: dict[str, float]) -> Path:
    """All files of the quick and the default tier; `tiers` is what was measured of each."""
    quick_weights(folder)
    encoder_weights(folder)
    (folder / "calibration.json").write_text(json.dumps(tiers))
    return folder


def write_accurate(folder: Path, **measured: float) -> Path:
    """The files of the accurate tier's package."""
    encoder_weights(folder, halves=True)
    (folder / "calibration.json").write_text(json.dumps({"accurate": measured}))
    return folder


def summing_graph(width: int) -> bytes:
    """ONNX, written by hand: the first three places of all vectors of a text, added up."""
    picks = np.eye(width, 3, dtype=np.float32)
    weights = _number(1, width) + _number(1, 3) + _number(2, 1) + _text(8, "w") + _field(9, picks.tobytes())
    matmul = _text(1, "e") + _text(1, "w") + _text(2, "x") + _text(4, "MatMul")
    axes = _text(1, "axes") + _number(8, 1) + _number(20, 7)
    keep = _text(1, "keepdims") + _number(3, 0) + _number(20, 2)
    added = _text(1, "x") + _text(2, "o") + _text(4, "ReduceSum") + _field(5, axes) + _field(5, keep)
    graph = _field(1, matmul) + _field(1, added) + _text(2, "g") + _field(5, weights)
    graph += _field(11, _value("e", "B", "T", width)) + _field(11, _value("m", "B", "T", 1))
    graph += _field(12, _value("o", "B", 3))
    return _number(1, 7) + _field(7, graph) + _field(8, _number(2, 11))


def _value(name: str, *shape: str | int) -> bytes:
    sizes = (_text(2, size) if isinstance(size, str) else _number(1, size) for size in shape)
    dimensions = b"".join(_field(1, size) for size in sizes)
    return _text(1, name) + _field(2, _field(1, _number(1, 1) + _field(2, dimensions)))


def _text(field: int, text: str) -> bytes:
    return _field(field, text.encode())


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _number(field: int, number: int) -> bytes:
    return _varint(field << 3) + _varint(number)


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])
