"""The negative share: what part of the independent voices is hostile, and how far it strays by chance.

The leading signal: at a false-alarm rate of one in 90 days it finds twice the crises that volume does. Hostile voices
of all voices are beta-binomial: a share that wanders (by hour, by story) scatters more than coins would, the more so
the more voices there are. That intra-class correlation is learned for every window. The scorer's own errors are in the
usual share already; that one story is misread more often than another is not, and is a floor of the correlation, so
that a mediocre scorer does not shout.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from buzzguard.detect.baselines import DAYS_OF_WINDOW, EVERY, STRIDE_DAYS
from buzzguard.detect.episodes import Rows
from buzzguard.detect.scan import Array, bounded, share_deviate
from buzzguard.model import WINDOWS, Confusion

USUAL_SHARE, USUAL_VOICES = 0.2, 2.5
"""What is believed before any voice is heard, and how many voices that belief weighs."""
LEVEL_DAYS = 14.0
CORRELATION_DAYS = 14.0
FIRST_CORRELATION, FIRST_WEIGHT = 0.002, 50.0
LEAST_CORRELATION = 1e-4
FEWEST = 2.0
"""Voices below which a share says nothing."""
ENOUGH_TO_LEARN = 10.0
"""Voices from which on a window teaches the correlation: the scatter of fewer is that of whole numbers."""
CROWD = 3.0
"""How many times the usual number of voices teach the usual share at most: the crowd of a crisis is not the usual."""
CLIP = 2.5
STORY_VARIATION = 1.0 / 3.0
"""How much a scorer's rates of error vary from story to story, in parts of the rate (one standard deviation)."""


@dataclass
class Shares:
    """State of every topic: `hostile` of `voices` heard in `days` (topics), correlation `over` by `under` (topics,
    windows)."""

    hostile: Array
    voices: Array
    over: Array
    under: Array
    days: Array
    misread: tuple[float, float]

    @classmethod
    def of(cls, topics: int, confusion: Confusion) -> Shares:
        """Before any voice is heard, told by a scorer that errs as `confusion` says."""
        shape = (topics, len(WINDOWS))
        return cls(
            hostile=np.full(topics, USUAL_SHARE * USUAL_VOICES, np.float32),
            voices=np.full(topics, USUAL_VOICES, np.float32),
            over=np.full(shape, FIRST_CORRELATION * FIRST_WEIGHT, np.float32),
            under=np.full(shape, FIRST_WEIGHT, np.float32),
            days=np.zeros(topics, np.float32),
            misread=(confusion.false_positives * STORY_VARIATION, (1.0 - confusion.recall) * STORY_VARIATION),
        )

    def usual(self, rows: Rows) -> Array:
        """The usual share of each topic (rows)."""
        return bounded(self.hostile[rows] / self.voices[rows], 0.005, 0.95)

    def _spread(self, rows: Rows, voices: Array, part: slice) -> tuple[Array, Array]:
        """How many times more than coins a share scatters, and what of it is doubt about the usual share."""
        share = self.usual(rows)
        false, missed = self.misread
        stories = ((1.0 - share) * false) ** 2 + (share * missed) ** 2
        least = np.maximum(LEAST_CORRELATION, stories / (share * (1.0 - share)))
        correlation = np.maximum(self.over[:, part][rows] / self.under[:, part][rows], least[:, None])
        doubt = voices / (self.voices[rows] + 1.0)[:, None]
        return 1.0 + voices * correlation + doubt, doubt

    def deviate(self, rows: Rows, hostile: Array, voices: Array, lift: Array, part: slice = EVERY) -> Array:
        """Normal deviates of windows (rows, windows); `lift` is how many times the usual share is expected.

        `part` says which of the windows the arrays hold.
        """
        if not (voices >= FEWEST).any():
            return np.zeros(voices.shape)
        share = bounded(self.usual(rows)[:, None] * lift, 0.005, 0.97)
        spread, _ = self._spread(rows, voices, part)
        found = share_deviate(hostile, voices, share) / np.sqrt(spread)
        return np.where(voices >= FEWEST, found, 0.0)

    def learn(self, rows: Rows, window: int, hostile: Array, voices: Array, alike: int = 1) -> None:
        """Take in one window of each row, as of `alike` in a row; the shortest teaches the usual share."""
        stride, share = STRIDE_DAYS[window] * alike, self.usual(rows)
        if (voices >= ENOUGH_TO_LEARN).any():
            self._learn_correlation(rows, window, hostile, voices, share=share, stride=stride)
        if window == 0:
            self._learn_level(rows, hostile, voices, share=share, stride=stride)

    def doubt(self, row: int) -> None:
        """Believe the usual share of a topic no more than before any voice was heard: the next voices tell it."""
        kept = min(1.0, USUAL_VOICES / max(float(self.voices[row]), 1e-9))
        self.hostile[row] *= kept
        self.voices[row] *= kept
        self.days[row] *= kept

    def _learn_correlation(
        self, rows: Rows, window: int, hostile: Array, voices: Array, *, share: Array, stride: float
    ) -> None:
        part = slice(window, window + 1)
        spread, doubt = (array[:, 0] for array in self._spread(rows, voices[:, None], part))
        deviate = share_deviate(hostile, voices, share) / np.sqrt(spread)
        taught = voices >= ENOUGH_TO_LEARN
        found = np.minimum(np.abs(deviate), CLIP) ** 2 * spread - 1.0 - doubt
        weight = np.where(taught, voices / spread**2 * stride / DAYS_OF_WINDOW[window], 0.0)
        keep = np.where(taught, 2.0 ** (-stride / CORRELATION_DAYS), 1.0)
        self.over[rows, window] = np.maximum(0.0, self.over[rows, window] * keep + weight * found)
        self.under[rows, window] = self.under[rows, window] * keep + weight * voices

    def _learn_level(self, rows: Rows, hostile: Array, voices: Array, *, share: Array, stride: float) -> None:
        """Take in the voices of one window: neither a share nor a crowd far beyond the usual counts in full."""
        correlation = np.maximum(self.over[rows, 0] / self.under[rows, 0], LEAST_CORRELATION)
        expected = voices * share
        most = expected + 2.0 * np.sqrt(expected * (1.0 - share) * (1.0 + voices * correlation)) + 0.5
        usual = self.voices[rows] / np.maximum(self.days[rows], stride) * stride
        crowd = np.where(self.days[rows] < 1.0, 1.0, np.minimum(1.0, (CROWD * usual + 1.0) / np.maximum(voices, 1e-9)))
        weight = crowd / (1.0 + correlation * voices)
        keep = 2.0 ** (-stride / LEVEL_DAYS)
        self.hostile[rows] = self.hostile[rows] * keep + weight * np.minimum(hostile, most)
        self.voices[rows] = self.voices[rows] * keep + weight * voices
        self.days[rows] = self.days[rows] * keep + stride
