"""Who speaks, in words: the press and accounts, clues that it was arranged, and who speaks well of the topic."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.deliver.wording.catalogue import Plural, Saying
from buzzguard.deliver.wording.labels import quote_author, quote_weight
from buzzguard.deliver.wording.quantities import catalogue, duration, number, plural
from buzzguard.deliver.wording.sentences import clockface
from buzzguard.model import Alert, Card, Clue, Language, Quote, Record, Signal

MAX_CLUES = 3
MAX_ADVOCATES = 2
_NEW_SHARE = 0.1
"""Of all mentions: fewer new accounts are usual."""
_LEAST_NEW = 3
_LONGEST = 10.0 * 366 * 86_400
_HOSTILE = frozenset({Signal.NEGATIVE, Signal.SHARE, Signal.CRISIS, Signal.GRAVITY})


class AdvocateLine(Record, frozen=True, kw_only=True):
    """What an advocate said; who, where and how many may hear it; when, and where to read it (empty: unknown)."""

    quote: str
    who: str
    at: str
    url: str


def voices_line(card: Card) -> str:
    """`Press: 3 articles (lemonde.fr) · 5 verified accounts`; empty where nobody of note speaks."""
    said = card.briefing.said
    if said is None:
        return ""
    words, voices = catalogue(card.language).saying, said.voices
    told = []
    if voices.press:
        press = _counted(words.press, voices.press, card.language)
        names = ", ".join([*voices.press_names, *(["…"] if voices.press > len(voices.press_names) else [])])
        told.append(words.press_named.format(press=press, names=names) if voices.press_names else press)
    if voices.verified:
        told.append(_counted(words.verified, voices.verified, card.language))
    told_already = any(clue.kind == "new_accounts" for clue in _clues(card))
    if voices.new >= max(_LEAST_NEW, _NEW_SHARE * said.mentions) and not told_already:
        told.append(_counted(words.new, voices.new, card.language))
    line = words.joint.join(told)
    return f"{line[:1].upper()}{line[1:]}"


def clue_line(card: Card) -> str:
    """The clues with their numbers, as clues; empty where there are none."""
    words = catalogue(card.language).saying
    told = [_clue(clue, words, card.language) for clue in _clues(card)]
    return words.clues.format(clues=words.joint.join(told)) if told else ""


def advocate_lines(card: Card) -> list[AdvocateLine]:
    """Those who speak well of a topic that is blamed; none where praise is the news itself."""
    said = card.briefing.said
    if said is None or not _is_blamed(card):
        return []
    return [_advocate(quote, card) for quote in said.advocates[:MAX_ADVOCATES]]


def _clues(card: Card) -> list[Clue]:
    """The clues worth a reader's time: those known here, and one text said once."""
    words, said = catalogue(card.language).saying, card.briefing.said
    clues = [clue for clue in (said.clues if said is not None else ()) if clue.kind in words.clue]
    at_once = {clue.numbers.get("authors") for clue in clues if clue.kind == "same_moment"}
    told = [clue for clue in clues if clue.kind != "same_text" or clue.numbers.get("authors") not in at_once]
    return told[:MAX_CLUES]


def _clue(clue: Clue, words: Saying, language: Language) -> str:
    numbers = clue.numbers
    told = {name: number(numbers.get(name, 0), language) for name in ("authors", "of", "mentions")}
    seconds = 86_400 * numbers.get("days", 0) + numbers.get("seconds", 0)
    if "minutes" in numbers:
        seconds = 60 * max(1, numbers["minutes"])
    span = timedelta(seconds=min(seconds, _LONGEST))
    return words.clue[clue.kind].format(span=duration(span, language), **told)


def _advocate(quote: Quote, card: Card) -> AdvocateLine:
    words = catalogue(card.language).saying
    small = [quote_author(quote, card.language), quote.site, quote_weight(quote, card.language)]
    return AdvocateLine(
        quote=words.quoted.format(text=quote.text),
        who=words.joint.join(part for part in small if part),
        at=clockface(card).stamp(quote.published),
        url=quote.url,
    )


def _is_blamed(card: Card) -> bool:
    return any(_blames(alert) for alert in card.incident.alerts)


def _blames(alert: Alert) -> bool:
    """Whether an alert is about blame. A rule of praise looks at blame too, but leads with praise."""
    read = [assessment.signal for assessment in alert.evidence.assessments]
    if read[:1] == [Signal.POSITIVE]:
        return False
    return any(signal in _HOSTILE for signal in read) or Signal.NEGATIVE.value in alert.raised_by


def _counted(forms: Plural, n: int, language: Language) -> str:
    return plural(forms, n, language).format(n=number(n, language))
