"""Run many watches through one synthetic world and through the crises that strike forks of it.

All watches see the same counts. A crisis strikes every stream at each check day, the streams in eight groups at
different hours; each shape strikes a fork of its own, which nobody else sees.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tests.bench.watching import (
    BIN_MINUTES,
    CLEAN,
    DAY_BINS,
    NOISY,
    Confusion,
    Float32Array,
    FloatArray,
    IntArray,
    Watch,
)
from tests.bench.worlds import CRISIS_BINS, SHAPES, FullWorld, Latent, Shape, draw, end_of, seen_negative, struck

RATES = (0.1, 1.0, 10.0, 100.0)
SCORERS: Mapping[str, Confusion] = {"clean": CLEAN, "noisy": NOISY}
CHUNK = 7
GROUPS = 8
HIGHEST = 1e30


@dataclass(frozen=True)
class Plan:
    """How much is run. `streams`: at each rate; `warm`: days not judged; `checks`: days on which crises begin."""

    streams: int = 40
    days: int = 84
    warm: int = 28
    checks: tuple[int, ...] = (30, 48, 66)
    rates: tuple[float, ...] = RATES
    shapes: tuple[Shape, ...] = SHAPES
    seed: int = 1

    def rate_of_streams(self) -> FloatArray:
        """The rate of each stream."""
        return np.repeat(np.array(self.rates), self.streams)

    def first_of_each(self, streams: int) -> IntArray:
        """The first so many streams of each rate."""
        taken = min(streams, self.streams)
        return np.concatenate([np.arange(taken) + place * self.streams for place in range(len(self.rates))])


def horizon(shape: Shape) -> int:
    """Bins within which a crisis must be found: 24 h, 72 h for the slow one."""
    return CRISIS_BINS if shape == "slow" else DAY_BINS


@dataclass
class Contestant:
    """A watch, the streams it watches, and what it is fed.

    `scorer`: the name of the scorer whose negatives it sees ("" for none); `as_volume`: they are given in the place
    of the volume. `natural`: its score is a return period.
    """

    name: str
    watch: Watch
    streams: IntArray
    scorer: str = ""
    as_volume: bool = False
    natural: bool = True
    calm: list[Float32Array] = field(default_factory=list)
    crises: dict[Shape, list[Float32Array]] = field(default_factory=dict)
    crisis_rates: dict[Shape, list[FloatArray]] = field(default_factory=dict)
    seconds: float = 0.0
    updates: int = 0

    @property
    def microseconds(self) -> float:
        """Mean cost of one stream's bin."""
        return self.seconds / max(1, self.updates) * 1e6


class Counts(NamedTuple):
    """What is published: mentions, and those that each scorer calls negative, as (bins, streams)."""

    volume: IntArray
    negative: Mapping[str, IntArray]

    def rows(self, first: int, stop: int) -> Counts:
        """The bins from `first` to before `stop`."""
        return Counts(self.volume[first:stop], {name: seen[first:stop] for name, seen in self.negative.items()})


def publish(latent: Latent, phi: float, dice: np.random.Generator) -> Counts:
    """Draw what the latent world says."""
    volume = draw(latent.mean, phi, dice)
    return Counts(volume, {name: seen_negative(volume, latent.share, one, dice) for name, one in SCORERS.items()})


def follow(one: Contestant, watch: Watch, counts: Counts, first_bin: int, columns: IntArray) -> Float32Array:
    """Tick `watch` through the bins of `counts` of those columns; returns its periods."""
    volume = counts.volume[:, columns]
    negative = counts.negative[one.scorer][:, columns] if one.scorer else None
    if one.as_volume and negative is not None:
        volume, negative = negative, None
    periods = np.zeros(volume.shape, dtype=np.float32)
    began = time.perf_counter()
    for row in range(len(volume)):
        seen = None if negative is None else negative[row]
        periods[row] = np.minimum(watch.tick(end_of(first_bin + row), volume[row], seen), HIGHEST)
    one.seconds += time.perf_counter() - began
    one.updates += volume.size
    return periods


class Strike(NamedTuple):
    """Crises of all shapes that begin in bin `onset`, in a fork for each shape of each of `streams`."""

    onset: int
    streams: IntArray


def strikes(plan: Plan) -> list[Strike]:
    """When which streams are struck, in order of time."""
    dice = np.random.default_rng([plan.seed, 1])
    found = []
    for check in plan.checks:
        order = dice.permutation(len(plan.rates) * plan.streams)
        hours = np.sort(dice.choice(DAY_BINS, GROUPS, replace=False))
        found += [
            Strike(check * DAY_BINS + int(hour), np.sort(order[group::GROUPS]).astype(np.int64))
            for group, hour in enumerate(hours)
            if len(order[group::GROUPS])
        ]
    return found


class Scene(NamedTuple):
    """A piece of the world from bin `first` on, with at least three days more than its counts."""

    first: int
    latent: Latent
    counts: Counts
    phi: float


def run(contestants: Sequence[Contestant], plan: Plan) -> None:
    """Lead all contestants through the world and its crises; what they said is kept in them."""
    world = FullWorld(plan.rate_of_streams(), seed=plan.seed)
    dice = np.random.default_rng([plan.seed, 2])
    pending = strikes(plan)
    now, ahead = world.unfold(CHUNK), world.unfold(CHUNK)
    for first in range(0, plan.days * DAY_BINS, CHUNK * DAY_BINS):
        bins = min(CHUNK * DAY_BINS, plan.days * DAY_BINS - first)
        counts = publish(Latent(now.mean[:bins], now.share[:bins]), world.phi, dice)
        due = [one for one in pending if one.onset < first + bins]
        pending = pending[len(due) :]
        _play(contestants, Scene(first, now.then(ahead), counts, world.phi), due, plan)
        now, ahead = ahead, world.unfold(CHUNK)


def _play(contestants: Sequence[Contestant], scene: Scene, due: Sequence[Strike], plan: Plan) -> None:
    """Calm until a strike, the strike in forks, calm again until the scene ends."""
    at = 0
    for strike in [*due, None]:
        stop = len(scene.counts.volume) if strike is None else strike.onset - scene.first
        if stop > at:
            calm = scene.counts.rows(at, stop)
            for one in contestants:
                one.calm.append(follow(one, one.watch, calm, scene.first + at, one.streams))
        if strike is not None:
            for bins in sorted({horizon(shape) for shape in plan.shapes}):
                _strike(contestants, scene, strike, bins, plan)
        at = stop


def _strike(contestants: Sequence[Contestant], scene: Scene, strike: Strike, bins: int, plan: Plan) -> None:
    """Let the crises that are watched for `bins` bins happen to forks of each contestant, side by side."""
    shapes = [shape for shape in plan.shapes if horizon(shape) == bins]
    dice = np.random.default_rng([plan.seed, 3, strike.onset, bins])
    calm = scene.latent.part(strike.onset - scene.first, bins, strike.streams)
    crises = [publish(struck(calm, shape), scene.phi, dice) for shape in shapes]
    counts = Counts(
        np.concatenate([one.volume for one in crises], axis=1),
        {name: np.concatenate([one.negative[name] for one in crises], axis=1) for name in SCORERS},
    )
    rates = plan.rate_of_streams()[strike.streams]
    for one in contestants:
        columns = np.flatnonzero(np.isin(strike.streams, one.streams))
        if not len(columns):
            continue
        mine = np.searchsorted(one.streams, strike.streams[columns])
        fork = one.watch.fork(np.tile(mine, len(shapes)).astype(np.int64))
        places = [columns + place * len(strike.streams) for place in range(len(shapes))]
        periods = follow(one, fork, counts, strike.onset, np.concatenate(places))
        for place, shape in enumerate(shapes):
            part = slice(place * len(columns), (place + 1) * len(columns))
            one.crises.setdefault(shape, []).append(periods[:, part])
            one.crisis_rates.setdefault(shape, []).append(rates[columns])


def delays(periods: Float32Array, threshold: float) -> FloatArray:
    """Minutes to the end of the first bin of each column that reaches `threshold`; infinite where none does."""
    over = periods >= threshold
    return np.where(over.any(axis=0), (over.argmax(axis=0) + 1.0) * BIN_MINUTES, np.inf)
