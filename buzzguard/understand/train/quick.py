"""Trains the quick tier: a linear model over the n-grams that the scorer hashes.

Support vector machines over the two kinds of n-gram, weighed by inverse document frequency and each scaled to length
one. From labels alone, two models are averaged, one of UMSAB and one of all sets: the one knows the balance of its
languages, the other more words. With a teacher (the accurate tier) one model learns from all texts: that the sets do
not agree about what is neutral no longer harms. Either is worth a point.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from buzzguard.understand.sentiment.features import ROWS, SIZE, hashed
from buzzguard.understand.train.corpus import CLASSES, MAIN, Example, labels, texts, weights
from buzzguard.understand.train.lesson import Lesson

BATCH = 2_000
RARE = 2
"""Texts that must hold an n-gram for it to have a weight."""
EVENNESS = 0.5
MAIN_WEIGHT = 2.0
UNLABELLED_WEIGHT = 0.7
TRUST = 0.5
"""In a label, against the teacher."""
STRENGTH = 0.1
"""Of the data against the wish that weights are small (the machine's C)."""
MAIN_SHARE = 0.3
"""Share of the model of UMSAB alone."""
ROUNDS = 150
DOUBT = 0.02
"""A text is no example of what it is with less probability."""
FILE = "quick.npz"

Floats = NDArray[np.float64]


class Linear(NamedTuple):
    """Weights of all rows (row by class, most of them zero), bias, and inverse document frequencies."""

    weights: NDArray[np.float32]
    bias: Floats
    frequency: NDArray[np.float32]


def train(examples: Sequence[Example], lesson: Lesson | None = None) -> Linear:
    """The linear model of `examples`; with a lesson whose examples they are, also of what its teacher says."""
    bodies = lesson.bodies if lesson else texts(examples)
    counted = counts(bodies)
    frequency = inverse_frequency(counted)
    columns = np.flatnonzero(frequency)
    table = scaled(counted, frequency)[:, columns]
    wanted = targets(examples, lesson)
    importance = np.full(len(bodies), UNLABELLED_WEIGHT)
    importance[: len(examples)] = weights(examples, evenness=EVENNESS)
    main = np.flatnonzero([one.source == MAIN for one in examples])
    parts = [(1.0, np.arange(len(bodies)), 1.0)]
    if 0 < len(main) < len(bodies):
        importance[main] *= MAIN_WEIGHT
        if not lesson:
            parts = [(1 - MAIN_SHARE, parts[0][1], 1.0), (MAIN_SHARE, main, 1 / MAIN_WEIGHT)]
    solved = [(share, *solve(table[rows], wanted[rows], factor * importance[rows])) for share, rows, factor in parts]
    whole = np.zeros((ROWS, CLASSES), np.float32)
    whole[columns] = sum(share * found for share, found, _ in solved)
    bias: Floats = np.sum([share * found for share, _, found in solved], axis=0)
    return Linear(whole, bias, frequency)


def targets(examples: Sequence[Example], lesson: Lesson | None) -> Floats:
    """Probabilities to learn: of a label one, of a label and a teacher their mean, of a teacher alone what it says."""
    hard = np.eye(CLASSES)[labels(examples)]
    if lesson is None:
        return hard
    powers = np.exp(lesson.said.astype(np.float64) - lesson.said.max(axis=1, keepdims=True))
    wanted: Floats = powers / powers.sum(axis=1, keepdims=True)
    wanted[: len(examples)] += TRUST * (hard - wanted[: len(examples)])
    return wanted


def counts(bodies: Sequence[str]) -> Any:
    """How often each text holds each n-gram: a sparse matrix, text by row of the table."""
    parts = []
    for begin in range(0, len(bodies), BATCH):
        shape = (len(bodies[begin : begin + BATCH]), ROWS)
        found = hashed(bodies[begin : begin + BATCH])
        both = [
            sparse.csr_matrix((np.ones(len(block.rows), np.float32), block.rows, block.start), shape) for block in found
        ]
        for one in both:
            one.sum_duplicates()
        parts.append(both[0] + both[1])
    return sparse.vstack(parts).tocsr()


def inverse_frequency(counted: Any) -> NDArray[np.float32]:
    """The weight of each row; zero for what is too rare."""
    held = np.bincount(counted.indices, minlength=ROWS)
    common = np.log((1 + counted.shape[0]) / (1 + held)) + 1
    return np.where(held >= RARE, common, 0).astype(np.float32)


def scaled(counted: Any, frequency: NDArray[np.float32]) -> Any:
    """What the weights multiply: both kinds of n-gram of each text scaled to length one, as the scorer does."""
    parts = []
    for rows in (slice(0, SIZE), slice(SIZE, ROWS)):
        part = counted[:, rows]
        lengths = np.sqrt(part @ frequency[rows] ** 2) + 1e-6
        parts.append(sparse.diags((1 / lengths).astype(np.float32)) @ part @ sparse.diags(frequency[rows]))
    return sparse.hstack(parts).tocsr().astype(np.float32)


def solve(table: Any, wanted: Floats, importance: Floats) -> tuple[Floats, Floats]:
    """Weights and bias of a support vector machine for each class against the others (squared hinge).

    `wanted`: probabilities, one row a text; a label is a row with a one. A text that is .7 negative counts .7 as
    negative and .3 as not.
    """
    from sklearn.svm import LinearSVC

    found = np.zeros((table.shape[1], CLASSES))
    bias = np.zeros(CLASSES)
    for side in range(CLASSES):
        yes, no = np.flatnonzero(wanted[:, side] > DOUBT), np.flatnonzero(wanted[:, side] < 1 - DOUBT)
        machine = LinearSVC(C=STRENGTH, max_iter=ROUNDS, random_state=0)
        machine.fit(
            sparse.vstack([table[yes], table[no]]),
            np.repeat([1, 0], [len(yes), len(no)]),
            sample_weight=np.concatenate(
                [importance[yes] * wanted[yes, side], importance[no] * (1 - wanted[no, side])]
            ),
        )
        found[:, side], bias[side] = machine.coef_[0], machine.intercept_[0]
    return found, bias


def write(model: Linear, path: Path) -> None:
    """Write what the scorer reads: weights as `sign * sqrt(|w|)` in 8 bits, squared frequencies in 8 bits."""
    whole = model.weights * model.frequency[:, None]
    largest = np.maximum(np.abs(whole).max(axis=0), 1e-12)
    roots = (np.sign(whole) * np.rint(127 * np.sqrt(np.abs(whole) / largest))).astype(np.int8)
    squares = model.frequency.astype(np.float64) ** 2
    step = max(float(squares.max()) / 255, 1e-12)
    # A row that counts for a text's length must not vanish in rounding.
    rounded = np.where(squares > 0, np.clip(np.rint(squares / step), 1, 255), 0).astype(np.uint8)
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            q=roots,
            sc=(largest / 127**2).astype(np.float32),
            qi=rounded,
            s2=np.float32(step),
            b=model.bias.astype(np.float32),
        )
