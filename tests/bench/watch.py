"""The product's detector as the benches drive it: the bank of arrays behind `buzzguard.detect`, fed bin by bin.

Counts of five-minute bins are summed to the windows that the product measures, and learned on its strides. A bench
knows mentions and negatives alone: authors and sites are taken to be as many as mentions.
"""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from buzzguard.detect.bank import CRISIS, FIT_EVERY, SCORED, Bank, Facts
from buzzguard.measure.strides import STRIDES
from buzzguard.model import MEASURED, MINUTE, WINDOWS
from buzzguard.model import Confusion as Errors
from buzzguard.model import Signal as Measured
from tests.bench.watching import CLEAN, Confusion, FloatArray, IntArray, Signal

_BINS = [window // (5 * MINUTE) for window in WINDOWS]
_STRIDES = [STRIDES[window] // MINUTE for window in WINDOWS]
_VOLUME = [MEASURED.index(signal) for signal in (Measured.VOLUME, Measured.AUTHORS, Measured.SPREAD)]
_NEGATIVE = MEASURED.index(Measured.NEGATIVE)
_DAY = 1440
_IDLE = 360


class BankWatch:
    """Watches series with the product's bank."""

    def __init__(self, streams: int, score: int, scorer: Confusion) -> None:
        self.streams, self.score = streams, score
        self.bank = Bank.of(streams, Errors(recall=scorer.recall, false_positives=scorer.false_positives), trust=100.0)
        self.sums = np.zeros((2, streams, max(_BINS) + 1))
        self.bins = 0
        self.rows = np.arange(streams)

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """Learn the bin, then say how rare the windows that end with it are."""
        self.bins += 1
        place = self.bins % self.sums.shape[2]
        before = self.sums[:, :, (self.bins - 1) % self.sums.shape[2]]
        self.sums[0, :, place] = before[0] + volume
        self.sums[1, :, place] = before[1] + (0 if negative is None else negative)
        facts = self._facts(end)
        verdict = self.bank.judge(self.rows, facts)
        self._learn(end, facts)
        periods: FloatArray = 10.0 ** verdict.periods[:, self.score].astype(np.float64)
        return periods

    def _facts(self, end: int) -> Facts:
        size = self.sums.shape[2]
        place = self.bins % size
        windows = np.empty((2, self.streams, len(WINDOWS)))
        for index, bins in enumerate(_BINS):
            watched = min(bins, self.bins)
            sums = self.sums[:, :, place] - self.sums[:, :, (self.bins - watched) % size]
            windows[:, :, index] = sums * (bins / watched)
        values = np.zeros((self.streams, len(MEASURED), len(WINDOWS)))
        values[:, _VOLUME] = windows[0][:, None]
        values[:, _NEGATIVE] = windows[1]
        ones = np.ones((1, 1, 1))
        lived = self._lived(end - 5)
        return Facts(end, lived, values, ones, windows[0], windows[1], np.ones((1, 1)))

    def _lived(self, minute: int) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.int8]]:
        slot, weekday = minute % _DAY // 60, (minute // _DAY + 3) % 7
        return np.full(self.streams, slot, np.int8), np.full(self.streams, weekday, np.int8)

    def _learn(self, end: int, facts: Facts) -> None:
        for index in reversed(range(len(WINDOWS))):
            if end % _STRIDES[index] == 0 and self.bins * 5 >= min(_STRIDES[index], 60):
                one = replace(
                    facts,
                    values=facts.values[:, :, [index]],
                    voices=facts.voices[:, [index]],
                    hostile=facts.hostile[:, [index]],
                )
                self.bank.learn(self.rows, index, one)
        self.bank.settle(self.rows, end, np.full(self.streams, 5 / _DAY))
        if end % FIT_EVERY == 0:
            self.bank.fit()

    def idle(self, end: int, bins: int) -> None:
        """Let `bins` empty bins pass, of which no window holds a count, six hours at a time.

        The same as that many ticks but for the hours of the day, of which nothing can be learned of zeros.
        """
        minute = end - 5 * bins
        while minute < end:
            span = min(_IDLE, end - minute)
            minute += span
            self._learn_nothing(minute, span)
        self.bins += bins
        self.sums[:] = self.sums[:, :, [(self.bins - bins) % self.sums.shape[2]]]

    def _learn_nothing(self, minute: int, span: int) -> None:
        nothing = np.zeros((self.streams, 1))
        values, lived = np.zeros((self.streams, len(MEASURED), 1)), self._lived(minute - 5)
        facts = Facts(minute, lived, values, np.ones((1, 1, 1)), nothing, nothing, np.ones((1, 1)))
        for index in reversed(range(len(WINDOWS))):
            if alike := span // _STRIDES[index]:
                self.bank.learn(self.rows, index, facts, alike)
        self.bank.settle(self.rows, minute, np.full(self.streams, span / _DAY))
        self.bank.fit()

    def fork(self, index: IntArray) -> BankWatch:
        """A watch whose streams go on from these."""
        forked = copy.copy(self)
        forked.streams, forked.rows = len(index), np.arange(len(index))
        forked.bank = _taken(self.bank, index, self.streams)
        forked.sums = self.sums[:, index]
        return forked


def _taken(state: Any, index: IntArray, streams: int) -> Any:
    if is_dataclass(state) and not isinstance(state, type):
        taken = {each.name: _taken(getattr(state, each.name), index, streams) for each in fields(state)}
        return type(state)(**taken)
    if isinstance(state, np.ndarray) and state.shape[:1] == (streams,):
        return state[index].copy()
    return state


_SCORE = {
    "volume": SCORED.index(Measured.VOLUME),
    "negative": SCORED.index(Measured.NEGATIVE),
    "share": SCORED.index(Measured.SHARE),
    "crisis": CRISIS,
}


def make(streams: int, *, signal: Signal, scorer: Confusion | None) -> BankWatch:
    """A watch that tells the return period of one score."""
    return BankWatch(streams, _SCORE[signal], scorer or CLEAN)
