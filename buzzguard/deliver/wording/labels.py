"""Words beside the sentences: buttons, headings, a playbook's steps, a quote's small print."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.deliver.wording.quantities import catalogue, duration, number
from buzzguard.deliver.wording.sentences import clockface
from buzzguard.model import Card, CommandKind, Language, PlaybookStep, Quote

_LONGEST = timedelta(days=366)


def button(kind: CommandKind, language: Language) -> str:
    """What a button says."""
    return catalogue(language).labels.button[kind]


def step_note(step: PlaybookStep, card: Card) -> str:
    """Who does a step and by when: `communications, by 03:07`; empty when neither is set."""
    # A step due in years is a slip in the playbook, and no instant can hold some of them.
    due = "" if step.due is None or step.due > _LONGEST else clockface(card).by(card.incident.opened_at + step.due)
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


def chart_title(card: Card) -> str:
    """`Lumio – mentions per 10 min`; empty without a chart."""
    chart = card.briefing.chart
    if chart is None:
        return ""
    words = catalogue(card.language).labels
    return words.chart_title.format(topic=_topic(card), bin=duration(chart.bin, card.language))


def chart_alt(card: Card) -> str:
    """The chart in one sentence, for those who cannot see it; empty without a chart."""
    chart, face = card.briefing.chart, clockface(card)
    if chart is None:
        return ""
    last = [series[-1] if series else 0.0 for series in (chart.volume, chart.negative, chart.expected)]
    return catalogue(card.language).labels.chart_alt.format(
        topic=_topic(card),
        bin=duration(chart.bin, card.language),
        start=face.stamp(chart.start),
        end=face.stamp(chart.start + chart.bin * len(chart.volume)),
        last=number(last[0], card.language),
        negative=number(last[1], card.language),
        expected=number(last[2], card.language),
    )


def _topic(card: Card) -> str:
    return card.briefing.topic_name or card.incident.topic


def small_print(card: Card) -> list[str]:
    """The incident, its rules, when the card was made."""
    words = catalogue(card.language)
    rules = list(dict.fromkeys(alert.rule for alert in card.incident.alerts))
    updated = words.labels.updated.format(time=clockface(card).stamp(card.briefing.at), zone=card.time_zone)
    lines = [words.labels.incident.format(id=card.incident.id)]
    if rules:
        lines.append(words.labels.rules.format(ids=", ".join(rules)))
    return [*lines, updated]
