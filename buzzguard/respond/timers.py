"""What time does to an open incident: a silence begins or ends, calm resolves it, a step or a reminder falls due.

All of it follows from the incident and `now`, so a restart changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, Incident, IncidentState, Silence, Verdict
from buzzguard.respond.approvals import approval_due, ask_again, drafts_set_back
from buzzguard.respond.decisions import about
from buzzguard.respond.drills import drill_ends
from buzzguard.respond.incident import calm_since, goes_on, learned_alert
from buzzguard.respond.policy import climb, exhausted, next_delay, on_duty, restart
from buzzguard.respond.runs import keep_running, late_due, set_back, tell_late
from buzzguard.respond.taking_back import take_back, take_back_due
from buzzguard.respond.turn import Desk, Turn

NOTICE = timedelta(minutes=10)
"""So long before its end a silence is announced to be over, when what it mutes still goes on."""
_WORTH_NOTICE = timedelta(minutes=30)
"""A shorter silence needs no notice: its author remembers it."""
_PASTS = ("acted_at", "nudged_at", "told_at")
"""What lies in the past; under a clock that was set back it must not lie ahead."""
_SEEN = timedelta(minutes=1)
"""A clock set back by less is not worth an edit of the cards, which show minutes."""


def settle(turn: Turn, incident: Incident) -> None:
    """Bring one open incident up to `turn.now`."""
    incident = _follow_clock(turn, incident)
    incident = keep_running(turn, incident)
    incident = _keep_climbing(turn, incident)
    silence = turn.desk.silences.over(incident, turn.now)
    if silence is not None:
        incident = _mute(turn, incident, silence)
    resolves = resolves_at(turn.desk, incident)
    if resolves is not None and resolves <= turn.now:
        why = "drill_over" if incident.drill else "new_normal" if learned_alert(incident) else ""
        turn.move(incident, Cause.ALERTS_RESOLVED, detail={"why": why} if why else {})
        return
    if silence is not None:
        _announce_end(turn, incident, silence)
        return
    if incident.silenced_until is not None:
        incident = _unmute(turn, incident)
    incident = take_back(turn, incident)
    incident = tell_late(turn, incident)
    incident = ask_again(turn, incident)
    if incident.next_step_at is not None and (incident.next_step_at <= turn.now or incident.held_for):
        incident = _step_or_hold(turn, incident)
    incident = _tell_waiting(turn, incident)
    _remind(turn, incident)


def resolves_at(desk: Desk, incident: Incident) -> datetime | None:
    """When the incident resolves by itself unless an alert fires; None while one does, and for one that people
    declared: no measure tells that what they saw is over. An exercise has its time."""
    if incident.declared_by is not None:
        return drill_ends(incident)
    calm = calm_since(incident)
    return None if calm is None else calm + desk.resolve_after


def next_due(desk: Desk, incident: Incident) -> datetime | None:
    """When time changes an open incident next, should nothing else do so before."""
    dues = (
        incident.next_step_at,
        incident.remind_at,
        incident.silenced_until,
        resolves_at(desk, incident),
        _waiting_due(desk, incident),
        _notice_due(desk, incident),
        take_back_due(desk, incident),
        late_due(incident),
        approval_due(desk, incident),
    )
    return min((due for due in dues if due is not None), default=None)


def _follow_clock(turn: Turn, incident: Incident) -> Incident:
    """When the clock was set back behind the last change, what was waited for keeps its distance."""
    back = incident.changed_at - turn.now
    if back <= timedelta(0):
        return incident
    due = incident.next_step_at
    run = set_back(incident.run, back, turn.now)
    moved = replace(incident, changed_at=turn.now, next_step_at=None if due is None else due - back, run=run)
    moved = replace(moved, drafts=drafts_set_back(incident.drafts, back))
    moved = replace(moved, **{name: _no_later(getattr(moved, name), turn.now) for name in _PASTS})
    return turn.show(moved) if back > _SEEN and (due is not None or run is not None) else turn.set(moved)


def _keep_climbing(turn: Turn, incident: Incident) -> Incident:
    """Nobody has taken charge and there is somebody left to tell: there must be a next step.

    It is missing only when the configuration changed: the policy is gone, or has more steps than it had.
    """
    if incident.state is not IncidentState.TRIGGERED:
        return incident
    policies = turn.desk.policies
    if not policies.knows(incident.policy) and incident.alerts:
        first = incident.alerts[0]
        target = replace(incident, policy=policies.choose(first, turn.ways.of(first).policy))
        if policies.knows(target.policy):
            return turn.show(restart(target, target.policy, policies.of(target), turn.now))
    policy = policies.of(incident)
    if incident.next_step_at is None and not exhausted(incident, policy):
        return turn.show(replace(incident, next_step_at=turn.now + next_delay(incident, policy)))
    return incident


def _mute(turn: Turn, incident: Incident, silence: Silence) -> Incident:
    """The climb waits for the end of the silence."""
    due = None if incident.next_step_at is None else silence.ends_at
    waits = (incident.silenced_until, incident.next_step_at, incident.remind_at, incident.held_for)
    if waits == (silence.ends_at, due, None, ""):
        return incident
    muted = replace(incident, silenced_until=silence.ends_at, next_step_at=due, remind_at=None, held_for="")
    muted = turn.show(muted)
    if due is not None:
        detail = {"until": due.isoformat(), "who": silence.who.name or silence.who.id, "silence": silence.id}
        turn.decide(about(muted, Verdict.HELD, "silenced", turn.now, detail=detail))
    return muted


def _unmute(turn: Turn, incident: Incident) -> Incident:
    """The silence is over: while an alert fires, the climb goes on at once and says so, or the owner is reminded.

    When all is calm nobody is woken: the step waits until the incident would resolve by itself.
    """
    heard = replace(incident, silenced_until=None, changed_at=turn.now)
    if incident.state is not IncidentState.TRIGGERED:
        return _say_it_goes_on(turn, heard, why="silence_ended") if goes_on(incident) else turn.show(heard)
    if goes_on(incident):
        return _step_or_hold(turn, heard, why="silence_ended")
    waits = resolves_at(turn.desk, incident) if incident.next_step_at is not None else None
    return turn.show(replace(heard, next_step_at=waits))


def _remind(turn: Turn, incident: Incident) -> None:
    """While an alert fires and no step is due, those told are reminded that it goes on, as often as the policy says.

    Any news of the incident puts the reminder off: it was one.
    """
    every = turn.desk.policies.of(incident).remind_every
    if not every or incident.next_step_at is not None or not goes_on(incident):
        if incident.remind_at is not None:
            turn.set(replace(incident, remind_at=None))
        return
    policy = turn.desk.policies.of(incident)
    latest = turn.desk.attention.opens(policy, incident.severity, turn.now + every)
    if incident.remind_at is None or incident.remind_at > latest:
        turn.set(replace(incident, remind_at=latest))
    elif incident.remind_at <= turn.now:
        opens = turn.desk.attention.opens(policy, incident.severity, turn.now)
        if opens > turn.now:
            turn.set(replace(incident, remind_at=opens))
            return
        told = _say_it_goes_on(turn, incident)
        turn.set(replace(told, remind_at=latest))


def _say_it_goes_on(turn: Turn, incident: Incident, *, why: str = "") -> Incident:
    """Those told, and whoever is on call now: a rota that handed over hears of what goes on from the one who has it."""
    policies = turn.desk.policies
    duty = on_duty(incident, policies.of(incident), turn.now, policies.rotas)
    known = (*incident.receivers, *incident.spared)
    new = [who for names in duty.values() for who in names.split(",") if who not in known]
    incident = replace(incident, receivers=(*incident.receivers, *dict.fromkeys(new)))
    detail = {"why": why} if why else {}
    return turn.move(incident, Cause.REMINDED, detail=detail | ({"on_call": ",".join(new)} if new else {}))


def _next_step(turn: Turn, incident: Incident, *, why: str = "") -> Incident:
    policy = turn.desk.policies.of(incident)
    taken = any(move.cause is Cause.UNACKNOWLEDGED for move in turn.news_of(incident.id))
    why = why or ("taken_back" if taken else "graver" if turn.raised(incident.id) else "")
    detail = {"why": why} if why else {}
    if not exhausted(incident, policy):
        incident, told = climb(incident, policy, turn.now, turn.desk.policies.rotas)
        detail |= {"receivers": ",".join(told), "step": str(incident.step), "round": str(incident.round)}
    if incident.next_step_at is None:
        detail["last"] = "yes"
    if _opened_now(turn, incident):
        return turn.set(incident)
    return turn.move(incident, Cause.STEP_TIMED_OUT, detail=detail)


def _step_or_hold(turn: Turn, incident: Incident, *, why: str = "") -> Incident:
    """Tell the next step, unless something holds it back: then it waits for that and is looked at again."""
    hold = turn.hold(incident)
    if hold is None:
        return _next_step(turn, replace(incident, held_for=""), why=why or incident.held_for)
    if (incident.held_for, incident.next_step_at) == (hold.reason, hold.until) and not why:
        return incident
    held = turn.show(replace(incident, held_for=hold.reason, next_step_at=hold.until))
    turn.decide(about(held, Verdict.HELD, hold.reason, turn.now, detail={"until": hold.until.isoformat()}))
    return held


def _no_later(at: datetime | None, now: datetime) -> datetime | None:
    return None if at is None else min(at, now)


def _waiting_due(desk: Desk, incident: Incident) -> datetime | None:
    """When alerts that joined without being told of are told of."""
    if not incident.waiting or incident.told_at is None or incident.silenced_until is not None:
        return None
    policy = desk.policies.of(incident)
    return desk.attention.opens(policy, incident.severity, incident.told_at + policy.group_interval)


def _tell_waiting(turn: Turn, incident: Incident) -> Incident:
    due = _waiting_due(turn.desk, incident)
    if due is None or due > turn.now:
        return incident
    detail = {"rule": incident.waiting[0], "rules": ",".join(incident.waiting), "why": "grouped"}
    told = replace(incident, waiting=(), told_at=turn.now)
    return turn.move(told, Cause.ALERT_JOINED, detail=detail)


def _notice_due(desk: Desk, incident: Incident) -> datetime | None:
    """When people are told that the silence of what still goes on ends soon."""
    if incident.silenced_until is None or not goes_on(incident):
        return None
    silence = desk.silences.of(incident)
    if silence is None or silence.id == incident.noticed or silence.ends_at - silence.starts_at < _WORTH_NOTICE:
        return None
    return silence.ends_at - NOTICE


def _announce_end(turn: Turn, incident: Incident, silence: Silence) -> None:
    due = _notice_due(turn.desk, incident)
    if due is not None and due <= turn.now:
        noticed = replace(incident, noticed=silence.id)
        turn.move(noticed, Cause.SILENCE_ENDS_SOON, detail={"until": silence.ends_at.isoformat()})


def _opened_now(turn: Turn, incident: Incident) -> bool:
    """The first step without delay is part of the opening, not a step that somebody let pass."""
    return turn.before.get(incident.id, incident) is None
