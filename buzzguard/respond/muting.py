"""People ask for quiet: of the topic of an incident, or of all that fits what they name."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, Command, Incident, IncidentState, Mute, Silence, Unmute, Verdict
from buzzguard.respond.decisions import about
from buzzguard.respond.policy import exhausted
from buzzguard.respond.silences import LONGEST_DURATION, mutes
from buzzguard.respond.turn import Turn


def silence(turn: Turn, incident: Incident, command: Command) -> str:
    """Mute the incident's topic; the climb waits for the end of the silence and then goes on at once."""
    if command.duration is not None and command.duration <= timedelta(0):
        return "bad_duration"
    begun = turn.desk.silences.begin(command, incident, turn.now)
    if begun is None:
        return "repeated"
    _show(turn, incident, begun, command, detail={})
    _decide(turn, incident, begun, Verdict.HUSHED, command)
    return ""


def mute(turn: Turn, command: Command) -> str:
    """Mute what fits all that is named: incidents that are open, and those opened until it ends.

    Refused: `nothing_to_match`, `no_reason`, `bad_duration` (it must have an end, 7 days from now at most),
    `unknown_topic`, `unknown_rule`, `unknown_department` (that nobody has).
    """
    asked, duration = command.asked, command.duration or timedelta(0)
    if not isinstance(asked, Mute):
        return "not_possible"
    refusal = _refusal(turn, asked, command.reason, duration)
    if refusal:
        return refusal
    begun = turn.desk.silences.mute(command, asked, duration, turn.now)
    if begun is None:
        return "repeated"
    for incident in turn.desk.book.all_open():
        over = turn.desk.silences.over(incident, turn.now)
        if over is not None and over.id == begun.id:
            _show(turn, incident, begun, command, detail={"silence": begun.id})
            _decide(turn, incident, begun, Verdict.HUSHED, command)
    return ""


def _refusal(turn: Turn, asked: Mute, reason: str, duration: timedelta) -> str:
    if asked == Mute():
        return "nothing_to_match"
    if not reason.strip():
        return "no_reason"
    if not timedelta(0) < duration <= LONGEST_DURATION:
        return "bad_duration"
    return _refuse_names(turn, asked)


def _refuse_names(turn: Turn, asked: Mute) -> str:
    """A silence that fits nothing looks like quiet. What an open incident has is known, whatever the files say now."""
    desk = turn.desk
    if asked.topic and asked.topic not in desk.topics:
        return "unknown_topic"
    going_on = desk.book.all_open()
    fire = {alert.rule for one in going_on for alert in one.alerts}
    if asked.rule and asked.rule not in desk.rules | fire:
        return "unknown_rule"
    theirs = desk.owners | {one.department for one in going_on}
    return "unknown_department" if asked.department and asked.department not in theirs else ""


def unmute(turn: Turn, command: Command) -> str:
    """End a silence now; what goes on is told of at once. Refused: `unknown_silence`, also for one that has ended."""
    asked = command.asked
    if not isinstance(asked, Unmute):
        return "not_possible"
    ended = turn.desk.silences.end_one(asked.silence, turn.now)
    if ended is None:
        return "unknown_silence"
    for incident in turn.desk.book.all_open():
        if mutes(ended, incident) and turn.desk.silences.over(incident, turn.now) is None:
            _decide(turn, incident, ended, Verdict.HEARD, command)
    return ""


def _decide(turn: Turn, incident: Incident, silence: Silence, verdict: Verdict, command: Command) -> None:
    """The row that says who muted an incident, or lets people hear of it again."""
    until = silence.ends_at.isoformat() if verdict is Verdict.HUSHED else ""
    detail = {"who": command.who.name or command.who.id, "until": until, "silence": silence.id, "said": command.reason}
    told = {name: value for name, value in detail.items() if value}
    reason = "muted" if verdict is Verdict.HUSHED else "unmuted"
    now = turn.desk.book.get(incident.id) or incident
    turn.decide(replace(about(now, verdict, reason, turn.now, detail=told), receivers=now.receivers))


def _show(turn: Turn, incident: Incident, begun: Silence, command: Command, *, detail: dict[str, str]) -> None:
    muted = replace(incident, silenced_until=begun.ends_at)
    if incident.state is IncidentState.TRIGGERED and not exhausted(incident, turn.desk.policies.of(incident)):
        muted = replace(muted, next_step_at=begun.ends_at, held_for="")
    told = {"until": begun.ends_at.isoformat(), **detail}
    turn.move(muted, Cause.SILENCED_BY_USER, who=command.who, reason=command.reason, detail=told)
