"""A receiver could not be reached: others are told in its place, as long as nobody has taken charge.

Those told instead join the incident's receivers, so that they also hear how it goes on and are told once, whatever
else cannot be delivered later.
"""

from __future__ import annotations

from msgspec.structs import replace

from buzzguard.model import Cause, Command, Incident, IncidentState, Undelivered, Verdict
from buzzguard.respond.decisions import about
from buzzguard.respond.turn import Turn


def stand_in(turn: Turn, incident: Incident, command: Command) -> str:
    """Tell those who stand in for whom the command could not reach. Returns why nobody is told, empty when they are.

    `acknowledged`: somebody has taken charge meanwhile · `silenced`: the topic is muted, and its end is told of anew ·
    `all_told`: everybody was told before. Each of these is kept as a decision.
    """
    missing = command.undelivered
    if missing is None:
        return "nobody_to_tell"
    new = _new(turn, incident, missing)
    refusal = _refusal(turn, incident, new)
    if refusal:
        _keep(turn, incident, missing, refusal)
        return refusal
    detail = {
        "receiver": missing.receiver,
        "notifier": missing.notifier,
        "receivers": ",".join(new),
        "seconds": str(max(0, round((command.at - missing.since).total_seconds()))),
    }
    detail |= {"refused": "yes"} if missing.refused else {}
    turn.move(replace(incident, receivers=(*incident.receivers, *new)), Cause.NOT_REACHED, detail=detail)
    return ""


def _refusal(turn: Turn, incident: Incident, new: tuple[str, ...]) -> str:
    if incident.state is not IncidentState.TRIGGERED:
        return "acknowledged"
    if incident.silenced_until is not None and incident.silenced_until > turn.now:
        return "silenced"
    return "" if new else "all_told"


def _new(turn: Turn, incident: Incident, missing: Undelivered) -> tuple[str, ...]:
    """Those who stand in and have not heard of it; of rotas whoever is on call."""
    people = turn.desk.policies.rotas.people(dict.fromkeys(missing.instead), turn.now)
    return tuple(dict.fromkeys(name for name in people if name not in (*incident.receivers, *incident.spared)))


def _keep(turn: Turn, incident: Incident, missing: Undelivered, refusal: str) -> None:
    """The row that says why nobody was told in its place: one a receiver and version of the incident."""
    decision = about(
        incident,
        Verdict.HUSHED,
        f"instead_{refusal}",
        turn.now,
        detail={"missing": missing.receiver, "notifier": missing.notifier},
    )
    turn.decide(replace(decision, key=f"{decision.key}/{missing.receiver}", receivers=missing.instead))
