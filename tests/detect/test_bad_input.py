"""Input that should not be: what it does not do, and the sentence that a user finds about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from buzzguard.detect.learning import Learning
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.model import WINDOWS, Assessment, Direction, Samples, Signal
from tests.detect.world import EVER, MONDAY, STEP, Said, World, said

FIVE, HOUR = WINDOWS[0], WINDOWS[2]
RARE = timedelta(days=90)
NUMBERS = ("volume", "negative", "positive", "authors", "reach", "engagement", "spread", "gravity", "voices", "hostile")
COUNTS = st.one_of(st.integers(-5, 50), st.sampled_from((-1, -(10**15), 10**9, 10**18, 10**30)), st.integers())
KNOWN = st.one_of(st.floats(0.0, 1.0), st.floats(allow_nan=True, allow_infinity=True))


def all_answers(detector: SeasonalDetector, samples: list[Samples]) -> Iterator[Assessment]:
    for one in detector.assess(samples):
        yield from one.assessments.values()


def sane(answer: Assessment) -> bool:
    """Numbers that can be shown and compared, whatever came in."""
    numbers = (answer.observed, answer.expected, answer.high)
    return all(0.0 <= number < 1e30 for number in numbers) and timedelta(0) <= answer.once_per <= EVER


@settings(max_examples=50, deadline=None)
@given(counts=st.lists(COUNTS, min_size=10, max_size=10), known=KNOWN, closed=st.booleans(), data=st.data())
def test_no_number_however_absurd_raises_or_reaches_an_answer(
    counts: list[int], known: float, closed: bool, data: st.DataObject
) -> None:
    detector = SeasonalDetector(SeasonalDetector.Settings(), ("acme",))
    for step in (12, 24, 36, 48):
        values = data.draw(st.permutations(counts))
        samples = [
            Samples(
                topic="acme",
                window=window,
                end=MONDAY + step * STEP,
                closed=closed,
                known=known,
                **dict(zip(NUMBERS, values, strict=True)),
            )
            for window in WINDOWS
        ]
        detector.learn(samples)
        assert all(sane(answer) for answer in all_answers(detector, samples))
        assert detector.explain(samples).topic == "acme"
    detector.restore("acme", detector.snapshot("acme"))


def test_an_absurd_count_in_the_midst_of_a_life_passes_and_is_forgotten() -> None:
    world = World.after({"acme": "small"})
    before = world.judge("acme", HOUR).expected
    world.live({"acme": Said(*([10**9] * 10))})
    assert world.rarity("acme") > RARE
    assert world.detector.why("acme", Signal.VOLUME) is Learning.CLIPPED
    world.live({"acme": Said(*([-(10**9)] * 10))})
    for _ in range(24):
        world.live({"acme": said(1)})
    assert world.judge("acme", HOUR).expected == pytest.approx(before, rel=0.1)
    assert world.judge("acme", HOUR).once_per < timedelta(days=7)


def test_an_absurd_count_is_corrected_and_the_log_says_so() -> None:
    world = World.after({"acme": "small", "other": "small"})
    with capture_logs() as logs:
        world.live({"acme": Said(volume=-(10**7)), "other": said(1)})
        world.live({"acme": Said(volume=10**7), "other": said(1)})
    (told,) = [entry for entry in logs if entry["event"] == "samples.corrected"]
    assert (told["topics"], told["count"]) == (["acme"], 1)


def test_a_negative_count_is_none_at_all() -> None:
    world = World.after({"acme": "small"})
    negative, none = (
        next(iter(all_answers(world.detector, [Samples(topic="acme", window=HOUR, end=world.now, volume=volume)])))
        for volume in (-7, 0)
    )
    assert negative == none
    assert (negative.observed, negative.direction) == (0.0, Direction.BELOW)


@pytest.mark.parametrize("known", [float("nan"), 0.0, -3.0, 0.74])
def test_what_is_largely_unknown_is_skipped_and_says_so(known: float) -> None:
    world = World.after({"acme": "small"})
    before = world.detector.snapshot("acme")
    window = Samples(topic="acme", window=FIVE, end=world.now + STEP, volume=400, known=known, closed=True)
    world.detector.learn([window])
    assert world.detector.snapshot("acme") == before
    assert world.detector.why("acme", Signal.VOLUME) is Learning.SKIPPED_UNKNOWN
    (volume, *_) = world.detector.explain([window]).signals
    assert volume.learning == "skipped_unknown"


def test_more_known_than_can_be_is_wholly_known() -> None:
    world = World.after({"acme": "small"})
    whole, more = (
        world.detector.assess([Samples(topic="acme", window=HOUR, end=world.now, volume=20, known=known)])[0]
        for known in (1.0, float("inf"))
    )
    assert dict(whole.assessments) == dict(more.assessments)


def test_more_hostile_voices_than_voices_are_as_many() -> None:
    world = World.after({"acme": "lively"})
    told = [
        world.detector.assess(
            [Samples(topic="acme", window=HOUR, end=world.now, volume=60, voices=60_000, hostile=hostile)]
        )[0].assessments[Signal.SHARE]
        for hostile in (60_000, 600_000)
    ]
    assert told[0] == told[1]
    assert told[0].observed == 1.0


def test_a_window_that_comes_twice_within_a_batch_counts_once() -> None:
    one, twice = (World.after({"acme": "small"}) for _ in range(2))
    window = Samples(topic="acme", window=FIVE, end=one.now + STEP, volume=4, closed=True)
    one.detector.learn([window])
    twice.detector.learn([window, window])
    assert one.detector.snapshot("acme") == twice.detector.snapshot("acme")


def test_windows_off_the_stride_and_of_other_lengths_are_passed_over() -> None:
    world = World.after({"acme": "small"})
    before = world.detector.snapshot("acme")
    minute = timedelta(minutes=1)
    world.detector.learn(
        [
            Samples(topic="acme", window=HOUR, end=world.now + 5 * minute, volume=900, closed=True),
            Samples(topic="acme", window=FIVE, end=world.now + 3 * minute, volume=900, closed=True),
            Samples(topic="acme", window=minute, end=world.now + 5 * minute, volume=900, closed=True),
        ]
    )
    assert world.detector.snapshot("acme") == before


def test_two_ends_in_one_batch_are_learned_in_order() -> None:
    forth, back = (World.after({"acme": "small"}) for _ in range(2))
    closed = [
        Samples(topic="acme", window=FIVE, end=forth.now + step * STEP, volume=step, closed=True) for step in (1, 2, 3)
    ]
    forth.detector.learn(closed)
    back.detector.learn(closed[::-1])
    assert forth.detector.snapshot("acme") == back.detector.snapshot("acme")


def test_a_clock_far_ahead_is_survived() -> None:
    """A mention dated ten years on: what was remembered is forgotten, nothing fails."""
    world = World.after({"acme": "small"})
    later = world.now + timedelta(days=3650)
    samples = [Samples(topic="acme", window=window, end=later, volume=30, closed=True) for window in WINDOWS]
    world.detector.learn(samples)
    assert all(sane(answer) for answer in all_answers(world.detector, samples))
    world.detector.learn([Samples(topic="acme", window=FIVE, end=world.now + STEP, volume=1, closed=True)])
    assert world.judge("acme", HOUR).expected == pytest.approx(12.0, rel=0.25)
