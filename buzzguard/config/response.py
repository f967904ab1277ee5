"""Who is told, in which order: the sections of the configuration that say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from buzzguard.config.base import Frozen, Open
from buzzguard.config.fallback import FallbackSettings
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

    @model_validator(mode="after")
    def _reminds_with_measure(self) -> PolicySettings:
        if timedelta(0) < self.remind_every < _LEAST_REMINDER:
            raise ValueError("`remind_every` is at least 5m, or `off`")
        return self
