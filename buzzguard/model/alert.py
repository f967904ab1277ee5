"""From decide: one rule being met for one topic."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.base import Localised, Record
from buzzguard.model.sample import Assessment, Signal, StreamHealth


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


class NewNormal(Record, frozen=True, kw_only=True, omit_defaults=True):
    """Why an alert ended although what it told of goes on: the baseline follows the level since `since`.

    `observed` is what stood in the window when the alert ended, `former` what was usual there before the level came,
    None when the detector cannot tell.
    """

    signal: Signal
    window: timedelta
    observed: float
    since: datetime
    former: float | None = None


class Alert(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One rule being met for one topic. `fingerprint` is the hash of rule, topic and labels.

    `since` is when the condition began to hold, `at` the instant of this record. `raised_by` is the condition that
    raised the severity above the rule's own, empty when none did. `held` are the windows on which the condition held
    since the alert began, `gone_since` is the first evaluation that saw it gone; `new_normal` is set on an alert
    that resolved because its level was learned.
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
    held: tuple[timedelta, ...] = ()
    gone_since: datetime | None = None
    new_normal: NewNormal | None = None
