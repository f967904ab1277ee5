"""How long a stream waits."""

from __future__ import annotations

import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.backoff import Pace

durations = st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=7))


@given(every=durations, failures=st.integers(1, 60), seed=st.integers(0, 1_000))
def test_a_failing_stream_waits_an_hour_at_most_and_never_nothing(every: timedelta, failures: int, seed: int) -> None:
    pace = Pace(every, rng=random.Random(seed))
    for _ in range(failures):
        wait = pace.after_failure()
    assert timedelta(seconds=1) <= wait <= max(timedelta(hours=1), every * 1.1)


@given(every=durations, asked=durations, seed=st.integers(0, 1_000))
def test_no_wait_is_shorter_than_the_server_asked(every: timedelta, asked: timedelta, seed: int) -> None:
    pace = Pace(every, rng=random.Random(seed))
    assert pace.after_failure(asked) >= asked
    assert pace.after_success(asked) >= asked


def test_a_success_forgets_the_failures() -> None:
    pace = Pace(timedelta(minutes=2), rng=random.Random(1))
    for _ in range(10):
        pace.after_failure()
    pace.reset()
    assert pace.failures == 0
    assert pace.after_failure() <= timedelta(minutes=4)


def test_the_ceiling_doubles_with_each_failure() -> None:
    def longest(failures: int) -> timedelta:
        waits = []
        for seed in range(300):
            pace = Pace(timedelta(minutes=2), rng=random.Random(seed))
            waits.append([pace.after_failure() for _ in range(failures)][-1])
        return max(waits)

    assert timedelta(minutes=3) < longest(1) <= timedelta(minutes=4)
    assert timedelta(minutes=13) < longest(3) <= timedelta(minutes=16)
