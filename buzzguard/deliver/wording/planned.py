"""What was known beforehand of the day on which an alert comes: planned events and public holidays."""

from __future__ import annotations

from collections.abc import Iterable

from buzzguard.deliver.wording.evidence import lead
from buzzguard.deliver.wording.handling_words import handling_words
from buzzguard.deliver.wording.quantities import catalogue, number
from buzzguard.deliver.wording.sentences import localised
from buzzguard.model import AlertState, Card, Direction, Language, Localised


def planned_line(events: Iterable[tuple[str, float]], language: Language) -> str:
    """`Planned: Spring campaign (3× the usual expected)`; empty when nothing is planned.

    `events` are names with how many times the usual each makes one expect.
    """
    words = catalogue(language).labels
    told = [words.planned_event.format(name=name, n=_times(expect, language)) for name, expect in events]
    return f"{words.planned}{words.colon}{', '.join(told)}" if told else ""


def holiday_line(names: Localised | None, language: Language) -> str:
    """`Public holiday: Easter Monday`; empty on other days."""
    words = catalogue(language).labels
    name = localised(names or {}, language)
    return f"{words.holiday}{words.colon}{name}" if name else ""


def day_lines(card: Card) -> list[str]:
    """What was known beforehand of the day of a card: planned events, a public holiday."""
    briefing, language = card.briefing, card.language
    planned = planned_line(briefing.planned, language)
    if planned and _is_above(card):
        planned = handling_words(language).above_plan.format(planned=planned)
    return [line for line in (planned, holiday_line(briefing.holiday, language)) if line]


def _is_above(card: Card) -> bool:
    """Whether what fires is more than was to be expected: the plan is part of that expectation."""
    leading = lead(card)
    firing = any(alert.state is AlertState.FIRING for alert in card.incident.alerts)
    return firing and leading is not None and leading.direction is Direction.ABOVE


def _times(expect: float, language: Language) -> str:
    """A factor as people say it; a small one is not rounded to none."""
    if expect >= 0.1:
        return number(expect, language)
    return f"{expect:.2f}".replace(".", catalogue(language).numbers.decimal)
