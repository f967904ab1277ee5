"""How well a rate is known from a count: the exact interval of a Poisson mean."""

from __future__ import annotations

import math

_STEPS = 500
_TINY = 1e-300


def interval(count: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The means of a Poisson law for which `count` is not surprising, central and exact.

    Source: Garwood 1936: the lower end is the mean of which `count` or more is as rare as (1 - confidence) / 2, the
    upper one that of which `count` or fewer is. Raises ValueError for a negative count or a confidence outside (0, 1).
    """
    if count < 0 or not 0 < confidence < 1:
        raise ValueError("a count is not negative, a confidence lies between 0 and 1")
    tail = (1 - confidence) / 2
    low = _solve(count, tail) if count else 0.0
    return low, _solve(count + 1, 1 - tail)


def _solve(shape: int, chance: float) -> float:
    """The mean at which `shape` or more has this chance: P(shape, mean) = chance, by bisection."""
    low, high = 0.0, shape + 12 * math.sqrt(shape) + 40
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if at_least(shape, middle) < chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def at_least(count: int, mean: float) -> float:
    """The chance of `count` or more under a Poisson law: the regularised lower incomplete gamma function.

    By its series below the mean and Lentz's continued fraction above (Press et al., Numerical Recipes, 6.2).
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    scale = math.exp(count * math.log(mean) - mean - math.lgamma(count))
    if mean < count + 1:
        return min(1.0, scale * _series(count, mean))
    return max(0.0, 1.0 - scale * _fraction(count, mean))


def _series(shape: int, mean: float) -> float:
    term = total = 1.0 / shape
    for step in range(1, _steps(shape)):
        term *= mean / (shape + step)
        total += term
        if term < total * 1e-16:
            break
    return total


def _fraction(shape: int, mean: float) -> float:
    b = mean + 1.0 - shape
    c = 1.0 / _TINY
    d = h = 1.0 / b
    for step in range(1, _steps(shape)):
        factor = -step * (step - shape)
        b += 2.0
        d = 1.0 / (factor * d + b or _TINY)
        c = b + factor / c or _TINY
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return h


def _steps(shape: int) -> int:
    """Both converge within a few standard deviations of the law."""
    return _STEPS + int(20 * math.sqrt(shape))
