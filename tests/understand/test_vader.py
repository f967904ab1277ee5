"""The first scorer: sides, honesty, and equality with the packages it replaces."""

from __future__ import annotations

import random
import warnings
from typing import Any

import pytest

from buzzguard.model import Polarity, Text
from buzzguard.ports import Scorer
from buzzguard.understand import vader_engine
from buzzguard.understand.vader import VaderScorer


@pytest.fixture(scope="module")
def scorer() -> VaderScorer:
    return VaderScorer()


@pytest.fixture(scope="module")
def packages() -> tuple[Any, Any]:
    """The two packages; the French one warns at import and reaches into the module path."""
    import sys

    path = list(sys.path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from vaderSentiment import vaderSentiment as english
        from vaderSentiment_fr import vaderSentiment as french
    sys.path[:] = path
    return english, french


@pytest.mark.parametrize(
    ("text", "language", "polarity"),
    [
        ("I hate this terrible company", "en", Polarity.NEGATIVE),
        ("I love this great company", "en", Polarity.POSITIVE),
        ("The shop opens at nine", "en", Polarity.NEUTRAL),
        ("Service horrible, je déteste", "fr", Polarity.NEGATIVE),
        ("Super service, merci !", "fr", Polarity.POSITIVE),
        ("don’t love it", "en", Polarity.NEGATIVE),
        ("Horrible", "", Polarity.NEGATIVE),
        ("😠😠", "", Polarity.NEGATIVE),
        ("Die neue Version kommt am Montag in die Läden", "de", Polarity.NEUTRAL),
        ("Die neue Version kommt am Montag in die Läden", "", Polarity.NEUTRAL),
        ("Die neue Version kommt am Montag 😠", "de", Polarity.NEGATIVE),
        ("", "en", Polarity.NEUTRAL),
        ("", "fr", Polarity.NEUTRAL),
        ("", "", Polarity.NEUTRAL),
    ],
)
def test_texts_take_sides(scorer: VaderScorer, text: str, language: str, polarity: Polarity) -> None:
    (sentiment,) = scorer.score([Text(text=text, language=language)])
    assert sentiment.polarity is polarity
    assert -1 <= sentiment.value <= 1
    assert 0 <= sentiment.confidence <= 1


def test_it_trusts_itself_less_where_it_does_not_know_the_language(scorer: VaderScorer) -> None:
    known, unknown, other = scorer.score([Text(text="horrible 😠", language=code) for code in ("en", "", "de")])
    assert known.confidence > unknown.confidence > other.confidence > 0


def test_it_is_a_scorer_and_keeps_the_order(scorer: Scorer) -> None:
    assert scorer.name == "vader"
    assert scorer.score([]) == []
    good, bad = scorer.score([Text(text="great", language="en"), Text(text="awful", language="en")])
    assert good.value > 0 > bad.value


def test_only_the_first_thousand_characters_count(scorer: VaderScorer) -> None:
    (sentiment,) = scorer.score([Text(text="a " * 500 + "horrible", language="en")])
    assert sentiment.polarity is Polarity.NEUTRAL


def test_hostile_texts_do_not_raise(scorer: VaderScorer) -> None:
    texts = [
        "\ud800 bad",
        "\x00",
        "!" * 10**6,
        "é" * 10**6,
        "but " * 500,
        "a" * 10**6,
        "no " * 999,
        "𝕊𝕆 🇫🇷 🏴\U000e0067",
    ]
    assert (
        len(scorer.score([Text(text=text, language=code) for text in texts for code in ("en", "fr", "", "zz")])) == 32
    )


def synthetic(words: list[str], count: int) -> list[str]:
    chance = random.Random(11)
    endings = ("", "!", "?!??", " ..", "....", " 😡", "😀!", "\n", "'", "© 2024 A B")
    return [
        " ".join(chance.choice((str, str, str, str.upper))(chance.choice(words)) for _ in range(chance.randint(0, 14)))
        + chance.choice(endings)
        for _ in range(count)
    ]


TRICKY = """
no or nor but BUT mais never so this without doubt least at very kind of the shit bad ass yeah right sérieux
saoule 😀 😡 !! ??? ... A to die for pas plus rien isn't don't kind-of sort of peu à peine quelque putain de bus
stop
"""


def test_values_equal_those_of_the_packages(packages: tuple[Any, Any]) -> None:
    for package, engine in zip(packages, (vader_engine.english(), vader_engine.french()), strict=True):
        original = package.SentimentIntensityAnalyzer()
        frequent = (TRICKY.split() + list(package.NEGATE) + list(package.BOOSTER_DICT)) * 20
        words = list(original.lexicon)[::3] + frequent
        for text in synthetic(words, 1_500):
            assert engine.compound(text) == original.polarity_scores(text)["compound"], text


def test_the_french_lists_are_those_of_the_package(packages: tuple[Any, Any]) -> None:
    english, french = packages
    assert french.BOOSTER_DICT == vader_engine.FRENCH_BOOSTERS
    assert set(french.NEGATE) == vader_engine.FRENCH_NEGATIONS
    assert french.SPECIAL_CASES == english.SPECIAL_CASES
