"""Synthetic series of mentions, all streams at once, in pieces of days so that memory stays bounded.

The full world, per 5-minute bin: a negative binomial count whose mean is the stream's rate times

- a day (two harmonics, highest hour about four times the lowest) and a week (Saturday and Sunday at 0.6),
- a trend (random walk of the logarithm, 0.15 in 30 days),
- noise (two autoregressions of the logarithm: 1 h with deviation 0.35, 12 h with 0.25),
- holidays (one day in 45, at 0.4 or 1.6), harmless bursts (one in five days, 2 to 8 times, gone in half an hour).

A fifth of the mentions is negative, with a deviation of 0.05 from hour to hour. The plain worlds are independent
counts of one mean: Poisson, or negative binomial. Every world is a function of its seed.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, Protocol

import numpy as np

from tests.bench.watching import BIN_MINUTES, DAY_BINS, Confusion, Float32Array, FloatArray, IntArray

Kind = Literal["poisson", "overdispersed", "full"]
Shape = Literal["step3", "step5", "step10", "exp30m", "exp2h", "slow", "negshift"]

SHAPES: tuple[Shape, ...] = ("step3", "step5", "step10", "exp30m", "exp2h", "slow", "negshift")
CRISIS_BINS = 3 * DAY_BINS
HALF_DAY = DAY_BINS // 2
HOUR_BINS = 60 // BIN_MINUTES
START = 28_401_120  # Monday, 2024-01-01, 00:00 UTC, in minutes

WHITE_PHI = 0.15
SHARE, SHARE_NOISE = 0.20, 0.05
SHARE_LOW, SHARE_HIGH = 0.02, 0.90
CRISIS_SHARE, SHIFT_SHARE, SHARE_MOST = 0.25, 0.40, 0.95
TREND_30_DAYS = 0.15
NOISES = ((12, 0.35), (144, 0.25))
HOLIDAY_CHANCE, HOLIDAY_FACTORS = 1 / 45, (0.4, 1.6)
BURST_CHANCE, BURST_LEAST, BURST_MOST, BURST_DECAY = 1 / (5 * DAY_BINS), 2.0, 8.0, math.exp(-0.5)
WEEKEND = 0.6


def end_of(index: int) -> int:
    """The minute at which bin `index` of a world ends."""
    return START + BIN_MINUTES * (index + 1)


class Latent(NamedTuple):
    """What the counts are drawn from, as (bins, streams): their mean and the part that is negative."""

    mean: Float32Array
    share: Float32Array

    def part(self, first: int, bins: int, streams: IntArray) -> Latent:
        """Some bins of some streams."""
        rows = slice(first, first + bins)
        return Latent(self.mean[rows, streams], self.share[rows, streams])

    def then(self, later: Latent) -> Latent:
        """This and what follows."""
        return Latent(np.concatenate([self.mean, later.mean]), np.concatenate([self.share, later.share]))


class World(Protocol):
    """A crisis-free world that unfolds day by day."""

    phi: float

    def unfold(self, days: int) -> Latent:
        """The next `days` days."""
        ...


class PlainWorld:
    """Independent counts of one mean a stream, forever; `phi` = 0 is Poisson."""

    def __init__(self, rates: FloatArray, *, phi: float) -> None:
        self.phi = phi
        self._rates = rates.astype(np.float32)

    def unfold(self, days: int) -> Latent:
        """The next `days` days: all alike."""
        mean = np.broadcast_to(self._rates, (days * DAY_BINS, len(self._rates)))
        return Latent(mean, np.full_like(mean, SHARE))


class FullWorld:
    """Day, week, trend, noise, holidays and bursts."""

    def __init__(self, rates: FloatArray, *, seed: int, phi: float = WHITE_PHI) -> None:
        self.phi = phi
        self._rates = rates.astype(np.float32)
        self._dice = np.random.default_rng(seed)
        self._day = 0
        streams = len(rates)
        self._trend = np.zeros(streams, dtype=np.float32)
        self._noises = [self._normal(streams) * np.float32(deviation) for _, deviation in NOISES]
        self._burst = np.zeros(streams, dtype=np.float32)

    def unfold(self, days: int) -> Latent:
        """The next `days` days."""
        bins = days * DAY_BINS
        course = self._trends(bins)
        for number, (bins_of_memory, deviation) in enumerate(NOISES):
            course += self._noise(number, bins, math.exp(-1 / bins_of_memory), deviation)
        mean = np.exp(course, out=course)
        mean *= season(self._day, days)[:, np.newaxis]
        mean *= self._rates
        mean *= np.repeat(self._holidays(days), DAY_BINS, axis=0)
        mean *= self._bursts(bins)
        share = np.clip(SHARE + SHARE_NOISE * self._normal(bins // HOUR_BINS, len(self._rates)), SHARE_LOW, SHARE_HIGH)
        self._day += days
        return Latent(mean, np.repeat(share, HOUR_BINS, axis=0))

    def _normal(self, *shape: int) -> Float32Array:
        return self._dice.standard_normal(shape, dtype=np.float32)

    def _trends(self, bins: int) -> Float32Array:
        steps = self._normal(bins, len(self._rates)) * np.float32(TREND_30_DAYS / math.sqrt(30 * DAY_BINS))
        steps[0] += self._trend
        walk: Float32Array = np.cumsum(steps, axis=0, dtype=np.float32)
        self._trend = walk[-1].copy()
        # The mean of the exponential of the noises is more than 1: taken off, so that the rate is the mean.
        walk -= np.float32(sum(deviation**2 for _, deviation in NOISES) / 2)
        return walk

    def _noise(self, number: int, bins: int, memory: float, deviation: float) -> Float32Array:
        shocks = self._normal(bins, len(self._rates)) * np.float32(deviation * math.sqrt(1 - memory * memory))
        self._noises[number] = _remember(shocks, self._noises[number], memory)
        return shocks

    def _holidays(self, days: int) -> Float32Array:
        shape = (days, len(self._rates))
        factors = self._dice.choice(np.array(HOLIDAY_FACTORS, dtype=np.float32), size=shape)
        return np.where(self._dice.random(shape) < HOLIDAY_CHANCE, factors, np.float32(1))

    def _bursts(self, bins: int) -> Float32Array:
        shape = (bins, len(self._rates))
        heights = np.where(self._dice.random(shape, dtype=np.float32) < BURST_CHANCE, np.float32(1), np.float32(0))
        began = np.nonzero(heights)
        heights[began] = self._dice.uniform(BURST_LEAST, BURST_MOST, len(began[0])) - 1
        self._burst = _remember(heights, self._burst, BURST_DECAY)
        return heights + np.float32(1)


def _remember(shocks: Float32Array, before: Float32Array, memory: float) -> Float32Array:
    """Turn shocks into a first-order autoregression, in place; returns its last row."""
    last = before
    kept = np.float32(memory)
    for row in shocks:
        row += kept * last
        last = row
    return last.copy()


def season(first_day: int, days: int) -> Float32Array:
    """The factor of each bin for its time of day and its weekday; day 0 is a Monday."""
    angle = np.arange(DAY_BINS) / DAY_BINS * 2 * np.pi
    day = np.exp(0.55 * np.sin(angle - 2.2) + 0.25 * np.sin(2 * angle - 0.5))
    week = np.where(np.arange(first_day, first_day + days) % 7 >= 5, WEEKEND, 1.0)
    return np.outer(week, day / day.mean()).ravel().astype(np.float32)


def build(kind: Kind, rates: FloatArray, *, seed: int, phi: float) -> World:
    """A world of that kind; `phi` is the overdispersion of the overdispersed one."""
    if kind == "full":
        return FullWorld(rates, seed=seed)
    return PlainWorld(rates, phi=phi if kind == "overdispersed" else 0.0)


def draw(mean: Float32Array, phi: float, dice: np.random.Generator) -> IntArray:
    """Counts of that mean, with variance mean + phi * mean²."""
    if phi > 0:
        mean = mean * dice.standard_gamma(1 / phi, size=mean.shape, dtype=np.float32) * np.float32(phi)
    return dice.poisson(mean)


def seen_negative(volume: IntArray, share: Float32Array, scorer: Confusion, dice: np.random.Generator) -> IntArray:
    """How many of `volume` mentions a scorer calls negative when `share` of them are.

    Each mention is judged by itself, so the number seen is one binomial draw: right on the negative ones or wrong on
    the others.
    """
    chance = share * scorer.recall + (1 - share) * scorer.false_positives
    return dice.binomial(volume, np.clip(chance, 0.0, 1.0))


def growth(shape: Shape) -> FloatArray:
    """By what a crisis multiplies the mean in each bin from its onset, for three days.

    `stepK`: K times at once for 12 h, then fading with an e-folding time of 12 h. `exp30m`, `exp2h`: grows from 1.05
    times, doubling in that time, to ten times; held 12 h. `slow`: one to three times in a line over 48 h. `negshift`:
    the volume stays.
    """
    bins = np.arange(CRISIS_BINS, dtype=np.float64)
    if shape == "negshift":
        return np.ones(CRISIS_BINS)
    if shape == "slow":
        return 1 + 2 * np.clip(bins / (2 * DAY_BINS), 0, 1)
    if shape in ("exp30m", "exp2h"):
        doubling = {"exp30m": 30, "exp2h": 120}[shape] / BIN_MINUTES
        excess = np.minimum(9.0, 0.05 * 2.0 ** (np.minimum(bins, 400) / doubling))
        return 1 + excess * _fading(bins, int(np.argmax(excess >= 9.0)) + HALF_DAY)
    return 1 + (float(shape.removeprefix("step")) - 1) * _fading(bins, HALF_DAY)


def _fading(bins: FloatArray, held: int) -> FloatArray:
    return np.exp(-np.maximum(bins - held, 0) / HALF_DAY)


def struck(latent: Latent, shape: Shape) -> Latent:
    """`latent`, three days of it or less, under a crisis that begins with its first bin.

    A crisis is mostly negative: the share rises by 25 points throughout; in `negshift` by 40 points for 12 h.
    """
    bins = len(latent.mean)
    mean = latent.mean * growth(shape)[:bins, np.newaxis].astype(np.float32)
    rise = np.full(bins, CRISIS_SHARE, dtype=np.float32)
    if shape == "negshift":
        rise = np.where(np.arange(bins) < HALF_DAY, np.float32(SHIFT_SHARE), np.float32(0))
    return Latent(mean, np.clip(latent.share + rise[:, np.newaxis], 0, np.float32(SHARE_MOST)))
