"""An acknowledgement that leads to nothing: a reminder first, then it is taken back and the climb goes on.

Anything a person does about the incident counts. While all is calm, or silenced, nothing is asked of them.
"""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from buzzguard.model import Cause, Incident, IncidentState
from buzzguard.respond.incident import goes_on
from buzzguard.respond.policy import exhausted, restart
from buzzguard.respond.turn import Desk, Turn


def take_back_due(desk: Desk, incident: Incident) -> datetime | None:
    """When whoever took charge is reminded that nothing was done, or loses it; None when neither is to come."""
    policy = desk.policies.of(incident)
    acknowledged = incident.state is IncidentState.ACKNOWLEDGED
    if not policy.take_back or not acknowledged or incident.silenced_until is not None or not goes_on(incident):
        return None
    since = incident.nudged_at or incident.acted_at or incident.changed_at
    return desk.attention.opens(policy, incident.severity, since + policy.take_back)


def take_back(turn: Turn, incident: Incident) -> Incident:
    """Remind the owner, or take the incident back, when that is due."""
    due = take_back_due(turn.desk, incident)
    if due is None or due > turn.now:
        return incident
    policy = turn.desk.policies.of(incident)
    if incident.nudged_at is None:
        until = turn.now + policy.take_back
        told = turn.move(incident, Cause.REMINDED, detail={"why": "nothing_done", "until": until.isoformat()})
        return turn.set(replace(told, nudged_at=turn.now))
    again = incident
    if exhausted(incident, policy):
        again = restart(incident, incident.policy, policy, turn.now)
    who = incident.owner.name or incident.owner.id if incident.owner is not None else ""
    taken = turn.move(again, Cause.UNACKNOWLEDGED, detail={"taken_from": who} if who else {})
    return turn.set(replace(taken, next_step_at=turn.now if policy.steps else None))
