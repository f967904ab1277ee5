"""Made days: minutes whose truth is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from buzzguard.detect.growth import Course

Floats = npt.NDArray[np.float64]
NOW = datetime(2026, 3, 2, 12, 0, 30, tzinfo=UTC)
DAY = 1440
AGO: Floats = np.arange(DAY, dtype=np.float64)[::-1] + 0.5
"""Minutes before the present of each minute's middle."""
SUN: Floats = np.asarray(1.0 + 0.9 * np.cos((AGO + DAY - 120.0) / DAY * 2.0 * np.pi), dtype=np.float64)
"""A day's course of activity, high two hours before the present; its night is a nineteenth of its noon."""


def day(
    excess: Callable[[Floats], Floats] | float,
    *,
    usual: float | Floats = 0.5,
    seed: int = 0,
    known: Floats | None = None,
    dispersion: float = 0.05,
) -> Course:
    """Poisson counts around the baseline plus an excess, a function of the minutes before now; half a minute is on."""
    expected = np.asarray(np.broadcast_to(usual, (DAY,)), dtype=np.float64)
    mean = expected + (excess(AGO) if callable(excess) else np.full(DAY, excess))
    mean = mean * (1.0 if known is None else known)
    mean[-1] *= 0.5
    counts = np.random.default_rng(seed).poisson(mean)
    return Course(
        at=NOW,
        counts=counts.astype(np.float64),
        expected=expected,
        known=() if known is None else known,
        dispersion=dispersion,
    )


def doubling(minutes: float, now: float) -> Callable[[Floats], Floats]:
    """An excess that doubles in so many minutes and is `now` a minute at present."""
    return lambda ago: np.asarray(now * 2.0 ** (-ago / minutes), dtype=np.float64)


def step(since: float, height: float) -> Callable[[Floats], Floats]:
    """An excess that stands since so many minutes ago."""
    return lambda ago: np.where(ago < since, height, 0.0)


def fall(since: float, halves: float, height: float) -> Callable[[Floats], Floats]:
    """An excess that broke out and halves ever since."""
    return lambda ago: np.where(ago < since, height * 0.5 ** ((since - ago) / halves), 0.0)
