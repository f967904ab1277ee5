"""Terms: what each way of writing finds, and where."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.understand.fold import fold
from buzzguard.understand.terms import MAX_HITS, TermFinder, parse_term


def found(term: str, text: str) -> list[str]:
    folded = fold(text)
    return [folded[start:end] for _, start, end in TermFinder([parse_term(term)]).find(folded)]


@pytest.mark.parametrize(
    ("term", "text", "words"),
    [
        ("refund", "Refunds! a REFUND", ["refunds", "refund"]),
        ("refund", "refunding", []),
        ("refund*", "refunding", ["refunding"]),
        ("remboursé", "remboursées, remboursés", ["remboursees", "rembourses"]),
        ("=pse", "le PSE, des pses", ["pse"]),
        ("data leak", "Data-leaks", ["data leaks"]),
        ("leak", "#leak bleak leak_2", ["leak", "leak"]),
        ("👏", "bravo👏👏", ["👏", "👏"]),
        ("€", "9€ et 9 €", ["€", "€"]),
        ("rh", "la RH, les rhs", ["rh"]),
        ("", "", None),
    ],
)
def test_a_term_finds_whole_words(term: str, text: str, words: list[str] | None) -> None:
    if words is not None:
        assert found(term, text) == words


@pytest.mark.parametrize("term", ["", "*", "=", "...", "ab*", "=abc*", "a*b", "=a=b", "!!"])
def test_what_cannot_be_looked_for_is_refused(term: str) -> None:
    with pytest.raises(ValueError, match=r"term|beginning|\*"):
        parse_term(term)


def test_hits_are_bounded() -> None:
    assert len(found("late", "late " * 10_000)) == MAX_HITS


def test_without_terms_nothing_is_found() -> None:
    assert TermFinder([]).find("anything") == []


WORDS = ["late", "lates", "later", "so late", "xlate", "l", "é"]


@given(st.lists(st.sampled_from([*WORDS, ",", "'"])).map(" ".join), st.sampled_from(["late", "late*", "=late"]))
def test_the_automaton_agrees_with_a_regular_expression(text: str, term: str) -> None:
    folded = fold(text)
    ending = {"late": "(?:s|x|e|es)?", "late*": r"\w*", "=late": ""}[term]
    assert found(term, text) == re.findall(rf"(?<!\w)late{ending}(?!\w)", folded)
