"""Laws of measuring: what is counted equals a naive recount, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.measure.stage import Measuring
from buzzguard.measure.strides import STRIDES
from buzzguard.model import MINUTE, WINDOWS, Polarity, Poll, Samples, ScoredMention, Sentiment
from tests.measure.builders import START, at, mention, poll

DAY = timedelta(hours=24)


def measuring(lateness: timedelta = DAY, topics: tuple[str, ...] = ("acme", "rival")) -> Measuring:
    return Measuring(topics, {topic: frozenset({"s"}) for topic in topics}, lateness=lateness)


def weight(one: ScoredMention, topic: str) -> int:
    """What a counted mention weighs in a topic."""
    return one.voices[one.topics.index(topic)]


def recount(mentions: Sequence[ScoredMention], sample: Samples) -> Samples:
    """The same sample, counted the simple way."""
    start = sample.end - sample.window
    inside = [one for one in mentions if sample.topic in one.topics and start <= one.mention.published < sample.end]
    negative = [one for one in inside if one.sentiment.polarity is Polarity.NEGATIVE]
    return Samples(
        topic=sample.topic,
        window=sample.window,
        end=sample.end,
        volume=len(inside),
        negative=len(negative),
        positive=sum(one.sentiment.polarity is Polarity.POSITIVE for one in inside),
        authors=len({(one.mention.source, one.mention.author.id or f"@{one.mention.site}") for one in inside}),
        reach=sum(one.mention.author.followers for one in inside),
        engagement=sum(one.mention.engagement.total for one in inside),
        spread=len({one.mention.site for one in inside if one.mention.site}),
        gravity=sum(bool(one.gravity) for one in inside),
        sources=len({one.mention.source for one in inside}),
        top_reach=max((one.mention.author.followers for one in negative), default=0),
        voices=sum(weight(one, sample.topic) for one in inside),
        hostile=sum(weight(one, sample.topic) for one in negative),
        copies=sum(one.copied for one in inside),
        known=sample.known,
        closed=sample.closed,
    )


@st.composite
def mentions(draw: st.DrawFn, *, span: int = 1_500) -> list[ScoredMention]:
    """Mentions with few authors and sites, so that they meet; any order, some twice."""
    drawn = draw(
        st.lists(
            st.builds(
                mention,
                st.integers(0, 10**6).map(str),
                st.floats(0, span - 0.001),
                topics=st.sampled_from([("acme",), ("rival",), ("acme", "rival")]),
                polarity=st.sampled_from(Polarity),
                confidence=st.sampled_from([0.0, 0.3, 0.7, 1.0]),
                key=st.sampled_from([None, 1, 2]),
                author=st.sampled_from(["", "ann", "bob", "zoe"]),
                site=st.sampled_from(["", "a.org", "b.org"]),
                source=st.sampled_from(["rss", "mastodon"]),
                followers=st.integers(0, 1_000),
                likes=st.integers(0, 9),
                gravity=st.sampled_from([(), ("recall",)]),
                copied=st.booleans(),
            ),
            max_size=40,
        )
    )
    twice = draw(st.lists(st.sampled_from(drawn), max_size=3)) if drawn else []
    return draw(st.permutations([*drawn, *twice]))


@given(mentions(), st.lists(st.integers(1, 5), max_size=6))
@settings(max_examples=60, deadline=None)
def test_filling_windows_equal_a_recount_for_any_order_of_arrival(
    arrivals: list[ScoredMention], cuts: list[int]
) -> None:
    stage, now = measuring(timedelta(hours=30)), at(1_500)
    taken: list[ScoredMention] = []
    for size in [*cuts, len(arrivals)]:
        counted, _ = stage.add(arrivals[len(taken) : len(taken) + size], now)
        taken += counted
        for topic in ("acme", "rival"):
            for sample in stage.samples(topic, now):
                assert sample == recount(taken, sample)
                assert 0 <= sample.hostile <= sample.voices <= 1_000 * sample.volume
        now += timedelta(minutes=37)


@given(
    mentions(span=400),
    st.lists(
        st.tuples(
            st.integers(0, 100),
            st.builds(Sentiment, polarity=st.sampled_from(Polarity), confidence=st.sampled_from([0.2, 0.7, 1.0])),
        ),
        max_size=6,
    ),
    st.integers(400, 1_700),
)
@settings(max_examples=60, deadline=None)
def test_what_is_amended_is_counted_as_if_it_had_been_so_from_the_first(
    arrivals: list[ScoredMention], amendments: list[tuple[int, Sentiment]], later: int
) -> None:
    stage = measuring()
    counted, _ = stage.add(arrivals, at(400))
    stage.samples("acme", at(400))
    for index, sentiment in amendments:
        if counted:
            place = index % len(counted)
            counted[place] = stage.amend(counted[place], sentiment)
    tops = {"top_reach": 0}  # an upper bound after an amendment
    for now in (at(400), at(later)):
        for topic in ("acme", "rival"):
            for sample in stage.samples(topic, now):
                assert replace(sample, **tops) == replace(recount(counted, sample), **tops)
        for sample in stage.advance(now):
            assert replace(sample, **tops) == replace(recount(counted, sample), **tops)


@given(mentions(span=400), st.lists(st.integers(1, 200), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_windows_roll_on_as_time_passes(arrivals: list[ScoredMention], steps: list[int]) -> None:
    stage, now = measuring(), at(0)
    waiting = sorted(arrivals, key=lambda one: one.mention.published)
    seen: list[ScoredMention] = []
    for step in steps:
        now += timedelta(minutes=step)
        due = [one for one in waiting if one.mention.published <= now]
        waiting = waiting[len(due) :]
        accepted, _ = stage.add(due, now)
        seen += accepted
        closed = stage.advance(now)
        assert closed == [recount(seen, sample) for sample in closed]
        for sample in stage.samples("acme", now):
            assert sample == recount(seen, sample)


@given(mentions(span=300), st.lists(st.booleans(), min_size=31, max_size=31), st.booleans())
@settings(max_examples=40, deadline=None)
def test_restore_equals_the_uninterrupted_state(arrivals: list[ScoredMention], polled: list[bool], first: bool) -> None:
    live, again = measuring(), measuring()
    polls: list[Poll] = []
    stored: list[ScoredMention] = []
    for index, ok in enumerate(polled):
        now = at(10 * index)
        due = [one for one in arrivals if one.mention.published <= now] if ok else []
        fetched = [fetched_at(one, now) for one in due]
        arrivals = [one for one in arrivals if one not in due]
        polls.append(poll(10 * index, ok=ok, mentions=len(due)))
        if first:
            live.observe(polls[-1:])
        counted, _ = live.add(fetched, now)
        if not first:
            live.observe(polls[-1:])
        live.advance(now)
        live.minutes_changed()
        stored += counted
    now = at(300)
    again.restore(sorted(stored, key=lambda one: one.mention.published), polls, now)
    for later in (now, now + timedelta(minutes=90), now + timedelta(hours=22)):
        assert everything(again, later) == everything(live, later)
        more = [replace(one, voices=()) for one in stored]
        assert again.add(more, later) == live.add(more, later)


def fetched_at(one: ScoredMention, now: datetime) -> ScoredMention:
    return replace(one, mention=replace(one.mention, fetched=now))


def everything(stage: Measuring, now: datetime) -> list[object]:
    told: list[object] = [stage.advance(now)]
    for topic in ("acme", "rival"):
        told.append(stage.samples(topic, now))
        told.append(stage.series(topic, start=at(0), bins=60, bin=timedelta(minutes=5)))
        told.extend(stage.quotes(topic, window, now, 5) for window in WINDOWS)
    return told


def test_closed_windows_come_once_on_their_strides_when_the_grace_has_passed() -> None:
    stage = measuring(topics=("acme",))
    assert stage.advance(at(2)) == []
    assert stage.advance(at(6)) == []
    closed = stage.advance(at(7))
    assert [(one.window, one.end, one.closed) for one in closed] == [(timedelta(minutes=5), at(5), True)]
    assert stage.advance(at(7)) == []
    hour = stage.advance(at(62))
    assert {(one.window, one.end) for one in hour} == {
        (window, at(end))
        for window, stride in STRIDES.items()
        for end in range(10, 61)
        if not at(end).timestamp() % stride.total_seconds()
    }
    assert hour == sorted(hour, key=lambda one: (one.end, one.window))


def test_a_jump_ahead_closes_every_window_between_and_a_longer_one_only_the_last_week() -> None:
    stage = measuring(topics=("acme",))
    stage.advance(at(2))
    stage.add([mention("1", 1)], at(2))
    closed = stage.advance(at(12 * 60 + 2))
    assert len(closed) == 12 * (12 + 4 + 4 + 1 + 1 + 1)
    assert sum(one.volume for one in closed if one.window == timedelta(minutes=5)) == 1
    assert len(stage.advance(at(365 * 1440))) == 7 * 24 * (12 + 4 + 4 + 1 + 1 + 1)


def test_time_never_runs_backwards() -> None:
    stage = measuring(topics=("acme",))
    stage.add([mention("1", 9)], at(10))
    mark = stage.watermark
    stage.add([mention("2", 2)], at(3))
    assert stage.watermark == mark
    assert {one.end for one in stage.samples("acme", at(3))} == {at(11)}
    assert stage.samples("acme", at(3))[1].volume == 2
    assert stage.advance(at(-600)) == []


def test_a_late_mention_goes_in_its_own_minute_and_a_later_one_is_dropped() -> None:
    stage = measuring(timedelta(hours=2), topics=("acme",))
    accepted, dropped = stage.add([mention("late", -60), mention("older", -121), mention("now", 0)], at(0))
    assert [one.mention.id for one in accepted] == ["late", "now"]
    assert [(one.id, one.reason) for one in dropped] == [("older", "too_late")]
    five, _, _, _, six_hours, _ = stage.samples("acme", at(0))
    assert (five.volume, six_hours.volume) == (1, 2)


def test_a_time_ahead_counts_in_the_minute_that_is_filling() -> None:
    stage = measuring(topics=("acme",))
    stage.add([mention("1", 500)], at(0))
    assert stage.samples("acme", at(0))[0].volume == 1


def test_changed_minutes_come_whole_and_once() -> None:
    stage = measuring(topics=("acme",))
    stage.add([mention("1", 0), mention("2", 0.5), mention("3", 4)], at(4))
    first = stage.minutes_changed()
    assert [(one.window, one.end, one.volume, one.closed) for one in first] == [
        (MINUTE, at(1), 2, True),
        (MINUTE, at(5), 1, False),
    ]
    assert stage.minutes_changed() == []
    stage.add([mention("4", 0.2)], at(5))
    assert [(one.end, one.volume) for one in stage.minutes_changed()] == [(at(1), 3)]


def test_a_changed_minute_is_not_forgotten_before_it_was_told() -> None:
    stage = measuring(topics=("acme",))
    stage.advance(at(0))
    stage.add([mention("1", 0)], at(0))
    stage.advance(at(3 * 1440))
    assert [one.volume for one in stage.minutes_changed()] == [1]
    assert stage.samples("acme", at(3 * 1440))[-1].volume == 0


def test_topics_that_are_not_measured_are_passed_over() -> None:
    stage = measuring(topics=("acme",))
    accepted, _ = stage.add([mention("1", 0, topics=("gone",))], at(0))
    assert len(accepted) == 1
    assert stage.minutes_changed() == []


def test_a_series_has_equal_bins() -> None:
    stage = measuring(topics=("acme",))
    stage.add(
        [mention("1", -14, polarity=Polarity.NEGATIVE), mention("2", -6), mention("3", -5.5), mention("4", 0)], at(0)
    )
    series = stage.series("acme", start=at(-15), bins=3, bin=timedelta(minutes=5))
    assert series == ([1, 2, 0], [1, 0, 0])


def test_a_restart_goes_on_after_the_last_closed_window() -> None:
    stage = measuring(topics=("acme",))
    stage.restore([], [], at(20), closed_until=at(5))
    assert [one.end for one in stage.advance(at(20)) if one.window == timedelta(minutes=5)] == [at(10), at(15)]
    fresh = measuring(topics=("acme",))
    fresh.restore([], [], at(20))
    assert fresh.advance(at(20)) == []


def test_restored_mentions_older_than_the_lateness_still_fill_their_windows() -> None:
    stage = measuring(timedelta(hours=1), topics=("acme",))
    stage.restore([mention("1", -300)], [], at(0))
    assert stage.samples("acme", at(0))[-1].volume == 1
    assert stage.minutes_changed() == []


def test_unknown_minutes_are_told_as_a_share() -> None:
    polls: list[Poll] = [poll(-3_000, mentions=0), poll(0), poll(2, ok=False)]
    stage = measuring(topics=("acme",))
    stage.observe(polls)
    assert stage.samples("acme", at(4))[0].known == 0.0
    stage.observe([poll(5, mentions=0)])
    assert stage.samples("acme", at(5))[0].known == 1.0
    assert stage.needs_since(START) < START - DAY
