"""The source `lemmy` against an instance that speaks its protocol."""

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
    "post": {
        "id": 991,
        "name": "Lumio K2 melted",
        "body": "Support hung up.",
        "url": None,
        "removed": False,
        "deleted": False,
        "published": "2026-11-22T06:20:10.123456Z",
        "ap_id": "https://lemmy.example/post/991",
        "featured_community": False,
        "featured_local": False,
    },
    "creator": {"name": "kettlehead", "actor_id": "https://lemmy.example/u/kettlehead", "bot_account": False},
    "community": {"id": 5, "name": "appliances"},
    "counts": {"post_id": 991, "comments": 14, "score": 52, "upvotes": 55, "downvotes": 3},
}
COMMENT: dict[str, Any] = POST | {
    "comment": {
        "id": 7,
        "content": "Mine too.",
        "removed": False,
        "deleted": False,
        "published": "2026-11-22T07:00:00Z",
        "ap_id": "https://other.example/comment/1",
        "path": "0.3.7",
    },
    "counts": {"score": 2, "upvotes": 2, "child_count": 1},
}


def but(record: dict[str, Any], name: str, **changed: Any) -> dict[str, Any]:
    return record | {name: record[name] | changed}


def serve(
    server: HTTPServer, posts: list[dict[str, Any]], comments: list[dict[str, Any]] | None = None, **settings: Any
) -> dict[str, Any]:
    for kind, found in (("Posts", posts), ("Comments", comments or [])):
        query = {"q": "lumio", "type_": kind, "listing_type": "All", "sort": "New", "page": "1", "limit": "50"}
        body: dict[str, Any] = {"posts": [], "comments": []} | {kind.lower(): found}
        server.expect_request("/api/v3/search", query_string=query).respond_with_json(body)
    return {"address": server.url_for("/"), "queries": ["lumio"], **settings}


async def test_a_post_and_a_comment_become_mentions(httpserver: HTTPServer) -> None:
    async with opened("lemmy", serve(httpserver, [POST], [COMMENT])) as source:
        post, comment = (await source.fetch("", NOW)).mentions
    assert (post.id, post.url) == ("lemmy:https://lemmy.example/post/991", "https://lemmy.example/post/991")
    assert (post.title, post.text, post.kind) == ("Lumio K2 melted", "Support hung up.", MentionKind.POST)
    assert post.engagement == Engagement(likes=55, replies=14)
    assert post.author.handle == "kettlehead@lemmy.example"
    assert post.published == datetime(2026, 11, 22, 6, 20, 10, 123456, tzinfo=UTC)
    assert (comment.text, comment.kind, comment.parent) == ("Mine too.", MentionKind.COMMENT, post.id)
    assert comment.engagement == Engagement(likes=2, replies=1)


async def test_what_is_removed_or_deleted_is_told_as_gone_once(httpserver: HTTPServer) -> None:
    gone = [but(POST, "post", deleted=True), but(POST, "post", removed=True, ap_id="https://lemmy.example/post/2")]
    async with opened("lemmy", serve(httpserver, gone)) as source:
        first = await source.fetch("", NOW)
        again = await source.fetch(first.cursor, NOW)
    assert first.mentions == ()
    assert first.deleted == ("lemmy:https://lemmy.example/post/991", "lemmy:https://lemmy.example/post/2")
    assert again.deleted == ()


async def test_bots_are_left_out_unless_they_are_wanted(httpserver: HTTPServer) -> None:
    bot = but(POST, "creator", bot_account=True)
    async with opened("lemmy", serve(httpserver, [bot])) as source:
        assert said(await source.fetch("", NOW)) == []
    async with opened("lemmy", serve(httpserver, [bot], bots=True)) as source:
        assert said(await source.fetch("", NOW)) == ["Support hung up."]


async def test_a_post_that_federates_hours_late_is_not_lost(httpserver: HTTPServer) -> None:
    new = but(POST, "post", published="2026-11-22T08:59:00Z")
    late = but(POST, "post", published="2026-11-22T04:00:00Z", ap_id="https://far.example/post/1", body="late")
    async with opened("lemmy", serve(httpserver, [new])) as source:
        first = await source.fetch("", NOW)
        httpserver.clear()
        serve(httpserver, [new, late])
        assert said(await source.fetch(first.cursor, NOW)) == ["late"]


async def test_a_pinned_post_on_top_does_not_end_the_walk(httpserver: HTTPServer) -> None:
    pinned = but(POST, "post", published="2025-01-01T00:00:00Z", featured_community=True, ap_id="https://l.example/0")
    pages = [[pinned, POST], [but(POST, "post", ap_id="https://l.example/2", body="behind it")], []]
    for number, page in enumerate(pages, 1):
        query = {"type_": "All", "sort": "New", "limit": "2", "page": str(number), "community_name": "appliances"}
        httpserver.expect_request("/api/v3/post/list", query_string=query).respond_with_json({"posts": page})
    httpserver.expect_request("/api/v3/comment/list").respond_with_json({"comments": []})
    settings = {"address": httpserver.url_for("/"), "everything": True, "community": "appliances", "per_page": 2}
    async with opened("lemmy", settings) as source:
        assert set(said(await source.fetch("", NOW))) == {"Support hung up.", "behind it"}


async def test_the_fourth_version_is_walked_by_its_cursor(httpserver: HTTPServer) -> None:
    inside = {"published": None, "published_at": "2026-11-22T06:20:10Z", "upvotes": 9, "comments": 3}
    first = but(POST, "post", **inside) | {"counts": None}
    second = but(first, "post", ap_id="https://lemmy.example/post/2", body="second page")
    for cursor, posts, onward in (({}, [first], "p2"), ({"page_cursor": "p2"}, [second], None)):
        query = {"search_term": "lumio", "type_": "Posts", "sort": "New", "limit": "50", **cursor}
        body = {"posts": posts, "comments": [], "next_page": onward}
        httpserver.expect_request("/api/v4/search", query_string=query).respond_with_json(body)
    nothing = {"search_term": "lumio", "type_": "Comments", "sort": "New", "limit": "50"}
    httpserver.expect_request("/api/v4/search", query_string=nothing).respond_with_json({"comments": []})
    settings = {"address": httpserver.url_for("/"), "queries": ["lumio"], "api": "v4"}
    async with opened("lemmy", settings) as source:
        fetched = await source.fetch("", NOW)
    assert set(said(fetched)) == {"Support hung up.", "second page"}
    assert fetched.mentions[0].engagement == Engagement(likes=9, replies=3)


@pytest.mark.parametrize(("status", "error"), [(429, "too_many_requests"), (400, "rate_limit_error")])
async def test_too_many_requests_wait_under_any_status(httpserver: HTTPServer, status: int, error: str) -> None:
    httpserver.expect_request("/api/v3/search").respond_with_json({"error": error}, status=status)
    async with opened("lemmy", {"address": httpserver.url_for("/"), "queries": ["lumio"]}) as source:
        with pytest.raises(SourceUnavailable, match="too many requests") as raised:
            await source.fetch("", NOW)
    assert raised.value.retry_after == timedelta(minutes=10)


async def test_what_the_instance_refuses_is_told_in_its_words(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v3/search").respond_with_json({"error": "instance_is_private"}, status=400)
    async with opened("lemmy", {"address": httpserver.url_for("/"), "queries": ["lumio"]}) as source:
        with pytest.raises(SourceRefused, match="400, the instance says: instance_is_private"):
            await source.fetch("", NOW)


async def test_many_searches_are_polled_more_rarely(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/api/v3/search").respond_with_json({"posts": [], "comments": []})
    settings = {"address": httpserver.url_for("/"), "queries": [f"q{number}" for number in range(10)]}
    async with opened("lemmy", settings) as source:
        assert (await source.fetch("", NOW)).retry_after == timedelta(minutes=4)


def test_the_address_is_one_of_the_web() -> None:
    model = plugins.settings_model("source", "lemmy")
    for wrong in ("lemmy.world", "ftp://lemmy.world", "https://user:secret@lemmy.world"):
        with pytest.raises(ValidationError):
            model.model_validate({"address": wrong})
