"""Trains the accurate tier: multilingual-e5-small, fine-tuned on all sets and then on UMSAB alone.

About an hour on one core with bfloat16. The embedding is not trained: it is shipped in 4 bits, of the pieces that the
corpus needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from buzzguard.understand.sentiment.emoji_names import prepared
from buzzguard.understand.train import e5, export, pieces
from buzzguard.understand.train.corpus import MAIN, Corpus, Example, capped, labels, texts, weights
from buzzguard.understand.train.loop import Epoch, Floats, Plan, Said, Targets, Training, predict

CAPS = {"semeval17": 5_000, "de_tweets": 2_800, "hinglish": 2_500, "spanglish": 2_000}
"""Texts a class of the larger sets in the mixed pass: more of them would drown the rest."""
OTHER_CAP = 2_500
EVENNESS = 0.9
MAIN_PASSES = 2
PLAN = Plan(peak=8e-5, smoothing=0.05)
DECAY = 0.95
"""Factor on the rate from each layer to the one below: the lower ones know the languages, and shall not forget."""
HEAD = 3.0
MOST_PIECES = 55_000
"""Of 250,000; what is shipped of the vocabulary."""
TRAINED_LENGTH = 64
SAMPLED = 2_000
"""Texts that the scales of the 8-bit graph are fixed on."""
SEED = 0


def train(corpus: Corpus, kept: Path | None, say: Said) -> tuple[e5.E5, e5.Base]:
    """The fine-tuned network. `kept`: a file of the state, from which an interrupted training goes on."""
    torch.manual_seed(SEED)
    base = e5.read_base(e5.base_file())
    net = e5.E5(base)
    spell = speller(base, TRAINED_LENGTH)
    rng = np.random.default_rng(SEED)
    caps = {one.source: CAPS.get(one.source, OTHER_CAP) for one in corpus.train}
    mixed = capped(corpus.train, caps, rng)
    main = [one for one in corpus.train if one.source == MAIN] or mixed
    epochs = [Epoch(spell(texts(part)), targets(part, corpus)) for part in (mixed, *[main] * MAIN_PASSES)]
    Training(net, [optimiser(net)], PLAN, kept).run(epochs, base.padding, SEED, say)
    return net, base


def targets(examples: Sequence[Example], corpus: Corpus) -> Targets:
    """The labels of texts as what to learn."""
    two_sided = np.array([one.source in corpus.two_sided for one in examples], np.bool_)
    return Targets(labels(examples), weights(examples, evenness=EVENNESS), two_sided)


def optimiser(net: e5.E5) -> Any:
    """AdamW, slower towards the bottom."""
    groups = []
    for name, one in net.named_parameters():
        if one.requires_grad:
            decay = 0.01 if one.ndim > 1 else 0.0
            groups.append({"params": [one], "weight_decay": decay, "factor": _factor(name, len(net.layers))})
    return torch.optim.AdamW(groups, lr=PLAN.peak, betas=(0.9, 0.98))


def speller(base: e5.Base, most: int) -> Any:
    """A function from texts to rows of pieces, at most `most` and the two at the ends."""
    made = e5.tokeniser(base)

    def spell(bodies: Sequence[str]) -> list[list[int]]:
        encoded = made.encode_batch([e5.PREFIX + prepared(body) for body in bodies])
        return [[base.first, *one.ids[:most], base.last] for one in encoded]

    return spell


def logits(net: e5.E5, base: e5.Base, bodies: Sequence[str]) -> Floats:
    """What the network says of texts, before it is cut down for shipping."""
    return predict(net, speller(base, TRAINED_LENGTH)(bodies), base.padding)


def write(net: e5.E5, base: e5.Base, corpus: Corpus, folder: Path) -> None:
    """Write the three files that the scorer reads: graph in 8 bits, vocabulary, embedding in 4 bits."""
    tokens = speller(base, TRAINED_LENGTH)(texts(corpus.train))
    keep = pieces.chosen(base.pieces, base.scores, tokens, MOST_PIECES)
    model = pieces.unigram_model(base.pieces, base.scores, (base.first, base.last, base.padding), base.unknown)
    held, kept = pieces.pruned(model, keep)
    (folder / "sp.model").write_bytes(held)
    vectors: NDArray[np.float32] = net.emb.weight.detach().numpy()[kept]
    pieces.write_embedding(folder / "embedding.npz", pieces.packed_blocks(vectors))
    sample = export.inputs(net, tokens[:: max(1, len(tokens) // SAMPLED)], base.padding, mask_is_column=False)
    export.write_graph(net, folder / "encoder.onnx", sample)


def _factor(name: str, layers: int) -> float:
    if name.startswith("layers."):
        return DECAY ** (layers - 1 - int(name.split(".")[1]))
    return HEAD if name.startswith("head") else DECAY**layers
