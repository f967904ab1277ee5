"""A small world to detect in: a detector fed minute after minute with streams drawn from a seed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from buzzguard.detect.seasonal import COUNTS, SeasonalDetector
from buzzguard.model import WINDOWS, Assessment, Direction, Samples, Signal

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
DAY_STEPS = 288
STEPS = {window: window // STEP for window in WINDOWS}
STRIDES = {window: stride for window, stride in zip(WINDOWS, (1, 3, 3, 12, 12), strict=True)}

Shape = Callable[[int], float]
"""The mean of a stream's five-minute count at a step."""


def poisson(dice: random.Random, mean: float) -> int:
    """A Poisson count."""
    if mean > 30.0:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def seasonal(rate: float) -> Shape:
    """A rate with a day (largest to smallest about four) and a weaker weekend, starting on a Monday."""

    def mean(step: int) -> float:
        angle = step % DAY_STEPS / DAY_STEPS * 2.0 * math.pi
        day = math.exp(0.55 * math.sin(angle - 2.2) + 0.25 * math.sin(2.0 * angle - 0.5)) / 1.2
        return rate * day * (0.6 if step // DAY_STEPS % 7 >= 5 else 1.0)

    return mean


def draw(dice: random.Random, shape: Shape, steps: Iterable[int], *, phi: float = 0.0) -> Iterator[int]:
    """Counts of a shape, overdispersed by `phi`."""
    for step in steps:
        noise = dice.gammavariate(1.0 / phi, phi) if phi else 1.0
        yield poisson(dice, shape(step) * noise)


class World:
    """A detector and the counts it saw. Each step is five minutes; the windows that end with it are then learned."""

    def __init__(self, start: datetime = MONDAY, signals: tuple[Signal, ...] = (Signal.VOLUME,)) -> None:
        self.detector = SeasonalDetector(SeasonalDetector.Settings())
        self.start, self.signals = start, signals
        self._sums: list[tuple[int, ...]] = [(0,) * len(signals)]

    @property
    def now(self) -> datetime:
        return self.start + STEP * (len(self._sums) - 1)

    def samples(self, window: timedelta, *, closed: bool = False, known: float = 1.0, more: int = 0) -> Samples:
        """The trailing window that ends now, with `more` mentions beyond those counted."""
        last, first = self._sums[-1], self._sums[max(0, len(self._sums) - 1 - STEPS[window])]
        counts = {s.value: b - a + more for s, a, b in zip(self.signals, first, last, strict=True)}
        return Samples(topic="acme", window=window, end=self.now, closed=closed, known=known, **counts)

    def live(self, *counts: int, known: float = 1.0) -> None:
        """Let five minutes pass: one count for each signal."""
        self._sums.append(tuple(a + b for a, b in zip(self._sums[-1], counts, strict=True)))
        step = len(self._sums) - 1
        for window in WINDOWS:
            if step % STRIDES[window] == 0 and step >= STEPS[window]:
                self.detector.learn(self.samples(window, closed=True, known=known))

    def live_through(self, shape: Shape, days: float, *, dice: random.Random, phi: float = 0.0) -> None:
        """Let days pass in which every signal follows the shape on its own dice."""
        begin = len(self._sums) - 1
        for step in range(begin, begin + round(days * DAY_STEPS)):
            self.live(*(next(draw(dice, shape, [step], phi=phi)) for _ in self.signals))

    def judge(self, window: timedelta, *, more: int = 0, signal: Signal | None = None) -> Assessment:
        """The assessment of one window that ends now."""
        return self.detector.assess(self.samples(window, more=more))[signal or self.signals[0]]

    def rarest(self) -> dict[Signal, timedelta]:
        """For each signal the largest return period above the baseline in any window."""
        found = dict.fromkeys(self.signals, timedelta(0))
        for window in WINDOWS:
            answers = self.detector.assess(self.samples(window))
            for signal in self.signals:
                if answers[signal].direction is Direction.ABOVE:
                    found[signal] = max(found[signal], answers[signal].once_per)
        return found

    def steps_until(self, shape: Shape, rare: timedelta, *, dice: random.Random, at_most: int = DAY_STEPS) -> int:
        """How many steps of `shape` pass until the first signal is rarer than `rare`; `at_most` when it never is."""
        for step in range(1, at_most + 1):
            self.live(*(poisson(dice, shape(len(self._sums))) for _ in self.signals))
            if self.rarest()[self.signals[0]] > rare:
                return step
        return at_most


EVERY_COUNT = COUNTS
