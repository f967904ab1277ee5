"""What must compare equal does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.understand.fold import exact_form, fold, fold_with_places


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ACME", "acme"),
        ("Éléphant à Noël, ça brûle", "elephant a noel, ca brule"),
        ("L’Oréal", "l'oreal"),
        ("L`Oreal", "l'oreal"),
        ("Coca-Cola", "coca cola"),
        ("Coca‑Cola", "coca cola"),
        ("coca – cola", "coca cola"),
        ("Acme™ Acme® Acme℠", "acme acme acme"),
        ("ＡＣＭＥ 𝐀𝐜𝐦𝐞", "acme acme"),
        ("Œuvre Straße Ørsted İstanbul", "oeuvre strasse orsted istanbul"),
    ],
)
def test_variants_fold_to_one_form(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=127)))
def test_the_short_way_for_ascii_agrees_with_the_long_one(text: str) -> None:
    assert fold(text + "é").rstrip("e") == (fold(text + "e")).rstrip("e")


@given(st.text())
def test_each_folded_letter_knows_where_it_comes_from(text: str) -> None:
    folded, places = fold_with_places(text)
    assert len(folded) == len(fold(text)) == len(places) - 1
    assert places == sorted(places) and places[-1] == len(text)


def test_an_exact_form_keeps_case_and_accents() -> None:
    assert exact_form("L’Élan‑Vital™  E\u0301") == "L'Élan Vital É"
    folded, places = fold_with_places("Œuvre – « Élan »")
    begin = folded.index("elan")
    assert "Œuvre – « Élan »"[places[begin] : places[begin + 4]] == "Élan"
