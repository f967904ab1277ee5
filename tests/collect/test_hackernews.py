"""The source `hackernews` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.meter import Allowance, MemoryMeter
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Engagement, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW
from tests.collect.worlds.hackernews import World

COMMENT: dict[str, Any] = {
    "objectID": "49100002",
    "created_at": "2026-11-22T06:20:10Z",
    "created_at_i": 1795328410,
    "author": "kettlehead",
    "title": None,
    "points": None,
    "num_comments": None,
    "comment_text": "My Lumio K2 melted as well. It&#x27;s gone.",
    "story_id": 49100000,
    "story_title": "Connected kettles are melting",
    "parent_id": 49100000,
    "_tags": ["comment", "author_kettlehead", "story_49100000"],
}
STORY: dict[str, Any] = {
    "objectID": "49100000",
    "created_at": "2026-11-22T05:58:00Z",
    "created_at_i": 1795327080,
    "author": "throwaway_tea",
    "title": "Connected kettles are melting",
    "url": "https://conso-matin.example/2026/11/lumio-surchauffe",
    "points": 128,
    "num_comments": 64,
    "story_text": None,
    "_tags": ["story", "author_throwaway_tea", "story_49100000", "front_page"],
}


def serve(server: HTTPServer, *hits: dict[str, Any]) -> dict[str, Any]:
    server.expect_request("/search_by_date").respond_with_json({"hits": hits, "hitsPerPage": 100})
    return {"address": server.url_for("/"), "queries": ["lumio"]}


async def test_a_comment_and_a_story_become_mentions(httpserver: HTTPServer) -> None:
    async with opened("hackernews", serve(httpserver, COMMENT, STORY)) as source:
        story, comment = (await source.fetch("", NOW)).mentions
    assert (story.id, comment.id) == ("hackernews:49100000", "hackernews:49100002")
    assert comment.parent == story.id
    assert (story.kind, comment.kind) == (MentionKind.POST, MentionKind.COMMENT)
    assert (story.engagement, comment.engagement) == (Engagement(likes=128, replies=64), Engagement())
    assert comment.url == "https://news.ycombinator.com/item?id=49100002"
    assert comment.title == story.title == "Connected kettles are melting"
    assert comment.author.handle == "kettlehead"
    assert comment.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)


async def test_it_asks_for_the_words_of_its_topics_one_by_one(httpserver: HTTPServer) -> None:
    settings = serve(httpserver) | {"queries": []}
    async with opened("hackernews", settings, words=("lumio", "lumio k2")) as source:
        await source.fetch("", NOW)
    asked = [request.args for request, _ in httpserver.log]
    assert [args["query"] for args in asked] == ['"lumio"', '"lumio k2"']
    assert all(args["tags"] == "(story,comment)" and args["typoTolerance"] == "false" for args in asked)
    assert all(args["numericFilters"].startswith("created_at_i>=") for args in asked)


async def test_with_nothing_to_search_for_it_says_so(httpserver: HTTPServer) -> None:
    async with opened("hackernews", serve(httpserver) | {"queries": []}) as source:
        with pytest.raises(SourceRefused, match="nothing to search for"):
            await source.fetch("", NOW)


async def test_what_the_search_guessed_is_left_out(httpserver: HTTPServer) -> None:
    misspelt = COMMENT | {"objectID": "1", "comment_text": "My Lumia phone"}
    settings = serve(httpserver, COMMENT, misspelt)
    async with opened("hackernews", settings, wanted=lambda one: "Lumio" in one.text) as source:
        fetched = await source.fetch("", NOW)
    assert [mention.id for mention in fetched.mentions] == ["hackernews:49100002"]


async def test_points_of_a_young_story_are_read_again_from_the_first_page(httpserver: HTTPServer) -> None:
    async with opened("hackernews", serve(httpserver, STORY)) as source:
        first = await source.fetch("", NOW)
        httpserver.clear()
        serve(httpserver, STORY | {"points": 900, "num_comments": 310})
        later = await source.fetch(first.cursor, NOW + timedelta(hours=2))
    assert later.mentions == ()
    assert [(one.id, one.engagement) for one in later.rereads] == [
        ("hackernews:49100000", Engagement(likes=900, replies=310))
    ]


async def test_a_page_of_one_second_does_not_hold_the_walk(httpserver: HTTPServer, tmp_path: Path) -> None:
    class Crowd(World):
        def at(self, text: str) -> datetime:
            return datetime(2026, 11, 22, 6, 0, tzinfo=UTC) if text != "before" else NOW - timedelta(hours=9)

    world = Crowd(httpserver, tmp_path)
    world.publish("before", *(f"t{number}" for number in range(World.page)))
    async with opened("hackernews", world.settings()) as source:
        assert "before" in said(await source.fetch("", NOW))


async def test_a_walk_that_breaks_on_the_way_goes_on_where_it_broke(httpserver: HTTPServer, tmp_path: Path) -> None:
    world = World(httpserver, tmp_path)
    world.publish(*(f"t{number}" for number in range(3 * World.page)))
    settings, answer = world.settings(), world._answer
    asked = 0

    def breaks(request: Request) -> Response:
        nonlocal asked
        asked += 1
        return Response("upstream", 503) if asked == 3 else answer(request)

    httpserver.clear()
    httpserver.expect_request("/api/v1/search_by_date").respond_with_handler(breaks)
    async with opened("hackernews", settings) as source:
        first = await source.fetch("", NOW)
    world.publish("said meanwhile")
    async with opened("hackernews", settings) as source:
        second = await source.fetch(first.cursor, NOW)
        third = await source.fetch(second.cursor, NOW)
    assert 0 < len(first.mentions) < 3 * World.page
    assert "503" in first.note
    found = [*said(first), *said(second), *said(third)]
    assert sorted(found) == sorted(world.texts)


async def test_an_address_shut_out_waits(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/search_by_date").respond_with_json({"message": "no", "status": 403}, status=403)
    async with opened("hackernews", {"address": httpserver.url_for("/"), "queries": ["lumio"]}) as source:
        with pytest.raises(SourceUnavailable, match=r"^403, Hacker News search has shut") as raised:
            await source.fetch("", NOW)
    assert raised.value.retry_after == timedelta(hours=1)


async def test_a_query_that_is_not_taken_is_told(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/search_by_date").respond_with_json(
        {"message": "bad\nfilter", "status": 400}, status=400
    )
    async with opened("hackernews", {"address": httpserver.url_for("/"), "queries": ["lumio"]}) as source:
        with pytest.raises(SourceRefused, match=r"^400, Hacker News search does not take the query: bad filter$"):
            await source.fetch("", NOW)


async def test_it_stops_before_the_limit_of_the_hour(httpserver: HTTPServer) -> None:
    meter = MemoryMeter()
    hour = Allowance(account="hackernews", unit="requests", cap=60, since=NOW, until=NOW + timedelta(hours=1))
    await meter.spend(hour, 59, NOW)
    settings = serve(httpserver) | {"requests_per_hour": 60}
    async with opened("hackernews", settings, meter=meter) as source:
        await source.fetch("", NOW)
        with pytest.raises(SourceUnavailable, match=r"the budget is used up \(60 of 60 requests\)") as raised:
            await source.fetch("", NOW + timedelta(minutes=30))
    assert raised.value.retry_after == timedelta(minutes=30)
    assert len(httpserver.log) == 1
