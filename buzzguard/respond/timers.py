"""What time does to an open incident: a silence begins or ends, calm resolves it, a step or a reminder falls due.

All of it follows from the incident and `now`, so a restart changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, Incident, IncidentState, Silence
from buzzguard.respond.incident import calm_since, is_firing, learned_alert
from buzzguard.respond.policy import climb, exhausted, next_delay, on_duty, restart
from buzzguard.respond.turn import Desk, Turn

_SEEN = timedelta(minutes=1)
"""A clock set back by less is not worth an edit of the cards, which show minutes."""


def settle(turn: Turn, incident: Incident) -> None:
    """Bring one open incident up to `turn.now`."""
    incident = _follow_clock(turn, incident)
    incident = _keep_climbing(turn, incident)
    silence = turn.desk.silences.active(incident.topic, incident.severity, turn.now)
    if silence is not None:
        incident = _mute(turn, incident, silence)
    resolves = resolves_at(turn.desk, incident)
    if resolves is not None and resolves <= turn.now:
        turn.move(incident, Cause.ALERTS_RESOLVED, detail={"why": "new_normal"} if learned_alert(incident) else {})
        return
    if silence is not None:
        return
    if incident.silenced_until is not None:
        incident = _unmute(turn, incident)
    if incident.next_step_at is not None and incident.next_step_at <= turn.now:
        incident = _next_step(turn, incident)
    _remind(turn, incident)


def resolves_at(desk: Desk, incident: Incident) -> datetime | None:
    """When the incident resolves by itself unless an alert fires; None while one does."""
    calm = calm_since(incident)
    return None if calm is None else calm + desk.resolve_after


def next_due(desk: Desk, incident: Incident) -> datetime | None:
    """When time changes an open incident next, should nothing else do so before."""
    dues = (incident.next_step_at, incident.remind_at, incident.silenced_until, resolves_at(desk, incident))
    return min((due for due in dues if due is not None), default=None)


def _follow_clock(turn: Turn, incident: Incident) -> Incident:
    """When the clock was set back behind the last change, what was waited for keeps its distance."""
    back = incident.changed_at - turn.now
    if back <= timedelta(0):
        return incident
    due = incident.next_step_at
    moved = replace(incident, changed_at=turn.now, next_step_at=None if due is None else due - back)
    return turn.show(moved) if back > _SEEN and due is not None else turn.set(moved)


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
    if (incident.silenced_until, incident.next_step_at, incident.remind_at) == (silence.ends_at, due, None):
        return incident
    return turn.show(replace(incident, silenced_until=silence.ends_at, next_step_at=due, remind_at=None))


def _unmute(turn: Turn, incident: Incident) -> Incident:
    """The silence is over: while an alert fires, the climb goes on at once and says so, or the owner is reminded.

    When all is calm nobody is woken: the step waits until the incident would resolve by itself.
    """
    heard = replace(incident, silenced_until=None, changed_at=turn.now)
    if incident.state is not IncidentState.TRIGGERED:
        return _say_it_goes_on(turn, heard, why="silence_ended") if is_firing(incident) else turn.show(heard)
    if is_firing(incident):
        return _next_step(turn, heard, why="silence_ended")
    waits = resolves_at(turn.desk, incident) if incident.next_step_at is not None else None
    return turn.show(replace(heard, next_step_at=waits))


def _remind(turn: Turn, incident: Incident) -> None:
    """While an alert fires and no step is due, those told are reminded that it goes on, as often as the policy says.

    Any news of the incident puts the reminder off: it was one.
    """
    every = turn.desk.policies.of(incident).remind_every
    if not every or incident.next_step_at is not None or not is_firing(incident):
        if incident.remind_at is not None:
            turn.set(replace(incident, remind_at=None))
        return
    latest = turn.now + every
    if incident.remind_at is None or incident.remind_at > latest:
        turn.set(replace(incident, remind_at=latest))
    elif incident.remind_at <= turn.now:
        told = _say_it_goes_on(turn, incident)
        turn.set(replace(told, remind_at=latest))


def _say_it_goes_on(turn: Turn, incident: Incident, *, why: str = "") -> Incident:
    """Those told, and whoever is on call now: a rota that handed over hears of what goes on from the one who has it."""
    policies = turn.desk.policies
    duty = on_duty(incident, policies.of(incident), turn.now, policies.rotas)
    new = [who for names in duty.values() for who in names.split(",") if who not in incident.receivers]
    incident = replace(incident, receivers=(*incident.receivers, *dict.fromkeys(new)))
    detail = {"why": why} if why else {}
    return turn.move(incident, Cause.REMINDED, detail=detail | ({"on_call": ",".join(new)} if new else {}))


def _next_step(turn: Turn, incident: Incident, *, why: str = "") -> Incident:
    policy = turn.desk.policies.of(incident)
    why = why or ("graver" if turn.raised(incident.id) else "")
    detail = {"why": why} if why else {}
    if not exhausted(incident, policy):
        incident, told = climb(incident, policy, turn.now, turn.desk.policies.rotas)
        detail |= {"receivers": ",".join(told), "step": str(incident.step), "round": str(incident.round)}
    if incident.next_step_at is None:
        detail["last"] = "yes"
    if _opened_now(turn, incident):
        return turn.set(incident)
    return turn.move(incident, Cause.STEP_TIMED_OUT, detail=detail)


def _opened_now(turn: Turn, incident: Incident) -> bool:
    """The first step without delay is part of the opening, not a step that somebody let pass."""
    return turn.before.get(incident.id, incident) is None
