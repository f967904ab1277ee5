"""From decide: one rule being met for one topic."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.base import Localised, Record
from buzzguard.model.sample import Assessment, StreamHealth


class Severity(StrEnum):
    """How grave: look in working hours, somebody takes it now, convene the crisis team."""

    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """0, 1, 2: for comparing."""
        return _RANKS[self]


_RANKS = {Severity.YELLOW: 0, Severity.ORANGE: 1, Severity.RED: 2}


class AlertState(StrEnum):
    """After Prometheus."""

    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Evidence(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Why a rule holds: the window in which it does, and the assessments its condition reads."""

    window: timedelta | None
    assessments: tuple[Assessment, ...] = ()
    condition: str = ""
    health: StreamHealth | None = None


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One rule being met for one topic. `fingerprint` is the hash of rule, topic and labels.

    `since` is when the condition began to hold, `at` the instant of this record. `raised_by` is the condition that
    raised the severity above the rule's own, empty when none did.
    """

    fingerprint: str
    rule: str
    topic: str
    labels: dict[str, str]
    state: AlertState
    severity: Severity
    since: datetime
    at: datetime
    title: Localised
    evidence: Evidence
    playbook: str = ""
    policy: str = ""
    raised_by: str = ""
    last_true: datetime | None = None
    fired_at: datetime | None = None
    resolved_at: datetime | None = None
