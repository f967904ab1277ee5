"""What a scorer's probabilities are worth on labelled texts."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NEGATIVE = 0
CLASSES = 3
BINS = 10

Probabilities = NDArray[np.float64]
Labels = NDArray[np.int64]


class Scores(NamedTuple):
    """`macro_f1`: mean F1 of the classes that occur among the labels. `calibration_error`: expected, see there.

    All in 0…1. `precision`, `recall` and `f1` are those of the negative class.
    """

    macro_f1: float
    precision: float
    recall: float
    f1: float
    accuracy: float
    calibration_error: float
    texts: int


def scores(probabilities: Probabilities, labels: Labels) -> Scores:
    """Scores of one set: a row of probabilities a text. Raises ValueError for an empty set."""
    if not len(labels):
        raise ValueError("nothing to score")
    said = probabilities.argmax(axis=1)
    parts = [_class(said == side, labels == side) for side in range(CLASSES)]
    present = [f1 for side, (_, _, f1) in enumerate(parts) if (labels == side).any()]
    return Scores(
        float(np.mean(present)),
        *parts[NEGATIVE],
        float((said == labels).mean()),
        calibration_error(probabilities, labels),
        len(labels),
    )


def calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    """How far, on average, the probability of the likeliest class lies from how often it is right.

    Over ten bins of equal width (expected calibration error: Naeini et al. 2015).
    """
    sure = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    total = np.bincount(bins, sure, BINS) - np.bincount(bins, right, BINS)
    return float(np.abs(total).sum() / len(labels))


def mean(parts: Mapping[str, Scores]) -> Scores:
    """The mean over languages, each weighing the same; `texts` is their sum."""
    macro, precision, recall, f1, accuracy, error = np.mean([one[:-1] for one in parts.values()], axis=0).tolist()
    return Scores(macro, precision, recall, f1, accuracy, error, sum(one.texts for one in parts.values()))


def rows(parts: Mapping[str, Scores], apart: Container[str] = ()) -> Sequence[tuple[str, ...]]:
    """Lines of a table in hundredths: name, macro-F1, then precision, recall and F1 of negative, calibration error.

    The last line is the mean of all but the languages of `apart`.
    """
    counted = {name: one for name, one in parts.items() if name not in apart}
    shown = {**parts, "mean": mean(counted)} if len(counted) > 1 else parts
    lines = []
    for name, one in shown.items():
        shares = (one.macro_f1, one.precision, one.recall, one.f1)
        lines.append((name, *(f"{100 * share:.1f}" for share in shares), f"{one.calibration_error:.3f}"))
    return lines


def _class(said: NDArray[np.bool_], true: NDArray[np.bool_]) -> tuple[float, float, float]:
    hits = float((said & true).sum())
    precision = hits / max(1.0, float(said.sum()))
    recall = hits / max(1.0, float(true.sum()))
    return precision, recall, 2 * hits / max(1.0, float(said.sum() + true.sum()))
