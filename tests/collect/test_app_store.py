"""The source `app_store` against a server that speaks the protocol of App Store Connect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.config.secrets import SecretError
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.app_store import APP, World, error
from tests.collect.worlds.base import NOW, reply

REVIEW: dict[str, Any] = {
    "type": "customerReviews",
    "id": "00000028-b08c-0014-729e-fbd500000000",
    "attributes": {
        "rating": 1,
        "title": "Appli HS",
        "body": "Impossible d'éteindre la bouilloire.",
        "reviewerNickname": "mathilde75",
        "createdDate": "2026-11-22T00:20:10-08:00",
        "territory": "FRA",
    },
    "relationships": {"response": {"links": {"related": "https://api.appstoreconnect.apple.com/v1/…/response"}}},
}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    return World(httpserver, tmp_path)


def serve(world: World, *reviews: Any) -> dict[str, Any]:
    settings = world.settings()
    world.server.clear()
    body = {"data": reviews, "links": {"self": "x"}, "meta": {"paging": {"total": len(reviews), "limit": 200}}}
    world.server.expect_request(f"/v1/apps/{APP}/customerReviews").respond_with_response(reply(body))
    return settings


async def test_a_review_becomes_a_mention_of_the_topics_of_its_stream(world: World) -> None:
    async with opened("app_store", serve(world, REVIEW), topics=("acme",)) as source:
        fetched = await source.fetch("", NOW)
    (mention,) = fetched.mentions
    assert mention.id == "app_store:00000028-b08c-0014-729e-fbd500000000"
    assert (mention.kind, mention.rating, mention.topics) == (MentionKind.REVIEW, 1.0, ("acme",))
    assert mention.published == datetime(2026, 11, 22, 8, 20, 10, tzinfo=UTC)
    assert (mention.title, mention.text) == ("Appli HS", "Impossible d'éteindre la bouilloire.")
    assert mention.author == Author(handle="mathilde75", name="mathilde75")
    assert mention.url.startswith("https://apps.apple.com/app/id1500000001?")
    assert (mention.site, fetched.note) == ("apple.com", "")


async def test_a_stream_without_topics_is_advised_to_name_some(world: World) -> None:
    async with opened("app_store", serve(world, REVIEW)) as source:
        assert "write `topics`" in (await source.fetch("", NOW)).note


@pytest.mark.parametrize("stars", [0, 6, "1.5x", None, True, {}])
async def test_what_is_no_number_of_stars_is_none(world: World, stars: object) -> None:
    odd = REVIEW | {"attributes": REVIEW["attributes"] | {"rating": stars}}
    async with opened("app_store", serve(world, odd)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.rating is None


async def test_countries_and_stars_narrow_down(world: World) -> None:
    settings = serve(world, REVIEW) | {"territories": ["FRA", "BEL"], "ratings": [1, 2]}
    async with opened("app_store", settings) as source:
        await source.fetch("", NOW)
    asked = world.server.log[0][0].args
    assert (asked["filter[territory]"], asked["filter[rating]"]) == ("FRA,BEL", "1,2")


async def test_a_token_is_used_until_it_nears_its_end(world: World) -> None:
    world.publish("a")
    async with opened("app_store", world.settings()) as source:
        for minutes in (0, 7, 9):
            await source.fetch("", NOW + timedelta(minutes=minutes))
    tokens = [request.headers["Authorization"] for request, _ in world.server.log]
    assert tokens[0] == tokens[1] != tokens[2]


async def test_a_refused_token_is_signed_anew_once(world: World) -> None:
    world.trouble = "refused"
    async with opened("app_store", world.settings()) as source:
        with pytest.raises(SourceRefused, match="401, the token was refused; check key_id"):
            await source.fetch("", NOW)
    assert len(world.server.log) == 2


async def test_a_link_to_another_host_is_not_followed(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(7)))
    world.elsewhere = "https://evil.example"
    async with opened("app_store", world.settings()) as source:
        with pytest.raises(SourceRefused, match="leads to another host"):
            await source.fetch("", NOW)
    assert len(world.server.log) == 1


async def test_a_stale_link_begins_the_walk_anew_and_doubles_nothing(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(60)))
    async with opened("app_store", world.settings()) as source:
        first = await source.fetch("", NOW)
        world.stale = True
        rest = await source.fetch(first.cursor, NOW)
    assert first.retry_after == timedelta(0)
    assert not set(said(first)) & set(said(rest))


async def test_no_more_is_asked_once_the_rolling_hour_is_used_up(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(12)))
    world.remaining = 0
    async with opened("app_store", world.settings()) as source:
        fetched = await source.fetch("", NOW)
        assert fetched.retry_after == timedelta(minutes=10)
        with pytest.raises(SourceUnavailable, match="asks to wait until 09:10:00 UTC"):
            await source.fetch(fetched.cursor, NOW + timedelta(minutes=9))
        world.remaining = 100
        rest = await source.fetch(fetched.cursor, NOW + timedelta(minutes=10))
    assert len(fetched.mentions) == 5
    assert {*said(fetched), *said(rest)} == set(world.texts)


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (400, "PARAMETER_ERROR.INVALID", SourceRefused, "400, App Store Connect does not take .*why"),
        (403, "FORBIDDEN_ERROR", SourceRefused, "403, the key may not read reviews .*Customer Support"),
        (404, "NOT_FOUND", SourceRefused, "404, .*no such app"),
        (500, "UNEXPECTED_ERROR", SourceUnavailable, "500, App Store Connect has trouble"),
        (200, "ODD", SourceUnavailable, "200, App Store Connect has trouble"),
    ],
)
async def test_each_error_is_told_as_what_it_is(
    world: World, status: int, code: str, kind: type[SourceError], words: str
) -> None:
    settings = world.settings()
    world.server.clear()
    world.server.expect_request(f"/v1/apps/{APP}/customerReviews").respond_with_response(error(status, code, "why\nso"))
    async with opened("app_store", settings) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert "\n" not in str(raised.value)


async def test_a_key_that_is_none_is_told_at_the_start(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_0", "no key")
    with pytest.raises(SecretError, match="the private_key is not a private key"):
        async with opened("app_store", world.settings()):
            pass


@pytest.mark.parametrize(
    "wrong", [{"apps": []}, {"apps": ["../v1"]}, {"key_id": "a b"}, {"issuer_id": "x"}, {"territories": ["fr"]}]
)
def test_settings_that_cannot_be_are_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        plugins.settings_model("source", "app_store").model_validate(world.settings() | wrong)
