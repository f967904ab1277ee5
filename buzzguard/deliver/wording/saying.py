"""What is said, in words: narratives, themes and whose business they are, languages, copies."""

from __future__ import annotations

from buzzguard.deliver.wording.catalogue import Saying
from buzzguard.deliver.wording.handling_words import handling_words
from buzzguard.deliver.wording.quantities import Clockface, catalogue, number, percent, plural
from buzzguard.deliver.wording.sentences import clockface, localised
from buzzguard.model import Card, Language, Narrative, Quote, Record, Said, ThemeShare

MAX_NARRATIVES = 3
MAX_THEMES = 3
MAX_WORDS = 3
MAX_PLACES = 3
_WORTH_TELLING = 0.1
"""Smaller shares of themes, copies and doubt say nothing to act on."""
_QUOTES_BESIDE = 3
"""Quotes beside narratives, which are quoted themselves."""
_SAME = 60
"""Characters by which two quotes are known to be of one text, wherever each was cut."""
_ANOTHER = 0.05
"""A second language is told from this share on."""
_GROWS = 1.5
"""From this many times the usual on, a narrative's last hour is told as growth."""


class NarrativeLine(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One narrative in the card's language: its headline, the facts of it, and its typical quote (empty: none)."""

    headline: str
    facts: str
    quote: str = ""

    def text(self, language: Language) -> str:
        """Headline and facts as one line."""
        return catalogue(language).saying.narrative.format(headline=self.headline, facts=self.facts)


def narrative_lines(card: Card) -> list[NarrativeLine]:
    """The narratives of a card, as they come: the one most told first."""
    said = card.briefing.said
    return [] if said is None else narratives_told(said, card.language, clockface(card))


def narratives_told(said: Said, language: Language, face: Clockface) -> list[NarrativeLine]:
    """The narratives of what is said, as they come: the one most told first."""
    return [
        _narrative(narrative, language, face) for narrative in said.narratives[:MAX_NARRATIVES] if narrative.headline
    ]


def saying_lines(card: Card) -> list[str]:
    """Themes, then languages, copies and doubt in one line; nothing of what would not change a decision."""
    said = card.briefing.said
    return [] if said is None else said_lines(said, card.language)


def said_lines(said: Said, language: Language, *, every_language: bool = False) -> list[str]:
    """The same of what is said; `every_language`: also where it is all in the reader's own."""
    words = catalogue(language).saying
    small = [*_languages(said, words, language, always=every_language), *_caution(said, words, language)]
    lines = [_themes(said, language), words.joint.join(small)]
    return [f"{line[:1].upper()}{line[1:]}" for line in lines if line]


def main_quotes(card: Card) -> tuple[Quote, ...]:
    """The mentions quoted beside what narratives tell: fewer where they tell much, and none that they quote."""
    told = {_start(line.quote or line.headline) for line in narrative_lines(card)}
    quotes = tuple(quote for quote in card.briefing.quotes if _start(quote.text) not in told)
    return quotes[:_QUOTES_BESIDE] if told else quotes


def department(owner: str, language: Language) -> str:
    """A department as people name it; its own id where it is one of the user's."""
    return catalogue(language).saying.department.get(owner, owner)


def language_name(code: str, language: Language) -> str:
    """`French` for `fr`; the code itself where no name is known."""
    return catalogue(language).saying.language.get(code, code)


def _narrative(narrative: Narrative, language: Language, face: Clockface) -> NarrativeLine:
    words = catalogue(language).saying
    mentions = plural(words.mentions, narrative.mentions, language).format(n=number(narrative.mentions, language))
    facts = [mentions]
    if narrative.authors:
        authors = plural(words.authors, narrative.authors, language).format(n=number(narrative.authors, language))
        facts = [words.of_authors.format(mentions=mentions, authors=authors)]
    if narrative.growth is not None and narrative.growth >= _GROWS:
        times = number(narrative.growth, language)
        facts.append(words.last_hour_growth.format(n=number(narrative.per_hour, language), times=times))
    elif narrative.per_hour < narrative.mentions:
        facts.append(words.last_hour.format(n=number(narrative.per_hour, language)))
    since = face.stamp(narrative.first_at)
    site = narrative.first_site or narrative.first_source
    facts.append(words.first_on.format(time=since, site=site) if site else words.first_at.format(time=since))
    facts += _jumped(narrative, language)
    quote = "" if narrative.quote == narrative.headline else narrative.quote
    return NarrativeLine(
        headline=words.quoted.format(text=narrative.headline), facts=words.joint.join(facts), quote=quote
    )


def _jumped(narrative: Narrative, language: Language) -> list[str]:
    """Where it was told after the place where it began: other kinds of source, else how many sites."""
    words = handling_words(language)
    others = [name for name, _ in narrative.sources if name != narrative.first_source]
    if narrative.first_source and others:
        more = ["…"] if len(others) > MAX_PLACES else []
        return [words.jumped.format(places=", ".join([*others[:MAX_PLACES], *more]))]
    return [words.on_sites.format(n=number(narrative.sites, language))] if narrative.sites > 1 else []


def _start(text: str) -> str:
    return " ".join(text.casefold().rstrip(" .…").split())[:_SAME]


def _themes(said: Said, language: Language) -> str:
    words = catalogue(language).saying
    told = [_theme(theme, words, language) for theme in said.themes[:MAX_THEMES] if theme.share >= _WORTH_TELLING]
    return words.themes.format(themes=words.joint.join(told)) if told else ""


def _theme(theme: ThemeShare, words: Saying, language: Language) -> str:
    name = localised(theme.title, language) or theme.theme
    told = words.theme.format(name=name, share=percent(round(theme.share, 2), language))
    if theme.words:
        quoted = ", ".join(words.word.format(word=word) for word in theme.words[:MAX_WORDS])
        told = words.theme_words.format(theme=told, words=quoted)
    owner = department(theme.owner, language)
    return words.theme_owner.format(theme=told, owner=owner) if owner else told


def _languages(said: Said, words: Saying, language: Language, *, always: bool) -> list[str]:
    told = [(code, share) for code, share in said.languages if share >= _ANOTHER]
    if not told or (not always and [code for code, _ in told] == [language]):
        return []
    named = [
        words.language_share.format(language=language_name(code, language), share=percent(round(share, 2), language))
        for code, share in told
    ]
    return [words.languages.format(languages=", ".join(named))]


def _caution(said: Said, words: Saying, language: Language) -> list[str]:
    told = []
    if said.copies >= _WORTH_TELLING:
        told.append(words.copies.format(share=percent(round(said.copies, 2), language)))
    if said.unsure >= _WORTH_TELLING:
        told.append(words.unsure.format(share=percent(round(said.unsure, 2), language)))
    if said.provisional >= _WORTH_TELLING * said.mentions and said.provisional:
        counted = number(said.provisional, language)
        told.append(plural(words.provisional, said.provisional, language).format(n=counted))
    return told
