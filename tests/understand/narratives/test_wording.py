"""What a narrative is called reads as people wrote it."""

from __future__ import annotations

import pytest

from buzzguard.model import Polarity
from buzzguard.understand.fold import fold
from buzzguard.understand.narratives.story import Speaker
from buzzguard.understand.narratives.wording import clauses, cut, headline, readable
from buzzguard.understand.narratives.words import stems_of, words_of


def speaker(text: str, polarity: Polarity = Polarity.NEGATIVE) -> Speaker:
    return Speaker(0.0, text, 0.0, text, fold(text), "", polarity)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@acme my bag is lost!! http://t.co/x #fail", ["My bag is lost"]),
        ("Wow, the app crashes again. Nobody answers the phone", ["The app crashes again", "Nobody answers the phone"]),
        ("#BoycottAcme is trending today", ["Boycott Acme is trending today"]),
        ("RT @x: les colis arrivent cassés 😡😡", ["Les colis arrivent cassés"]),
        ("Price up to 5.50 euros — a shame for", ["Price up to 5.50 euros"]),
        ("no", []),
        ("", []),
    ],
)
def test_clauses_are_what_is_left_of_a_post(text: str, expected: list[str]) -> None:
    assert clauses(text) == expected


def test_a_headline_says_what_the_narrative_is_about_in_few_words() -> None:
    shares = {"recal": 0.6, "toast": 0.6, "fire": 0.4}
    said = [
        speaker("I was at home yesterday evening and then I read of the recall"),
        speaker("Toaster recall after a fire"),
    ]
    assert headline(said, shares, frozenset(), side=Polarity.NEGATIVE) == "Toaster recall after a fire"


def test_praise_does_not_head_a_complaint_and_coarse_words_do_not_head_at_all() -> None:
    shares = {"servi": 0.7, "custo": 0.7}
    good = speaker("Great customer service today", Polarity.POSITIVE)
    bad, coarse = speaker("Awful customer service today"), speaker("Shitty customer service today")
    assert headline([good, bad, coarse], shares, frozenset(), side=Polarity.NEGATIVE) == bad.text
    assert headline([coarse], shares, frozenset(), side=Polarity.NEGATIVE) == coarse.text


@pytest.mark.parametrize(
    "text", ["<b>x</b> hello there", "[a](http://x)", "{{ config }}", "!!! ??? 12", "call 06 12 34 56 78", "a" * 90, ""]
)
def test_what_no_person_should_be_shown_is_not_readable(text: str) -> None:
    assert not readable(text)


def test_a_cut_falls_between_words_and_holds_its_limit() -> None:
    assert cut("one two three four", 12) == "one two…"
    assert len(cut("x" * 500, 200)) == 200


def test_words_are_stems_without_small_words_names_and_addresses() -> None:
    common = stems_of("acme")
    assert words_of("@acme the cancelled flights of acme https://t.co/x", common) == ["cance", "fligh"]
    assert words_of("l'appli n'est pas remboursee", common) == ["appli", "rembo"]
    assert words_of("配達遅延", common) == ["配達", "達遅", "遅延"]
