"""Words beside the sentences: buttons, headings, a playbook's steps, a quote's small print."""

from __future__ import annotations

from buzzguard.deliver.wording.quantities import catalogue, number
from buzzguard.deliver.wording.sentences import clockface
from buzzguard.model import Card, CommandKind, Language, PlaybookStep, Quote


def button(kind: CommandKind, language: Language) -> str:
    """What a button says."""
    return catalogue(language).labels.button[kind]


def step_note(step: PlaybookStep, card: Card) -> str:
    """Who does a step and by when: `communications, by 03:07`; empty when neither is set."""
    due = "" if step.due is None else clockface(card).by(card.incident.opened_at + step.due)
    return ", ".join(part for part in (step.owner, due) if part)


def quote_author(quote: Quote, language: Language) -> str:
    """Who wrote a quote."""
    return quote.author or catalogue(language).labels.anonymous


def quote_weight(quote: Quote, language: Language) -> str:
    """How many it may reach, else how many reacted; empty when neither is known."""
    words = catalogue(language).labels
    if quote.reach > 0:
        return words.reach.format(n=number(quote.reach, language))
    if quote.engagement > 0:
        return words.engagement.format(n=number(quote.engagement, language))
    return ""


def small_print(card: Card) -> list[str]:
    """The incident, its rules, when the card was made, what it relapses from."""
    words = catalogue(card.language)
    rules = list(dict.fromkeys(alert.rule for alert in card.incident.alerts))
    updated = words.labels.updated.format(time=clockface(card).stamp(card.briefing.at), zone=card.time_zone)
    lines = [words.labels.incident.format(id=card.incident.id)]
    if rules:
        lines.append(words.labels.rules.format(ids=", ".join(rules)))
    if card.incident.relapse_of:
        lines.append(words.states.relapse.format(incident=card.incident.relapse_of))
    return [*lines, updated]
