"""Pydantic's errors become places and plain words, whatever the model is made of."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import pytest
from pydantic import Field, field_validator

from buzzguard.config.base import Frozen
from buzzguard.config.located import build, parse_yaml
from buzzguard.config.settings import Duration, Secret


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Circle(Frozen):
    shape: Literal["circle"]
    radius: float = Field(gt=0)


class Square(Frozen):
    shape: Literal["square"]
    side: float


class Model(Frozen):
    title: str | dict[str, str] = ""
    colour: Colour = Colour.RED
    raise_to: dict[Colour, str] = Field(default={}, alias="raise")
    shape: Annotated[Circle | Square, Field(discriminator="shape")] | None = None
    wait: Duration | None = None
    pair: tuple[int, str] = (0, "")
    token: Secret | None = None
    many: list[Square] = []
    words: Annotated[list[str], Field(max_length=2)] = []

    @field_validator("words")
    @classmethod
    def _no_shouting(cls, value: list[str]) -> list[str]:
        if any(word.isupper() for word in value):
            raise ValueError("a word is shouted, write it in lower case")
        return value


def faults_of(text: str) -> list[str]:
    _, faults = build(Model, parse_yaml(text, file="f"))
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("title: 5", 'f:1:8: expected a text or a section, found a number (put it in quotes: "5")'),
        ("title: {en: 5}", 'f:1:13: expected a text, found a number (put it in quotes: "5")'),
        ("colour: gren", "f:1:9: `gren` is not a choice here (did you mean `green`?)"),
        ("raise: {blue: x}", "f:1:9: `blue` is not a choice here (write `red` or `green`)"),
        ("rais: {red: x}", "f:1:1: unknown key `rais` (did you mean `raise`?)"),
        ("shape: {shape: circle, radius: -1}", "f:1:32: -1 is out of range (it must be greater than 0)"),
        ("shape: {shape: square, sid: 1}", "f:1:24: unknown key `sid` (did you mean `side`?)"),
        ("shape: {shape: circl, radius: 1}", "f:1:16: `circl` is not a choice here (did you mean `circle`?)"),
        ("shape: {radius: 1}", "f:1:1: `shape` is missing"),
        ("wait: soon", "f:1:7: 'soon' is not a duration (write for example 90s, 5m, 1h30m or 7d)"),
        ("pair: [1]", "f:1:7: an item is missing here"),
        ("many: [{shape: square}]", "f:1:8: `side` is missing"),
        ("words: [a, b, c]", "f:1:8: `words` is too long (at most 2)"),
        ("words: [A]", "f:1:8: a word is shouted (write it in lower case)"),
        ("- a", "f:1:1: expected a section, found a list"),
    ],
)
def test_one_fault(text: str, fault: str) -> None:
    faults = faults_of(text)
    assert fault in faults
    assert len(faults) <= 2


def test_a_secret_written_in_the_file_is_never_shown() -> None:
    for text in (
        "token: xoxb-secret",
        "token: {env: [xoxb-secret]}",
        "token: {env: {a: xoxb-secret}}",
        "token: 123456",
    ):
        assert faults_of(text)
        assert "xoxb" not in "".join(faults_of(text))
        assert "123456" not in "".join(faults_of(text))


def test_a_section_is_read_where_it_stands_and_leaves_what_is_not_its_own() -> None:
    located = parse_yaml("a: {b: {shape: square, side: 2, every: 5m}}", file="f")
    built, faults = build(Square, located, at=("a", "b"), leaving=("every",))
    assert faults == []
    assert built == Square(shape="square", side=2)
    _, faults = build(Square, located, at=("a", "b"))
    assert [str(fault) for fault in faults] == ["f:1:33: unknown key `every` (known: `shape` and `side`)"]
