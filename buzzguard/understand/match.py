"""Which topics a text names: one automaton over the terms of all topics, then each candidate's own query."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Set

from ahocorasick_rs import AhoCorasick

from buzzguard.understand.query import Either, Every, Node, Not, Query, Term

# Scripts written without spaces between words: there, a word's edge cannot be seen.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff]"
)
_DROPPED_IN_HASHTAGS = str.maketrans("", "", " '.&")


class WordFinder:
    """Finds which of many terms occur in a folded text as whole words.

    A term with spaces or apostrophes is also found joined behind `#` or `@`, as hashtags and handles write it.
    """

    def __init__(self, terms: list[str]) -> None:
        shapes: dict[str, list[str]] = {}
        for term in terms:
            for shape in _shapes(term):
                shapes.setdefault(shape, []).append(term)
        self._names = list(shapes.values())
        self._bound = [(_needs_edge(shape[0]), _needs_edge(shape[-1])) for shape in shapes]
        self._find = AhoCorasick(list(shapes)).find_matches_as_indexes

    def find(self, text: str) -> set[str]:
        """The terms that occur in the folded `text`."""
        found: set[str] = set()
        hits = self._find(text, overlapping=True)
        if not hits:
            return found
        known: set[int] = set()
        last = len(text)
        for shape, start, end in hits:
            if shape in known:
                continue
            left, right = self._bound[shape]
            if left and start and _in_word(text[start - 1]):
                continue
            if right and end < last and _in_word(text[end]):
                continue
            known.add(shape)
            found.update(self._names[shape])
        return found


class TopicMatcher:
    """Matches texts against the queries of all topics at once."""

    def __init__(self, queries: Mapping[str, Query]) -> None:
        self._topics = tuple(queries)
        self._holds = tuple(compiled(query.root) for query in queries.values())
        self._of_term: dict[str, list[int]] = {}
        for index, query in enumerate(queries.values()):
            for term in query.terms:
                self._of_term.setdefault(term, []).append(index)
        self._finder = WordFinder(list(self._of_term))

    def match(self, folded_text: str) -> tuple[str, ...]:
        """The topics whose query the text satisfies, in the order in which they were given.

        `folded_text` is what `fold` returns. A query never holds for a text with none of its terms (the parser
        refuses those), so only topics with a term in the text are looked at.
        """
        found = self._finder.find(folded_text)
        if not found:
            return ()
        candidates = {index for term in found for index in self._of_term[term]}
        holds, topics = self._holds, self._topics
        return tuple(topics[index] for index in sorted(candidates) if holds[index](found))


def compiled(node: Node) -> Callable[[Set[str]], bool]:
    """`Query.holds` as a function that looks at plain terms by set operations: several times faster."""
    match node:
        case Term(text):
            return lambda found: text in found
        case Not(part):
            inner = compiled(part)
            return lambda found: not inner(found)
        case Every(parts) | Either(parts):
            terms = frozenset(part.text for part in parts if isinstance(part, Term))
            others = tuple(compiled(part) for part in parts if not isinstance(part, Term))
            if isinstance(node, Every):
                return lambda found: terms <= found and all(other(found) for other in others)
            if not others:
                return lambda found: not terms.isdisjoint(found)
            return lambda found: not terms.isdisjoint(found) or any(other(found) for other in others)


def _shapes(term: str) -> list[str]:
    joined = term.translate(_DROPPED_IN_HASHTAGS)
    if joined == term or not joined.isalnum():
        return [term]
    return [term, f"#{joined}", f"@{joined}"]


def _in_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _needs_edge(character: str) -> bool:
    return _in_word(character) and not _UNSPACED.match(character)
