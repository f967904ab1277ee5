"""Those whose approval is due are asked for it again while they do not answer: a statement that waits is silence.

They have a quarter of an hour; then they are asked in the rhythm in which the policy reminds people, in the hours in
which these are told of this severity, and not while the topic is muted. All of it follows from the incident and `now`,
so a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, Draft, Incident, Severity
from buzzguard.respond.owning import join, pinged, told_of
from buzzguard.respond.turn import Desk, Turn

ANSWER_WITHIN = timedelta(minutes=15)
"""How long people have for an approval before they are asked for it again."""


def waits_from(draft: Draft, now: datetime) -> Draft:
    """The draft, its next approval asked for at `now`."""
    return replace(draft, remind_at=now + ANSWER_WITHIN if draft.awaits else None)


def ask_again(turn: Turn, incident: Incident) -> Incident:
    """Ask for the approvals that are late, unless that waits."""
    for draft in incident.drafts:
        due = _due(turn.desk, incident, draft)
        if due is not None and due <= turn.now:
            incident = _ask(turn, incident, draft)
    return incident


def approval_due(desk: Desk, incident: Incident) -> datetime | None:
    """When an approval is asked for again next; None when none is."""
    if incident.silenced_until is not None:
        return None
    dues = (_due(desk, incident, draft) for draft in incident.drafts)
    return min((due for due in dues if due is not None), default=None)


def drafts_set_back(drafts: Iterable[Draft], back: timedelta) -> tuple[Draft, ...]:
    """The drafts under a clock that was set back: what is due keeps its distance."""
    return tuple(one if one.remind_at is None else replace(one, remind_at=one.remind_at - back) for one in drafts)


def look_alike(some: Iterable[Draft], others: Iterable[Draft]) -> bool:
    """Whether drafts show the same: when people are asked again stands nowhere."""
    return [replace(one, remind_at=None) for one in some] == [replace(one, remind_at=None) for one in others]


def _due(desk: Desk, incident: Incident, draft: Draft) -> datetime | None:
    if draft.remind_at is None or not draft.awaits:
        return None
    if incident.severity is Severity.RED:
        return draft.remind_at
    return desk.attention.opens(desk.policies.of(incident), incident.severity, draft.remind_at)


def _ask(turn: Turn, incident: Incident, draft: Draft) -> Incident:
    """Tell them, once where the policy reminds nobody."""
    every = turn.desk.policies.of(incident).remind_every
    after = replace(draft, remind_at=turn.now + max(every, ANSWER_WITHIN) if every else None)
    told = told_of(turn, draft.awaits)
    asked = draft.approvals[-1].at if draft.approvals else draft.at
    detail = {
        "draft": draft.id,
        "title": draft.title,
        "language": draft.language,
        "awaits": draft.awaits,
        "since": asked.isoformat(),
        "receivers": ",".join(told),
        "ping": pinged(turn.desk, (draft.awaits,), incident.owner),
    }
    asked_anew = replace(
        incident,
        drafts=tuple(after if one.id == draft.id else one for one in incident.drafts),
        receivers=join(incident, told),
    )
    return turn.move(asked_anew, Cause.APPROVAL_LATE, detail={name: value for name, value in detail.items() if value})
