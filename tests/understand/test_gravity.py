"""Gravity words: what counts, what a negation takes away, and the shipped list."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from buzzguard.errors import ConfigError
from buzzguard.understand.fold import fold
from buzzguard.understand.gravity import GravityWords, parse_gravity

SHIPPED = Path(__file__).parents[2] / "rules" / "words" / "gravity.yml"


@pytest.fixture(scope="module")
def words() -> GravityWords:
    return parse_gravity(SHIPPED.read_text("utf-8"), file="gravity.yml")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("BOYCOTT Acme now!", ("boycott",)),
        ("they are boycotting it", ("boycott",)),
        ("Boycottons Acme", ("boycott",)),
        ("#BoycottAcme", ("boycott",)),
        ("a class-action lawsuit after the data leak", ("lawsuit", "leak")),
        ("Acme recalls 3,000 cars", ("recall",)),
        ("rappel de produits : risque de listeria", ("recall", "poisoning")),
        ("C’est un scandale, j'ai porté plainte", ("scandal", "lawsuit")),
        ("une énorme fuite de données chez Acme", ("leak",)),
        ("Quelle ARNAQUE !", ("scam",)),
        ("mis en examen pour fraude fiscale", ("arrest", "fraud", "tax evasion")),
        ("a lovely day", ()),
        ("plaintext leakage", ()),
        ("", ()),
    ],
)
def test_words_are_found_whole_whatever_their_case_and_accents(
    words: GravityWords, text: str, found: tuple[str, ...]
) -> None:
    assert words.found(fold(text)) == found


@pytest.mark.parametrize(
    "text",
    [
        "There is no recall at Acme",
        "it isn't a scam",
        "not a scandal",
        "never a data leak",
        "without any lawsuit",
        "pas de boycott",
        "ce n'est pas une arnaque",
        "aucun scandale",
        "sans plainte",
        "pas d'arnaque ici",
        "As I recall, it was blue",
        "I can't recall the name",
        "mort de rire",
    ],
)
def test_a_direct_negation_or_another_sense_does_not_count(words: GravityWords, text: str) -> None:
    assert words.found(fold(text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "no doubt a scandal",
        "not only a scandal",
        "sans doute un scandale",
        "pas seulement un scandale",
        "No! A scandal",
        "I am not happy. Scandal at Acme",
        "no recall? it is a scandal",
    ],
)
def test_a_negation_of_something_else_does(words: GravityWords, text: str) -> None:
    assert words.found(fold(text)) == ("scandal",)


def test_one_plain_occurrence_suffices(words: GravityWords) -> None:
    assert words.found(fold("not a scam? a scam!")) == ("scam",)


def test_a_text_full_of_gravity_costs_a_bounded_time(words: GravityWords) -> None:
    begin = process_time()
    assert words.found("scandal recall " * 700) == ("scandal", "recall")
    assert process_time() - begin < 0.5


def test_the_shipped_list_speaks_both_languages(words: GravityWords) -> None:
    text = SHIPPED.read_text("utf-8")
    english, french = text.split("\nfr:\n")
    for part in (english, french):
        assert part.count("]") >= 45
    assert {"boycott", "recall", "scandal", "leak", "lawsuit", "fraud"} <= {family.name for family in words.families}


@pytest.mark.parametrize(
    ("yaml_text", "place", "message"),
    [
        ("en:\n  boycott: boycott*", "f.yml:2:12", "list of words"),
        ("en:\n  boycott: [a]", "f.yml:2:13", "not a form"),
        ("en:\n  boycott: [bo*cott]", "f.yml:2:13", "not a form"),
        ("en: [boycott]", "f.yml:1:5", "families"),
        ("en:\n  x: [boycott, [y]]", "f.yml:2:16", "a word is wanted"),
        ("en:\n  x: {forms: [abc], unles: [i]}", "f.yml:2:21", "unknown key 'unles'"),
        ("en:\n  x: {unless_after: [i]}", "f.yml:2:6", "list of words"),
        ("en:\n  x: [abc]\n  x: [abd]", "f.yml:3:3", "twice"),
        ("en:\n  x: [abc", "f.yml:3:1", "expected"),
        ("- boycott", "f.yml:1:1", "languages"),
        ("a: \x00", "f.yml:0:0", ""),
        ("x" * 1_000_001, "f.yml:0:0", "too large"),
    ],
)
def test_a_fault_has_its_place(yaml_text: str, place: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_gravity(yaml_text, file="f.yml")
    assert str(caught.value.faults[0]).startswith(place)
    assert message in str(caught.value)


def test_all_faults_come_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_gravity("en:\n  a: b\n  c: [d]\n")
    assert len(caught.value.faults) == 2


def test_an_empty_file_finds_nothing() -> None:
    assert parse_gravity("").found("boycott") == ()
