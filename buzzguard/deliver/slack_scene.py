"""What a modal is made of (`Scene`), what comes back of it (`Filled`), and what it asks for then (`Wish`)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from buzzguard.deliver.slack_views import Meta, Values
from buzzguard.deliver.slack_words import words
from buzzguard.model import (
    Alert,
    Asked,
    CommandKind,
    Directory,
    Incident,
    IncidentState,
    Record,
    Severity,
    Statement,
)

Errors: TypeAlias = dict[str, str]
"""What is wrong, by the name of the field."""
_MARKS = {Severity.YELLOW: "🟡", Severity.ORANGE: "🟠", Severity.RED: "🔴"}


class Scene(Record, frozen=True, kw_only=True):
    """What a modal is opened for; `others` and `statements` where it asks for them."""

    meta: Meta
    incident: Incident
    directory: Directory
    now: datetime
    others: tuple[Incident, ...] = ()
    statements: tuple[Statement, ...] = ()

    @property
    def topic(self) -> str:
        """The topic as people call it."""
        return self.directory.topics.get(self.incident.topic, self.incident.topic)


class Filled:
    """A modal that was submitted."""

    def __init__(self, meta: Meta, values: Values, *, directory: Directory, now: datetime) -> None:
        self.meta = meta
        self.values = values
        self.directory = directory
        self.now = now

    def error(self, name: str) -> str:
        """What stands at a field that was filled wrongly."""
        return words(self.meta.language).error[name]


class Wish(Record, frozen=True, kw_only=True):
    """What a person wants the core to do; `notice` is what they are told, and nobody else, once it is done."""

    kind: CommandKind
    asked: Asked | None = None
    reason: str = ""
    duration: timedelta | None = None
    happened_at: datetime | None = None
    notice: str = ""


class RoomWish(Record, frozen=True, kw_only=True):
    """A crisis room as it is asked for."""

    name: str
    private: bool
    departments: tuple[str, ...]


def severity_mark(of: Incident | Alert) -> str:
    """The coloured dot of a severity."""
    return _MARKS[of.severity]


def is_final(incident: Incident) -> bool:
    """Whether nothing more is to be done."""
    return incident.state in (IncidentState.RESOLVED, IncidentState.FALSE_ALARM)
