"""An incident with all that was recorded of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from buzzguard.model import (
    Alert,
    Command,
    DeliveryState,
    Incident,
    NotificationKind,
    Record,
    Silence,
    Transition,
)


class Attempt(Record, frozen=True, kw_only=True):
    """One attempt to tell a receiver of an incident, and how it ended."""

    incident: str
    receiver: str
    kind: NotificationKind
    at: datetime
    state: DeliveryState
    reason: str = ""

    @property
    def message_is_new(self) -> bool:
        """Whether people see a message that was not there before: an edit in place notifies nobody."""
        return self.kind not in (NotificationKind.UPDATE, NotificationKind.RUN)


class Waiting(Record, frozen=True, kw_only=True):
    """A notification that nobody has got yet, and when it is tried next."""

    receiver: str
    kind: NotificationKind
    due_at: datetime
    attempts: int


class Recalled(Record, frozen=True, kw_only=True):
    """An incident with all that was recorded of it, everything in order of time.

    `alerts` are its alerts as they stand now, which for an ended incident may be later than what it holds itself.
    """

    incident: Incident
    transitions: tuple[Transition, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    commands: tuple[Command, ...] = ()
    silences: tuple[Silence, ...] = ()
    alerts: tuple[Alert, ...] = ()


def attempt_of(row: Any) -> Attempt | None:
    """A delivery's row as an attempt; None for a key of a form that this program does not write."""
    parts = row.key.split("/")
    if len(parts) < 4 or parts[-1] not in list(NotificationKind):
        return None
    try:
        return Attempt(
            incident=parts[0],
            receiver="/".join(parts[2:-1]),
            kind=NotificationKind(parts[-1]),
            at=row.at,
            state=DeliveryState(row.state),
            reason=row.reason,
        )
    except (ValueError, msgspec.ValidationError):
        return None
