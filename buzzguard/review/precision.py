"""How often rules were right: what people said of their alerts, counted, with an honest interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import sqrt

from msgspec.structs import replace

from buzzguard.model import Alert, Cause, Incident, IncidentState, Record, Transition

_WILSON = 1.96


class Worth(StrEnum):
    """What people made of an alert. `noise`: its incident was called a false alarm. `useful`: somebody took charge of
    it or resolved it, and nobody called it a false alarm. `unjudged`: nobody ever said."""

    USEFUL = "useful"
    NOISE = "noise"
    UNJUDGED = "unjudged"


class Weighed(Record, frozen=True, kw_only=True):
    """One alert of a rule and what it was worth. `until` is when it was over; None while it goes on."""

    rule: str
    topic: str
    incident: str
    fired_at: datetime
    until: datetime | None
    worth: Worth


class Precision(Record, frozen=True, kw_only=True):
    """The alerts of one rule by their worth.

    `share` is the part (0…1) of the judged ones that was useful, with its 95 % interval (Wilson 1927); all three are
    None when none was judged.
    """

    rule: str
    useful: int
    noise: int
    unjudged: int
    share: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def alerts(self) -> int:
        """All of them."""
        return self.useful + self.noise + self.unjudged

    @property
    def judged(self) -> int:
        """Those of which somebody said what they were."""
        return self.useful + self.noise


def worth_of(incident: Incident, moves: Sequence[Transition]) -> Worth:
    """What people made of an incident, by its state and all that they did."""
    causes = {one.cause for one in moves}
    if incident.state is IncidentState.FALSE_ALARM or Cause.FALSE_ALARM_BY_USER in causes:
        return Worth.NOISE
    taken = {Cause.ACKNOWLEDGED_BY_USER, Cause.ACKNOWLEDGED_IN_PART, Cause.RESOLVED_BY_USER} & causes
    return Worth.USEFUL if taken else Worth.UNJUDGED


def weighed(incidents: Sequence[Incident], moves: Mapping[str, Sequence[Transition]]) -> tuple[Weighed, ...]:
    """Every alert of the incidents with what it was worth: all alerts of an incident share its judgement.

    An incident that is open and that nobody has taken is not judged yet. Exercises are left out.
    """
    found = []
    for incident in (one for one in incidents if not one.drill):
        worth = worth_of(incident, moves.get(incident.id, ()))
        found += [_weighed(alert, incident, worth) for alert in incident.alerts if alert.fired_at is not None]
    return tuple(sorted(found, key=lambda one: (one.fired_at, one.rule, one.topic)))


def precisions(alerts: Sequence[Weighed]) -> tuple[Precision, ...]:
    """The precision of each rule that alerted, the noisiest first."""
    rules = {one.rule for one in alerts}
    told = [_precision(rule, [one.worth for one in alerts if one.rule == rule]) for rule in rules]
    return tuple(sorted(told, key=lambda one: (-one.noise, -one.alerts, one.rule)))


def _weighed(alert: Alert, incident: Incident, worth: Worth) -> Weighed:
    return Weighed(
        rule=alert.rule,
        topic=alert.topic,
        incident=incident.id,
        fired_at=alert.fired_at or alert.since,
        until=alert.resolved_at,
        worth=worth,
    )


def _precision(rule: str, worths: Sequence[Worth]) -> Precision:
    useful, noise = worths.count(Worth.USEFUL), worths.count(Worth.NOISE)
    told = Precision(rule=rule, useful=useful, noise=noise, unjudged=worths.count(Worth.UNJUDGED))
    if not told.judged:
        return told
    low, high = wilson(useful, told.judged)
    return replace(told, share=useful / told.judged, low=low, high=high)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927, without correction for continuity."""
    share, square = successes / trials, _WILSON**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _WILSON / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)
