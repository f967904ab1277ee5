"""Alerts become incidents: one open incident a topic and story, which firing alerts open or join.

A pending alert does nothing. An alert that fires changes the severity upwards only. One that resolves is kept, with
its end, until the whole incident does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from buzzguard.model import Alert, AlertState, Cause, Incident, IncidentState, Person, Severity
from buzzguard.respond.decisions import left_out
from buzzguard.respond.holding import fired, hush
from buzzguard.respond.incident import is_firing, open_incident
from buzzguard.respond.policy import exhausted, next_delay, restart
from buzzguard.respond.stories import tells
from buzzguard.respond.turn import Turn


def take_alerts(turn: Turn, alerts: Sequence[Alert]) -> None:
    """Open, join and update incidents. Several records of one alert are taken in order."""
    topics: dict[str, list[Alert]] = {}
    for alert in alerts:
        topics.setdefault(alert.topic, []).append(alert)
    for group in topics.values():
        for position, alert in enumerate(group):
            _take(turn, alert, group[position:])


def _take(turn: Turn, alert: Alert, rest: Sequence[Alert]) -> None:
    if alert.state is AlertState.PENDING:
        return
    if alert.state is AlertState.RESOLVED:
        turn.desk.book.resolved(alert)
    else:
        turn.desk.book.fires(alert)
    incident = turn.desk.book.holder(alert)
    if incident is not None:
        _renew(turn, incident, alert)
    elif alert.state is AlertState.RESOLVED:
        return
    elif turn.desk.book.judged(alert, turn.now):
        turn.decide(left_out(alert, "judged", turn.now))
    else:
        _open_or_join(turn, alert, rest)


def _open_or_join(turn: Turn, alert: Alert, rest: Sequence[Alert]) -> None:
    """Join the incident over the alert's story; a second, different story on the topic is a second incident."""
    going_on = turn.desk.book.open_on(alert.topic)
    incident = tells(going_on, turn.ways.story(alert), alert.topic) if going_on else None
    if incident is None:
        _open(turn, rest)
    else:
        _join(turn, incident, alert)


def _open(turn: Turn, alerts: Sequence[Alert]) -> None:
    """Open an incident for all that begins to fire on the topic in this turn, the gravest first."""
    book = turn.desk.book
    firing = {alert.fingerprint: alert for alert in reversed(alerts) if alert.state is AlertState.FIRING}
    free = [alert for alert in reversed(firing.values()) if book.holder(alert) is None]
    fresh = [alert for alert in free if not book.judged(alert, turn.now)]
    fresh.sort(key=lambda alert: -alert.severity.rank)
    gravest = fresh[0]
    way, story = turn.ways.of(gravest), turn.ways.story(gravest)
    related = book.open_on(gravest.topic)
    name = turn.desk.policies.choose(gravest, way.policy)
    opened, transition = open_incident(
        fresh,
        turn.now,
        id=book.new_id(gravest.topic, turn.now),
        policy=name,
        playbook=turn.playbooks.first(gravest),
        relapse_of=book.relapse_of(gravest.topic, turn.now, story),
    )
    opened = replace(opened, firings=fired(opened, fresh, turn.now), department=way.department, also=way.also)
    opened = replace(opened, narrative=story.id, related=tuple(one.id for one in related))
    detail = {"narrative": story.id, "related": ",".join(opened.related)}
    known = {key: value for key, value in detail.items() if value}
    transition = replace(transition, detail=transition.detail | way.told() | known)
    relate(turn, related, opened.id)
    turn.open(restart(opened, name, turn.desk.policies.of(opened), turn.now), transition)


def relate(turn: Turn, related: Sequence[Incident], id: str) -> None:
    """Let each of these incidents point to the one with this id."""
    for one in related:
        turn.show(replace(one, related=tuple(dict.fromkeys((*one.related, id)))))


def _join(turn: Turn, incident: Incident, alert: Alert) -> None:
    own = incident.narrative or alert.topic != incident.topic
    narrative = incident.narrative if own else turn.ways.story(alert).id
    joined = replace(incident, alerts=(*incident.alerts, alert), narrative=narrative)
    _raise(turn, _tell_joined(turn, incident, joined, alert), alert)


def _tell_joined(turn: Turn, before: Incident, incident: Incident, alert: Alert, *, why: str = "") -> Incident:
    """Record that an alert joined or fires again: as news, unless something speaks against calling people for it."""
    muted = turn.desk.silences.over_rule(incident, alert, turn.now) is not None
    hushed = "silenced" if muted else hush(before, alert, turn.desk.policies.of(incident), turn.now)
    incident = replace(incident, firings=fired(incident, [alert], turn.now))
    if hushed == "grouped":
        incident = replace(incident, waiting=tuple(dict.fromkeys((*incident.waiting, alert.rule))))
    elif not hushed:
        incident = replace(incident, told_at=turn.now)
    detail = {"rule": alert.rule, "why": why, "hushed": hushed}
    return turn.move(incident, Cause.ALERT_JOINED, detail={name: value for name, value in detail.items() if value})


def _renew(turn: Turn, incident: Incident, alert: Alert) -> None:
    """Take the newer record of an alert that is part of the incident."""
    known = next(one for one in incident.alerts if one.fingerprint == alert.fingerprint)
    alerts = tuple(alert if one is known else one for one in incident.alerts)
    renewed = replace(incident, alerts=alerts)
    if known.state is not alert.state and alert.state is AlertState.FIRING and not is_firing(incident):
        renewed = _fire_again(turn, incident, renewed, alert)
    elif known.state is not alert.state:
        if alert.state is AlertState.FIRING:
            renewed = replace(renewed, firings=fired(renewed, [alert], turn.now))
        renewed = turn.show(renewed)
    elif not _same(known, alert):
        renewed = turn.refresh(renewed)
    if alert.state is AlertState.FIRING:
        _raise(turn, renewed, alert)


def _fire_again(turn: Turn, before: Incident, incident: Incident, alert: Alert) -> Incident:
    """The calm is over before the incident was: the climb waits no longer than the delay of its next step."""
    if incident.next_step_at is not None and incident.silenced_until is None:
        soonest = turn.now + next_delay(incident, turn.desk.policies.of(incident))
        incident = replace(incident, next_step_at=min(incident.next_step_at, soonest))
    if incident.acted_at is not None:  # who took charge had nothing to do while it was calm
        incident = replace(incident, acted_at=turn.now, nudged_at=None)
    return _tell_joined(turn, before, incident, alert, why="fires_again")


def _raise(turn: Turn, incident: Incident, alert: Alert) -> None:
    """Raise the severity to that of a graver alert, tell everybody told so far, and climb for the new severity.

    The climb begins again when the graver alert has another policy, when the old one was exhausted, or when somebody
    had taken charge: they answered for less, stay the owner, and are asked again. A climb under way goes on: beginning
    it again would keep those waiting who have not been told yet. A silence made for less ends here, and the climb
    that it held back goes on at once.
    """
    if alert.severity.rank <= incident.severity.rank:
        return
    way = turn.ways.of(alert)
    incident = replace(
        incident,
        playbook=turn.playbooks.graver(incident.playbook, alert),
        department=way.department or incident.department,
        also=way.also or incident.also,
    )
    detail = {"rule": alert.rule} | ({"raised_by": alert.raised_by} if alert.raised_by else {})
    name = turn.desk.policies.choose(alert, way.policy)
    grow_graver(turn, incident, alert.severity, policy=name, detail=detail)


def grow_graver(
    turn: Turn,
    incident: Incident,
    severity: Severity,
    *,
    policy: str,
    detail: Mapping[str, str],
    who: Person | None = None,
) -> Incident:
    """Raise the severity to a graver one, and climb the policy that it asks for (see `_raise`)."""
    told = {**detail, "from": incident.severity.value, "to": severity.value}
    if incident.state is IncidentState.ACKNOWLEDGED:
        told["asked_again"] = "yes"
    silenced = incident.silenced_until is not None
    broken = silenced and turn.desk.silences.over(replace(incident, severity=severity), turn.now) is None
    if broken:
        turn.desk.silences.break_off(incident, turn.now)
        told["silence"] = "broken"
        incident = replace(incident, silenced_until=None)
    raised = _climb_graver(turn, incident, policy, broken=broken)
    return turn.move(raised, Cause.SEVERITY_RAISED, detail=told, severity=severity, who=who)


def _climb_graver(turn: Turn, incident: Incident, name: str, *, broken: bool) -> Incident:
    policies = turn.desk.policies
    taken = incident.state is IncidentState.ACKNOWLEDGED
    if taken or name != incident.policy or exhausted(incident, policies.of(incident)):
        target = replace(incident, policy=name)
        return restart(target, name, policies.of(target), turn.now)
    return replace(incident, next_step_at=turn.now) if broken else incident


def _same(known: Alert, alert: Alert) -> bool:
    """Whether two records of an alert show the same: only the time of looking differs."""
    looked = {name: getattr(known, name) for name in ("at", "last_true", "held", "gone_since")}
    return known == replace(alert, **looked)
