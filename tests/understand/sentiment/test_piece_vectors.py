"""What is kept of pieces: never anything else than what would be worked out anew."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from buzzguard.model import Text
from buzzguard.understand.sentiment.default import DefaultScorer
from buzzguard.understand.sentiment.encoder import Encoder, Layout
from buzzguard.understand.sentiment.piece_vectors import KnownPieces, Packed
from buzzguard.understand.sentiment.weights_folder import SHIPPED, WeightsUnreadable

PIECES, WIDTH = 40, 6


class FirstHalf:
    """Says of a piece its vector and the double of it, and counts how often it is asked."""

    def __init__(self) -> None:
        self.runs = 0

    def get_outputs(self) -> list[Any]:
        return [SimpleNamespace(shape=["texts", "pieces", 2 * WIDTH])]

    def run(self, _names: None, given: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float16]]:
        self.runs += 1
        assert np.array_equal(given["mask"], np.ones((1, given["vectors"].shape[1], 1)))
        return [np.concatenate([given["vectors"], 2 * given["vectors"]], axis=-1).astype(np.float16)]


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Packed:
    dice = np.random.default_rng(0)
    path = tmp_path_factory.mktemp("packed") / "embedding.npz"
    np.savez(
        path,
        q=dice.integers(0, 256, (PIECES, WIDTH // 2)).astype(np.uint8),
        s=dice.uniform(0.1, 1, PIECES).astype(np.float16),
    )
    return Packed(path, PIECES, halves=False)


def test_a_vector_is_its_halves_less_eight(tmp_path: Path) -> None:
    np.savez(tmp_path / "e.npz", q=np.array([[0x80, 0xF1]], np.uint8), s=np.ones(1, np.float16))
    assert Packed(tmp_path / "e.npz", 1, halves=False).numbers(slice(None)).tolist() == [[[-8, 0, -7, 7]]]
    assert Packed(tmp_path / "e.npz", 1, halves=True).numbers(slice(None)).tolist() == [[[-8, -7, 0, 7]]]


@settings(max_examples=40, deadline=None)
@given(texts=st.lists(st.lists(st.integers(0, PIECES - 1), min_size=1, max_size=6), min_size=1, max_size=12))
def test_little_room_changes_nothing_but_the_work(packed: Packed, texts: list[list[int]]) -> None:
    small = KnownPieces(packed, FirstHalf(), room=8)
    for text in texts:
        rows, there = np.array([[*text, 0]]), np.array([[True] * len(text) + [False]])
        found = small.given(rows, there)
        wanted = packed.numbers(rows[0])[:, 0] * packed.scales[rows[0]] * there[0][:, None]
        assert np.array_equal(found["vectors"][0] * found["scales"][0], wanted)
        assert np.array_equal(found["near"][0], np.concatenate([wanted, 2 * wanted], axis=-1).astype(np.float16))


def test_a_piece_is_worked_out_once(packed: Packed) -> None:
    first_half = FirstHalf()
    known = KnownPieces(packed, first_half)
    rows = np.arange(PIECES)[None]
    for _ in range(3):
        known.given(rows, np.ones(rows.shape, np.bool_))
    assert first_half.runs == 2


def test_without_its_first_half_a_cut_graph_is_refused(tmp_path: Path) -> None:
    for path in SHIPPED.iterdir():
        if path.name != "pieces.onnx":
            (tmp_path / path.name).symlink_to(path)
    with pytest.raises(WeightsUnreadable, match=r"weights_missing.*pieces\.onnx"):
        Encoder(tmp_path, Layout())
    missing = DefaultScorer(tmp_path).missing
    assert missing is not None and missing.reason == "weights_missing"


def test_of_the_shipped_weights_an_answer_depends_on_its_text_alone() -> None:
    bodies = [
        "Un service client honteux",
        "Thank you so much 😀",
        "bof",
        "شكرا جزيلا",
        "a " * 200,
        "The shop opens at nine",
    ]
    texts = [Text(text=body) for body in bodies]
    together = DefaultScorer().score(texts)
    later = DefaultScorer()
    alone = [later.score([text])[0] for text in reversed(texts)]
    assert alone[::-1] == together
