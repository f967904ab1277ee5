"""Who is on call: rotas become receivers at the instant of telling.

Of what says who it is, the first: the overrides of the configuration (the one written last), those of the rota's
calendar, the layers in their order. Where nobody is on call everybody of the rota is told: a gap in a plan must not
become a gap in the watch. Turns change at local times and so keep them when clocks do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from buzzguard.config.hours import Hours, instant
from buzzguard.config.moments import begin_of, end_of
from buzzguard.config.rotas import LayerSettings, OverrideSettings, RotaSettings
from buzzguard.model import Record

_DAY = timedelta(days=1)
By = Literal["override", "calendar", "layer", "nobody"]


class Duty(Record, frozen=True, kw_only=True):
    """Who is on call at an instant, and what says so: `layer` counts from 1. `who` has several names only where
    `by` is `nobody`: everybody is told."""

    who: tuple[str, ...]
    by: By
    layer: int = 0


class Shift(Record, frozen=True, kw_only=True):
    """A span in which one duty holds; `begins` and `ends` are cut to the span that was asked for."""

    begins: datetime
    ends: datetime
    duty: Duty


class Stand(Record, frozen=True, kw_only=True):
    """Somebody stands in from `begins` to `ends` (left out); `instead_of` is empty for whoever's turn it is."""

    who: str
    begins: datetime
    ends: datetime
    instead_of: str = ""


class Stands(Protocol):
    """What an iCalendar file says."""

    def stands(self, start: datetime, end: datetime) -> Iterable[Stand]:
        """The spans that touch `start` to `end`, those that win first."""
        ...


class Rota:
    """One rota. `calendar` are the overrides out of its iCalendar file."""

    def __init__(self, settings: RotaSettings, *, time_zone: str, country: str, calendar: Stands | None = None) -> None:
        self.zone = ZoneInfo(settings.time_zone or time_zone)
        home = country if settings.country is None else settings.country
        self._layers = [_Layer(layer, self.zone, home) for layer in settings.layers]
        self._overrides = [_stand(one, self.zone) for one in reversed(settings.overrides)]
        self._calendar = calendar
        members = [name for layer in settings.layers for name in layer.members]
        self.everybody = tuple(dict.fromkeys(members))

    def duty(self, at: datetime) -> Duty:
        """Who is on call at an instant."""
        usual = self._usual(at)
        for one in self._overrides:
            if one.begins <= at < one.ends and (not one.instead_of or one.instead_of in usual.who):
                return Duty(who=(one.who,), by="override")
        for one in self._imported(at, at):
            if one.begins <= at < one.ends:
                return Duty(who=(one.who,), by="calendar")
        return usual

    def shifts(self, start: datetime, end: datetime) -> list[Shift]:
        """Who is on call from `start` to `end`, without a gap: equal duties next to one another are one shift."""
        edges = sorted({edge for edge in self._edges(start, end) if start < edge < end} | {start})
        found: list[Shift] = []
        for begins, ends in zip(edges, [*edges[1:], end], strict=True):
            duty = self.duty(begins)
            if found and found[-1].duty == duty:
                begins = found.pop().begins
            found.append(Shift(begins=begins, ends=ends, duty=duty))
        return found

    def _imported(self, start: datetime, end: datetime) -> Iterable[Stand]:
        return () if self._calendar is None else self._calendar.stands(start, end)

    def _usual(self, at: datetime) -> Duty:
        for number, layer in enumerate(self._layers, 1):
            if layer.holds(at):
                return Duty(who=(layer.member(at),), by="layer", layer=number)
        return Duty(who=self.everybody, by="nobody")

    def _edges(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Every instant at which the duty could change."""
        for one in (*self._overrides, *self._imported(start, end)):
            yield from (one.begins, one.ends)
        for layer in self._layers:
            yield from layer.edges(start, end)


class _Layer:
    """People who take turns, in the hours of their layer."""

    def __init__(self, settings: LayerSettings, zone: ZoneInfo, country: str) -> None:
        self._members = settings.members
        self._days = settings.turn // _DAY
        self._minutes = settings.handover.minutes
        self._zone = zone
        self._anchor = _anchor(settings)
        hours = settings.hours
        self._hours = None if hours is None else Hours(hours, time_zone=str(zone), country=country)

    def holds(self, at: datetime) -> bool:
        return self._hours is None or self._hours.hold(at)

    def member(self, at: datetime) -> str:
        """Whose turn it is."""
        day = at.astimezone(self._zone).date()
        turn = (day - self._anchor).days // self._days
        if at < self._handover(turn):
            turn -= 1
        return self._members[turn % len(self._members)]

    def edges(self, start: datetime, end: datetime) -> Iterator[datetime]:
        first = (start.astimezone(self._zone).date() - self._anchor).days // self._days
        last = (end.astimezone(self._zone).date() - self._anchor).days // self._days
        yield from (self._handover(turn) for turn in range(first, last + 2))
        for span in () if self._hours is None else self._hours.spans(start, end):
            yield from span

    def _handover(self, turn: int) -> datetime:
        return instant(self._anchor + turn * self._days * _DAY, self._minutes, self._zone)


class Rotas:
    """All rotas by name. `calendars` are the overrides out of iCalendar files, by rota."""

    def __init__(
        self,
        rotas: Mapping[str, RotaSettings] | None = None,
        *,
        time_zone: str = "UTC",
        country: str = "",
        calendars: Mapping[str, Stands] | None = None,
    ) -> None:
        stands = calendars or {}
        self.rotas = {
            name: Rota(one, time_zone=time_zone, country=country, calendar=stands.get(name))
            for name, one in (rotas or {}).items()
        }

    def people(self, names: Iterable[str], at: datetime) -> tuple[str, ...]:
        """The receivers behind names of receivers and rotas at an instant, each once, in order."""
        found: dict[str, None] = {}
        for name in names:
            rota = self.rotas.get(name)
            found |= dict.fromkeys((name,) if rota is None else rota.duty(at).who)
        return tuple(found)

    def behind(self, names: Iterable[str], at: datetime) -> dict[str, Duty]:
        """Of the names that are rotas: who is on call, and why."""
        return {name: self.rotas[name].duty(at) for name in dict.fromkeys(names) if name in self.rotas}


def _anchor(settings: LayerSettings) -> date:
    """The day of the first member's first turn."""
    if settings.turn % (7 * _DAY) or settings.handover.weekday is None:
        return settings.begins
    return settings.begins + (settings.handover.weekday - settings.begins.weekday()) % 7 * _DAY


def _stand(one: OverrideSettings, zone: ZoneInfo) -> Stand:
    begins, ends = begin_of(one.begins, zone), end_of(one.ends, zone)
    return Stand(who=one.who, begins=begins.astimezone(UTC), ends=ends.astimezone(UTC), instead_of=one.instead_of or "")
