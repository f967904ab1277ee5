"""The source `newsapi` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from buzzguard.collect.meter import MemoryMeter
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.newsapi import World, error

KEY = World.secrets[0]
ARTICLE: dict[str, Any] = {
    "source": {"id": None, "name": "Conso Matin"},
    "author": "Élodie Garnier",
    "title": "Lumio rappelle 40 000 bouilloires",
    "description": "Un défaut du socle.",
    "url": "https://www.conso-matin.example/lumio-rappel",
    "urlToImage": None,
    "publishedAt": "2026-11-22T06:12:00Z",
    "content": "Un défaut du socle. Lumio annonce… [+2310 chars]",
}


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_0", KEY)


def serve(server: HTTPServer, *articles: dict[str, Any], **settings: Any) -> dict[str, Any]:
    body = {"status": "ok", "totalResults": len(articles), "articles": articles}
    server.expect_request("/v2/everything", headers={"X-Api-Key": KEY}).respond_with_response(reply(body))
    return {"address": server.url_for("/v2"), "queries": ["lumio"], "key": {"env": "SECRET_0"}} | settings


async def test_an_article_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("newsapi", serve(httpserver, ARTICLE)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.id.startswith("newsapi:")
    assert (mention.kind, mention.site) == (MentionKind.ARTICLE, "conso-matin.example")
    assert mention.published == datetime(2026, 11, 22, 6, 12, tzinfo=UTC)
    assert mention.title == "Lumio rappelle 40 000 bouilloires"
    assert mention.text == "Un défaut du socle. Lumio annonce"
    assert mention.author == Author(
        id="conso-matin.example/élodie garnier", handle="Élodie Garnier", name="Élodie Garnier"
    )


async def test_articles_that_were_taken_away_are_passed_over(httpserver: HTTPServer) -> None:
    removed = ARTICLE | {"title": "[Removed]", "description": "[Removed]", "url": "https://removed.com"}
    async with opened("newsapi", serve(httpserver, removed)) as source:
        fetched = await source.fetch("", NOW)
    assert (fetched.mentions, fetched.quarantined) == ((), ())


async def test_the_free_plan_says_that_it_warns_of_nothing_early(httpserver: HTTPServer) -> None:
    async with opened("newsapi", serve(httpserver), backfill=timedelta(days=60)) as source:
        fetched = await source.fetch("", NOW)
    assert "24 hours late" in fetched.note
    assert fetched.lag == timedelta(hours=24)
    assert fetched.retry_after == timedelta(days=1) / 100
    assert httpserver.log[0][0].args["from"] == "2026-10-24T09:00:00Z"


async def test_a_paid_plan_is_asked_more_often(httpserver: HTTPServer) -> None:
    async with opened("newsapi", serve(httpserver, plan="paid")) as source:
        fetched = await source.fetch("", NOW)
    assert (fetched.note, fetched.lag) == ("", None)
    assert fetched.retry_after is not None
    assert fetched.retry_after < timedelta(seconds=11)


async def test_the_key_goes_in_a_header_and_the_words_in_as_few_queries_as_hold_them(httpserver: HTTPServer) -> None:
    words = tuple(f"lumio model number {number:03}" for number in range(30))
    async with opened("newsapi", serve(httpserver, queries=[]), words=words) as source:
        await source.fetch("", NOW)
    asked = [request for request, _ in httpserver.log]
    assert [len(request.args["q"]) <= 500 for request in asked] == [True, True]
    assert " OR ".join(request.args["q"] for request in asked) == " OR ".join(f'"{word}"' for word in words)
    assert all(KEY not in request.url for request in asked)


async def test_more_articles_of_one_second_than_the_plan_shows_are_missed_and_told(
    httpserver: HTTPServer, tmp_path: Path
) -> None:
    world = Midnight(httpserver, tmp_path)
    world.publish("early", *(f"t{number}" for number in range(12)))
    async with opened("newsapi", world.settings()) as source:
        fetched = await source.fetch("", NOW)
    assert set(said(fetched)) == {"early", *(f"t{number}" for number in range(7, 12))}
    assert "some are missing" in fetched.note


async def test_a_paid_plan_pages_through_a_second_that_holds_many(httpserver: HTTPServer, tmp_path: Path) -> None:
    world = Midnight(httpserver, tmp_path)
    world.most = 10_000  # type: ignore[misc]
    world.publish("early", *(f"t{number}" for number in range(12)))
    async with opened("newsapi", world.settings()) as source:
        fetched = await source.fetch("", NOW)
    assert set(said(fetched)) == set(world.texts)
    assert "missing" not in fetched.note


class Midnight(World):
    """Many articles bear the same second: the outlets tell the day only."""

    def at(self, text: str) -> datetime:
        """One second for all but one."""
        second = datetime(2026, 11, 22, tzinfo=UTC)
        return second - timedelta(hours=1) if text == "early" else second


@pytest.mark.parametrize(
    ("status", "code", "kind", "wait", "words"),
    [
        (401, "apiKeyDisabled", SourceRefused, None, "the token was refused"),
        (401, "apiKeyMissing", SourceRefused, None, "newsapi.org/account"),
        (200, "apiKeyInvalid", SourceRefused, None, "the token was refused"),
        (429, "rateLimited", SourceUnavailable, timedelta(hours=1), "429, NewsAPI was asked too often"),
        (429, "apiKeyExhausted", SourceUnavailable, timedelta(hours=15), "are used up"),
        (400, "parameterInvalid", SourceRefused, None, "400, NewsAPI does not take what it is asked: said"),
        (400, "sourcesTooMany", SourceRefused, None, "does not take"),
        (426, "maximumResultsReached", SourceRefused, None, "426"),
        (426, "parameterInvalid", SourceRefused, None, "426"),
        (500, "unexpectedError", SourceUnavailable, None, "500, NewsAPI has trouble"),
    ],
)
async def test_each_documented_error_is_told_as_what_it_is(
    httpserver: HTTPServer, status: int, code: str, kind: type[SourceError], wait: timedelta | None, words: str
) -> None:
    httpserver.expect_request("/everything").respond_with_response(error(status, code, f"said\n of {KEY}"))
    settings = {"address": httpserver.url_for("/"), "queries": ["lumio"], "key": {"env": "SECRET_0"}}
    async with opened("newsapi", settings) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait
    assert KEY not in str(raised.value)
    assert "\n" not in str(raised.value)


async def test_the_requests_of_a_day_are_counted_over_all_streams(httpserver: HTTPServer) -> None:
    meter = MemoryMeter()
    settings = serve(httpserver, requests_per_day=2)
    for _ in range(2):
        async with opened("newsapi", settings, meter=meter) as source:
            await source.fetch("", NOW)
    async with opened("newsapi", settings, meter=meter) as source:
        with pytest.raises(SourceUnavailable, match="2 of 2 requests") as raised:
            await source.fetch("", NOW)
    assert raised.value.retry_after == timedelta(hours=15)
    assert len(httpserver.log) == 2
