"""From logits to calibrated probabilities, and from those to sentiments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from buzzguard.model import Polarity, Sentiment
from buzzguard.understand.sentiment.weights_folder import Calibration

NEGATIVE, NEUTRAL, POSITIVE = range(3)
CLASSES = 3
Logits: TypeAlias = NDArray[np.float64]
"""One row a text: negative, neutral, positive. Probabilities have the same shape and sum to 1."""
_LEAST = 1e-9
_SIDES = (Polarity.NEGATIVE, Polarity.NEUTRAL, Polarity.POSITIVE)
_DIGITS = 4
"""More would be noise, and differ from one processor to the next."""


def softmax(logits: Logits) -> Logits:
    """Probabilities of logits."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Logits = powers / powers.sum(axis=1, keepdims=True)
    return shares


def tempered(probabilities: Logits, temperature: float) -> Logits:
    """Probabilities made less sure (above 1) or surer (below)."""
    return probabilities if temperature == 1.0 else softmax(logs(probabilities) / temperature)


def logs(probabilities: Logits) -> Logits:
    """Logarithms of probabilities, never infinite."""
    logarithms: Logits = np.log(np.maximum(probabilities, _LEAST))
    return logarithms


def fused(encoder: Logits, quick: Logits, measured: Calibration) -> Logits:
    """Probabilities of an encoder and of the quick tier as one: n-grams know the slang that encoders do not."""
    share = measured.quick_weight
    mixed = share * softmax(quick / measured.quick_temperature) + (1 - share) * softmax(encoder)
    return tempered(mixed, measured.temperature)


def margins(probabilities: Logits) -> NDArray[np.float64]:
    """How far the likeliest side of each text is ahead of the next: its certainty."""
    ordered = np.sort(probabilities, axis=1)
    ahead: NDArray[np.float64] = np.round(ordered[:, -1] - ordered[:, -2], _DIGITS)
    return ahead


def sentiments(probabilities: Logits, tiers: Sequence[str], abstain: float | NDArray[np.float64]) -> list[Sentiment]:
    """The sentiment of each row, given by the tier of its place.

    Confidence is the probability of the side taken. A row whose two likeliest sides are no more than `abstain` apart
    takes none: it is neutral, unsure, and its confidence is that small distance.
    """
    shares = np.round(probabilities, _DIGITS)
    ahead = margins(probabilities)
    unsure = ahead <= abstain
    sides = np.where(unsure, NEUTRAL, shares.argmax(axis=1))
    confidences = np.where(unsure, ahead, shares.max(axis=1, initial=0.0))
    values = np.round(shares[:, POSITIVE] - shares[:, NEGATIVE], _DIGITS)
    columns = [c.tolist() for c in (values, sides, confidences, shares[:, NEGATIVE], shares[:, POSITIVE], unsure)]
    return [
        Sentiment(
            value=value,
            polarity=_SIDES[side],
            confidence=confidence,
            negative=negative,
            positive=positive,
            tier=tier,
            unsure=torn,
        )
        for tier, value, side, confidence, negative, positive, torn in zip(tiers, *columns, strict=True)
    ]
