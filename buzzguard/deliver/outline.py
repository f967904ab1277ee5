"""A card as plain words in the order of their importance, for every place that has no layout of its own.

What comes from outside is cleaned and bounded, not yet escaped: that is for whoever knows the place's markup. What is
too much is left out from the end: the headline, what happens, and who has it always arrive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from buzzguard.deliver import wording
from buzzguard.deliver.blocks import color, mark
from buzzguard.deliver.tame import tame
from buzzguard.deliver.wording.messages import message_words
from buzzguard.deliver.wording.running import draft_chain
from buzzguard.model import Card, Language, Quote, Record, Transition


class Line(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One line. `lead` stands before `text` and may be set off; `url` is what `link` leads to, at its end; `quoted`
    says that people of the public wrote `text`."""

    text: str
    lead: str = ""
    link: str = ""
    url: str = ""
    quoted: bool = False


class Part(Record, frozen=True, kw_only=True):
    """Lines under a title."""

    title: str
    lines: tuple[Line, ...]


class Outline(Record, frozen=True, kw_only=True):
    """A message: `color` is `#rrggbb` of its severity, `mark` the coloured dot for it; `state` who has it and what is
    asked; `small` the small print."""

    heading: str
    mark: str
    color: str
    language: Language
    what: tuple[str, ...]
    state: tuple[str, ...]
    parts: tuple[Part, ...] = ()
    small: str = ""


def card_outline(card: Card) -> Outline:
    """The whole card."""
    card = tame(card)
    parts = [make(card) for make in (_said, _playbook, _numbers, _quotes, _advocates)]
    told = [line.headline for line in wording.narrative_lines(card)[:1]]
    return Outline(
        heading=wording.heading(card),
        mark=mark(card),
        color=color(card),
        language=card.language,
        what=tuple(
            line
            for line in (wording.not_reached_line(card), *told, wording.summary(card), wording.prospects(card))
            if line
        ),
        state=tuple(_state(card)),
        parts=tuple(part for part in parts if part.lines),
        small=" · ".join(wording.small_print(card)),
    )


def news_outline(card: Card) -> Outline:
    """What is new, a line for each transition, then who has it."""
    card = tame(card)
    face = wording.clockface(card)

    def told(news: Transition) -> str:
        return f"{face.stamp(news.at)}  {wording.news_line(news, card)}"

    return Outline(
        heading=wording.heading(card),
        mark=mark(card),
        color=color(card),
        language=card.language,
        what=tuple(told(news) for news in card.news) or (wording.summary(card),),
        state=(wording.state_line(card),),
        parts=tuple(_drafts(card)),
    )


def _drafts(card: Card) -> Iterator[Part]:
    """The statements that the news is about, their whole text and their approvals."""
    told = {news.detail.get("draft", "") for news in card.news}
    for draft in card.incident.drafts:
        if draft.id in told:
            chain = draft_chain(draft, card)
            lines = [Line(text=paragraph) for paragraph in draft.text.split("\n\n")]
            yield Part(title=draft.title, lines=(*lines, *([Line(text=chain)] if chain else [])))


def written(
    outline: Outline, write: Callable[[Outline, tuple[Part, ...]], str], fits: Callable[[str], bool]
) -> tuple[str, bool]:
    """The outline as `write` puts it, with as many lines of its parts as fit, and whether all of them did."""
    for parts in _ever_fewer(outline.parts):
        text = write(outline, parts)
        if fits(text):
            return text, parts == outline.parts
    return write(outline, ()), not outline.parts


def _ever_fewer(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    """All parts, then one line less at each step, from the end; a title never stands alone."""
    yield parts
    while parts:
        last = parts[-1]
        rest = last.lines[:-1]
        parts = (*parts[:-1], Part(title=last.title, lines=rest)) if rest else parts[:-1]
        yield parts


def _state(card: Card) -> Iterator[str]:
    yield wording.state_line(card)
    if card.incident.state not in wording.FINAL:
        words, severity = wording.catalogue(card.language).labels, card.incident.severity
        call = wording.severity_call(severity, card.language)
        yield f"{wording.severity_name(severity, card.language)}{words.colon}{call}"
    yield from filter(None, [wording.drill_line(card)])
    for place in wording.around_lines(card):
        yield str(place)
    yield from wording.day_lines(card)
    learning = wording.learning_line(card)
    if learning:
        yield learning


def _said(card: Card) -> Part:
    lines = []
    for index, line in enumerate(wording.narrative_lines(card), start=1):
        # The first one's headline stands above, where what happens is told.
        lines.append(Line(lead=f"{index}. {line.headline}" if index > 1 else f"{index}.", text=line.facts))
        if line.quote:
            lines.append(Line(text=line.quote, quoted=True))
    small = (*wording.saying_lines(card), wording.voices_line(card), wording.clue_line(card))
    lines += [Line(text=line) for line in small if line]
    return Part(title=wording.catalogue(card.language).saying.title, lines=tuple(lines))


def _playbook(card: Card) -> Part:
    words = wording.catalogue(card.language).labels
    steps = wording.to_do(card)
    if not steps:
        return Part(title="", lines=())
    lines = [_step(step) for step in steps]
    rules = card.playbook.never if card.playbook is not None else ()
    never = [Line(lead=f"✗ {words.never}{words.colon}".rstrip(), text=rule) for rule in rules]
    return Part(title=" – ".join(filter(None, wording.to_do_title(card))), lines=(*lines, *never))


def _step(step: wording.ToDo) -> Line:
    late = "⏰ " if step.late else ""
    return Line(lead=f"{late}{step.key}.", text=" – ".join(filter(None, (step.text, step.note))))


def _numbers(card: Card) -> Part:
    title = message_words(card.language).numbers
    lines = [Line(text=line.text) for line in wording.telling_numbers(card)]
    return Part(title=title, lines=tuple(lines))


def _quotes(card: Card) -> Part:
    lines = [_quote(quote, card) for quote in wording.main_quotes(card)]
    return Part(title=wording.catalogue(card.language).labels.top_mentions, lines=tuple(lines))


def _quote(quote: Quote, card: Card) -> Line:
    who = (wording.quote_author(quote, card.language), quote.site, wording.quote_weight(quote, card.language))
    return Line(
        lead=_speaker(" · ".join(part for part in who if part), card),
        text=quote.text,
        link=wording.clockface(card).stamp(quote.published),
        url=quote.url,
        quoted=True,
    )


def _speaker(who: str, card: Card) -> str:
    return f"{who}{wording.catalogue(card.language).labels.colon}".rstrip()


def _advocates(card: Card) -> Part:
    lines = [
        Line(lead=_speaker(line.who, card), text=line.quote, link=line.at, url=line.url, quoted=True)
        for line in wording.advocate_lines(card)
    ]
    return Part(title=wording.catalogue(card.language).saying.advocates, lines=tuple(lines))
