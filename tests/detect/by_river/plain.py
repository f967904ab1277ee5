"""A default detector at the seam, so plain that its answers are known by heart."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from math import exp
from random import Random

from buzzguard.detect.by_river.detector import RiverDetector
from buzzguard.detect.by_river.settings import RiverSettings
from buzzguard.model import (
    WINDOWS,
    Assessment,
    Direction,
    Explanation,
    Judged,
    Samples,
    Signal,
    SignalReading,
)

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SAID = timedelta(days=7)
"""What the plain detector says of everything above its expectation."""


def poisson(dice: Random, mean: float) -> int:
    """A Poisson count of a small mean."""
    limit, product, count = exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


class PlainDetector:
    """Expects ten of everything, and calls what is above once a week."""

    version = "plain/1"

    def __init__(self, topics: Sequence[str] = ("acme",)) -> None:
        self.topics = topics
        self.learned: list[Samples] = []

    def assess(self, samples: Sequence[Samples]) -> list[Judged]:
        return [
            Judged(samples=one, assessments={signal: self._judge(one, signal) for signal in Signal})
            for one in samples
            if one.topic in self.topics
        ]

    def _judge(self, samples: Samples, signal: Signal) -> Assessment:
        observed = float(getattr(samples, signal.value))
        above = observed >= 10.0
        return Assessment(
            signal=signal,
            window=samples.window,
            observed=observed,
            expected=10.0,
            high=20.0,
            once_per=SAID,
            direction=Direction.ABOVE if above else Direction.BELOW,
            learned=timedelta(days=30),
            needed=timedelta(days=7),
            doubles_in=timedelta(hours=1) if above else None,
        )

    def learn(self, closed: Sequence[Samples]) -> None:
        self.learned += closed

    def snapshot(self, topic: str) -> bytes:
        return topic.encode()

    def restore(self, topic: str, state: bytes) -> None:
        raise ValueError(f"{topic} {state!r}")

    def explain(self, samples: Sequence[Samples]) -> Explanation:
        if not samples or samples[0].topic not in self.topics:
            raise LookupError("unknown topic")
        signals = tuple(
            SignalReading(signal=signal, once_per=SAID, decided_by=(WINDOWS[0],), scales=()) for signal in Signal
        )
        return Explanation(
            topic=samples[0].topic,
            at=samples[0].end,
            detector="plain",
            watched=timedelta(days=30),
            needed=timedelta(days=7),
            mentions=100.0,
            trust=timedelta(days=100),
            signals=signals,
        )

    def band(self, topic: str, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        return [10.0] * bins, [20.0] * bins


def river(model: str, *, default: PlainDetector | None = None, **settings: object) -> RiverDetector:
    """A detector of one model, for the topic acme, before a plain default."""
    chosen = RiverSettings.model_validate({"model": model, **settings})
    return RiverDetector(chosen, ["acme"], default=default or PlainDetector())


def windows_at(end: datetime, volume: int, *, negative: int | None = None) -> list[Samples]:
    """Every window that ends at an instant, the same in each."""
    told = volume if negative is None else negative
    return [Samples(topic="acme", window=window, end=end, volume=volume, negative=told) for window in WINDOWS]


def quarters(values: Sequence[int], *, start: datetime = MONDAY, known: float = 1.0) -> list[Samples]:
    """Closed quarter hours that hold these counts, one after the other."""
    return [
        Samples(
            topic="acme",
            window=QUARTER,
            end=start + QUARTER * (index + 1),
            volume=value,
            negative=value // 4,
            known=known,
            closed=True,
        )
        for index, value in enumerate(values)
    ]


def usual_days(days: int, *, rate: float = 8.0, seed: str = "days") -> list[int]:
    """Counts of quarter hours that rise by day and fall by night."""
    dice = Random(seed)
    by_hour = [0.4] * 7 + [1.2] * 14 + [0.8] * 3
    return [poisson(dice, rate * by_hour[index // 4 % 24]) for index in range(days * 96)]


def once_per(detector: RiverDetector, end: datetime, volume: int, *, signal: Signal = Signal.VOLUME) -> timedelta:
    """What a detector says of a volume in the quarter hour that ends at an instant."""
    (judged,) = detector.assess([Samples(topic="acme", window=QUARTER, end=end, volume=volume, negative=volume)])
    return judged.assessments[signal].once_per


def ends(days: int) -> datetime:
    """The instant after so many days."""
    return MONDAY + timedelta(days=days)
