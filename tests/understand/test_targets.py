"""Several brands in one text: what is said of each."""

from __future__ import annotations

import pytest

from buzzguard.config.settings import TopicSettings
from buzzguard.understand.query import parse_query
from buzzguard.understand.targets import Targets

TOPICS = {
    "orange": TopicSettings(
        name="Orange", query='orange AND (réseau OR facture OR "orange bank") NOT ("orange juice")'
    ),
    "free": TopicSettings(name="Free Mobile", query='"free mobile" OR free', role="competitor"),
    "elan": TopicSettings(name="Élan", query="élan"),
}
TARGETS = Targets(TOPICS, {topic: parse_query(settings.query) for topic, settings in TOPICS.items()})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Orange is great, Free is a disaster", {"orange": "Orange is great", "free": "Free is a disaster"}),
        ("Élan est superbe mais Orange est nul", {"elan": "Élan est superbe", "orange": "Orange est nul"}),
    ],
)
def test_each_brand_gets_its_own_clause(text: str, said: dict[str, str]) -> None:
    assert TARGETS.said_of(text, list(said)) == said


@pytest.mark.parametrize(
    "text",
    ["Orange est nul", "Orange est moins cher que Free", "rien du tout", "orange " * 3_000, "réseau en panne, facture"],
)
def test_a_text_about_one_brand_or_about_both_alike_stays_whole(text: str) -> None:
    assert TARGETS.said_of(text, list(TOPICS)) == {}


def test_only_what_was_asked_for_is_told() -> None:
    assert TARGETS.said_of("Orange is great, Free is a disaster", ["free"]) == {"free": "Free is a disaster"}


def test_words_that_are_no_part_of_a_topics_name_are_no_names_of_it() -> None:
    assert TARGETS.said_of("le réseau est bon, Free est nul", ["orange", "free"]) == {}
