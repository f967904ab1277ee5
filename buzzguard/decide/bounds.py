"""What the bounds of conditions say of each other: that they contradict, or that one follows from others.

Only conjuncts of the form `name operator constant` are looked at: what is found is so, what is not found may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from buzzguard.decide.expression import Bound, Condition

_Value: TypeAlias = float | timedelta


class _Edge(NamedTuple):
    """An end of a range. `open`: the value itself is outside."""

    value: _Value
    open: bool


class Contradiction(NamedTuple):
    """Two bounds of one variable that no value meets."""

    first: Bound
    second: Bound


def contradiction(bounds: Iterable[Bound]) -> Contradiction | None:
    """Two of the bounds that cannot both be met, if there are any."""
    known: list[Bound] = []
    for bound in bounds:
        other = next((other for other in known if other.name == bound.name and _apart(other, bound)), None)
        if other is not None:
            return Contradiction(other, bound)
        known.append(bound)
    return None


def follows(condition: Condition, given: Sequence[Bound]) -> bool:
    """Whether `condition` surely holds wherever all of `given` are met."""
    return condition.plain and all(any(_implies(known, bound) for known in given) for bound in condition.bounds)


def _low(bound: Bound) -> _Edge | None:
    if bound.operator in (">", ">=", "=="):
        return _Edge(bound.value, bound.operator == ">")
    return None


def _high(bound: Bound) -> _Edge | None:
    if bound.operator in ("<", "<=", "=="):
        return _Edge(bound.value, bound.operator == "<")
    return None


def _apart(one: Bound, other: Bound) -> bool:
    return _above(_low(one), _high(other)) or _above(_low(other), _high(one))


def _above(low: _Edge | None, high: _Edge | None) -> bool:
    if low is None or high is None:
        return False
    return _less(high.value, low.value) or (low.value == high.value and (low.open or high.open))


def _implies(known: Bound, bound: Bound) -> bool:
    if known.name != bound.name or bound.operator == "!=":
        return known == bound
    low, high = _low(bound), _high(bound)
    return (low is None or _within(_low(known), low, upward=True)) and (
        high is None or _within(_high(known), high, upward=False)
    )


def _within(known: _Edge | None, edge: _Edge, *, upward: bool) -> bool:
    if known is None:
        return False
    if known.value == edge.value:
        return known.open or not edge.open
    return _less(edge.value, known.value) if upward else _less(known.value, edge.value)


def _less(left: _Value, right: _Value) -> bool:
    """Bounds of one variable are of one kind, so they can be compared."""
    return left < right  # type: ignore[operator]
