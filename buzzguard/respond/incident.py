"""The life of an incident: one table of legal moves, and one pure function that makes a move and its record."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from buzzguard.errors import IllegalTransition
from buzzguard.model import (
    Alert,
    AlertState,
    Cause,
    Declaration,
    Incident,
    IncidentState,
    Person,
    Severity,
    Transition,
)

_TRIGGERED = IncidentState.TRIGGERED
_ACKNOWLEDGED = IncidentState.ACKNOWLEDGED
_RESOLVED = IncidentState.RESOLVED
_FALSE_ALARM = IncidentState.FALSE_ALARM

OPEN = (_TRIGGERED, _ACKNOWLEDGED)
FINAL = frozenset({_RESOLVED, _FALSE_ALARM})

_HANDLING = (
    Cause.MERGED_IN,
    Cause.SPLIT_BY_USER,
    Cause.NOTED_BY_USER,
    Cause.PLAYBOOK_CHOSEN_BY_USER,
    Cause.STEP_MARKED_BY_USER,
    Cause.STEPS_LATE,
    Cause.DRAFTED_BY_USER,
    Cause.DRAFT_APPROVED_BY_USER,
    Cause.DRAFT_SENT_BACK_BY_USER,
    Cause.APPROVAL_LATE,
    Cause.PUBLISHED_BY_USER,
    Cause.ROOM_OPENED_BY_USER,
)
"""What people do with an incident that leaves it as open as it was."""

NEXT: dict[tuple[IncidentState | None, Cause], IncidentState] = {
    (None, Cause.OPENED): _TRIGGERED,
    (_TRIGGERED, Cause.ALERT_JOINED): _TRIGGERED,
    (_TRIGGERED, Cause.SEVERITY_RAISED): _TRIGGERED,
    (_TRIGGERED, Cause.STEP_TIMED_OUT): _TRIGGERED,
    (_TRIGGERED, Cause.REMINDED): _TRIGGERED,
    (_TRIGGERED, Cause.NOT_REACHED): _TRIGGERED,
    (_TRIGGERED, Cause.ESCALATED_BY_USER): _TRIGGERED,
    (_TRIGGERED, Cause.SILENCED_BY_USER): _TRIGGERED,
    (_TRIGGERED, Cause.ACKNOWLEDGED_BY_USER): _ACKNOWLEDGED,
    (_TRIGGERED, Cause.ACKNOWLEDGED_IN_PART): _TRIGGERED,
    (_TRIGGERED, Cause.SILENCE_ENDS_SOON): _TRIGGERED,
    (_TRIGGERED, Cause.FALSE_ALARM_BY_USER): _FALSE_ALARM,
    (_TRIGGERED, Cause.RESOLVED_BY_USER): _RESOLVED,
    (_TRIGGERED, Cause.ALERTS_RESOLVED): _RESOLVED,
    (_ACKNOWLEDGED, Cause.ALERT_JOINED): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.SEVERITY_RAISED): _TRIGGERED,
    (_ACKNOWLEDGED, Cause.REMINDED): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.ESCALATED_BY_USER): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.SILENCED_BY_USER): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.ACKNOWLEDGED_BY_USER): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.UNACKNOWLEDGED): _TRIGGERED,
    (_ACKNOWLEDGED, Cause.SILENCE_ENDS_SOON): _ACKNOWLEDGED,
    (_ACKNOWLEDGED, Cause.FALSE_ALARM_BY_USER): _FALSE_ALARM,
    (_ACKNOWLEDGED, Cause.RESOLVED_BY_USER): _RESOLVED,
    (_ACKNOWLEDGED, Cause.ALERTS_RESOLVED): _RESOLVED,
    (None, Cause.DECLARED_BY_USER): _TRIGGERED,
    (None, Cause.SPLIT_OFF): _TRIGGERED,
    (_ACKNOWLEDGED, Cause.GIVEN_BY_USER): _TRIGGERED,
    **{(state, cause): _RESOLVED for state in OPEN for cause in (Cause.MERGED_BY_USER, Cause.NEW_NORMAL_BY_USER)},
    **{(state, cause): state for state in OPEN for cause in _HANDLING},
    (_TRIGGERED, Cause.GIVEN_BY_USER): _TRIGGERED,
    (_RESOLVED, Cause.NOTED_BY_USER): _RESOLVED,
    (_FALSE_ALARM, Cause.NOTED_BY_USER): _FALSE_ALARM,
}
"""Every legal move. What is absent is refused: nothing leaves a final state, no step times out once acknowledged."""

_TAKES = (Cause.ACKNOWLEDGED_BY_USER, Cause.ACKNOWLEDGED_IN_PART)
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def advance(  # noqa: PLR0913 - a move has a cause, a time, an author, a reason and what it changed
    incident: Incident,
    cause: Cause,
    now: datetime,
    *,
    who: Person | None = None,
    reason: str = "",
    detail: Mapping[str, str] | None = None,
    severity: Severity | None = None,
) -> tuple[Incident, Transition]:
    """Return the incident after `cause`, and the row which records the change. The version rises by one.

    `reason` is what a person wrote, in their words; `detail` holds what the program knows, by name.
    Whoever acknowledges (`who`) becomes the owner, and stays it when the incident grows graver and is triggered again.
    A lower `severity` is passed over: it never falls. Leaving triggered ends the climb (`next_step_at`), a final state
    ends the mute. People are told of every move, so the next reminder is counted anew. What is noted after the end
    leaves `changed_at`, the instant of the end, as it is. Raises IllegalTransition when `NEXT` has no move.
    """
    after = NEXT.get((incident.state, cause))
    if after is None:
        raise IllegalTransition(f"{incident.id}: {cause.value} is not possible when {incident.state.value}")
    graver = severity is not None and severity.rank > incident.severity.rank
    moved = replace(
        incident,
        state=after,
        severity=severity if graver else incident.severity,
        changed_at=incident.changed_at if incident.state in FINAL else now,
        owner=who if cause in _TAKES else incident.owner,
        acknowledged_by=_acknowledged_by(incident, cause, after, who),
        acted_at=now if who is not None else incident.acted_at,
        nudged_at=None if who is not None or after is _TRIGGERED else incident.nudged_at,
        held_for=incident.held_for if after is _TRIGGERED else "",
        next_step_at=incident.next_step_at if after is _TRIGGERED else None,
        remind_at=None,
        silenced_until=None if after in FINAL else incident.silenced_until,
        version=incident.version + 1,
    )
    return moved, _record(moved, cause, now, before=incident.state, who=who, reason=reason, detail=detail)


def _acknowledged_by(incident: Incident, cause: Cause, after: IncidentState, who: Person | None) -> tuple[Person, ...]:
    """Who took charge since the incident was triggered last, each once."""
    if incident.state is _ACKNOWLEDGED and after is _TRIGGERED:
        return ()
    if cause not in _TAKES or who is None:
        return incident.acknowledged_by
    return (*(one for one in incident.acknowledged_by if not is_same(one, who)), who)


def is_same(one: Person, other: Person) -> bool:
    """Whether two are one person: the same id in the same place."""
    return (one.via, one.id) == (other.via, other.id)


def open_incident(
    alerts: Sequence[Alert],
    now: datetime,
    *,
    id: str,
    policy: str = "",
    playbook: str = "",
    relapse_of: str = "",
) -> tuple[Incident, Transition]:
    """Open an incident for firing alerts of one topic (at least one, the gravest first); nobody is told yet."""
    gravest = alerts[0]
    incident = Incident(
        id=id,
        topic=gravest.topic,
        state=NEXT[None, Cause.OPENED],
        severity=gravest.severity,
        opened_at=now,
        changed_at=now,
        alerts=tuple(alerts),
        policy=policy,
        playbook=playbook,
        relapse_of=relapse_of,
        version=1,
    )
    detail = {"rules": ",".join(dict.fromkeys(alert.rule for alert in alerts))}
    if gravest.raised_by:
        detail["raised_by"] = gravest.raised_by
    if relapse_of:
        detail["relapse_of"] = relapse_of
    return incident, _record(incident, Cause.OPENED, now, detail=detail)


def declare_incident(
    asked: Declaration, who: Person, now: datetime, *, id: str, story: str, relapse_of: str = ""
) -> tuple[Incident, Transition]:
    """Open an incident that a person declares, without alerts; nobody is told yet."""
    incident = Incident(
        id=id,
        topic=asked.topic,
        state=NEXT[None, Cause.DECLARED_BY_USER],
        severity=asked.severity,
        opened_at=now,
        changed_at=now,
        alerts=(),
        policy=asked.policy,
        playbook=asked.playbook,
        relapse_of=relapse_of,
        story=story,
        declared_by=who,
        drill=asked.drill,
        version=1,
    )
    detail = {"relapse_of": relapse_of, "drill": "yes" if asked.drill else ""}
    told = {name: value for name, value in detail.items() if value}
    return incident, _record(incident, Cause.DECLARED_BY_USER, now, who=who, reason=story, detail=told)


def split_off(
    alerts: Sequence[Alert], now: datetime, *, id: str, out_of: str, who: Person, reason: str = ""
) -> tuple[Incident, Transition]:
    """Open an incident for alerts of another one (the first of them is the one to show); nobody is told yet."""
    opened, _ = open_incident(alerts, now, id=id)
    gravest = max((one.severity for one in alerts), key=lambda one: one.rank)
    apart = replace(opened, severity=gravest, split_from=out_of, related=(out_of,))
    detail = {"split_from": out_of, "rules": ",".join(dict.fromkeys(one.rule for one in alerts))}
    return apart, _record(apart, Cause.SPLIT_OFF, now, who=who, reason=reason, detail=detail)


def incident_id(topic: str, now: datetime, taken: Collection[str]) -> str:
    """A short id that sorts by opening time: the day, the second of the day in base 36, two digits of the topic.

    Deterministic; `taken` ids get a counter, so that it is unique among the incidents of a day.
    """
    second = now.hour * 3600 + now.minute * 60 + now.second
    digits = "".join(_DIGITS[second // 36**power % 36] for power in (3, 2, 1, 0))
    mark = hashlib.blake2s(topic.encode(), digest_size=1).hexdigest()
    plain = f"inc-{now:%Y%m%d}-{digits}{mark}"
    count, id = 1, plain
    while id in taken:
        count += 1
        id = f"{plain}-{count}"
    return id


def is_firing(incident: Incident) -> bool:
    """Whether at least one alert of the incident holds."""
    return any(alert.state is AlertState.FIRING for alert in incident.alerts)


def goes_on(incident: Incident) -> bool:
    """Whether people are still to hear of an open incident: an alert holds, or people declared it."""
    return incident.declared_by is not None or is_firing(incident)


def calm_since(incident: Incident) -> datetime | None:
    """When the last alert of the incident resolved; None while one is firing."""
    if is_firing(incident):
        return None
    return max((alert.resolved_at or alert.at for alert in incident.alerts), default=incident.changed_at)


def learned_alert(incident: Incident) -> Alert | None:
    """The alert that ended last of those whose level became the new normal; None when all went away."""
    found = [alert for alert in incident.alerts if alert.new_normal is not None]
    return max(found, key=lambda alert: (alert.resolved_at or alert.at, alert.fingerprint), default=None)


def gravest_alert(incident: Incident) -> Alert | None:
    """The alert to show first: firing before resolved, then the gravest, then the oldest."""
    return min(incident.alerts, key=_weight, default=None)


def _weight(alert: Alert) -> tuple[bool, int, datetime]:
    return alert.state is not AlertState.FIRING, -alert.severity.rank, alert.since


def _record(  # noqa: PLR0913 - the columns of the row
    moved: Incident,
    cause: Cause,
    at: datetime,
    *,
    before: IncidentState | None = None,
    who: Person | None = None,
    reason: str = "",
    detail: Mapping[str, str] | None = None,
) -> Transition:
    return Transition(
        incident=moved.id,
        version=moved.version,
        before=before,
        after=moved.state,
        cause=cause,
        at=at,
        severity=moved.severity,
        who=who,
        reason=reason,
        detail=dict(detail or {}),
    )
