"""What people do: each command is carried out, or refused for a named reason.

`unknown_incident` · `already_final` · `repeated` · `already_owner` · `already_counted` · `bad_duration` ·
`nobody_to_tell` · `not_possible`
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, Command, CommandKind, Incident, IncidentState, Person
from buzzguard.respond.drafts import judge_draft, make_draft
from buzzguard.respond.incident import FINAL, is_same
from buzzguard.respond.policy import acknowledgements, climb, exhausted
from buzzguard.respond.published import publish
from buzzguard.respond.rooms import keep_message, open_room
from buzzguard.respond.runs import mark_step
from buzzguard.respond.standing_in import stand_in
from buzzguard.respond.turn import Turn


def act(turn: Turn, command: Command) -> str:
    """Carry out a command; returns the reason when it is refused, empty when it was done."""
    if turn.desk.was_done(command):
        return "repeated"
    if command.kind is CommandKind.JUDGE:
        return ""  # the command, which is kept, is its record, also of an incident that is forgotten here
    incident = turn.desk.book.get(command.incident)
    if incident is None:
        return "unknown_incident"
    if incident.state in FINAL:
        return "" if command.kind is CommandKind.STATEMENT else "already_final"
    carry_out = _ACTS.get(command.kind)
    if carry_out is None:
        return "not_possible"
    refusal = carry_out(turn, incident, command)
    if not refusal:
        turn.desk.mark_done(command)
    return refusal


def _take_charge(turn: Turn, incident: Incident, command: Command) -> str:
    """Somebody takes charge; where a step needs several people the climb goes on until they all have.

    Whoever was reminded that nothing was done says by it that they are on it.
    """
    owner, who = incident.owner, command.who
    same = owner is not None and is_same(owner, who)
    if same and incident.state is IncidentState.ACKNOWLEDGED and incident.nudged_at is None:
        return "already_owner"
    counted = [one for one in incident.acknowledged_by if not is_same(one, who)]
    needed = acknowledgements(incident, turn.desk.policies.of(incident))
    if incident.state is IncidentState.TRIGGERED and len(counted) + 1 < needed:
        if len(counted) < len(incident.acknowledged_by):
            return "already_counted"
        detail = {"have": str(len(counted) + 1), "need": str(needed)}
        turn.move(incident, Cause.ACKNOWLEDGED_IN_PART, who=who, reason=command.reason, detail=detail)
        return ""
    detail = {"taken_from": _name(owner)} if owner and not same and not _shares(incident, owner) else {}
    turn.move(incident, Cause.ACKNOWLEDGED_BY_USER, who=who, reason=command.reason, detail=detail)
    return ""


def _escalate(turn: Turn, incident: Incident, command: Command) -> str:
    """Tell the next step now, acknowledged or not; after the last one, begin again: a person asks for it.

    It ends a silence of the topic: one cannot call for help and ask for quiet.
    """
    policy = turn.desk.policies.of(incident)
    if not policy.steps:
        return "nobody_to_tell"
    turn.desk.silences.end(incident, turn.now)
    climbed, told = climb(
        replace(incident, silenced_until=None, held_for=""), policy, turn.now, turn.desk.policies.rotas
    )
    detail = {"receivers": ",".join(told), "step": str(climbed.step)}
    turn.move(climbed, Cause.ESCALATED_BY_USER, who=command.who, reason=command.reason, detail=detail)
    return ""


def _silence(turn: Turn, incident: Incident, command: Command) -> str:
    """Mute the topic; the climb waits for the end of the silence and then goes on at once."""
    if command.duration is not None and command.duration <= timedelta(0):
        return "bad_duration"
    silence = turn.desk.silences.begin(command, incident, turn.now)
    if silence is None:
        return "repeated"
    detail = {"until": silence.ends_at.isoformat()}
    muted = replace(incident, silenced_until=silence.ends_at)
    if incident.state is IncidentState.TRIGGERED and not exhausted(incident, turn.desk.policies.of(incident)):
        muted = replace(muted, next_step_at=silence.ends_at, held_for="")
    turn.move(muted, Cause.SILENCED_BY_USER, who=command.who, reason=command.reason, detail=detail)
    return ""


def _false_alarm(turn: Turn, incident: Incident, command: Command) -> str:
    turn.move(incident, Cause.FALSE_ALARM_BY_USER, who=command.who, reason=command.reason)
    return ""


def _resolve(turn: Turn, incident: Incident, command: Command) -> str:
    turn.move(incident, Cause.RESOLVED_BY_USER, who=command.who, reason=command.reason)
    return ""


def _shares(incident: Incident, owner: Person) -> bool:
    """Whether the owner is one of several who are asked: then nothing is taken from them."""
    return incident.state is IncidentState.TRIGGERED and any(is_same(one, owner) for one in incident.acknowledged_by)


def _name(person: Person) -> str:
    return person.name or person.id


_ACTS: dict[CommandKind, Callable[[Turn, Incident, Command], str]] = {
    CommandKind.TAKE_CHARGE: _take_charge,
    CommandKind.ESCALATE: _escalate,
    CommandKind.SILENCE: _silence,
    CommandKind.FALSE_ALARM: _false_alarm,
    CommandKind.RESOLVE: _resolve,
    CommandKind.STATEMENT: publish,
    CommandKind.FALL_BACK: stand_in,
    CommandKind.MARK_STEP: mark_step,
    CommandKind.DRAFT: make_draft,
    CommandKind.JUDGE_DRAFT: judge_draft,
    CommandKind.OPEN_ROOM: open_room,
    CommandKind.PIN: keep_message,
}
