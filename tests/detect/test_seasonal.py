"""Stories of baselines: what is usual, what is rare, what is learned."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.detect.learning import Learning
from buzzguard.detect.seasonal import COUNTS, SeasonalDetector
from buzzguard.model import WINDOWS, Direction, Samples, Signal
from tests.detect.world import DAY, DAY_STEPS, MONDAY, World, poisson, seasonal

FIVE, QUARTER, HOUR, SIX, WHOLE_DAY = WINDOWS
RARE = timedelta(days=90)


@cache
def _lived(rate: float) -> bytes:
    world = World()
    world.live_through(lambda _: rate, 21, dice=random.Random(f"flat {rate}"))
    return world.detector.snapshot()


def flat(rate: float) -> World:
    """The day after three quiet weeks at a steady rate per five minutes."""
    world = World(start=MONDAY + timedelta(days=20))
    world.live_through(lambda _: rate, 1, dice=random.Random(f"last {rate}"))
    world.detector.restore(_lived(rate))
    return world


# false alarms


@pytest.mark.parametrize("rate", [0.05, 0.5, 5.0, 50.0])
def test_a_quiet_season_raises_hardly_any_alarm(rate: float) -> None:
    """Six topics of one rate, day and week and overdispersion in them, for four weeks after three."""
    world, dice = World(signals=COUNTS), random.Random(f"season {rate}")
    shape = seasonal(rate)
    world.live_through(shape, 21, dice=dice, phi=0.25)
    alarms, quiet_until = 0, dict.fromkeys(COUNTS, 0)
    for step in range(28 * 96):
        world.live_through(shape, 3 / DAY_STEPS, dice=dice, phi=0.25)
        for signal, once_per in world.rarest().items():
            if once_per > RARE:
                alarms += step >= quiet_until[signal]
                quiet_until[signal] = step + 24
    # Asked is one in 90 days: 1.9 in these 168 topic-days. More than six would be a chance of three in a thousand.
    assert alarms <= 6


def test_a_spike_is_found_by_the_time_it_can_be_told() -> None:
    for rate, steps in ((0.1, 48), (1.0, 8), (10.0, 3), (100.0, 2)):
        found = flat(rate).steps_until(lambda _, r=rate: 5.0 * r, RARE, dice=random.Random("spike"))  # type: ignore[misc]
        assert found <= steps, rate


def test_a_window_that_fills_is_judged_before_it_closes() -> None:
    world = flat(1.0)
    assert world.judge(FIVE).once_per < DAY
    assert world.judge(FIVE, more=15).once_per > RARE


def test_more_mentions_are_never_less_rare() -> None:
    world = flat(1.0)
    periods = [world.judge(HOUR, more=more).once_per for more in range(0, 120, 3)]
    assert periods == sorted(periods)


def test_high_is_where_a_window_becomes_rarer_than_once_a_week() -> None:
    for rate in (0.1, 1.0, 30.0):
        world = flat(rate)
        for window in WINDOWS:
            high = world.judge(window).high
            at = {more: world.judge(window, more=more) for more in range(int(high * 1.2) + 10)}
            over = min(a.observed for a in at.values() if a.once_per > timedelta(days=7))
            assert over == pytest.approx(high, rel=0.03, abs=1.5)


# habits and crises


def test_a_daily_burst_is_a_habit_and_the_same_burst_elsewhere_an_event() -> None:
    bot, calm, dice = World(), World(), random.Random("bot")
    for step in range(21 * DAY_STEPS):
        usual = poisson(dice, 1.0)
        at = (step // DAY_STEPS * 61) % DAY_STEPS
        bot.live(usual + (dice.randint(120, 220) if step % DAY_STEPS == at else 0))
        calm.live(usual)
    assert bot.judge(FIVE, more=180).once_per < timedelta(days=14)
    assert calm.judge(FIVE, more=180).once_per > RARE


def test_a_second_crisis_as_grave_as_the_first_is_found_as_well() -> None:
    world, dice = flat(1.0), random.Random("twice")
    world.live_through(lambda _: 10.0, 0.25, dice=dice)
    world.live_through(lambda _: 1.0, 10, dice=dice)
    assert world.steps_until(lambda _: 10.0, RARE, dice=dice) <= 6


def test_a_crisis_of_half_a_day_does_not_raise_the_baseline() -> None:
    world, dice = flat(5.0), random.Random("crisis")
    before = world.judge(HOUR).expected
    world.live_through(lambda _: 50.0, 0.5, dice=dice)
    assert world.detector.why(Signal.VOLUME, HOUR) is Learning.SLOWED
    assert world.judge(HOUR).expected == pytest.approx(before, rel=0.15)


def test_a_bot_burst_of_five_thousand_copies_does_not_poison_the_baseline() -> None:
    world, dice = flat(1.0), random.Random("copies")
    before = world.judge(HOUR)
    world.live(5000)
    world.live_through(lambda _: 1.0, 1, dice=dice)
    after = world.judge(HOUR)
    assert after.expected == pytest.approx(before.expected, rel=0.2)
    assert after.high < before.high * 1.6


def test_what_lasts_becomes_normal_and_not_before_three_days() -> None:
    world, dice = flat(2.0), random.Random("lasting")
    world.live_through(lambda _: 8.0, 2, dice=dice)
    assert world.judge(WHOLE_DAY).once_per > RARE
    world.live_through(lambda _: 8.0, 3, dice=dice)
    assert world.judge(HOUR).expected == pytest.approx(96.0, rel=0.25)
    assert world.judge(WHOLE_DAY).once_per < timedelta(days=7)


def test_a_crisis_that_fades_leaves_its_end_behind_not_its_height() -> None:
    world, dice = flat(2.0), random.Random("fading")
    for day in range(4):
        world.live_through(lambda _, d=day: 2.0 + 18.0 / 3.0**d, 1, dice=dice)  # type: ignore[misc]
    assert world.judge(HOUR).expected < 2.5 * 24.0


# young and quiet topics


def test_after_one_day_a_tenfold_burst_is_already_rare_and_the_topic_says_that_it_learns() -> None:
    world, dice = World(), random.Random("young")
    world.live_through(lambda _: 1.0, 1, dice=dice)
    assert world.steps_until(lambda _: 10.0, RARE, dice=dice) <= 12
    answer = world.judge(HOUR)
    assert answer.learning
    assert timedelta(days=0.95) <= answer.learned <= timedelta(days=1.1)
    assert answer.needed == timedelta(days=7)


def test_the_first_hour_of_a_topic_screams_nothing_and_becomes_its_baseline() -> None:
    world = World()
    for _ in range(12):
        world.live(3)
        assert max(world.rarest().values()) < timedelta(days=7)
    world.live_through(lambda _: 3.0, 1, dice=random.Random("first"))
    assert world.judge(HOUR).expected == pytest.approx(36.0, rel=0.25)
    assert world.judge(HOUR).once_per == timedelta(0)


def test_four_mentions_in_an_hour_after_weeks_of_none_are_rare() -> None:
    world = flat(0.0)
    assert world.judge(HOUR, more=1).once_per < RARE
    assert world.judge(HOUR, more=4).once_per > RARE


def test_a_young_baseline_is_doubted_but_not_against_overwhelming_evidence() -> None:
    world = World()
    world.live_through(lambda _: 1.0, 0.5, dice=random.Random("bound"))
    assert world.judge(FIVE, more=8).once_per <= timedelta(days=50)
    assert world.judge(FIVE, more=10_000).once_per > timedelta(days=365)


# unknown time


def test_an_outage_is_not_learned() -> None:
    world = flat(5.0)
    before, learned = world.judge(HOUR).expected, world.detector.learned
    for _ in range(7 * DAY_STEPS):
        world.live(0, known=0.0)
    assert world.detector.why(Signal.VOLUME, HOUR) is Learning.SKIPPED_UNKNOWN
    assert world.detector.learned == learned
    assert world.judge(HOUR).expected == pytest.approx(before, rel=0.01)


def test_a_source_that_catches_up_is_no_spike() -> None:
    """After six hours of outage its mentions stand in the minutes of their publication, which become known."""
    world, dice = flat(5.0), random.Random("catch-up")
    for _ in range(72):
        world.live(poisson(dice, 5.0), known=0.3)
    assert max(world.rarest().values()) < timedelta(days=7)


def test_half_known_windows_are_expected_to_hold_half() -> None:
    world = flat(5.0)
    full, half = (
        world.detector.assess(Samples(topic="acme", window=HOUR, end=world.now, volume=60, known=known))[Signal.VOLUME]
        for known in (1.0, 0.5)
    )
    assert half.expected == pytest.approx(full.expected / 2.0, rel=0.01)


# lulls, growth, sums


def test_a_lull_is_told_of_closed_windows_only() -> None:
    world = flat(5.0)
    empty = Samples(topic="acme", window=SIX, end=world.now)
    filling = world.detector.assess(empty)[Signal.VOLUME]
    closed = world.detector.assess(Samples(topic="acme", window=SIX, end=world.now, closed=True))[Signal.VOLUME]
    assert filling.direction is Direction.BELOW and filling.once_per == timedelta(0)
    assert closed.direction is Direction.BELOW and closed.once_per > RARE


def test_growth_is_told_as_the_time_to_double() -> None:
    world = flat(2.0)
    for count in (4, 8, 16, 32):
        for _ in range(3):
            world.live(count)
    doubles_in = world.judge(QUARTER, more=3 * 32).doubles_in
    assert doubles_in is not None
    assert timedelta(minutes=5) < doubles_in < timedelta(minutes=30)
    assert flat(2.0).judge(QUARTER).doubles_in is None


def test_authors_of_a_day_need_not_add_up() -> None:
    """Ten people write all day long: ten an hour, and ten a day."""
    detector = SeasonalDetector(SeasonalDetector.Settings())
    for step in range(1, 10 * DAY_STEPS):
        for window in WINDOWS:
            detector.learn(Samples(topic="a", window=window, end=MONDAY + step * FIVE, authors=10, closed=True))
    end = MONDAY + timedelta(days=10)
    for window in WINDOWS:
        answer = detector.assess(Samples(topic="a", window=window, end=end, authors=10))[Signal.AUTHORS]
        assert answer.expected == pytest.approx(10.0, rel=0.15)


def test_a_famous_author_is_rare_and_is_not_learned_as_a_mean() -> None:
    detector, dice = SeasonalDetector(SeasonalDetector.Settings()), random.Random("reach")
    for step in range(1, 20 * 96):
        reach = int(dice.lognormvariate(8.0, 1.5)) + (50_000_000 if step == 1000 else 0)
        samples = Samples(topic="a", window=QUARTER, end=MONDAY + step * QUARTER, reach=reach, volume=9, closed=True)
        detector.learn(samples)
    end = MONDAY + timedelta(days=20)
    usual = detector.assess(Samples(topic="a", window=QUARTER, end=end, reach=60_000))[Signal.REACH]
    famous = detector.assess(Samples(topic="a", window=QUARTER, end=end, reach=20_000_000))[Signal.REACH]
    assert usual.once_per < DAY
    assert 500 < usual.expected < 20_000
    assert famous.once_per > timedelta(days=30)


# clocks, absurd input, state


def test_a_change_of_clocks_is_nothing_in_utc() -> None:
    """Counts of the nights of 29 March and 25 October 2026 in Paris, steady in UTC."""
    for night in (datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)):
        world, dice = World(start=night - timedelta(days=14)), random.Random("clocks")
        world.live_through(seasonal(5.0), 14, dice=dice)
        for _ in range(48):
            world.live_through(seasonal(5.0), 1 / DAY_STEPS, dice=dice)
            assert max(world.rarest().values()) < RARE


@settings(max_examples=60, deadline=None)
@given(
    count=st.one_of(st.just(10**9), st.just(-1), st.integers()),
    known=st.floats(allow_nan=True, allow_infinity=True),
    window=st.sampled_from(WINDOWS),
    closed=st.booleans(),
)
def test_no_count_however_absurd_raises(count: int, known: float, window: timedelta, closed: bool) -> None:
    detector = SeasonalDetector(SeasonalDetector.Settings())
    numbers = dict.fromkeys((signal.value for signal in Signal), count)
    for step in range(3):
        end = MONDAY + timedelta(hours=step)
        samples = Samples(topic="a", window=window, end=end, closed=closed, known=known, **numbers)
        detector.learn(samples)
        for answer in detector.assess(samples).values():
            assert answer.once_per >= timedelta(0)
            assert answer.expected == answer.expected and answer.high >= 0.0
    detector.restore(detector.snapshot())


def test_absurd_counts_in_the_midst_of_a_life_pass() -> None:
    world = flat(1.0)
    world.live(10**9)
    world.live(-(10**9))
    world.live_through(lambda _: 1.0, 1, dice=random.Random("after"))
    assert world.judge(HOUR).expected == pytest.approx(12.0, rel=0.3)


def test_assessing_changes_nothing() -> None:
    world = flat(1.0)
    before = world.detector.snapshot()
    first = world.judge(HOUR, more=20)
    world.judge(HOUR, more=50)
    assert world.judge(HOUR, more=20) == first
    assert world.detector.snapshot() == before


def test_a_snapshot_reads_back_to_the_same_answers() -> None:
    world = flat(1.0)
    twin = SeasonalDetector(SeasonalDetector.Settings())
    twin.restore(world.detector.snapshot())
    assert twin.snapshot() == world.detector.snapshot()
    for window in WINDOWS:
        sample = world.samples(window, more=7)
        assert twin.assess(sample) == world.detector.assess(sample)
    assert len(world.detector.snapshot()) < 40_000


@pytest.mark.parametrize("state", [b"", b"no", b"\x94\x00\x00\x90\x90", b"\xc0"])
def test_a_foreign_state_is_refused(state: bytes) -> None:
    with pytest.raises(ValueError, match="seasonal/1"):
        SeasonalDetector(SeasonalDetector.Settings()).restore(state)


def test_a_window_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="no window of this length"):
        flat(0.0).detector.assess(Samples(topic="a", window=timedelta(minutes=7), end=MONDAY))


def test_the_band_of_a_chart_has_a_value_for_every_bin() -> None:
    world = flat(5.0)
    expected, high = world.detector.band(world.now, HOUR, 24)
    assert len(expected) == len(high) == 24
    assert all(0.0 < e < h for e, h in zip(expected, high, strict=True))


def test_the_first_day_is_not_taken_for_the_habit_of_its_weekday() -> None:
    evening = slice(10 * 12, 14 * 12)
    shape = lambda step: 20.0 if evening.start <= step % DAY_STEPS < evening.stop else 2.0  # noqa: E731
    world = World()
    world.live_through(shape, 7.5, dice=random.Random("weekday"))
    noon = world.now.replace(hour=12)
    (usual,), _ = world.detector.band(noon, HOUR, 1)
    assert usual == pytest.approx(20.0 * 12, rel=0.3)
