"""Trains the encoder of the default tier: a small convolutional one that learns from the labels, then from a teacher.

From the labels alone: two passes over all sets, two over UMSAB. With a teacher (the accurate tier) two passes more over
what it says of all texts, of their parts, and of unlabelled ones: this is worth two points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from buzzguard.understand.sentiment.emoji_names import prepared
from buzzguard.understand.train import by_piece, export, pieces, use
from buzzguard.understand.train.accurate import CAPS, OTHER_CAP, SAMPLED, targets
from buzzguard.understand.train.corpus import MAIN, Corpus, capped, texts
from buzzguard.understand.train.lesson import Lesson
from buzzguard.understand.train.loop import Epoch, Floats, Plan, Said, Targets, Training, predict

FROM_LABELS = Plan(peak=3e-4, dropout=0.2)
FROM_TEACHER = Plan(peak=2.5e-4, size=48, dropout=0.15, average_from=1)
PEAKS = (2.5e-4, 1.5e-4)
"""The teacher is heard twice: the second time, from a lower rate, was worth a point again."""
TEACHER_PASSES = 2
UNLABELLED_WEIGHT = 0.7
MOST_PIECES = 53_000
EXACT = ("/wide/MatMul",)
"""The layer that reads the vectors: in 8 bits it makes nine tenths of the error, and costs more than a point."""
TRAINED_LENGTH = 80
SEED = 1
PADDING = 0
"""Any row: the mask hides it."""


def from_labels(corpus: Corpus, kept: Path | None, say: Said) -> use.Use:
    """The encoder trained on labels alone."""
    torch.manual_seed(SEED)
    net = use.Use(use.read_base(use.folder() / "weights.npz"))
    rng = np.random.default_rng(SEED)
    caps = {one.source: CAPS.get(one.source, OTHER_CAP) for one in corpus.train}
    main = [one for one in corpus.train if one.source == MAIN] or list(corpus.train)
    parts = [capped(corpus.train, caps, rng), capped(corpus.train, caps, rng), main, main]
    spell = speller(TRAINED_LENGTH)
    epochs = [Epoch(spell(texts(part)), targets(part, corpus)) for part in parts]
    Training(net, optimisers(net), FROM_LABELS, kept).run(epochs, PADDING, SEED, say)
    return net


def from_teacher(net: use.Use, lesson: Lesson, corpus: Corpus, kept: Path | None, say: Said) -> None:
    """Teach the encoder on, in place."""
    known = targets(lesson.examples, corpus)
    more = len(lesson.bodies) - len(lesson.examples)
    wanted = Targets(
        np.concatenate([known.labels, np.full(more, -1)]),
        np.concatenate([known.importance, np.full(more, UNLABELLED_WEIGHT)]),
        np.concatenate([known.open, np.zeros(more, np.bool_)]),
        lesson.said,
    )
    epoch = Epoch(speller(TRAINED_LENGTH)(lesson.bodies), wanted)
    for turn, peak in enumerate(PEAKS):
        own = kept.with_suffix(f".{turn}") if kept else None
        plan = FROM_TEACHER._replace(peak=peak)
        Training(net, optimisers(net), plan, own).run([epoch] * TEACHER_PASSES, PADDING, SEED + turn, say)


def optimisers(net: use.Use) -> list[Any]:
    """AdamW for what is dense, its sparse kin for the embedding."""
    dense = [one for name, one in net.named_parameters() if name != "emb.weight"]
    return [
        torch.optim.AdamW(dense, lr=FROM_LABELS.peak, weight_decay=0.01),
        torch.optim.SparseAdam([net.emb.weight], lr=FROM_LABELS.peak),
    ]


def speller(most: int) -> Callable[[Sequence[str]], list[list[int]]]:
    """A function from texts to rows of pieces, at most `most` and the two at the ends."""
    from sentencepiece import SentencePieceProcessor

    made = SentencePieceProcessor(model_file=str(use.folder() / "sp.model"))
    first, last = made.bos_id(), made.eos_id()

    def spell(bodies: Sequence[str]) -> list[list[int]]:
        return [[first, *one[:most], last] for one in made.encode([prepared(body) for body in bodies])]

    return spell


def logits(net: use.Use, bodies: Sequence[str]) -> Floats:
    """What the network says of texts, before it is cut down for shipping."""
    return predict(net, speller(TRAINED_LENGTH)(bodies), PADDING)


def write(net: use.Use, corpus: Corpus, folder: Path) -> None:
    """Write the files that the scorer reads: graph in 8 bits, cut in two, vocabulary, embedding in 4 bits."""
    model = pieces.read_model(use.folder() / "sp.model")
    names = [piece.piece for piece in model.pieces]
    scores = np.array([piece.score for piece in model.pieces], np.float32)
    tokens = speller(TRAINED_LENGTH)(texts(corpus.train))
    keep = pieces.chosen(names, scores, tokens, MOST_PIECES)
    held, kept = pieces.pruned(model, keep)
    (folder / "sp.model").write_bytes(held)
    vectors: NDArray[np.float32] = net.emb.weight.detach().numpy()[kept]
    pieces.write_embedding(folder / "embedding.npz", pieces.packed_rows(vectors))
    sample = export.inputs(net, tokens[:: max(1, len(tokens) // SAMPLED)], PADDING, mask_is_column=True)
    export.write_graph(net, folder / "encoder.onnx", sample, EXACT)
    cut_in_two(folder)


def cut_in_two(folder: Path) -> None:
    """Cut the graph of `folder`, in place, into what is worked out once a piece and what is once a text."""
    parts = by_piece.halves((folder / "encoder.onnx").read_bytes())
    (folder / "pieces.onnx").write_bytes(parts.pieces)
    (folder / "encoder.onnx").write_bytes(parts.rest)
