"""Which clause is about us, over a table of sentences; and laws."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.understand.aimed import MAX_CHARACTERS, Span, aim

WHOLE = "whole"
TABLE = [
    # Orange is ours, Free and SFR are the others.
    ("Orange is great, Free is a disaster", "Orange is great"),
    ("Free is a disaster, Orange is great", "Orange is great"),
    ("Orange is a disaster but Free is great", "Orange is a disaster"),
    ("Free is great but Orange is a disaster", "Orange is a disaster"),
    ("Orange works while Free never does", WHOLE),
    ("Orange works well while Free never answers", "Orange works well"),
    ("While Free never answers, Orange works well", "Orange works well"),
    ("I love Orange and I hate Free", "I love Orange"),
    ("I hate Free and I love Orange", "I love Orange"),
    ("Thank you Orange! Free never answered me.", "Thank you Orange!"),
    ("Free lost my parcel. Orange found it in an hour!", "Orange found it in an hour!"),
    ("Orange was slow, rude and expensive, Free was fine", "Orange was slow rude expensive"),
    ("Unlike Free, Orange answers the phone", "Orange answers the phone"),
    ("Compared to Free, Orange is a bargain", WHOLE),
    ("Free is cheap whereas Orange is robbing us", "Orange is robbing us"),
    ("Orange is robbing us; Free is cheap", "Orange is robbing us"),
    ("Orange is robbing us - Free is cheap", "Orange is robbing us"),
    ("Free answers at once; however Orange ignores me", "Orange ignores me"),
    ("Orange et Free sont nuls", WHOLE),
    ("Orange and Free are both terrible", WHOLE),
    ("Orange, Free, SFR: all the same", WHOLE),
    ("Orange is better than Free", WHOLE),
    ("Free is worse than Orange", WHOLE),
    ("I left Orange for Free, best decision ever", WHOLE),
    ("Orange was great, now it is worse than Free", WHOLE),
    ("Free is a disaster. So is Orange", WHOLE),
    ("Free is cheap, unlike Orange", WHOLE),
    ("Free ne répond jamais, Orange non plus", WHOLE),
    ("Orange est top, Free est une catastrophe", "Orange est top"),
    ("Free est une catastrophe, Orange est top", "Orange est top"),
    ("J'adore Orange mais je déteste Free", "J'adore Orange"),
    ("Je déteste Free mais j'adore Orange", "j'adore Orange"),
    ("Free fonctionne très bien alors que Orange rame toute la journée", "Orange rame toute la journée"),
    ("Orange rame toute la journée alors que Free fonctionne très bien", "Orange rame toute la journée"),
    ("Orange rame tandis que Free répond vite", WHOLE),
    ("Merci Orange pour votre aide ! Free m'a laissé tomber.", "Merci Orange pour votre aide !"),
    ("Free m'a remboursé ; par contre Orange me doit 200 €", "Orange me doit 200 €"),
    ("Chez Orange c'est la honte. Chez Free tout va bien.", "Chez Orange c'est la honte."),
    ("Chez Free tout va bien. Chez Orange c'est la honte.", "Chez Orange c'est la honte."),
    ("Orange : service parfait. Free : n'importe quoi.", "Orange : service parfait."),
    ("Orange est mieux que Free", WHOLE),
    ("J'ai quitté Orange pour Free, quel bonheur", WHOLE),
    ("Free est nul, Orange pareil", WHOLE),
    ("Contrairement à Free, Orange répond en deux minutes", WHOLE),
    (
        "Orange a perdu mon dossier, aucune réponse, Free l'a réglé",
        "Orange a perdu mon dossier aucune réponse",
    ),
    ("Bravo Orange, quel service ! Quant à Free, n'y allez jamais", "Bravo Orange quel service !"),
    ("Free et SFR marchent, Orange est en panne depuis lundi", "Orange est en panne depuis lundi"),
    ("Orange est en panne", WHOLE),
]
NAMES = {"ours": re.compile("Orange"), "others": re.compile("Free|SFR")}


def spans(text: str, whose: str) -> list[Span]:
    return [found.span() for found in NAMES[whose].finditer(text)]


def aimed(text: str) -> str:
    return aim(text, spans(text, "ours"), spans(text, "others"))


@pytest.mark.parametrize(("text", "expected"), TABLE)
def test_what_is_said_of_us(text: str, expected: str) -> None:
    assert aimed(text) == (text if expected is WHOLE else expected)


def test_the_table_is_worth_its_name() -> None:
    assert len(TABLE) >= 40


pieces = st.sampled_from(["Orange", "Free", "SFR", "is", "bad", "good", ",", ".", "!", "mais", "but", "que", "\ud800"])


@given(st.lists(pieces, max_size=20).map(" ".join))
def test_a_text_is_cut_only_where_both_are_named_and_ours_is_kept(text: str) -> None:
    cut = aimed(text)
    if cut != text:
        assert spans(text, "ours") and spans(text, "others")
        assert len(spans(cut, "ours")) == len(spans(text, "ours"))
    words = iter(text.split())
    assert all(word in words for word in cut.split())


@given(st.text(max_size=80), st.lists(st.tuples(st.integers(0, 90), st.integers(0, 90)), max_size=4))
def test_any_spans_are_taken(text: str, some: list[Span]) -> None:
    assert isinstance(aim(text, some, some[::-1]), str)


def test_an_article_stays_whole() -> None:
    text = "Orange is good, Free is bad. " * (MAX_CHARACTERS // 20)
    assert aimed(text) == text
