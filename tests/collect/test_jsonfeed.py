"""JSON Feed."""

from __future__ import annotations

import json
from typing import Any

from buzzguard.collect.jsonfeed import parse

VERSION = "https://jsonfeed.org/version/1.1"


def feed(*items: Any, **more: Any) -> str:
    return json.dumps({"version": VERSION, "title": "Forum", "items": list(items), **more})


def test_an_item_is_read_whole() -> None:
    item = {
        "id": "msg-1",
        "url": "https://f.example/1",
        "title": "Ma Lumio a fondu",
        "content_html": "<p>Panne</p>",
        "date_published": "2026-11-22T05:44:10+01:00",
        "authors": [{"name": "mathilde_75"}],
    }
    parsed = parse(feed(item, language="fr-FR", home_page_url="https://f.example/"))
    (entry,) = parsed.entries
    assert (entry.guid, entry.link, entry.text, entry.author) == (
        "msg-1",
        "https://f.example/1",
        "<p>Panne</p>",
        "mathilde_75",
    )
    assert (parsed.language, parsed.link) == ("fr-FR", "https://f.example/")


def test_plain_text_is_escaped_as_it_will_be_cleaned_as_html() -> None:
    (entry,) = parse(feed({"id": "1", "content_text": "1 < 2 & 3"})).entries
    assert entry.text == "1 &lt; 2 &amp; 3"


def test_the_author_of_version_1_0_and_of_the_feed_count_too() -> None:
    old, none = parse(feed({"id": 1, "author": {"name": "Bob"}}, {"id": 2}, authors=[{"name": "Desk"}])).entries
    assert (old.author, none.author, old.guid) == ("Bob", "Desk", "1")


def test_odd_items_cost_only_themselves() -> None:
    parsed = parse(
        feed(None, 7, {"id": {"x": 1}, "title": [], "authors": [None, {"name": 3}]}, {"id": "4", "title": "ok"})
    )
    assert [entry.title for entry in parsed.entries] == ["", "ok"]
    assert "2 items" in parsed.note


def test_items_that_are_no_list_are_none() -> None:
    assert parse(json.dumps({"version": VERSION, "items": {"a": 1}})).entries == ()
