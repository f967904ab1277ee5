"""Fits what `calibration.json` holds, on texts that nothing was trained on.

Temperatures minimise the log loss (Guo et al. 2017); how a fused tier is mixed, too. A tier takes no side up to the
margin where its likeliest is right no more often than wrong; the margin for a better tier leaves a fifth of the texts
to it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from buzzguard.understand.sentiment.probabilities import fused, margins, softmax, tempered
from buzzguard.understand.sentiment.weights_folder import Calibration
from buzzguard.understand.train.scores import NEGATIVE, Scores, scores

TEMPERATURES = np.round(np.geomspace(0.3, 3.0, 70), 4)
SHARES = tuple(round(0.05 * step, 2) for step in range(13))
CHANCE = 0.5
MOST_ABSTAINED = 0.08
"""Share of the texts of which a tier may say nothing: what is unsure counts for no side."""
FEWEST = 50
"""Texts that tell a rate."""
ESCALATED = 0.2
FOLDS = 2
LEAST = 1e-9

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Judged:
    """Logits of the validation texts of one language, in each model, and their labels."""

    labels: Labels
    quick: Floats
    encoder: Floats | None = None

    def part(self, rows: NDArray[np.int64]) -> Judged:
        """Some of the texts."""
        return Judged(self.labels[rows], self.quick[rows], None if self.encoder is None else self.encoder[rows])


def probabilities(judged: Judged, measured: Calibration) -> Floats:
    """What the tier says of the texts."""
    if judged.encoder is None:
        return softmax(judged.quick / measured.temperature)
    return fused(judged.encoder, judged.quick, measured)


def fitted(judged: Judged) -> Calibration:
    """The calibration of a tier: of the quick one where there are no logits of an encoder."""
    if judged.encoder is None:
        measured = Calibration(temperature=_coolest(lambda heat: softmax(judged.quick / heat), judged.labels))
    else:
        measured = _mixed(judged)
    shares = probabilities(judged, measured)
    escalate = round(float(np.quantile(margins(shares), ESCALATED)), 4)
    replaced = structs.replace(measured, abstain=_abstain(shares, judged.labels), escalate=escalate)
    return with_errors(replaced, shares, judged.labels)


def with_errors(measured: Calibration, shares: Floats, labels: Labels) -> Calibration:
    """`measured` with the error rate that probabilities show: how often negative is said of negative texts, and of
    others, each text weighing the confidence in it."""
    sure = shares.max(axis=1)
    said = shares.argmax(axis=1) == NEGATIVE
    true = labels == NEGATIVE
    recall = float((sure * said)[true].sum() / max(sure[true].sum(), LEAST))
    wrong = float((sure * said)[~true].sum() / max(sure[~true].sum(), LEAST))
    # `Confusion` wants them apart and within 0 and 1.
    recall = round(min(max(recall, 0.01), 1.0), 3)
    return structs.replace(measured, recall=recall, false_positives=round(min(wrong, recall - 0.01), 3))


def cross_checked(parts: Mapping[str, Judged], unfit: Container[str] = ()) -> dict[str, Scores]:
    """Scores of each language when fitted on half of the texts and judged on the other, both ways.

    Nothing is fitted on the languages of `unfit`.
    """
    found: dict[str, list[Floats]] = {name: [] for name in parts}
    order: dict[str, list[NDArray[np.int64]]] = {name: [] for name in parts}
    for fold in range(FOLDS):
        away = joined([one.part(_rows(one, fold, inside=False)) for name, one in parts.items() if name not in unfit])
        measured = fitted(away)
        for name, one in parts.items():
            rows = _rows(one, fold, inside=True)
            found[name].append(probabilities(one.part(rows), measured))
            order[name].append(rows)
    return {
        name: scores(np.concatenate(found[name]), one.labels[np.concatenate(order[name])])
        for name, one in parts.items()
    }


def joined(parts: Sequence[Judged]) -> Judged:
    """All texts together."""
    encoders = [one.encoder for one in parts if one.encoder is not None]
    return Judged(
        np.concatenate([one.labels for one in parts]),
        np.concatenate([one.quick for one in parts]),
        np.concatenate(encoders) if encoders else None,
    )


def _mixed(judged: Judged) -> Calibration:
    """How to mix: the share of the quick tier, its temperature, and one for the mixture."""
    assert judged.encoder is not None
    own = _coolest(lambda heat: softmax(judged.quick / heat), judged.labels)
    best, least = Calibration(quick_temperature=own), np.inf
    for share in SHARES:
        raw = Calibration(quick_weight=share, quick_temperature=own)
        mixture = fused(judged.encoder, judged.quick, raw)
        heat = _coolest(partial(tempered, mixture), judged.labels)
        lost = log_loss(tempered(mixture, heat), judged.labels)
        if lost < least - 1e-4:
            best, least = Calibration(quick_weight=share, quick_temperature=own, temperature=heat), lost
    return best


def log_loss(shares: Floats, labels: Labels) -> float:
    """The mean negative logarithm of the probability of what people said."""
    return float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], LEAST)).mean())


def _coolest(made: Callable[[float], Floats], labels: Labels) -> float:
    losses = [log_loss(made(float(heat)), labels) for heat in TEMPERATURES]
    return float(TEMPERATURES[int(np.argmin(losses))])


def _abstain(shares: Floats, labels: Labels) -> float:
    """The largest margin up to which the likeliest side is right no more often than CHANCE, of few texts."""
    ahead = margins(shares)
    order = np.argsort(ahead, kind="stable")
    right = shares.argmax(axis=1)[order] == labels[order]
    rank = np.arange(1, len(order) + 1)
    told = (rank >= min(FEWEST, len(order) // 10)) & (rank <= MOST_ABSTAINED * len(order))
    places = np.flatnonzero(told & (np.cumsum(right) <= CHANCE * rank))
    return round(float(ahead[order[places[-1]]]), 4) if len(places) else 0.0


def _rows(judged: Judged, fold: int, *, inside: bool) -> NDArray[np.int64]:
    """The texts of a fold, or all others: by place, so that it is the same each time."""
    # Labels go round in UMSAB's files: threes stay together.
    own = np.arange(len(judged.labels)) // 3 % FOLDS == fold
    return np.flatnonzero(own if inside else ~own)
