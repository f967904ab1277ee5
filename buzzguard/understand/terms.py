"""Terms as rule authors write them, all found at once in a folded text.

- `refund` also finds simple inflections: refunds, and in French remboursé, remboursée, remboursés for `remboursé`;
- `refund*` finds every word that begins so;
- `=pse` finds that word alone;
- `"data leak"` (or `data leak`) finds the phrase.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from ahocorasick_rs import AhoCorasick

from buzzguard.understand.fold import fold

INFLECTIONS = frozenset({"s", "x", "e", "es"})
"""What may follow a term that is neither exact nor a prefix."""
MAX_HITS = 200
"""Occurrences looked at in one text: more would say nothing new, and cost time that a hostile text could choose."""
LEAST = 3
"""Letters of a term below which it must be exact."""
_REST = re.compile(r"[^\W_]*")


Span: TypeAlias = tuple[int, int, int]
"""Where a term stands: its index among those given, and begin and end (of the whole word) in the folded text."""


class Term(NamedTuple):
    """One term: its folded letters, and which endings may follow (None: any)."""

    body: str
    endings: frozenset[str] | None


def parse_term(written: str) -> Term:
    """Read a term. Raises ValueError, in words that its author understands, for one that cannot be looked for."""
    text = fold(" ".join(written.split()))
    exact, prefix = text.startswith("="), text.endswith("*")
    body = text.removeprefix("=").removesuffix("*").strip()
    if not any(character.isalnum() or character in "$£" or ord(character) > 0x2000 for character in body):
        raise ValueError("a term needs a letter, a digit, a currency or an emoji")
    if "*" in body or "=" in body:
        raise ValueError("= stands only at the beginning of a term, and * only at its end")
    if exact and prefix:
        raise ValueError("a term is either exact (=) or a beginning (*)")
    if prefix and len(body) < LEAST:
        raise ValueError(f"a beginning has at least {LEAST} letters")
    if prefix:
        return Term(body, None)
    return Term(body, frozenset() if exact or len(body) < LEAST else INFLECTIONS)


class TermFinder:
    """Finds many terms at once. A term that lies within a longer word is not found."""

    def __init__(self, terms: Sequence[Term]) -> None:
        shapes: dict[str, list[int]] = {}
        for index, term in enumerate(terms):
            shapes.setdefault(term.body, []).append(index)
        self._owners = [tuple((index, terms[index].endings) for index in owners) for owners in shapes.values()]
        self._find = AhoCorasick(list(shapes)).find_matches_as_indexes

    def find(self, text: str) -> list[Span]:
        """Every occurrence of every term in the folded `text`, in order of their ends."""
        spans: list[Span] = []
        last = len(text)
        owners = self._owners
        for shape, start, end in self._find(text, overlapping=True)[:MAX_HITS]:
            if start and text[start - 1].isalnum() and text[start].isalnum():
                continue
            ending = ""
            if end < last and text[end].isalnum() and text[end - 1].isalnum():
                whole = _REST.match(text, end)
                assert whole is not None  # it may be empty
                ending, end = whole[0], whole.end()
            for index, endings in owners[shape]:
                if not ending or endings is None or ending in endings:
                    spans.append((index, start, end))
        return spans
