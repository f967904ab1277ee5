"""How an exercise went: when people were told, heard, took charge, worked and spoke, against what was due when.

The targets are the house's own: a message that is due arrives within a minute; somebody takes charge before the policy
would call others; steps are done by their due times in the playbook; a statement is approved within the first hour.
What was done in time earns a point, what was done late half of one, what was not done none. All steps of the playbook
together count as one of the measures. The score is the mean of what was due so far; the grade is A from 90 %, B from
75 %, C from 50 %, D below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.config.settings import PolicySettings
from buzzguard.model import Cause, DeliveryState, Draft, DraftState, Incident, IncidentState, Record, StepState
from buzzguard.review.measures import acknowledged_at
from buzzguard.review.timeline import published_at, statements
from buzzguard.store.recalling import Recalled

ARRIVES = timedelta(minutes=1)
FIRST_HOUR = timedelta(hours=1)
GRADES = ((0.9, "A"), (0.75, "B"), (0.5, "C"), (0.0, "D"))
_POINTS = {"met": 1.0, "late": 0.5, "missed": 0.0}
_FINAL = (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)


class Mark(StrEnum):
    """`pending`: it is not due yet, or was not before the end. `free`: nothing says when it is due."""

    MET = "met"
    LATE = "late"
    MISSED = "missed"
    PENDING = "pending"
    FREE = "free"


class Timed(Record, frozen=True, kw_only=True):
    """How long something took from the beginning of the exercise (None: it was not done), and by when it was due."""

    name: str
    took: timedelta | None
    target: timedelta | None
    mark: Mark


class Steps(Record, frozen=True, kw_only=True):
    """The steps of the playbook: done on time, done late, not done though due, not due yet, left out on purpose."""

    on_time: int = 0
    late: int = 0
    missed: int = 0
    pending: int = 0
    skipped: int = 0

    @property
    def points(self) -> float | None:
        """Their part (0…1) of a point; None where none was due."""
        due = self.on_time + self.late + self.missed
        return (self.on_time + self.late / 2) / due if due else None


class Score(Record, frozen=True, kw_only=True):
    """An exercise scored. `times` are `tell`, `heard`, `charge`, `first_step`, `approved`, `published`, `resolve`.

    `points` is 0…1, `grade` A to D; None and empty where nothing was due yet. `over` is false while it goes on: the
    score may still change. `by_itself`: nobody ended it.
    """

    times: tuple[Timed, ...]
    steps: Steps
    points: float | None
    grade: str
    over: bool
    by_itself: bool


def score_of(recalled: Recalled, policy: PolicySettings | None, *, speaks: bool, now: datetime) -> Score:
    """Score an exercise as it is known at `now`. `speaks`: its playbook keeps statements ready."""
    incident = recalled.incident
    over = incident.state in _FINAL
    until = incident.changed_at if over else now
    times = tuple(_timed(incident, name, at, target, until) for name, at, target in _due(recalled, policy, speaks))
    steps = _steps(incident, until)
    earned = [_POINTS[one.mark.value] for one in times if one.mark.value in _POINTS]
    earned += [] if steps.points is None else [steps.points]
    points = sum(earned) / len(earned) if earned else None
    last = recalled.transitions[-1] if recalled.transitions else None
    return Score(
        times=times,
        steps=steps,
        points=points,
        grade="" if points is None else next(grade for least, grade in GRADES if points >= least),
        over=over,
        by_itself=over and last is not None and last.cause is Cause.ALERTS_RESOLVED,
    )


def _due(
    recalled: Recalled, policy: PolicySettings | None, speaks: bool
) -> Iterator[tuple[str, datetime | None, timedelta | None]]:
    """Each measure: when it was done, and how long after the beginning it was due."""
    incident = recalled.incident
    first = None if policy is None or not policy.steps else policy.steps[0].after + ARRIVES
    arrived = (one.at for one in recalled.attempts if one.state is DeliveryState.DELIVERED and one.message_is_new)
    ended = [move.at for move in recalled.transitions if move.cause is Cause.RESOLVED_BY_USER]
    yield "tell", recalled.attempts[0].at if recalled.attempts else None, first
    yield "heard", min(arrived, default=None), first
    yield "charge", acknowledged_at(recalled.transitions), _before_others(policy)
    yield "first_step", _first_step(incident), _first_due(incident)
    yield "approved", _approved(incident.drafts), FIRST_HOUR if speaks else None
    yield "published", min(map(published_at, statements(recalled.commands)), default=_published(recalled)), None
    yield "resolve", min(ended, default=None), None


def _timed(incident: Incident, name: str, at: datetime | None, target: timedelta | None, until: datetime) -> Timed:
    took = None if at is None else max(at - incident.opened_at, timedelta(0))
    if target is None:
        mark = Mark.FREE
    elif took is not None:
        mark = Mark.MET if took <= target else Mark.LATE
    else:
        mark = Mark.MISSED if until - incident.opened_at > target else Mark.PENDING
    return Timed(name=name, took=took, target=target, mark=mark)


def _before_others(policy: PolicySettings | None) -> timedelta | None:
    """When others are called, unless somebody takes charge."""
    if policy is None or not policy.steps:
        return None
    total = policy.steps[0].after
    for step in policy.steps[1:]:
        if step.after:
            return total + step.after
    return total + policy.repeat_after


def _first_step(incident: Incident) -> datetime | None:
    run = incident.run
    done = () if run is None else (one.at for one in run.steps if one.state is StepState.DONE and one.at is not None)
    return min(done, default=None)


def _first_due(incident: Incident) -> timedelta | None:
    """When the first step of the playbook is due; None while nobody works through one."""
    run = incident.run
    dues = () if run is None else (one.due for one in run.steps if one.due is not None)
    first = min(dues, default=None)
    return None if first is None else first - incident.opened_at


def _steps(incident: Incident, until: datetime) -> Steps:
    counts = {"on_time": 0, "late": 0, "missed": 0, "pending": 0, "skipped": 0}
    for step in incident.run.steps if incident.run is not None else ():
        if step.state is StepState.SKIPPED:
            counts["skipped"] += 1
        elif step.state is StepState.DONE:
            late = step.due is not None and step.at is not None and step.at > step.due
            counts["late" if late else "on_time"] += 1
        else:
            missed = step.due is not None and step.due <= until
            counts["missed" if missed else "pending"] += 1
    return Steps(**counts)


def _approved(drafts: Sequence[Draft]) -> datetime | None:
    """When a statement had its last approval."""
    done = [one for one in drafts if one.state in (DraftState.APPROVED, DraftState.PUBLISHED)]
    return min((one.approvals[-1].at if one.approvals else one.at for one in done), default=None)


def _published(recalled: Recalled) -> datetime | None:
    return min((one.at for one in recalled.transitions if one.cause is Cause.PUBLISHED_BY_USER), default=None)
