"""How rare a value is under a known law: exact count tails and a robust one for heavy sums. Plain arithmetic.

Rarity is kept in decades, the common logarithm of a return period in days: it stays finite where probabilities
underflow, and calibration is linear in it. The return period of a *trailing* window, looked at all the time, follows
the scan statistic: exceedances come in clumps, and their rate is P(N ≥ k) · (k − μ)² / variance per window length
(Alm 1983 for Poisson counts; Pickands' constant for the Gaussian limit). The variance at k, not at μ, makes it exact
for Poisson counts, where it equals (k − μ) · p(k) / length.
"""

from __future__ import annotations

from math import erfc, exp, inf, lgamma, log, log1p, log10, nan, pi, sqrt
from typing import Protocol

LN10 = log(10.0)
_ERFC_LIMIT = 36.0
"""Beyond this many deviations `erfc` nears underflow; its asymptote takes over."""
STEPS = 60
"""More than any search has taken; it bounds the work on laws nobody thought of."""


class Law(Protocol):
    """The usual behaviour of one window: its centre, its spread and its tails."""

    mean: float
    spread: float

    def decades(self, value: float) -> float:
        """Rarity of a window of at least `value`, −inf when that is no evidence."""
        ...

    def decades_below(self, value: float) -> float:
        """Rarity of a window of at most `value`, −inf when that is no evidence."""
        ...

    def guess(self, decades: float) -> float:
        """About the value that is `decades` rare."""
        ...


class CountLaw:
    """Negative binomial counts: variance = mean + phi · mean². `days` is the length of the window."""

    __slots__ = ("_constant", "_log_q", "_q", "_size", "_start", "mean", "phi", "spread")

    def __init__(self, mean: float, phi: float, days: float) -> None:
        self.mean, self.phi = mean, phi
        self.spread = sqrt(mean + phi * mean * mean)
        self._size = size = 1.0 / phi
        self._q = mean / (mean + size)
        self._log_q = log(self._q)
        self._constant = -size * log1p(mean * phi) - lgamma(size)
        self._start = log10(days)

    def _log_mass(self, count: float) -> float:
        return lgamma(count + self._size) - lgamma(count + 1.0) + self._constant + count * self._log_q

    def decades(self, value: float) -> float:
        """Rarity of at least `value`; the tail beyond it is summed as the geometric series that bounds it."""
        if value <= self.mean or value < 1.0:
            return -inf
        ratio = max(self._q * (value + self._size) / (value + 1.0), self._q)
        if ratio >= 1.0:
            return -inf
        tail = min(0.0, self._log_mass(value) - log1p(-ratio))
        clump = (value - self.mean) ** 2 / (value + self.phi * value * value)
        return self._start - (tail + log(max(1.0, clump))) / LN10

    def decades_below(self, value: float) -> float:
        """Rarity of at most `value`."""
        if value >= self.mean:
            return -inf
        ratio = value / (self._q * (value - 1.0 + self._size)) if value >= 1.0 else 0.0
        if not 0.0 <= ratio < 1.0:
            return -inf
        tail = min(0.0, self._log_mass(value) - log1p(-ratio))
        clump = ((self.mean - value) / self.spread) ** 2
        return self._start - (tail + log(max(1.0, clump))) / LN10

    def guess(self, decades: float) -> float:
        """The normal deviate of that rarity, with the first correction for skewness (Cornish and Fisher)."""
        z = _deviate(decades - self._start)
        skew = (1.0 + 2.0 * self.phi * self.mean) / self.spread
        return self.mean + self.spread * (z + skew * (z * z - 1.0) / 6.0)


class SumLaw:
    """Sums of heavy-tailed values (audiences): zero with probability 1 − `some`, else log-normal.

    `centre` and `width` are mean and deviation of the natural logarithm of a positive value.
    """

    __slots__ = ("_centre", "_log_some", "_start", "_width", "mean", "spread")

    def __init__(self, centre: float, width: float, some: float, days: float) -> None:
        self._centre, self._width, self._log_some = centre, width, log(some)
        self.mean = some * exp(min(centre, 50.0))
        self.spread = self.mean * width
        self._start = log10(days)

    def decades(self, value: float) -> float:
        """Rarity of at least `value`."""
        if value < 1.0 or value <= self.mean:
            return -inf
        z = (log(value) - self._centre) / self._width
        tail = self._log_some + _log_upper(z)
        return self._start - (tail + log(max(1.0, z * z))) / LN10

    def decades_below(self, value: float) -> float:  # noqa: ARG002 - part of Law
        """A lack of audience is no evidence of anything: the number of mentions says it better."""
        return -inf

    def guess(self, decades: float) -> float:
        """The normal deviate of that rarity, on the logarithm."""
        return exp(min(self._centre + self._width * _deviate(decades - self._start), 50.0))


def _deviate(decades: float) -> float:
    """About the deviate whose upper tail, with its clumps, is `decades` rare per window."""
    return sqrt(max(2.0 * LN10 * decades - 1.0, 1.0))


def _log_upper(z: float) -> float:
    if z < _ERFC_LIMIT:
        return log(0.5 * erfc(z / sqrt(2.0)))
    return -0.5 * z * z - log(z * sqrt(2.0 * pi))


def value_at(law: Law, decades: float) -> float:
    """The value that is `decades` rare, to a hundredth of a decade or a quarter mention: bracketed secant steps."""
    low, high = law.mean, inf
    value = max(law.guess(decades), low + 0.5)
    before = off_before = nan
    for _ in range(STEPS):
        off = law.decades(value) - decades
        if abs(off) < 0.01:
            return value
        low, high = (value, high) if off < 0.0 else (low, value)
        if high - low < max(0.25, 0.002 * high):
            return high
        following = value - off * (value - before) / (off - off_before) if off != off_before else nan
        before, off_before = value, off
        if not low < following < high:
            following = 1.1 * value + 1.0 if high == inf else 0.5 * (low + high)
        value = following
    return value
