"""How an exercise is scored, and that it counts nowhere else."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.config.settings import FalseAlarmSettings
from buzzguard.detect.budget import Budget
from buzzguard.model import (
    Approval,
    Cause,
    DeliveryState,
    Draft,
    DraftState,
    Incident,
    IncidentState,
    NotificationKind,
    Person,
    Run,
    RunStep,
    Severity,
    StepState,
    Transition,
)
from buzzguard.respond.incident import advance
from buzzguard.review.drills import Mark, Score, score_of
from buzzguard.review.precision import weighed
from buzzguard.review.week import week_of
from buzzguard.store.recalling import Attempt, Recalled
from tests.respond.scene import policy
from tests.review.night import CLAIRE, alert, minute
from tests.review.test_precision import lived
from tests.review.test_week import END, facts

KARIM = Person(id="karim", via="cli")
POLICY = policy((0, "comms"), (15, "manager"))
NEVER = minute(10_000)


def step(key: str, due: float, *, done: float | None = None, skipped: bool = False) -> RunStep:
    """A step due at a minute of the exercise, done at another."""
    state = StepState.SKIPPED if skipped else StepState.OPEN if done is None else StepState.DONE
    at = None if done is None else minute(done)
    return RunStep(key=key, text={}, owner={}, due=minute(due), state=state, at=at)


def draft(at: float) -> Draft:
    approval = Approval(department="legal", who=KARIM, at=minute(at))
    return Draft(
        id="d1",
        statement="1",
        title="",
        language="en",
        text="We know.",
        who=CLAIRE,
        at=minute(at - 1),
        chain=("legal",),
        approvals=(approval,),
        state=DraftState.APPROVED,
    )


def exercise(*steps: RunStep, drafts: tuple[Draft, ...] = ()) -> Incident:
    run = Run(playbook="data-leak", title={}, started_at=minute(4), steps=steps)
    return Incident(
        id="drill",
        topic="lumio",
        state=IncidentState.TRIGGERED,
        severity=Severity.RED,
        opened_at=minute(0),
        changed_at=minute(0),
        alerts=(),
        policy="crisis",
        story="fire",
        declared_by=CLAIRE,
        drill=True,
        drafts=drafts,
        run=run if steps else None,
        version=1,
    )


def told(at: float, state: DeliveryState = DeliveryState.DELIVERED) -> Attempt:
    return Attempt(incident="drill", receiver="comms", kind=NotificationKind.CARD, at=minute(at), state=state)


def scored(incident: Incident, *moves: tuple[float, Cause], attempts: tuple[Attempt, ...] = (), at: float) -> Score:
    made: list[Transition] = []
    for when, cause in moves:
        who = None if cause is Cause.ALERTS_RESOLVED else CLAIRE
        incident, move = advance(incident, cause, minute(when), who=who)
        made.append(move)
    recalled = Recalled(incident=incident, transitions=tuple(made), attempts=attempts)
    return score_of(recalled, POLICY, speaks=True, now=minute(at))


def marks(score: Score) -> dict[str, Mark]:
    return {one.name: one.mark for one in score.times}


def test_an_exercise_in_which_all_is_done_in_time_is_an_a() -> None:
    incident = exercise(step("1", 10, done=8), step("2", 60, done=50), drafts=(draft(45),))
    score = scored(
        incident,
        (4, Cause.ACKNOWLEDGED_BY_USER),
        (70, Cause.RESOLVED_BY_USER),
        attempts=(told(0.1, DeliveryState.DELAYED), told(0.5)),
        at=80,
    )
    assert (score.grade, score.points, score.over, score.by_itself) == ("A", 1.0, True, False)
    took = {one.name: one.took for one in score.times}
    assert took["tell"] == timedelta(seconds=6)
    assert took["heard"] == timedelta(seconds=30)
    assert took["charge"] == timedelta(minutes=4)
    assert took["approved"] == timedelta(minutes=45)
    assert marks(score)["published"] is Mark.FREE


def test_what_was_late_earns_half_and_what_was_not_done_nothing() -> None:
    incident = exercise(step("1", 10, done=12), step("2", 15), step("3", 20, skipped=True), step("4", 300))
    score = scored(
        incident, (16, Cause.ACKNOWLEDGED_BY_USER), (240, Cause.ALERTS_RESOLVED), attempts=(told(0.1),), at=300
    )
    found = marks(score)
    assert (found["charge"], found["first_step"], found["approved"]) == (Mark.LATE, Mark.LATE, Mark.MISSED)
    steps = score.steps
    assert (steps.on_time, steps.late, steps.missed, steps.pending, steps.skipped) == (0, 1, 1, 1, 1)
    assert score.points == (1 + 1 + 0.5 + 0.5 + 0 + 0.25) / 6
    assert (score.grade, score.by_itself) == ("C", True)


def test_what_is_not_due_yet_does_not_count() -> None:
    score = scored(exercise(), attempts=(told(0.1),), at=5)
    assert marks(score)["charge"] is Mark.PENDING
    assert (score.points, score.grade, score.over) == (1.0, "A", False)
    silent = scored(exercise(), at=0.5)
    assert (silent.points, silent.grade) == (None, "")


def test_an_exercise_without_policy_has_no_targets_but_the_first_hour() -> None:
    score = score_of(Recalled(incident=exercise()), None, speaks=False, now=minute(5))
    assert {one.mark for one in score.times} == {Mark.FREE}


def test_an_exercise_counts_in_no_week_no_precision_and_no_budget() -> None:
    incident, moves = lived(1, Cause.FALSE_ALARM_BY_USER)
    drill = replace(incident, drill=True)
    known = {drill.id: moves}
    week = week_of(facts({}, {"lumio": "brand"}, incidents=[drill], moves=known, told={drill.id: END}))
    assert (week.incidents, week.rules, week.false_alarms, week.tell.counted) == ((), (), 0, 0)
    assert weighed([drill], known) == ()
    budget = Budget(FalseAlarmSettings(at_most=1), ())
    budget.fold([drill, replace(incident, id="declared", alerts=(), declared_by=CLAIRE)])
    assert budget.state == ()
    budget.fold([replace(incident, alerts=(alert(),))])
    assert len(budget.state) == 1
