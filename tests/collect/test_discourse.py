"""The source `discourse` against a forum that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Engagement, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW

POST: dict[str, Any] = {
    "id": 90211,
    "username": "mathilde_75",
    "name": None,
    "created_at": "2026-11-22T06:20:10.000Z",
    "cooked": "<p>Troisième panne en un mois.</p>",
    "raw": "Troisième panne en un mois.",
    "post_number": 4,
    "reply_count": 2,
    "reads": 12,
    "topic_id": 4410,
    "topic_slug": "lumio-k2-fondue",
    "topic_title": "Lumio K2 fondue",
    "category_id": 7,
    "hidden": False,
    "post_url": "/t/lumio-k2-fondue/4410/4",
}


def serve(server: HTTPServer, *posts: dict[str, Any], **settings: Any) -> dict[str, Any]:
    server.expect_request("/posts.json", query_string="").respond_with_json({"latest_posts": posts})
    server.expect_request("/posts.json").respond_with_json({"latest_posts": []})
    return {"address": server.url_for("/"), **settings}


async def test_a_post_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("discourse", serve(httpserver, POST)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    host = httpserver.url_for("").rstrip("/")
    assert mention.id == f"discourse:{host.partition('://')[2]}:90211"
    assert mention.url == f"{host}/t/lumio-k2-fondue/4410/4"
    assert (mention.title, mention.kind) == ("Lumio K2 fondue", MentionKind.REPLY)
    assert mention.author.handle == "mathilde_75"
    assert mention.engagement == Engagement(replies=2, views=12)
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)


async def test_a_reply_knows_the_post_that_is_listed_with_it(httpserver: HTTPServer) -> None:
    answer = POST | {
        "id": 90215,
        "post_number": 6,
        "reply_to_post_number": 4,
        "actions_summary": [{"id": 2, "count": 3}],
    }
    async with opened("discourse", serve(httpserver, answer, POST)) as source:
        asked, answered = sorted((await source.fetch("", NOW)).mentions, key=lambda one: one.id)
    assert answered.parent == asked.id
    assert asked.parent == ""
    assert answered.engagement.likes == 3


async def test_hidden_and_deleted_posts_are_told_as_gone(httpserver: HTTPServer) -> None:
    posts = (POST | {"hidden": True}, POST | {"id": 2, "user_deleted": True}, POST | {"id": 3})
    async with opened("discourse", serve(httpserver, *posts)) as source:
        fetched = await source.fetch("", NOW)
    assert [id.rpartition(":")[2] for id in fetched.deleted] == ["90211", "2"]
    assert [mention.id.rpartition(":")[2] for mention in fetched.mentions] == ["3"]


async def test_only_chosen_categories_are_read(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, POST, POST | {"id": 5, "category_id": 9}, categories=[9])
    async with opened("discourse", settings) as source:
        assert [one.id.rpartition(":")[2] for one in (await source.fetch("", NOW)).mentions] == ["5"]


async def test_a_gap_of_ids_where_nothing_is_public_is_crossed(httpserver: HTTPServer) -> None:
    behind = POST | {"id": 90_100, "cooked": "behind the gap"}
    for before, posts in (("", [POST]), ("before=90211", [POST]), ("before=90210", []), ("before=90160", [])):
        httpserver.expect_request("/posts.json", query_string=before).respond_with_json({"latest_posts": posts})
    httpserver.expect_request("/posts.json", query_string="before=90110").respond_with_json({"latest_posts": [behind]})
    httpserver.expect_request("/posts.json").respond_with_json({"latest_posts": []})
    async with opened("discourse", {"address": httpserver.url_for("/")}) as source:
        assert "behind the gap" in said(await source.fetch("", NOW))


async def test_a_post_that_bears_an_old_date_does_not_end_the_walk(httpserver: HTTPServer) -> None:
    imported = POST | {"id": 90_205, "created_at": "2012-01-01T00:00:00.000Z"}
    behind = POST | {"id": 90_200, "cooked": "behind it"}
    httpserver.expect_request("/posts.json", query_string="").respond_with_json({"latest_posts": [POST, imported]})
    httpserver.expect_request("/posts.json", query_string="before=90205").respond_with_json({"latest_posts": [behind]})
    httpserver.expect_request("/posts.json").respond_with_json({"latest_posts": []})
    async with opened("discourse", {"address": httpserver.url_for("/")}) as source:
        assert "behind it" in said(await source.fetch("", NOW))


async def test_a_search_reads_its_pages(httpserver: HTTPServer) -> None:
    topics = [{"id": 4410, "title": "Lumio K2 fondue", "slug": "lumio-k2-fondue", "category_id": 7}]
    for page, number in ((1, 9), (2, 8)):
        post = {"id": number, "username": "m", "created_at": "2026-11-22T06:20:10.000Z", "blurb": f"b{number}"}
        post |= {"topic_id": 4410, "post_number": number, "like_count": 5}
        body = {
            "posts": [post],
            "topics": topics,
            "grouped_search_result": {"more_full_page_results": page == 1, "error": None},
        }
        query = {"q": "lumio order:latest after:2026-11-20", "page": str(page)}
        httpserver.expect_request("/search.json", query_string=query).respond_with_json(body)
    settings = {"address": httpserver.url_for("/"), "mode": "search"}
    async with opened("discourse", settings, words=("lumio",)) as source:
        fetched = await source.fetch("", NOW)
    assert {(one.text, one.title, one.engagement.likes) for one in fetched.mentions} == {
        ("b9", "Lumio K2 fondue", 5),
        ("b8", "Lumio K2 fondue", 5),
    }
    assert fetched.mentions[0].url.endswith(("/t/lumio-k2-fondue/4410/9", "/t/lumio-k2-fondue/4410/8"))
    assert fetched.retry_after == timedelta(seconds=6)


async def test_the_longer_of_two_waits_is_kept(httpserver: HTTPServer) -> None:
    body = {"errors": ["slow down"], "error_type": "rate_limit", "extras": {"wait_seconds": 5}}
    httpserver.expect_request("/posts.json").respond_with_json(body, status=429, headers={"Retry-After": "40"})
    async with opened("discourse", {"address": httpserver.url_for("/")}) as source:
        with pytest.raises(SourceUnavailable, match="429, the forum has too many requests") as raised:
            await source.fetch("", NOW)
    assert raised.value.retry_after == timedelta(seconds=40)


async def test_a_private_forum_says_what_it_wants(httpserver: HTTPServer) -> None:
    body = {"errors": ["You need to be logged in to do that."], "error_type": "not_logged_in"}
    httpserver.expect_request("/posts.json").respond_with_json(body, status=403)
    async with opened("discourse", {"address": httpserver.url_for("/")}) as source:
        with pytest.raises(SourceRefused, match="403, the forum is private: it wants `api_key`"):
            await source.fetch("", NOW)


def test_a_key_goes_with_its_user() -> None:
    with pytest.raises(ValidationError, match="go together"):
        plugins.settings_model("source", "discourse").model_validate(
            {"address": "https://forum.example", "api_key": {"env": "X"}}
        )
