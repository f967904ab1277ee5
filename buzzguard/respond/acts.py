"""What people do: each command is carried out, or refused for a named reason.

Of any kind: `unknown_incident` (or forgotten: ended more than a day ago) · `already_final` · `merged_away` (into
which incident, behind a colon) · `repeated` (done before) · `not_possible` (what is asked for is missing, or of another
kind). Besides, by what is asked:

- take charge: `already_owner` · `already_counted`
- escalate: `nobody_to_tell`
- declare: `unknown_topic` · `no_story` · `unknown_playbook` · `unknown_policy` · `drill_open`
- give: `nobody_named` · `unknown_department` · `nobody_in_department` · `already_owner`
- merge: `merge_with_itself` · `unknown_target` · `target_final` · `drill_and_real`
- split: `unknown_alert` · `nothing_left`
- silence: `bad_duration`; mute: `nothing_to_match` · `no_reason` · `bad_duration` · `unknown_topic` ·
  `unknown_rule` · `unknown_department`; unmute: `unknown_silence`
- note: `no_text` (of what is forgotten the command is all that is kept)
- choose a playbook: `unknown_playbook`; open a room: `room_is_open`
- fall back: `acknowledged` · `silenced` · `all_told` · `nobody_to_tell`
- steps and drafts: see `runs` and `drafts`
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from buzzguard.model import Cause, Command, CommandKind, Dismissal, Incident, IncidentState, Person, PlaybookChoice
from buzzguard.respond.adopting import adoptions
from buzzguard.respond.declaring import declare
from buzzguard.respond.drafts import judge_draft, make_draft
from buzzguard.respond.giving import give
from buzzguard.respond.incident import FINAL, is_same
from buzzguard.respond.joining import merge, split
from buzzguard.respond.muting import mute, silence, unmute
from buzzguard.respond.policy import acknowledgements, climb
from buzzguard.respond.published import publish
from buzzguard.respond.rooms import keep_message, open_room
from buzzguard.respond.runs import mark_step, playbook_of
from buzzguard.respond.standing_in import stand_in
from buzzguard.respond.turn import Turn

LONGEST_NOTE = 4_000
"""Characters of a note; the rest is cut."""


def act(turn: Turn, command: Command) -> str:
    """Carry out a command; returns the reason when it is refused, empty when it was done."""
    if turn.desk.was_done(command):
        return "repeated"
    at_large = _AT_LARGE.get(command.kind)
    refusal = _on_incident(turn, command) if at_large is None else at_large(turn, command)
    if not refusal:
        turn.desk.mark_done(command)
    return refusal


def _on_incident(turn: Turn, command: Command) -> str:
    incident = turn.desk.book.get(command.incident)
    if incident is None:
        return _of_the_forgotten(command)
    if incident.state in FINAL and command.kind is not CommandKind.NOTE:
        return "" if command.kind in _RECORDED else _ended(incident)
    carry_out = _ACTS.get(command.kind)
    return "not_possible" if carry_out is None else carry_out(turn, incident, command)


def _ended(incident: Incident) -> str:
    return f"merged_away: {incident.merged_into}" if incident.merged_into else "already_final"


def _of_the_forgotten(command: Command) -> str:
    """Of what ended more than a day ago nothing changes any more; what is said of it still gets into its record."""
    if command.kind is CommandKind.NOTE:
        return "" if command.reason.strip() else "no_text"
    return "" if command.kind in _RECORDED else "unknown_incident"


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


def _false_alarm(turn: Turn, incident: Incident, command: Command) -> str:
    why = command.asked
    detail = {"category": why.why.value} if isinstance(why, Dismissal) else {}
    turn.move(incident, Cause.FALSE_ALARM_BY_USER, who=command.who, reason=command.reason, detail=detail)
    return ""


def _new_normal(turn: Turn, incident: Incident, command: Command) -> str:
    """It is no crisis, it is how things are now: the incident ends, and its topics' present level is the baseline.

    An exercise ends like the real one and teaches nothing.
    """
    detail = {"why": "new_normal"} | ({"drill": "yes"} if incident.drill else {})
    turn.move(incident, Cause.NEW_NORMAL_BY_USER, who=command.who, reason=command.reason, detail=detail)
    turn.adopted += adoptions(incident, turn.now)
    return ""


def _note(turn: Turn, incident: Incident, command: Command) -> str:
    """Something worth knowing, for all who are told; also of what has ended within a day."""
    if not command.reason.strip():
        return "no_text"
    turn.move(incident, Cause.NOTED_BY_USER, who=command.who, reason=command.reason[:LONGEST_NOTE])
    return ""


def _choose_playbook(turn: Turn, incident: Incident, command: Command) -> str:
    """Work by another playbook: a run that is under way begins anew by it (see `runs.keep_running`)."""
    chosen = command.asked
    if not isinstance(chosen, PlaybookChoice) or not turn.playbooks.knows(chosen.playbook):
        return "unknown_playbook"
    now = playbook_of(incident)
    if chosen.playbook == now:
        return "repeated"
    detail = {"playbook": chosen.playbook, "from": now}
    moved = replace(incident, playbook=chosen.playbook)
    turn.move(moved, Cause.PLAYBOOK_CHOSEN_BY_USER, who=command.who, reason=command.reason, detail=detail)
    return ""


def _resolve(turn: Turn, incident: Incident, command: Command) -> str:
    turn.move(incident, Cause.RESOLVED_BY_USER, who=command.who, reason=command.reason)
    return ""


def _shares(incident: Incident, owner: Person) -> bool:
    """Whether the owner is one of several who are asked: then nothing is taken from them."""
    return incident.state is IncidentState.TRIGGERED and any(is_same(one, owner) for one in incident.acknowledged_by)


def _name(person: Person) -> str:
    return person.name or person.id


def _recorded(_turn: Turn, _command: Command) -> str:
    """The command, which is kept, is its record, also of an incident that is forgotten here."""
    return ""


_RECORDED = frozenset({CommandKind.STATEMENT, CommandKind.PIN, CommandKind.JUDGE})
"""What changes no state: kept of any incident, whether it is known here, has ended or was forgotten long ago."""
_ACTS: dict[CommandKind, Callable[[Turn, Incident, Command], str]] = {
    CommandKind.TAKE_CHARGE: _take_charge,
    CommandKind.ESCALATE: _escalate,
    CommandKind.SILENCE: silence,
    CommandKind.FALSE_ALARM: _false_alarm,
    CommandKind.RESOLVE: _resolve,
    CommandKind.NEW_NORMAL: _new_normal,
    CommandKind.GIVE: give,
    CommandKind.MERGE: merge,
    CommandKind.SPLIT: split,
    CommandKind.NOTE: _note,
    CommandKind.CHOOSE_PLAYBOOK: _choose_playbook,
    CommandKind.STATEMENT: publish,
    CommandKind.FALL_BACK: stand_in,
    CommandKind.MARK_STEP: mark_step,
    CommandKind.DRAFT: make_draft,
    CommandKind.JUDGE_DRAFT: judge_draft,
    CommandKind.OPEN_ROOM: open_room,
    CommandKind.PIN: keep_message,
}

_AT_LARGE: dict[CommandKind, Callable[[Turn, Command], str]] = {
    CommandKind.DECLARE: declare,
    CommandKind.MUTE: mute,
    CommandKind.UNMUTE: unmute,
    CommandKind.JUDGE: _recorded,
}
"""Of no incident, or of any."""
