"""The default tier: a small distilled encoder, fused with the quick tier."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from buzzguard.model import Sentiment, Text
from buzzguard.understand.sentiment.encoder import Encoder, Layout
from buzzguard.understand.sentiment.fused import FusedTier, TierMissing, told_missing
from buzzguard.understand.sentiment.probabilities import Logits, sentiments
from buzzguard.understand.sentiment.quick import QuickScorer
from buzzguard.understand.sentiment.weights_folder import SHIPPED, WeightsUnreadable, calibration

LAYOUT = Layout()


def load_default(folder: Path = SHIPPED) -> FusedTier:
    """The tier of `folder`. Raises WeightsUnreadable."""
    return FusedTier("default", Encoder(folder, LAYOUT), calibration(folder, "default"))


class DefaultScorer:
    """Sentiment from the default tier; from the quick one where the default cannot be loaded (`missing` says why)."""

    name = "default"

    def __init__(self, folder: Path = SHIPPED) -> None:
        """Read the weights of `folder`. Raises WeightsUnreadable when those of the quick tier are missing too."""
        self._quick = QuickScorer(folder)
        self._tier: FusedTier | None = None
        self.missing: TierMissing | None = None
        try:
            self._tier = load_default(folder)
        except WeightsUnreadable as error:
            self.missing = told_missing(self.name, error)
        self.measured = self._tier.measured if self._tier else self._quick.measured
        self.confusion = self.measured.confusion

    @property
    def used(self) -> str:
        """The tier that scores."""
        return self._tier.name if self._tier else self._quick.name

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        """The sentiment of each text."""
        probabilities = self.probabilities([text.text for text in texts])
        return sentiments(probabilities, [self.used] * len(texts), self.measured.abstain)

    def probabilities(self, texts: Sequence[str]) -> Logits:
        """One row a text."""
        quick = self._quick.logits(texts)
        return self._tier.probabilities(texts, quick) if self._tier else self._quick.probabilities(quick)
