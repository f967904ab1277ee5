"""Rotas: who is on call when. A rota may stand wherever a receiver may."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, NamedTuple

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from buzzguard.config.base import Frozen
from buzzguard.config.hours import HoursSettings
from buzzguard.config.kinds import Country, Day, Duration, Identifier, Moment, TimeZone, time_of_day, weekday

_DAY = timedelta(days=1)


class Handover(NamedTuple):
    """When one hands over to the next: the weekday (0 is Monday; None: any) and the minutes after midnight."""

    weekday: int | None
    minutes: int


def _handover(written: object) -> Handover:
    text = str(written).strip() if not isinstance(written, bool) else ""
    day, _, clock = text.rpartition(" ")
    try:
        return Handover(weekday(day) if day else None, time_of_day(int(clock) if clock.isdecimal() else clock))
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is no handover: {error}; write for example mon 09:00") from error


class LayerSettings(Frozen):
    """People who take turns. One with hours is on call in these alone: one for each country follows the sun."""

    members: tuple[Identifier, ...] = Field(min_length=1, max_length=200)
    """The receivers who take turns, in this order."""
    turn: Duration = timedelta(days=7)
    """How long a turn lasts, in whole days."""
    handover: Annotated[
        Handover,
        PlainValidator(_handover),
        WithJsonSchema({"type": "string", "examples": ["mon 09:00", "18:00"]}),
    ] = Handover(0, 9 * 60)
    """When one hands over to the next: `mon 09:00`; for turns that are no whole weeks the time alone."""
    begins: Day = Field(default=date(2024, 1, 1), alias="from")
    """The day from which turns are counted: the first handover on or after it is to the first member."""
    hours: HoursSettings | None = None
    """The hours in which this layer is on call; always when absent."""

    @model_validator(mode="after")
    def _turns_are_days(self) -> LayerSettings:
        if self.turn < _DAY or self.turn % _DAY or self.turn > 366 * _DAY:
            raise ValueError("`turn` is in whole days, from 1d to 366d")
        if self.turn % (7 * _DAY) and self.handover.weekday is not None and "handover" in self.model_fields_set:
            raise ValueError("a `handover` on a weekday is for turns of whole weeks, write its time alone: 09:00")
        return self


class OverrideSettings(Frozen):
    """Somebody stands in for whoever is on call."""

    who: Identifier
    """The receiver who is on call instead."""
    begins: Moment = Field(alias="from")
    """From this day or local time."""
    ends: Moment = Field(alias="to")
    """To this day, which still belongs to it, or local time."""
    instead_of: Identifier | None = None
    """Only while it would be this one's turn; whoever's turn it is when absent."""


class RotaSettings(Frozen):
    """Who is on call when. The first layer that is on at an instant says it, unless an override does."""

    layers: tuple[LayerSettings, ...] = Field(min_length=1, max_length=20)
    """Who takes turns; the first whose hours it is."""
    overrides: tuple[OverrideSettings, ...] = Field(default=(), max_length=2000)
    """Who stands in, from when to when; of several the one that is written last."""
    calendar: str = ""
    """An iCalendar file (.ics), relative to the folder of this file: its events are overrides, beneath those above."""
    people: dict[str, Identifier] = Field(default={}, max_length=500)
    """Who is meant in the calendar: a name or mail address there, and the receiver."""
    time_zone: TimeZone | None = None
    """The time zone of handovers, hours and overrides; the general one when absent."""
    country: Country | None = None
    """The country whose public holidays are `holiday` in the hours of layers; the general one when absent."""
