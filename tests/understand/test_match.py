"""Matching: what is found, and the same verdict as a naive reading."""

from __future__ import annotations

from typing import Any

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from buzzguard.understand.fold import fold
from buzzguard.understand.match import TopicMatcher
from buzzguard.understand.matchtext import MatchText, searched
from buzzguard.understand.query import Query, QueryError, parse_query
from tests.understand import naive


def text_of(text: str, *, title: str = "", **fields: Any) -> MatchText:
    original = searched(title, text)
    return MatchText(folded=fold(original), original=original, title=title, **fields)


def matches(query: str, text: str, **fields: Any) -> bool:
    return TopicMatcher({"t": parse_query(query)}).match(text_of(text, **fields)) == ("t",)


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


def test_hashtags_with_capitals_are_read_word_by_word() -> None:
    for text in ("#BoycottAcme", "@AcmeSupport", "#boycott_acme", "#Acme2026", "#StopACMENow", "#ÉchecAcme"):
        assert matches("acme", text), text
    assert matches('"air france"', "@AirFranceFR") and matches("iphone", "#iPhone15")
    assert not matches("phone", "#iPhone") and not matches("acme", "#boycottacme")
    assert not matches("acme NOT jobs", "acme #AcmeJobs")
    assert not matches('"acme france"', "#BoycottAcme #FranceInter"), "no phrase spans two hashtags"
    assert matches("title:acme", "x", title="#BoycottAcme") and not matches("title:acme", "#BoycottAcme", title="x")


def test_a_sigil_in_the_query_is_required() -> None:
    assert matches("#acme", "voilà #Acme !")
    assert not matches("#acme", "acme")
    assert not matches("@acme", "jobs@acme.example")


def test_scripts_without_spaces_need_no_edge() -> None:
    assert matches("丰田", "我的丰田汽车坏了") and matches("acme", "我的acme坏了")
    assert matches("삼성", "삼성이 문제") and not matches("사", "삼성")


def test_emoji_can_be_searched() -> None:
    assert matches("acme 😡", "Acme😡😡") and matches("acme 👍", "acme 👍🏽")


def test_a_prefix_finds_what_goes_on() -> None:
    for text in ("recall", "Recalled!", "recalls", "#recalling"):
        assert matches("recall*", text), text
    assert not matches("recall*", "the precall")
    assert matches('"rappel produit*"', "Rappel-produits") and matches('"rappel produit*"', "#RappelProduits")
    assert matches("recall* NOT recall", "recalled") and not matches("recall* NOT recall", "recalled, a recall")


def test_an_exact_form_is_found_as_written() -> None:
    assert matches("=Elan", "chez Elan.") and not matches("=Elan", "Élan ELAN elan")
    assert matches("=Elan", "l’élan de Elan") and matches("=Elan", "Œuvre… Élan — Elan")
    assert matches('="Élan Vital"', "un «Élan  Vital» !") and not matches('="Élan Vital"', "élan vital, Elan Vital")
    assert matches("=Elan*", "Elans") and not matches("=Elan*", "élans")
    assert matches('="L’Oréal"', "chez L'Oréal™") and matches('="Air France"', "#AirFrance")
    assert not matches('="Air France"', "#airfrance")
    assert matches("=US", "#MadeInUS") and not matches("=US", "join us")
    assert matches("orange NOT =orange", "Orange") and not matches("orange NOT =orange", "une orange")


def test_near_counts_words() -> None:
    text = "Acme recalls all of its kettles."
    assert matches("acme NEAR/1 recalls", text) and matches("recalls NEAR/1 acme", text)
    assert matches("acme NEAR/5 kettles", text) and not matches("acme NEAR/4 kettles", text)
    assert matches("acme ONEAR/1 recalls", text) and not matches("recalls ONEAR/5 acme", text)
    assert matches('(umbrella OR acme) NEAR/3 ("all of" OR kettle*)', text)
    assert not matches("acme NEAR/5 acme", text) and matches("acme NEAR/5 acme", "acme, acme")
    assert not matches('acme NEAR/5 "acme recalls"', text), "a word is not near the phrase that it is part of"


def test_nothing_is_near_across_title_and_text() -> None:
    assert not matches("acme NEAR/9 recall", "recall", title="acme")
    assert matches("acme NEAR/9 recall", "acme recall", title="acme")
    assert not matches("acme NEAR/9 boycott", "acme #BoycottUmbrella")


def test_title_words_stand_in_the_title() -> None:
    assert matches("title:acme", "x", title="Acme recalls")
    assert not matches("title:acme", "Acme recalls", title="x") and not matches("title:acme", "acme")
    assert matches('title:(recall* AND "of kettles" NOT jobs) acme', "acme", title="Recalled: thousands of kettles")
    assert not matches("title:(acme NEAR/2 recall)", "acme recall", title="acme")
    assert matches("title:=Acme -=acme", "x", title="Acme")


def test_fields() -> None:
    known = {
        "language": "fr",
        "source": "reddit",
        "site": "m.lemonde.fr",
        "author": "@Acme@masto.social",
        "author_name": "Zoé Doe",
        "kind": "review",
        "url": "https://m.lemonde.fr/Economie/1",
    }
    for field in (
        "lang:fr", "lang:(en OR fr)", "source:Reddit", "site:lemonde.fr", "site:www.lemonde.fr", "author:@ACME",
        "author:acme@masto.social", 'author:"zoe doe"', "kind:review", "url:lemonde.fr/economie", 'url:"/economie"',
    ):  # fmt: skip
        assert matches(f"acme {field}", "acme", **known), field
        assert not matches(f"acme -{field}", "acme", **known), field
        assert not matches(f"acme {field}", "acme"), field
    for field in ("lang:en", "site:monde.fr", "site:a.lemonde.fr", "author:@doe", 'author:"@zoe doe"', "kind:post"):
        assert not matches(f"acme {field}", "acme", **known), field
    assert matches("acme lang:(fr OR unknown)", "acme") and not matches("acme lang:unknown", "acme", **known)


def test_a_site_a_source_or_an_author_may_stand_alone() -> None:
    assert matches("site:lemonde.fr lang:fr", "x", site="lemonde.fr", language="fr")
    assert matches("author:@x OR acme", "z", author="x") and matches("source:reddit -jobs", "z", source="Reddit")


def test_topics_come_in_their_order_and_share_terms() -> None:
    matcher = TopicMatcher(
        {"z": parse_query("acme"), "a": parse_query("acme NOT jobs"), "m": parse_query('"acme phone" OR zeta')}
    )
    assert matcher.match(text_of("acme phone")) == ("z", "a", "m")
    assert matcher.match(text_of("acme jobs")) == ("z",)
    assert matcher.match(text_of("nothing")) == ()
    assert TopicMatcher({}).match(text_of("acme")) == ()


def test_hostile_texts_take_bounded_time() -> None:
    matcher = TopicMatcher({"t": parse_query('(acme* NEAR/3 recall) OR ="Élan A" OR title:(a1 NEAR/9 b1)')})
    for text in ("acme " * 20_000, "é" * 100_000, "#AbCd" * 20_000, "#AbCdEf " * 10_000, "acme élan a recall " * 5_000):
        matcher.match(text_of(text, title="b1 " * 100))


# The law: the automaton agrees with a naive reading

WORDS = ["acme", "oreal", "élan", "Élan", "air", "france", "c", "丰田", "😡", "jobs", "Acme"]
WORD = st.sampled_from(WORDS)
PHRASE = st.lists(st.sampled_from(["air", "france", "l’oréal", "Élan", "coca-cola"]), min_size=1, max_size=3).map(
    lambda words: f'"{" ".join(words)}"'
)
EXACT = st.sampled_from(["=Élan", "=Acme", '="Air France"', '="L\'Oréal"', "=acme", '="Air Fran*"'])
TERM = st.one_of(WORD, PHRASE, EXACT, st.sampled_from(["acm*", "fran*", '"air fran*"', "#acme", "@AirFrance"]))
GROUP = st.lists(TERM, min_size=1, max_size=3).map(lambda words: f"({' OR '.join(words)})")
NEAR = st.builds("{} {}NEAR/{} {}".format, GROUP, st.sampled_from(["", "O"]), st.integers(1, 4), GROUP)
FIELD = st.sampled_from(
    ["lang:fr", "lang:(fr OR unknown)", "site:b.fr", "author:@x", "author:jane", "source:rss", "kind:post", "url:b.fr/"]
)
QUERY = st.recursive(
    st.one_of(TERM, TERM, NEAR, FIELD, st.one_of(TERM, NEAR).map("title:({})".format)),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({' OR '.join(parts)})"),
        inner.map("NOT ({})".format),
    ),
    max_leaves=8,
)
PIECES = [*WORDS, "L’Oréal", "France", "AIR", "zacme", "acmes", "Air  France", "#AirFrance", "#airfrance", "@Acme_Jobs"]
PASSAGE = st.lists(st.sampled_from([*PIECES, "#BoycottAcme", "Coca‑Cola", ",", "-", "'", "|", "½", "œ"]), max_size=9)
TEXTS = st.builds(
    lambda title, text, glue, fields: text_of(glue.join(text), title=" ".join(title), **fields),
    PASSAGE,
    PASSAGE,
    st.sampled_from([" ", " ", " ", "", "-"]),
    st.fixed_dictionaries(
        {
            "language": st.sampled_from(["fr", "en", ""]),
            "source": st.sampled_from(["rss", "push"]),
            "site": st.sampled_from(["b.fr", "a.b.fr", "xb.fr", ""]),
            "author": st.sampled_from(["x", "@X@c.fr", "jane", ""]),
            "author_name": st.sampled_from(["Jane", "@x", ""]),
            "kind": st.sampled_from(["post", "reply"]),
            "url": st.sampled_from(["https://b.fr/x", ""]),
        }
    ),
)


def parsed(written: str) -> Query | None:
    try:
        return parse_query(written)
    except QueryError:
        return None


@given(st.lists(QUERY, min_size=1, max_size=4), TEXTS)
@example(["acme OR =Élan"], text_of("", title="Élan #AirFrance"))
@settings(deadline=None, max_examples=100)
def test_the_automaton_agrees_with_a_naive_evaluator(written: list[str], text: MatchText) -> None:
    queries = {str(index): query for index, one in enumerate(written) if (query := parsed(one))}
    assume(queries)
    wanted = tuple(topic for topic, query in queries.items() if naive.holds(query.root, text))
    assert TopicMatcher(queries).match(text) == wanted


@given(st.text(max_size=60), st.text(max_size=20))
@example("ÀÉ", "ẞ")
@settings(deadline=None)
def test_no_text_raises(text: str, title: str) -> None:
    matcher = TopicMatcher({"t": parse_query('a* NEAR/3 (b OR "c d") OR =É OR title:=a OR #b'.replace("a*", "abc*"))})
    matcher.match(text_of(text, title=title, site=text, author=title, url=text, source=text))
    matcher.match(MatchText(folded=fold(text)))
