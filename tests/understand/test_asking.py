"""What topics' queries mean to a source."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from buzzguard.config.settings import TopicSettings
from buzzguard.model import Author, Mention
from buzzguard.understand.asking import Asking

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def asking(**queries: str) -> Asking:
    return Asking({name: TopicSettings(name=name, query=query) for name, query in queries.items()})


def said(text: str, *, language: str = "", author: str = "") -> Mention:
    return Mention(
        id="m:1",
        stream="s",
        source="s",
        published=NOW,
        fetched=NOW,
        text=text,
        language=language,
        author=Author(handle=author),
    )


def test_words_are_those_looked_for_without_those_excluded() -> None:
    found = asking(one='acme AND (recall* OR "class action") -jobs NOT (rental)', two="Société NEAR/3 générale acme")
    assert found.words() == ("acme", "class action", "societe", "generale")
    assert found.words(("two",)) == ("societe", "generale", "acme")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Acme is down", True),
        ("<p>AC&shy;ME</p> and <b>acme</b>", True),
        ("#BoycottAcme", True),
        ("acme jobs", False),
        ("something else", False),
        ("", False),
    ],
)
def test_what_a_place_sends_is_judged_by_the_topics_own_queries(text: str, wanted: bool) -> None:
    assert asking(one="acme -jobs").wanted()(said(text)) is wanted


def test_a_stream_of_some_topics_wants_those_only() -> None:
    wanted = asking(one="acme", two="lumio").wanted(("two",))
    assert wanted(said("lumio"))
    assert not wanted(said("acme"))


def test_a_language_that_is_not_known_yet_excludes_nothing() -> None:
    wanted = asking(one="lumio lang:fr").wanted()
    assert wanted(said("lumio"))
    assert wanted(said("lumio", language="en"))
    assert not wanted(said("acme"))


def test_fields_count_as_they_do_for_the_watch() -> None:
    assert asking(one="author:@clem").wanted()(said("whatever", author="clem"))
