"""Who is told, in which order: the sections of the configuration that say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from buzzguard.config.base import Frozen, Open
from buzzguard.config.fallback import FallbackSettings
from buzzguard.config.hours import HoursSettings
from buzzguard.config.kinds import Duration, Identifier, OffOrDuration, TimeZone

_LEAST_REMINDER = timedelta(minutes=5)


class ReceiverSettings(Open):
    """A person, rota or room to tell. Other keys (`channel: C0123`) belong to its notifier."""

    notifier: Identifier
    """The notifier that tells this receiver."""
    language: Literal["en", "fr"] | None = None
    """The language of its messages; the general one when absent."""
    time_zone: TimeZone | None = None
    """The time zone of the times it is shown; the general one when absent."""
    fallback: FallbackSettings | None = None
    """Who is told when this receiver cannot be reached; nobody when absent."""


class StepSettings(Frozen):
    """A step of an escalation policy: whom to tell, how long after the step before it."""

    notify: tuple[Identifier, ...] = Field(min_length=1)
    """The receivers who are told."""
    after: Duration = timedelta(0)
    """How long after the step before it, unless somebody has taken charge by then."""
    acknowledgements: int = Field(default=1, ge=1, le=10)
    """How many people must take charge before nobody else is told, once this step went out."""


class PolicySettings(Frozen):
    """An escalation policy: its steps are climbed until somebody takes charge; `repeat` more rounds follow."""

    steps: tuple[StepSettings, ...] = Field(min_length=1)
    """The steps, climbed in this order."""
    repeat: int = Field(default=2, ge=0, le=20)
    """How many more times all steps are climbed while nobody takes charge."""
    repeat_after: Duration = timedelta(minutes=30)
    """The pause before the steps are climbed again."""
    remind_every: OffOrDuration = timedelta(hours=4)
    """How often those told are reminded while it goes on, once somebody has taken charge or no step is left; `off` for
    never."""

    take_back: OffOrDuration = timedelta(0)
    """When whoever took charge has done nothing more for so long while it goes on, they are reminded; after as long
    again it is taken back from them and the climb goes on; `off` for never."""
    hours: dict[Literal["yellow", "orange"], HoursSettings] = {}
    """The hours in which people are told, by severity; steps and reminders wait for them. Red never waits."""
    group_wait: OffOrDuration = Field(default=timedelta(0), le=timedelta(hours=1))
    """How long a new incident waits for what belongs to it before the first step; red does not wait."""
    group_interval: OffOrDuration = Field(default=timedelta(0), le=timedelta(days=1))
    """The least time between two messages that alerts have joined; what joins meanwhile is told together."""
    inhibit: bool = True
    """Whether an alert that joins a graver one that still fires calls nobody: the cards show it."""
    most_a_day: int | None = Field(default=None, ge=1, le=1000)
    """Of how many alerts of one rule people are told within 24 hours; red is never capped."""
    flap_after: int | None = Field(default=None, ge=2, le=100)
    """Once an alert has fired so often within `flap_within`, that it fires again is no news."""
    flap_within: Duration = timedelta(hours=1)
    """The time in which firings are counted for `flap_after`."""

    @model_validator(mode="after")
    def _reminds_with_measure(self) -> PolicySettings:
        if timedelta(0) < self.remind_every < _LEAST_REMINDER:
            raise ValueError("`remind_every` is at least 5m, or `off`")
        if timedelta(0) < self.take_back < _LEAST_REMINDER:
            raise ValueError("`take_back` is at least 5m, or `off`")
        return self
