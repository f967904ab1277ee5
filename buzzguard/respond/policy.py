"""Climbing an escalation policy: which step is due when, and whom it tells.

A step goes out once. Its successor's delay counts from the instant it really went out, so that neither a long
downtime nor a clock that jumps makes two steps go at once; only a step without delay goes out with the one before.
After the last step the policy is climbed again after `repeat_after`, `repeat` times; then no further step is due, and
while an alert fires those told are reminded each `remind_every`, for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.config.settings import PolicySettings, StepSettings
from buzzguard.model import MINUTE, WATCHER_TOPIC, Alert, Incident, IncidentState, Severity
from buzzguard.respond.rotas import Rotas

_NO_ROTAS = Rotas()
_BY_SEVERITY = {Severity.YELLOW: "watch", Severity.ORANGE: "crisis", Severity.RED: "crisis"}
_NOBODY = PolicySettings.model_construct(steps=(), repeat=0, repeat_after=timedelta(0), remind_every=timedelta(0))


class Policies:
    """The escalation policies by name; without any, one unnamed policy tells every receiver at once, once."""

    def __init__(
        self, policies: Mapping[str, PolicySettings], receivers: Collection[str], rotas: Rotas = _NO_ROTAS
    ) -> None:
        self._policies = dict(policies)
        self.rotas = rotas
        if not policies and receivers:
            self._policies[""] = PolicySettings(steps=(StepSettings(notify=tuple(receivers)),), repeat=0)

    def choose(self, alert: Alert, routed: str = "") -> str:
        """The name of the policy for an incident whose gravest alert is `alert`.

        BuzzGuard's own troubles go to `operations`; then where the routes lead (`routed`), the rule's choice,
        `default`, the policy named for the severity (`watch`, `crisis`) and the first one defined: each if it exists.
        """
        return self.pick(alert.topic, alert.severity, alert.policy, routed)

    def pick(self, topic: str, severity: Severity, own: str, routed: str = "") -> str:
        """As `choose`, of an alert whose rule names the policy `own`."""
        watcher = "operations" if topic == WATCHER_TOPIC else ""
        wanted = (watcher, routed, own, "default", _BY_SEVERITY[severity])
        return next((name for name in wanted if name and name in self._policies), next(iter(self._policies), ""))

    def knows(self, name: str) -> bool:
        """Whether a policy of that name can be climbed."""
        return name in self._policies

    def of(self, incident: Incident) -> PolicySettings:
        """The policy of the incident; one without steps when it has none."""
        return self._policies.get(incident.policy, _NOBODY)


def restart(incident: Incident, name: str, policy: PolicySettings, now: datetime) -> Incident:
    """Stand before the first step of `policy`, which is due after its own delay."""
    due = now + policy.steps[0].after if policy.steps else None
    return replace(incident, policy=name, step=-1, round=0, next_step_at=due, held_for="", acknowledged_by=())


def climb(
    incident: Incident, policy: PolicySettings, now: datetime, rotas: Rotas = _NO_ROTAS
) -> tuple[Incident, tuple[str, ...]]:
    """Climb one step, and those right after it that have no delay; returns the receivers of these steps, of rotas
    those who are on call at `now`.

    After the last step it begins again with the first, also when all rounds were climbed: whether a step is due
    is the caller's question. The timer is only set while nobody has taken charge.
    """
    told: dict[str, None] = {}
    for _ in policy.steps:
        incident = _step(incident, policy, now)
        told |= dict.fromkeys((*policy.steps[incident.step].notify, *(incident.also if not incident.step else ())))
        if incident.next_step_at is None or incident.next_step_at > now:
            break
    people = tuple(name for name in rotas.people(told, now) if name not in incident.spared)
    everyone = tuple(dict.fromkeys((*incident.receivers, *people)))
    waiting = incident.next_step_at if incident.state is IncidentState.TRIGGERED else None
    return replace(incident, receivers=everyone, next_step_at=waiting), people


def exhausted(incident: Incident, policy: PolicySettings) -> bool:
    """Whether all steps of all rounds went out: there is nobody left to tell."""
    return incident.step >= len(policy.steps) - 1 and (incident.round > policy.repeat or not policy.steps)


def acknowledgements(incident: Incident, policy: PolicySettings) -> int:
    """How many people must take charge: as many as the step reached that asks for most."""
    reached = policy.steps if incident.round else policy.steps[: incident.step + 1]
    return max((step.acknowledgements for step in reached), default=1)


def next_delay(incident: Incident, policy: PolicySettings) -> timedelta:
    """How long after the step reached last the next one is due. Meaningless when exhausted."""
    if 0 <= len(policy.steps) - 1 <= incident.step:
        # A round never follows another at once, whatever the file says.
        return max(policy.repeat_after, MINUTE)
    return policy.steps[incident.step + 1].after


def on_duty(incident: Incident, policy: PolicySettings, now: datetime, rotas: Rotas) -> dict[str, str]:
    """Who is on call at `now` in the rotas of the steps reached so far, by rota: those to be told of what goes on."""
    reached = policy.steps if incident.round else policy.steps[: incident.step + 1]
    names = [name for step in reached for name in step.notify] + (list(incident.also) if reached else [])
    return {name: ",".join(duty.who) for name, duty in rotas.behind(names, now).items()}


def next_receivers(incident: Incident, policy: PolicySettings, rotas: Rotas = _NO_ROTAS) -> tuple[str, ...]:
    """Who is told at `next_step_at` unless somebody takes charge."""
    if incident.next_step_at is None or not policy.steps:
        return ()
    _, told = climb(incident, policy, incident.next_step_at, rotas)
    return told


def _step(incident: Incident, policy: PolicySettings, now: datetime) -> Incident:
    last = len(policy.steps) - 1
    step = incident.step + 1 if incident.step < last else 0
    moved = replace(incident, step=step, round=incident.round + (step == last))
    due = None if exhausted(moved, policy) else now + next_delay(moved, policy)
    return replace(moved, next_step_at=due)
