"""The source `mediastack` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Mention
from tests.collect.opened import opened
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.mediastack import World, error

KEY = World.secrets[0]
ARTICLE: dict[str, Any] = {
    "author": None,
    "title": "Lumio rappelle 40 000 bouilloires",
    "description": "Un défaut du socle.",
    "url": "https://conso-matin.example/lumio-rappel",
    "source": "Conso Matin",
    "image": None,
    "category": "general",
    "language": "fr",
    "country": "fr",
    "published_at": "2026-11-22T06:12:00+00:00",
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_0", KEY)


def configured(server: HTTPServer, **settings: Any) -> dict[str, Any]:
    return {"address": server.url_for("/"), "queries": ["lumio"], "key": {"env": "SECRET_0"}} | settings


def serve(server: HTTPServer, *articles: dict[str, Any], **settings: Any) -> dict[str, Any]:
    paging = {"limit": 100, "offset": 0, "count": len(articles), "total": len(articles)}
    server.expect_request("/news").respond_with_response(reply({"pagination": paging, "data": articles}))
    return configured(server, **settings)


async def test_an_article_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("mediastack", serve(httpserver, ARTICLE)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.published == datetime(2026, 11, 22, 6, 12, tzinfo=UTC)
    assert (mention.language, mention.site) == ("fr", "conso-matin.example")
    assert (mention.title, mention.text) == ("Lumio rappelle 40 000 bouilloires", "Un défaut du socle.")


async def test_the_free_plan_is_asked_without_a_date_and_every_seven_hours(httpserver: HTTPServer) -> None:
    async with opened("mediastack", serve(httpserver, countries=["fr", "be"], languages=["fr"])) as source:
        fetched = await source.fetch("", NOW)
    (request, _), *_ = httpserver.log
    assert "date" not in request.args
    assert (request.args["countries"], request.args["languages"]) == ("fr,be", "fr")
    assert fetched.retry_after == timedelta(days=30) / 100


async def test_a_paid_plan_is_asked_for_the_days_that_are_needed(httpserver: HTTPServer) -> None:
    async with opened("mediastack", serve(httpserver, plan="paid"), backfill=timedelta(days=7)) as source:
        await source.fetch("", NOW)
    assert httpserver.log[0][0].args["date"] == "2026-11-15,2026-11-22"


async def test_each_word_is_a_search_and_loose_matches_are_left_out(httpserver: HTTPServer) -> None:
    def wanted(mention: Mention) -> bool:
        return "Lumio" in mention.title

    other = ARTICLE | {"title": "Lumière", "url": "https://conso-matin.example/lumiere"}
    settings = serve(httpserver, ARTICLE, other, queries=[])
    async with opened("mediastack", settings, words=("lumio", "lumio, k2"), wanted=wanted) as source:
        fetched = await source.fetch("", NOW)
    assert [request.args["keywords"] for request, _ in httpserver.log] == ["lumio", "lumio  k2"]
    assert len(fetched.mentions) == 1


@pytest.mark.parametrize(
    ("status", "code", "kind", "wait", "words"),
    [
        (401, "invalid_access_key", SourceRefused, None, "401 invalid_access_key, the token was refused"),
        (401, "missing_access_key", SourceRefused, None, "the token was refused"),
        (200, "invalid_access_key", SourceRefused, None, "the token was refused"),
        (429, "usage_limit_reached", SourceUnavailable, timedelta(days=8, hours=15), "of the month are used up"),
        (429, "rate_limit_reached", SourceUnavailable, timedelta(minutes=1), "asked too fast"),
        (403, "function_access_restricted", SourceRefused, None, "write `plan: free`"),
        (401, "inactive_user", SourceRefused, None, "said"),
        (422, "validation_error", SourceRefused, None, "422, .*said"),
        (500, "internal_error", SourceUnavailable, None, "500"),
    ],
)
async def test_each_documented_error_is_told_as_what_it_is(
    httpserver: HTTPServer, status: int, code: str, kind: type[SourceError], wait: timedelta | None, words: str
) -> None:
    httpserver.expect_request("/news").respond_with_response(error(status, code, f"said {KEY}"))
    async with opened("mediastack", configured(httpserver, plan="paid")) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait
    assert KEY not in str(raised.value)
