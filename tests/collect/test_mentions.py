"""Entries → mentions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from buzzguard.collect.entry import Entry, Feed
from buzzguard.collect.mentions import Reader, mention_key
from buzzguard.model import Mention

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)


def mention_of(entry: Entry, *, feed_url: str = "https://www.press.example/feed", feed: Feed | None = None) -> Mention:
    reader = Reader("press", feed_url=feed_url, language="", time_zone="UTC")
    key = mention_key(entry, guid_counts=True)
    (mention,) = reader.mentions({key: entry}, feed or Feed(), url=feed_url, now=NOW)
    return mention


def test_a_guid_that_is_an_address_counts_everywhere() -> None:
    entry = Entry(guid="https://press.example/1", title="x")
    assert mention_of(entry).id == mention_of(entry, feed_url="https://mirror.example/feed").id


def test_a_guid_that_is_no_address_counts_within_its_host() -> None:
    entry = Entry(guid="42", title="x")
    assert mention_of(entry).id == mention_of(entry, feed_url="http://press.example/other").id
    assert mention_of(entry).id != mention_of(entry, feed_url="https://other.example/feed").id


def test_google_news_is_told_apart_by_outlet_and_title() -> None:
    link = "https://news.google.com/rss/articles/{}?oc=5"
    one = Entry(
        guid="CBMi1",
        link=link.format("CBMi1"),
        title="Rappel - Conso",
        outlet="Conso",
        outlet_url="https://conso.example",
    )
    other = Entry(
        guid="CBMi2",
        link=link.format("CBMi2"),
        title="Rappel - Conso",
        outlet="Conso",
        outlet_url="https://conso.example",
    )
    assert mention_of(one).id == mention_of(other).id
    assert (mention_of(one).title, mention_of(one).site) == ("Rappel", "conso.example")


@pytest.mark.parametrize(
    ("written", "name"),
    [("Élodie Garnier", "Élodie Garnier"), ("desk@x.example (Le Desk)", "Le Desk"), ("bob@x.example", "bob"), ("", "")],
)
def test_an_author_is_a_name_and_no_mail_address(written: str, name: str) -> None:
    assert mention_of(Entry(guid="1", title="x", author=written)).author.handle == name


@pytest.mark.parametrize(("written", "language"), [("fr-FR", "fr"), ("EN_us", "en"), ("français", ""), ("", "de")])
def test_a_language_is_a_hint(written: str, language: str) -> None:
    feed = Feed(language="de")
    assert mention_of(Entry(guid="1", title="x", language=written), feed=feed).language == language


def test_a_far_future_date_is_kept_as_given() -> None:
    mention = mention_of(Entry(guid="1", title="x", published="2999-01-01T00:00:00Z"))
    assert (mention.published.year, mention.time_trusted) == (2999, True)
