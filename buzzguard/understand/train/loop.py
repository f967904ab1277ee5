"""What training both encoders shares: batches of like lengths, a rate that rises and falls, weights averaged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from buzzguard.understand.train.corpus import CLASSES, NEUTRAL

BATCH = 32
BUCKETS = 50
"""Batches that are cut from one shuffled stretch sorted by length: little padding, still a different mix each time."""
IMPOSSIBLE = -30.0
NEWER = 1 / 35
"""Share of the present weights in their running average, taken every tenth step."""
EVERY = 10
REPORTED = 200
"""Steps between two reports, and between two states kept."""

Floats = NDArray[np.float32]
Said = Callable[[str], None]


class Targets(NamedTuple):
    """What each text of an epoch should be given: labels (-1 for none), a teacher's probabilities, or both.

    `importance` weighs the texts; `open` marks those whose label is wrong about neutral: their source has none.
    """

    labels: NDArray[np.int64]
    importance: NDArray[np.float64]
    open: NDArray[np.bool_]
    taught: Floats | None = None


class Epoch(NamedTuple):
    """The texts of one pass, as pieces, and their targets."""

    tokens: list[list[int]]
    targets: Targets


class Plan(NamedTuple):
    """How a network is trained. `average_from`: the epoch from which on weights are averaged; none where it is past."""

    peak: float
    size: int = BATCH
    dropout: float = 0.1
    smoothing: float = 0.0
    average_from: int = 99


def batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> list[list[int]]:
    """Rows in batches of like length, all of them once, in random order."""
    order = rng.permutation(len(lengths)).tolist()
    made = []
    for begin in range(0, len(order), size * BUCKETS):
        stretch = sorted(order[begin : begin + size * BUCKETS], key=lambda row: lengths[row])
        made += [stretch[first : first + size] for first in range(0, len(stretch), size)]
    return [made[place] for place in rng.permutation(len(made)).tolist()]


def padded(tokens: Sequence[Sequence[int]], padding: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of one length, and the lengths they had."""
    lengths = [len(one) for one in tokens]
    rows = torch.full((len(tokens), max(lengths)), padding)
    for row, one in enumerate(tokens):
        rows[row, : len(one)] = torch.tensor(one)
    return rows, torch.tensor(lengths)


def loss(logits: torch.Tensor, targets: Targets, rows: Sequence[int], *, smoothing: float = 0.0) -> torch.Tensor:
    """Cross entropy against the labels, or three parts of four against the teacher where there is one (Hinton 2015).

    A text of a source without neutral is asked only to be on the right side of the two.
    """
    logits = logits.float()
    importance = torch.tensor(targets.importance[rows], dtype=torch.float32)
    hard = _hard(logits, targets, rows, smoothing)
    if targets.taught is None:
        return (hard * importance).mean()
    heat = 1.5
    wanted = functional.softmax(torch.tensor(targets.taught[rows]) / heat, 1)
    soft = functional.kl_div(functional.log_softmax(logits / heat, 1), wanted, reduction="none").sum(1)
    return ((0.75 * heat * heat * soft + 0.25 * hard) * importance).mean()


def _hard(logits: torch.Tensor, targets: Targets, rows: Sequence[int], smoothing: float) -> torch.Tensor:
    asked = torch.tensor(targets.labels[rows])
    whole = functional.cross_entropy(logits, asked, reduction="none", ignore_index=-1, label_smoothing=smoothing)
    unknown = torch.tensor(targets.open[rows])
    if not unknown.any():
        return whole
    neutral = torch.arange(CLASSES)[None] == NEUTRAL
    shut = torch.where(neutral, logits + IMPOSSIBLE, logits)
    return torch.where(unknown, functional.cross_entropy(shut, asked, reduction="none", ignore_index=-1), whole)


def rate(step: int, steps: int, *, peak: float, warm: int) -> float:
    """The learning rate: up to `peak` over `warm` steps, then down to a fortieth of it on a line."""
    if step < warm:
        return peak * (step + 1) / warm
    return peak * (1 - (step - warm) / max(1, steps - warm) * 39 / 40)


class Average:
    """The running average of weights: it lies flatter than any of them, and generalises better (Izmailov 2018)."""

    def __init__(self, net: Any) -> None:
        self._own = {name: one for name, one in net.named_parameters() if one.requires_grad}
        self.mean: dict[str, torch.Tensor] = {}

    def take(self) -> None:
        """Take the present weights in."""
        for name, one in self._own.items():
            if name in self.mean:
                self.mean[name].lerp_(one.detach(), NEWER)
            else:
                self.mean[name] = one.detach().clone()

    def put(self) -> None:
        """Exchange the weights and their average; again, and all is as before. Nothing to do before `take`."""
        with torch.no_grad():
            for name, mean in self.mean.items():
                present = self._own[name].detach().clone()
                self._own[name].copy_(mean)
                self.mean[name] = present


def predict(net: Any, tokens: Sequence[Sequence[int]], padding: int, size: int = 64) -> Floats:
    """Logits of texts, in their order."""
    net.eval()
    made = np.zeros((len(tokens), CLASSES), np.float32)
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for begin in range(0, len(order), size):
            rows = order[begin : begin + size]
            made[rows] = net(*padded([tokens[row] for row in rows], padding)).float().numpy()
    net.train()
    return made


class Training:
    """One training of a network, from the first batch to the last; what was done is kept in a file and gone on from.

    `optimisers` have groups of parameters, each with its `factor` on the learning rate (1 where it has none).
    """

    def __init__(self, net: Any, optimisers: Sequence[Any], plan: Plan, kept: Path | None = None) -> None:
        self._net = net
        self._optimisers = optimisers
        self._plan = plan
        self._kept = kept
        self._average = Average(net)
        self._done = 0
        if kept and kept.is_file():
            self._resume(torch.load(kept, weights_only=True))

    def run(self, epochs: Sequence[Epoch], padding: int, seed: int, say: Said) -> None:
        """Train, and leave the averaged weights in the network. `say` is told of the progress."""
        rng = np.random.default_rng(seed)
        todo = [
            (number, rows)
            for number, epoch in enumerate(epochs)
            for rows in batches([len(one) for one in epoch.tokens], self._plan.size, rng)
        ]
        torch.manual_seed(seed + self._done)
        self._net.train()
        losses: list[float] = []
        for step in range(self._done, len(todo)):
            number, rows = todo[step]
            self._pace(rate(step, len(todo), peak=self._plan.peak, warm=min(150, 1 + len(todo) // 10)))
            losses.append(self._step(epochs[number], rows, padding))
            if number >= self._plan.average_from and step % EVERY == 0:
                self._average.take()
            if (step + 1) % REPORTED == 0:
                say(f"step {step + 1} of {len(todo)}, loss {np.mean(losses[-REPORTED:]):.3f}")
                self._keep(step + 1)
        self._average.put()

    def _step(self, epoch: Epoch, rows: list[int], padding: int) -> float:
        ids, lengths = padded([epoch.tokens[row] for row in rows], padding)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self._net(ids, lengths, self._plan.dropout)
        lost = loss(logits, epoch.targets, rows, smoothing=self._plan.smoothing)
        for one in self._optimisers:
            one.zero_grad(set_to_none=True)
        lost.backward()
        # A sparse gradient, of the embedding, has no length that torch would cut.
        dense = [one for one in self._net.parameters() if one.grad is not None and not one.grad.is_sparse]
        torch.nn.utils.clip_grad_norm_(dense, 1.0)
        for one in self._optimisers:
            one.step()
        return float(lost.detach())

    def _pace(self, present: float) -> None:
        for one in self._optimisers:
            for group in one.param_groups:
                group["lr"] = present * group.get("factor", 1.0)

    def _keep(self, done: int) -> None:
        if not self._kept:
            return
        held = {
            "done": done,
            "net": self._net.state_dict(),
            "optimisers": [one.state_dict() for one in self._optimisers],
            "average": self._average.mean,
        }
        part = self._kept.with_suffix(".part")
        torch.save(held, part)
        part.replace(self._kept)

    def _resume(self, held: dict[str, Any]) -> None:
        self._done = held["done"]
        self._net.load_state_dict(held["net"])
        for one, state in zip(self._optimisers, held["optimisers"], strict=True):
            one.load_state_dict(state)
        self._average.mean = held["average"]
