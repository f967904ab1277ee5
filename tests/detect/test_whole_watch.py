"""Stories of bad input through the whole pipeline, from mentions and polls to alerts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

import msgspec
import numpy as np

from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.model import WINDOWS, Author, Batch, Effects, Mention, Poll, Signal
from buzzguard.pipeline import Core, step
from tests import recorded
from tests.detect.world import MONDAY, STEP, past

SIX_HOURS = timedelta(hours=6)
RARE = timedelta(days=90)
STREAM = "forum"


def core() -> Core:
    """A watch of one brand of twelve mentions an hour, at the end of a week, on one stream read every 5 minutes."""
    streams = {STREAM: {"source": "rss", "url": "https://forum.example/feed", "every": "5m"}}
    detector = SeasonalDetector(SeasonalDetector.Settings(), ("acme",))
    detector.restore("acme", past("small").state)
    parts = msgspec.structs.replace(recorded.core().parts, make_detectors=lambda: {"acme": detector})
    return Core(recorded.settings(streams=streams), parts)


@cache
def usual(hours: int) -> tuple[Mention, ...]:
    """What is said in some hours from Monday on: about a mention in five minutes, a fifth of them hostile."""
    dice = np.random.default_rng(5)
    times = sorted(dice.uniform(0.0, hours * 3600.0, int(dice.poisson(12 * hours))))
    texts = ["Acme is horrible, I hate it {n}" if dice.random() < 0.2 else "Acme has a new shop {n}" for _ in times]
    return tuple(
        recorded.mention(number, MONDAY + timedelta(seconds=float(at)), text, stream=STREAM)
        for number, (at, text) in enumerate(zip(times, texts, strict=True))
    )


class Watch:
    """A core that is stepped every five minutes, right after its stream was read."""

    def __init__(self) -> None:
        self.core = core()
        self.now = MONDAY
        self.effects: list[Effects] = []
        self.rarest = dict.fromkeys(Signal, timedelta(0))

    def read(self, mentions: Iterable[Mention], *, ok: bool = True) -> None:
        """Five minutes pass; then the stream is asked and brings these, or fails."""
        self.now += STEP
        brought = tuple(msgspec.structs.replace(one, fetched=self.now) for one in mentions)
        poll = Poll(stream=STREAM, at=self.now, ok=ok, mentions=len(brought), next_at=self.now + STEP)
        self.effects.append(step(self.core, Batch(mentions=brought, polls=(poll,)), self.now))
        for one in self.core.detection.assess(self.core.measuring.samples("acme", self.now)):
            for signal, answer in one.assessments.items():
                self.rarest[signal] = max(self.rarest[signal], answer.once_per)

    def read_through(self, said: Sequence[Mention], until: datetime) -> None:
        """Read what was published, every five minutes."""
        while self.now < until:
            self.read(_between(said, self.now, self.now + STEP))

    def fail_until(self, until: datetime) -> None:
        """The stream cannot be read."""
        while self.now < until:
            self.read((), ok=False)

    def fired(self) -> set[str]:
        """The rules that fired, but for those that watch the watch itself."""
        return {
            alert.rule
            for one in self.effects
            for alert in one.alerts
            if alert.topic == "acme" and alert.state == "firing"
        }


def _between(said: Iterable[Mention], start: datetime, end: datetime) -> Iterator[Mention]:
    return (one for one in said if start <= one.published < end)


def test_an_ordinary_day_raises_nothing() -> None:
    watch = Watch()
    watch.read_through(usual(12), MONDAY + timedelta(hours=12))
    assert watch.fired() == set()
    assert max(watch.rarest.values()) < RARE


def test_a_source_that_returns_in_bulk_after_six_hours_is_no_crisis() -> None:
    """What it missed arrives in one poll and belongs to the minutes in which it was published."""
    watch, said = Watch(), usual(12)
    gone, back = MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=9)
    watch.read_through(said, gone)
    watch.fail_until(back)
    missed = list(_between(said, gone, back + STEP))
    assert len(missed) > 60
    watch.read(missed)
    watch.read_through(said, MONDAY + timedelta(hours=12))
    assert max(watch.rarest[signal] for signal in (Signal.VOLUME, Signal.SHARE, Signal.CRISIS)) < RARE
    assert watch.fired() == set()
    hour = watch.core.measuring.samples("acme", watch.now)[WINDOWS.index(timedelta(hours=1))]
    assert hour.known == 1.0


def test_as_much_published_within_minutes_is_one() -> None:
    watch, said = Watch(), usual(12)
    gone, back = MONDAY + timedelta(hours=3), MONDAY + timedelta(hours=9)
    watch.read_through(said, gone)
    watch.fail_until(back)
    at = back - timedelta(minutes=4)
    watch.read(recorded.mention(10_000 + n, at, "Acme is horrible, I hate it {n}", stream=STREAM) for n in range(60))
    assert min(watch.rarest[signal] for signal in (Signal.VOLUME, Signal.SHARE, Signal.CRISIS)) > timedelta(days=30)


def test_while_a_source_is_down_nothing_is_said_to_be_quiet() -> None:
    watch, said = Watch(), usual(12)
    watch.read_through(said, MONDAY + timedelta(hours=1))
    watch.fail_until(MONDAY + timedelta(hours=7))
    assert watch.fired() == set()
    explanation = watch.core.detection.explain(watch.core.measuring.samples("acme", watch.now))
    assert explanation.known < 0.5
    assert {reading.learning for reading in explanation.signals if reading.learning} == {"skipped_unknown"}


def flood(watch: Watch, count: int, text: str, *, accounts: int) -> None:
    """So many hostile mentions on one site within a minute, then an hour as ever."""
    at = watch.now + timedelta(minutes=1)
    watch.read(
        msgspec.structs.replace(
            recorded.mention(10_000 + n, at, text, stream=STREAM),
            author=Author(id=f"account-{n % accounts}"),
            site="forum.example",
        )
        for n in range(count)
    )
    watch.read_through(usual(2), watch.now + timedelta(hours=1))


def test_one_author_with_two_hundred_posts_raises_the_volume_and_no_crisis() -> None:
    watch = Watch()
    watch.read_through(usual(2), MONDAY + timedelta(hours=1))
    flood(watch, 200, "Acme is horrible, I hate it {n}", accounts=1)
    assert watch.rarest[Signal.VOLUME] > RARE
    for signal in (Signal.CRISIS, Signal.SHARE, Signal.AUTHORS, Signal.SPREAD):
        assert watch.rarest[signal] < RARE, signal


def test_five_thousand_copies_of_one_account_count_once_and_say_so() -> None:
    watch = Watch()
    watch.read_through(usual(2), MONDAY + timedelta(hours=1))
    flood(watch, 5000, "Acme is horrible, I hate it", accounts=1)
    assert max(watch.rarest.values()) < RARE
    assert watch.fired() == set()
    dropped = [one.reason for effects in watch.effects for one in effects.dropped]
    assert dropped.count("repeat") == 4999


def test_copies_of_a_thousand_accounts_are_few_voices() -> None:
    """They may be shares or a net of bots: the volume tells of them, the share hears eight voices."""
    watch = Watch()
    watch.read_through(usual(2), MONDAY + timedelta(hours=1))
    flood(watch, 1000, "Acme is horrible, I hate it", accounts=1000)
    assert watch.rarest[Signal.VOLUME] > RARE
    assert watch.rarest[Signal.SHARE] < RARE
    three_hours = watch.core.measuring.samples("acme", watch.now)[WINDOWS.index(timedelta(hours=3))]
    assert three_hours.volume > 1000
    assert three_hours.hostile < 12_000
