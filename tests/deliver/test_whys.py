"""Every reason for which people are told or not has its words, in both languages."""

from __future__ import annotations

import re

import pytest

from buzzguard.deliver.wording.refusals import REFUSALS, refusal
from buzzguard.deliver.wording.whys import cause_words
from buzzguard.model import Cause, Language
from buzzguard.respond import decisions, drafts

LANGUAGES: tuple[Language, ...] = ("en", "fr")
_NAME = re.compile(r"`([a-z]+(?:_[a-z]+)*)(?:: …)?`")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_words(cause: Cause, language: Language) -> None:
    assert cause_words(cause.value, language) != cause.value


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_named_reason_of_a_decision_has_its_words(language: Language) -> None:
    names = set(_NAME.findall(decisions.__doc__ or "")) - {"told", "hushed", "held", "left_out", "heard"}
    assert "shown_in_run" in names
    assert all(cause_words(name, language) != name for name in names)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_of_a_draft_or_a_mark_has_its_sentence(language: Language) -> None:
    listed = (drafts.__doc__ or "").partition("Refusals:")[2]
    names = {*_NAME.findall(listed), "no_run", "unknown_step", "already_marked"}
    assert len(names) > 12
    assert names <= REFUSALS.keys()
    assert "why, name" in refusal("unfilled: why, name", language)
