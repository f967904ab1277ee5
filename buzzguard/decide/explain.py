"""CEL's complaints → problems in plain words, each with its place in the condition and a hint."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from buzzguard.config.located import suggest
from buzzguard.decide.lexer import Chain, chains
from buzzguard.decide.vocabulary import FUNCTIONS, Scope, variables

_COMPLAINT = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '\((.*)\)'")
_STRAY = re.compile(r"(?:extraneous|mismatched) input '(?P<seen>.*?)' expecting")
_CEL_FUNCTIONS = ("size", "has", "matches", "contains", "startsWith", "endsWith", "exists", "all", "duration", "int")
_TYPES = (
    ("google.protobuf.Duration", "a duration"),
    ("map(string, string)", "texts by name"),
    ("double", "a number"),
    ("int", "a number"),
    ("string", "a text"),
    ("bool", "yes or no"),
)
_WORDS_FOR = {"and": "&&", "or": "||", "not": "!", "=": "==", "AND": "&&", "OR": "||", "NOT": "!"}


class Problem(NamedTuple):
    """One thing wrong in a condition. `offset` counts characters from 0, `line` and `column` from 1."""

    message: str
    offset: int
    line: int
    column: int
    hint: str = ""


class ExpressionError(ValueError):
    """A condition that cannot be used. `problems` holds what is wrong; the attributes are those of the first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        self.message, self.offset, self.line, self.column, self.hint = problems[0]
        super().__init__(f"{self.line}:{self.column}: {self.message}" + (f" ({self.hint})" if self.hint else ""))


def problem_at(text: str, offset: int, message: str, hint: str = "") -> Problem:
    """A problem at a character of the condition."""
    before = text[:offset]
    return Problem(message, offset, before.count("\n") + 1, offset - before.rfind("\n"), hint)


def problems_of(text: str, complaint: str, scope: Scope) -> tuple[Problem, ...]:
    """What CEL's compiler said of `text`, in plain words, at least one problem. Cascades are cut to their cause."""
    found: dict[int, Problem] = {}
    for line, column, message in _COMPLAINT.findall(complaint):
        problem = _explained(text, _offset(text, int(line), int(column)), message, scope)
        found.setdefault(problem.offset, problem)
        if message.startswith("Syntax error"):
            break
    if found:
        return tuple(found.values())
    if "incompatible function arguments" in complaint:
        return (problem_at(text, 0, "the condition holds a character that is none"),)
    if "recursion limit" in complaint:
        return (problem_at(text, 0, "the condition is nested too deeply"),)
    return (problem_at(text, 0, f"the condition cannot be read: {complaint.splitlines()[0][:200]}"),)


def kind_words(cel_type: str) -> str:
    """A CEL type in plain words."""
    return next((words for name, words in _TYPES if cel_type == name), f"a {cel_type.lower()}")


def _offset(text: str, line: int, column: int) -> int:
    starts = [0]
    for match in re.finditer("\n", text):
        starts.append(match.end())
    return min(starts[min(line, len(starts)) - 1] + column - 1, len(text))


def _explained(text: str, offset: int, message: str, scope: Scope) -> Problem:
    if match := _UNDECLARED.search(message):
        return _unknown_name(text, offset, match[1], scope)
    if match := _OVERLOAD.search(message):
        return _wrong_kinds(text, offset, match[1], match[2])
    if message.startswith("Syntax error"):
        return _syntax(text, offset, message)
    if "cannot be the operand of a select" in message:
        chain = _chain_at(text, offset)
        name = chain.name if chain else text[offset : offset + 20]
        return problem_at(text, chain.start if chain else offset, f"`{name}` reads a value of what has none")
    return problem_at(text, offset, message.rstrip("."))


def _chain_at(text: str, offset: int) -> Chain | None:
    return next((chain for chain in chains(text) if chain.start <= offset <= chain.end), None)


def _unknown_name(text: str, offset: int, name: str, scope: Scope) -> Problem:
    chain = _chain_at(text, offset)
    if chain is None:
        return problem_at(text, offset, f"unknown name `{name}`")
    if chain.called:
        word = chain.name.rpartition(".")[2]
        hint = suggest(word, (*FUNCTIONS, *_CEL_FUNCTIONS))
        return problem_at(text, chain.start, f"unknown function `{chain.name}`", hint)
    message, hint = _name_words(chain.name, scope)
    return problem_at(text, chain.start, message, hint)


def _name_words(name: str, scope: Scope) -> tuple[str, str]:
    known = variables(scope)
    head, _, tail = name.partition(".")
    values = [variable.partition(".")[2] for variable in known if variable.startswith(f"{head}.")]
    if not values:
        heads = list(dict.fromkeys(variable.partition(".")[0] for variable in known))
        kind = "signal" if scope == "topic" else "name"
        return f"unknown {kind} `{head}`", suggest(head, heads)
    if not tail:
        return f"`{head}` has several values, say which", f"write for example `{head}.{values[0]}`"
    return f"`{head}` has no value `{tail}`", suggest(tail, values) or "it has " + ", ".join(values)


def _wrong_kinds(text: str, offset: int, operator: str, arguments: str) -> Problem:
    kinds = [kind_words(kind) for kind in _split_types(arguments)]
    symbol = operator.strip("_").replace("_", "") or operator
    if operator.startswith("_") and operator.endswith("_") and len(kinds) == 2:
        return problem_at(text, offset, f"`{symbol}` cannot join {kinds[0]} and {kinds[1]}", _kind_hint(kinds, symbol))
    return problem_at(text, offset, f"`{symbol}` does not take {' and '.join(kinds)}", _kind_hint(kinds, symbol))


def _split_types(arguments: str) -> list[str]:
    return [part for part in re.split(r", (?![^(]*\))", arguments) if part]


def _kind_hint(kinds: list[str], symbol: str) -> str:
    pair = set(kinds)
    if pair == {"a duration", "a number"}:
        return "write a duration as days(90), hours(6) or minutes(15)"
    if "yes or no" in pair and symbol in ("&&", "||", "!", "?:"):
        return "each side must be yes or no, for example `negative.count >= 10`"
    if pair == {"a duration", "a text"}:
        return 'write a duration as days(90), or as duration("36h")'
    return ""


_FROM_SEEN: tuple[tuple[Callable[[str], bool], str], ...] = (
    (lambda seen: seen == "<EOF>", "something is missing at the end"),
    (lambda seen: seen in _WORDS_FOR, "write `&&` for and, `||` for or, `!` for not"),
)


def _syntax(text: str, offset: int, message: str) -> Problem:
    if "token recognition error" in message:
        return _bad_character(text, offset)
    seen = match["seen"] if (match := _STRAY.search(message)) else ""
    hint = next((words for holds, words in _FROM_SEEN if holds(seen)), "")
    if seen == "<EOF>":
        return problem_at(text, offset, "the condition stops too early", hint)
    return problem_at(text, offset, f"`{seen}` is not expected here" if seen else message, hint)


def _bad_character(text: str, offset: int) -> Problem:
    character = text[offset : offset + 1]
    if character == "=":
        return problem_at(text, offset, "`=` is no comparison", "write `==`")
    if character in ("'", '"'):
        return problem_at(text, offset, "a text that begins here never ends", f"close it with {character}")
    if character in ("&", "|"):
        return problem_at(text, offset, f"`{character}` stands alone", f"write `{character * 2}`")
    return problem_at(text, offset, f"`{character}` is not part of a condition")
