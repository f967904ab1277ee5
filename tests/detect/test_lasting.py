"""Stories of six days, played side by side: what is learned of crises, bots, outages, and of what has come to stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import pytest

from buzzguard.detect.learning import Learning
from buzzguard.model import WINDOWS, Assessment, Signal
from tests.detect.world import DAY, MONDAY, PASTS, STEP, Said, Talk, World, said

HOUR = WINDOWS[2]
RARE = timedelta(days=90)
DAYS = 6

TALES: Mapping[str, tuple[str, str]] = {
    "lasting": ("middling", "four times as much as before, and it stays"),
    "fading": ("middling", "ten times as much, less by a third each half day"),
    "passing": ("lively", "ten times as much for half a day"),
    "twice": ("small", "ten times as much for six hours, and again five days later"),
    "tone": ("lively", "as much as ever, and hostile for half a day"),
    "bot": ("small", "a hundred and fifty copies in five minutes, every day at another hour"),
    "calm": ("small", "nothing ever happens"),
    "outage": ("lively", "nothing can be read for two days"),
    "copies": ("small", "five thousand copies of one text at the start"),
}
"""Each tale's past, and what happens then."""


def talk(tale: str, day: float) -> Talk:
    """How it is spoken of so many days after the start."""
    usual = PASTS[TALES[tale][0]]
    assert isinstance(usual.mean, float)
    if tale == "lasting":
        return Talk(4.0 * usual.mean)
    if tale == "fading":
        return Talk(usual.mean * (1.0 + 9.0 * (4.0 / 9.0) ** day))
    if (tale == "passing" and day < 0.5) or (tale == "twice" and day % 5.0 < 0.25):
        return Talk(10.0 * usual.mean)
    if tale == "tone" and day < 0.5:
        return Talk(usual.mean, share=0.7)
    return usual


def burst(tale: str, step: int) -> Said | None:
    """What is said beside that, in one step."""
    if tale == "copies" and step == 0:
        return said(5000, authors=1, voices=9.0)
    if tale == "bot" and step % 288 == (step // 288 * 61 + 100) % 288:
        return said(150, authors=1, voices=5.5)
    return None


class Page(NamedTuple):
    """One hour of the diary, by tale."""

    at: datetime
    rarest: Mapping[str, Mapping[Signal, timedelta]]
    hour: Mapping[str, Assessment]
    became: Mapping[str, Learning]


class Diary(NamedTuple):
    """The world at its end, and a page an hour."""

    world: World
    pages: tuple[Page, ...]

    def at(self, day: float) -> Page:
        """The page so many days after the start."""
        return self.pages[round(day * 24)]

    def rarest(self, tale: str, *, since: float, until: float, signal: Signal = Signal.VOLUME) -> timedelta:
        """The largest return period between two days."""
        return max(page.rarest[tale][signal] for page in self.pages[round(since * 24) : round(until * 24)])


@cache
def diary() -> Diary:
    """Six days of every tale."""
    world = World.after({tale: past for tale, (past, _) in TALES.items()})
    pages = [page(world)]
    for step in range(DAYS * 288):
        counts = {}
        for tale in TALES:
            drawn = talk(tale, step / 288).draw(world._dice[tale], world.now)
            extra = burst(tale, step)
            counts[tale] = drawn if extra is None else Said(*(a + b for a, b in zip(drawn, extra, strict=True)))
        unknown = {"outage": 1.0} if 1.0 <= step / 288 < 3.0 else {}
        world.live({tale: count for tale, count in counts.items() if tale not in unknown}, unknown=unknown)
        if world.steps % 12 == 0:
            pages.append(page(world))
    return Diary(world, tuple(pages))


def page(world: World) -> Page:
    hours = world.detector.assess([world.samples(tale, HOUR) for tale in TALES])
    return Page(
        at=world.now,
        rarest=world.rarest(),
        hour={one.samples.topic: one.assessments[Signal.VOLUME] for one in hours},
        became={tale: world.detector.why(tale, Signal.VOLUME) for tale in TALES},
    )


# what has come to stay


def test_what_lasts_becomes_normal_after_three_days_and_not_before() -> None:
    told = diary()
    for day in range(1, 3):
        before = told.at(day).hour["lasting"]
        assert before.adopted_at is None
        assert before.expected < 2.0 * 24.0
    assert told.rarest("lasting", since=0.5, until=2.0) > RARE
    after = told.at(5).hour["lasting"]
    assert after.expected == pytest.approx(96.0, rel=0.2)
    assert told.rarest("lasting", since=5, until=6) < timedelta(days=14)


def test_a_new_normal_says_since_when_and_what_was_usual_before() -> None:
    told = diary()
    adopted = told.at(5).hour["lasting"].adopted_at
    assert adopted is not None
    assert 3 * DAY <= adopted - MONDAY <= 3.3 * DAY
    former = told.at(5).hour["lasting"].former
    assert former == pytest.approx(24.0, rel=0.3), "not the level that three days have moved already"
    assert Learning.NEW_NORMAL in {one.became["lasting"] for one in told.pages if adopted <= one.at <= adopted + DAY}
    assert told.at(5.9).hour["calm"].adopted_at is None


def test_that_a_level_was_adopted_is_told_for_a_week() -> None:
    world = diary().world
    detector, at = world.detector, diary().at(5).hour["lasting"].adopted_at
    assert at is not None
    for days, still in ((6.9, True), (7.1, False)):
        end = at + timedelta(days=days)
        windows = [world.samples("lasting", window) for window in WINDOWS]
        later = [type(one)(topic=one.topic, window=one.window, end=end, volume=one.volume) for one in windows]
        answer = detector.assess(later)[2].assessments[Signal.VOLUME]
        assert (answer.adopted_at is not None) is still


def test_a_crisis_that_fades_leaves_its_end_behind_and_not_its_height() -> None:
    told = diary()
    assert told.at(0.5).rarest["fading"][Signal.VOLUME] > RARE
    assert all(one.hour["fading"].expected < 0.35 * 240.0 for one in told.pages)
    assert told.at(6).hour["fading"].expected < 2.5 * 24.0


# what passes


def test_a_crisis_of_half_a_day_hardly_moves_what_is_usual() -> None:
    told = diary()
    before = told.at(0).hour["passing"].expected
    assert Learning.CLIPPED in {one.became["passing"] for one in told.pages[1:12]}
    assert all(one.hour["passing"].expected == pytest.approx(before, rel=0.25) for one in told.pages)
    assert told.at(6).hour["passing"].expected == pytest.approx(before, rel=0.1)


def test_five_thousand_copies_do_not_poison_what_is_usual() -> None:
    told = diary()
    before, after = told.at(0).hour["copies"], told.at(2).hour["copies"]
    assert after.expected == pytest.approx(before.expected, rel=0.2)
    assert after.high < 1.6 * before.high


def test_a_second_crisis_as_grave_as_the_first_is_found_as_well_and_as_soon() -> None:
    told = diary()
    for start in (0.0, 5.0):
        assert told.rarest("twice", since=start + 1 / 24, until=start + 3 / 24) > RARE, start


def test_a_shift_of_tone_at_constant_volume_is_found_by_share_and_crisis_and_not_by_volume() -> None:
    told = diary()
    for signal in (Signal.SHARE, Signal.CRISIS):
        assert told.rarest("tone", since=1 / 24, until=3 / 24, signal=signal) > RARE, signal
        assert told.rarest("tone", since=3, until=6, signal=signal) < RARE, signal
    assert told.rarest("tone", since=0, until=6) < timedelta(days=30)


def test_a_daily_burst_is_a_habit_and_the_same_burst_elsewhere_an_event() -> None:
    world, copies = diary().world, said(150, authors=1, voices=5.5)
    assert world.rarity("bot", more=copies) < timedelta(days=14)
    assert world.rarity("calm", more=copies) > RARE


def test_nothing_happens_and_nothing_is_told() -> None:
    told = diary()
    for signal in Signal:
        assert told.rarest("calm", since=0, until=6, signal=signal) < RARE, signal


# what could not be read


def test_an_outage_is_neither_learned_nor_told_as_a_lull() -> None:
    told, lively = diary(), 5.0 * 12.0
    assert {one.became["outage"] for one in told.pages[30:70]} == {Learning.SKIPPED_UNKNOWN}
    during, before = told.at(2.9).hour["outage"], told.at(1).hour["outage"]
    assert during.once_per == timedelta(0)
    assert during.learned - before.learned < timedelta(hours=1)
    for day in (0.9, 3.2, 4, 6):
        assert told.at(day).hour["outage"].expected == pytest.approx(lively, rel=0.2)


def test_that_it_can_be_read_again_is_no_crisis() -> None:
    for signal in Signal:
        assert diary().rarest("outage", since=3, until=4.5, signal=signal) < RARE, signal


# how it was told


def test_each_page_of_the_diary_is_an_hour() -> None:
    assert [one.at for one in diary().pages] == [MONDAY + 12 * index * STEP for index in range(DAYS * 24 + 1)]
