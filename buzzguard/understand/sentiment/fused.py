"""An encoder and the quick tier as one: what the default and the accurate tier are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from buzzguard.model import Record
from buzzguard.telemetry import get_logger
from buzzguard.understand.sentiment.encoder import Encoder
from buzzguard.understand.sentiment.probabilities import Logits, fused
from buzzguard.understand.sentiment.weights_folder import Calibration, WeightsUnreadable

log = get_logger("understand.sentiment")


class TierMissing(Record, frozen=True, kw_only=True):
    """A tier that cannot be used here, and why.

    `reason`: `not_installed`, `onnxruntime_missing`, `sentencepiece_missing`, `weights_missing` or
    `weights_unreadable`; `detail` is for people who repair it.
    """

    tier: str
    reason: str
    detail: str


class FusedTier:
    """Probabilities of an encoder mixed with those of the quick tier."""

    def __init__(self, name: str, encoder: Encoder, measured: Calibration) -> None:
        """`measured` says how the two are mixed."""
        self.name = name
        self.measured = measured
        self._encoder = encoder

    def probabilities(self, texts: Sequence[str], quick: Logits) -> Logits:
        """One row a text, given the texts' logits in the quick tier. Nothing is said of a text without words."""
        if not texts:
            return quick
        mixed = fused(self._encoder.logits(texts), quick, self.measured)
        mixed[~np.any(quick, axis=1)] = 1 / mixed.shape[1]
        return mixed


def told_missing(tier: str, error: WeightsUnreadable) -> TierMissing:
    """The reason as a record, also logged; an extra that was not chosen is no trouble."""
    if error.reason != "not_installed":
        log.warning("tier.missed", tier=tier, reason=error.reason, detail=error.detail)
    return TierMissing(tier=tier, reason=error.reason, detail=error.detail)
