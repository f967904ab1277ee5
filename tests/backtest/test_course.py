"""What holds of alarms under nested thresholds, whatever is judged."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.backtest.course import Alarm, Bell
from tests.recorded import START

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THRESHOLDS = (7 * DAY, 30 * DAY, 90 * DAY)
Judged = list[tuple[int, float]]
judgements = st.lists(st.tuples(st.integers(0, 400), st.floats(0, 400)), max_size=80).map(sorted)
"""Hours after the start, and return periods in days."""


def rung(judged: Judged, hold: timedelta = 12 * HOUR) -> list[tuple[Alarm, ...]]:
    bell = Bell(THRESHOLDS, hold)
    for said, (hours, days) in enumerate(judged):
        bell.ring(START + hours * HOUR, days * DAY, said=said)
    return bell.alarms("acme")


@given(judgements)
def test_a_higher_threshold_is_in_alarm_only_while_a_lower_one_is(judged: Judged) -> None:
    """Counts need not fall (a low threshold may melt two alarms into one), times in alarm do."""
    alarms = rung(judged)
    for lower, higher in pairwise(alarms):
        for one in higher:
            assert any(other.at <= one.at and one.last <= other.last for other in lower)


@given(judgements)
def test_alarms_of_one_threshold_are_further_apart_than_the_hold(judged: Judged) -> None:
    for alarms in rung(judged):
        for before, after in pairwise(alarms):
            assert after.at - before.last > 12 * HOUR


@given(judgements)
def test_without_a_hold_every_exceedance_is_an_alarm_and_counts_fall(judged: Judged) -> None:
    apart = list(dict(judged).items())
    counts = [len(alarms) for alarms in rung(apart, timedelta())]
    assert counts == [sum(days * DAY >= threshold for _, days in apart) for threshold in THRESHOLDS]
    assert counts == sorted(counts, reverse=True)


def test_a_low_threshold_may_melt_two_alarms_into_one() -> None:
    low, middle, high = rung([(0, 100), (10, 8), (20, 100)])
    assert (len(low), len(middle), len(high)) == (1, 2, 2)


def test_an_alarm_knows_its_peak_and_what_had_been_said_when_it_began() -> None:
    (alarm,) = rung([(0, 3), (1, 8), (5, 20), (9, 10)])[0]
    assert (alarm.at, alarm.last, alarm.once_per, alarm.said) == (START + HOUR, START + 9 * HOUR, 20 * DAY, 1)


def test_a_bell_sounds_until_the_hold_has_run_out() -> None:
    bell = Bell(THRESHOLDS, 12 * HOUR)
    assert not bell.sounding(START)
    bell.ring(START, 8 * DAY, said=0)
    assert bell.sounding(START + 12 * HOUR)
    assert not bell.sounding(START + 13 * HOUR)
