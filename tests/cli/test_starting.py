"""What `init` makes of answers, whatever they hold."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.cli.starting import (
    Answers,
    brand_trouble,
    identifier_of,
    is_channel,
    is_feed,
    key,
    query_of,
    quoted,
    render,
)
from buzzguard.understand.query import parse_query

LANGUAGES = ("en", "fr")


@settings(max_examples=50)
@given(st.text(min_size=1, max_size=100))
def test_a_name_is_either_refused_or_looked_for_as_one_phrase(brand: str) -> None:
    if brand_trouble(brand):
        return
    assert len(parse_query(query_of(brand)).terms) == 1
    for language in LANGUAGES:
        written = render(Answers(language=language, brand=brand))["buzzguard.yml"]
        (topic,) = yaml.safe_load(written)["topics"].values()
        assert topic["name"] == brand.strip()


@given(st.text(st.characters(), max_size=50))
def test_quoted_text_reads_back(text: str) -> None:
    text = "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    assert yaml.safe_load(quoted(text)) == text


@pytest.mark.parametrize(
    ("name", "identifier"),
    [("L’Oréal Paris", "l-oreal-paris"), ("McDonald's", "mcdonalds"), ("東京", "brand"), ("BuzzGuard", "brand")],
)
def test_a_name_becomes_an_identifier(name: str, identifier: str) -> None:
    assert identifier_of(name, otherwise="brand") == identifier


def test_addresses_and_channels_are_judged() -> None:
    assert is_feed("https://a.example/feed?q=1")
    assert not is_feed("http://")
    assert not is_feed("http://[1/feed")
    assert not is_feed("https://a.example/ x")
    assert is_channel("C0123ABCD")
    assert not is_channel("c0123abcd")


@pytest.mark.parametrize(("identifier", "written"), [("acme", "acme"), ("1984", '"1984"'), ("null", '"null"')])
def test_an_identifier_that_yaml_reads_as_something_else_is_quoted(identifier: str, written: str) -> None:
    assert key(identifier) == written
