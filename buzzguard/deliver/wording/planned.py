"""What was known beforehand of the day on which an alert comes: planned events and public holidays."""

from __future__ import annotations

from collections.abc import Iterable

from buzzguard.deliver.wording.quantities import catalogue, number
from buzzguard.deliver.wording.sentences import localised
from buzzguard.model import Card, Language, Localised


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
    return [
        line for line in (planned_line(briefing.planned, language), holiday_line(briefing.holiday, language)) if line
    ]


def _times(expect: float, language: Language) -> str:
    """A factor as people say it; a small one is not rounded to none."""
    if expect >= 0.1:
        return number(expect, language)
    return f"{expect:.2f}".replace(".", catalogue(language).numbers.decimal)
