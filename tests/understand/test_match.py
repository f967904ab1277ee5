"""Matching: whole words, and the same verdict as a naive evaluator."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.query import Either, Every, Node, Not, Query, Term, parse_query


def matches(query: str, text: str) -> bool:
    return TopicMatcher({"t": parse_query(query)}).match(fold(text)) == ("t",)


def test_a_word_is_found_whole_only() -> None:
    for text in ("acme", "Acme!", "(ACME)", "l'acme", "acme's", "#acme", "@Acme", "x/acme.com", "Acmé", "non-acme"):
        assert matches("acme", text), text
    for text in ("acmes", "pacme", "acme2", "acme_corp", "#acmegate", "ac me", ""):
        assert not matches("acme", text), text


def test_apostrophes_and_hyphens_have_one_form() -> None:
    for text in ("L’Oréal", "l'oreal", "chez L'ORÉAL.", "#loreal", "@LOreal"):
        assert matches("l'oréal", text), text
    for text in ("Coca-Cola", "coca cola", "Coca‑Cola", "#CocaCola"):
        assert matches("coca-cola", text), text
    assert matches('"air france"', "#AirFrance en grève")
    assert not matches('"air france"', "airfrance")
    assert matches("H&M", "chez h&m") and matches("h&m", "#HM")


def test_a_sigil_in_the_query_is_required() -> None:
    assert matches("#acme", "voilà #Acme !")
    assert not matches("#acme", "acme")


def test_scripts_without_spaces_need_no_edge() -> None:
    assert matches("丰田", "我的丰田汽车坏了")


def test_emoji_can_be_searched() -> None:
    assert matches("acme 😡", "Acme😡😡")


def test_topics_come_in_their_order_and_share_terms() -> None:
    matcher = TopicMatcher(
        {"z": parse_query("acme"), "a": parse_query("acme NOT jobs"), "m": parse_query('"acme phone" OR zeta')}
    )
    assert matcher.match("acme phone") == ("z", "a", "m")
    assert matcher.match("acme jobs") == ("z",)
    assert matcher.match("nothing") == ()
    assert TopicMatcher({}).match("acme") == ()


WORDS = ["acme", "oreal", "l'oreal", "air", "france", "air france", "c"]
TREES = st.recursive(
    st.sampled_from(WORDS).map(Term),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Every(tuple(parts))),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: Either(tuple(parts))),
        inner.map(Not),
    ),
    max_leaves=8,
)
TEXTS = st.lists(st.sampled_from(["acme", "L’Oréal", "air", "France", "c", "zacme", ",", "-", "'"])).map(" ".join)


def naive(node: Node, text: str) -> bool:
    match node:
        case Term(term):
            return re.search(rf"(?<!\w){re.escape(term)}(?!\w)", text) is not None
        case Every(parts):
            return all(naive(part, text) for part in parts)
        case Either(parts):
            return any(naive(part, text) for part in parts)
        case Not(part):
            return not naive(part, text)


def terms(node: Node) -> set[str]:
    match node:
        case Term(term):
            return {term}
        case Not(part):
            return terms(part)
        case Every(parts) | Either(parts):
            return set().union(*map(terms, parts))


@given(st.lists(TREES, max_size=5), TEXTS)
@settings(deadline=None)
def test_the_automaton_agrees_with_a_naive_evaluator(trees: list[Node], text: str) -> None:
    queries = {str(index): Query(tree, tuple(sorted(terms(tree)))) for index, tree in enumerate(trees)}
    queries = {topic: query for topic, query in queries.items() if not query.holds(set())}
    folded = fold(text)
    wanted = tuple(topic for topic, query in queries.items() if naive(query.root, folded))
    assert TopicMatcher(queries).match(folded) == wanted


@given(TREES, st.sets(st.sampled_from(WORDS)))
def test_the_query_itself_agrees_with_its_compiled_form(tree: Node, found: set[str]) -> None:
    from buzzguard.understand.match import compiled

    assert compiled(tree)(found) == Query(tree, ()).holds(found)
