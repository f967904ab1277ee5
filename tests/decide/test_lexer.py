"""The scanner names what stands in a condition, and cuts it where CEL would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.lexer import chains, comparison, conjuncts, tokens


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("negative.count >= 10", ["negative.count"]),
        ("negative . count >= 10", ["negative.count"]),
        (".negative.count > 3", ["negative.count"]),
        ("days(90) < window", ["days", "window"]),
        ('topic.role == "negative.count"', ["topic.role"]),
        ("r'a.b' == topic.id // volume.count", ["topic.id"]),
        ("[1].exists(x, x > 2)", ["x", "x"]),
        ('"""a " b.c""" == topic.id', ["topic.id"]),
    ],
)
def test_dotted_names_are_read_whole_and_texts_are_none(text: str, names: list[str]) -> None:
    assert [chain.name for chain in chains(text)] == names


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a && b && c", ["a ", " b ", " c"]),
        ("a && (b || c && d)", ["a ", " (b || c && d)"]),
        ("a && b || c", ["a && b || c"]),
        ("a ? b && c : d", ["a ? b && c : d"]),
        ('x == "&&" && y', ['x == "&&" ', " y"]),
    ],
)
def test_a_conjunction_is_cut_only_where_all_parts_must_hold(text: str, parts: list[str]) -> None:
    assert conjuncts(text) == parts


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        (" negative.count >= 10", "10"),
        ("negative.once_per > days(90)", "days(90)"),
        ("negative.count >= 10 == true", None),
        ("negative.count + 1 > 3", None),
        ("!volume.learning", None),
        ("days(3) > window", None),
        ("negative.count", None),
        ("negative.count >", None),
    ],
)
def test_only_a_name_compared_with_something_is_a_comparison(text: str, rest: str | None) -> None:
    found = comparison(text)
    assert (found.rest if found else None) == rest


@given(text=st.text(max_size=200))
def test_no_text_makes_the_scanner_fail(text: str) -> None:
    assert "".join(part for part in conjuncts(text)).count("&") <= text.count("&")
    chains(text)
    comparison(text)
    assert all(text[token.start :].startswith(token.text) for token in tokens(text))
