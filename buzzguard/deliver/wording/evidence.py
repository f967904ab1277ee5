"""The numbers of a card in words: what was observed, what is usual, how rare that is.

A share is told in per cent. The crisis score is never told as a number: people are told how rare so much at once is,
what it is due to, and the counts behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from msgspec.structs import replace

from buzzguard.deliver.wording.quantities import catalogue, duration, expectation, number, once_in, percent, plural
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
_RARE = timedelta(hours=1)
"""Below, a return period is told as usual, and of a crisis score there is nothing to tell."""
MAX_NUMBERS = 6
_LEAST_PART = 0.005
"""A smaller part of a crisis score is not named: it would be told as 0 %."""


class NumberLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One number of the evidence, in the card's language.

    `text` is the whole line, `brief` the number and its window alone; `label`, `amount`, `rarity`, `growth` and
    `made_of` are its parts, for a table. `signal` is None for the lines about a stream. `remarkable` says whether the
    number is unusual by itself.
    """

    label: str
    amount: str
    text: str
    rarity: str = ""
    growth: str = ""
    made_of: str = ""
    brief: str = ""
    signal: Signal | None = None
    remarkable: bool = True

    def __str__(self) -> str:
        return self.text


def numbers(card: Card) -> list[NumberLine]:
    """A line for each stream in trouble, then one for each signal, those that the rules read first.

    Where the story's growth was judged, the signals' own doubling is left out: it is the coarser of the two.
    """
    lines: list[NumberLine] = []
    for alert in by_gravity(card):
        if alert.evidence.health is not None:
            lines += _health_lines(alert.evidence.health, card.language)
    growing = card.briefing.growth is not None and card.briefing.growth.phase is not None
    told = [replace(each, doubles_in=None) if growing else each for each in assessments(card)]
    return lines + [_line(each, card.language) for each in told if _tells(each)]


def telling_numbers(card: Card) -> list[NumberLine]:
    """Those worth a place on a card: the unusual ones, where any is; all that are there where none is."""
    lines = numbers(card)
    telling = [line for line in lines if line.remarkable]
    return (telling or lines)[:MAX_NUMBERS]


def by_gravity(card: Card) -> list[Alert]:
    """The alerts of a card: those that still hold first, gravest first, oldest first."""
    return sorted(
        card.incident.alerts,
        key=lambda alert: (alert.state is AlertState.RESOLVED, -alert.severity.rank, alert.since, alert.rule),
    )


def assessments(card: Card) -> list[Assessment]:
    """One assessment a signal: of those that the gravest alert's rule reads the rarest, then the other alerts', then
    what the briefing adds. So the numbers are those of the alert that the summary speaks of.

    The crisis score follows the numbers that it sums up.
    """
    chosen: dict[Signal, Assessment] = {}
    for alert in by_gravity(card):
        for signal, assessment in _rarest(alert.evidence.assessments).items():
            chosen.setdefault(signal, assessment)
    if Signal.CRISIS in chosen:
        chosen[Signal.CRISIS] = chosen.pop(Signal.CRISIS)
    for signal, assessment in _rarest(card.briefing.assessments).items():
        chosen.setdefault(signal, assessment)
    return list(chosen.values())


def lead(card: Card) -> Assessment | None:
    """The number that an alert is about: of what the gravest alert's rule reads, the rarest.

    It is the crisis score where the rule reads that first: the others are there to explain it.
    """
    for alert in by_gravity(card):
        read = alert.evidence.assessments
        if read:
            return read[0] if read[0].signal is Signal.CRISIS else max(read, key=_period)
    told = [assessment for assessment in card.briefing.assessments if assessment.signal is not Signal.CRISIS]
    return max(told, key=_period, default=None)


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
    """`96 negative mentions`; a share (0…1) as `62 % of voices hostile`, the crisis score without its number."""
    shown = 100.0 * value if signal is Signal.SHARE else value
    forms = catalogue(language).numbers.counted[signal]
    return plural(forms, shown, language).format(n=number(shown, language))


def usually(signal: Signal, expected: float, language: Language) -> str:
    """What is to be expected of a signal, as it stands after `usually`: `10`, `18 %`."""
    if signal is Signal.SHARE and not 0.0 < expected < 0.0005:
        return percent(expected, language)
    return expectation(expected, language)


def told(signal: Signal, observed: float, expected: float, *, window: timedelta, language: Language) -> str:
    """`96 negative mentions in 1 h, usually 10`; of the crisis score `so much hostility at once in 1 h`."""
    words = catalogue(language).numbers
    form = words.at_once if signal is Signal.CRISIS else words.told
    return form.format(
        count=counted(signal, observed, language),
        window=duration(window, language),
        expected=usually(signal, expected, language),
    )


def made_of(parts: Mapping[str, float], language: Language) -> str:
    """What a crisis score is due to: `58 % due to hostile voices, 22 % to mentions`; empty when nobody knows."""
    words = catalogue(language).numbers
    known = [(name, part) for name, part in parts.items() if name in set(Signal) and part >= _LEAST_PART]
    said = [(percent(round(part, 2), language), words.due[Signal(name)]) for name, part in known]
    forms = [words.due_first, *["{n} {to}"] * len(said)]
    return ", ".join(form.format(n=n, to=to) for form, (n, to) in zip(forms, said, strict=False))


def rarity(assessment: Assessment, language: Language) -> str:
    """How rare a sample is, never more than its baseline can know."""
    return once_in(assessment.once_per, language, learned=assessment.learned)


def stream_lines(card: Card) -> list[NumberLine]:
    """The lines about streams alone."""
    return [line for line in numbers(card) if line.signal is None]


def _period(assessment: Assessment) -> timedelta:
    return assessment.once_per


def _tells(assessment: Assessment) -> bool:
    return assessment.signal is not Signal.CRISIS or assessment.once_per >= _RARE


def _rarest(found: Iterable[Assessment]) -> dict[Signal, Assessment]:
    rarest: dict[Signal, Assessment] = {}
    for assessment in found:
        known = rarest.get(assessment.signal)
        if known is None or assessment.once_per > known.once_per:
            rarest[assessment.signal] = assessment
    return rarest


def _line(assessment: Assessment, language: Language) -> NumberLine:
    words = catalogue(language).numbers
    label, amount, rare = words.label[assessment.signal], _amount(assessment, language), rarity(assessment, language)
    due = made_of(assessment.parts, language)
    form = words.line_made_of if due else words.line
    return NumberLine(
        label=label,
        amount=amount,
        text=form.format(label=label, amount=amount, rarity=rare, made_of=due),
        rarity=rare,
        growth=growth(assessment.doubles_in, language) if assessment.doubles_in else "",
        made_of=due,
        brief=words.at_once.format(
            count=counted(assessment.signal, assessment.observed, language),
            window=duration(assessment.window, language),
        ),
        signal=assessment.signal,
        remarkable=assessment.observed > assessment.high or assessment.once_per >= DAY,
    )


def _amount(assessment: Assessment, language: Language) -> str:
    signal, observed = assessment.signal, assessment.observed
    words, window = catalogue(language).numbers, duration(assessment.window, language)
    if signal is Signal.CRISIS:
        return words.at_once.format(count=counted(signal, observed, language), window=window)
    shown = percent(observed, language) if signal is Signal.SHARE else number(observed, language)
    return words.amount.format(observed=shown, window=window, expected=usually(signal, assessment.expected, language))


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
