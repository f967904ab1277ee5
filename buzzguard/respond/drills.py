"""Exercises: what keeps them apart from the real ones, and when they end by themselves.

A drill is an incident that people declare as one: it climbs its policy through the whole chain and every message of it
says what it is. Receivers that page (a telephone rings) are spared, unless it was asked to use them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.model import Declaration, Incident, Severity, Verdict
from buzzguard.respond.decisions import about
from buzzguard.respond.turn import Turn

LASTS = timedelta(hours=4)
"""An exercise that nobody has ended by then ends: forgotten, it would hide behind its own reminders."""


def refuse_drill(turn: Turn, asked: Declaration, story: str) -> str:
    """Why an exercise does not begin on a topic; empty when it does.

    `repeated` (the very one is open) · `drill_open` (one a topic) · `red_open`: people have a real crisis to handle
    """
    drill = turn.desk.book.drill_on(asked.topic)
    if drill is not None:
        return "repeated" if drill.story == story else "drill_open"
    real = turn.desk.book.open_on(asked.topic)
    return "red_open" if any(one.severity is Severity.RED for one in real) else ""


def spared(turn: Turn, asked: Declaration) -> tuple[str, ...]:
    """The receivers that an incident so declared never uses."""
    return tuple(sorted(turn.desk.pagers)) if asked.drill and not asked.page else ()


def tell_spared(turn: Turn, incident: Incident) -> None:
    """Write down who is left out of an exercise, and why."""
    if incident.spared:
        decision = about(incident, Verdict.HUSHED, "spared_in_drill", turn.now)
        turn.decide(replace(decision, receivers=incident.spared))


def drill_ends(incident: Incident) -> datetime | None:
    """When an exercise ends unless people end it before; None for what is none."""
    return incident.opened_at + LASTS if incident.drill else None
