"""Two incidents become one, or one becomes two: alerts pass from one to the other, and none is lost on the way.

An incident that is merged ends there: what is told of its story from then on is told of the other. Alerts that are
split off stay where they were put: their later records go to whoever holds them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from buzzguard.model import WATCHER_TOPIC, Alert, AlertState, Cause, Command, Incident, Merge, Split
from buzzguard.respond.grouping import grow_graver
from buzzguard.respond.holding import MOST_FIRINGS, fired
from buzzguard.respond.incident import FINAL, gravest_alert, split_off
from buzzguard.respond.owning import join
from buzzguard.respond.policy import restart
from buzzguard.respond.stories import narratives_on
from buzzguard.respond.turn import Turn


def merge(turn: Turn, incident: Incident, command: Command) -> str:
    """Make the incident part of another open one. Its people hear of that one from now on, unless it is muted.

    Refused: `merge_with_itself`, `unknown_target`, `target_final`, `drill_and_real`.
    """
    asked = command.asked
    if not isinstance(asked, Merge):
        return "not_possible"
    if asked.into == incident.id:
        return "merge_with_itself"
    target = turn.desk.book.get(asked.into)
    if target is None:
        return "unknown_target"
    if target.state in FINAL:
        return "target_final"
    if target.drill != incident.drill:
        return "drill_and_real"
    detail = {"merged_into": target.id, "rules": _rules(incident.alerts)}
    ended = replace(incident, alerts=(), waiting=(), merged_into=target.id, related=_with(incident.related, target.id))
    turn.move(ended, Cause.MERGED_BY_USER, who=command.who, reason=command.reason, detail=_said(detail))
    whole = _take_in(turn, target, incident)
    detail = {"merged": incident.id, "rules": _rules(incident.alerts)}
    whole = turn.move(whole, Cause.MERGED_IN, who=command.who, reason=command.reason, detail=_said(detail))
    if incident.severity.rank > whole.severity.rank:
        own = "" if incident.topic == WATCHER_TOPIC else incident.policy
        policy = turn.desk.policies.pick(whole.topic, incident.severity, own)
        grow_graver(turn, whole, incident.severity, policy=policy, detail={"merged": incident.id}, who=command.who)
    return ""


def _take_in(turn: Turn, target: Incident, incident: Incident) -> Incident:
    """The target with the alerts and the people of the other. Its own story, notes, run and drafts stay."""
    own = target.narrative or (incident.narrative if incident.topic == target.topic else "")
    firings = sorted((*target.firings, *incident.firings), key=lambda one: (one.at, one.alert))
    whole = replace(
        target,
        alerts=(*target.alerts, *incident.alerts),
        firings=tuple(firings)[-MOST_FIRINGS:],
        waiting=tuple(dict.fromkeys((*target.waiting, *incident.waiting))),
        also=tuple(dict.fromkeys((*target.also, *incident.also))),
        department=target.department or incident.department,
        narrative=own,
        absorbed=tuple(dict.fromkeys((*target.absorbed, *incident.absorbed, (incident.topic, incident.narrative)))),
        related=_with(target.related, incident.id),
    )
    muted = turn.desk.silences.over(whole, turn.now) is not None
    return whole if muted else replace(whole, receivers=join(whole, incident.receivers))


def split(turn: Turn, incident: Incident, command: Command) -> str:
    """Take alerts out into an incident of their own, which climbs the policy of the gravest of them.

    Refused: `unknown_alert`; `nothing_left` when no alert or every one is named, unless people declared the incident:
    that is one without alerts as well.
    """
    asked = command.asked
    if not isinstance(asked, Split):
        return "not_possible"
    named = set(asked.alerts)
    if named - {one.fingerprint for one in incident.alerts}:
        return "unknown_alert"
    taken = [one for one in incident.alerts if one.fingerprint in named]
    left = tuple(one for one in incident.alerts if one.fingerprint not in named)
    if not taken or (not left and incident.declared_by is None):
        return "nothing_left"
    first = gravest_alert(replace(incident, alerts=tuple(taken))) or taken[0]
    id = turn.desk.book.new_id(first.topic, turn.now)
    rules, topics = {one.rule for one in left}, {one.topic for one in left}
    kept = replace(
        incident,
        alerts=left,
        absorbed=tuple(one for one in incident.absorbed if one[0] != first.topic or first.topic in topics),
        firings=tuple(one for one in incident.firings if one.alert not in named),
        waiting=tuple(one for one in incident.waiting if one in rules),
        related=_with(incident.related, id),
    )
    detail = {"into": id, "rules": _rules(taken)}
    turn.move(kept, Cause.SPLIT_BY_USER, who=command.who, reason=command.reason, detail=detail)
    _open_apart(turn, kept, [first, *(one for one in taken if one is not first)], command=command, id=id)
    return ""


def _open_apart(turn: Turn, incident: Incident, taken: Sequence[Alert], *, command: Command, id: str) -> None:
    """Open an incident for alerts (the gravest first) that were taken out of `incident`."""
    policies, gravest = turn.desk.policies, taken[0]
    way, story = turn.ways.of(gravest), turn.ways.story(gravest)
    apart, transition = split_off(taken, turn.now, id=id, out_of=incident.id, who=command.who, reason=command.reason)
    apart = replace(
        apart,
        playbook=turn.playbooks.first(gravest),
        department=way.department or incident.department,
        also=way.also,
        firings=fired(apart, [one for one in taken if one.state is AlertState.FIRING], turn.now),
        narrative="" if story.id in narratives_on(incident, gravest.topic) else story.id,
    )
    name = policies.choose(gravest, way.policy)
    transition = replace(transition, detail=transition.detail | way.told())
    turn.open(restart(apart, name, policies.of(replace(apart, policy=name)), turn.now), transition)


def _with(ids: Sequence[str], id: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*ids, id)))


def _rules(alerts: Sequence[Alert]) -> str:
    firing = [one for one in alerts if one.state is AlertState.FIRING]
    return ",".join(dict.fromkeys(one.rule for one in (firing or alerts)))


def _said(detail: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in detail.items() if value}
