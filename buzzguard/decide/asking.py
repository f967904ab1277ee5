"""How rare the rules in use ask their topics to be: what the budget of false alarms is shared among.

A condition is read as far as it bounds a return period from below: of `a && b` the rarest of the two, of `a || b` both
together. A negation, a choice (`a ? b : c`) and a comparison of two variables bound nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.expression import ExpressionError, compile_condition
from buzzguard.decide.lexer import COMPARISONS, Token, comparison, conjuncts, tokens
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import TopicFacts
from buzzguard.model import COUNTED_ELSEWHERE, Signal
from buzzguard.model.question import Question

_DEEPEST = 20
"""Parentheses within parentheses that are read."""
_FLIPPED = {"<": ">", "<=": ">="}
_ABOVE = frozenset((">", ">="))
_RARE = frozenset({*(f"{signal}.once_per" for signal in Signal), "volume.lull_once_per"})
_ELSEWHERE = {f"{signal}.once_per": signal for signal in COUNTED_ELSEWHERE}
_YOUNG = frozenset(f"{signal}.learning" for signal in Signal)

_Floors: TypeAlias = dict[str, timedelta]
"""Return periods by name, one of which at least is reached where a condition holds."""


class Asked(NamedTuple):
    """The questions of all rules to all topics.

    `open` names the rules that no return period bounds, and `young` those that speak only while a baseline is learning:
    neither has questions. Rules over our own streams are not among them.
    """

    questions: tuple[Question, ...]
    open: tuple[str, ...] = ()
    young: tuple[str, ...] = ()


def asked(rules: Iterable[Rule], topics: Mapping[str, TopicSettings]) -> Asked:
    """What the enabled rules ask of the topics that they select, in order of rule and topic."""
    facts = [TopicFacts(topic, settings) for topic, settings in topics.items()]
    questions: list[Question] = []
    unbounded: list[str] = []
    young: list[str] = []
    for rule in rules:
        selected = [topic.id for topic in facts if rule.selects(topic)] if rule.file.enabled else []
        if not selected:
            continue
        if speaks_young(rule.file.when):
            young.append(rule.id)
            continue
        floors = floors_of(rule.file.when)
        if not floors:
            unbounded.append(rule.id)
        questions += [
            Question(topic=topic, rule=rule.id, name=name, once_per=once_per)
            for topic in selected
            for name, once_per in floors.items()
        ]
    return Asked(tuple(questions), tuple(unbounded), tuple(young))


def answerable(questions: Iterable[Question], counted: Container[tuple[str, Signal]]) -> tuple[Question, ...]:
    """Those that anything can answer: what is counted elsewhere is asked only of topics that some stream counts.

    `counted` holds each topic with the signal that is counted of it.
    """
    return tuple(
        one for one in questions if (signal := _ELSEWHERE.get(one.name)) is None or (one.topic, signal) in counted
    )


def speaks_young(when: str) -> bool:
    """Whether a rule's condition can hold only while a baseline is still young."""
    return any(_unwrapped(part) in _YOUNG for part in conjuncts(_unwrapped(when)))


def floors_of(when: str) -> dict[str, timedelta]:
    """Return periods by name: where the condition of a rule holds, at least one signal is as rare as stands there.

    Empty when nothing bounds it.
    """
    return _floors(when, _DEEPEST) or {}


def _floors(text: str, depth: int) -> _Floors | None:
    text = _unwrapped(text)
    if depth <= 0:
        return None
    either = _disjuncts(text)
    if len(either) > 1:
        return _together([_floors(part, depth - 1) for part in either])
    both = conjuncts(text)
    if len(both) > 1:
        return _rarest([_floors(part, depth - 1) for part in both])
    return _floor(text)


def _together(parts: Iterable[_Floors | None]) -> _Floors | None:
    """Of alternatives each may be the one that holds: one without a bound leaves the whole without."""
    floors: _Floors = {}
    for part in parts:
        if part is None:
            return None
        for name, floor in part.items():
            floors[name] = min(floor, floors.get(name, floor))
    return floors


def _rarest(parts: Iterable[_Floors | None]) -> _Floors | None:
    """Of conditions that hold at once each is a bound: the strictest one."""
    return min((part for part in parts if part is not None), key=_often, default=None)


def _often(floors: _Floors) -> float:
    return sum(1 / floor.total_seconds() for floor in floors.values())


def _floor(text: str) -> _Floors | None:
    text = _name_first(text)
    found = comparison(text)
    if found is None or found.name not in _RARE or found.operator not in _ABOVE:
        return None
    try:
        bounds = compile_condition(text, scope="topic").bounds
    except ExpressionError:  # a part that CEL cuts otherwise
        return None
    for bound in bounds:
        if isinstance(bound.value, timedelta) and bound.value > timedelta(0):
            return {bound.name: bound.value}
    return None


def _name_first(text: str) -> str:
    """`days(90) < negative.once_per` as `negative.once_per > days(90)`."""
    found = [word for word in tokens(text) if word.kind == "operator" and word.text in COMPARISONS]
    if len(found) != 1 or found[0].text not in _FLIPPED:
        return text
    at, sign = found[0].start, found[0].text
    return f"{text[at + len(sign) :].strip()} {_FLIPPED[sign]} {text[:at].strip()}"


def _disjuncts(text: str) -> list[str]:
    """The parts of `a || b || c`; the text itself when it is no such form, or a choice."""
    depth, cuts = 0, []
    for word in tokens(text):
        if word.kind != "operator":
            continue
        depth += (word.text in "([{") - (word.text in ")]}")
        if depth == 0 and word.text == "?":
            return [text]
        if depth == 0 and word.text == "||":
            cuts.append(word.start)
    starts = [0, *(cut + 2 for cut in cuts)]
    return [text[start:end] for start, end in zip(starts, [*cuts, len(text)], strict=True)]


def _unwrapped(text: str) -> str:
    """Without the parentheses around the whole."""
    while True:
        text = text.strip()
        words = tokens(text)
        if not words or words[0].text != "(" or _closing(words) != len(words) - 1:
            return text
        text = text[words[0].start + 1 : words[-1].start]


def _closing(words: list[Token]) -> int:
    """The index of the bracket that closes the first; one past the last word when none does."""
    depth = 0
    for index, word in enumerate(words):
        if word.kind == "operator":
            depth += (word.text in "([{") - (word.text in ")]}")
        if depth == 0:
            return index
    return len(words)
