"""The language of queries: what it means, and what it answers to mistakes."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText
from buzzguard.understand.query import (
    MAX_DEPTH,
    MAX_DISTANCE,
    MAX_TERMS,
    Every,
    Field,
    Near,
    Not,
    QueryError,
    Term,
    parse_query,
)


def holds(query: str, *words: str) -> bool:
    text = " ".join(words)
    return bool(TopicMatcher({"t": parse_query(query)}).match(MatchText(folded=fold(text), original=text)))


def words_of(query: str) -> list[str]:
    return [term.text for term in parse_query(query).terms]


def test_not_binds_tightest_then_and_then_or() -> None:
    assert holds("a1 OR b1 AND c1", "a1")
    assert not holds("a1 OR b1 AND c1", "b1")
    assert not holds("(a1 OR b1) AND c1", "a1")
    assert holds("a1 AND NOT b1 OR c1", "b1", "c1")


def test_words_side_by_side_mean_and() -> None:
    assert holds("acme phone NOT jobs", "acme", "phone")
    assert not holds("acme phone NOT jobs", "acme")
    assert not holds("acme phone NOT jobs", "acme", "phone", "jobs")


def test_a_minus_before_a_word_is_not() -> None:
    for query in ("acme -jobs", "-jobs acme", "acme (-jobs OR phone)", "acme -(jobs OR job*)", 'acme -"jobs"'):
        assert holds(query, "acme") and not holds(query, "acme", "jobs"), query
    assert words_of("class-action -e-mail") == ["class action", "e mail"]
    assert parse_query("acme -lang:fr").root == Every((Term("acme"), Not(Field("lang", "fr"))))


def test_near_binds_tighter_than_all_else() -> None:
    near = Near((Term("a1"),), (Term("b1"), Term("c1"), Term("d1", prefix=False)), 3)
    assert parse_query("x1 NOT a1 NEAR/3 (b1 OR (c1 OR d1))").root == Every((Term("x1"), Not(near)))
    assert parse_query("a1 ONEAR/2 b1").root == Near((Term("a1"),), (Term("b1"),), 2, ordered=True)


def test_operators_count_in_upper_case_and_as_whole_words() -> None:
    assert words_of("ANDROID ORANGE NOTE NEARBY") == ["android", "orange", "note", "nearby"]
    assert words_of('acme "and" "or" "NEAR" "NOT"') == ["acme", "and", "or", "near", "not"]


def test_terms_are_folded_and_listed_once() -> None:
    assert words_of('L’Oréal OR "Coca-Cola  Zéro" OR l\'oreal OR #Acme') == ["l'oreal", "coca cola zero", "#acme"]
    assert words_of("« bad buzz » OR “mauvais buzz”") == ["bad buzz", "mauvais buzz"]
    assert parse_query('=Élan OR elan OR "rappel produit*"').terms == (
        Term("elan", exact="Élan"),
        Term("elan"),
        Term("rappel produit", prefix=True),
    )


def test_values_of_fields_have_one_form() -> None:
    for written, value in {
        "lang:FR": "fr",
        "lang:unknown": "",
        "site:www.LeMonde.fr.": "lemonde.fr",
        "site:https://lemonde.fr/": "lemonde.fr",
        "site:été.fr": "xn--t-9fab.fr",
        "author:@Élan": "@elan",
        'author:"Jane  Doe"': "jane doe",
        "source:RSS": "rss",
        "kind:Review": "review",
        "url:https://WWW.Example.org/A?utm_source=x": "https://www.example.org/a",
    }.items():
        assert parse_query(f"acme {written}").root == Every((Term("acme"), Field(written.partition(":")[0], value)))


@pytest.mark.parametrize(
    ("query", "column", "hint"),
    [
        ("", 1, "at least one word"),
        ("   ", 1, "at least one word"),
        ("NOT acme", 1, "acme NOT jobs"),
        ("-acme", 1, "acme NOT jobs"),
        ("acme OR NOT jobs", 1, "acme NOT jobs"),
        ("NOT (acme AND jobs)", 1, "acme NOT jobs"),
        ("lang:fr kind:post", 1, "only narrow down"),
        ("acme OR lang:fr", 1, "only narrow down"),
        ("url:acme.example", 1, "only narrow down"),
        ("-site:lemonde.fr", 1, "acme NOT jobs"),
        ("(acme OR jobs", 1, "add )"),
        ("acme OR jobs)", 13, "remove it"),
        ("acme OR ()", 10, "missing before"),
        ("acme lang:()", 12, "missing before"),
        ("acme OR", 7, "missing at the end"),
        ("acme AND OR jobs", 10, '"OR"'),
        ("OR acme", 1, '"OR"'),
        ('acme "class action', 6, "two words"),
        ("acme or jobs", 6, "write OR"),
        ("acme And jobs", 6, "write AND"),
        ("acme OU jobs", 6, "write OR"),
        ("acme ET jobs", 6, "write AND"),
        ("acme SAUF jobs", 6, "write NOT"),
        ("acme --jobs", 6, "-jobs"),
        ("acme - jobs", 6, "-jobs"),
        ("acme –jobs", 6, "-jobs"),
        ("+acme", 1, "write acme"),
        ("acme !jobs", 6, "NOT jobs"),
        ("acme && jobs", 6, "write AND"),
        ("acme, jobs", 5, "OR or AND"),
        ("acme [jobs]", 6, "( and )"),
        ('"acme jobs"~5', 12, "NEAR/5"),
        ("*call acme", 1, "list the forms"),
        ("re*ll acme", 3, "list the forms"),
        ("acme recall?", 12, "recall*"),
        ("acme *", 6, "beginning"),
        ("re* acme", 1, "at least 3"),
        ("acme 丰田*", 6, "longer ones"),
        ('acme "rappel* produit"', 13, "last word"),
        ('"rappel de l*"', 2, "at least 3"),
        ("acme NEAR recall", 6, "NEAR/5"),
        ("acme NEAR/x recall", 6, "NEAR/5"),
        ("acme near/5 recall", 6, "NEAR/5"),
        ("acme WITHIN/5 recall", 6, "NEAR/5"),
        ("acme NEAR/0 recall", 6, "side by side"),
        (f"acme NEAR/{MAX_DISTANCE + 1} recall", 6, "NEAR/50"),
        ("NEAR/5 acme", 1, "between two"),
        ("acme NEAR/5", 11, "missing at the end"),
        ("acme NEAR/5 NOT jobs", 13, "NOT c"),
        ("acme NEAR/5 -jobs", 13, "NOT c"),
        ("acme NEAR/5 (a1 b1)", 14, "phrase"),
        ("acme NEAR/5 (a1 OR -b1)", 20, "phrases"),
        ("acme NEAR/5 lang:fr", 13, "outside"),
        ("a1 NEAR/5 b1 NEAR/5 c1", 14, "(a NEAR/5 b) AND"),
        ("acme lan:fr", 6, "`lang`"),
        ("acme langue:fr", 6, "`lang`"),
        ("acme xyz:fr", 6, '"xyz:…"'),
        ("acme http://acme.example", 6, "url:"),
        ("acme lang:", 6, "lang:fr"),
        ("acme lang: fr", 6, "without a space"),
        ('acme lang:""', 12, "lang:fr"),
        ("acme lang:french", 11, "lang:fr"),
        ("acme lang:Français", 11, "lang:fr"),
        ("acme lang:fr-FR", 11, "lang:fr"),
        ("acme lang:jp", 11, "lang:ja"),
        ("acme lang:klingon", 11, "two letters"),
        ("acme lang:(fr en)", 12, "(fr OR en)"),
        ("acme lang:(fr OR french)", 18, "lang:fr"),
        ("acme lang:=fr", 12, "lang:fr"),
        ("acme lang:fr*", 11, "whole value"),
        ("acme lang:fr lang:en", 14, "(en OR fr)"),
        ("acme kind:post -jobs kind:(review OR reply)", 22, "(post OR reply OR review)"),
        ("acme kind:reviews", 11, "`review`"),
        ("acme site:lemonde", 11, "site:lemonde.fr"),
        ("acme site:*.lemonde.fr", 11, "subdomains"),
        ("acme site:lemonde.fr/economie", 11, "url:/economie"),
        ("acme author:@", 13, "author:@name"),
        ("acme source:a/b", 13, "source:rss"),
        ("acme url:a", 10, "at least 4"),
        ("acme title:(lang:fr)", 13, "lang:fr"),
        ("acme = Elan", 6, "without a space"),
        ("acme =(a1 OR b1)", 6, "=Elan"),
        ("acme -acme", 6, "drop one"),
        ("NOT acme acme", 10, "drop one"),
        ('acme ""', 7, "a letter"),
        ("acme ...", 6, "a letter"),
        ("acme …", 6, "a letter"),
    ],
)
def test_a_mistake_has_its_place_and_a_hint(query: str, column: int, hint: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert hint in caught.value.hint
    assert caught.value.column == column
    assert f"column {column}" in str(caught.value)


def test_nesting_and_length_are_bounded() -> None:
    deep = "NOT " * (2 * MAX_DEPTH) + "acme"
    with pytest.raises(QueryError, match="nests deeper"):
        parse_query(f"a1 AND {deep}")
    with pytest.raises(QueryError, match="longer than"):
        parse_query("acme OR " * 5_000 + "acme")
    with pytest.raises(QueryError, match="more than"):
        parse_query(" ".join(f"{index:x}" for index in range(MAX_TERMS + 1)))
    with pytest.raises(QueryError, match="more than"):
        parse_query("(a)" * 6_000)
    with pytest.raises(QueryError, match="at most"):
        parse_query(f"acme NEAR/5 ({' OR '.join(f'b{index}' for index in range(500))})")
    assert words_of("(" * 5_000 + "acme" + ")" * 5_000) == ["acme"]


def test_a_wide_query_is_fine() -> None:
    assert len(parse_query(" OR ".join(f"brand{index}" for index in range(1_000))).terms) == 1_000


PIECES = [
    *'abé "()’#@-*:=/5?,…|',
    "AND ",
    "OR ",
    "NOT ",
    " acme ",
    "NEAR/3 ",
    "lang:",
    "site:",
    "title:",
    "author:",
    "-",
]


@given(st.one_of(st.lists(st.sampled_from(PIECES)).map("".join), st.text(max_size=80)))
@settings(max_examples=100)
def test_any_text_is_a_query_or_a_query_error(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError as error:
        assert 1 <= error.column <= max(1, len(text))
        assert error.hint
    else:
        matcher = TopicMatcher({"t": query})
        assert matcher.match(MatchText(folded="")) == (), "what names none of its words is not its own"


@pytest.mark.parametrize(
    "piece", ["(", "NOT ", "-", '"', "a NEAR/5 ", "=", "lang:", "title:(", "a,", "é*", "-(", "a -", "OR "]
)
def test_long_nonsense_takes_bounded_time(piece: str) -> None:
    chance = random.Random(3)
    for text in (piece * (19_999 // len(piece)), "".join(chance.choices([piece, "a ", ")", " "], k=3_000))[:19_999]):
        try:
            parse_query(text)
        except QueryError as error:
            assert error.column <= len(text)
