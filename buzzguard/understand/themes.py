"""Themes: what a mention is about, and so whose business it is, with the words that decided.

A theme is found by the terms that its author lists and by likeness to its examples. Both are sums over words, so that
what decided can always be named:

- a strong term counts 1, a weak one 0.5, each once a text; a term within one of the theme's `against` terms does not
  count ("rupture conventionnelle" takes "rupture" away), any other `against` term takes 1 away;
- likeness to the examples and to the words of all terms (`learned.WordModel`) counts up to about 1.5. Left out seven
  ways, it raises F1 on the shipped examples from .66 to .70.

A theme is found from a sum of 1 on; of long texts more is asked, a single word in an article says little. The score is
1 - 2^-sum: 0.5 for what just suffices, towards 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from buzzguard.understand.fold import fold
from buzzguard.understand.learned import WordModel, words_of
from buzzguard.understand.negation import negated
from buzzguard.understand.terms import Span, TermFinder, parse_term

STRONG, WEAK, AGAINST = 1.0, 0.5, -1.0
LIKENESS = 1.5
"""What full likeness to the examples counts."""
ENOUGH = 1.0
"""The sum from which on a theme is found."""
LONG = 1_000
"""Characters from which on more is asked, in proportion to the root of the length."""
TELLING = 0.12
"""What a word must add to the likeness to be named."""
MAX_CHARACTERS = 10_000
"""What is read of a text: what an article is about shows by then."""
MAX_WORDS = 6
"""Words named for a theme."""
NONE = "none"
"""The theme whose examples are about nothing; it is never found."""


@dataclass(frozen=True, slots=True)
class Theme:
    """One theme. `strong`, `weak`, `against` and `examples` are by language (ISO 639-1).

    With `unless_negated` a term that is directly negated does not count: "not great" is no praise, while "no refund"
    is still about refunds.
    """

    id: str
    title: Mapping[str, str] = field(default_factory=dict)
    owner: str = "communications"
    strong: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weak: Mapping[str, Sequence[str]] = field(default_factory=dict)
    against: Mapping[str, Sequence[str]] = field(default_factory=dict)
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unless_negated: bool = False

    @property
    def languages(self) -> set[str]:
        """The languages in which it says anything."""
        return {*self.strong, *self.weak, *self.against, *self.examples}


class ThemeFound(NamedTuple):
    """A theme in a text: how surely (0.5 to 1), and the words that decided, the weightiest first."""

    id: str
    score: float
    words: tuple[str, ...]


class Themes:
    """Finds the themes of texts. Equal themes give equal answers in every process."""

    def __init__(self, themes: Iterable[Theme]) -> None:
        every = tuple(themes)
        self._nothing = next((theme for theme in every if theme.id == NONE), None)
        self.themes = tuple(sorted((theme for theme in every if theme.id != NONE), key=lambda theme: theme.id))
        languages = sorted(set().union(*(theme.languages for theme in every)))
        self._lexicons = {language: _Lexicon(self.themes, self._nothing, language) for language in languages}

    def of(self, folded_text: str, language: str) -> tuple[ThemeFound, ...]:
        """The themes of a folded text, the surest first.

        A text whose language is not among those of the themes (or unknown: empty) is read in all of them.
        """
        lexicon = self._lexicons.get(language)
        if lexicon is not None:
            found = lexicon.of(folded_text)
            return tuple(sorted(found, key=_order) if len(found) > 1 else found)
        best: dict[str, ThemeFound] = {}
        for one in self._lexicons.values():
            for theme in one.of(folded_text):
                if theme.id not in best or theme.score > best[theme.id].score:
                    best[theme.id] = theme
        return tuple(sorted(best.values(), key=_order))

    def owner(self, theme: str) -> str:
        """The department whose business a theme is. Raises LookupError for one that is unknown."""
        return self._theme(theme).owner

    def title(self, theme: str, language: str) -> str:
        """The name that people read, in English where there is no other. Raises LookupError."""
        titles = self._theme(theme).title
        return titles.get(language) or titles.get("en") or theme

    def _theme(self, name: str) -> Theme:
        for theme in self.themes:
            if theme.id == name:
                return theme
        raise LookupError(f"there is no theme {name!r}")


def _order(found: ThemeFound) -> tuple[float, str]:
    return -found.score, found.id


class _Owned(NamedTuple):
    """A term in a theme, and what it counts there."""

    theme: int
    weight: float
    unless_negated: bool
    term: str


class _Lexicon:
    """The themes in one language."""

    def __init__(self, themes: Sequence[Theme], nothing: Theme | None, language: str) -> None:
        self._themes = themes
        self._owned = [
            _Owned(index, weight, theme.unless_negated, term)
            for index, theme in enumerate(themes)
            for weight, terms in ((STRONG, theme.strong), (WEAK, theme.weak), (AGAINST, theme.against))
            for term in dict.fromkeys(terms.get(language, ()))
        ]
        self._against = frozenset(index for index, owned in enumerate(self._owned) if owned.weight < 0)
        parsed = [parse_term(owned.term) for owned in self._owned]
        self._finder = TermFinder(parsed)
        examples = [
            (fold(text), () if theme is nothing else (index,))
            for index, theme in enumerate([*themes, *([nothing] if nothing else [])])
            for text in theme.examples.get(language, ())
        ]
        examples += [
            (one.body, (owned.theme,)) for one, owned in zip(parsed, self._owned, strict=True) if owned.weight == STRONG
        ]
        self._model = WordModel(examples, len(themes))
        self._phrases = {fold(owned.term): owned.term for owned in self._owned if not owned.term.endswith("*")}
        self._spelt = _spellings([text for theme in themes for text in _written(theme, language)])

    def of(self, text: str) -> list[ThemeFound]:
        """The themes found, in no order."""
        text = text[:MAX_CHARACTERS]
        words = words_of(text)
        likeness, length = self._model.of(words)
        share = LIKENESS / length
        enough = ENOUGH if len(text) <= LONG else ENOUGH * (len(text) / LONG) ** 0.5
        spans = self._finder.find(text)
        counted = self._counted(text, spans) if spans else {}
        candidates = set(counted)
        if max(likeness, default=0.0) * share >= enough:  # rarely: examples alone
            candidates.update(index for index, like in enumerate(likeness) if like * share >= enough)
        found: list[ThemeFound] = []
        for index in sorted(candidates) if len(candidates) > 1 else candidates:
            terms = counted.get(index, [])
            listed = sum([weight for weight, _ in terms])
            total = listed + max(0.0, likeness[index]) * share
            if total >= enough:
                named = terms if listed >= enough else [*terms, *self._speaking(words, index, share)]
                found.append(ThemeFound(self._themes[index].id, _score(total), self._deciding(named)))
        return found

    def _counted(self, text: str, spans: list[Span]) -> dict[int, list[tuple[float, str]]]:
        """By theme, each term that counts with its weight and the words of the text."""
        owned, opposed = self._owned, self._against
        against = [(owned[term][0], start, end) for term, start, end in spans if term in opposed]
        counted: dict[int, list[tuple[float, str]]] = {}
        seen: set[int] = set()
        for term, start, end in spans:
            if term in seen:
                continue
            theme, weight, unless_negated, _ = owned[term]
            if weight > 0:
                if against and any(t == theme and begin <= start and end <= stop for t, begin, stop in against):
                    continue
                if unless_negated and negated(text, start):
                    continue
            seen.add(term)
            counted.setdefault(theme, []).append((weight, text[start:end]))
        return {theme: terms if len(terms) == 1 else _longest(terms) for theme, terms in counted.items()}

    def _speaking(self, words: Sequence[str], index: int, share: float) -> list[tuple[float, str]]:
        """The words whose likeness to the examples tipped the scales."""
        told = [(share * weight, word) for weight, word in self._model.speaking(words, index)]
        return [pair for pair in told if pair[0] >= TELLING] or sorted(told)[-1:]

    def _deciding(self, named: Sequence[tuple[float, str]]) -> tuple[str, ...]:
        words: list[str] = []
        for weight, word in sorted(named, key=_lightness) if len(named) > 1 else named:
            if weight > 0 and not any([word in other for other in words]):
                words.append(word)
        return tuple([self._shown(word) for word in words[:MAX_WORDS]])

    def _shown(self, words: str) -> str:
        if (term := self._phrases.get(words)) is not None:
            return term
        return " ".join(self._spelt.get(word, word) for word in words.split())


def _lightness(pair: tuple[float, str]) -> float:
    return -pair[0]


def _longest(terms: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Without terms whose words lie within another's that counts as much: "remboursement" beside "pas de
    remboursement" is one reason, not two."""
    return [
        (weight, words)
        for weight, words in terms
        if not any(weight > 0 and weight <= more and words != longer and words in longer for more, longer in terms)
    ]


def _score(total: float) -> float:
    return round(1.0 - math.pow(0.5, total), 4)


def _written(theme: Theme, language: str) -> Iterable[str]:
    for texts in (theme.strong, theme.weak, theme.examples):
        yield from texts.get(language, ())


def _spellings(texts: Iterable[str]) -> dict[str, str]:
    """Folded word → as people write it, for words whose accents folding took and that have no other spelling."""
    spelt: dict[str, set[str]] = {}
    for text in texts:
        for word in text.lower().replace("’", "'").split():
            plain = word.strip(" .,;:!?()«»\"'*=…")
            if plain.isalpha():
                spelt.setdefault(fold(plain), set()).add(plain)
    return {plain: min(several) for plain, several in spelt.items() if len(several) == 1 and plain not in several}
