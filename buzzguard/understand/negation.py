"""Whether a word in a folded text is negated by those right before it, in French and English."""

from __future__ import annotations

import re

_NEGATIONS_LIST = """
    no not never without nor neither zero cannot isnt wasnt arent dont doesnt didnt wont aint nothing hardly nobody
    pas aucun aucune sans jamais ni nul nulle zero rien point
"""
NEGATIONS = frozenset(_NEGATIONS_LIST.split())
AFFIRMED = frozenset({"doubt", "only", "just", "doute", "seulement", "que", "wonder", "wait", "stranger"})
"""Words that turn a negation back: "no doubt a scandal", "pas seulement un scandale"."""
_BEFORE = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?")
CLAUSE_END = re.compile(r"[.,;:!?()|\"«»…\n]")
_REACH = 40
"""Characters before a word in which its negation is looked for."""
_NEAR = 2
"""Words before a word among which its negation stands, small words not counted."""
_SMALL_LIST = """
    a an the any of such real really even un une le la les l' du des d' de vraie vrai vraiment single seul seule
"""
_SMALL = frozenset(_SMALL_LIST.split())


def words_before(text: str, start: int) -> list[str]:
    """The last words of the clause before the place `start` of a folded text, at most six, in order."""
    clause = CLAUSE_END.split(text[max(0, start - _REACH) : start])[-1]
    words = _BEFORE.findall(clause)
    return words[-6:]


def negated(text: str, start: int) -> bool:
    """Whether what begins at `start` of a folded text is directly negated ("no recall", "ce n'est pas une arnaque")."""
    words = words_before(text, start)
    near: list[str] = []
    plain = 0
    for word in reversed(words):
        near.append(word)
        plain += word not in _SMALL
        if plain == _NEAR:
            break
    return any(map(_negates, near)) and not any(word in AFFIRMED for word in near)


def _negates(word: str) -> bool:
    return word in NEGATIONS or word.endswith("n't")
