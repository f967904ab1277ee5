"""How often rules were right: what people said of their alerts, counted, with an honest interval.

People say it in two ways: they call an incident a false alarm, or they vote that its alert was useful or noise. Each
person has one vote an incident, the last one; the majority decides, and where they are split nothing is known. A false
alarm is noise whatever the votes: it ended the incident, under a name. Who took charge has shown interest and said
nothing: that counts as half a useful alert (`WORKED`), for people also take charge of what turns out to be nothing, and
without it a rule whose noise alone is ever judged would look worse than it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import sqrt

from msgspec.structs import replace

from buzzguard.model import Alert, Cause, Command, Incident, IncidentState, Record, Transition, Usefulness

WORKED_COUNTS = 0.5
_WILSON = 1.96
_NONE: Mapping[str, Mapping[tuple[str, str], bool]] = {}
Votes = Mapping[tuple[str, str], bool]
"""Who said of one incident whether its alerts were useful, by the person's place and id."""


class Worth(StrEnum):
    """What people made of an alert. `noise`: its incident was called a false alarm, or most votes said so. `useful`:
    most votes said so. `worked`: nobody said, and somebody took charge of it or resolved it. `unjudged`: nobody did
    either, or the votes are split."""

    USEFUL = "useful"
    WORKED = "worked"
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

    `share` is the part (0…1) of the judged ones that was useful, those that were `worked` on counting
    `WORKED_COUNTS` each, with its 95 % interval (Wilson 1927); all three are None while nobody has said anything: who
    takes charge alone proves no rule right.
    """

    rule: str
    useful: int
    noise: int
    unjudged: int
    worked: int = 0
    share: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def alerts(self) -> int:
        """All of them."""
        return self.judged + self.unjudged

    @property
    def judged(self) -> int:
        """Those of which somebody said or showed what they were."""
        return self.useful + self.worked + self.noise


def votes_of(commands: Sequence[Command]) -> dict[str, dict[tuple[str, str], bool]]:
    """The votes by incident: of each person the last."""
    votes: dict[str, dict[tuple[str, str], bool]] = {}
    for one in sorted(commands, key=lambda one: (one.at, one.id)):
        if isinstance(one.asked, Usefulness):
            votes.setdefault(one.incident, {})[one.who.via, one.who.id] = one.asked.useful
    return votes


def worth_of(incident: Incident, moves: Sequence[Transition], votes: Votes | None = None) -> Worth:
    """What people made of an incident, by its state, all that they did, and their votes."""
    causes = {one.cause for one in moves}
    if incident.state is IncidentState.FALSE_ALARM or Cause.FALSE_ALARM_BY_USER in causes:
        return Worth.NOISE
    if votes:
        useful = sum(votes.values())
        return _majority(useful, len(votes) - useful)
    taken = {Cause.ACKNOWLEDGED_BY_USER, Cause.ACKNOWLEDGED_IN_PART, Cause.RESOLVED_BY_USER} & causes
    return Worth.WORKED if taken else Worth.UNJUDGED


def _majority(useful: int, noise: int) -> Worth:
    if useful == noise:
        return Worth.UNJUDGED
    return Worth.USEFUL if useful > noise else Worth.NOISE


def weighed(
    incidents: Sequence[Incident],
    moves: Mapping[str, Sequence[Transition]],
    votes: Mapping[str, Votes] = _NONE,
) -> tuple[Weighed, ...]:
    """Every alert of the incidents with what it was worth: all alerts of an incident share its judgement.

    An incident that is open and that nobody has taken is not judged yet. Exercises are left out.
    """
    found = []
    for incident in (one for one in incidents if not one.drill):
        worth = worth_of(incident, moves.get(incident.id, ()), votes.get(incident.id))
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
    useful, noise, worked = (worths.count(one) for one in (Worth.USEFUL, Worth.NOISE, Worth.WORKED))
    told = Precision(rule=rule, useful=useful, noise=noise, unjudged=worths.count(Worth.UNJUDGED), worked=worked)
    if not useful and not noise:
        return told
    good = useful + WORKED_COUNTS * worked
    low, high = wilson(good, good + noise)
    return replace(told, share=good / (good + noise), low=low, high=high)


def wilson(successes: float, trials: float) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927, without correction for continuity."""
    share, square = successes / trials, _WILSON**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = _WILSON / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials**2))
    return max(0.0, middle - half), min(1.0, middle + half)
