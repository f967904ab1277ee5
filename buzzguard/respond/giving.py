"""Somebody gives an incident to a person or to a department.

It is triggered again: whoever it is given to has not said yet that they are on it, so the climb goes on until they do.
A person gets the time that the policy leaves before its next step. A department is told at once, by the policy that is
called like it where there is one. Like a call for help, it ends a silence: what nobody hears of is given to nobody.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.config.settings import PolicySettings
from buzzguard.model import MINUTE, Cause, Command, Handover, Incident, IncidentState, Person
from buzzguard.respond.incident import is_same
from buzzguard.respond.owning import join, members_of, pinged, told_of
from buzzguard.respond.policy import exhausted, next_delay, restart
from buzzguard.respond.turn import Turn


def give(turn: Turn, incident: Incident, command: Command) -> str:
    """Hand the incident over. Refused: `nobody_named` (or both), `unknown_department`, `nobody_in_department`,
    `already_owner`. A department without receivers of its own is pinged where the incident stands already."""
    asked = command.asked
    if not isinstance(asked, Handover):
        return "not_possible"
    person = asked.person if asked.person is not None and asked.person.id.strip() else None
    if (person is None) == (not asked.department):
        return "nobody_named"
    if person is not None:
        return _to_person(turn, incident, command, person)
    return _to_department(turn, incident, command, asked.department)


def _to_person(turn: Turn, incident: Incident, command: Command, person: Person) -> str:
    taken = incident.state is IncidentState.ACKNOWLEDGED
    if taken and incident.owner is not None and is_same(incident.owner, person):
        return "already_owner"
    given = _with_time(turn, _heard(turn, incident))
    ping = person.id if person.via == "slack" else ""
    detail = {"to": person.name or person.id, "from": _owner(incident), "ping": ping}
    _move(turn, replace(given, owner=person), command, detail)
    return ""


def _to_department(turn: Turn, incident: Incident, command: Command, department: str) -> str:
    desk = turn.desk
    own = told_of(turn, department)
    if department not in desk.departments and not desk.policies.knows(department) and not own:
        return "unknown_department"
    people = incident.receivers and members_of(desk, department)
    if not own and not people and not desk.policies.knows(department):
        return "nobody_in_department"
    told = set(own) <= set(incident.receivers)
    if incident.state is IncidentState.ACKNOWLEDGED and incident.department == department and told:
        return "already_owner"
    new = [name for name in own if name not in incident.receivers]
    given = replace(
        _heard(turn, replace(_heard(turn, incident), department=department)),
        owner=None,
        also=tuple(dict.fromkeys((*incident.also, *own))),
        receivers=join(incident, own),
    )
    if desk.policies.knows(department):
        given = restart(given, department, desk.policies.of(replace(given, policy=department)), turn.now)
    else:
        given = _with_time(turn, given)
    detail = {
        "to": department,
        "from": _owner(incident) or incident.department,
        "department": department,
        "receivers": ",".join(new),
        "ping": pinged(desk, [department], None),
    }
    _move(turn, given, command, detail)
    return ""


def _heard(turn: Turn, incident: Incident) -> Incident:
    """The incident without its silence; that of the department that it is given to is another one."""
    turn.desk.silences.end(incident, turn.now)
    return replace(incident, silenced_until=None, held_for="")


def _with_time(turn: Turn, incident: Incident) -> Incident:
    """The next step is due once whoever has it now had time to answer; people never told yet do not wait for that.

    After the last step the policy begins again: somebody must be left to be told.
    """
    policy = turn.desk.policies.of(incident)
    if not policy.steps:
        return replace(incident, next_step_at=None)
    if incident.step < 0:
        return replace(incident, next_step_at=_sooner(incident.next_step_at, turn.now + next_delay(incident, policy)))
    if exhausted(incident, policy):
        incident = restart(incident, incident.policy, policy, turn.now)
        return replace(incident, next_step_at=turn.now + _usual_delay(policy))
    return replace(incident, next_step_at=turn.now + max(next_delay(incident, policy), MINUTE))


def _usual_delay(policy: PolicySettings) -> timedelta:
    """How long the policy leaves people before it tells others."""
    delays = [step.after for step in policy.steps if step.after > timedelta(0)]
    return max(min(delays, default=policy.repeat_after), MINUTE)


def _sooner(known: datetime | None, due: datetime) -> datetime:
    return due if known is None else min(known, due)


def _owner(incident: Incident) -> str:
    return "" if incident.owner is None else incident.owner.name or incident.owner.id


def _move(turn: Turn, given: Incident, command: Command, detail: dict[str, str]) -> None:
    told = {name: value for name, value in detail.items() if value}
    turn.move(given, Cause.GIVEN_BY_USER, who=command.who, reason=command.reason, detail=told)
