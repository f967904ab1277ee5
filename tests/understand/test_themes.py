"""Themes: what decides, what takes away, and what the shipped ones find in sentences they were not made from."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.shipped import shipped_rules
from buzzguard.understand.fold import fold
from buzzguard.understand.theme_files import load_themes
from buzzguard.understand.themes import Theme, ThemeFound, Themes
from tests.understand.themes.held_out import held_out

DELAY = Theme(
    id="delay",
    title={"en": "Delays", "fr": "Retards"},
    owner="operations",
    strong={"en": ["late", "delay*"], "fr": ["en retard"]},
    weak={"en": ["train", "waiting"], "fr": ["train", "attends"]},
    against={"en": ["late breakfast", "joke"]},
)
PRAISE = Theme(id="praise", strong={"en": ["great"]}, unless_negated=True)
SAFETY = Theme(
    id="safety",
    examples={
        "en": ["the kettle gave me a shock", "smoke came out of the toaster", "it sparked and burned the plug"],
        "fr": ["la bouilloire m'a donné une décharge", "de la fumée sort du grille-pain"],
    },
)

THREE = Themes([DELAY, PRAISE, SAFETY])


@pytest.fixture(scope="module")
def shipped() -> Themes:
    return load_themes([shipped_rules()])


def found(text: str, *themes: Theme, language: str = "en") -> dict[str, tuple[str, ...]]:
    return {one.id: one.words for one in Themes(themes or (DELAY, PRAISE, SAFETY)).of(fold(text), language)}


def test_a_strong_term_is_enough_and_says_so() -> None:
    assert Themes([DELAY]).of("so late", "en") == (ThemeFound("delay", 0.5, ("late",)),)


def test_two_weak_terms_are_enough_one_is_not() -> None:
    assert found("the train") == {}
    assert found("waiting for the train") == {"delay": ("waiting", "train")}


def test_a_term_counts_once_however_often_it_is_said() -> None:
    assert found("train train trains") == {}


def test_words_of_one_language_are_not_looked_for_in_another() -> None:
    assert found("le train a du retard, so late", language="fr") == {}
    assert found("en retard", language="fr") == {"delay": ("en retard",)}


@pytest.mark.parametrize("language", ["", "de", "xx"])
def test_a_text_of_another_or_unknown_language_is_read_in_all(language: str) -> None:
    assert found("late", language=language) == {"delay": ("late",)}
    assert found("en retard", language=language) == {"delay": ("en retard",)}


def test_a_term_within_one_that_speaks_against_does_not_count() -> None:
    assert found("a late breakfast") == {}
    assert found("late again after a late breakfast") == {}  # one for, one against
    assert found("late and delayed, a joke") == {"delay": ("late", "delayed")}


def test_a_negated_term_does_not_count_where_the_theme_says_so() -> None:
    assert found("great") == {"praise": ("great",)}
    assert found("not great") == {}
    assert found("not late") == {"delay": ("late",)}


def test_likeness_to_examples_completes_a_weak_term(shipped: Themes) -> None:
    text = fold("the heater sparks when I plug it in")
    without = Themes([replace(theme, examples={}, strong={}) for theme in shipped.themes])
    assert without.of(text, "en") == ()
    assert [one.id for one in shipped.of(text, "en")] == ["product-safety"]


def test_a_text_has_several_themes_the_surest_first(shipped: Themes) -> None:
    text = "Toujours pas remboursée, et le service client raccroche au nez : le SAV ne répond jamais"
    assert [one.id for one in shipped.of(fold(text), "fr")][:2] == ["service", "price"]


def test_deciding_words_have_their_accents(shipped: Themes) -> None:
    words = {word for one in shipped.of(fold("J'ai été prélevé deux fois"), "fr") for word in one.words}
    assert "prélevé deux fois" in words


def test_an_article_needs_more_than_a_word_in_passing() -> None:
    article = "nothing of note happened here today. " * 120
    assert found(article + "late") == {}
    assert found(article + "late, delayed, and waiting for the train")


def test_titles_and_owners_are_told(shipped: Themes) -> None:
    assert shipped.owner("employees") == "hr"
    assert shipped.title("employees", "fr") == "Salariés et ressources humaines"
    assert shipped.title("employees", "de") == "Employees and HR"
    with pytest.raises(LookupError):
        shipped.owner("none")


def test_the_shipped_themes_are_those_that_routing_knows(shipped: Themes) -> None:
    assert [theme.id for theme in shipped.themes] == [
        "competition", "data", "delivery", "employees", "environment", "ethics", "health", "legal", "management",
        "praise", "price", "product-safety", "quality", "service",
    ]  # fmt: skip


def test_no_held_out_sentence_is_an_example(shipped: Themes) -> None:
    examples = {fold(text) for theme in shipped.themes for several in theme.examples.values() for text in several}
    assert not examples & {fold(one.text) for one in held_out()}


def test_every_theme_is_held_out_in_both_languages() -> None:
    counted = Counter((one.language, theme) for one in held_out() for theme in one.themes)
    assert len(counted) == 28
    assert min(counted.values()) >= 8


@pytest.mark.parametrize("language", ["fr", "en"])
def test_held_out_sentences_are_recognised(shipped: Themes, language: str) -> None:
    right = wrong = missed = 0
    for one in held_out():
        if one.language != language:
            continue
        themes = {found.id for found in shipped.of(fold(one.text), language)}
        right += len(themes & set(one.themes))
        wrong += len(themes - set(one.themes))
        missed += len(set(one.themes) - themes)
    assert right / (right + wrong) >= 0.9
    assert right / (right + missed) >= 0.85


@given(st.text(max_size=300), st.sampled_from(["fr", "en", ""]))
def test_any_text_gets_an_answer_in_order(text: str, language: str) -> None:
    answer = THREE.of(fold(text), language)
    assert [one.score for one in answer] == sorted((one.score for one in answer), reverse=True)
    assert all(0.5 <= one.score <= 1 and one.words for one in answer)


def test_the_order_of_files_changes_nothing() -> None:
    themes = [DELAY, PRAISE, SAFETY]
    text = "late, great, smoke from the kettle"
    assert Themes(themes).of(text, "en") == Themes(themes[::-1]).of(text, "en")


@pytest.mark.parametrize(
    "text", ["a" * 1_000_000, "late " * 200_000, "😡" * 300_000, "é" * 300_000, "\u0301" * 100_000]
)
def test_a_hostile_text_costs_a_bounded_time(shipped: Themes, text: str) -> None:
    folded = fold(text)
    begin = process_time()
    shipped.of(folded, "")
    assert process_time() - begin < 1.0
