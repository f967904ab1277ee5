"""Since when a topic is above its baseline, and whether it is past its peak.

The start of a story is where a cumulative sum (CUSUM, Page 1954) of log-likelihood ratios last stood at its lowest:
each minute argues for the baseline, or for the baseline and half of the highest excess of the day.

Past its peak: the excess, freed from the daily course, of the highest stretch against that of the latest stretch of the
same length. Their difference is divided by the standard error that it has if nothing changed; 3.3 of them are asked
because the highest of some thirty stretches is chosen (once in sixty steady days by chance), and a fall by a third.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from buzzguard.detect.growth.course import DAY, Floats, Minutes, Whole
from buzzguard.model import PeakPast

LENGTHS = (15, 30, 60, 120)
"""Lengths of the stretches compared, in minutes: the shortest is taken whose highest holds enough mentions."""
ENOUGH = 25.0
DECLINE = 3.3
FALLEN = 1.0 / 3.0
ABOVE = 3.0
"""Standard errors by which a story must be above its baseline."""
USUAL_SCATTER = 0.1
"""How much the square of the baseline adds to the variance of a sum: it may be a third too high or too low."""
LATELY = 30
"""Watched minutes that say whether the story is above the baseline still; more where `A_FEW` take longer to come."""
A_FEW = 5.0
STILL = 2.5


@dataclass(frozen=True)
class Story:
    """`begun` is its first minute in the day, None while nothing is above the baseline; `surplus` its mentions beyond
    the baseline; `lately` says whether its end is above it still. `peak_minute` is the middle of the
    highest stretch.
    """

    begun: int | None = None
    surplus: float = 0.0
    lately: bool = False
    peak: PeakPast | None = None
    peak_minute: float = 0.0
    past_peak: bool = False

    @property
    def age(self) -> int:
        """Minutes since it began."""
        return 0 if self.begun is None else DAY - self.begun


def story(minutes: Minutes) -> Story:
    """The story that is going on, or that has just ended; an empty one when there is none."""
    begun = _begun(minutes)
    counts, usual, _ = minutes.over(begun, DAY)
    if not _stands_out(float(counts), float(usual)):
        return Story()
    length = _stretch(minutes, begun)
    peak = _highest(minutes, begun, length)
    surplus = float(counts - usual)
    recent = minutes.over(_lately(minutes, begun, A_FEW * (DAY - begun) / surplus), DAY)
    middle, per_hour = _raw_peak(minutes, begun, length)
    return Story(
        begun=begun,
        surplus=surplus,
        lately=_stands_out(float(recent[0]), float(recent[1]), STILL),
        peak=PeakPast(at=minutes.instant(middle), per_hour=per_hour),
        peak_minute=middle,
        past_peak=peak is not None and _declined(minutes, peak, length),
    )


def _begun(minutes: Minutes) -> int:
    surplus = minutes.counts - minutes.usual
    rise = np.zeros(DAY + 1)
    np.cumsum(surplus, out=rise[1:])
    load = minutes.sums[2]
    paces = (rise[LATELY:] - rise[:-LATELY]) / np.maximum(load[LATELY:] - load[:-LATELY], 1e-3)
    other = max(0.5 * float(paces.max()), 3.0 / DAY) * minutes.weight
    ratio = np.log1p(other / np.maximum(minutes.usual, 0.02 * other + 1e-9))
    walk = np.zeros(DAY + 1)
    np.cumsum(minutes.counts * ratio - other, out=walk[1:])
    lowest = np.minimum.accumulate(walk)
    # The excursion that holds the highest point above its start is the story, also after it has ended.
    top = int((walk - lowest).argmax())
    return int(walk[: top + 1].argmin()) if top else DAY - 1


def _lately(minutes: Minutes, begun: int, span: float) -> int:
    """Since which minute half an hour, or the span, has been watched."""
    watched = np.cumsum(minutes.exposure)
    first = int(np.searchsorted(watched, watched[-1] - max(float(LATELY), span)))
    return min(max(first, begun), DAY - 1)


def _stands_out(counts: float, usual: float, errors: float = ABOVE) -> bool:
    return counts - usual > errors * sqrt(usual + USUAL_SCATTER * usual * usual + 0.5)


def _stretch(minutes: Minutes, begun: int) -> int:
    for length in LENGTHS:
        starts = np.arange(max(begun - length, 0), DAY - length + 1)
        counts, usual, _ = minutes.over(starts, starts + length)
        if float((counts - usual).max()) >= ENOUGH:
            return length
    return LENGTHS[-1]


def _highest(minutes: Minutes, begun: int, length: int) -> int | None:
    """The start of the stretch of highest excess for its hour, of those wholly before the latest stretch."""
    starts = np.arange(begun, DAY - 2 * length + 1)
    if not len(starts):
        return None
    counts, usual, weight = minutes.over(starts, starts + length)
    paces = (counts - usual) / np.maximum(weight, 0.25 * np.median(weight) + 1e-9)
    return int(starts[int(paces.argmax())])


def _raw_peak(minutes: Minutes, begun: int, length: int) -> tuple[float, float]:
    starts = np.arange(min(begun, DAY - length), DAY - length + 1)
    counts = minutes.over(starts, starts + length)[0]
    watched = _watched(minutes, starts, length)
    paces = counts / np.maximum(watched, 0.5 * length)
    best = int(paces.argmax())
    return float(starts[best]) + length / 2, float(paces[best]) * 60.0


def _watched(minutes: Minutes, starts: Whole, length: int) -> Floats:
    sums = np.concatenate((np.zeros(1), np.cumsum(minutes.exposure)))
    return np.asarray(sums[starts + length] - sums[starts], dtype=np.float64)


def _declined(minutes: Minutes, peak: int, length: int) -> bool:
    counts, usual, weight = minutes.over(np.array([peak, DAY - length]), np.array([peak + length, DAY]))
    if weight.min() <= 0.1 * weight.max() or weight.min() <= 0.0:
        return False  # the latest stretch was hardly watched, or its night is too deep to compare with
    pace = np.maximum(counts - usual, 0.0) / weight
    if pace[1] > (1.0 - FALLEN) * pace[0]:
        return False
    shared = max(float((counts - usual).sum()), 0.0) / float(weight.sum())
    mean = usual + shared * weight
    errors = (mean + _scatter(minutes) * mean * mean) / (weight * weight)
    return float(pace[0] - pace[1]) > DECLINE * sqrt(float(errors.sum()))


def _scatter(minutes: Minutes) -> float:
    # Stretches of a quarter of an hour and more have evened out the scatter of minutes, not that of moods.
    return 0.5 * minutes.dispersion
