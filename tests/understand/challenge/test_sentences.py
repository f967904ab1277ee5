"""The form of the challenge set. What scorers make of it, `python -m tests.bench.challenge` tells."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from buzzguard.model import Polarity
from buzzguard.understand.fold import fold
from tests.understand.challenge.sentences import HERE, LANGUAGES, Sentence, read_challenge

LEAST = {"fr": 220, "en": 180}
PHENOMENA = frozenset(
    {
        "negation", "double_negation", "intensity", "emoji", "slang", "irony", "comparison", "question", "conditional",
        "factual", "price", "reservation", "quote", "boycott", "leaving", "noise", "hashtag", "code_mixing",
        "corporate", "headline",
    }
)  # fmt: skip


@pytest.fixture(params=LANGUAGES)
def sentences(request: pytest.FixtureRequest) -> list[Sentence]:
    return read_challenge(str(request.param))


def test_there_are_enough_in_each_language(sentences: list[Sentence]) -> None:
    assert len(sentences) >= LEAST[sentences[0].language]


def test_every_phenomenon_has_ten_or_more(sentences: list[Sentence]) -> None:
    counted = Counter(one.phenomenon for one in sentences)
    assert counted.keys() == PHENOMENA
    assert min(counted.values()) >= 10


def test_every_side_is_taken_often(sentences: list[Sentence]) -> None:
    counted = Counter(one.label for one in sentences)
    assert min(counted[side] for side in Polarity) >= len(sentences) / 6


def test_no_sentence_stands_twice_but_for_another_target(sentences: list[Sentence]) -> None:
    counted = Counter((fold(one.text), one.target) for one in sentences)
    assert [key for key, number in counted.items() if number > 1] == []


def test_a_target_is_named_in_its_sentence(sentences: list[Sentence]) -> None:
    assert [one for one in sentences if fold(one.target) not in fold(one.text)] == []
    assert all(one.target for one in sentences if one.phenomenon == "comparison")


def test_sentences_are_not_made_from_a_template(sentences: list[Sentence]) -> None:
    begun = Counter(tuple(fold(text).split()[:3]) for text in {one.text for one in sentences})
    assert max(begun.values()) <= 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_hold_nothing_else(language: str) -> None:
    for line in (HERE / f"{language}.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        assert {"text", "label", "phenomenon"} <= row.keys() <= {"text", "label", "phenomenon", "target"}
        assert row["text"] == row["text"].strip()
