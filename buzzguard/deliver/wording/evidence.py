"""The numbers of a card in words: what was observed, what is usual, how rare that is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from buzzguard.deliver.wording.quantities import catalogue, duration, expectation, number, once_in, plural
from buzzguard.model import (
    Alert,
    AlertState,
    Assessment,
    Card,
    Language,
    Record,
    Signal,
    StreamHealth,
)

DAY = timedelta(days=1)


class NumberLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One number of the evidence, in the card's language.

    `text` is the whole line; `label`, `amount`, `rarity` and `growth` are its parts, for a table. `signal` is None
    for the lines about a stream. `remarkable` says whether the number is unusual by itself.
    """

    label: str
    amount: str
    text: str
    rarity: str = ""
    growth: str = ""
    signal: Signal | None = None
    remarkable: bool = True

    def __str__(self) -> str:
        return self.text


def numbers(card: Card) -> list[NumberLine]:
    """A line for each stream in trouble, then one for each signal, those that the rules read first."""
    lines: list[NumberLine] = []
    for alert in by_gravity(card):
        if alert.evidence.health is not None:
            lines += _health_lines(alert.evidence.health, card.language)
    return lines + [_line(assessment, card.language) for assessment in assessments(card)]


def by_gravity(card: Card) -> list[Alert]:
    """The alerts of a card: those that still hold first, gravest first, oldest first."""
    return sorted(
        card.incident.alerts,
        key=lambda alert: (alert.state is AlertState.RESOLVED, -alert.severity.rank, alert.since, alert.rule),
    )


def assessments(card: Card) -> list[Assessment]:
    """One assessment a signal: of those that the rules read the rarest, then what the briefing adds."""
    read = [assessment for alert in by_gravity(card) for assessment in alert.evidence.assessments]
    chosen = _rarest(read)
    for signal, assessment in _rarest(card.briefing.assessments).items():
        chosen.setdefault(signal, assessment)
    return list(chosen.values())


def lead(card: Card) -> Assessment | None:
    """The number that an alert is about: of what the gravest alert's rule reads, the rarest."""
    for alert in by_gravity(card):
        if alert.evidence.assessments:
            return max(alert.evidence.assessments, key=lambda assessment: assessment.once_per)
    return max(card.briefing.assessments, key=lambda assessment: assessment.once_per, default=None)


def learning_line(card: Card) -> str:
    """`Still learning: 2 of 7 days; thresholds are wide`, or nothing when every baseline has learned enough."""
    young = [assessment for assessment in assessments(card) if assessment.learning]
    if not young:
        return ""
    youngest = min(young, key=lambda assessment: assessment.learned)
    words = catalogue(card.language).numbers
    if youngest.learned < DAY or youngest.needed < DAY:
        learned, needed = duration(youngest.learned, card.language), duration(youngest.needed, card.language)
        return words.learning.format(learned=learned, needed=needed)
    days = youngest.learned // DAY
    needed = number(youngest.needed / DAY, card.language)
    return plural(words.learning_days, days, card.language).format(n=days, needed=needed)


def growth(doubles_in: timedelta, language: Language) -> str:
    """`doubles in 40 min`."""
    return catalogue(language).numbers.growth.format(span=duration(doubles_in, language))


def counted(signal: Signal, value: float, language: Language) -> str:
    """`96 negative mentions`."""
    forms = catalogue(language).numbers.counted[signal]
    return plural(forms, value, language).format(n=number(value, language))


def rarity(assessment: Assessment, language: Language) -> str:
    """How rare a sample is, never more than its baseline can know."""
    return once_in(assessment.once_per, language, learned=assessment.learned)


def stream_lines(card: Card) -> list[NumberLine]:
    """The lines about streams alone."""
    return [line for line in numbers(card) if line.signal is None]


def _rarest(found: Iterable[Assessment]) -> dict[Signal, Assessment]:
    rarest: dict[Signal, Assessment] = {}
    for assessment in found:
        known = rarest.get(assessment.signal)
        if known is None or assessment.once_per > known.once_per:
            rarest[assessment.signal] = assessment
    return rarest


def _line(assessment: Assessment, language: Language) -> NumberLine:
    words = catalogue(language).numbers
    label = words.label[assessment.signal]
    amount = words.amount.format(
        observed=number(assessment.observed, language),
        window=duration(assessment.window, language),
        expected=expectation(assessment.expected, language),
    )
    rare = rarity(assessment, language)
    return NumberLine(
        label=label,
        amount=amount,
        text=words.line.format(label=label, amount=amount, rarity=rare),
        rarity=rare,
        growth=growth(assessment.doubles_in, language) if assessment.doubles_in else "",
        signal=assessment.signal,
        remarkable=assessment.observed > assessment.high or assessment.once_per >= DAY,
    )


def _health_lines(health: StreamHealth, language: Language) -> list[NumberLine]:
    words = catalogue(language).numbers
    label = words.stream_label.format(stream=health.stream)
    said = []
    if health.failing_for > timedelta(0):
        form = words.stream_failing_why if health.reason else words.stream_failing
        span, failures = duration(health.failing_for, language), number(health.failures, language)
        said.append(form.format(span=span, failures=failures, reason=health.reason))
    if health.silent_for > timedelta(0):
        said.append(
            words.stream_silent.format(
                span=duration(health.silent_for, language),
                expected=counted(Signal.VOLUME, round(health.expected), language),
                rarity=once_in(health.once_per, language),
            )
        )
    colon = catalogue(language).labels.colon
    return [NumberLine(label=label, amount=amount, text=f"{label}{colon}{amount}") for amount in said]
