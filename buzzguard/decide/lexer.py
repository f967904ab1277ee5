"""Words of a CEL condition: where its names stand, and where its top-level `&&` cut it.

CEL itself judges whether a text is right; this scanner only tells what a name is called in full, for messages, for
evidence, and for evaluating the parts of a conjunction one by one.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Kind = Literal["space", "string", "number", "name", "operator"]

_STRING = (
    r"""[rRbB]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
)
_TOKEN = re.compile(
    rf"(?P<space>(?:\s|//[^\n]*)+)|(?P<string>{_STRING})|(?P<number>\d[\w.]*)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<operator>&&|\|\||[<>=!]=|.)",
    re.DOTALL,
)
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


class Token(NamedTuple):
    """A word of a condition and where it starts."""

    kind: Kind
    text: str
    start: int


class Chain(NamedTuple):
    """A dotted name such as `negative.once_per`, without spaces; `called` when a parenthesis follows it."""

    name: str
    start: int
    end: int
    called: bool


def tokens(text: str) -> list[Token]:
    """Cut a condition into words; spaces and comments are left out. Never fails."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind != "space":
            found.append(Token(kind, match.group(), match.start()))  # type: ignore[arg-type] # the groups are the kinds
    return found


def chains(text: str) -> list[Chain]:
    """The dotted names of a condition, in order."""
    found: list[Chain] = []
    words = tokens(text)
    index = 0
    while index < len(words):
        if words[index].kind != "name" or _is_selected(words, index):
            index += 1
            continue
        parts, last = [words[index].text], index
        while last + 2 < len(words) and words[last + 1].text == "." and words[last + 2].kind == "name":
            last += 2
            parts.append(words[last].text)
        called = last + 1 < len(words) and words[last + 1].text == "("
        end = words[last].start + len(words[last].text)
        found.append(Chain(".".join(parts), words[index].start, end, called))
        index = last + 1
    return found


def _is_selected(words: list[Token], index: int) -> bool:
    """Whether a name is read from what stands before it, as `b` in `a[0].b`. A dot in front of all is no selection."""
    if index < 2 or words[index - 1].text != ".":
        return False
    before = words[index - 2]
    return before.kind in ("name", "string") or before.text in _CLOSING


class Comparison(NamedTuple):
    """A condition of the form `name operator rest`."""

    name: str
    operator: str
    rest: str


COMPARISONS = frozenset(("<", "<=", ">", ">=", "==", "!="))


def comparison(text: str) -> Comparison | None:
    """Read `name operator rest` where `rest` holds no other comparison and no logic; None for any other form."""
    words, names = tokens(text), chains(text)
    if not names or names[0].called or words[0].start != names[0].start:
        return None
    at = next((index for index, word in enumerate(words) if word.start >= names[0].end), len(words))
    if at + 1 >= len(words) or words[at].text not in COMPARISONS:
        return None
    if any(word.text in COMPARISONS or word.text in ("&&", "||", "?", "in", "!") for word in words[at + 1 :]):
        return None
    return Comparison(names[0].name, words[at].text, text[words[at + 1].start :])


def conjuncts(text: str) -> list[str]:
    """The parts of `a && b && c`, whose truth together is that of the whole; the text itself when it is no such form.

    A `||` or `?` outside parentheses binds weaker than `&&`, so such a text is left whole.
    """
    depth, cuts = 0, []
    for token in tokens(text):
        if token.kind != "operator":
            continue
        depth += (token.text in _OPENING) - (token.text in _CLOSING)
        if depth == 0 and token.text in ("||", "?"):
            return [text]
        if depth == 0 and token.text == "&&":
            cuts.append(token.start)
    starts = [0, *(cut + 2 for cut in cuts)]
    return [text[start:end] for start, end in zip(starts, [*cuts, len(text)], strict=True)]
