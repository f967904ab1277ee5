"""Words from outside are shown safely, and near ones are suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.words import listed, safe, show, suggest


@given(st.text(st.characters()))
def test_what_is_shown_is_one_short_printable_line(text: str) -> None:
    assert printable(show(text))
    assert len(show(text)) <= 40 * len("\\U0010ffff")
    assert printable(safe(text))


def printable(shown: str) -> bool:
    return shown.replace("\u00a0", " ").replace("\u202f", " ").isprintable()


def test_the_blanks_of_french_typography_are_no_escapes() -> None:
    assert safe("Silence\u00a0: 1\u202f000\u00a0» \u200b") == "Silence\u00a0: 1\u202f000\u00a0» \\u200b"


def test_an_escape_sequence_does_not_reach_the_terminal() -> None:
    assert show("\x1b[31mred\n") == "\\u001b[31mred\\u000a"


def test_a_long_word_is_cut() -> None:
    assert show("x" * 100) == "x" * 39 + "…"


@pytest.mark.parametrize(
    ("word", "hint"),
    [("negativ", "did you mean `negative`?"), ("VOLUME", "did you mean `volume`?"), ("zzz", ""), ("", "")],
)
def test_the_nearest_choice_is_suggested(word: str, hint: str) -> None:
    assert suggest(word, ["volume", "negative", "positive"]) == hint


@pytest.mark.parametrize(
    ("choices", "said"), [([], ""), (["a"], "`a`"), (["a", "b"], "`a` or `b`"), (["a", "b", "c"], "`a`, `b` or `c`")]
)
def test_choices_are_listed_as_people_list_them(choices: list[str], said: str) -> None:
    assert listed(choices) == said
