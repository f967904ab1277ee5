"""The word model: what examples teach, and that it is the same in every process."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.understand.learned import PENALTY, WordModel, _Entries, words_of

EXAMPLES = [
    ("the kettle gave me a shock", (0,)),
    ("smoke came out of the toaster", (0,)),
    ("it sparked and burned the plug", (0,)),
    ("my parcel never came", (1,)),
    ("the courier threw my parcel away", (1,)),
    ("see you on monday", ()),
    ("a new logo", ()),
]


def likeness(text: str) -> list[float]:
    sums, length = WordModel(EXAMPLES, 2).of(words_of(text))
    return [value / length for value in sums]


def test_a_text_is_like_the_examples_whose_words_it_has() -> None:
    danger, delivery = likeness("sparked, then smoke from the kettle")
    assert danger > 0.3 > 0 > delivery
    danger, delivery = likeness("where is my parcel")
    assert delivery > 0.1 > danger


def test_strange_words_make_a_text_less_like_anything() -> None:
    assert likeness("parcel")[1] > 2 * likeness("parcel zweckverband quotidienne antananarivo perpendicular")[1] > 0


@pytest.mark.parametrize("text", ["", "the and of", "9 8 7", "monday logo"])
def test_a_text_of_small_or_neutral_words_is_like_nothing(text: str) -> None:
    assert all(value <= 0 for value in likeness(text))


def test_words_that_speak_for_a_class_are_named() -> None:
    model = WordModel(EXAMPLES, 2)
    assert [word for _, word in model.speaking(words_of("the kettles are smoking"), 0)] == ["kettles"]


def test_without_examples_nothing_is_known() -> None:
    assert WordModel([], 2).of(words_of("kettle")) == ([0.0, 0.0], 1.0)


def test_equal_examples_give_equal_answers_in_any_order() -> None:
    text = words_of("kettle smoke parcel")
    first = WordModel(EXAMPLES, 2).of(text)[0]
    assert WordModel(EXAMPLES[::-1], 2).of(text)[0] == pytest.approx(first, abs=0.002)


def test_the_solution_is_that_of_ridge_regression() -> None:
    rows = [[0, 1], [1, 2], [0, 3], [2, 3, 4]]
    dense = np.zeros((4, 5))
    for index, row in enumerate(rows):
        dense[index, row] = 1.0
    rarity = np.array([1.0, 2.0, 1.5, 1.0, 3.0])
    dense = dense * rarity
    dense /= np.linalg.norm(dense, axis=1, keepdims=True)
    wanted = np.array([[1.0, 0], [1, 0], [0, 1], [0, 0]])
    entries = _Entries(rows, 5)
    entries.weigh(rarity)
    exact = np.linalg.solve(dense.T @ dense + PENALTY * np.eye(5), dense.T @ wanted)
    assert entries.ridge(wanted) == pytest.approx(exact, abs=1e-9)
