"""The laws of counts, for arrays: moments of a root, deviance, and how rarely a trailing window strays so far.

Rarity is kept in decades, the common logarithm of a return period in days: it stays finite where probabilities
underflow, and calibration is linear in it.
"""

from __future__ import annotations

from math import log, pi
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
"""Floating numbers; kept in single precision, worked out in double."""
LN10 = log(10.0)
_LOG_ROOT_2PI = 0.5 * log(2.0 * pi)
_MOST_TABLED = 60.0
_CONTINUITY = 0.25
"""Counts are whole: a quarter less makes the deviance of a Poisson count as rare as it is, to 2 % of a deviation."""
_HALF = 0.5
"""The same for shares of few voices."""


def _tables() -> tuple[Array, Array, Array]:
    """Means, and the mean and variance of the root of one more than a Poisson count of that mean."""
    means = np.concatenate([[0.0], np.geomspace(1e-5, _MOST_TABLED, 400)])
    counts = np.arange(400)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    with np.errstate(divide="ignore", invalid="ignore"):
        log_mass = counts * np.log(means)[:, None] - means[:, None] - log_factorial
    log_mass[0] = np.where(counts == 0, 0.0, -np.inf)
    mass = np.exp(log_mass)
    roots = np.sqrt(counts + 1.0)
    expected = mass @ roots
    return means, expected, mass @ roots**2 - expected**2


_MEANS, _ROOTS, _VARIANCES = _tables()


def bounded(values: Array, low: Any, high: Any) -> Array:
    """`values` brought between two bounds; a good deal faster than `numpy.clip` on small arrays."""
    within: Array = np.minimum(np.maximum(values, low), high)
    return within


def mean_of_root(root: Array) -> Array:
    """The mean of Poisson counts whose `sqrt(count + 1)` has the mean `root`."""
    return np.where(root < _ROOTS[-1], np.interp(root, _ROOTS, _MEANS), root * root - 0.75)


def root_of_mean(mean: Array) -> Array:
    """The mean of `sqrt(count + 1)` of Poisson counts."""
    return np.where(mean < _MOST_TABLED, np.interp(mean, _MEANS, _ROOTS), np.sqrt(np.maximum(mean, 0.0) + 0.75))


def root_variance(mean: Array) -> Array:
    """The variance of `sqrt(count + 1)` of Poisson counts: a quarter, less for small means."""
    return np.where(mean < _MOST_TABLED, np.interp(mean, _MEANS, _VARIANCES), 0.25)


def count_deviate(count: Array, mean: Array) -> Array:
    """The signed root of the Poisson deviance: a normal deviate as rare as `count`, exact for small means too."""
    away = count - mean
    near = count - bounded(away, -_CONTINUITY, _CONTINUITY)
    with np.errstate(divide="ignore", invalid="ignore"):
        heavier = np.where(near > 0.0, near * np.log(np.maximum(near, 1e-12) / mean), 0.0)
    deviate: Array = np.sign(away) * np.sqrt(2.0 * np.maximum(heavier - near + mean, 0.0))
    return deviate


def share_deviate(hostile: Array, voices: Array, share: Array) -> Array:
    """The signed root of the binomial deviance of `hostile` of `voices` where `share` is usual; 0 without voices."""
    voices = np.maximum(voices, 1e-9)
    away = np.sign(hostile - voices * share)
    near = bounded((hostile - _HALF * away) / voices, 0.0, 1.0)
    near = np.where(away > 0.0, np.maximum(near, share), np.minimum(near, share))
    with np.errstate(divide="ignore", invalid="ignore"):
        hostile_part = np.where(near > 0.0, near * np.log(np.maximum(near, 1e-12) / share), 0.0)
        other_part = np.where(near < 1.0, (1.0 - near) * np.log(np.maximum(1.0 - near, 1e-12) / (1.0 - share)), 0.0)
    deviate: Array = away * np.sqrt(2.0 * voices * np.maximum(hostile_part + other_part, 0.0))
    return deviate


def decades(deviate: Array, days: Array) -> Array:
    """The return period of a trailing window of `days` that exceeds a normal deviate, looked at all the time.

    Exceedances come in clumps; their rate is z · phi(z) / length, the scan statistic (Pickands' constant for a box
    kernel; Alm 1983 for Poisson counts). Below one deviation nothing is told apart.
    """
    z = np.maximum(deviate, 1.0)
    rarity: Array = (np.log(days) + 0.5 * z * z + _LOG_ROOT_2PI - np.log(z)) / LN10
    return rarity


_GRID = np.linspace(1.0, 14.0, 1301)
_GRID_DECADES = decades(_GRID, np.ones(1))


def deviate_of(rarity: Array, days: Array) -> Array:
    """The inverse of `decades`, between 1 and 14 deviations."""
    deviate: Array = np.interp(rarity - np.log10(days), _GRID_DECADES, _GRID)
    return deviate
