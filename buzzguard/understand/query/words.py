"""Words and phrases of a query, and the mistakes that would make one of them find nothing or too much."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from buzzguard.understand.edges import unspaced
from buzzguard.understand.fold import exact_form, fold
from buzzguard.understand.query.errors import QueryError
from buzzguard.understand.query.fields import EXAMPLES, NAMES
from buzzguard.understand.query.nodes import Term

LEAST_OF_PREFIX: Final = 3
"""Letters before a `*`; two letters begin thousands of words."""
_MISTAKEN: Final = {
    "ET": "AND",
    "OU": "OR",
    "SAUF": "NOT",
    "SANS": "NOT",
    "&&": "AND",
    "&": "AND",
    "||": "OR",
    "|": "OR",
}
_OPERATORS: Final = frozenset({"and", "or", "not"})
_NEAR_LIKE: Final = re.compile(r"o?near[/~]\d+\Z", re.IGNORECASE)
_DASHES: Final = "‐‑‒–—−"


def word(text: str, column: int, *, exact: bool) -> Term:
    """The term of a word outside quotation marks. Raises `QueryError` for what was meant for an operator."""
    if not exact:
        _check_operator(text, column)
        _check_field(text, column)
    _check_signs(text, column)
    return term(text, column, exact=exact, phrase=False)


def term(text: str, column: int, *, exact: bool, phrase: bool) -> Term:
    """The term of a word or phrase. `column` is that of its first letter."""
    prefix = _is_prefix(text, column, phrase=phrase)
    bare = text[:-1] if prefix else text
    folded = fold(" ".join(bare.split())).strip()
    if not any(_searchable(character) for character in folded):
        raise QueryError(f"nothing to search for in {text!r}", column, "a term needs a letter, a digit or an emoji")
    if prefix:
        _check_prefix(folded, column)
    return Term(folded, prefix, exact_form(" ".join(bare.split())).strip() if exact else "")


def _check_operator(text: str, column: int) -> None:
    if text in _MISTAKEN:
        raise QueryError(f"{text} is not an operator", column, f'write {_MISTAKEN[text]}, or "{text}" for the word')
    if text.lower() in _OPERATORS:
        hint = f'write {text.upper()}, or "{text.lower()}" in quotation marks for the word'
        raise QueryError(f"operators are written in upper case: {text}", column, hint)
    if _NEAR_LIKE.match(text):
        raise QueryError(f"operators are written in upper case: {text}", column, f"write {text.upper()}")


def _check_field(text: str, column: int) -> None:
    name = text[:-1].lower()
    if text.endswith(":") and name in NAMES:
        hint = f"write {EXAMPLES[name]}, without a space; for the word itself put it in quotation marks"
        raise QueryError(f"{text} is empty", column, hint)


def _check_signs(text: str, column: int) -> None:
    sign, rest = text[0], text[1:]
    if sign == "-":
        hint = f"write -{rest.lstrip('-')} with a space before it" if rest.strip("-") else "write -jobs, or NOT jobs"
        raise QueryError(f"{text} is not clear", column, hint)
    if sign in _DASHES:
        hint = f"write -{rest} or NOT {rest}" if rest else "write -jobs, or NOT jobs"
        raise QueryError(f"{sign} is a dash, not a minus", column, hint)
    if sign in "+!~^" and rest:
        hints = {"+": f"write {rest}: each word is required as it is", "!": f"write NOT {rest}"}
        raise QueryError(
            f"{sign} is not an operator", column, hints.get(sign, "write a NEAR/5 b for words near another")
        )
    if sign == "=":
        raise QueryError("= is not clear", column, 'write =Elan, or ="Élan Vital", without a space')
    if sign in "[{" or text[-1] in "]}":
        raise QueryError("only parentheses group words", column, "write ( and )")
    if text[-1] in ",;" or sign in ",;":
        place = column if sign in ",;" else column + len(text) - 1
        raise QueryError("a comma is not an operator", place, "write OR or AND between words")


def _is_prefix(text: str, column: int, *, phrase: bool) -> bool:
    for index, character in enumerate(text):
        last = index == len(text) - 1
        if character == "?" and not phrase:
            raise QueryError("? is not supported", column + index, "write * at the end of a word: recall*")
        if character != "*":
            continue
        if len(text.strip("*")) == 0:
            raise QueryError("* stands for no word", column + index, "write the beginning of a word: recall*")
        if not last:
            hint = "only the last word of a phrase may go on" if phrase else "list the forms: recall OR recalls"
            raise QueryError("* stands at the end only", column + index, hint)
    return text.endswith("*")


def _check_prefix(folded: str, column: int) -> None:
    last = re.split(r"[^\w]", folded)[-1]
    if last and unspaced(last[-1]):
        raise QueryError("* says nothing here", column, "in this script a word is found within longer ones anyway")
    if len(last) < LEAST_OF_PREFIX:
        hint = f"write at least {LEAST_OF_PREFIX} letters before *"
        raise QueryError(f"the beginning {last}* is too short", column, hint)


def _searchable(character: str) -> bool:
    if character.isalnum():
        return True
    return character > "\u2000" and unicodedata.category(character)[0] == "S"
