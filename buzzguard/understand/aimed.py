"""The part of a text that is about this brand, where another is spoken of as well.

"Orange is great, Free is a disaster" is praise for one and blame for the other. Clauses are told apart by punctuation
and by the words that set one thing against another, in French and English; a clause that names nobody goes on about
whoever the one before it named. Where the words do not part the brands ("Orange et Free sont nuls") the text stays
whole: a wrong cut would be worse than none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

Span: TypeAlias = tuple[int, int]
"""Where a name is in a text: its first character and the place after its last."""

MAX_CHARACTERS = 2_000
"""Beyond, a text is an article: it is not cut."""
FEWEST_WORDS = 2
"""Words that are needed beside the names to say something."""

_BORDERS: Final = re.compile(
    r"(?:[.!?…]+(?=\s|$)|[;,\n]|\s[-–—]+\s)"
    r"|\b(?:mais|but|while|whilst|whereas|however|although|though|yet|and|et|or|ou|nor|ni"
    r"|alors\s+que|tandis\s+que|pendant\s+que|par\s+contre|en\s+revanche|pourtant|cependant|quand|where)\b",
    re.IGNORECASE,
)
_COMPARED: Final = re.compile(
    r"(?:\b(?:than|like|vs\.?|versus|to|for|from|with|que|comme|contre|pour|avec|(?<!quant\s)à|de)|\bqu['’]|\b[dl]['’])"
    r"\s*(?:the|le|la|les|l['’])?\s*$",
    re.IGNORECASE,
)
"""Before a name: it is what something else is compared with, left for or told of, not what is judged."""
_POINTS_BACK: Final = re.compile(
    r"\b(?:unlike|neither|same|idem|pareil(?:le)?s?|aussi|too|as\s+well|so\s+(?:is|are|does|do|was)|non\s+plus"
    r"|contrairement|à\s+la\s+différence|à\s+l['’]inverse|pas\s+comme|not\s+like|m[êe]me\s+chose|le\s+contraire"
    r"|the\s+opposite|better|worse|mieux|pire|meilleure?s?|pires)\b",
    re.IGNORECASE,
)
"""A clause with one of these leans on another: alone it would say something else."""
_WORD: Final = re.compile(r"\w+")


class _Clause(NamedTuple):
    start: int
    end: int
    ours: bool
    others: bool


def aim(text: str, ours: Sequence[Span], others: Sequence[Span]) -> str:
    """The clauses about the brand at `ours`, or the whole text when it cannot be told apart from `others`."""
    if not ours or not others or len(text) > MAX_CHARACTERS:
        return text
    clauses = _clauses(text, ours, others)
    about = _followed(clauses)
    kept = [clause for clause, us in zip(clauses, about, strict=True) if us]
    if len(kept) == len(clauses) or not kept:
        return text
    if not _stands_alone(text, kept, ours):
        return text
    return " ".join(text[clause.start : clause.end].strip() for clause in kept)


def _clauses(text: str, ours: Sequence[Span], others: Sequence[Span]) -> list[_Clause]:
    names = [*ours, *others]
    borders = [found for found in _BORDERS.finditer(text) if not _within(found.start(), names)]
    starts = [0, *(_begins(found) for found in borders)]
    ends = [*(_ends(found) for found in borders), len(text)]
    return [
        _Clause(start, end, bool(_inside(ours, start, end)), _judged(text, _inside(others, start, end), start))
        for start, end in zip(starts, ends, strict=True)
        if _WORD.search(text, start, end)
    ]


def _judged(text: str, names: Sequence[Span], clause: int) -> bool:
    """Whether one of `names` in the clause that begins at `clause` is more than what something is compared with."""
    return any(not _COMPARED.search(text[max(clause, first - 30) : first]) for first, _ in names)


def _begins(border: re.Match[str]) -> int:
    """Where the next clause begins: behind what parts it from the one before, a word of contrast included."""
    return border.end()


def _ends(border: re.Match[str]) -> int:
    """Where a clause ends: with its full stop or exclamation mark, which belong to what it says."""
    return border.end() if border.group()[0] in ".!?…" else border.start()


def _followed(clauses: Sequence[_Clause]) -> list[bool]:
    """Whether each clause is about us: those that name nobody follow the one before, the first ones the next."""
    about = next((clause.ours for clause in clauses if clause.ours or clause.others), True)
    followed = []
    for clause in clauses:
        if clause.ours or clause.others:
            about = clause.ours
        followed.append(about)
    return followed


def _stands_alone(text: str, kept: Sequence[_Clause], ours: Sequence[Span]) -> bool:
    """Whether the clauses about us can be read without the rest."""
    if any(clause.ours and _POINTS_BACK.search(text, clause.start, clause.end) for clause in kept):
        return False
    words = (found.start() for clause in kept for found in _WORD.finditer(text, clause.start, clause.end))
    return sum(not _within(word, ours) for word in words) >= FEWEST_WORDS


def _within(place: int, spans: Sequence[Span]) -> bool:
    return any(start <= place < end for start, end in spans)


def _inside(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    return [span for span in spans if start <= span[0] < end]
