"""Whether news of an incident calls people or only edits their cards, and the row that says so."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from buzzguard.model import Cause, Decision, Incident, Silence, Transition, Verdict
from buzzguard.respond.decisions import about
from buzzguard.respond.turn import Turn

_CAN_WAIT = frozenset({Cause.ALERT_JOINED, Cause.ALERTS_RESOLVED})
"""What may be read in the morning. All else was asked for, or was held back before it happened."""
_HEARD_IN_SILENCE = frozenset({Cause.SILENCE_ENDS_SOON})
"""The one thing that is told while it is silent: that it will not stay so."""


def hushed(turn: Turn, incident: Incident, news: Sequence[Transition]) -> str:
    """Why news calls nobody; empty when it does.

    A silence lets through the word that it has begun and that it is to end.
    """
    causes = {move.cause for move in news}
    if Cause.SILENCED_BY_USER in causes:
        before = turn.before.get(incident.id)
        if before is None or before.silenced_until is None:
            return ""
    if _silence(turn, incident) is not None:
        return "" if causes & _HEARD_IN_SILENCE else "silenced"
    if news and all(move.cause is Cause.STEP_MARKED_BY_USER and not move.detail.get("told") for move in news):
        return "shown_in_run"
    reasons = [move.detail.get("hushed", "") for move in news if move.cause is Cause.ALERT_JOINED]
    if news and len(reasons) == len(news) and all(reasons):
        return reasons[0]
    policy = turn.desk.policies.of(incident)
    night = turn.desk.attention.opens(policy, incident.severity, turn.now) > turn.now
    return "quiet_hours" if night and news and causes <= _CAN_WAIT else ""


def record(turn: Turn, incident: Incident, news: Sequence[Transition], *, quiet: str, new: Sequence[str]) -> None:
    """Write down who was told of what, or why they were not. `new` are told for the first time, whatever is quiet."""
    known = tuple(name for name in incident.receivers if name not in new)
    if quiet and known:
        decision = about(incident, Verdict.HUSHED, quiet, turn.now, detail=_quiet_detail(turn, incident, news, quiet))
        turn.decide(_to(decision, known))
    if new or not quiet:
        last = news[-1]
        cause = last.cause.value
        decision = about(incident, Verdict.TOLD, cause, turn.now, detail=_told_detail(turn, incident, last))
        turn.decide(_to(decision, tuple(new) if quiet else incident.receivers))


def unheard(turn: Turn, incident: Incident) -> None:
    """An incident of which nobody was told, though nothing holds it back: there is nobody to tell."""
    if not incident.held_for and turn.news_of(incident.id) and incident.next_step_at is None:
        turn.decide(about(incident, Verdict.HUSHED, "nobody_to_tell", turn.now, detail={"policy": incident.policy}))


def _told_detail(turn: Turn, incident: Incident, last: Transition) -> dict[str, str]:
    rotas, policy = turn.desk.policies.rotas, turn.desk.policies.of(incident)
    names = [name for step in policy.steps[: incident.step + 1] for name in step.notify]
    duties = rotas.behind([*names, *incident.also], turn.now)
    found = {
        "policy": incident.policy,
        "step": str(incident.step) if incident.step >= 0 else "",
        "rule": last.detail.get("rule", last.detail.get("rules", "")),
        "why": last.detail.get("why", ""),
        "route": last.detail.get("route", ""),
        "who": _name(last),
        "on_call": ", ".join(f"{name}: {' '.join(duty.who)}" for name, duty in duties.items()),
    }
    return {name: value for name, value in found.items() if value}


def _quiet_detail(turn: Turn, incident: Incident, news: Sequence[Transition], quiet: str) -> dict[str, str]:
    detail = {"cause": news[-1].cause.value, "rule": news[-1].detail.get("rule", "")}
    silence = _silence(turn, incident)
    if quiet == "silenced" and silence is not None:
        detail |= {"who": silence.who.name or silence.who.id, "until": silence.ends_at.isoformat()}
        detail |= {"silence": silence.id, "said": silence.reason}
    return {name: value for name, value in detail.items() if value}


def _silence(turn: Turn, incident: Incident) -> Silence | None:
    return turn.desk.silences.over(incident, turn.now)


def _to(decision: Decision, receivers: tuple[str, ...]) -> Decision:
    return replace(decision, receivers=receivers)


def _name(move: Transition) -> str:
    return "" if move.who is None else move.who.name or move.who.id
