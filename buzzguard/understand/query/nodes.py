"""A query as a tree. Negation stands at its leaves only: the parser moves it inward."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase. `text` is folded.

    `exact` is how it must be written (`exact_form`), empty when case and accents do not matter. With `prefix` its last
    word may go on, with `title` it must stand in the title.
    """

    text: str
    prefix: bool = False
    exact: str = ""
    title: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """What is known of a mention beside its text: `name` is one of `fields.NAMES` but `title`, `value` as it is
    compared."""

    name: str
    value: str

    @property
    def anchors(self) -> bool:
        """Whether so few mentions have it that it may stand alone."""
        return self.name in ANCHORS


ANCHORS = frozenset({"author", "site", "source"})


@dataclass(frozen=True, slots=True)
class Near:
    """True when one of `left` and one of `right` stand at most `distance` words apart; 1: side by side.

    With `ordered` the one of `left` comes first.
    """

    left: tuple[Term, ...]
    right: tuple[Term, ...]
    distance: int
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Every:
    """True when each part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """True when one part is."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when its part is not."""

    part: Node


Node: TypeAlias = Term | Field | Near | Every | Either | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `terms` are all its words and phrases, each once, in order of appearance."""

    root: Node
    terms: tuple[Term, ...]


def terms_of(node: Node) -> Iterator[Term]:
    """All words and phrases of a tree, in order, as often as they appear."""
    match node:
        case Term():
            yield node
        case Near(left, right):
            yield from left
            yield from right
        case Every(parts) | Either(parts):
            for part in parts:
                yield from terms_of(part)
        case Not(part):
            yield from terms_of(part)


def asks_for(query: Query, name: str) -> bool:
    """Whether a query reads the field `name`."""
    return _asks_for(query.root, name)


def _asks_for(node: Node, name: str) -> bool:
    match node:
        case Field():
            return node.name == name
        case Every(parts) | Either(parts):
            return any(_asks_for(part, name) for part in parts)
        case Not(part):
            return _asks_for(part, name)
        case _:
            return False


def inward(node: Node, *, negated: bool = False) -> Node:
    """The same tree with `Not` around leaves only."""
    match node:
        case Not(part):
            return inward(part, negated=not negated)
        case Every(parts):
            inner = tuple(inward(part, negated=negated) for part in parts)
            return Either(inner) if negated else Every(inner)
        case Either(parts):
            inner = tuple(inward(part, negated=negated) for part in parts)
            return Every(inner) if negated else Either(inner)
        case _:
            return Not(node) if negated else node


def needs_nothing(node: Node) -> bool:
    """Whether the tree (negation inward) could hold for a text without any of its words, authors, sites or sources."""
    match node:
        case Term() | Near():
            return False
        case Field():
            return not node.anchors
        case Every(parts):
            return all(needs_nothing(part) for part in parts)
        case Either(parts):
            return any(needs_nothing(part) for part in parts)
        case Not():
            return True
