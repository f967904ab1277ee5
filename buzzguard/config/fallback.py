"""Who is told in the place of a receiver that cannot be reached."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.kinds import Duration, Identifier

LEAST_AFTER, MOST_AFTER = timedelta(seconds=10), timedelta(hours=12)
"""A service must have had its chance; after a day the message is given up."""


class FallbackSettings(Frozen):
    """Who is told in a receiver's place when what people must hear does not reach it."""

    to: tuple[Identifier, ...] = Field(min_length=1)
    """The receivers and rotas told instead."""
    after: Duration = timedelta(minutes=2)
    """How long it has not been reached before they are; where its service refuses for good, they are told at once."""
    severity: Literal["yellow", "orange", "red"] = "red"
    """The least severity of incidents for which they are told."""

    @model_validator(mode="after")
    def _waits_with_measure(self) -> FallbackSettings:
        if not LEAST_AFTER <= self.after <= MOST_AFTER:
            raise ValueError("`after` is from 10s to 12h, write for example 2m")
        return self
