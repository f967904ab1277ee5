"""The invented public of the demo: one seed, one world; many voices that each say it in their own words."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.cli.demo_speech import speech_of
from buzzguard.cli.demo_world import CRISIS, QUIET, SITES, Said, feed, make_world
from buzzguard.model import Language, Text
from buzzguard.understand.copies import Copies
from buzzguard.understand.fold import fold
from buzzguard.understand.sentiment.cascade import CascadeScorer

LANGUAGES: tuple[Language, ...] = ("en", "fr")
START = datetime(2026, 3, 3, 17, tzinfo=UTC)
ONSET = START + QUIET
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def worlds() -> dict[Language, list[Said]]:
    """What is said in each language."""
    return {language: make_world(START, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def scorer() -> CascadeScorer:
    """The scorer as the demo's daemon uses it."""
    return CascadeScorer()


@each_language
def test_one_seed_makes_one_world_and_another_seed_another(
    language: Language, worlds: dict[Language, list[Said]]
) -> None:
    assert make_world(START, language) == worlds[language]
    assert make_world(START, language, seed=8) != worlds[language]


@each_language
def test_anger_begins_with_the_crisis_and_grows(language: Language, worlds: dict[Language, list[Said]]) -> None:
    hostile = [one.at for one in worlds[language] if one.hostile]
    assert 280 <= len(hostile) <= 420
    assert ONSET <= hostile[0] <= ONSET + timedelta(minutes=5)
    assert hostile[-1] < ONSET + CRISIS
    assert 3 * sum(at < ONSET + CRISIS / 2 for at in hostile) < 2 * len(hostile)
    assert 600 <= sum(one.at < ONSET for one in worlds[language]) <= 1_000


@each_language
def test_there_is_much_to_say_in_each_language(language: Language) -> None:
    speech = speech_of(language)
    hostile = [sentence for story in speech.stories for sentence in story.sentences]
    assert len(speech.stories) >= 3
    assert len(set(hostile)) == len(hostile) >= 45
    assert len(set(speech.ordinary)) == len(speech.ordinary) >= 20
    assert speech.asides


@each_language
def test_everything_names_the_brand_once_written_out(language: Language, worlds: dict[Language, list[Said]]) -> None:
    for one in worlds[language]:
        assert re.search(r"\blumio(k2)?\b", one.text, re.IGNORECASE), one.text
        assert not re.search(r"[\[\]|]|\s\s|^\s|\s$", one.text), one.text


@each_language
def test_hardly_anybody_copies_but_for_one_post_that_is_passed_on(
    language: Language, worlds: dict[Language, list[Said]]
) -> None:
    copies, hostile, near, passed_on = Copies(), 0, 0, 0
    for number, one in enumerate(worlds[language]):
        group = copies.place(str(number), fold(one.text), one.at)
        hostile += one.hostile
        passed_on += one.text.startswith("RT @")
        near += one.hostile and group.size > 1 and not one.text.startswith("RT @")
    assert near <= 0.1 * hostile
    assert 0.03 * hostile <= passed_on <= 0.13 * hostile


@each_language
def test_names_are_of_many_shapes(language: Language, worlds: dict[Language, list[Said]]) -> None:
    names = {one.author for one in worlds[language] if one.hostile}
    assert len(names) > 0.9 * sum(one.hostile for one in worlds[language])
    numbered = [stem[1] for name in names if (stem := re.match(r"(.*?)\d+\Z", name))]
    assert len(numbered) < 0.25 * len(names)
    assert max(Counter(numbered).values()) < 5


@each_language
def test_the_shipped_scorer_tells_anger_from_ordinary_talk(
    language: Language, worlds: dict[Language, list[Said]], scorer: CascadeScorer
) -> None:
    hostile = {one.text for one in worlds[language] if one.hostile}
    ordinary = {one.text for one in worlds[language] if one.at < ONSET}
    assert _negative(scorer, hostile, language) >= 0.72
    assert _negative(scorer, ordinary, language) <= 0.1


def _negative(scorer: CascadeScorer, texts: set[str], language: Language) -> float:
    found = scorer.score([Text(text=text, language=language) for text in sorted(texts)])
    return sum(one.polarity.value == "negative" for one in found) / len(found)


@each_language
def test_a_feed_shows_the_newest_of_its_site(language: Language, worlds: dict[Language, list[Said]]) -> None:
    now = ONSET + CRISIS / 2
    for site in range(len(SITES)):
        shown = feed(worlds[language], site, now)
        newest = [one for one in worlds[language] if one.site == site and one.at <= now][-1]
        assert shown.index("<guid>") < shown.index(newest.link) < shown.index("</guid>")
