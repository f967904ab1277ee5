"""Which threshold is suggested, and what is confessed with it."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from buzzguard.backtest.advice import Advice, Caution, Reason, advise
from buzzguard.backtest.outcome import Finding, Row, Scope
from buzzguard.backtest.plan import Event, Target
from buzzguard.model import Signal
from tests.recorded import START

DAY = timedelta(days=1)
DAYS = (7, 30, 90, 365)
TARGET = Target(count=2, span=30 * DAY)


def events(count: int) -> tuple[Event, ...]:
    starts = [START + (n + 1) * DAY for n in range(count)]
    return tuple(
        Event(start=at, since=at, end=at + DAY / 2, topics=("acme",), name=f"e{n}", place="")
        for n, at in enumerate(starts)
    )


def scope(days: float, count: int) -> Scope:
    return Scope(
        first=START,
        since=START,
        last=START + days * DAY,
        topics=("acme",),
        watched=days * DAY,
        events=events(count),
        unjudged=(),
        outside=(),
    )


def row(watch: Scope, days: float, *, false: int, found: int, stuck: bool = False) -> Row:
    return Row(
        signal=Signal.NEGATIVE,
        threshold=days * DAY,
        alarms=(),
        false=watch.rate(false),
        findings=tuple(
            Finding(event=event, at=event.start if n < found else None, topic="acme")
            for n, event in enumerate(watch.events)
        ),
        by_chance=0.0,
        delay=None,
        said=None,
        stuck=("acme",) if stuck else (),
    )


def advice(days: float, count: int, *rows: tuple[int, int]) -> Advice:
    """For rows of (false alarms, events found) at 7, 30, 90 and 365 days."""
    watch = scope(days, count)
    made = [row(watch, at, false=false, found=found) for at, (false, found) in zip(DAYS, rows, strict=False)]
    return advise(made, watch, TARGET)


def test_the_highest_threshold_that_loses_no_event_and_can_be_tested_is_taken() -> None:
    told = advice(30, 2, (1, 2), (0, 2), (0, 2), (0, 2))
    assert (told.row.threshold, told.reason) == (30 * DAY, Reason.HIGHEST_THAT_LOSES_NONE)
    assert told.told_up_to == 30 * DAY
    assert Caution.UNTOLD_THRESHOLDS in told.cautions
    assert told.line == "when: negative.once_per > days(30)"


def test_a_threshold_that_loses_an_event_is_too_high() -> None:
    assert advice(400, 2, (9, 2), (3, 2), (1, 1), (0, 0)).row.threshold == 30 * DAY


def test_a_threshold_beyond_the_data_is_taken_only_where_no_other_will_do() -> None:
    told = advice(30, 2, (9, 2), (3, 2), (1, 2), (0, 2))
    assert (told.row.threshold, told.reason) == (90 * DAY, Reason.LOWEST_THAT_LOSES_NONE)
    assert Caution.SUGGESTED_UNTOLD in told.cautions


def test_where_target_and_events_cannot_both_be_had_the_events_are_kept_and_it_is_said() -> None:
    told = advice(90, 3, (20, 3), (12, 3), (2, 1), (0, 0))
    assert (told.row.threshold, told.reason) == (30 * DAY, Reason.LOSES_NONE_BEYOND_TARGET)
    assert told.safer is not None
    assert told.safer.threshold == 90 * DAY


def test_without_events_the_most_sensitive_that_keeps_the_target_is_taken() -> None:
    told = advice(90, 0, (20, 0), (5, 0), (1, 0), (0, 0))
    assert (told.row.threshold, told.reason) == (30 * DAY, Reason.LOWEST_WITHIN_TARGET)
    assert Caution.NO_EVENTS in told.cautions


def test_where_nothing_keeps_the_target_the_rarest_is_named_with_that() -> None:
    assert advice(90, 0, (90, 0), (80, 0), (70, 0), (60, 0)).reason is Reason.NONE_WITHIN_TARGET
    assert advice(90, 1, (2, 0), (0, 0), (0, 0), (0, 0)).reason is Reason.NOTHING_FOUND


def test_an_alarm_that_never_ends_keeps_no_target_though_it_is_but_one() -> None:
    watch = scope(90, 0)
    rows = [row(watch, 7, false=0, found=0, stuck=True), row(watch, 30, false=3, found=0)]
    assert advise(rows, watch, TARGET).row.threshold == 30 * DAY


def test_in_less_than_the_targets_span_its_number_is_not_yet_broken() -> None:
    told = advice(4, 1, (1, 1), (1, 1))
    assert told.reason is Reason.LOWEST_THAT_LOSES_NONE
    assert {Caution.TARGET_UNPROVEN, Caution.FEW_EVENTS, Caution.SUGGESTED_UNTOLD} <= set(told.cautions)


@given(
    st.floats(0.5, 800),
    st.integers(0, 4).flatmap(
        lambda count: st.tuples(
            st.just(count), st.lists(st.tuples(st.integers(0, 30), st.integers(0, count)), min_size=1, max_size=4)
        )
    ),
)
def test_no_suggestion_loses_an_event_that_another_threshold_finds(
    days: float, given_rows: tuple[int, list[tuple[int, int]]]
) -> None:
    count, rows = given_rows
    assert advice(days, count, *rows).row.found == max(found for _, found in rows)
