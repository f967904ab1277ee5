"""Bluesky by search: the session is kept and renewed, limits are heeded, the wrong host is named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.collect.bluesky_search import BlueskySearchSource as Search
from buzzguard.collect.http import HttpClient
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Engagement
from tests.collect.worlds.base import NOW
from tests.collect.worlds.bluesky_jetstream import DID, tid
from tests.collect.worlds.bluesky_search import World, soon


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    return World(httpserver, tmp_path)


Open = Callable[..., Search]


@pytest.fixture
async def open_source(world: World) -> AsyncIterator[Open]:
    http = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))

    def open_source(*, words: tuple[str, ...] = (), **settings: Any) -> Search:
        chosen = Search.Settings.model_validate(world.settings() | settings)
        tools = Tools(http, words=words, backfill=timedelta(days=1))
        return Search("s", chosen, common=StreamSettings(source="bluesky_search"), tools=tools)

    yield open_source
    await http.close()


async def test_a_post_has_the_id_that_the_stream_gives_it_and_its_numbers(world: World, open_source: Open) -> None:
    world.publish("Une Lumio qui fond")
    (mention,) = (await open_source().fetch("", NOW)).mentions
    assert mention.id == f"bluesky:{DID}/{tid(world.at('Une Lumio qui fond'))}"
    assert mention.engagement == Engagement(likes=203, replies=12, shares=48)
    assert (mention.author.handle, mention.author.name) == ("cafetiere.bsky.social", "Clémence")
    assert mention.language == "fr"


async def test_one_login_serves_many_polls_and_an_expired_token_is_renewed(world: World, open_source: Open) -> None:
    source = open_source()
    cursor = (await source.fetch("", NOW)).cursor
    world.expired = {"access1"}
    world.publish("a")
    assert [one.text for one in (await source.fetch(cursor, NOW)).mentions] == ["a"]
    assert (world.logins, world.renewals) == (1, 1)


async def test_when_the_session_has_ended_it_logs_in_again_but_never_without_end(
    world: World, open_source: Open
) -> None:
    source = open_source()
    await source.fetch("", NOW)
    world.refresh_ended = True
    world.expired = {f"access{number}" for number in range(1_000)}
    refused = 0
    for _ in range(40):
        with pytest.raises((SourceRefused, SourceUnavailable)) as raised:
            await source.fetch("", NOW)
        refused += isinstance(raised.value, SourceRefused)
    assert world.logins == 30
    assert isinstance(raised.value, SourceUnavailable)
    assert raised.value.retry_after == timedelta(hours=15)  # until midnight
    assert "the budget is used up" in str(raised.value)


async def test_nothing_is_asked_while_nothing_remains(world: World, open_source: Open) -> None:
    world.headers = {"RateLimit-Limit": "3000", "RateLimit-Remaining": "0", "RateLimit-Reset": soon(200)}
    source = open_source()
    cursor = (await source.fetch("", NOW)).cursor
    asked = len(world.asked)
    with pytest.raises(SourceUnavailable, match="used up") as raised:
        await source.fetch(cursor, NOW)
    assert raised.value.retry_after == timedelta(seconds=200)
    assert len(world.asked) == asked


async def test_a_host_that_does_not_serve_the_search_is_named(
    world: World, open_source: Open, httpserver: HTTPServer
) -> None:
    settings = world.settings()
    httpserver.clear()
    httpserver.expect_request("/xrpc/com.atproto.server.createSession").respond_with_json({"accessJwt": "t"})
    page = "<html>Request forbidden by administrative rules.</html>"
    httpserver.expect_request("/xrpc/app.bsky.feed.searchPosts").respond_with_data(page, 403, content_type="text/html")
    chosen = Search.Settings.model_validate(settings)
    http = HttpClient(NetworkSettings(allow=("localhost",)))
    source = Search("s", chosen, common=StreamSettings(source="bluesky_search"), tools=Tools(http))
    with pytest.raises(SourceRefused, match=r"403, this host does not serve the search .*bsky\.social"):
        await source.fetch("", NOW)
    await http.close()


async def test_words_of_the_topics_are_asked_as_phrases_and_own_queries_as_written(
    world: World, open_source: Open
) -> None:
    await open_source(queries=(), words=("air lumio",), languages=("fr",)).fetch("", NOW)
    await open_source(queries=("lumio -solde",)).fetch("", NOW)
    first, second = world.asked
    assert (first["q"], first["lang"], second["q"]) == ('"air lumio"', "fr", "lumio -solde")
    assert first["since"].endswith("Z")
    with pytest.raises(SourceRefused, match="nothing to search for"):
        await open_source(queries=()).fetch("", NOW)
