"""Who is on call: as lines in English and French, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from buzzguard.config.moments import begin_of
from buzzguard.config.settings import Settings
from buzzguard.deliver.wording.quantities import Clockface
from buzzguard.model import Language, Record
from buzzguard.respond.ical import Calendar
from buzzguard.respond.rotas import Duty, Rotas, Shift

_GAP_DAYS = timedelta(days=28)
_WORDS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "none": "There is no rota.",
        "now": "on call",
        "override": "override",
        "calendar": "calendar",
        "layer": "layer {n}",
        "nobody": "nobody is on call: everybody is told",
        "gap": "in the rota {rota} nobody is on call from {begins}: everybody of it would be told",
    },
    "fr": {
        "none": "Il n’y a pas d’astreinte.",
        "now": "d’astreinte",
        "override": "remplacement",
        "calendar": "agenda",
        "layer": "niveau {n}",
        "nobody": "personne n’est d’astreinte : tous sont prévenus",
        "gap": "pour l’astreinte {rota}, personne n’est prévu dès le {begins} : tous ses membres seraient prévenus",
    },
}
_WEEKDAYS: Mapping[Language, Sequence[str]] = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "fr": ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim."),
}


class Plan(Record, frozen=True, kw_only=True):
    """A rota over some days: its time zone, who is on call at their beginning, and the shifts."""

    rota: str
    time_zone: str
    at: datetime
    shifts: tuple[Shift, ...]

    @property
    def duty(self) -> Duty:
        """Who is on call first."""
        return self.shifts[0].duty


def rotas_of(settings: Settings, calendars: Mapping[str, Calendar]) -> Rotas:
    """The rotas of a configuration."""
    return Rotas(settings.rotas, time_zone=settings.time_zone, country=settings.country, calendars=calendars)


def look(rotas: Rotas, names: Sequence[str], at: date, span: timedelta) -> list[Plan]:
    """The plans of the rotas named, of all when none is; `at` is an instant, or local to each rota."""
    plans = []
    for name in names or tuple(rotas.rotas):
        rota = rotas.rotas[name]
        start = begin_of(at, rota.zone)
        plans.append(
            Plan(rota=name, time_zone=str(rota.zone), at=start, shifts=tuple(rota.shifts(start, start + span)))
        )
    return plans


def gaps(rotas: Rotas, now: datetime, language: Language) -> list[str]:
    """A line for each rota in which nobody is on call some time in the next four weeks."""
    told = []
    for name, rota in rotas.rotas.items():
        first = next((one for one in rota.shifts(now, now + _GAP_DAYS) if one.duty.by == "nobody"), None)
        if first is not None:
            begins = _stamp(first.begins, str(rota.zone), language)
            told.append(_WORDS[language]["gap"].format(rota=name, begins=begins))
    return told


def oncall_document(plans: Sequence[Plan]) -> list[dict[str, Any]]:
    """The plans for other programs; instants in UTC."""
    return [
        {
            "rota": plan.rota,
            "time_zone": plan.time_zone,
            "at": plan.at.isoformat(),
            "on_call": list(plan.duty.who),
            "shifts": [
                {
                    "from": shift.begins.isoformat(),
                    "to": shift.ends.isoformat(),
                    "who": list(shift.duty.who),
                    "by": shift.duty.by,
                    "layer": shift.duty.layer or None,
                }
                for shift in plan.shifts
            ],
        }
        for plan in plans
    ]


def oncall_lines(plans: Sequence[Plan], language: Language) -> Iterator[str]:
    """The plans for people, each in the time zone of its rota."""
    words = _WORDS[language]
    if not plans:
        yield words["none"]
    for plan in plans:
        yield f"{plan.rota} ({plan.time_zone}) · {words['now']} {', '.join(plan.duty.who)}"
        for shift in plan.shifts:
            begins, ends = (_stamp(at, plan.time_zone, language) for at in (shift.begins, shift.ends))
            yield f"  {begins} → {ends}  {', '.join(shift.duty.who)} ({_by(shift.duty, language)})"


def _by(duty: Duty, language: Language) -> str:
    words = _WORDS[language]
    return words["layer"].format(n=duty.layer) if duty.by == "layer" else words[duty.by]


def _stamp(at: datetime, time_zone: str, language: Language) -> str:
    """`Mon 23 Nov 09:00`."""
    local = at.astimezone(ZoneInfo(time_zone))
    day = Clockface(language, time_zone, at).day(at)
    return f"{_WEEKDAYS[language][local.weekday()]} {day} {local:%H:%M}"
