"""From the shape of a query to its tree, every part checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from buzzguard.understand.query.errors import QueryError
from buzzguard.understand.query.fields import EXAMPLES, UNKNOWN_LANGUAGE, field_name, field_value
from buzzguard.understand.query.grammar import Shape, shape_of
from buzzguard.understand.query.nodes import (
    Either,
    Every,
    Field,
    Near,
    Node,
    Not,
    Query,
    Term,
    inward,
    needs_nothing,
    terms_of,
)
from buzzguard.understand.query.words import term, word

MAX_LENGTH: Final = 20_000
MAX_TERMS: Final = 2_000
MAX_DISTANCE: Final = 50
"""Words between which NEAR still says something: a long paragraph."""
MAX_NEAR: Final = 200
"""Words on both sides of one NEAR."""
_PIECES: Final = re.compile(r'[^\s()"]+')
_NEAR: Final = re.compile(r"(O?)NEAR/(\d{1,9})\Z")
_ONE_VALUE: Final = {"lang": "language", "kind": "kind", "source": "source"}


def parse_query(text: str) -> Query:
    """Read a query. Raises `QueryError` at the first thing that cannot be right."""
    if not text.strip():
        raise QueryError("the query is empty", 1, "name at least one word, for example: acme")
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters", 1, "split it into several topics")
    if len(_PIECES.findall(text)) > 2 * MAX_TERMS:  # the parser's time grows with their square
        raise _too_many()
    root = inward(_node(shape_of(text)))
    if needs_nothing(root):
        raise _without_words(root)
    terms = tuple(dict.fromkeys(terms_of(root)))
    if len(terms) > MAX_TERMS:
        raise _too_many()
    return Query(root, terms)


def _too_many() -> QueryError:
    return QueryError(f"the query has more than {MAX_TERMS} words", 1, "split it into several topics, or use recall*")


def _without_words(root: Node) -> QueryError:
    if any(isinstance(part, Field) and not part.anchors for part in _leaves(root)):
        hint = "add a word, or site:, author: or source: (lang:, kind: and url: only narrow down)"
    else:
        hint = "say what to look for, then what to leave out: acme NOT jobs"
    return QueryError("the query would match texts without any of its words", 1, hint)


def _leaves(node: Node) -> Iterator[Node]:
    if isinstance(node, Every | Either):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node


def _node(shape: Shape) -> Node:
    match shape.kind:
        case "text":
            return _term(shape)
        case "not":
            return Not(_node(shape.parts[0]))
        case "and":
            parts = tuple(map(_node, shape.parts))
            _check_together(shape.parts, parts)
            return Every(parts)
        case "or":
            return Either(tuple(map(_node, shape.parts)))
        case "near":
            return _near(shape)
        case "field":
            return _field(shape)


def _term(shape: Shape) -> Term:
    if shape.phrase:
        return term(shape.text, shape.column + 1, exact=shape.exact, phrase=True)
    return word(shape.text, shape.column, exact=shape.exact)


# NEAR


def _near(shape: Shape) -> Near:
    found = _NEAR.match(shape.text)
    if not found:
        hint = 'write NEAR/5, or ONEAR/5 when the order counts; "NEAR" in quotation marks for the word'
        raise QueryError(f"{shape.text} is not clear", shape.column, hint)
    distance = int(found[2])
    if not 1 <= distance <= MAX_DISTANCE:
        hint = f"from NEAR/1, side by side, to NEAR/{MAX_DISTANCE}"
        raise QueryError(f"{shape.text} is out of bounds", shape.column, hint)
    left, right = (tuple(_near_terms(part)) for part in shape.parts)
    if len(left) + len(right) > MAX_NEAR:
        raise QueryError(f"NEAR takes at most {MAX_NEAR} words", shape.column, "use fewer words, or recall*")
    return Near(left, right, distance, ordered=bool(found[1]))


def _near_terms(shape: Shape) -> Iterator[Term]:
    if shape.kind == "text":
        yield _term(shape)
    elif shape.kind == "or":
        for part in shape.parts:
            yield from _near_terms(part)
    else:
        what = {"and": "AND", "not": "NOT", "near": "another NEAR", "field": "a field"}[shape.kind]
        hint = {"and": '"two words" as a phrase, or (a OR b)', "field": "title:(a NEAR/5 b), or the field outside"}
        raise QueryError(f"NEAR cannot take {what}", shape.column, hint.get(shape.kind, "words, phrases and (a OR b)"))


# Fields


def _field(shape: Shape) -> Node:
    name = field_name(shape.text, shape.column)
    (inner,) = shape.parts
    if name == "title":
        return _in_title(_node(inner), inner)
    return _values(name, inner)


def _in_title(node: Node, shape: Shape) -> Node:
    match node:
        case Term():
            return replace(node, title=True)
        case Near(left, right, distance, ordered):
            return Near(_titled(left), _titled(right), distance, ordered)
        case Every(parts):
            return Every(tuple(_in_title(part, shape) for part in parts))
        case Either(parts):
            return Either(tuple(_in_title(part, shape) for part in parts))
        case Not(part):
            return Not(_in_title(part, shape))
        case Field():
            raise QueryError("title: takes words", shape.column, "write title:(recall OR scandal) lang:fr")


def _titled(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    return tuple(replace(one, title=True) for one in terms)


def _values(name: str, shape: Shape) -> Node:
    if shape.kind == "text":
        if shape.exact:
            raise QueryError(f"{name}: takes no =", shape.column, f"write for example {EXAMPLES[name]}")
        column = shape.column + (1 if shape.phrase else 0)
        return Field(name, field_value(name, shape.text, column))
    if shape.kind == "or":
        return Either(tuple(_values(name, part) for part in shape.parts))
    first, second = EXAMPLES[name].partition(":")[2], {"lang": "en"}.get(name, "…")
    hint = f"write OR between them: {name}:({first} OR {second}); to leave some out: -{EXAMPLES[name]}"
    raise QueryError(f"{name}: takes a value, or several joined by OR", shape.column, hint)


# What can never hold


def _check_together(shapes: Sequence[Shape], parts: Sequence[Node]) -> None:
    seen: dict[str, frozenset[str]] = {}
    known: set[Node] = set()
    for shape, part in zip(shapes, parts, strict=True):
        opposite = part.part if isinstance(part, Not) else Not(part)
        if opposite in known:
            raise QueryError("this can never hold: it is asked for and left out", shape.column, "drop one of the two")
        known.add(part)
        name, values = _asked(part)
        if name not in _ONE_VALUE:
            continue
        if not values & seen.get(name, values):
            both = sorted(value or UNKNOWN_LANGUAGE for value in values | seen[name])
            hint = f"write {name}:({' OR '.join(both)})"
            raise QueryError(f"a mention has but one {_ONE_VALUE[name]}", shape.column, hint)
        seen[name] = values & seen.get(name, values)


def _asked(node: Node) -> tuple[str, frozenset[str]]:
    """The one field that a part asks for, with the values that it takes; nothing for other parts."""
    fields = [part for part in (node.parts if isinstance(node, Either) else (node,)) if isinstance(part, Field)]
    names = {field.name for field in fields}
    whole = len(names) == 1 and (not isinstance(node, Either) or len(fields) == len(node.parts))
    return (names.pop(), frozenset(field.value for field in fields)) if whole else ("", frozenset())
