"""How a story goes on, in one line: `Doubles every 25 min (20–35); at this pace 400 mentions/h (250–700) by 18:00.`"""

from __future__ import annotations

import math
from datetime import timedelta

from buzzguard.deliver.wording.catalogue import Prospects
from buzzguard.deliver.wording.evidence import counted
from buzzguard.deliver.wording.quantities import Clockface, catalogue, duration, number
from buzzguard.model import Card, Estimate, Growth, Language, Outlook, Phase, SpanEstimate

FURTHEST = timedelta(hours=3)
"""A pace is told for this long ahead, or less: plans are made for the next hours."""
HOUR = timedelta(hours=1)


def growth_line(growth: Growth, language: Language, time_zone: str) -> str:
    """What is known of a story's pace, future and strength, as one sentence; empty while nothing is unusual."""
    if growth.phase is None:
        return ""
    words, face = catalogue(language).prospects, Clockface(language, time_zone, growth.at)
    if growth.phase is Phase.OVER:
        said = [_over(growth, language, face)]
    else:
        said = [_course(growth, language, face), _future(growth, language, face), _strength(growth, words, language)]
    line = words.joint.join(part for part in said if part)
    return f"{line[:1].upper()}{line[1:]}."


def course_line(growth: Growth, language: Language, time_zone: str) -> str:
    """The beginning of the same, where there is little room: `Doubles every 25 min (20–35)`."""
    if growth.phase is None:
        return ""
    face = Clockface(language, time_zone, growth.at)
    line = _over(growth, language, face) if growth.phase is Phase.OVER else _course(growth, language, face)
    return f"{line[:1].upper()}{line[1:]}"


def prospects(card: Card) -> str:
    """How the story of a card goes on, in the words of its reader; empty where nothing is known of it."""
    growth = card.briefing.growth
    return "" if growth is None else growth_line(growth, card.language, card.time_zone)


def _course(growth: Growth, language: Language, face: Clockface) -> str:
    words = catalogue(language).prospects
    parts = []
    if growth.past_peak and growth.peaked is not None:
        pace = _pace(growth, growth.peaked.per_hour, language)
        parts.append(words.past_peak.format(pace=pace, time=face.stamp(growth.peaked.at)))
    if growth.doubles_in is not None:
        parts.append(words.doubles.format(span=_span(growth.doubles_in, language)))
    elif growth.halves_in is not None:
        parts.append(words.halves.format(span=_span(growth.halves_in, language)))
    elif growth.phase is Phase.STARTING and growth.since is not None:
        parts.append(words.begun.format(at=face.at(growth.since)))
    elif growth.phase is Phase.PEAKING:
        parts.append(words.steady.format(pace=_pace(growth, growth.per_hour, language)))
    return words.joint.join(parts)


def _future(growth: Growth, language: Language, face: Clockface) -> str:
    words = catalogue(language).prospects
    if growth.phase is Phase.GROWING and growth.peak is not None and growth.peak.known:
        pace = _paces(growth, growth.peak.per_hour, language)
        return words.peak.format(pace=pace, around=face.around(growth.peak.at))
    outlook = _furthest(growth)
    if outlook is None:
        return words.unknown
    pace = _paces(growth, outlook.per_hour, language)
    form = words.around if growth.doubles_in is not None else words.expected
    return form.format(pace=pace, around=face.around(outlook.at))


def _furthest(growth: Growth) -> Outlook | None:
    known = [one for one in growth.forecast if one.known and timedelta(0) < one.at - growth.at <= FURTHEST]
    return max(known, key=lambda one: one.at, default=None)


def _strength(growth: Growth, words: Prospects, language: Language) -> str:
    if growth.reproduction is None or growth.past_peak:
        return ""
    form = words.seems_to_beget if growth.apparent else words.begets
    value, low, high = (_decimal(each, language) for each in _ends(growth.reproduction))
    return form.format(n=words.interval.format(value=value, low=low, high=high))


def _over(growth: Growth, language: Language, face: Clockface) -> str:
    words = catalogue(language).prospects
    if growth.peaked is None:
        return ""
    pace = _pace(growth, growth.peaked.per_hour, language)
    return words.over.format(pace=pace, at=face.at(growth.peaked.at))


def _pace(growth: Growth, per_hour: float, language: Language) -> str:
    count = counted(growth.signal, _about(per_hour), language)
    return catalogue(language).prospects.pace.format(count=count)


def _paces(growth: Growth, per_hour: Estimate, language: Language) -> str:
    low, high = (number(_about(end), language) for end in (per_hour.low, per_hour.high))
    pace = _pace(growth, per_hour.value, language)
    return catalogue(language).prospects.interval.format(value=pace, low=low, high=high)


def _span(span: SpanEstimate, language: Language) -> str:
    """`25 min (20–35)`; the unit is repeated where the ends are not all minutes."""
    words = catalogue(language).prospects
    ends = [max(end, timedelta(minutes=1)) for end in (span.value, span.low, span.high)]
    value, low, high = (duration(end, language) for end in ends)
    if max(ends) < HOUR - timedelta(seconds=30):
        low, high = (number(round(end / timedelta(minutes=1)), language) for end in ends[1:])
    return words.interval.format(value=value, low=low, high=high)


def _about(value: float) -> float:
    """Two figures, for no forecast knows a third."""
    if not math.isfinite(value) or value < 10.0:
        return round(value) if math.isfinite(value) else value
    size = 10.0 ** (math.floor(math.log10(value)) - 1)
    return round(value / size) * size


def _decimal(value: float, language: Language) -> str:
    return f"{value:.1f}".replace(".", catalogue(language).numbers.decimal)


def _ends(estimate: Estimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high
