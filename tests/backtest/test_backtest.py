"""A backtest through the daemon's own core: a brand with three ordinary days and a crisis."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from buzzguard.backtest.course import Course
from buzzguard.backtest.outcome import Row, Scope, rules_outcome, scope_of, sweep
from buzzguard.backtest.plan import Event, Plan
from buzzguard.backtest.run import backtest
from buzzguard.model import Mention, Signal
from tests.recorded import ONSET, core, recording

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SAID: list[Mention] = [one for one in recording() if one.published >= ONSET - 2 * DAY]


def event(start: timedelta = timedelta(), *, lasts: timedelta = DAY, name: str = "crisis") -> Event:
    """An event that begins so long after the onset."""
    at = ONSET + start
    return Event(start=at, since=at - HOUR, end=at + lasts, topics=("acme",), name=name, place="--event")


PLAN = Plan(
    signals=(Signal.CRISIS, Signal.NEGATIVE),
    first_only=False,
    thresholds=(DAY, 7 * DAY, 30 * DAY),
    events=(event(), event(-DAY, lasts=2 * HOUR, name="nothing happened"), event(-2 * DAY), event(30 * DAY)),
    warm=DAY,
)


@pytest.fixture(scope="module")
def course() -> Course:
    return backtest(core(), SAID, PLAN)


@pytest.fixture(scope="module")
def scope(course: Course) -> Scope:
    found = scope_of(course)
    assert found is not None
    return found


def test_what_is_judged_begins_after_the_learning_period(scope: Scope) -> None:
    assert timedelta() <= scope.since - (ONSET - 2 * DAY + DAY) < HOUR
    assert [one.name for one in scope.events] == ["crisis"]
    assert [one.start for one in scope.unjudged] == [ONSET - DAY, ONSET - 2 * DAY]
    assert [one.start for one in scope.outside] == [ONSET + 30 * DAY]


def test_the_rules_find_the_crisis_and_say_how_soon(course: Course, scope: Scope) -> None:
    outcome = rules_outcome(course, scope)
    (finding,) = outcome.findings
    assert finding.found
    assert finding.delay is not None
    assert timedelta() < finding.delay < HOUR
    assert finding.peak is not None
    assert finding.peak.volume >= 50
    assert outcome.false.count == 0
    assert outcome.alarms == 1, "the alerts of several rules are one alarm to those who hear them"
    assert all(one.event is not None for one in outcome.alerts if one.judged)


def test_each_threshold_tells_how_many_mentions_it_took(course: Course, scope: Scope) -> None:
    low, *rows = sweep(course, scope, Signal.NEGATIVE)
    assert low.found + low.on_already == 1
    assert [row.found for row in rows] == [1, 1]
    said = [row.findings[0].said for row in rows]
    assert said == sorted(said, key=lambda one: one or 0)
    assert all(one is not None and 0 < one < 60 for one in said)
    delays = [row.delay for row in rows]
    assert delays == sorted(delays, key=lambda one: one or timedelta())


def test_the_same_past_gives_the_same_answers_whatever_is_looked_at(course: Course, scope: Scope) -> None:
    again = backtest(core(), SAID, msgspec.structs.replace(PLAN, signals=(Signal.NEGATIVE,)))
    assert sweep(again, scope, Signal.NEGATIVE) == sweep(course, scope, Signal.NEGATIVE)
    assert rules_outcome(again, scope) == rules_outcome(course, scope)


def test_an_event_within_an_alarm_that_was_on_is_not_found_by_it(course: Course, scope: Scope) -> None:
    late = event(2 * HOUR, lasts=3 * HOUR, name="the day after")
    moved = msgspec.structs.replace(scope, events=(late,))
    course.witnesses.append(type(course.witnesses[0])(late))
    row: Row = sweep(course, moved, Signal.NEGATIVE)[0]
    course.witnesses.pop()
    assert row.found == 0
    assert row.on_already == 1
    assert row.false.count == 1, "it began outside the only event"


def test_time_within_events_is_not_time_in_which_alarms_are_false(scope: Scope) -> None:
    free = scope.events[0].since - scope.since
    after = max(timedelta(), scope.last - scope.events[0].end)
    assert scope.watched == free + after


def test_nothing_read_is_nothing_judged() -> None:
    assert scope_of(backtest(core(), [], PLAN)) is None
