"""Gravity words judged: why one does not count, how grave it is, and what is grave in a sector."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.config.shipped import shipped_rules
from buzzguard.errors import ConfigError
from buzzguard.understand.fold import fold
from buzzguard.understand.gravity import GravityWords, Setting, load_gravity, parse_gravity, read_gravity
from buzzguard.understand.setting import PLAIN

NAMED = Setting(year=2026, own=("acme",), others=("zeta", "l'omega"))


@pytest.fixture(scope="module")
def words() -> GravityWords:
    return load_gravity([shipped_rules()])


def reasons(words: GravityWords, text: str, setting: Setting = PLAIN) -> list[str]:
    return [hit.reason for hit in words.judge(fold(text), setting)]


@pytest.mark.parametrize(
    "text",
    [
        "pas une arnaque",
        "ce n'est pas une vraie arnaque",
        "no recall",
        "there was never any scandal",
        "aucun scandale chez eux",
        "sans aucune fraude",
        "it isn't a scam",
    ],
)
def test_what_is_negated_does_not_count(words: GravityWords, text: str) -> None:
    assert reasons(words, text) == ["negated"]


@pytest.mark.parametrize(
    "text", ["pas sans scandale", "not without scandal", "they did not fix the leak", "no doubt a scam", "une arnaque"]
)
def test_what_is_negated_twice_or_not_at_all_counts(words: GravityWords, text: str) -> None:
    assert reasons(words, text) == [""]


@pytest.mark.parametrize(
    "text",
    [
        "une fuite en avant",
        "a killed it performance: he killed it",
        "une explosion de saveurs",
        "that crash course was great",
        "des manifestations culturelles tout l'été",
        "enquête de satisfaction",
        "dangerously good cookies",
    ],
)
def test_an_idiom_is_not_grave(words: GravityWords, text: str) -> None:
    assert set(reasons(words, text)) <= {"idiom"}
    assert words.found(fold(text)) == ()


@pytest.mark.parametrize(
    "text", ["mort de rire", "ce burger est une tuerie", "c'est de la bombe", "the killer feature", "trop mortel"]
)
def test_slang_that_praises_is_not_grave(words: GravityWords, text: str) -> None:
    assert words.found(fold(text)) == ()


@pytest.mark.parametrize(
    "text",
    [
        "L'an dernier, un scandale avait touché l'enseigne",
        "the 2015 scandal",
        "back in 2009 there was a boycott",
        "L'anniversaire de l'explosion de l'usine",
        "il y a dix ans, une fraude",
        "Years ago they had a data leak",
    ],
)
def test_what_is_past_does_not_count(words: GravityWords, text: str) -> None:
    assert set(reasons(words, text, NAMED)) == {"past"}


@pytest.mark.parametrize(
    "text",
    [
        "Encore un scandale, comme l'an dernier",
        "scandale en 2026",
        "une fraude qui dure depuis 2015",
        "L'an dernier c'était mieux. Scandale !",
        "another data leak, just like in 2015",
        "un scandale à 2000 €",
    ],
)
def test_what_goes_on_or_comes_back_counts(words: GravityWords, text: str) -> None:
    assert "" in reasons(words, text, NAMED)


def test_without_a_year_any_dated_event_is_past(words: GravityWords) -> None:
    assert reasons(words, "a scandal in 2015") == ["past"]
    assert reasons(words, "scandal 2015 edition") == [""]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Zeta a connu une fuite de données", "other_brand"),
        ("contrairement à Zeta et son scandale, Acme est irréprochable", "other_brand"),
        ("Boycott L’Oméga!", "other_brand"),
        ("Acme: un scandale, alors que Zeta est propre", ""),
        ("Acme et Zeta : un scandale", ""),
        ("Un scandale !", ""),
        ("Zetas scandal", ""),
    ],
)
def test_what_is_said_of_another_brand_does_not_count(words: GravityWords, text: str, reason: str) -> None:
    assert reasons(words, text, NAMED) == [reason]


def test_a_hit_says_its_family_grade_and_words(words: GravityWords) -> None:
    (hit,) = words.judge(fold("Ils boycottaient Acme"))
    assert (hit.word, hit.grade, hit.counted, hit.reason, hit.form) == ("boycott", 3, True, "", "boycottaient")


@pytest.mark.parametrize(("text", "grade"), [("boycott", 3), ("scandale", 2), ("quelle honte", 1), ("outage", 1)])
def test_grades_tell_complaints_from_crises(words: GravityWords, text: str, grade: int) -> None:
    assert [hit.grade for hit in words.judge(fold(text))] == [grade]


def test_words_of_a_sector_count_in_it_alone(words: GravityWords) -> None:
    text = fold("Des rats dans la cuisine")
    assert words.found(text) == ()
    assert words.found(text, Setting(sectors=frozenset({"food"}))) == ("vermin",)
    assert words.found(text, Setting(sectors=frozenset({"bank"}))) == ()


def test_the_shipped_sectors_speak_both_languages(words: GravityWords) -> None:
    assert words.sectors == {
        "food", "health", "transport", "bank", "tech", "retail", "energy", "luxury", "public",
    }  # fmt: skip
    for path in (shipped_rules() / "words").glob("*.yml"):
        text = path.read_text("utf-8")
        assert "\nen:\n" in text and "\nfr:\n" in text, path.name


def test_a_file_of_an_earlier_folder_replaces_one_of_its_name(tmp_path: Path) -> None:
    for name, word in (("ours", "gadget"), ("shipped", "widget")):
        (tmp_path / name / "words").mkdir(parents=True)
        (tmp_path / name / "words" / "toys.yml").write_text(f"en: {{broken: [{word}]}}")
    (tmp_path / "shipped" / "words" / "gravity.yml").write_text("en: {scam: [scam]}")
    words = load_gravity([tmp_path / "ours", tmp_path / "shipped"])
    toys = Setting(sectors=frozenset({"toys"}))
    assert words.found("a gadget, a widget, a scam", toys) == ("broken", "scam")


def test_faults_of_all_files_come_at_once_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "gravity.yml").write_text("en: {scam: [scam], x: {grade: 4, forms: [abc]}}")
    (tmp_path / "words" / "toys.yml").write_bytes(b"en: \xff")
    words, faults = read_gravity([tmp_path])
    assert [Path(fault.file).name for fault in faults] == ["gravity.yml", "toys.yml"]
    assert words.found("scam") == ("scam",)
    with pytest.raises(ConfigError, match="1, 2 or 3"):
        load_gravity([tmp_path])


def test_idioms_are_no_family() -> None:
    words = parse_gravity("en: {death: [killed], idioms: [killed it]}")
    assert [family.name for family in words.families] == ["death"]
    assert words.found("killed") == ("death",)
    assert words.found("she killed it") == ()
