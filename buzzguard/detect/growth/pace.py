"""How fast the excess over the baseline doubles or halves: exponential growth fitted to spans of 16 minutes to 17 h.

The count y of a bin is taken to have the mean  usual + weight · exp(a + g · t), t the time to the present. Seven spans,
each of 16 bins and twice the span before, are fitted at once: for every slope of a grid the level `a` is found by
Newton steps, which gives the profile likelihood of the slope. It is a weighted Poisson likelihood: a bin of mean m
counts 1 / (1 + dispersion · m), which is right for few mentions and does not believe many of them too much; what
scatters more than that is divided by its own dispersion (Pearson).

The longest span is kept on which exponential growth fits, going from the shortest up: a span is refused when the
score test finds curvature (5 %), or when its slope contradicts that of a shorter span (Lepski's rule).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from buzzguard.detect.growth.course import DAY, Floats, Minutes
from buzzguard.model import SpanEstimate

BINS = 16
WIDTHS = np.array([1, 2, 4, 8, 16, 32, 64])
SLOPES = 0.75 * np.sinh(3.0 * np.linspace(-1.0, 1.0, 33)) / math.sinh(3.0)
"""Slopes tried, a bin: from halving within a bin to doubling within one, denser around none."""
STEPS = 4
DROP = 0.5 * 1.2816**2
"""By how much the log-likelihood falls at the ends of an interval of 80 %."""
CURVED = 3.84
"""The score test's chi-square beyond which growth was not exponential: one such span in twenty is refused wrongly."""
CONTRADICTS = 2.2
"""Standard errors by which a span's slope may differ from that of a shorter one."""
CLEAR = 6.63
"""Likelihood ratio beyond which the slope is not zero: wrong once in a hundred."""
_LEAST = 1e-9


@dataclass(frozen=True, eq=False)
class Pace:
    """The fit over the chosen span. Slopes are a minute; `levels` is the excess of this minute for each slope.

    `likelihood` is the log-likelihood of each slope, its maximum zero. `scatter` is Pearson's dispersion (at least 1),
    `level_error` the standard error of the logarithm of the level.
    """

    span: int
    slope: float
    low: float
    high: float
    level: float
    level_error: float
    clear: bool
    scatter: float
    slopes: Floats
    levels: Floats
    likelihood: Floats


def pace(minutes: Minutes, longest: int = DAY) -> Pace:
    """The growth of the excess over the longest recent span on which it was exponential, of `longest` at most."""
    fits = _Fits(minutes)
    chosen = 0
    for span in range(1, len(WIDTHS)):
        if WIDTHS[span - 1] * BINS >= longest or not fits.agrees(span):
            break
        chosen = span
    return fits.pace(chosen)


def doubling(found: Pace) -> tuple[SpanEstimate | None, SpanEstimate | None]:
    """In what time the excess doubles, and in what time it halves: at most one of them."""
    if not found.clear or found.low * found.high <= 0.0:
        return None, None
    times = sorted(math.log(2.0) / abs(slope) for slope in (found.low, found.slope, found.high))
    estimate = SpanEstimate(value=_minutes(times[1]), low=_minutes(times[0]), high=_minutes(times[2]))
    return (estimate, None) if found.slope > 0.0 else (None, estimate)


class _Fits:
    """All spans fitted at once; arrays are (spans, slopes, bins) or (spans, slopes)."""

    def __init__(self, minutes: Minutes) -> None:
        bins = np.arange(BINS)
        first = DAY - (BINS - bins) * WIDTHS[:, None]
        last = first + WIDTHS[:, None]
        full = first >= 0
        counts, usual, weight = minutes.over(np.maximum(first, 0), np.maximum(last, 0)) * full
        # The present is the end of the last bin: slopes turn around it, and the level is that of now.
        self.times = bins - BINS + 0.5
        watched = weight > 0.0
        smooth = _smoothed(counts, watched)
        trust = watched / (1.0 + minutes.dispersion * smooth)
        self.counts, self.usual, self.trust, self.watched = counts, usual, trust, watched
        self.shape = weight[:, None, :] * np.exp(SLOPES[:, None] * self.times)
        self.level = self._levels()
        self._judge()

    def _levels(self) -> Floats:
        counts, usual, trust = (part[:, None, :] for part in (self.counts, self.usual, self.trust))
        least = 0.25 / np.maximum(self.shape.sum(axis=2), _LEAST)
        surplus = np.maximum((trust * (counts - usual)).sum(axis=2), 0.0)
        level = np.maximum(surplus / np.maximum((trust * self.shape).sum(axis=2), _LEAST), least)
        for _ in range(STEPS):
            excess = self.shape * level[:, :, None]
            mean = usual + excess + _LEAST
            pull = trust * excess / mean
            score = (pull * (counts - mean)).sum(axis=2)
            information = (pull * excess).sum(axis=2) + _LEAST
            level = np.maximum(level * np.exp(np.clip(score / information, -2.0, 1.0)), least * 1e-2)
        return np.asarray(level, dtype=np.float64)

    def _judge(self) -> None:
        excess = self.shape * self.level[:, :, None]
        mean = self.usual[:, None, :] + excess + _LEAST
        raw = (self.trust[:, None, :] * (self.counts[:, None, :] * np.log(mean) - mean)).sum(axis=2)
        self.best = raw.argmax(axis=1)
        rows = np.arange(len(WIDTHS))
        excess, mean = excess[rows, self.best], mean[rows, self.best]
        freedom = np.maximum(self.watched.sum(axis=1) - 2, 1)
        misfit = (self.trust * (self.counts - mean) ** 2 / np.maximum(mean, 0.1)).sum(axis=1)
        self.scatter = np.maximum(misfit / freedom, 1.0)
        self.likelihood = (raw - raw.max(axis=1, keepdims=True)) / self.scatter[:, None]
        self.curvature = self._curvature(excess, mean)
        self.intervals: dict[int, tuple[float, float, float]] = {}
        self.error = np.sqrt(self.scatter / np.maximum((self.trust * excess * excess / mean).sum(axis=1), _LEAST))

    def _curvature(self, excess: Floats, mean: Floats) -> Floats:
        """Chi-square of the score test for a quadratic term beside level and slope."""
        information = self.trust * excess * excess / mean
        total = np.maximum(information.sum(axis=1, keepdims=True), _LEAST)
        linear = self.times - (information * self.times).sum(axis=1, keepdims=True) / total
        square = self.times**2 - (information * self.times**2).sum(axis=1, keepdims=True) / total
        along = (information * linear * square).sum(axis=1) / np.maximum(
            (information * linear * linear).sum(axis=1), _LEAST
        )
        bend = square - along[:, None] * linear
        score = (self.trust * (self.counts - mean) * excess / mean * bend).sum(axis=1)
        return np.asarray(
            score**2 / np.maximum((information * bend * bend).sum(axis=1) * self.scatter, _LEAST), dtype=np.float64
        )

    def interval(self, span: int) -> tuple[float, float, float]:
        """The slope a bin and the ends of its interval: low, middle, high."""
        if span not in self.intervals:
            self.intervals[span] = _interval(self.likelihood[span])
        return self.intervals[span]

    def agrees(self, span: int) -> bool:
        """Whether exponential growth fits the span, and its slope those of all shorter ones."""
        if self.curvature[span] > CURVED:
            return False
        low, slope, high = (end / WIDTHS[span] for end in self.interval(span))
        if max(-low, high) * WIDTHS[span] >= SLOPES[-1]:
            return False  # too coarse: it all happened within a bin
        for shorter in range(span):
            low, middle, high = (end / WIDTHS[shorter] for end in self.interval(shorter))
            error = ((middle - low) if slope < middle else (high - middle)) / 1.2816
            if abs(slope - middle) > CONTRADICTS * max(error, _LEAST):
                return False
        return True

    def pace(self, span: int) -> Pace:
        low, middle, high = (float(end) / int(WIDTHS[span]) for end in self.interval(span))
        likelihood = self.likelihood[span]
        level = np.asarray(self.level[span], dtype=np.float64)
        none = float(np.interp(0.0, SLOPES, likelihood))
        return Pace(
            span=int(WIDTHS[span]) * BINS,
            slope=middle,
            low=low,
            high=high,
            level=float(level[self.best[span]]),
            level_error=float(min(self.error[span], 2.0)),
            clear=-2.0 * none >= CLEAR,
            scatter=float(self.scatter[span]),
            slopes=SLOPES / WIDTHS[span],
            levels=level,
            likelihood=likelihood,
        )


def _smoothed(counts: Floats, watched: npt.NDArray[np.bool_]) -> Floats:
    """The mean of each bin and its neighbours: how much a bin may be believed must not hang on its own chance."""
    padded = np.pad(np.stack((counts, watched.astype(np.float64))), ((0, 0), (0, 0), (3, 2)))
    running = np.cumsum(padded, axis=2)
    sums = running[:, :, 5:] - running[:, :, :-5]
    return np.asarray(sums[0] / np.maximum(sums[1], 1.0), dtype=np.float64)


def _interval(likelihood: Floats) -> tuple[float, float, float]:
    """The most likely slope and the ends of its interval, between the grid's slopes."""
    best = int(likelihood.argmax())
    middle = _vertex(likelihood, best)
    low, high = float(SLOPES[0]), float(SLOPES[-1])
    below = np.flatnonzero(likelihood[: best + 1] < -DROP)
    above = np.flatnonzero(likelihood[best:] < -DROP)
    if len(below):
        low = _crossing(likelihood, int(below[-1]), int(below[-1]) + 1)
    if len(above):
        high = _crossing(likelihood, best + int(above[0]), best + int(above[0]) - 1)
    return min(low, middle), middle, max(high, middle)


def _crossing(likelihood: Floats, outside: int, inside: int) -> float:
    # The likelihood is about a parabola: its root falls about evenly, so the interval is interpolated there.
    out, within = math.sqrt(max(-float(likelihood[outside]), 0.0)), math.sqrt(max(-float(likelihood[inside]), 0.0))
    share = (math.sqrt(DROP) - within) / max(out - within, _LEAST)
    return float(SLOPES[inside] + share * (SLOPES[outside] - SLOPES[inside]))


def _vertex(likelihood: Floats, best: int) -> float:
    if best in (0, len(SLOPES) - 1):
        return float(SLOPES[best])
    x, y = SLOPES[best - 1 : best + 2], likelihood[best - 1 : best + 2]
    below, above = (y[1] - y[0]) / (x[1] - x[0]), (y[2] - y[1]) / (x[2] - x[1])
    bend = (above - below) / (x[2] - x[0])
    if bend >= -_LEAST:
        return float(x[1])
    return float(np.clip((x[0] + x[1]) / 2 - below / (2 * bend), x[0], x[2]))


def _minutes(value: float) -> timedelta:
    return timedelta(minutes=min(value, 60.0 * 24 * 30))
