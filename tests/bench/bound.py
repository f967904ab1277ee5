"""The physical limit of early warning from counts: the least mean delay any detector can have.

For a known law before and after the change, Page's CUSUM of the log-likelihood ratio is exactly optimal (Moustakides,
1986): no rule with the same mean time between false alarms has a smaller worst-case mean delay. Both run lengths come
from a Markov chain on the CUSUM's value (Brook and Evans, 1972), here with each move shared between the two
neighbouring states, which keeps the mean of the move exact. A detector that must learn the law can only be slower.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from tests.bench.threshold import PERIOD_DAYS
from tests.bench.watching import BIN_MINUTES, DAY_BINS, FloatArray

STATES = 400
NEGLIGIBLE = 1e-13
CLOSE = 1e-3
STEPS = 40


def law(mean: float, phi: float) -> FloatArray:
    """Probabilities of the counts 0, 1, 2… of a bin with variance mean + phi * mean²; phi = 0 is Poisson."""
    most = int(max(30.0, mean * 3 + 12 * math.sqrt(mean + phi * mean * mean) + 30))
    if phi > 0:
        size = 1.0 / phi
        logs = [
            math.lgamma(x + size) - math.lgamma(size) - math.lgamma(x + 1) + size * math.log(size / (size + mean))
            + x * math.log(mean / (size + mean))
            for x in range(most + 1)
        ]  # fmt: skip
    else:
        logs = [x * math.log(mean) - mean - math.lgamma(x + 1) for x in range(most + 1)]
    chances: FloatArray = np.exp(np.array(logs))
    chances[-1] += max(0.0, 1.0 - float(chances.sum()))
    return chances


def evidence(counts: FloatArray, rate: float, factor: float, phi: float) -> FloatArray:
    """Log-likelihood ratio of counts under `factor` times the rate against the rate itself."""
    if phi <= 0:
        return counts * math.log(factor) - rate * (factor - 1)
    size = 1.0 / phi
    return counts * math.log(factor) - (counts + size) * math.log((size + factor * rate) / (size + rate))


def run_length(limit: float, moves: FloatArray, chances: FloatArray) -> float:
    """Mean number of bins until a CUSUM from 0, moved by `moves` with `chances`, reaches `limit`."""
    step = limit / STATES
    values = np.arange(STATES) * step
    chain = np.zeros((STATES, STATES))
    rows = np.arange(STATES)
    # Great moves need no arithmetic: down they end at 0 from everywhere, up they reach the limit from everywhere.
    chain[:, 0] = chances[moves <= -limit].sum()
    small = np.abs(moves) < limit
    for move, chance in zip(moves[small], chances[small], strict=True):
        target = np.maximum(values + move, 0.0)
        stays = target < limit
        place = target[stays] / step
        low = np.minimum(place.astype(np.int64), STATES - 1)
        upper = np.clip(place - low, 0.0, 1.0)
        # Each row appears once for a move: plain indexed addition is safe.
        chain[rows[stays], low] += chance * (1 - upper)
        chain[rows[stays], np.minimum(low + 1, STATES - 1)] += chance * upper
    return float(np.linalg.solve(np.eye(STATES) - chain, np.ones(STATES))[0])


def limit_for(bins: float, moves: FloatArray, chances: FloatArray) -> float:
    """The limit whose mean run length is `bins`.

    The logarithm of the run length grows almost linearly with the limit, so that false position (Illinois) needs few
    steps.
    """

    def excess(limit: float) -> float:
        return math.log(run_length(limit, moves, chances) / bins)

    low, high = 0.05, math.log(bins) + 3
    below = excess(low)
    if below >= 0:  # one bin already tells: any limit is rarely reached before the change
        return low
    above = excess(high)
    middle = high
    for _ in range(STEPS):
        middle = low - below * (high - low) / (above - below)
        gap = excess(middle)
        if abs(gap) < CLOSE:
            break
        if gap < 0:
            low, below, above = middle, gap, above / 2
        else:
            high, above, below = middle, gap, below / 2
    return middle


@cache
def optimum(rate: float, factor: float, phi: float = 0.0, days: float = PERIOD_DAYS) -> float:
    """Minutes of mean delay of the optimal detector at one false alarm in `days`.

    `rate`: mentions in five minutes before the change, `factor` times as many from then on. The delay counts to the
    end of the alarming bin: never under five minutes.
    """
    before, after = law(rate, phi), law(rate * factor, phi)
    limit = limit_for(days * DAY_BINS, *_moves(before, rate, factor, phi))
    return run_length(limit, *_moves(after, rate, factor, phi)) * BIN_MINUTES


def _moves(chances: FloatArray, rate: float, factor: float, phi: float) -> tuple[FloatArray, FloatArray]:
    """What the bins add to the CUSUM, and how likely; counts too rare to matter left out."""
    counts = np.flatnonzero(chances > NEGLIGIBLE)
    return evidence(counts.astype(np.float64), rate, factor, phi), chances[counts]
