"""Laws of voices: nobody is many, and many are as many as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.measure.stage import Measuring
from buzzguard.model import WINDOWS, Polarity, Samples, ScoredMention
from tests.measure.builders import at, mention

DAY = timedelta(hours=24)
MANY = 200


def measuring(grace: timedelta = timedelta(minutes=2)) -> Measuring:
    return Measuring(["acme", "rival"], {}, lateness=DAY, grace=grace)


def harmonic(count: int) -> float:
    return sum(1 / rank for rank in range(1, count + 1))


def weights(counted: Iterable[ScoredMention]) -> list[int]:
    return [one.voices[0] for one in counted]


def of_the_day(stage: Measuring, minutes: float) -> Samples:
    return stage.samples("acme", at(minutes))[-1]


@st.composite
def batches(draw: st.DrawFn) -> list[ScoredMention]:
    """Mentions of a few authors and texts, some of both topics."""
    few = st.builds(
        mention,
        st.integers(0, 999).map(str),
        st.floats(0, 400),
        topics=st.sampled_from([("acme",), ("rival", "acme")]),
        polarity=st.sampled_from(Polarity),
        confidence=st.sampled_from([0.25, 0.5, 1.0]),
        author=st.sampled_from(["", "ann", "bob"]),
        site=st.sampled_from(["", "a.org"]),
        key=st.sampled_from([None, 1]),
    )
    return draw(st.lists(few, max_size=25, unique_by=lambda one: one.mention.id))


@given(batches(), st.data())
@settings(max_examples=60, deadline=None)
def test_the_order_within_a_batch_changes_nothing(batch: list[ScoredMention], data: st.DataObject) -> None:
    one, other = measuring(), measuring()
    shuffled = data.draw(st.permutations(batch))
    assert one.add(batch, at(400)) == other.add(shuffled, at(400))
    assert one.samples("acme", at(400)) == other.samples("acme", at(400))
    assert one.minutes_changed() == other.minutes_changed()


@given(st.lists(st.floats(0, 1_439), min_size=1, max_size=60), st.floats(0, 1), st.booleans(), st.integers(1, 9))
@settings(max_examples=60, deadline=None)
def test_one_author_or_one_text_weighs_no_more_than_the_harmonic_sum(
    minutes: Sequence[float], confidence: float, copied: bool, size: int
) -> None:
    stage = measuring()
    mentions = [
        mention(
            str(index),
            minute,
            author=f"bot {index}" if copied else "ann",
            key=1 if copied else None,
            polarity=Polarity.NEGATIVE,
            confidence=confidence,
        )
        for index, minute in enumerate(minutes)
    ]
    for first in range(0, len(mentions), size):
        stage.add(mentions[first : first + size], at(1_439))
    day = of_the_day(stage, 1_439)
    assert day.hostile == day.voices <= 1_000 * harmonic(len(minutes)) * (confidence + 0.0005)
    assert day.voices >= 1_000 * confidence - 0.5


def test_five_thousand_copies_are_a_handful_and_a_crowd_is_a_crowd() -> None:
    stage = measuring()
    copies = [mention(f"c{n}", n / 50, author=f"bot {n}", key=1, polarity=Polarity.NEGATIVE) for n in range(5_000)]
    stage.add(copies, at(100))
    assert 6_000 < of_the_day(stage, 100).hostile < 9_100
    angry = [mention(f"a{n}", 100, author="ann", polarity=Polarity.NEGATIVE) for n in range(100)]
    before = of_the_day(stage, 100).hostile
    stage.add(angry, at(100))
    assert 4_500 < of_the_day(stage, 100).hostile - before < 5_200
    crowd = measuring()
    crowd.add([mention(str(n), n / 50, author=f"person {n}") for n in range(5_000)], at(100))
    assert of_the_day(crowd, 100).voices == 5_000_000


@given(st.lists(st.integers(0, 1_439), min_size=2, max_size=30))
@settings(max_examples=30, deadline=None)
def test_what_arrives_late_takes_the_next_rank_in_its_own_minute(minutes: list[int]) -> None:
    stage = measuring()
    told = [stage.add([mention(str(n), minute, author="ann")], at(1_439))[0] for n, minute in enumerate(minutes)]
    assert [one.voices for (one,) in told] == [(1_000 // rank,) for rank in range(1, len(minutes) + 1)]


def test_the_larger_of_the_two_ranks_counts() -> None:
    stage = measuring()
    stage.add([mention("1", 0, author="ann", key=1), mention("2", 1, author="ann", key=1)], at(9))
    counted, _ = stage.add([mention("3", 2, author="bob", key=1), mention("4", 3, author="ann", key=2)], at(9))
    assert weights(counted) == [333, 333]


def test_topics_have_their_own_ranks() -> None:
    stage = measuring()
    stage.add([mention("1", 0, author="ann")], at(0))
    counted, _ = stage.add([mention("2", 0, topics=("gone", "rival", "acme"), author="ann")], at(0))
    assert counted[0].voices == (0, 1_000, 500)


def test_an_anonymous_page_is_one_voice_and_nothing_known_is_many() -> None:
    stage = measuring()
    page, _ = stage.add([mention(str(n), 0, site="forum.example") for n in range(3)], at(0))
    assert weights(page) == [1_000, 500, 333]
    nowhere, _ = stage.add([mention(f"n{n}", 0, site="") for n in range(3)], at(0))
    assert weights(nowhere) == [1_000, 1_000, 1_000]


def test_copies_are_told_by_the_key_that_ignores_addresses() -> None:
    stage = measuring()
    batch = [mention(str(n), n, author=str(n)) for n in range(3)]
    copied = [mention(f"c{n}", 3 + n, author=f"c{n}", copy_key=9) for n in range(3)]
    counted, _ = stage.add([*batch, *copied], at(9))
    assert weights(counted) == [1_000, 1_000, 1_000, 1_000, 500, 333]


@pytest.mark.parametrize(
    ("confidence", "expected"),
    [
        (0.0, 0),
        (0.0004, 0),
        (0.57, 570),
        (1.0, 1_000),
        (7.0, 1_000),
        (-1.0, 0),
        (float("nan"), 0),
        (float("inf"), 1_000),
    ],
)
def test_a_voice_is_as_loud_as_the_scorer_is_sure(confidence: float, expected: int) -> None:
    counted, _ = measuring().add([mention("1", 0, confidence=confidence)], at(0))
    assert weights(counted) == [expected]


def test_a_habit_of_every_minute_stays_quiet_after_a_day_and_a_pause_of_a_day_makes_a_voice_again() -> None:
    stage = measuring()
    told = [
        weights(stage.add([mention(str(minute), minute, author="bot")], at(minute))[0])[0] for minute in range(3_000)
    ]
    assert told[0] == 1_000
    assert set(told[1_000:]) == {0}
    assert weights(stage.add([mention("new", 5_000, author="bot")], at(5_000))[0]) == [1_000]


@given(batches(), st.lists(st.integers(1, 900), min_size=1, max_size=5), st.sampled_from([2, 40, 120]))
@settings(max_examples=40, deadline=None)
def test_ranks_are_rebuilt_from_the_mentions_of_a_day(
    mentions: list[ScoredMention], pauses: list[int], grace: int
) -> None:
    """Repeated after each pause, whatever was stored long before."""
    live = measuring(timedelta(minutes=grace))
    now, stored = at(400), []
    for round_, pause in enumerate((0, *pauses)):
        now += timedelta(minutes=pause)
        shift = (now - at(400)) / timedelta(minutes=1)
        counted, _ = live.add([moved(one, shift, round_) for one in mentions], now)
        live.advance(now)
        stored += counted
    again = measuring(timedelta(minutes=grace))
    since = live.needs_since(now)
    again.restore(sorted((one for one in stored if one.mention.published > since), key=published), [], now)
    assert [again.samples("acme", now)] == [live.samples("acme", now)]
    probes = [moved(one, (now - at(400)) / timedelta(minutes=1), 99) for one in mentions]
    assert again.add(probes, now) == live.add(probes, now)


def published(one: ScoredMention) -> float:
    return one.mention.published.timestamp()


def moved(one: ScoredMention, minutes: float, round_: int) -> ScoredMention:
    """The same author and text, later."""
    given_at = (one.mention.published - at(0)) / timedelta(minutes=1)
    return mention(
        f"{round_}:{one.mention.id}",
        given_at + minutes,
        topics=one.topics,
        polarity=one.sentiment.polarity,
        confidence=one.sentiment.confidence,
        author=one.mention.author.id,
        site=one.mention.site,
        key=one.repeat_key,
    )


def test_mentions_stored_before_voices_were_measured_are_weighed_when_they_are_restored() -> None:
    stage = measuring()
    stage.restore([mention("1", 0, author="ann"), mention("2", 1, author="ann")], [], at(2))
    assert of_the_day(stage, 2).voices == 1_500


def test_windows_hold_the_sum_of_their_minutes() -> None:
    stage = measuring()
    stage.add([mention(str(n), 7 * n, author=f"a{n % 5}", polarity=Polarity.NEGATIVE) for n in range(200)], at(1_399))
    minutes = stage.minutes_changed()
    told = stage.samples("acme", at(1_399))
    for sample, window in zip(told, WINDOWS, strict=True):
        inside = [one for one in minutes if sample.end - window < one.end <= sample.end]
        assert (sample.voices, sample.hostile) == tuple(
            sum(getattr(one, name) for one in inside) for name in ("voices", "hostile")
        )
    assert all(shorter.voices <= longer.voices for shorter, longer in pairwise(told))
