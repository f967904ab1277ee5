"""The source `stackexchange` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.collect.meter import Allowance, MemoryMeter
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Engagement
from tests.collect.opened import opened
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.stackexchange import compressed, error

QUESTION: dict[str, Any] = {
    "question_id": 79000001,
    "title": "Lumio K2 local API returns &quot;500&quot; since firmware 4.2",
    "body": "<p>Since this morning…</p>",
    "link": "https://stackoverflow.com/questions/79000001",
    "score": 3,
    "view_count": 41,
    "answer_count": 1,
    "creation_date": 1795328410,
    "owner": {"user_id": 22656, "display_name": "kettle&#39;head", "reputation": 412},
}


def serve(server: HTTPServer, *items: dict[str, Any], **more: Any) -> dict[str, Any]:
    body = {"items": items, "has_more": False, "quota_max": 300, "quota_remaining": 298} | more
    server.expect_request("/search/advanced").respond_with_response(compressed(reply(body)))
    return {"address": server.url_for("/"), "queries": ["lumio"]}


async def test_a_question_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("stackexchange", serve(httpserver, QUESTION)) as source:
        fetched = await source.fetch("", NOW)
    (mention,) = fetched.mentions
    assert mention.id == "stackexchange:stackoverflow:79000001"
    assert mention.title == 'Lumio K2 local API returns "500" since firmware 4.2'
    assert (mention.author.id, mention.author.name) == ("stackoverflow/22656", "kettle'head")
    assert mention.engagement == Engagement(likes=3, replies=1, views=41)
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert mention.site == "stackoverflow.com"


async def test_a_question_without_an_owner_is_a_mention_all_the_same(httpserver: HTTPServer) -> None:
    orphan = QUESTION | {"owner": {"user_type": "does_not_exist", "display_name": "user123"}, "body": None}
    async with opened("stackexchange", serve(httpserver, orphan)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert (mention.author.id, mention.author.name) == ("", "user123")


async def test_each_site_is_searched_for_each_word(httpserver: HTTPServer) -> None:
    settings = serve(httpserver) | {"queries": [], "sites": ["stackoverflow", "superuser"]}
    async with opened("stackexchange", settings, words=("lumio", "lumio k2")) as source:
        fetched = await source.fetch("", NOW)
    asked = [(request.args["site"], request.args["q"]) for request, _ in httpserver.log]
    assert asked == [(site, word) for site in ("stackoverflow", "superuser") for word in ("lumio", '"lumio k2"')]
    assert fetched.retry_after == timedelta(days=1) / 290 * 4


async def test_backoff_holds_for_all_streams_that_ask(httpserver: HTTPServer) -> None:
    async with opened("stackexchange", serve(httpserver, QUESTION, backoff=40)) as source:
        first = await source.fetch("", NOW)
        with pytest.raises(SourceUnavailable, match="asks to wait until 09:00:40 UTC") as raised:
            await source.fetch(first.cursor, NOW + timedelta(seconds=10))
        await source.fetch(first.cursor, NOW + timedelta(seconds=40))
    assert len(first.mentions) == 1
    assert raised.value.retry_after == timedelta(seconds=30)
    assert len(httpserver.log) == 2


async def test_a_quota_that_is_used_up_waits_for_the_next_day(httpserver: HTTPServer) -> None:
    async with opened("stackexchange", serve(httpserver, QUESTION, quota_remaining=0)) as source:
        assert (await source.fetch("", NOW)).retry_after == timedelta(hours=15)


async def test_the_quota_of_the_day_is_counted_before_it_is_asked(httpserver: HTTPServer) -> None:
    meter = MemoryMeter()
    day = NOW.replace(hour=0)
    allowance = Allowance(account="stackexchange", unit="requests", cap=290, since=day, until=day + timedelta(days=1))
    await meter.spend(allowance, 290, NOW)
    async with opened("stackexchange", serve(httpserver), meter=meter) as source:
        with pytest.raises(SourceUnavailable, match="290 of 290 requests"):
            await source.fetch("", NOW)
    assert httpserver.log == []


async def test_a_throttled_address_waits_the_seconds_that_the_message_names(httpserver: HTTPServer) -> None:
    said = "too many requests from this IP, more requests available in 17524 seconds"
    httpserver.expect_request("/search/advanced").respond_with_response(
        compressed(error(502, "throttle_violation", said))
    )
    async with opened("stackexchange", {"address": httpserver.url_for("/"), "queries": ["lumio"]}) as source:
        with pytest.raises(SourceUnavailable, match="400, Stack Exchange: too many requests") as raised:
            await source.fetch("", NOW)
    assert raised.value.retry_after == timedelta(seconds=17524)


async def test_a_site_that_is_unknown_is_told(httpserver: HTTPServer) -> None:
    said = "No site found for name `stackoverflw`"
    httpserver.expect_request("/search/advanced").respond_with_response(compressed(error(400, "bad_parameter", said)))
    settings = {"address": httpserver.url_for("/"), "queries": ["lumio"], "sites": ["stackoverflw"]}
    async with opened("stackexchange", settings) as source:
        with pytest.raises(SourceRefused, match="No site found"):
            await source.fetch("", NOW)
