"""A person says that a level is normal: it alarms no longer, almost at once, and what rises from there does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import pytest

from buzzguard.detect.learning import Learning
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.detect.stage import Detection
from buzzguard.model import WINDOWS, Adoption, Assessment, Checkpoint, Samples, Signal
from tests.detect.world import DAY, MONDAY, PASTS, Talk, World, past

HOUR = WINDOWS[2]
SIX_HOURS = WINDOWS[4]
GRAVE = timedelta(days=90)
"""What rules alarm at."""
USUAL = timedelta(days=14)
PRESSED, RISES, DAYS = 0.25, 0.75, 1.0
"""Days after the start: of the button, of what happens then, of the end."""
SIZE = (Signal.VOLUME, Signal.NEGATIVE, Signal.AUTHORS)

TALES: Mapping[str, tuple[str, str]] = {
    "called": ("middling", "four times as much, and it is called normal"),
    "left": ("middling", "the same, and nobody says anything"),
    "rises": ("middling", "called normal, and half a day later three times as much again"),
    "over": ("middling", "called normal, and half a day later over"),
    "tone": ("lively", "as much as ever and hostile, which is called normal"),
    "calm": ("lively", "nothing happens, and that is called normal"),
}


def talk(tale: str, day: float) -> Talk:
    usual = PASTS[TALES[tale][0]]
    assert isinstance(usual.mean, float)
    if tale in ("tone", "calm"):
        return usual if tale == "calm" else Talk(usual.mean, share=0.6)
    later = {"rises": 12.0, "over": 1.0}.get(tale, 4.0)
    return Talk(usual.mean * (later if day >= RISES else 4.0))


class Diary(NamedTuple):
    """The world at its end; each half hour how rare the signals were, and what was said of the volume of an hour."""

    world: World
    rarest: Sequence[Mapping[str, Mapping[Signal, timedelta]]]
    hours: Sequence[Mapping[str, Assessment]]

    def most(self, tale: str, since: float, until: float, *signals: Signal) -> timedelta:
        """The rarest of some signals between two days."""
        return max(
            one[tale][signal] for one in self.rarest[round(since * 48) : round(until * 48)] for signal in signals
        )

    def hour(self, tale: str, day: float) -> Assessment:
        return self.hours[round(day * 48)][tale]


@cache
def diary() -> Diary:
    world = World.after({tale: behind for tale, (behind, _) in TALES.items()})
    told = Diary(world, [], [])
    for step in range(round(DAYS * 288)):
        if step == round(PRESSED * 288):
            for tale in TALES.keys() - {"left"}:
                world.detector.adopt(tale, world.now, world.now - SIX_HOURS)
        if step % 6 == 0:
            hours = world.detector.assess([world.samples(tale, HOUR) for tale in TALES])
            told.rarest.append(world.rarest())  # type: ignore[attr-defined]
            told.hours.append({one.samples.topic: one.assessments[Signal.VOLUME] for one in hours})  # type: ignore[attr-defined]
        world.live({tale: talk(tale, step / 288).draw(world._dice[tale], world.now) for tale in TALES})
    return told


def test_what_is_called_normal_alarms_no_longer() -> None:
    told = diary()
    assert told.most("called", 0.1, PRESSED, *SIZE) > GRAVE
    assert told.most("called", PRESSED + 0.05, DAYS, *SIZE, Signal.CRISIS) < USUAL
    assert told.most("left", PRESSED, DAYS, *SIZE) > GRAVE, "without a word it would go on"


def test_it_says_since_when_and_what_was_usual_before() -> None:
    hour = diary().hour("called", 0.5)
    assert hour.adopted_at == MONDAY + PRESSED * DAY
    assert hour.former == pytest.approx(24.0, rel=0.3)
    assert hour.expected == pytest.approx(96.0, rel=0.25)
    assert diary().hour("left", 0.5).expected < 48.0
    assert diary().world.detector.why("called", Signal.VOLUME) is Learning.NEW_NORMAL


def test_what_rises_from_there_alarms_as_if_it_had_always_been_so() -> None:
    told = diary()
    assert told.most("rises", PRESSED + 0.05, RISES, *SIZE) < USUAL
    assert told.most("rises", RISES, RISES + 0.1, *SIZE) > GRAVE, "the crisis that was none is no habit"


def test_when_it_is_over_nothing_alarms() -> None:
    assert diary().most("over", RISES, DAYS, *SIZE, Signal.CRISIS) < USUAL


def test_a_tone_can_be_normal_too() -> None:
    told = diary()
    assert told.most("tone", 0.1, PRESSED, Signal.SHARE) > GRAVE
    assert told.most("tone", PRESSED + 0.05, DAYS, Signal.SHARE, Signal.NEGATIVE, Signal.CRISIS) < USUAL


def test_where_nothing_is_unusual_nothing_changes() -> None:
    calm = diary().hour("calm", 0.5)
    assert calm.adopted_at is None
    assert calm.expected == pytest.approx(60.0, rel=0.2)


# the stage


class Watch:
    """A detection over one topic, the samples that it learned, and what was called normal."""

    def __init__(self) -> None:
        self.world = World.after({"called": "middling"})
        self.detection = self.begun()
        self.behind = past("middling").state
        self.samples: list[Samples] = []
        self.closing: list[list[Samples]] = []
        self.start = Checkpoint(topic="called", at=MONDAY, detector=self.detection.label("called"), state=self.behind)
        self.detection.restore([self.start], [], MONDAY)

    def begun(self) -> Detection:
        detector = SeasonalDetector(SeasonalDetector.Settings(), ("called",), self.world.calendar)
        return Detection({"called": detector}, {"called": "acme"})

    def live(self, hours: float, times: float, *, late: int = 0) -> None:
        """Let hours pass; windows close so many steps late, as they do while slower streams are waited for."""
        for _ in range(round(hours * 12)):
            self.world.count({"called": Talk(2.0 * times).draw(self.world._dice["called"], self.world.now)})
            self.closing.append(self.world.closed())
            while len(self.closing) > late:
                self.take(self.closing.pop(0))

    def take(self, closed: list[Samples]) -> None:
        self.samples += closed
        self.detection.learn(closed)

    @property
    def now(self) -> datetime:
        return self.world.now

    def call_normal(self) -> Adoption:
        adoption = Adoption(topic="called", at=self.now + timedelta(seconds=7), since=MONDAY)
        self.detection.adopt(adoption)
        return adoption

    def state(self) -> bytes:
        return bytes(self.detection._detectors["called"].snapshot("called"))


def test_a_start_from_stored_samples_takes_it_over_at_the_same_place() -> None:
    watch = Watch()
    watch.live(6, 4.0, late=4)
    adoption = watch.call_normal()
    watch.live(3, 4.0, late=4)
    again = watch.begun()
    again.restore([watch.start], watch.samples, watch.now, [adoption])
    assert again._detectors["called"].snapshot("called") == watch.state()
    without = watch.begun()
    without.restore([watch.start], watch.samples, watch.now)
    assert without._detectors["called"].snapshot("called") != watch.state()


@pytest.mark.parametrize("hours", [0.25, 1.0])
def test_a_checkpoint_from_before_or_after_it_leads_to_the_same(hours: float) -> None:
    watch = Watch()
    watch.live(6, 4.0, late=6)
    adoption = watch.call_normal()
    watch.live(hours, 4.0, late=6)
    kept = Checkpoint(topic="called", at=watch.samples[-1].end, detector=watch.start.detector, state=watch.state())
    assert (kept.at < adoption.at) is (hours < 0.5)
    stored = len(watch.samples)
    watch.live(2, 4.0, late=6)
    again = watch.begun()
    again.restore([kept], watch.samples[stored:], watch.now, [adoption])
    assert again._detectors["called"].snapshot("called") == watch.state()


def test_it_waits_until_the_windows_that_were_seen_have_closed() -> None:
    watch = Watch()
    watch.live(6, 4.0, late=6)
    adoption = watch.call_normal()
    watch.live(0.5, 4.0, late=6)
    assert told(watch).adopted_at is None
    watch.live(0.25, 4.0, late=6)
    assert told(watch).adopted_at == adoption.at.replace(second=0)


def told(watch: Watch) -> Assessment:
    """What is said of the last hour's volume."""
    judged = watch.detection.assess([watch.world.samples("called", HOUR)])
    return judged[0].assessments[Signal.VOLUME]


def test_of_another_query_and_of_topics_that_are_gone_nothing_is_taken_over() -> None:
    watch = Watch()
    watch.live(6, 4.0)
    adoption = watch.call_normal()
    other = Detection({"called": watch.begun()._detectors["called"]}, {"called": "another query"})
    other.restore([watch.start], [], watch.now, [adoption, Adoption(topic="gone", at=watch.now, since=MONDAY)])
    assert other._adoptions == []
    watch.detection.adopt(Adoption(topic="gone", at=watch.now, since=MONDAY))
    watch.live(0.5, 4.0)


def test_what_is_called_normal_in_the_future_is_not_yet() -> None:
    watch = Watch()
    again = watch.begun()
    again.restore([watch.start], [], watch.now, [Adoption(topic="called", at=watch.now + DAY, since=MONDAY)])
    assert again._adoptions == []
