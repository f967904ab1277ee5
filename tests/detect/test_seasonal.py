"""Stories of hours: what is found and how soon, what is not, the calendar, clocks, and state."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest

from buzzguard.config.settings import EventSettings
from buzzguard.detect.calendar import Place
from buzzguard.detect.learning import Learning
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.measure.strides import STRIDES
from buzzguard.model import WINDOWS, Samples, Signal
from tests.detect.world import DAY, DAY_STEPS, MONDAY, PARIS, PAST_DAYS, PASTS, STEP, Said, Talk, World, said, seasonal

FIVE, QUARTER, HOUR, THREE, SIX, WHOLE_DAY = WINDOWS
RARE = timedelta(days=90)
KINDS = {name: name for name in PASTS}


@pytest.fixture(scope="module")
def after() -> World:
    """Every kind of past, and nothing since. Ask it; do not let it live."""
    return World.after(KINDS, places={"seasonal": PARIS})


def voices(count: int) -> float:
    """What one author, or copies of one text, count for: each the n-th part of a voice."""
    return sum(1.0 / rank for rank in range(1, count + 1))


# how soon


def test_a_crisis_is_found_by_the_time_it_can_be_told() -> None:
    """Three times as much and hostile; five times; ten times: the smaller the brand, the later.

    Four hours do not tell of a brand with a mention in two hours whether one more is the third of a crisis.
    """
    never = 999
    limits = {"quiet": (never, never, 24), "small": (20, 6, 4), "lively": (8, 3, 2), "large": (3, 2, 2)}
    world = World.after({f"{kind} {times}": kind for kind in limits for times in (3, 5, 10)})
    talks = {}
    for topic in world.topics:
        kind, times = topic.split()
        usual = PASTS[kind].mean
        assert isinstance(usual, float)
        talks[topic] = Talk(float(times) * usual, share=0.5)
    found: dict[str, int] = {}

    def look() -> None:
        for topic, rarest in world.rarest(*(topic for topic in world.topics if topic not in found)).items():
            if rarest[Signal.CRISIS] > RARE:
                found[topic] = world.steps

    world.live_through(talks, 48 / 288, then=look)
    for kind, allowed in limits.items():
        steps = tuple(found.get(f"{kind} {times}", never) for times in (3, 5, 10))
        assert all(step <= limit for step, limit in zip(steps, allowed, strict=True)), (kind, steps)


def test_a_window_that_fills_is_judged_before_it_closes(after: World) -> None:
    assert after.rarity("small") < timedelta(days=7)
    assert after.rarity("small", more=said(15)) > RARE
    assert after.rarity("small", Signal.CRISIS, more=said(15, 15)) > RARE


def test_more_mentions_are_never_less_rare(after: World) -> None:
    for topic in after.topics:
        told = [after.rarest(topic, more=said(more))[topic] for more in (0, 1, 2, 4, 8, 20, 60, 200, 2000)]
        for signal in (Signal.VOLUME, Signal.NEGATIVE, Signal.AUTHORS, Signal.REACH):
            periods = [each[signal] for each in told]
            assert periods == sorted(periods), (topic, signal)


# what is no crisis


def test_a_bot_that_posts_five_thousand_copies_raises_the_volume_and_no_crisis(after: World) -> None:
    copies = said(5000, 5000, authors=1, voices=voices(5000))
    assert after.rarity("small", Signal.VOLUME, more=copies) > RARE
    for signal in (Signal.CRISIS, Signal.AUTHORS, Signal.SPREAD, Signal.SHARE):
        assert after.rarity("small", signal, more=copies) < RARE, signal


def test_one_author_with_two_hundred_posts_raises_the_volume_and_no_crisis(after: World) -> None:
    posts = said(200, 200, authors=1, voices=voices(200))
    assert after.rarity("small", Signal.VOLUME, more=posts) > RARE
    for signal in (Signal.CRISIS, Signal.AUTHORS, Signal.SPREAD, Signal.SHARE):
        assert after.rarity("small", signal, more=posts) < timedelta(days=30), signal


def test_two_hundred_authors_with_one_post_each_are_a_crisis(after: World) -> None:
    for signal in (Signal.CRISIS, Signal.AUTHORS, Signal.VOLUME, Signal.SHARE):
        assert after.rarity("small", signal, more=said(200, 200)) > RARE, signal


def test_praise_is_no_crisis(after: World) -> None:
    """As much again as in a whole day, and not a hostile word."""
    praise = said(300, 0)._replace(positive=300)
    assert after.rarity("small", Signal.POSITIVE, more=praise) > RARE
    hostile = after.rarity("small", Signal.CRISIS, more=said(300, 150))
    assert after.rarity("small", Signal.CRISIS, more=praise) < hostile


def test_a_famous_author_is_rare_by_reach_alone(after: World) -> None:
    usual, famous = (Said(volume=1, authors=1, spread=1, voices=1000, reach=reach) for reach in (2_000, 20_000_000))
    assert after.rarity("lively", Signal.REACH, more=usual) < timedelta(days=14)
    assert after.rarity("lively", Signal.REACH, more=famous) > RARE
    assert after.rarity("lively", Signal.VOLUME, more=famous) < timedelta(days=14)


# quiet and silent topics


def test_one_mention_after_weeks_of_none_is_no_alarm_and_four_are(after: World) -> None:
    for signal in (Signal.VOLUME, Signal.NEGATIVE, Signal.CRISIS):
        assert after.rarity("silent", signal, more=said(1, 1)) < RARE, signal
        assert after.rarity("silent", signal, more=said(4, 4)) > RARE, signal


def test_of_a_silent_topic_it_is_known_how_little_is_known(after: World) -> None:
    explanation = after.detector.explain([after.samples("silent", window) for window in WINDOWS])
    assert explanation.mentions == 0.0
    assert explanation.watched == pytest.approx(timedelta(days=PAST_DAYS), abs=timedelta(minutes=1))
    assert explanation.trust == pytest.approx(timedelta(days=100 * PAST_DAYS), abs=timedelta(hours=2))


def test_growth_is_told_as_the_time_to_double() -> None:
    world = World.after({"small": "small"})
    for count in (4, 8, 16, 32):
        for _ in range(3):
            world.live({"small": said(count)})
    doubles_in = world.judge("small", HOUR).doubles_in
    assert doubles_in is not None
    assert timedelta(minutes=5) < doubles_in < timedelta(minutes=40)
    for topic, kind in {"small": "small", "large": "large"}.items():
        calm = World.after({topic: kind})
        assert all(calm.judge(topic, window).doubles_in is None for window in WINDOWS)


# the first hours


def test_a_new_topic_lives_its_first_day_without_an_alarm_and_says_that_it_learns() -> None:
    """Nothing to compare with in the first hour; windows of a length never seen are not held against nothing."""
    world, rarest = World("small", "large", "seasonal"), dict.fromkeys(Signal, timedelta(0))

    def look() -> None:
        if world.steps % 6 == 0:
            for told in world.rarest().values():
                for signal, once_per in told.items():
                    rarest[signal] = max(rarest[signal], once_per)

    world.live({topic: said(3) for topic in world.topics})
    assert world.rarity("small", more=said(10_000)) == timedelta(0), "the first hour is silent"
    world.live_through({"small": Talk(1.0), "large": Talk(50.0), "seasonal": Talk(seasonal(5.0))}, 1.2, then=look)
    assert max(rarest.values()) < timedelta(days=14), rarest
    answer = world.judge("small", HOUR)
    assert answer.learning
    assert answer.learned == pytest.approx(1.2 * DAY, abs=timedelta(minutes=10))
    assert answer.needed == timedelta(days=7)
    assert answer.expected == pytest.approx(12.0, rel=0.3)


def test_the_first_day_is_doubted_but_not_against_overwhelming_evidence() -> None:
    world = World("small")
    world.live_through({"small": Talk(1.0)}, 0.5)
    surge = world.rarity("small", more=said(10_000))
    assert timedelta(days=30) < surge <= timedelta(days=50), "at most a hundred times the time watched"
    world.live_through({"small": Talk(1.0)}, 0.5)
    assert world.rarity("small", more=said(40)) > RARE
    assert world.detector.why("small", Signal.VOLUME) in (Learning.LEARNED, Learning.CLIPPED)


# what is known beforehand


def event(begins: str, ends: str, **more: object) -> EventSettings:
    return EventSettings.model_validate({"name": "TV spot", "from": begins, "to": ends, **more})


def test_a_planned_event_neither_alarms_nor_poisons_and_anger_in_it_is_found() -> None:
    planned = event("2026-01-05T02:00", "2026-01-05T07:00", expect=4, topics=["planned", "angry"])
    world = World.after(dict.fromkeys(("planned", "unplanned", "angry"), "lively"), events=(planned,))
    rarest: dict[tuple[str, Signal], timedelta] = {}

    def look() -> None:
        for topic, told in world.rarest().items():
            for signal, once_per in told.items():
                rarest[topic, signal] = max(rarest.get((topic, signal), timedelta(0)), once_per)

    before = world.judge("planned", HOUR).expected
    world.live_through(dict.fromkeys(world.topics, Talk(5.0)), 2 / 24, then=look)
    spot = {"planned": Talk(20.0), "unplanned": Talk(20.0), "angry": Talk(20.0, share=0.6)}
    world.live_through(spot, 5 / 24, then=look)
    explanation = world.detector.explain([world.samples("planned", window) for window in WINDOWS])
    assert explanation.planned == (("TV spot", 4.0),)
    world.live_through(dict.fromkeys(world.topics, Talk(5.0)), 3 / 24, then=look)
    for signal in (Signal.VOLUME, Signal.AUTHORS, Signal.NEGATIVE, Signal.SHARE, Signal.CRISIS):
        assert rarest["planned", signal] < timedelta(days=30), signal
    assert rarest["unplanned", Signal.VOLUME] > RARE
    for signal in (Signal.SHARE, Signal.CRISIS):
        assert rarest["angry", signal] > RARE, signal
    assert world.judge("planned", HOUR).expected == pytest.approx(before, rel=0.1)


def test_an_event_that_divides_lets_a_larger_share_be_expected_and_does_not_teach_it() -> None:
    strike = event("2026-01-05T00:00", "2026-01-05T12:00", expect=1.5, tone="negative", topics=["planned"])
    world = World.after({"planned": "large", "unplanned": "large"}, events=(strike,))
    shares = world.detector.bank.shares
    before = float(shares.usual(np.arange(1))[0])
    world.live_through(dict.fromkeys(world.topics, Talk(75.0, share=0.3)), 6 / 24)
    assert world.rarity("planned", Signal.SHARE) < timedelta(days=14)
    assert world.rarity("unplanned", Signal.SHARE) > timedelta(days=14)
    planned, unplanned = (float(share) for share in shares.usual(np.arange(2)))
    assert planned == pytest.approx(before, rel=0.03)
    assert unplanned > planned


def test_a_holiday_is_lived_as_a_sunday() -> None:
    """14 July 2026 is a Tuesday; the French rest, the British do not."""
    places = {"french": Place("Europe/Paris", "FR"), "british": Place("Europe/London", "GB")}
    day = {"Tuesday": datetime(2026, 7, 7, 12, tzinfo=UTC), "Sunday": datetime(2026, 7, 12, 12, tzinfo=UTC)}
    holiday = datetime(2026, 7, 14, 12, tzinfo=UTC)
    world = World.after(dict.fromkeys(places, "lively"), start=datetime(2026, 7, 10, tzinfo=UTC), places=places)
    quiet = {topic: Talk(lambda lived: 1.0 if lived.weekday() == 6 else 5.0) for topic in places}
    world.live_through(quiet, 3)

    def expected(topic: str, at: datetime) -> float:
        (usual,), _ = world.detector.band(topic, at, HOUR, 1)
        return usual

    for topic in places:
        assert expected(topic, day["Sunday"]) < 0.99 * expected(topic, day["Tuesday"])
    assert expected("french", holiday) == pytest.approx(expected("french", day["Sunday"]))
    assert expected("british", holiday) == pytest.approx(expected("british", day["Tuesday"]))


def test_topics_learn_the_hours_of_their_own_people() -> None:
    """Loud at nine in the evening, each in its own time zone: what is expected follows."""
    places = {"paris": Place("Europe/Paris"), "tokyo": Place("Asia/Tokyo"), "kathmandu": Place("Asia/Kathmandu")}
    world = World.after(dict.fromkeys(places, "lively"), places=places)
    world.live_through(dict.fromkeys(places, Talk(lambda lived: 20.0 if lived.hour == 21 else 5.0)), 2)
    for topic, place in places.items():
        evening = (world.now + DAY).astimezone(ZoneInfo(place.time_zone)).replace(hour=22, minute=0)
        usual = {
            hours: world.detector.band(topic, evening.astimezone(UTC) + timedelta(hours=hours), FIVE, 1)[0][0]
            for hours in (-8, 0, 8)
        }
        assert usual[0] > 1.1 * max(usual[-8], usual[8]), topic


@pytest.mark.parametrize("noon", ["2026-03-28T12:00", "2026-10-24T12:00"])
def test_a_change_of_clocks_is_nothing_to_people_who_live_by_them(noon: str) -> None:
    """The nights of 29 March and 25 October 2026 in Paris: a day of 23 hours and one of 25."""
    paris = ZoneInfo("Europe/Paris")
    start = datetime.fromisoformat(noon).replace(tzinfo=UTC)
    world, worst, noons = World.after({"paris": "seasonal"}, start=start, places={"paris": PARIS}), timedelta(0), []
    for _ in range(28 * 12):
        lived = world.now.astimezone(paris)
        world.live({"paris": Talk(seasonal(5.0), phi=0.1).draw(world._dice["paris"], lived)})
        if world.steps % 6 == 0:
            worst = max(worst, *world.rarest()["paris"].values())
        if (lived.hour, lived.minute) == (15, 55):
            noons.append(world.judge("paris", HOUR).expected)
    assert worst < timedelta(days=30)
    assert noons[0] == pytest.approx(noons[1], rel=0.2), "four in the afternoon stays four in the afternoon"


# unknown time


def test_half_known_windows_are_expected_to_hold_half(after: World) -> None:
    full, half = (
        after.detector.assess([Samples(topic="lively", window=HOUR, end=after.now, volume=60, known=known)])[0]
        for known in (1.0, 0.5)
    )
    expected = full.assessments[Signal.VOLUME].expected
    assert half.assessments[Signal.VOLUME].expected == pytest.approx(expected / 2.0, rel=0.01)
    assert half.assessments[Signal.VOLUME].once_per >= full.assessments[Signal.VOLUME].once_per


# charts and state


def test_the_band_of_a_chart_follows_the_day(after: World) -> None:
    expected, high = after.detector.band("seasonal", after.now, HOUR, 24)
    assert all(0.0 < e < h for e, h in zip(expected, high, strict=True))
    assert max(expected) > 2.0 * min(expected)


def test_a_window_of_another_length_is_refused(after: World) -> None:
    with pytest.raises(ValueError, match="no window of this length is measured"):
        after.detector.assess([Samples(topic="small", window=timedelta(minutes=7), end=MONDAY)])


def test_a_topic_taken_into_another_company_is_judged_as_before(after: World) -> None:
    """Checkpoints are restored one by one, in any order, into a detector of other topics as well."""
    names = ("other", *reversed(after.topics))
    places = {name: PARIS if name == "seasonal" else Place("UTC") for name in names}
    twin = World(*names, calendar=type(after.calendar)(places))
    for topic in after.topics:
        twin.detector.restore(topic, after.detector.snapshot(topic))
    twin.detector.bank.fit()
    after.detector.bank.fit()
    for topic in after.topics:
        windows = [after.samples(topic, window, more=said(9)) for window in WINDOWS]
        one, other = (dict(each.detector.assess(windows)[2].assessments) for each in (after, twin))
        assert one == other
        assert twin.detector.snapshot(topic)[:2000] == after.detector.snapshot(topic)[:2000]
    with pytest.raises(LookupError):
        twin.detector.restore("nobody", after.detector.snapshot("small"))


def test_one_detector_serves_a_thousand_topics_as_it_serves_one() -> None:
    """Of two batches with the same windows in another order come the same answers."""
    names = tuple(f"t{index}" for index in range(1000))
    crowd, alone = (SeasonalDetector(SeasonalDetector.Settings(), topics) for topics in (names, names[7:8]))
    for step in range(1, 40):
        windows = {
            name: Samples(topic=name, window=FIVE, end=MONDAY + step * STEP, volume=index % 10, closed=True)
            for index, name in enumerate(names)
        }
        crowd.learn(list(reversed(windows.values())))
        alone.learn([windows["t7"]])
    asked = Samples(topic="t7", window=FIVE, end=MONDAY + 40 * STEP, volume=90, authors=90)
    answers: list[Mapping[Signal, object]] = [dict(each.assess([asked])[0].assessments) for each in (crowd, alone)]
    assert answers[0] == answers[1]


# silence


def _silence(*, known: float = 1.0) -> World:
    """A week in which nothing is said, seen wholly or nearly so, after eight days of talk."""
    world = World.after({"acme": "small"})
    for closed in _silent_steps(world.now, 7 * DAY // STEP):
        world.detector.learn([msgspec.structs.replace(one, known=known) for one in closed])
    return world


def _silent_steps(start: datetime, steps: int) -> Iterator[list[Samples]]:
    for step in range(1, steps + 1):
        end = start + step * STEP
        due = [window for window, stride in STRIDES.items() if (end - MONDAY) % stride == timedelta(0)]
        yield [Samples(topic="acme", window=window, end=end, closed=True) for window in due]


def test_silence_that_is_learned_by_the_hour_teaches_what_it_teaches_minute_by_minute() -> None:
    together, each = (_silence(known=known) for known in (1.0, 1.0 - 1e-9))
    end = together.now + 7 * DAY
    for volume in (0, 2, 6, 15, 40):
        asked = [Samples(topic="acme", window=window, end=end, **said(volume)._asdict()) for window in WINDOWS]
        for one, other in zip(together.detector.assess(asked), each.detector.assess(asked), strict=True):
            for signal in (Signal.VOLUME, Signal.NEGATIVE, Signal.SHARE, Signal.CRISIS):
                found, wanted = one.assessments[signal], other.assessments[signal]
                assert found.expected == pytest.approx(wanted.expected, rel=0.02, abs=1e-3)
                assert (found.once_per > DAY) == (wanted.once_per > DAY)
                assert found.once_per <= DAY or abs(math.log10(found.once_per / wanted.once_per)) < 0.1
                assert abs(found.learned - wanted.learned) < STEP


def test_what_silence_is_held_back_is_not_lost_by_a_restart_or_by_somebody_who_speaks() -> None:
    world = World.after({"acme": "small"})
    steps = list(_silent_steps(world.now, 2 * DAY_STEPS + 7))
    for closed in steps:
        world.detector.learn(closed)
    again = SeasonalDetector(SeasonalDetector.Settings(), ("acme",))
    again.restore("acme", world.detector.snapshot("acme"))
    assert again.bank.held[0, 0] == 7
    end = steps[-1][0].end + STEP
    for detector in (world.detector, again):
        detector.learn([Samples(topic="acme", window=FIVE, end=end, closed=True, **said(3)._asdict())])
        assert not detector.bank.held.any()
    assert again.snapshot("acme") == world.detector.snapshot("acme")
    known = PAST_DAYS + len(steps) / 288 + 1 / 288
    assert world.detector.bank.known[0] == pytest.approx(known, abs=1e-3)
