"""What the benches ask of a detector, and when its score is an alarm.

A bench drives any detector through `Watch`: many series side by side, one tick for each 5-minute bin. It never looks
inside. `alarms` is the policy under which all are compared: fire once, then stay quiet until nothing has exceeded the
threshold for twelve hours.
"""

from __future__ import annotations

import importlib
from typing import Literal, NamedTuple, Protocol, cast, runtime_checkable

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

Signal = Literal["volume", "share", "negative", "crisis"]

BIN_MINUTES = 5
DAY_BINS = 1440 // BIN_MINUTES
HOLD_BINS = DAY_BINS // 2
DEFAULT_WATCH = "tests.bench.watch:make"
_NEVER = -(1 << 40)


class Confusion(NamedTuple):
    """How the scorer errs: the part of negative mentions it recognises, and of the others that it takes for such."""

    recall: float
    false_positives: float


CLEAN = Confusion(recall=1.0, false_positives=0.0)
NOISY = Confusion(recall=0.8, false_positives=0.1)


class Watch(Protocol):
    """Watches `streams` series side by side, one tick for each 5-minute bin."""

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """`end`: minute since the epoch (UTC) at which the bin ends; counts of the bin, one a stream.

        Returns the return period of the alarm score, in days, one a stream (0 = usual).
        """
        ...

    def fork(self, index: IntArray) -> Watch:
        """A new independent watch whose stream i continues from this one's stream index[i] (deep copy of state)."""
        ...


@runtime_checkable
class Idles(Protocol):
    """What a watch may offer besides, to make years of almost empty series fast."""

    def idle(self, end: int, bins: int) -> None:
        """The same as `bins` ticks of bins in which no stream has a mention, the last of which ends at `end`."""
        ...


class Make(Protocol):
    """Builds a watch. `scorer`: how the sentiment it is fed errs; None where it is fed none."""

    def __call__(self, streams: int, *, signal: Signal, scorer: Confusion | None) -> Watch:
        """A fresh watch that has seen nothing."""
        ...


def load_make(spec: str = DEFAULT_WATCH) -> Make:
    """The factory named by `module:function`. Raises SystemExit with a hint when there is none."""
    module, _, name = spec.partition(":")
    try:
        return cast(Make, getattr(importlib.import_module(module), name or "make"))
    except (ImportError, AttributeError) as error:
        raise SystemExit(f"no watch at {spec!r} ({error}); name one with --watch MODULE:FUNCTION") from error


def alarms(periods: NDArray[np.floating], days: float, *, hold_bins: int = HOLD_BINS, warm: int = 0) -> IntArray:
    """Bins in which an alarm fires, for one series of return periods.

    A bin whose period reaches `days` exceeds. It fires when none of the `hold_bins` bins before it exceeded (each
    exceedance, fired or not, starts the hold anew) and when it is not one of the first `warm` bins, which do hold.
    """
    over = np.flatnonzero(periods >= days).astype(np.int64)
    fires = rings(over, hold_bins)
    return over[fires & (over >= warm)]


def rings(exceeding: IntArray, hold_bins: int = HOLD_BINS) -> BoolArray:
    """Which of the exceeding bins, in order, come after more than `hold_bins` bins since the one before."""
    return np.diff(exceeding, prepend=_NEVER) > hold_bins


class Bell:
    """`alarms` bin by bin, for many streams and several thresholds at once, without keeping the periods."""

    def __init__(self, streams: int, thresholds: FloatArray, *, hold_bins: int = HOLD_BINS) -> None:
        self._thresholds = thresholds[:, np.newaxis]
        self._hold = hold_bins
        self._lowest = float(thresholds.min())
        self._last = np.full((len(thresholds), streams), _NEVER, dtype=np.int64)

    def ring(self, index: int, periods: FloatArray) -> BoolArray | None:
        """Who fires in bin `index`, as (thresholds, streams); None when nobody exceeds any. Bins come in order."""
        if periods.max(initial=0.0) < self._lowest:
            return None
        over = periods >= self._thresholds
        fires: BoolArray = over & (index - self._last > self._hold)
        self._last[over] = index
        return fires
