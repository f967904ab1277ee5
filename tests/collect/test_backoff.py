"""How long a stream waits."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from buzzguard.collect.backoff import MEMORY, OPENS_AFTER, Bounds, Pace
from buzzguard.config.settings import StreamSettings
from buzzguard.model import Breaker, Poll

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
durations = st.timedeltas(min_value=SECOND, max_value=timedelta(days=7))


@st.composite
def bounds(draw: st.DrawFn) -> Bounds:
    fastest, every, slowest = sorted(draw(st.lists(durations, min_size=3, max_size=3)))
    return Bounds(fastest=fastest, every=every, slowest=slowest)


def around(every: timedelta) -> Bounds:
    return Bounds.of(StreamSettings(source="rss", every=every))


def pace_of(every: timedelta, seed: int = 1) -> Pace:
    return Pace(around(every), rng=random.Random(seed))


brought = st.lists(st.tuples(st.integers(0, 100_000), st.timedeltas(timedelta(0), timedelta(days=30))), max_size=30)


@given(limits=bounds(), story=brought, asked=durations | st.none(), hot=st.booleans(), seed=st.integers(0, 1_000))
def test_whatever_is_said_a_stream_keeps_to_its_bounds_and_to_what_the_server_asks(
    limits: Bounds, story: list[tuple[int, timedelta]], asked: timedelta | None, hot: bool, seed: int
) -> None:
    pace, now = Pace(limits, rng=random.Random(seed)), START
    for mentions, later in story:
        now += later
        pace.brought(mentions, now)
        wait = pace.after_success(asked, hot=hot)
        assert wait >= max(limits.fastest, asked or SECOND)
        assert wait <= max(limits.slowest, asked or SECOND)


@given(limits=bounds(), burst=st.integers(0, 1_000_000), seed=st.integers(0, 1_000))
def test_after_any_burst_or_lull_a_steady_stream_returns_to_the_middle(limits: Bounds, burst: int, seed: int) -> None:
    pace, now = Pace(limits, rng=random.Random(seed)), START
    pace.brought(burst, now)
    for _ in range(200):
        now += limits.every
        pace.brought(1, now)
    assert max(limits.fastest, limits.every * 0.9) <= pace.interval <= min(limits.slowest, limits.every * 1.1)


@given(every=durations, first=st.integers(0, 5_000), more=st.integers(1, 5_000))
def test_who_brings_more_is_read_no_less_often(every: timedelta, first: int, more: int) -> None:
    little, much = pace_of(every), pace_of(every)
    little.brought(first, START)
    much.brought(first + more, START)
    assert much.interval <= little.interval


@given(every=durations, seed=st.integers(0, 1_000))
def test_the_same_facts_give_the_same_waits(every: timedelta, seed: int) -> None:
    one, other = pace_of(every, seed), pace_of(every, seed)
    for pace in (one, other):
        pace.brought(7, START)
    assert [one.after_success() for _ in range(5)] == [other.after_success() for _ in range(5)]


def test_a_silent_stream_becomes_slow_and_a_burst_makes_it_fast_at_once() -> None:
    pace, now, every = pace_of(timedelta(minutes=2)), START, timedelta(minutes=2)
    for _ in range(3 * int(MEMORY)):
        now += every
        pace.brought(0, now)
    assert pace.interval == 2 * every
    pace.brought(150, now)
    assert pace.interval == every / 4


def test_clocks_that_go_back_change_nothing() -> None:
    pace = pace_of(timedelta(minutes=2))
    pace.brought(0, START)
    before = pace.interval
    pace.brought(0, START - timedelta(days=400))
    assert pace.interval == before


def test_an_alert_makes_a_stream_as_fast_as_it_may_be() -> None:
    pace = pace_of(timedelta(minutes=2))
    assert timedelta(seconds=30) <= pace.after_success(hot=True) <= timedelta(seconds=33)


def test_what_the_service_bears_comes_before_what_is_configured() -> None:
    settings = StreamSettings(source="rss", every=timedelta(minutes=2))
    limits = Bounds.of(settings, least=timedelta(minutes=10))
    assert limits == Bounds(
        fastest=10 * timedelta(minutes=1), every=timedelta(minutes=10), slowest=timedelta(minutes=10)
    )


def test_bounds_out_of_order_are_refused_with_the_stream() -> None:
    with pytest.raises(ValidationError, match="`fastest` is at most `every`"):
        StreamSettings(source="rss", every=timedelta(minutes=2), fastest=timedelta(minutes=3))
    with pytest.raises(ValidationError, match="`slowest` at least"):
        StreamSettings(source="rss", every=timedelta(minutes=2), slowest=timedelta(minutes=1))


@given(every=durations, failures=st.integers(1, 60), seed=st.integers(0, 1_000))
def test_a_failing_stream_waits_an_hour_at_most_and_never_nothing(every: timedelta, failures: int, seed: int) -> None:
    pace = pace_of(every, seed)
    for _ in range(failures):
        wait = pace.after_failure()
    assert SECOND <= wait <= max(HOUR, every * 2)


@given(every=durations, asked=durations, seed=st.integers(0, 1_000), lasting=st.booleans())
def test_no_wait_after_a_failure_is_shorter_than_the_server_asked(
    every: timedelta, asked: timedelta, seed: int, lasting: bool
) -> None:
    pace = pace_of(every, seed)
    for _ in range(6):
        assert pace.after_failure(asked, lasting=lasting) >= asked


@given(every=durations, seed=st.integers(0, 1_000))
def test_the_breaker_opens_lets_one_probe_through_and_closes_with_a_good_one(every: timedelta, seed: int) -> None:
    pace = pace_of(every, seed)
    states = []
    for _ in range(OPENS_AFTER + 2):
        pace.probing()
        states.append(pace.breaker)
        wait = pace.after_failure()
        if pace.breaker is Breaker.OPEN:
            assert wait >= min(every, timedelta(minutes=30))
    assert states == [Breaker.CLOSED] * OPENS_AFTER + [Breaker.HALF_OPEN] * 2
    assert pace.breaker is Breaker.OPEN
    pace.probing()
    pace.succeeded()
    assert (pace.breaker, pace.failures) == (Breaker.CLOSED, 0)


def test_what_only_a_person_can_mend_opens_the_breaker_at_once() -> None:
    pace = pace_of(timedelta(minutes=2))
    pace.after_failure(lasting=True)
    assert pace.breaker is Breaker.OPEN


def test_a_restart_goes_on_with_the_breaker_as_it_was() -> None:
    pace = pace_of(timedelta(minutes=2))
    pace.resume(Poll(stream="a", at=START, ok=False, failures=6, breaker=Breaker.OPEN))
    pace.probing()
    assert (pace.breaker, pace.failures) == (Breaker.HALF_OPEN, 6)


def test_a_success_forgets_the_failures() -> None:
    pace = pace_of(timedelta(minutes=2))
    for _ in range(10):
        pace.after_failure()
    pace.succeeded()
    assert pace.failures == 0
    assert pace.after_failure() <= timedelta(minutes=4)


def test_the_ceiling_doubles_with_each_failure() -> None:
    def longest(failures: int) -> timedelta:
        waits = []
        for seed in range(300):
            pace = pace_of(timedelta(minutes=2), seed)
            waits.append([pace.after_failure() for _ in range(failures)][-1])
        return max(waits)

    assert timedelta(minutes=3) < longest(1) <= timedelta(minutes=4)
    assert timedelta(minutes=13) < longest(3) <= timedelta(minutes=16)
