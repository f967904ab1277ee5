"""What lies ahead: mentions an hour at later instants, and the peak, as a mixture of futures.

The excess over the baseline follows the public's day (`season`). Apart from that each future goes on with a slope for
a while, turns, and then wanes as a power of its age. Futures are weighed by how well their slope fits the present (the
profile likelihood of `pace`) times a prior, one half for each kind:

- A trend, up or down. The prior of its slope is even on both sides and has no scale of its own: the slope times the
  story's age is about `STEEP`. It lasts for a time nobody knows, in the manner of Gott 1993: what has held for A holds
  for another x with the chance (1 + x / A)^-2, in the median 0.4 A; A is the span over which it was exponential.
- It wanes already, (age / (age + h))^p. Crane and Sornette 2008 found the powers .2, .6 and 1.4 for stories from
  within, from outside, and such as nobody passes on; 0 and 2 bound them.

A share of both just stops: a bot, a joke, one account. The chance to have stopped by x is `STOPS` x / (age + x).

Noise is added: the unrest from hour to hour that the story has shown so far, the doubt of its present level, and the
chance of counts. What spans more than a factor of eight is not `known`.

The constants are round numbers, but they and the kinds of futures were settled while looking at the onsets of
`tests/bench/growth.py`: its figures are not out of sample. Halving or doubling one constant changes a set’s error
by a tenth in most cases, by a fifth in the worst; the power with which the excess follows the day (`course`) more.
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
TRENDS = 5
TURNS = (1.0 - (np.arange(4) + 0.5) / 4) ** -0.5 - 1.0
POWERS = np.array([0.0, 0.2, 0.6, 1.0, 1.4, 2.0])
POWER_PRIOR = np.array([0.1, 0.2, 0.3, 0.2, 0.15, 0.05])
LATER_POWERS = np.array([0.2, 0.6, 1.4])
"""How a story wanes after its trend has turned; even odds."""
STOPS = 0.25
STOPPED = np.array([0.125, 0.375, 0.625, 0.875])
UNREST = 0.5
"""Standard deviation of the logarithm of a story's excess from one hour to the next, before its own is seen."""
UNREST_HOURS = 3.0
SPREADS = 0.5
"""The variance of the unrest grows with this power of the time ahead: stories come back to their course."""
FLICKER, DRIFT = 0.2, 0.3
"""By how much the excess of the moment, and that of the last hour, stray from the level that goes on (logarithm)."""
WORTH_TELLING = 8.0
"""A forecast whose interval spans more than this factor is none."""
PLANNABLE = 360.0
"""Minutes that the interval of a peak's time may span, for it to be known."""
YOUNGEST = 15.0
MOST_GROWTH = 4.0
"""No future grows by more than this power of e."""
STEP = 20
GRID = np.arange(0, DAY // 2 + 1, STEP)
_SLOPES = np.linspace(-1.0, 1.0, 129) * np.abs(np.linspace(-1.0, 1.0, 129))
_APART = np.gradient(_SLOPES)
_NOISE = np.array([-1.75, -0.84, 0.0, 0.84, 1.75])
_NOISE_WEIGHT = np.array([0.1, 0.24, 0.32, 0.24, 0.1])
_CHANCE = np.array([-1.0, 1.0])
_TENTHS = np.array([0.1, 0.5, 0.9])


@dataclass(frozen=True, eq=False)
class Futures:
    """Ways in which the story may go on, one entry a future in each array.

    `slope` holds until minute `turns`, then the story wanes with `power` of its `age` (minutes); after minute `stops`
    a twentieth of it is left. `level` is its excess a minute now, `weight` how probable it is (in sum one). `unrest` is
    the standard deviation of the logarithm of the excess from one hour to the next, `doubt` that of its level now.
    """

    slope: Floats
    turns: Floats
    power: Floats
    age: float
    stops: Floats
    level: Floats
    weight: Floats
    unrest: float
    doubt: float

    def excess(self, ahead: Floats) -> Floats:
        """The excess a minute of each future at minutes ahead, the season apart: shape (futures, minutes)."""
        rising = np.minimum(ahead, self.turns[:, None])
        waning = np.log((self.age + ahead) / (self.age + rising))
        growth = np.minimum(self.slope[:, None] * rising, MOST_GROWTH) - self.power[:, None] * waning
        left = np.where(ahead > self.stops[:, None], 0.05, 1.0)
        return np.asarray(self.level[:, None] * np.exp(growth) * left, dtype=np.float64)

    def noise(self, ahead: Floats) -> Floats:
        """Standard deviation of the logarithm of the excess at minutes ahead, beyond what the futures differ by."""
        return np.sqrt(self.doubt**2 + self.unrest**2 * (ahead / 60.0) ** SPREADS)


def futures(minutes: Minutes, found: Pace, story: Story) -> Futures:
    """The futures that fit the present."""
    age = max(float(story.age), YOUNGEST)
    lasted = max(min(float(found.span), age), YOUNGEST)
    slopes, weights = _trends(found, age)
    turns = lasted * TURNS
    shape = (len(slopes), len(turns), len(LATER_POWERS))
    trends = [
        np.broadcast_to(part, shape).ravel()
        for part in (slopes[:, None, None], turns[:, None], LATER_POWERS, weights[:, None, None] / shape[1] / shape[2])
    ]
    wanes = [-POWERS / age, np.zeros(len(POWERS)), POWERS, POWER_PRIOR * _likely(found, -POWERS / age)]
    slope, turn, power, weight = (np.concatenate(parts) for parts in zip(trends, wanes, strict=True))
    weight *= (1.0 - STOPS) / max(float(weight.sum()), 1e-12)
    steady, stops = np.zeros(len(STOPPED)), age * STOPPED / (1.0 - STOPPED)
    level, doubt = _levels(minutes, found, story, np.concatenate((slope, steady + found.slope)))
    return Futures(
        slope=np.concatenate((slope, steady)),
        turns=np.concatenate((turn, steady)),
        power=np.concatenate((power, steady)),
        age=age,
        stops=np.concatenate((np.full(len(turn), np.inf), stops)),
        level=level,
        weight=np.concatenate((weight, steady + STOPS / len(STOPPED))),
        unrest=unrest(minutes, story),
        doubt=doubt,
    )


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


def _trends(found: Pace, age: float) -> tuple[Floats, Floats]:
    """A few slopes that stand for all, down and up, and their common weight."""
    widest = min(float(found.slopes[-1]), 16.0 * STEEP / age)
    slopes = _SLOPES * widest
    density = _likely(found, slopes) * np.exp(-np.abs(slopes) * age / STEEP) * 0.5 * age / STEEP
    mass = np.cumsum(density * _APART) * widest
    ranks = (np.arange(TRENDS) + 0.5) / TRENDS * mass[-1]
    return np.interp(ranks, mass, slopes), np.full(TRENDS, float(mass[-1]) / TRENDS)


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
    return bool((high + 1.0) / (low + 1.0) <= WORTH_TELLING)


def peak_ahead(minutes: Minutes, ways: Futures) -> PeakAhead | None:
    """The peak still to come; None when it is likelier that it has been, or that it is now.

    Unrest moves the highest hour about: of each future, an hour is the highest with the chance that Luce's rule gives,
    e to the power of its logarithm over the unrest (the highest of values with Gumbel noise).
    """
    usual, season = (_grid(part) for part in (minutes.usual_ahead, minutes.season_ahead))
    usual[0], season[0] = minutes.usual_now, 1.0
    paces = 60.0 * (usual + season * ways.excess(GRID.astype(np.float64)))
    best = paces.argmax(axis=1)
    height = paces[np.arange(len(best)), best]
    later = (best > 0) & (height > 1.1 * paces[:, 0])
    if float(ways.weight[later].sum()) <= 0.5:
        return None
    weight = ways.weight[later] / ways.weight[later].sum()
    early, middle, late = _weighted(GRID.astype(np.float64), _highest(paces[later], weight, ways.unrest))
    noise = ways.noise(np.array([middle]))
    low, typical, high = _quantiles(np.zeros(1), height[later][:, None], weight, noise)[:, 0]
    return PeakAhead(
        at=minutes.at + float(middle) * MINUTE,
        earliest=minutes.at + float(early) * MINUTE,
        latest=minutes.at + float(late) * MINUTE,
        per_hour=Estimate(low=float(low), value=float(typical), high=float(high)),
        known=worth_telling(float(low), float(high)) and bool(late - early <= PLANNABLE),
    )


def _highest(paces: Floats, weight: Floats, unrest: float) -> Floats:
    """The chance of each time of the grid to be the highest."""
    heights = np.log(paces + 1.0)
    chance = np.exp((heights - heights.max(axis=1, keepdims=True)) / (0.78 * unrest))
    return np.asarray(weight @ (chance / chance.sum(axis=1, keepdims=True)), dtype=np.float64)


def _mean(values: Floats, at: int) -> float:
    return float(values[at - 30 : at + 30].mean())


def _grid(values: Floats) -> Floats:
    return np.concatenate((values[:1], values[: GRID[-1]].reshape(-1, STEP).mean(axis=1)))


def _quantiles(usual: Floats, excess: Floats, weight: Floats, noise: Floats) -> Floats:
    """Tenth, half and nine tenths of the counts of an hour: rows; one column for each column of `excess`."""
    means = usual + excess[:, None, :] * np.exp(_NOISE[:, None] * noise)
    roots = np.sqrt(means)[:, :, None, :] + 0.5 * _CHANCE[:, None]
    values = np.maximum(roots, 0.0).reshape(-1, len(noise)) ** 2
    weights = np.repeat(weight[:, None] * _NOISE_WEIGHT / len(_CHANCE), len(_CHANCE))
    return np.stack([_weighted(values[:, column], weights) for column in range(len(noise))], axis=1)


def _weighted(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values)
    return np.asarray(np.interp(_TENTHS, np.cumsum(weights[order]) - 0.5 * weights[order], values[order]))
