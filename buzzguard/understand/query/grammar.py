"""From the letters of a query to its shape: what stands beside, around and inside what, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from buzzguard.understand.query.errors import QueryError

MAX_DEPTH = 40
"""Nesting of AND, OR and NOT: far more than a person can read, far less than the interpreter's stack."""

Kind = Literal["text", "and", "or", "not", "near", "field"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A part of a query as it is written. `text` is a word, a phrase, an operator or the name of a field."""

    kind: Kind
    column: int
    text: str = ""
    phrase: bool = False
    exact: bool = False
    parts: tuple[Shape, ...] = ()
    depth: int = 1


# A basic lexer tries the higher numbers first. Signs count where a word begins only: `class-action`, `a=b` are words.
_GRAMMAR = r"""
start: or_expr
or_expr: and_expr (OR and_expr)*
and_expr: operand (AND? operand)*
operand: (NOT | MINUS) operand -> negation
       | near
near: atom (NEAR atom)*
atom: text
    | "(" or_expr ")"        -> group
    | FIELD text             -> field
    | FIELD "(" or_expr ")"  -> field
text: EQUALS? (WORD | PHRASE)
AND.5: /AND(?![^\s()"])/
OR.5: /OR(?![^\s()"])/
NOT.5: /NOT(?![^\s()"])/
NEAR.5: /(?:O?NEAR|WITHIN|PROX)(?:[\/~:][^\s()"]*)?(?![^\s()"])/
MINUS.4: /(?<![^\s(])-(?=[^\s)*-])/
EQUALS.4: /(?<![^\s(:-])=(?=[^\s()=*])/
FIELD.4: /(?<![^\s(-])[^\W\d_]\w*:(?=[^\s)])/
PHRASE.2: /"[^"]*"/
WORD.1: /[^\s()"]+/
%ignore /\s+/
"""
_QUOTES = str.maketrans("“”„‟«»＂", '"""""""')
_AFTER_NEAR = re.compile(r"NEAR/\d+\s*(?:NOT|-)?\Z")


def shape_of(text: str) -> Shape:
    """The shape of a query that is not empty. Raises `QueryError` where no shape can be seen."""
    from lark import UnexpectedInput  # imported here: Lark is not needed to show help

    straight = text.translate(_QUOTES)
    try:
        result: Shape = _parser().parse(straight)
    except UnexpectedInput as error:
        raise _syntax_error(error, straight) from None
    return result


@cache
def _parser() -> Any:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder(), propagate_positions=False)


class _Builder:
    """Builds the shape while parsing, so that nothing recurses on what a user wrote: a method for each rule."""

    def start(self, parts: list[Any]) -> Shape:
        whole: Shape = parts[0]
        return whole

    atom = group = operand = start

    def text(self, tokens: list[Any]) -> Shape:
        written = tokens[-1]
        phrase = written.type == "PHRASE"
        text = str(written).strip('"') if phrase else str(written)
        return Shape("text", written.start_pos + 1, text, phrase=phrase, exact=len(tokens) > 1)

    def field(self, parts: list[Any]) -> Shape:
        name, value = parts
        return _around("field", name, (value,), text=str(name)[:-1])

    def negation(self, parts: list[Any]) -> Shape:
        operator, inner = parts
        return _around("not", operator, (inner,))

    def near(self, parts: list[Any]) -> Shape:
        if len(parts) == 1:
            return self.start(parts)
        if len(parts) > 3:
            hint = "join pairs: (a NEAR/5 b) AND (b NEAR/5 c)"
            raise QueryError("NEAR joins two things, not more", parts[3].start_pos + 1, hint)
        first, operator, second = parts
        return _around("near", operator, (first, second), text=str(operator))

    def or_expr(self, parts: list[Any]) -> Shape:
        return _joined("or", parts)

    def and_expr(self, parts: list[Any]) -> Shape:
        return _joined("and", parts)


def _joined(kind: Kind, parts: list[Any]) -> Shape:
    operands = tuple(part for part in parts if isinstance(part, Shape))
    if len(operands) == 1:
        return operands[0]
    return Shape(kind, operands[0].column, parts=operands, depth=_deeper(operands, operands[0].column))


def _around(kind: Kind, token: Any, parts: tuple[Shape, ...], *, text: str = "") -> Shape:
    column = token.start_pos + 1
    return Shape(kind, column, text, parts=parts, depth=_deeper(parts, column))


def _deeper(parts: tuple[Shape, ...], column: int) -> int:
    depth = 1 + max(part.depth for part in parts)
    if depth > MAX_DEPTH:
        raise QueryError(f"the query nests deeper than {MAX_DEPTH}", column, "split it into several topics")
    return depth


def _syntax_error(error: Any, text: str) -> QueryError:
    column = len(text.rstrip()) or 1
    if (position := getattr(error, "pos_in_stream", None)) is not None and 0 <= position < len(text):
        column = position + 1
    token = getattr(error, "token", None)
    if token is None:
        return QueryError("a quotation mark is not closed", column, 'write the phrase as "two words"')
    if token.type == "$END":
        if text.count("(") > text.count(")"):
            return QueryError("a parenthesis is not closed", text.rfind("(") + 1, "add )")
        return QueryError("the query ends too early", len(text.rstrip()), "a word or phrase is missing at the end")
    if token.type == "RPAR":
        opened = text[: column - 1].count("(") > text[: column - 1].count(")")
        hint = "a word or phrase is missing before it" if opened else "remove it, or open it with ("
        return QueryError("a parenthesis closes too early", column, hint)
    return _misplaced(token, column, text)


def _misplaced(token: Any, column: int, text: str) -> QueryError:
    if token.type in ("NOT", "MINUS") and _AFTER_NEAR.search(text[: column - 1]):
        return QueryError("NEAR takes no NOT", column, "write (a NEAR/5 b) NOT c")
    if token.type == "LPAR":
        return QueryError("a parenthesis stands where a word is needed", column, "= stands before a word or phrase")
    if token.type == "NEAR":
        return QueryError(f"{token} stands where a word is needed", column, "write it between two: recall NEAR/5 acme")
    return QueryError(
        f"{token} stands where a word is needed", column, f'to search for the word itself write "{token}"'
    )
