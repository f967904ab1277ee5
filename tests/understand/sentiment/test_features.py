"""Laws of the hashed n-grams."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.understand.sentiment.features import MAX_CHARACTERS, ROWS, SIZE, Block, hashed, normalised

ANY = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
"""Lone surrogates too."""


def rows(block: Block, text: int) -> list[int]:
    of_text: list[int] = block.rows[block.start[text] : block.start[text + 1]].tolist()
    return of_text


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY, max_size=8))
def test_a_text_has_the_same_features_alone_and_among_others(texts: list[str]) -> None:
    together = hashed(texts)
    for number, text in enumerate(texts):
        alone = hashed([text])
        for block, single in zip(together, alone, strict=True):
            assert rows(block, number) == single.rows.tolist()


@settings(max_examples=40, deadline=None)
@given(st.lists(ANY, max_size=8))
def test_every_row_lies_in_its_half_of_the_table(texts: list[str]) -> None:
    chars, words = hashed(texts)
    assert all(0 <= row < SIZE for row in chars.rows.tolist())
    assert all(SIZE <= row < ROWS for row in words.rows.tolist())
    assert len(chars.start) == len(words.start) == len(texts) + 1
    assert chars.start[0] == 0 and chars.start[-1] == len(chars.rows)


def test_a_word_gives_its_grams_with_both_edges() -> None:
    chars, words = hashed(["pas"])
    # Two edges and three letters: 4 + 3 + 2 + 1 n-grams of 2 to 5 characters.
    assert len(chars.rows) == 10
    assert len(words.rows) == 1


def test_words_pair_up_within_a_text_and_never_across() -> None:
    assert len(hashed(["c'est pas ouf"]).words.rows) == 3 + 2
    assert len(hashed(["pas", "ouf"]).words.rows) == 2


def test_an_emoji_counts_as_a_word_however_it_is_drawn() -> None:
    plain, drawn = hashed(["nul 😡"]), hashed(["nul 😡\ufe0f"])
    assert plain.words.rows.tolist() == drawn.words.rows.tolist()
    assert len(plain.words.rows) == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("RIEN ne va", "rien ne va"),
        ("nuuuuuuul", "nuuul"),
        ("c’est", "c'est"),
        ("@air_france merci", "@sncf merci"),
        ("lu https://a.example/1", "lu www.b.example"),
        ("A &amp; B", "A & B"),
    ],
)
def test_what_says_the_same_is_hashed_the_same(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)
    assert hashed([one]).words.rows.tolist() == hashed([other]).words.rows.tolist()


def test_nothing_has_no_features() -> None:
    assert len(hashed([]).chars.start) == 1
    for text in ("", "   ", "\u200b\u200d", "\ud800"):
        chars, words = hashed([text])
        assert len(chars.rows) == len(words.rows) == 0


@pytest.mark.parametrize("character", ["a", "😡", "&", "@", " ", "\u0300", "İ", "\ud800", "http"])
def test_a_megabyte_of_one_character_costs_no_more_than_a_long_text(character: str) -> None:
    def seconds(text: str) -> float:
        began = time.perf_counter()
        hashed([text])
        return time.perf_counter() - began

    seconds("warm")
    usual = min(seconds("un texte assez long, " * (MAX_CHARACTERS // 21)) for _ in range(5))
    hostile = min(seconds(character * 1_000_000) for _ in range(3))
    assert hostile < 10 * usual


def test_features_are_the_same_in_every_process() -> None:
    program = (
        "from buzzguard.understand.sentiment.features import hashed; "
        "print(hashed(['Honteux ! 😡']).words.rows.tolist())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    told = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout
    assert told.decode().strip() == str(hashed(["Honteux ! 😡"]).words.rows.tolist())


def test_features_stay_what_trained_weights_stand_on() -> None:
    chars, words = hashed(["C'est pas ouf 😡, honteux…"])
    # Change these numbers only together with weights trained anew.
    assert (len(chars.rows), len(words.rows)) == (64, 13)
    assert (int(np.bitwise_xor.reduce(chars.rows)), int(words.rows.sum())) == (174280, 19172927)
