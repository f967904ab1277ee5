"""What of a vocabulary is kept, and how its vectors are packed."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from buzzguard.understand.train import pieces
from buzzguard.understand.train.lesson import halves

WORDS = ["<unk>", "<s>", "</s>", "▁", "▁bon", "▁nul", "jour", "▁café", "б", "▁да", "s", "é", "▁très", "!", "ب"]
SCORES = -np.arange(len(WORDS), dtype=np.float32)


def kept(most: int, tokens: list[list[int]]) -> list[str]:
    return [WORDS[row] for row in pieces.chosen(WORDS, SCORES, tokens, most)]


def test_what_the_corpus_holds_comes_first_in_any_script() -> None:
    assert kept(2, [[9, 7], [9, 7]]) == ["▁café", "▁да"]


def test_then_single_characters_of_our_scripts() -> None:
    found = kept(7, [[9, 9]])
    assert {"▁да", "s", "é", "!", "ب", "▁"} < set(found)
    assert "б" not in found


def test_pieces_of_other_scripts_are_never_kept_unseen() -> None:
    assert not {"б", "▁да"} & set(kept(100, []))


def test_a_pruned_model_spells_what_it_lost_in_smaller_pieces(tmp_path: Path) -> None:
    from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

    held = io.BytesIO()
    lines = ["le service est vraiment nul", "la qualité est superbe", "nul nul nul", "service service"] * 20
    SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=held, vocab_size=40, hard_vocab_limit=False, minloglevel=2
    )
    (tmp_path / "whole.model").write_bytes(held.getvalue())
    model = pieces.read_model(tmp_path / "whole.model")
    single = [row for row, piece in enumerate(model.pieces) if len(piece.piece) == 1]
    small, rows = pieces.pruned(model, np.array(single))
    whole, cut = SentencePieceProcessor(model_proto=held.getvalue()), SentencePieceProcessor(model_proto=small)
    assert len(whole.encode("nul nul")) < len(cut.encode("nul nul"))
    assert cut.decode(cut.encode("nul nul")) == "nul nul"
    assert [model.pieces[row].piece for row in rows] == [cut.id_to_piece(row) for row in range(len(rows))]
    assert (cut.bos_id(), cut.eos_id()) == (whole.bos_id(), whole.eos_id())


def test_a_model_made_of_pieces_reads_as_its_maker_did() -> None:
    from sentencepiece import SentencePieceProcessor

    names = ["<s>", "<pad>", "</s>", "<unk>", "▁nu", "l", "▁", "n", "u", "▁bien"]
    scores = np.array([0, 0, 0, 0, -1, -2, -3, -4, -4, -1], np.float32)
    model = pieces.unigram_model(names, scores, (0, 1, 2), 3)
    made = SentencePieceProcessor(model_proto=model.SerializeToString())
    assert made.encode("ｎｕｌ  bien", out_type=str) == ["▁nu", "l", "▁bien"]
    assert (made.bos_id(), made.eos_id(), made.unk_id()) == (0, 2, 3)


@pytest.mark.parametrize("halved", [False, True])
def test_packed_vectors_come_back_near(halved: bool) -> None:
    vectors = np.random.default_rng(0).normal(0, 1, (20, 64)).astype(np.float32)
    packed = pieces.packed_blocks(vectors) if halved else pieces.packed_rows(vectors)
    low, high = packed["q"] & 15, packed["q"] >> 4
    numbers = np.concatenate([low, high], 1) if halved else np.stack([low, high], -1).reshape(len(low), -1)
    again = ((numbers.astype(np.float32) - 8) * packed["s"].astype(np.float32)).reshape(vectors.shape)
    step = np.repeat(packed["s"].astype(np.float32).ravel(), vectors.size // packed["s"].size).reshape(vectors.shape)
    # A row may be cut where few numbers lie far out: the others gain by it.
    assert (np.abs(again - vectors) <= 1.01 * step).mean() > (0.999 if halved else 0.95)
    assert np.corrcoef(again.ravel(), vectors.ravel())[0, 1] > 0.99


def test_halves_of_a_text_hold_all_its_words() -> None:
    assert halves("un deux trois quatre cinq six sept") == ["un deux trois", "quatre cinq six sept"]
    assert halves("trop court pour deux") == []
