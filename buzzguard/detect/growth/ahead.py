"""What lies ahead: mentions an hour at later instants, and the peak, as a mixture of futures.

The excess over the baseline follows the public's day (`season`). Apart from that a story either still grows, and then
stops and wanes, or wanes already; each future is weighed by how well its present slope fits (the profile likelihood of
`pace`) times a prior:

- it grows with slope g for a time nobody knows. The rule of Gott 1993: what has lasted for A ends within x with the
  chance 1 - A / (A + x); in the median it lasts as long again. A is the time over which it has grown. Slopes have a
  half-normal prior: doubling within half an hour is one standard deviation.
- it wanes as a power of its age, (age / (age + h))^p. Crane and Sornette 2008 found the powers .2, .6 and 1.4 for
  stories from within, from outside, and such as nobody passes on; 0 and 2 bound them.

What no future knows is added as noise: the moods that the ordinary counts of five companies show (standard deviation
.35 with a memory of an hour, .25 with one of twelve), the doubt of the present level, and the chance of counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np

from buzzguard.detect.growth.course import DAY, Floats, Minutes
from buzzguard.detect.growth.pace import Pace
from buzzguard.detect.growth.story import Story
from buzzguard.model import MINUTE, Estimate, Outlook, PeakAhead

HORIZONS = (60, 180, 360, 720)
"""Minutes ahead for which the pace is told."""
STEEP = 0.5
"""The prior's standard deviation of the slope, a minute: doubling within half an hour."""
LASTS = (np.arange(6) + 0.5) / 6
RISING = 5
GOES_ON = 0.5
POWERS = np.array([0.0, 0.2, 0.6, 1.0, 1.4, 2.0])
POWER_PRIOR = np.array([0.1, 0.2, 0.3, 0.2, 0.15, 0.05])
LATER_POWERS = np.array([0.2, 0.6, 1.4])
"""How a story wanes that still grows; even odds."""
WORTH_TELLING = 8.0
"""A forecast whose interval spans more than this factor is none."""
YOUNGEST = 15.0
_UPWARD = np.linspace(0.0, 1.0, 65) ** 2
GRID = np.arange(0, DAY // 2 + 1, 15)
UNREST = 0.5
UNREST_HOURS = 3.0
SPREADS = 0.5
RELAPSES = 0.3
FLICKER = 0.2
DRIFT = 0.4
_NOISE = np.array([-1.64, -0.84, -0.39, 0.0, 0.39, 0.84, 1.64])
_NOISE_WEIGHT = np.array([0.1, 0.15, 0.16, 0.18, 0.16, 0.15, 0.1])
_CHANCE = np.array([-1.22, 0.0, 1.22])
_CHANCE_WEIGHT = np.array([0.3, 0.4, 0.3])
_TENTHS = np.array([0.1, 0.5, 0.9])


@dataclass(frozen=True, eq=False)
class Futures:
    """Ways in which the story may go on, one entry a future in each array.

    `slope` holds until minute `turns`, then the story wanes with `power` of its `age` (minutes); `level` is its excess
    a minute now, `weight` how probable it is (in sum one). `unrest` is the standard deviation of the logarithm of the
    excess from one hour to the next, `doubt` that of its level now.
    """

    slope: Floats
    turns: Floats
    power: Floats
    age: Floats
    level: Floats
    weight: Floats
    unrest: float
    doubt: float

    def excess(self, ahead: Floats) -> Floats:
        """The excess a minute of each future at minutes ahead, the season apart: shape (futures, minutes)."""
        rising = np.minimum(ahead, self.turns[:, None])
        waning = np.log((self.age[:, None] + ahead) / (self.age[:, None] + rising))
        growth = np.minimum(self.slope[:, None] * rising, 25.0) - self.power[:, None] * waning
        return np.asarray(self.level[:, None] * np.exp(growth), dtype=np.float64)

    def noise(self, ahead: Floats) -> Floats:
        """Standard deviation of the logarithm of the excess at minutes ahead, beyond what the futures differ by."""
        return np.sqrt(self.doubt**2 + self.unrest**2 * (ahead / 60.0) ** SPREADS)


def futures(minutes: Minutes, found: Pace, story: Story) -> Futures:
    """The futures that fit the present."""
    age = max(float(story.age), YOUNGEST)
    lasted = max(min(float(found.span), age), YOUNGEST)
    slopes, weights = _rising(found, age)
    turns = GOES_ON * lasted * LASTS / (1.0 - LASTS)
    shape = (len(slopes), len(turns), len(LATER_POWERS))
    rise = [
        np.broadcast_to(part, shape).ravel()
        for part in (slopes[:, None, None], turns[:, None], LATER_POWERS, age, weights[:, None, None] / shape[1] / 3)
    ]
    falls = [_waning(found, age, 1.0 - RELAPSES), _waning(found, lasted, RELAPSES)]
    slope, turn, power, ages, weight = (np.concatenate(parts) for parts in zip(rise, *falls, strict=True))
    level, doubt = _levels(minutes, found, story, slope)
    return Futures(
        np.maximum(slope, 0.0),
        turn,
        power,
        ages,
        level,
        weight / max(float(weight.sum()), 1e-12),
        unrest(minutes, story),
        doubt,
    )


def _waning(found: Pace, age: float, share: float) -> tuple[Floats, ...]:
    none = np.zeros(len(POWERS))
    return (-POWERS / age, none, POWERS, none + age, share * POWER_PRIOR * _likely(found, -POWERS / age))


def _levels(minutes: Minutes, found: Pace, story: Story, slopes: Floats) -> tuple[Floats, float]:
    """The present level for each slope, and its doubt: between the fit's own and that of the last hour."""
    span = int(min(max(story.age, YOUNGEST), 60))
    counts, usual, _ = minutes.over(DAY - span, DAY)
    times = np.arange(span) - span + 0.5
    load = (minutes.weight[-span:] * np.exp(slopes[:, None] * times)).sum(axis=1)
    surplus = max(float(counts - usual), 0.5)
    fitted = np.maximum(np.interp(slopes, found.slopes, found.levels), 1e-4)
    own = found.level_error**2 + FLICKER**2
    hour = (float(counts) + 1.0) / surplus**2 + DRIFT**2
    level = (np.log(fitted) / own + np.log(surplus / np.maximum(load, 1e-3)) / hour) / (1.0 / own + 1.0 / hour)
    return np.exp(level), sqrt(1.0 / (1.0 / own + 1.0 / hour))


def unrest(minutes: Minutes, story: Story) -> float:
    """How much the logarithm of the excess changes from one hour to the next, as seen since the story began.

    Pulled to `UNREST` with the weight of `UNREST_HOURS` hours; what chance alone makes of counts is taken off.
    """
    hours = min(story.age // 60, 12)
    if hours < 2:
        return UNREST
    edges = DAY - 60 * np.arange(hours, -1, -1)
    counts, usual, weight = minutes.over(edges[:-1], edges[1:])
    surplus = np.maximum(counts - usual, 1.0)
    watched = weight > 0.0
    paces = np.log(surplus / np.maximum(weight, 1e-3))
    chance = (counts + 1.0) / surplus**2
    both = watched[1:] & watched[:-1]
    moved = np.clip(np.diff(paces) ** 2 - chance[1:] - chance[:-1], 0.0, 4.0)[both]
    return sqrt((UNREST_HOURS * UNREST**2 + float(moved.sum())) / (UNREST_HOURS + len(moved)))


def _likely(found: Pace, slopes: Floats) -> Floats:
    return np.exp(np.interp(slopes, found.slopes, found.likelihood))


def _rising(found: Pace, age: float) -> tuple[Floats, Floats]:
    """A few slopes upward that stand for all, and their common weight."""
    slopes = _UPWARD * min(float(found.slopes[-1]), 16.0 * STEEP / age)
    density = _likely(found, slopes) * np.exp(-slopes * age / STEEP) * age / STEEP
    mass = np.cumsum(density * np.gradient(slopes))
    ranks = (np.arange(RISING) + 0.5) / RISING * mass[-1]
    return np.interp(ranks, mass, slopes), np.full(RISING, float(mass[-1]) / RISING)


def forecast(minutes: Minutes, ways: Futures) -> tuple[Outlook, ...]:
    """Mentions an hour in the hour around each of `HORIZONS`."""
    ahead = np.array(HORIZONS)
    usual = np.array([_mean(minutes.usual_ahead, at) for at in HORIZONS])
    season = np.array([_mean(minutes.season_ahead, at) for at in HORIZONS])
    tails = _quantiles(
        60.0 * usual,
        60.0 * season * ways.excess(ahead.astype(np.float64)),
        ways.weight,
        ways.noise(ahead.astype(np.float64)),
    )
    return tuple(
        Outlook(
            at=minutes.at + int(at) * MINUTE,
            per_hour=Estimate(low=float(low), value=float(middle), high=float(high)),
            known=worth_telling(float(low), float(high)),
        )
        for at, (low, middle, high) in zip(HORIZONS, tails.T, strict=True)
    )


def worth_telling(low: float, high: float) -> bool:
    """Whether an interval of counts is narrow enough that somebody may plan by it."""
    return (high + 1.0) / (low + 1.0) <= WORTH_TELLING


def peak_ahead(minutes: Minutes, ways: Futures) -> PeakAhead | None:
    """The peak still to come; None when it is likelier that it has been, or that it is now."""
    usual, season = (_grid(part) for part in (minutes.usual_ahead, minutes.season_ahead))
    usual[0], season[0] = minutes.usual_now, 1.0
    paces = 60.0 * (usual + season * ways.excess(GRID.astype(np.float64)))
    best = paces.argmax(axis=1)
    height = paces[np.arange(len(best)), best]
    later = (best > 0) & (height > 1.1 * paces[:, 0])
    if float(ways.weight[later].sum()) <= 0.5:
        return None
    weight = ways.weight[later] / ways.weight[later].sum()
    early, middle, late = _weighted(GRID[best[later]].astype(np.float64), weight)
    noise = ways.noise(np.array([middle]))
    low, typical, high = _quantiles(np.zeros(1), height[later][:, None], weight, noise)[:, 0]
    return PeakAhead(
        at=minutes.at + float(middle) * MINUTE,
        earliest=minutes.at + float(early) * MINUTE,
        latest=minutes.at + float(late) * MINUTE,
        per_hour=Estimate(low=float(low), value=float(typical), high=float(high)),
        known=worth_telling(float(low), float(high)) and float(late) < GRID[-1],
    )


def _mean(values: Floats, at: int) -> float:
    return float(values[at - 30 : at + 30].mean())


def _grid(values: Floats) -> Floats:
    return np.concatenate((values[:1], values[: GRID[-1]].reshape(-1, 15).mean(axis=1)))


def _quantiles(usual: Floats, excess: Floats, weight: Floats, noise: Floats) -> Floats:
    """Tenth, half and nine tenths of the counts of an hour: rows; one column for each column of `excess`."""
    means = usual + excess[:, None, :] * np.exp(_NOISE[:, None] * noise)
    roots = np.sqrt(means)[:, :, None, :] + 0.5 * _CHANCE[:, None]
    values = np.maximum(roots, 0.0).reshape(-1, len(noise)) ** 2
    weights = (weight[:, None, None] * _NOISE_WEIGHT[:, None] * _CHANCE_WEIGHT).ravel()
    return np.stack([_weighted(values[:, column], weights) for column in range(len(noise))], axis=1)


def _weighted(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values)
    return np.asarray(np.interp(_TENTHS, np.cumsum(weights[order]) - 0.5 * weights[order], values[order]))
