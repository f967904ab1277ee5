"""A small world to detect in: topics side by side in one detector, fed five minutes at a time with drawn mentions.

One detector with many topics costs hardly more than with one: stories that take days are played side by side.
Distinct authors and sites are as many as mentions, unless a story says otherwise.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple
from zlib import crc32
from zoneinfo import ZoneInfo

import numpy as np

from buzzguard.config.settings import EventSettings
from buzzguard.detect.calendar import Calendar, Place
from buzzguard.detect.scan import Array
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.measure.strides import STRIDES
from buzzguard.model import WINDOWS, Assessment, Confusion, Direction, Judged, Samples, Signal

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
STEP = timedelta(minutes=5)
DAY = timedelta(days=1)
DAY_STEPS = DAY // STEP
STEPS = {window: window // STEP for window in WINDOWS}
EVER = timedelta(days=10_000_000)
PAST_DAYS = 8

Shape = Callable[[datetime], float]
"""The mean number of mentions of five minutes, by the time on the wall of the topic's people."""


class Said(NamedTuple):
    """What is said of a topic in five minutes, or beyond what was counted so far."""

    volume: int = 0
    negative: int = 0
    positive: int = 0
    authors: int = 0
    reach: int = 0
    engagement: int = 0
    spread: int = 0
    gravity: int = 0
    voices: int = 0
    hostile: int = 0


NOTHING = Said()


def said(volume: int, negative: int | None = None, *, authors: int | None = None, voices: float | None = None) -> Said:
    """So many mentions, a fifth of them negative, each by an author of its own on a site of its own."""
    negative = round(volume / 5) if negative is None else negative
    authors = volume if authors is None else authors
    voices = volume if voices is None else voices
    return Said(
        volume=volume,
        negative=negative,
        authors=authors,
        spread=authors,
        reach=400 * volume,
        engagement=3 * volume,
        voices=round(1000 * voices),
        hostile=round(1000 * voices * negative / max(1, volume)),
    )


def poisson(dice: random.Random, mean: float) -> int:
    """A Poisson count."""
    if mean > 30.0:
        return max(0, round(dice.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


@dataclass(frozen=True)
class Talk:
    """How a topic is spoken of: a steady rate or a shape, the part that is negative, overdispersion `phi`."""

    mean: float | Shape
    share: float = 0.2
    phi: float = 0.0

    def draw(self, dice: np.random.Generator, lived: datetime) -> Said:
        """Five minutes of it."""
        mean = self.mean if isinstance(self.mean, int | float) else self.mean(lived)
        volume = int(dice.poisson(mean * dice.gamma(1.0 / self.phi, self.phi) if self.phi else mean))
        if not volume:
            return NOTHING
        negative = int(dice.binomial(volume, self.share))
        positive = int(dice.binomial(volume - negative, 0.4))
        reach = round(volume * float(dice.lognormal(6.0, 0.8)))
        told = said(volume, negative)
        return told._replace(positive=positive, reach=reach, engagement=int(dice.poisson(3 * volume)))


def seasonal(rate: float) -> Shape:
    """A rate with a day (largest to smallest about four) and a weaker weekend."""

    def mean(lived: datetime) -> float:
        angle = (lived.hour * 60 + lived.minute) / 1440.0 * 2.0 * math.pi
        day = math.exp(0.55 * math.sin(angle - 2.2) + 0.25 * math.sin(2.0 * angle - 0.5)) / 1.2
        return rate * day * (0.6 if lived.weekday() >= 5 else 1.0)

    return mean


PARIS = Place("Europe/Paris")
PASTS: Mapping[str, Talk] = {
    "silent": Talk(0.0),
    "quiet": Talk(0.05),
    "small": Talk(1.0),
    "middling": Talk(2.0),
    "lively": Talk(5.0),
    "large": Talk(50.0),
    "seasonal": Talk(seasonal(5.0), phi=0.1),
}
"""What a topic may have behind it, for `PAST_DAYS`. The people of the seasonal one live in Paris."""


class Past(NamedTuple):
    """What a detector has learned, and the counts of its last day."""

    state: bytes
    sums: Array


@cache
def past(name: str) -> Past:
    """What lies behind a topic of that kind at the start of a world."""
    return _pasts()[name]


@cache
def _pasts() -> dict[str, Past]:
    places = {name: PARIS if name == "seasonal" else Place("UTC") for name in PASTS}
    world = World(*PASTS, start=MONDAY - timedelta(days=PAST_DAYS), calendar=Calendar(places))
    world.live_through(PASTS, PAST_DAYS)
    return {name: world.recall(name) for name in PASTS}


class Counts:
    """What was said of some topics, five minutes after five minutes, and the windows that it makes."""

    def __init__(self, *topics: str, start: datetime = MONDAY) -> None:
        self.topics = topics
        self.start, self.steps = start, 0
        # One row a step kept, one column a topic: sums of what was said, and in the last place of known time.
        self._sums = np.zeros((DAY_STEPS + 1, len(topics), len(Said._fields) + 1))

    def count(self, counts: Mapping[str, Said], *, unknown: Mapping[str, float] | None = None) -> None:
        """Let five minutes pass; of topics that are `unknown` this part could not be read."""
        before = self._sums[self.steps % len(self._sums)]
        self.steps += 1
        here = self._sums[self.steps % len(self._sums)]
        for row, topic in enumerate(self.topics):
            here[row, :-1] = before[row, :-1] + counts.get(topic, NOTHING)
            here[row, -1] = before[row, -1] + 1.0 - (unknown or {}).get(topic, 0.0)

    @property
    def now(self) -> datetime:
        """The end of the last step."""
        return self.start + STEP * self.steps

    def samples(
        self, topic: str, window: timedelta, *, more: Said = NOTHING, closed: bool = False, known: float | None = None
    ) -> Samples:
        """The trailing window that ends now, with what was said beyond what was counted."""
        row = self.topics.index(topic)
        size = len(self._sums)
        sums = self._sums[self.steps % size, row] - self._sums[(self.steps - STEPS[window]) % size, row]
        counts = {name: round(value) + extra for name, value, extra in zip(Said._fields, sums, more, strict=False)}
        share = float(sums[-1]) / STEPS[window] if known is None else known
        return Samples(topic=topic, window=window, end=self.now, closed=closed, known=share, **counts)

    def closed(self) -> list[Samples]:
        """The closed windows that end now."""
        seconds = int(self.now.timestamp())
        due = [window for window in WINDOWS if seconds % STRIDES[window].total_seconds() == 0]
        return [self.samples(topic, window, closed=True) for window in due for topic in self.topics]


class World(Counts):
    """A detector and what it saw. Each step is five minutes; the windows that end with it are then learned."""

    def __init__(
        self,
        *topics: str,
        start: datetime = MONDAY,
        calendar: Calendar | None = None,
        confusion: Confusion | None = None,
    ) -> None:
        super().__init__(*topics, start=start)
        self.calendar = calendar or Calendar({topic: Place("UTC") for topic in topics})
        self.detector = SeasonalDetector(SeasonalDetector.Settings(), topics, self.calendar, confusion)
        self._dice = {topic: np.random.default_rng(crc32(topic.encode())) for topic in topics}

    @classmethod
    def after(
        cls,
        pasts: Mapping[str, str],
        *,
        start: datetime = MONDAY,
        places: Mapping[str, Place] | None = None,
        events: tuple[EventSettings, ...] = (),
    ) -> World:
        """Topics by the kind of past that each has behind it."""
        calendar = Calendar(dict.fromkeys(pasts, Place("UTC")) | dict(places or {}), events)
        world = cls(*pasts, start=start, calendar=calendar)
        for topic, name in pasts.items():
            world.remember(topic, past(name))
        return world

    def remember(self, topic: str, behind: Past) -> None:
        """Begin with this past."""
        self.detector.restore(topic, behind.state)
        self._sums[:, self.topics.index(topic)] = behind.sums

    def recall(self, topic: str) -> Past:
        """What another world may begin with."""
        order = np.arange(self.steps - DAY_STEPS, self.steps + 1) % len(self._sums)
        sums = self._sums[order, self.topics.index(topic)]
        # Kept so that the newest row is the one at which a world begins, step 0.
        return Past(self.detector.snapshot(topic), np.roll(sums - sums[0], 1, axis=0))

    def live(self, counts: Mapping[str, Said], *, unknown: Mapping[str, float] | None = None) -> None:
        """Let five minutes pass, and learn what closed."""
        self.count(counts, unknown=unknown)
        self.detector.learn(self.closed())

    def live_through(self, talks: Mapping[str, Talk], days: float, *, then: Callable[[], None] = lambda: None) -> None:
        """Let days pass in which topics are spoken of like this, and `then` do this after each step."""
        zones = {topic: ZoneInfo(place.time_zone) for topic, place in self._places().items()}
        for _ in range(round(days * DAY_STEPS)):
            lived = {zone: self.now.astimezone(zone) for zone in set(zones.values())}
            self.live({topic: talk.draw(self._dice[topic], lived[zones[topic]]) for topic, talk in talks.items()})
            then()

    def _places(self) -> Mapping[str, Place]:
        return self.calendar._places

    def judged(self, topic: str, *, more: Said = NOTHING) -> list[Judged]:
        """All windows of a topic that end now."""
        return self.detector.assess([self.samples(topic, window, more=more) for window in WINDOWS])

    def judge(
        self, topic: str, window: timedelta, signal: Signal = Signal.VOLUME, *, more: Said = NOTHING
    ) -> Assessment:
        """What is judged of one signal over one window that ends now."""
        return self.judged(topic, more=more)[WINDOWS.index(window)].assessments[signal]

    def rarest(self, *topics: str, more: Said = NOTHING) -> dict[str, dict[Signal, timedelta]]:
        """For each topic and signal the largest return period above the baseline in any window: what rules see."""
        asked = topics or self.topics
        found = {topic: dict.fromkeys(Signal, timedelta(0)) for topic in asked}
        windows = [self.samples(topic, window, more=more) for topic in asked for window in WINDOWS]
        for one in self.detector.assess(windows):
            for signal, answer in one.assessments.items():
                if answer.direction is Direction.ABOVE:
                    topic = one.samples.topic
                    found[topic][signal] = max(found[topic][signal], answer.once_per)
        return found

    def rarity(self, topic: str, signal: Signal = Signal.VOLUME, *, more: Said = NOTHING) -> timedelta:
        """The largest return period of one signal in any window."""
        return self.rarest(topic, more=more)[topic][signal]
