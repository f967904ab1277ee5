"""One automaton over the words of all queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick

from buzzguard.understand.edges import in_word, needs_left, open_syllable, unspaced
from buzzguard.understand.query.nodes import Term

_DROPPED_IN_TAGS = str.maketrans("", "", " '.&")
Hit = tuple[int, int, int]
"""A pattern and where it stands in the text, its edges not yet looked at: index, begin, end."""


class Owner(NamedTuple):
    """A term that a pattern stands for. `exact` is how the pattern must be written, empty when that does not matter."""

    term: int
    prefix: bool
    exact: str
    title: bool

    @property
    def plain(self) -> bool:
        """Whether letters alone decide."""
        return not (self.exact or self.title)


class Finder:
    """Finds which of many terms occur in a folded text, as whole words or, for prefixes, as their beginning.

    A term with spaces or apostrophes is also found joined behind `#` or `@`, as hashtags and handles write it.
    """

    def __init__(self, terms: Sequence[Term]) -> None:
        shapes: dict[str, list[Owner]] = {}
        for index, term in enumerate(terms):
            for shape, exact in _shapes(term):
                shapes.setdefault(shape, []).append(Owner(index, term.prefix, exact, term.title))
        self.owners: list[tuple[Owner, ...]] = [tuple(owners) for owners in shapes.values()]
        self._left = [needs_left(shape[0]) for shape in shapes]
        self._right = [in_word(shape[-1]) or unspaced(shape[-1]) for shape in shapes]
        self._find = AhoCorasick(list(shapes)).find_matches_as_indexes

    def hits(self, folded: str) -> list[Hit]:
        """All places of all patterns, within words too."""
        found: list[Hit] = self._find(folded, overlapping=True)
        return found

    def begins(self, folded: str, hit: Hit) -> bool:
        """Whether a word begins where the pattern does."""
        pattern, start, _ = hit
        return not (start and self._left[pattern] and in_word(folded[start - 1]))

    def ends(self, folded: str, hit: Hit) -> bool:
        """Whether a word ends where the pattern does."""
        pattern, _, end = hit
        if end == len(folded) or not self._right[pattern]:
            return True
        after = folded[end]
        if unspaced(folded[end - 1]):
            return not open_syllable(after)
        return not in_word(after)

    def whole(self, folded: str, hits: Iterable[Hit]) -> list[tuple[Hit, bool]]:
        """The hits at which a word begins, each with whether one ends there as well."""
        return [(hit, self.ends(folded, hit)) for hit in hits if self.begins(folded, hit)]


def _shapes(term: Term) -> list[tuple[str, str]]:
    """The forms of a term, each with how it must be written (empty when that does not matter)."""
    joined = term.text.translate(_DROPPED_IN_TAGS)
    forms = [(term.text, term.exact)]
    if joined != term.text and joined.isalnum():
        exact = term.exact.translate(_DROPPED_IN_TAGS)
        forms += [(f"{sign}{joined}", f"{sign}{exact}" if exact else "") for sign in "#@"]
    return forms
