"""Theme files: every fault with its place, and what is allowed but hardly meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.config.shipped import shipped_rules
from buzzguard.errors import ConfigError
from buzzguard.understand.fold import fold
from buzzguard.understand.theme_files import load_themes, read_themes, theme_schema, theme_warnings

GOOD = """\
id: toys
title: {en: Toys, fr: Jouets}
owner: quality
words:
  en: {strong: [doll], weak: [toy*, =lego]}
"""


def folder(tmp_path: Path, **files: str) -> Path:
    (tmp_path / "themes").mkdir(exist_ok=True)
    for name, text in files.items():
        (tmp_path / "themes" / f"{name}.yml").write_text(text, "utf-8")
    return tmp_path


def test_a_theme_is_read(tmp_path: Path) -> None:
    themes = load_themes([folder(tmp_path, toys=GOOD)])
    assert [found.id for found in themes.of("two dolls", "en")] == ["toys"]
    assert themes.owner("toys") == "quality"


def test_folders_without_themes_are_passed_over(tmp_path: Path) -> None:
    assert load_themes([tmp_path]).of("anything", "en") == ()


def test_the_theme_of_an_earlier_folder_replaces_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    ours = folder(tmp_path / "ours", toys=GOOD.replace("doll", "robot"))
    themes = load_themes([ours, folder(tmp_path, toys=GOOD)])
    assert themes.of("a doll", "en") == ()
    assert themes.of("a robot", "en")


@pytest.mark.parametrize(
    ("change", "place", "message"),
    [
        (("[doll]", "[doll, '*']"), "5:23", "is not a term"),
        (("[doll]", "[doll, a*b]"), "5:23", "is not a term"),
        (("[doll]", "[doll, ab*]"), "5:23", "three"),
        (("toy*", "Doll"), "5:31", "stands here twice"),
        (("id: toys", "id: games"), "1:5", "the file is called toys.yml"),
        (("id: toys", "id: A b"), "1:5", ""),
        (("fr: Jouets", "de: Spielzeug"), "2:19", ""),
        (("strong", "stong"), "5:8", ""),
        (("  en:", "  english:"), "5:3", ""),
        (("[doll]", "doll"), "5:16", ""),
    ],
)
def test_a_fault_has_its_place(tmp_path: Path, change: tuple[str, str], place: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_themes([folder(tmp_path, toys=GOOD.replace(*change))])
    told = [f"{fault.line}:{fault.column}" for fault in caught.value.faults]
    assert place in told
    assert message.replace("three", "3") in str(caught.value)


def test_one_bad_file_does_not_cost_the_others(tmp_path: Path) -> None:
    read, faults = read_themes([folder(tmp_path, toys=GOOD, bad="id: [", empty="")])
    assert [one.theme.id for one in read] == ["toys"]
    assert {Path(fault.file).name for fault in faults} == {"bad.yml", "empty.yml"}


def test_few_examples_and_those_not_recognised_are_doubtful(tmp_path: Path) -> None:
    text = GOOD + "examples:\n  en:\n    - a wooden horse for children\n"
    told = theme_warnings(read_themes([folder(tmp_path, toys=text)])[0])
    assert [(fault.line, fault.message.split("'")[0]) for fault in told] == [
        (7, "1 examples in "),
        (6, "0 examples in "),
        (8, "this example is not recognised as toys"),
    ]


def test_nothing_is_doubtful_in_the_shipped_themes() -> None:
    read, faults = read_themes([shipped_rules()])
    assert faults == []
    assert theme_warnings(read) == []


def test_terms_and_examples_are_french_and_english() -> None:
    for one in read_themes([shipped_rules()])[0]:
        for language in ("en", "fr"):
            examples = [fold(text) for text in one.theme.examples[language]]
            assert len(examples) == len(set(examples)) >= 12
            assert one.theme.id == "none" or len(one.theme.strong[language]) >= 30


def test_the_schema_knows_every_key() -> None:
    schema = theme_schema()
    assert set(schema["properties"]) == {"id", "title", "owner", "words", "against", "examples", "unless_negated"}
