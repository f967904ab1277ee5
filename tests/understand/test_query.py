"""The language of queries: what it means, and what it answers to mistakes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.understand.query import MAX_DEPTH, QueryError, parse_query


def holds(query: str, *found: str) -> bool:
    return parse_query(query).holds(set(found))


def test_not_binds_tightest_then_and_then_or() -> None:
    assert holds("a1 OR b1 AND c1", "a1")
    assert not holds("a1 OR b1 AND c1", "b1")
    assert not holds("(a1 OR b1) AND c1", "a1")
    assert holds("a1 AND NOT b1 OR c1", "b1", "c1")


def test_words_side_by_side_mean_and() -> None:
    assert holds("acme phone NOT jobs", "acme", "phone")
    assert not holds("acme phone NOT jobs", "acme")
    assert not holds("acme phone NOT jobs", "acme", "phone", "jobs")


def test_operators_count_in_upper_case_and_as_whole_words() -> None:
    assert parse_query("ANDROID ORANGE NOTE").terms == ("android", "orange", "note")
    assert parse_query('acme "and" "or"').terms == ("acme", "and", "or")


def test_terms_are_folded_and_listed_once() -> None:
    assert parse_query('L’Oréal OR "Coca-Cola  Zéro" OR l\'oreal OR #Acme').terms == (
        "l'oreal",
        "coca cola zero",
        "#acme",
    )
    assert parse_query("« bad buzz » OR “mauvais buzz”").terms == ("bad buzz", "mauvais buzz")


@pytest.mark.parametrize(
    ("query", "column", "hint"),
    [
        ("", 1, "at least one word"),
        ("   ", 1, "at least one word"),
        ("NOT acme", 1, "acme NOT jobs"),
        ("acme OR NOT jobs", 1, "acme NOT jobs"),
        ("NOT (acme AND jobs)", 1, "acme NOT jobs"),
        ("(acme OR jobs", 1, "add )"),
        ("acme OR jobs)", 13, "remove it"),
        ("acme OR ()", 10, "missing before"),
        ("acme OR", 7, "missing at the end"),
        ("acme AND OR jobs", 10, '"OR"'),
        ("OR acme", 1, '"OR"'),
        ('acme "class action', 6, "two words"),
        ("acme or jobs", 6, "write OR"),
        ("acme And jobs", 6, "write AND"),
        ("acme OU jobs", 6, "write OR"),
        ("acme ET jobs", 6, "write AND"),
        ("acme SAUF jobs", 6, "write NOT"),
        ("acme -jobs", 6, "NOT jobs"),
        ("+acme", 1, "write acme"),
        ("acme && jobs", 6, "write AND"),
        ("boycot* acme", 1, "list the forms"),
        ("acme NEAR/5 recall", 6, "phrase"),
        ("acme lang:fr", 6, '"lang:fr"'),
        ('acme ""', 6, "a letter"),
        ("acme ...", 6, "a letter"),
    ],
)
def test_a_mistake_has_its_place_and_a_hint(query: str, column: int, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert caught.value.column == column
    assert hint in caught.value.hint
    assert f"column {column}" in str(caught.value)


def test_nesting_and_length_are_bounded() -> None:
    deep = "NOT " * (2 * MAX_DEPTH) + "acme"
    with pytest.raises(QueryError, match="nests deeper"):
        parse_query(f"a1 AND {deep}")
    with pytest.raises(QueryError, match="longer than"):
        parse_query("acme OR " * 5_000 + "acme")
    assert parse_query("(" * 5_000 + "acme" + ")" * 5_000).terms == ("acme",)


def test_a_wide_query_is_fine() -> None:
    assert len(parse_query(" OR ".join(f"brand{index}" for index in range(1_000))).terms) == 1_000


@given(st.lists(st.sampled_from([*'abé "()’#@-*:', "AND ", "OR ", "NOT ", " acme "])).map("".join))
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError as error:
        assert 1 <= error.column <= max(1, len(text))
        assert error.hint
    else:
        assert query.terms
        assert not query.holds(set())
