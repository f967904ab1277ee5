"""The budget keeps its promise on average, follows what people say, and never blinds the watch."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.config.settings import FalseAlarmSettings
from buzzguard.detect.budget import ALWAYS_PASSES, LEAST_EASE, Budget
from buzzguard.model import (
    WATCHER_TOPIC,
    Assessment,
    Direction,
    Incident,
    IncidentState,
    Judged,
    Person,
    Samples,
    Severity,
    Signal,
)
from buzzguard.model.question import Question

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SAM = Person(id="U1", name="Sam")
FALSE, REAL = IncidentState.FALSE_ALARM, IncidentState.ACKNOWLEDGED
OPEN, ENDED = IncidentState.TRIGGERED, IncidentState.RESOLVED


def question(
    topic: str = "acme", name: str = "negative.once_per", *, days: float = 90, rule: str = "surge"
) -> Question:
    return Question(topic=topic, rule=rule, name=name, once_per=days * DAY)


def topics(count: int, *, days: float = 90) -> list[Question]:
    return [question(f"topic-{index}", days=days) for index in range(count)]


def budget(questions: list[Question], *, at_most: float = 2, per: timedelta = 30 * DAY) -> Budget:
    return Budget(FalseAlarmSettings(at_most=at_most, per=per), questions)


def incident(
    id: str,
    state: IncidentState,
    *,
    days_ago: float = 0.0,
    owner: Person | None = None,
    version: int = 1,
    topic: str = "acme",
    relapse_of: str = "",
) -> Incident:
    opened = NOW - days_ago * DAY
    return Incident(
        id=id,
        topic=topic,
        state=state,
        severity=Severity.ORANGE,
        opened_at=opened,
        changed_at=opened,
        alerts=(),
        policy="crisis",
        owner=SAM if state is REAL else owner,
        version=version,
        relapse_of=relapse_of,
    )


def incidents() -> st.SearchStrategy[list[Incident]]:
    several = st.lists(st.tuples(st.sampled_from(IncidentState), st.floats(0, 400), st.booleans()), max_size=12)
    return several.map(
        lambda found: [
            incident(f"inc-{index}", state, days_ago=days, owner=SAM if owned else None)
            for index, (state, days, owned) in enumerate(found)
        ]
    )


def test_rules_that_ask_for_no_more_than_is_borne_are_taken_as_written() -> None:
    assert budget(topics(6)).share == 1.0
    assert budget([]).factor(NOW) == 1.0


def test_the_share_is_what_the_budget_can_bear_of_all_questions() -> None:
    many = budget(topics(60))
    assert many.unbridled == pytest.approx(20)
    assert many.factor(NOW) == pytest.approx(0.1)
    assert many.reads(90 * DAY) / DAY == pytest.approx(900)


def test_rules_over_one_signal_of_a_topic_ask_the_same_thing() -> None:
    alone = budget([question(days=90)])
    nested = budget([question(days=90), question(days=365, rule="stir")])
    apart = budget([question(days=90), question(name="volume.once_per", days=90)])
    assert nested.unbridled == alone.unbridled
    assert apart.unbridled == 2 * alone.unbridled


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.1, 50), incidents())
def test_more_topics_never_loosen(few: int, more: int, at_most: float, said: list[Incident]) -> None:
    small, large = budget(topics(few), at_most=at_most), budget(topics(few + more), at_most=at_most)
    small.fold(said)
    large.fold(said)
    assert 0 < large.factor(NOW) <= small.factor(NOW) <= 1


@given(st.integers(0, 5000), st.floats(1, 2000), st.floats(0.01, 100), incidents(), st.integers(-10, 1000))
def test_the_factor_is_never_above_the_share_nor_blind(
    count: int, days: float, at_most: float, said: list[Incident], later: int
) -> None:
    watch = budget(topics(min(count, 300), days=days), at_most=at_most)
    watch.fold(said)
    factor = watch.factor(NOW + later * DAY)
    assert 0 < factor <= max(watch.share, watch.floor) <= 1
    assert ALWAYS_PASSES * factor >= days * DAY * (1 - 1e-9) or not count
    assert factor >= LEAST_EASE * watch.share


@given(incidents(), st.randoms(use_true_random=False), st.integers(0, 500))
def test_the_same_incidents_give_the_same_factor_in_any_order_however_often(
    said: list[Incident], order: object, later: int
) -> None:
    live, restarted = budget(topics(60)), budget(topics(60))
    for one in said:
        live.fold([one])
    shuffled = sorted([*said, *said], key=lambda _: order.random())  # type: ignore[attr-defined]
    restarted.fold(shuffled)
    now = NOW + later * DAY
    assert (live.state, live.factor(now)) == (restarted.state, restarted.factor(now))


@given(incidents(), st.floats(0, 100))
def test_a_false_alarm_never_loosens_and_a_real_crisis_never_tightens(said: list[Incident], days: float) -> None:
    before, false, real = (budget(topics(60)) for _ in range(3))
    before.fold(said)
    false.fold([*said, incident("new", FALSE, days_ago=days)])
    real.fold([*said, incident("new", REAL, days_ago=days)])
    assert false.factor(NOW) <= before.factor(NOW) * (1 + 1e-12)
    assert real.factor(NOW) >= before.factor(NOW) * (1 - 1e-12)


def test_two_false_alarms_spend_a_budget_of_two_and_fade_in_time() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", FALSE), incident("b", FALSE)])
    eases = [watch.ease(NOW + days * DAY) for days in (0, 10, 25)]
    assert eases[0] == LEAST_EASE
    assert LEAST_EASE < eases[1] < 1
    assert eases[2] == 1


def test_a_busy_week_of_true_crises_does_not_blind_the_watch() -> None:
    """Four real crises and two false alarms among them: people are served well, and the next one must be seen."""
    watch = budget(topics(60))
    watch.fold([incident(f"false-{index}", FALSE, days_ago=index) for index in range(2)])
    assert watch.ease(NOW) < 0.3
    watch.fold([incident(f"real-{index}", REAL, days_ago=index) for index in range(4)])
    assert watch.ease(NOW) == 1


def test_a_storm_that_nobody_has_answered_yet_costs_nothing() -> None:
    watch = budget(topics(60))
    watch.fold([incident(f"open-{index}", OPEN, topic=f"topic-{index}") for index in range(10)])
    assert watch.ease(NOW) == 1


def test_what_ended_unanswered_costs_half() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", ENDED), incident("b", ENDED), incident("c", ENDED, owner=SAM)])
    assert watch.spent(NOW) == pytest.approx(0.5)


def test_a_person_may_change_their_mind() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", REAL, version=2)])
    watch.fold([incident("a", FALSE, version=3, owner=SAM)])
    watch.fold([incident("a", REAL, version=2)])
    assert watch.spent(NOW) == 1


def test_a_false_alarm_that_is_asked_of_anew_each_day_is_one_false_alarm() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", FALSE, days_ago=2), incident("b", FALSE, days_ago=1, relapse_of="a")])
    watch.fold([incident("c", FALSE, relapse_of="b"), incident("d", OPEN, relapse_of="c")])
    assert watch.spent(NOW) == pytest.approx(1)


def test_what_was_merged_has_the_verdict_on_what_it_became_part_of() -> None:
    watch = budget(topics(60))
    merged = replace(incident("a", IncidentState.RESOLVED, version=2), merged_into="b")
    watch.fold([incident("a", OPEN), merged, incident("b", OPEN)])
    assert watch.spent(NOW) == 0
    watch.fold([incident("b", FALSE, version=2)])
    assert watch.spent(NOW) == pytest.approx(1)


def test_relapses_in_a_circle_do_not_hang() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", FALSE, relapse_of="b"), incident("b", FALSE, relapse_of="a")])
    assert 0 < watch.factor(NOW) <= 1


def test_troubles_of_our_own_streams_are_not_false_alarms_about_a_topic() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", FALSE, topic=WATCHER_TOPIC)])
    assert watch.state == ()


def test_a_clock_set_back_makes_no_false_alarm_heavier() -> None:
    watch = budget(topics(60))
    watch.fold([incident("a", FALSE)])
    assert watch.spent(NOW - 100 * DAY) == 1


def test_years_of_incidents_are_forgotten() -> None:
    watch = budget(topics(60))
    for days in range(2000, -1, -5):
        watch.fold([incident(f"inc-{days}", FALSE, days_ago=days)])
    assert len(watch.state) < 60
    assert watch.spent(NOW) == pytest.approx(1 / (1 - math.exp(-5 / 30)), rel=0.01)


def test_overwhelming_evidence_wins_over_a_budget_that_cannot_be_kept() -> None:
    watch = budget(topics(20_000), at_most=0.1)
    assert watch.factor(NOW) == watch.floor > watch.share
    assert watch.reads(90 * DAY) / ALWAYS_PASSES == pytest.approx(1)
    assert watch.kept == pytest.approx(20_000 * 30 / 365_000)


@pytest.mark.parametrize("count", [1, 60])
def test_rules_read_return_periods_times_the_factor_and_nothing_else_changes(count: int) -> None:
    watch = budget(topics(count))
    rare, usual = (
        Assessment(
            signal=signal,
            window=DAY,
            observed=9,
            expected=2,
            high=5,
            once_per=once_per,
            direction=Direction.ABOVE,
            learned=DAY,
            needed=DAY,
        )
        for signal, once_per in ((Signal.NEGATIVE, 900 * DAY), (Signal.VOLUME, timedelta(0)))
    )
    claimed = Judged(
        samples=Samples(topic="acme", window=DAY, end=NOW),
        assessments={Signal.NEGATIVE: rare, Signal.VOLUME: usual},
    )
    (read,) = watch.weigh([claimed], NOW)
    assert read.samples is claimed.samples
    assert len(read.assessments) == 2
    assert read.assessments.get(Signal.REACH) is None
    assert dict(read.assessments) == {
        Signal.NEGATIVE: replace(rare, once_per=900 * DAY * watch.factor(NOW)),
        Signal.VOLUME: usual,
    }


def test_a_question_without_rarity_is_no_question() -> None:
    with pytest.raises(ValueError, match="surge asks acme for a return period of 0"):
        budget([question(days=0)])


def test_the_settings_refuse_what_is_no_budget() -> None:
    for wrong in ({"at_most": 0}, {"at_most": -1}, {"at_most": True}, {"at_most": math.nan}, {"at_most": "two"}):
        with pytest.raises(ValueError, match="at_most"):
            FalseAlarmSettings.model_validate(wrong)
    with pytest.raises(ValueError, match="from 1d to 366d"):
        FalseAlarmSettings.model_validate({"at_most": 2, "per": "1h"})
