"""The source `gnews` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from tests.collect.opened import opened
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.gnews import World

KEY = World.secrets[0]
ARTICLE: dict[str, Any] = {
    "title": "Lumio rappelle 40 000 bouilloires",
    "description": "Un défaut du socle.",
    "content": "Lumio annonce… [1200 chars]",
    "url": "https://conso-matin.example/lumio-rappel",
    "image": None,
    "publishedAt": "2026-11-22T06:12:00Z",
    "lang": "fr",
    "source": {"id": "s1", "name": "Conso Matin", "url": "https://conso-matin.example", "country": "fr"},
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_0", KEY)


def configured(server: HTTPServer, **settings: Any) -> dict[str, Any]:
    return {
        "address": server.url_for("/"),
        "queries": ["lumio"],
        "key": {"env": "SECRET_0"},
        "requests_per_second": 100,
    } | settings


def serve(server: HTTPServer, *articles: dict[str, Any], **settings: Any) -> dict[str, Any]:
    body = {"totalArticles": len(articles), "articles": articles}
    server.expect_request("/search").respond_with_response(reply(body))
    return configured(server, **settings)


async def test_an_article_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("gnews", serve(httpserver, ARTICLE)) as source:
        fetched = await source.fetch("", NOW)
    (mention,) = fetched.mentions
    assert mention.published == datetime(2026, 11, 22, 6, 12, tzinfo=UTC)
    assert (mention.language, mention.site) == ("fr", "conso-matin.example")
    assert mention.text == "Un défaut du socle.\n\nLumio annonce"
    assert "12 hours late" in fetched.note
    assert fetched.lag == timedelta(hours=12)


async def test_the_free_plan_has_no_pages(httpserver: HTTPServer) -> None:
    second = [ARTICLE | {"url": f"https://conso-matin.example/{number}"} for number in range(10)]
    body = {"totalArticles": 30, "articles": second}
    httpserver.expect_request("/search", query_string=None).respond_with_response(reply(body))
    async with opened("gnews", configured(httpserver)) as source:
        fetched = await source.fetch("", NOW)
    asked = [request.args for request, _ in httpserver.log]
    assert all("page" not in one for one in asked)
    assert [one.get("to") for one in asked][:3] == [None, "2026-11-22T06:12:01Z", "2026-11-22T06:12:00Z"]
    assert "some are missing" in fetched.note
    assert len(fetched.mentions) == 10


async def test_a_paid_plan_asks_for_a_hundred_at_once(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, plan="paid", country="fr", search_in=["title"])
    async with opened("gnews", settings) as source:
        fetched = await source.fetch("", NOW)
    (request, _), *_ = httpserver.log
    assert (request.args["max"], request.args["country"], request.args["in"]) == ("100", "fr", "title")
    assert (request.args["sortby"], request.args["from"]) == ("publishedAt", "2026-11-21T09:00:00Z")
    assert (fetched.note, fetched.lag) == ("", None)


@pytest.mark.parametrize(
    ("status", "errors", "kind", "wait", "words"),
    [
        (400, {"q": "The query is required."}, SourceRefused, None, "400, GNews .*The query is required"),
        (400, ["Syntax error"], SourceRefused, None, "Syntax error"),
        (401, ["Your API key is invalid"], SourceRefused, None, "401, the token was refused"),
        (403, ["request limit"], SourceUnavailable, timedelta(hours=15), "403, .*used up"),
        (429, ["Too many requests"], SourceUnavailable, timedelta(minutes=1), "429"),
        (500, ["oops"], SourceUnavailable, None, "500"),
        (503, ["maintenance"], SourceUnavailable, None, "503"),
        (200, {"q": KEY}, SourceRefused, None, "200, GNews"),
        (400, None, SourceRefused, None, "400"),
        (400, [7, None], SourceRefused, None, "400"),
    ],
)
async def test_each_documented_error_is_told_as_what_it_is(
    httpserver: HTTPServer, status: int, errors: object, kind: type[SourceError], wait: timedelta | None, words: str
) -> None:
    httpserver.expect_request("/search").respond_with_response(reply({"errors": errors}, status))
    async with opened("gnews", configured(httpserver)) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait
    assert KEY not in str(raised.value)


async def test_a_used_up_day_is_told_without_asking_again(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/search").respond_with_response(reply({"errors": ["limit"]}, 403))
    async with opened("gnews", configured(httpserver)) as source:
        with pytest.raises(SourceUnavailable, match="403"):
            await source.fetch("", NOW)
        with pytest.raises(SourceUnavailable, match="asks to wait until 00:00:00 UTC"):
            await source.fetch("", NOW + timedelta(hours=1))
    assert len(httpserver.log) == 1
