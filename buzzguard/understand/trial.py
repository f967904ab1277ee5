"""One query held against one text, to show people what it finds and why not."""

from __future__ import annotations

from typing import NamedTuple

from buzzguard.understand.compiled import compiled
from buzzguard.understand.finder import Finder
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.query import Either, Every, Field, Near, Node, Not, Query, Term
from buzzguard.understand.scan import Scan


class Found(NamedTuple):
    """A word or phrase of the query that occurs: as the query has it, and where in the original text."""

    term: str
    start: int
    end: int


class Trial(NamedTuple):
    """What came of it. `against` are the parts of the query that the text does not satisfy; empty when it matches."""

    holds: bool
    found: tuple[Found, ...]
    against: tuple[str, ...]


def attempt(query: Query, text: MatchText) -> Trial:
    """Hold `query` against `text` and tell what was found, in the order of the text."""
    return Trying(query).hold(text)


class Trying:
    """One query, made ready to be held against many texts."""

    def __init__(self, query: Query) -> None:
        ids = {term: index for index, term in enumerate(query.terms)}
        parts = query.root.parts if isinstance(query.root, Every) else (query.root,)
        self._terms = query.terms
        self._finder = Finder(query.terms)
        self._root = compiled(query.root, ids)
        self._parts = [(written(part), compiled(part, ids)) for part in parts]

    def hold(self, text: MatchText) -> Trial:
        """What comes of it, as `attempt` tells."""
        scan = Scan(self._finder, text)
        found = {
            Found(written(self._terms[term]), *scan.place_in_text(span))
            for term, spans in scan.spans.items()
            for span in spans
        }
        holds = self._root(scan)
        against = () if holds else tuple(part for part, satisfied in self._parts if not satisfied(scan))
        return Trial(holds, tuple(sorted(found, key=lambda one: (one.start, one.end, one.term))), against)


def written(node: Node) -> str:
    """A part of a query in its own language."""
    match node:
        case Term():
            return _term(node)
        case Field(name, value):
            return f"{name}:{_quoted(value) if value else 'unknown'}"
        case Near(left, right, distance, ordered):
            return f"{_group(left)} {'O' if ordered else ''}NEAR/{distance} {_group(right)}"
        case Not(part):
            return f"NOT {written(part)}"
        case Every(parts):
            return f"({' '.join(map(written, parts))})"
        case Either(parts):
            return f"({' OR '.join(map(written, parts))})"


def _term(term: Term) -> str:
    text = (term.exact or term.text) + ("*" if term.prefix else "")
    return f"{'title:' if term.title else ''}{'=' if term.exact else ''}{_quoted(text)}"


def _quoted(text: str) -> str:
    return f'"{text}"' if " " in text else text


def _group(terms: tuple[Term, ...]) -> str:
    return written(terms[0]) if len(terms) == 1 else f"({' OR '.join(map(written, terms))})"
