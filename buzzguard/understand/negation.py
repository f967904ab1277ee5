"""Whether a word in a folded text is negated by those right before it, in French and English."""

from __future__ import annotations

import re
from itertools import pairwise

_NEGATIONS_LIST = """
    no not never without nor neither zero cannot isnt wasnt arent dont doesnt didnt wont aint hardly
    pas aucun aucune sans jamais ni nul nulle
"""
_NEGATIONS = frozenset(_NEGATIONS_LIST.split())
_AFFIRMED = frozenset({"doubt", "only", "just", "doute", "seulement", "que", "wonder"})
"""Words that turn a negation back: "no doubt a scandal", "pas seulement un scandale"."""
_LACKING = frozenset({"without", "sans"})
_TWICE = frozenset({"not", "never", "pas", "jamais"})
"""Before one that lacks, these turn it back: "not without scandal", "pas sans scandale"."""
_SMALL_LIST = """
    a an the any of such real really even single un une le la les l' du des d' de vraie vrai veritable seul seule
"""
_SMALL = frozenset(_SMALL_LIST.split())
"""Words that may stand between a negation and what it negates."""
_BEFORE = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")
_CLAUSE_END = re.compile(r"[.,;:!?()|\"«»…\n]")
_REACH = 40
"""Characters before a word in which its negation is looked for."""


def words_before(folded_text: str, start: int) -> list[str]:
    """The words of the same clause right before the place `start`, in order; those of `_REACH` characters."""
    clause = _CLAUSE_END.split(folded_text[max(0, start - _REACH) : start])[-1]
    return _BEFORE.findall(clause)


def negated(folded_text: str, start: int) -> bool:
    """Whether what begins at `start` is directly negated ("no recall", "ce n'est pas une vraie arnaque")."""
    words = words_before(folded_text, start)
    near = len(words) - 1
    while near >= 0 and words[near] in _SMALL:
        near -= 1
    reach = words[max(0, min(near, len(words) - 2)) :]
    if not any(map(_negates, reach)) or any(word in _AFFIRMED for word in reach):
        return False
    return not _turned_back(words[max(0, min(near, len(words) - 2) - 1) :])


def _negates(word: str) -> bool:
    return word in _NEGATIONS or word.endswith("n't")


def _turned_back(words: list[str]) -> bool:
    return any(word in _LACKING and (before in _TWICE or before.endswith("n't")) for before, word in pairwise(words))
