"""The boolean query of a topic.

    acme AND (recall OR "class action") NOT jobs

- `AND`, `OR`, `NOT` count as operators in upper case only; `NOT` binds tightest, then `AND`, then `OR`.
- Words side by side mean AND: `acme phone` is `acme AND phone`. A phrase stands in double quotes.
- Case and accents do not matter, apostrophes and hyphens have one form (see `fold`).
- A term matches whole words. `#acme` and `@acme` in a text match `acme`; the reverse does not hold.
- In hashtags and handles people drop spaces, hyphens and apostrophes, so `"air france"` also matches `#AirFrance`.

A query that would match texts without any of its words (`NOT acme`) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeAlias

from buzzguard.errors import BuzzguardError
from buzzguard.understand.fold import fold

MAX_LENGTH = 20_000
MAX_DEPTH = 40
"""Nesting of AND, OR and NOT: far more than a person can read, far less than the interpreter's stack."""


class QueryError(BuzzguardError):
    """A query cannot be used. `column` counts from 1, `hint` says how to put it right; `topic` when one is known."""

    def __init__(self, message: str, column: int, hint: str = "", *, topic: str = "") -> None:
        self.message = message
        self.column = column
        self.hint = hint
        self.topic = topic
        tail = f" ({hint})" if hint else ""
        place = f"topic {topic}, " if topic else ""
        super().__init__(f"{place}column {column}: {message}{tail}")


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase, folded."""

    text: str


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


Node: TypeAlias = Term | Every | Either | Not


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `terms` are all its words and phrases, folded, each once, in order of appearance."""

    root: Node
    terms: tuple[str, ...]

    def holds(self, found: Set[str]) -> bool:
        """Whether a text in which exactly `found` of the terms occur satisfies the query."""
        return _holds(self.root, found)


def _holds(node: Node, found: Set[str]) -> bool:
    match node:
        case Term(text):
            return text in found
        case Every(parts):
            return all(_holds(part, found) for part in parts)
        case Either(parts):
            return any(_holds(part, found) for part in parts)
        case Not(part):
            return not _holds(part, found)


_GRAMMAR = r"""
start: or_expr
or_expr: and_expr (OR and_expr)*
and_expr: operand (AND? operand)*
operand: NOT operand -> negation
       | WORD        -> word
       | PHRASE      -> phrase
       | "(" or_expr ")" -> group
AND.3: /AND(?![^\s()"])/
OR.3: /OR(?![^\s()"])/
NOT.3: /NOT(?![^\s()"])/
PHRASE.2: /"[^"]*"/
WORD.1: /[^\s()"]+/
%ignore /\s+/
"""
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_MISTAKEN = {"ET": "AND", "OU": "OR", "SAUF": "NOT", "SANS": "NOT", "&&": "AND", "&": "AND", "||": "OR", "|": "OR"}
_OPERATORS = frozenset({"and", "or", "not"})
_FIELD = re.compile(r"[A-Za-z_]+:\S")
_NEAR = re.compile(r"(NEAR|WITHIN)(/\d+)?\Z")


def parse_query(text: str) -> Query:
    """Read a query. Raises `QueryError` at the first thing that cannot be right."""
    if not text.strip():
        raise QueryError("the query is empty", 1, "name at least one word, for example: acme")
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters", 1, "split it into several topics")
    root, _ = _read(text)
    terms: dict[str, None] = {}
    _collect(root, terms)
    if _holds(root, frozenset()):
        hint = "say what to look for, then what to leave out: acme NOT jobs"
        raise QueryError("the query would match texts without any of its words", 1, hint)
    return Query(root, tuple(terms))


def _collect(node: Node, terms: dict[str, None]) -> None:
    match node:
        case Term(text):
            terms[text] = None
        case Every(parts) | Either(parts):
            for part in parts:
                _collect(part, terms)
        case Not(part):
            _collect(part, terms)


def _read(text: str) -> tuple[Node, int]:
    from lark import UnexpectedInput  # imported here: Lark is not needed to show help

    straight = text.translate(_QUOTES)
    try:
        result: tuple[Node, int] = _parser().parse(straight)
    except UnexpectedInput as error:
        raise _syntax_error(error, straight) from None
    return result


def _syntax_error(error: Any, text: str) -> QueryError:
    column = len(text.rstrip()) or 1
    if (position := getattr(error, "pos_in_stream", None)) is not None and 0 <= position < len(text):
        column = position + 1
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        if text.count("(") > text.count(")"):
            return QueryError("a parenthesis is not closed", text.rfind("(") + 1, "add )")
        return QueryError("the query ends too early", len(text.rstrip()), "a word or phrase is missing at the end")
    if token is None:
        return QueryError("a quotation mark is not closed", column, 'write the phrase as "two words"')
    if token.type == "RPAR":
        opened = text[: column - 1].count("(") > text[: column - 1].count(")")
        hint = "a word or phrase is missing before it" if opened else "remove it, or open it with ("
        return QueryError("a parenthesis closes too early", column, hint)
    return QueryError(
        f"{token} stands where a word is needed", column, f'to search for the word itself write "{token}"'
    )


@cache
def _parser() -> Any:
    from lark import Lark, Transformer, v_args

    @v_args(inline=True)
    class Builder(Transformer[Any, tuple[Node, int]]):
        """Builds the tree while parsing, so that nothing recurses on what a user wrote. Values carry their depth."""

        def start(self, whole: tuple[Node, int]) -> tuple[Node, int]:
            return whole

        def group(self, inner: tuple[Node, int]) -> tuple[Node, int]:
            return inner

        def word(self, token: Any) -> tuple[Node, int]:
            return _word(str(token), token.start_pos + 1), 1

        def phrase(self, token: Any) -> tuple[Node, int]:
            return Term(_term(str(token)[1:-1], token.start_pos + 1)), 1

        def negation(self, operator: Any, inner: tuple[Node, int]) -> tuple[Node, int]:
            return Not(inner[0]), _deeper([inner], operator.start_pos + 1)

        def or_expr(self, *parts: Any) -> tuple[Node, int]:
            return _join(Either, parts)

        def and_expr(self, *parts: Any) -> tuple[Node, int]:
            return _join(Every, parts)

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=Builder(), propagate_positions=False)


def _join(kind: type[Every] | type[Either], parts: tuple[Any, ...]) -> tuple[Node, int]:
    operands: list[tuple[Node, int]] = [part for part in parts if isinstance(part, tuple)]
    if len(operands) == 1:
        return operands[0]
    return kind(tuple(node for node, _ in operands)), _deeper(operands, 1)


def _deeper(operands: list[tuple[Node, int]], column: int) -> int:
    depth = 1 + max(depth for _, depth in operands)
    if depth > MAX_DEPTH:
        raise QueryError(f"the query nests deeper than {MAX_DEPTH}", column, "split it into several topics")
    return depth


def _word(text: str, column: int) -> Term:
    if text in _MISTAKEN:
        raise QueryError(f"{text} is not an operator", column, f'write {_MISTAKEN[text]}, or "{text}" for the word')
    if text.lower() in _OPERATORS:
        hint = f'write {text.upper()}, or "{text.lower()}" in quotation marks for the word'
        raise QueryError(f"operators are written in upper case: {text}", column, hint)
    if text[0] in "-+!" and len(text) > 1:
        hint = f"write NOT {text[1:]}" if text[0] in "-!" else f"write {text[1:]}: each word is required as it is"
        raise QueryError(f"{text[0]} is not an operator", column, hint)
    if "*" in text or "?" in text:
        raise QueryError("wildcards are not supported", column, "list the forms: recall OR recalls OR recalled")
    if _NEAR.match(text):
        raise QueryError(
            f"{text} is not supported", column, 'write a phrase, or "NEAR" in quotation marks for the word'
        )
    if _FIELD.match(text):
        raise QueryError(f"{text}: there are no fields", column, f'to search for the text itself write "{text}"')
    return Term(_term(text, column))


def _term(text: str, column: int) -> str:
    term = fold(" ".join(text.split())).strip()
    if not any(character.isalnum() or ord(character) > 0x2000 for character in term):
        raise QueryError(f"nothing to search for in {text!r}", column, "a term needs a letter, a digit or an emoji")
    return term
