"""Queries as functions of a scan, and the words that must occur before one is asked at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from buzzguard.understand.query.nodes import ANCHORS, Either, Every, Field, Near, Node, Not, Term
from buzzguard.understand.scan import Scan

Verdict = Callable[[Scan], bool]
Waker: TypeAlias = Term | Field
_RARE, _COMMON = 8, 3
_FIELD_COSTS = {"site": 10, "author": 3, "source": 300}


def compiled(node: Node, ids: Mapping[Term, int]) -> Verdict:
    """The query as a function. Plain words are looked at by set operations: several times faster than one by one."""
    match node:
        case Term():
            return _has_term(ids[node])
        case Field(name, value):
            return lambda scan: scan.has(name, value)
        case Near(left, right, distance, ordered):
            sides = tuple(ids[one] for one in left), tuple(ids[one] for one in right)
            return lambda scan: scan.near(*sides, distance=distance, ordered=ordered)
        case Not(part):
            inner = compiled(part, ids)
            return lambda scan: not inner(scan)
        case Every(parts):
            return _every(parts, ids)
        case Either(parts):
            return _either(parts, ids)


def _has_term(index: int) -> Verdict:
    return lambda scan: index in scan.found


def _split(parts: tuple[Node, ...], ids: Mapping[Term, int]) -> tuple[frozenset[int], tuple[Verdict, ...]]:
    words = frozenset(ids[part] for part in parts if isinstance(part, Term))
    return words, tuple(compiled(part, ids) for part in parts if not isinstance(part, Term))


def _every(parts: tuple[Node, ...], ids: Mapping[Term, int]) -> Verdict:
    absent = frozenset(ids[word] for part in parts for word in _forbidden(part))
    words, others = _split(tuple(part for part in parts if not _forbidden(part)), ids)
    if not others:
        return lambda scan: words <= scan.found and absent.isdisjoint(scan.found)
    if len(others) == 1:  # `(this OR that) NOT other`, mostly
        only = others[0]
        return lambda scan: words <= scan.found and absent.isdisjoint(scan.found) and only(scan)
    return lambda scan: words <= scan.found and absent.isdisjoint(scan.found) and all(other(scan) for other in others)


def _forbidden(part: Node) -> tuple[Term, ...]:
    """The words none of which may occur, where a part of a query says just that."""
    match part:
        case Not(Term() as word):
            return (word,)
        case Not(Either(words)) if all(isinstance(word, Term) for word in words):
            return tuple(word for word in words if isinstance(word, Term))
        case _:
            return ()


def _either(parts: tuple[Node, ...], ids: Mapping[Term, int]) -> Verdict:
    words, others = _split(parts, ids)
    if not others:
        return lambda scan: not words.isdisjoint(scan.found)
    return lambda scan: not words.isdisjoint(scan.found) or any(other(scan) for other in others)


def wakers(node: Node, uses: Mapping[Waker, int]) -> frozenset[Waker]:
    """Words and fields of which at least one is there whenever the query holds, as rare as can be told.

    `uses` says how many topics name each: a word that many name is a common one. The parser refuses queries for which
    there is no such set.
    """
    found = _wakers(node, uses)
    assert found is not None
    return found


def _wakers(node: Node, uses: Mapping[Waker, int]) -> frozenset[Waker] | None:
    match node:
        case Term():
            return frozenset((node,))
        case Field(name) if name in ANCHORS:
            return frozenset((node,))
        case Near(left, right):
            return min((frozenset[Waker](left), frozenset[Waker](right)), key=lambda side: _cost(side, uses))
        case Every(parts):
            return min(
                filter(None, (_wakers(part, uses) for part in parts)),
                key=lambda inner: _cost(inner, uses),
                default=None,
            )
        case Either(parts):
            each = [_wakers(part, uses) for part in parts]
            return None if None in each else frozenset[Waker]().union(*filter(None, each))
        case _:
            return None


def _cost(wakers: frozenset[Waker], uses: Mapping[Waker, int]) -> int:
    return sum(_often(waker) * uses.get(waker, 1) for waker in wakers)


def _often(waker: Waker) -> int:
    """How often a word is met, guessed from its length: short words are frequent ones."""
    if isinstance(waker, Field):
        return _FIELD_COSTS[waker.name]
    if " " in waker.text or len(waker.text) >= _RARE:
        return 1
    return 2 if len(waker.text) > _COMMON else 8
