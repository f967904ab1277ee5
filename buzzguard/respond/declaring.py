"""People open an incident by hand: of what no rule sees, or as an exercise.

A declared incident has no alerts. Those that fire on its topic later join it, and it ends only when people end it. A
drill climbs its policy like the real one, and stands beside it: no alert joins it, it is no relapse and has none.
"""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.model import Command, Declaration, Incident
from buzzguard.respond.drills import refuse_drill, spared, tell_spared
from buzzguard.respond.grouping import relate
from buzzguard.respond.incident import declare_incident
from buzzguard.respond.policy import restart
from buzzguard.respond.routing import Way
from buzzguard.respond.turn import Turn

LATE = timedelta(minutes=5)
"""What was declared so long before it could be opened, as BuzzGuard was not running, says so."""
LONGEST_STORY = 1_000
"""Characters of a story; the rest is cut."""


def declare(turn: Turn, command: Command) -> str:
    """Open an incident as it is asked for.

    Refused: `unknown_topic`, `no_story`, `unknown_playbook`, `unknown_policy`, `drill_open` and `red_open`
    (see `drills`), and `repeated` for what the same person has declared in the same words and is open.
    """
    asked = command.asked
    if not isinstance(asked, Declaration):
        return "not_possible"
    story = " ".join(asked.story.split())[:LONGEST_STORY]
    refusal = _refusal(turn, asked, story) or _known(turn, asked, story)
    if refusal:
        return refusal
    book, policies = turn.desk.book, turn.desk.policies
    way = turn.ways.declared(asked.topic, asked.severity, drill=asked.drill)
    related = [] if asked.drill else book.open_on(asked.topic)
    name = asked.policy or policies.pick(asked.topic, asked.severity, "", way.policy)
    declared, transition = declare_incident(
        asked,
        command.who,
        turn.now,
        id=book.new_id(asked.topic, turn.now),
        story=story,
        relapse_of="" if asked.drill else book.relapse_of(asked.topic, turn.now),
    )
    declared = replace(
        declared,
        playbook=asked.playbook or turn.playbooks.declared(asked.topic, drill=asked.drill),
        department=way.department,
        also=way.also,
        related=tuple(one.id for one in related),
        spared=spared(turn, asked),
    )
    late = {"asked_at": command.at.isoformat()} if turn.now - command.at > LATE else {}
    transition = replace(transition, detail=transition.detail | _told(declared, way) | late)
    relate(turn, related, declared.id)
    tell_spared(turn, declared)
    turn.open(restart(declared, name, policies.of(replace(declared, policy=name)), turn.now), transition)
    return ""


def _refusal(turn: Turn, asked: Declaration, story: str) -> str:
    if asked.topic not in turn.desk.topics:
        return "unknown_topic"
    if not story:
        return "no_story"
    if asked.playbook and not turn.playbooks.knows(asked.playbook):
        return "unknown_playbook"
    if asked.policy and not turn.desk.policies.knows(asked.policy):
        return "unknown_policy"
    return ""


def _known(turn: Turn, asked: Declaration, story: str) -> str:
    """Why it is not opened beside what is open: which clicks were done is forgotten at a restart, incidents are not."""
    if asked.drill:
        return refuse_drill(turn, asked, story)
    same = (one for one in turn.desk.book.open_on(asked.topic) if one.declared_by is not None and one.story == story)
    return "repeated" if any(one.topic == asked.topic for one in same) else ""


def _told(declared: Incident, way: Way) -> dict[str, str]:
    found = way.told() | {"playbook": declared.playbook, "related": ",".join(declared.related)}
    return {name: value for name, value in found.items() if value}
