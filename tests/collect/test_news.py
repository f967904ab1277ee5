"""Laws of what the news services have in common."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from buzzguard.collect.asked import phrase
from buzzguard.collect.news import (
    Article,
    NewsQueries,
    Place,
    any_of,
    article_mention,
    article_text,
    news_queries,
)
from buzzguard.errors import SourceRefused
from buzzguard.model import Author
from tests.collect.worlds.base import NOW

WORDS = st.lists(st.text(min_size=1, max_size=80), max_size=40)


@given(WORDS, st.integers(90, 500))
def test_every_word_is_in_one_query_and_no_query_is_too_long(words: list[str], longest: int) -> None:
    queries = any_of(words, longest=longest)
    assert all(len(query) <= longest for query in queries)
    assert " OR ".join(queries) == " OR ".join(phrase(word) for word in dict.fromkeys(words))


def test_a_query_too_long_is_told_with_what_to_do() -> None:
    with pytest.raises(ValidationError, match="at most 500 characters, this one has 501; write it as several queries"):
        TypeAdapter(NewsQueries).validate_python(["x" * 501])
    assert TypeAdapter(NewsQueries).validate_python(["x" * 500])


def test_without_queries_and_words_there_is_nothing_to_search_for() -> None:
    with pytest.raises(SourceRefused, match="nothing to search for"):
        news_queries((), (), longest=500)
    assert news_queries(("lumio -kayak",), ("lumio",), longest=500) == ("lumio -kayak",)


@given(st.integers(1, 10**9), st.integers(1, 1_000), st.integers(0, 10**9))
def test_a_walk_by_time_goes_on_and_never_back(until: int, page: int, oldest: int) -> None:
    place = Place(until, page)
    assert Place.read(place.token) == place
    behind = place.behind(datetime.fromtimestamp(oldest, UTC))
    assert behind.until < until or behind == Place(until, page + 1)


@pytest.mark.parametrize("token", ["", "x", "7", "7 x", "-1 2", "9" * 40 + " 1"])
def test_a_token_that_is_none_begins_at_the_newest(token: str) -> None:
    assert Place.read(token) == Place()
    assert Place.read(token).latest is None


def test_the_last_second_is_asked_for_again() -> None:
    assert Place(int(NOW.timestamp())).latest == "2026-11-22T09:00:01Z"


@pytest.mark.parametrize(
    ("description", "content", "text"),
    [
        ("", "", ""),
        ("Rappel.", "", "Rappel."),
        ("", "Lumio annonce… [+2310 chars]", "Lumio annonce"),
        ("Lumio annonce", "Lumio annonce le rappel... [1200 chars]", "Lumio annonce le rappel"),
        ("Le chapeau.", "Le corps.", "Le chapeau.\n\nLe corps."),
    ],
)
def test_a_text_is_what_is_known_of_it(description: str, content: str, text: str) -> None:
    assert article_text(description, content) == text


@pytest.mark.parametrize("written", ["", "https://www.facebook.com/conso", "redaction@conso.example", "null", " N/A "])
def test_what_is_no_name_is_nobody(written: str) -> None:
    article = Article("https://conso.example/1", NOW, "Rappel", "", written, "fr")
    assert article_mention(article, source="newsapi", stream="s", now=NOW).author == Author()


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "/relative", "https://", "ftp://x.example/1"])
def test_an_article_without_an_address_is_set_aside(url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        article_mention(Article(url, NOW, "Rappel", "", "", ""), source="newsapi", stream="s", now=NOW)
