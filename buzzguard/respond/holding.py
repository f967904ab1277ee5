"""What holds people's attention back: hours by severity, a cap on chatty rules, grouping, flapping, inhibition.

Red never waits. What is held back is not lost: a step that is held goes out when its reason is gone, and the cards of
those who were told are edited meanwhile. Each decision has a name:

- `quiet_hours`: people are told of this severity in other hours only.
- `capped`: its rules have told of their number of alerts within a day.
- `grouping`: it waits a little for what belongs together.
- `inhibited`: a graver alert of the same incident fires; a lesser one that joins it calls nobody.
- `flapping`: it comes and goes; each coming is no news.
- `grouped`: news came lately; this is told with what follows within the interval.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from buzzguard.config.hours import Hours
from buzzguard.config.settings import PolicySettings
from buzzguard.model import Alert, AlertState, Firing, Incident, Record, Severity

DAY = timedelta(days=1)
MOST_FIRINGS = 200


class Hold(Record, frozen=True, kw_only=True):
    """Why something waits, and until when at least."""

    reason: str
    until: datetime


class Attention(Record, frozen=True, kw_only=True):
    """The general time zone and country, in which hours are read that name none."""

    time_zone: str = "UTC"
    country: str = ""

    def opens(self, policy: PolicySettings, severity: Severity, at: datetime) -> datetime:
        """The first instant, not before `at`, at which people are told of this severity."""
        settings = next((hours for name, hours in policy.hours.items() if name == severity.value), None)
        if settings is None:
            return at
        # Hours that never come hold nothing back: better at the wrong hour than never.
        return Hours(settings, time_zone=self.time_zone, country=self.country).next_opening(at) or at

    def hold(self, incident: Incident, policy: PolicySettings, now: datetime, day: Iterable[Firing]) -> Hold | None:
        """Why the next step of an incident waits; None when it goes out. `day` are the firings of a day, of all
        incidents."""
        if incident.severity is Severity.RED:
            return None
        opens = self.opens(policy, incident.severity, now)
        if opens > now:
            return Hold(reason="quiet_hours", until=opens)
        free = cap_ends(incident, policy, now, day)
        if free is not None:
            return Hold(reason="capped", until=free)
        whole = incident.opened_at + policy.group_wait
        if incident.step < 0 and not _by_hand(incident) and incident.opened_at <= now < whole:
            return Hold(reason="grouping", until=whole)
        return None


def _by_hand(incident: Incident) -> bool:
    """Whether a person opened it: there is nothing to wait for that belongs together."""
    return incident.declared_by is not None or bool(incident.split_from)


def cap_ends(incident: Incident, policy: PolicySettings, now: datetime, day: Iterable[Firing]) -> datetime | None:
    """When people are told again of an incident that has no other alerts than those beyond the cap of their rules."""
    firing = [alert for alert in incident.alerts if alert.state is AlertState.FIRING]
    if not policy.most_a_day or not firing or incident.step >= 0:
        return None
    known = sorted(day, key=lambda one: (one.at, one.alert))
    ends = [_over(alert, known, policy.most_a_day, now) for alert in firing]
    return None if None in ends else min(end for end in ends if end is not None)


def _over(alert: Alert, day: list[Firing], most: int, now: datetime) -> datetime | None:
    """When a rule is below its cap again, if this firing of it is beyond it."""
    began = alert.fired_at or alert.since
    before = [one.at for one in day if one.rule == alert.rule and now - DAY < one.at < began]
    return before[-most] + DAY if len(before) >= most else None


def hush(incident: Incident, alert: Alert, policy: PolicySettings, now: datetime) -> str:
    """Why an alert that joins an incident, or fires in it again, is no news; empty when it is. The incident does not
    hold this firing yet."""
    if alert.severity is Severity.RED:
        return ""
    if policy.inhibit and any(_inhibits(one, alert) for one in incident.alerts):
        return "inhibited"
    own = [one for one in incident.firings if one.alert == alert.fingerprint and now - policy.flap_within < one.at]
    if policy.flap_after and len(own) >= policy.flap_after:
        return "flapping"
    if policy.most_a_day and sum(one.rule == alert.rule and now - DAY < one.at for one in incident.firings) >= (
        policy.most_a_day
    ):
        return "capped"
    if policy.group_interval and incident.told_at is not None and now < incident.told_at + policy.group_interval:
        return "grouped"
    return ""


def fired(incident: Incident, alerts: Iterable[Alert], now: datetime) -> tuple[Firing, ...]:
    """The firings of the last day in an incident, with these alerts that fire now."""
    new = [Firing(rule=one.rule, alert=one.fingerprint, at=one.fired_at or one.since) for one in alerts]
    kept = [one for one in incident.firings if now - one.at < DAY and one not in new]
    return (*kept, *new)[-MOST_FIRINGS:]


def _inhibits(one: Alert, alert: Alert) -> bool:
    graver = one.severity.rank > alert.severity.rank
    return graver and one.state is AlertState.FIRING and one.fingerprint != alert.fingerprint
