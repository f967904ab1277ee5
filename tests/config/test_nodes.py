"""Scalars mean what they look like, hostile documents are bounded, and all faults are told at once."""

from __future__ import annotations

import pytest

from buzzguard.config.located import inspect_yaml, parse_yaml


def faults_of(text: str) -> list[str]:
    return [str(fault).removeprefix("f.yml:") for fault in inspect_yaml(text, file="f.yml")[1]]


@pytest.mark.parametrize(
    "word", ["no", "on", "yes", "off", "0123", "0x1F", "1_000", "1:30", ".inf", "1e999", "2024-01-02"]
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_text(word: str) -> None:
    assert parse_yaml(f"a: {word}", file="f.yml").value == {"a": word}


@pytest.mark.parametrize(
    ("written", "value"),
    [("true", True), ("FALSE", False), ("12", 12), ("-3", -3), ("1.5", 1.5), ("2e3", 2000.0), ("~", None), ("", None)],
)
def test_plain_scalars_mean_what_they_look_like(written: str, value: object) -> None:
    assert parse_yaml(f"a: {written}", file="f.yml").value == {"a": value}


def test_a_quoted_scalar_is_always_a_text() -> None:
    assert parse_yaml("a: '12'\nb: \"true\"\nc: !!str 12", file="f.yml").value == {"a": "12", "b": "true", "c": "12"}


def test_sections_are_shared_by_alias_and_merge() -> None:
    text = "a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a\n"
    value = parse_yaml(text, file="f.yml").value
    assert value == {"a": {"x": 1, "y": 2}, "b": {"x": 1, "y": 3}, "c": {"x": 1, "y": 2}}


def test_all_faults_that_can_be_told_at_once_are_told() -> None:
    text = "a: 1\na: 2\n3: x\nb: *nowhere\nc: !!python/object:os.system {}\n[x]: 1\n~: 1\nd: {<<: 4}\n"
    assert faults_of(text) == [
        "2:1: the key `a` appears twice (first on line 1)",
        '3:1: the key `3` is not a text (put it in quotes: "3")',
        "4:4: `*nowhere` is not defined above (define it first with `&nowhere`)",
        "5:4: the tag `!!python/object:os.system` is not allowed (remove it)",
        "6:1: a key must be a text",
        "7:1: a key is missing before this `:`",
        "8:9: `<<` takes a section or a list of sections (write for example `<<: *other`)",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "1:1: the file is empty"),
        ("# only a comment\n", "1:1: the file is empty"),
        ("a: 1\n---\nb: 2\n", "2:1: a second document begins here (keep one document in a file: remove the `---`)"),
        ("a:\n\t- b\n", "2:1: a tab cannot indent (use spaces)"),
        ("a: [x\nb: 1\n", "1:4: a list that `[` opens is not closed by `]` (put `,` between its items)"),
        ('a: "x\nb: 1\n', "1:4: a quoted text is never closed (close the quote)"),
        ("a: b: c\n", "1:5: a `:` stands where none can be (put a text that holds `: ` in quotes)"),
        ("a: @b\n", "1:4: this character cannot begin a value (put the text in quotes)"),
        ("a: x\x07y\n", "1:5: the character U+0007 is not allowed in YAML (remove it)"),
        ("a: \ud800\n", "1:4: the character U+D800 is not allowed in YAML (remove it)"),
        ("a: &a [*a]\n", "1:8: `*a` contains itself"),
        ("[" * 5_000, "1:41: more than 40 levels deep"),
    ],
)
def test_one_fault_in_plain_words(text: str, fault: str) -> None:
    assert faults_of(text) == [fault]


def test_aliases_cannot_expand_without_bound() -> None:
    laughs = "a0: &a0 [ha, ha, ha, ha, ha, ha, ha, ha, ha]\n"
    for level in range(1, 9):
        laughs += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 9)}]\n"
    assert faults_of(laughs) == ["6:10: aliases expand to too much (at most 100000 values)"]


def test_aliases_cannot_nest_without_bound() -> None:
    nested = "a0: &a0 x\n" + "".join(f"a{level}: &a{level} [[*a{level - 1}]]\n" for level in range(1, 60))
    assert faults_of(nested) == ["21:13: aliases expand to too much (at most 100000 values)"]
