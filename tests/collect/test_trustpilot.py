"""The source `trustpilot` against a server that speaks its protocol."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.trustpilot import UNIT, World

REVIEW: dict[str, Any] = {
    "id": "6aa89d332cc378fe839d6000",
    "stars": 1,
    "title": "Poignée fondue",
    "text": "Le SAV raccroche.",
    "language": "fr",
    "createdAt": "2026-11-22T06:20:10Z",
    "updatedAt": None,
    "isVerified": True,
    "numberOfLikes": 3,
    "consumer": {"id": "55cc4f3b0000fe0002c4f125", "displayName": "Mathilde", "numberOfReviews": 2},
    "businessUnit": {"id": UNIT, "identifyingName": "lumio.example", "displayName": "Lumio"},
    "companyReply": None,
}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for number, secret in enumerate(World.secrets):
        monkeypatch.setenv(f"SECRET_{number}", secret)
    return World(httpserver, tmp_path)


def serve(world: World, answer: Response) -> dict[str, Any]:
    world.public = True
    world.server.expect_request(f"/fixed/business-units/{UNIT}/reviews").respond_with_response(answer)
    return world.settings() | {"address": world.server.url_for("/fixed")}


async def test_a_review_becomes_a_mention(world: World) -> None:
    async with opened("trustpilot", serve(world, reply({"links": [], "reviews": [REVIEW]}))) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.id == "trustpilot:6aa89d332cc378fe839d6000"
    assert (mention.title, mention.text, mention.rating) == ("Poignée fondue", "Le SAV raccroche.", 1.0)
    assert (mention.kind, mention.language) == (MentionKind.REVIEW, "fr")
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert mention.author == Author(id="55cc4f3b0000fe0002c4f125", name="Mathilde")
    assert mention.engagement == Engagement(likes=3)
    assert mention.url == "https://www.trustpilot.com/reviews/6aa89d332cc378fe839d6000"


async def test_the_key_alone_reads_the_public_interface_page_by_page(world: World) -> None:
    world.public = True
    world.publish(*(f"t{number}" for number in range(12)))
    async with opened("trustpilot", world.settings() | {"stars": [1, 2]}) as source:
        fetched = await source.fetch("", NOW)
    assert said(fetched) == world.texts
    asked = [request for request, _ in world.server.log]
    assert [request.args.get("page") for request in asked] == [None, "2", "3"]
    assert all(request.args["stars"] == "1,2" and "startDateTime" not in request.args for request in asked)
    assert all(World.secrets[0] not in request.url for request in asked)


async def test_with_the_secret_it_is_read_by_time_with_one_token(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(12)))
    async with opened("trustpilot", world.settings()) as source:
        fetched = await source.fetch("", NOW)
        await source.fetch(fetched.cursor, NOW + timedelta(hours=90))
    assert said(fetched) == world.texts
    asked = [request for request, _ in world.server.log if "private" in request.path]
    assert asked[0].args["startDateTime"] == "2026-11-21T09:00:00Z"
    assert asked[1].args["endDateTime"] == "2026-11-22T06:07:01Z"
    assert world.tokens == 1


async def test_a_token_that_has_ended_is_renewed(world: World) -> None:
    world.publish("a")
    async with opened("trustpilot", world.settings()) as source:
        first = await source.fetch("", NOW)
        world.tokens += 1
        world.publish("b")
        assert said(await source.fetch(first.cursor, NOW)) == ["b"]


@pytest.mark.parametrize(
    ("answer", "kind", "wait", "words"),
    [
        (reply({"message": "no"}, 401), SourceRefused, None, "401, the token was refused; .*API module"),
        (Response("no", 403), SourceRefused, None, "403, Trustpilot does not let this key"),
        (reply({"message": "no"}, 404), SourceRefused, None, "404, .*no such business unit"),
        (Response("slow", 429), SourceUnavailable, timedelta(minutes=5), "429"),
        (reply({"reviews": {"a": 1}}), SourceUnavailable, None, "another shape"),
        (reply([]), SourceUnavailable, None, "another shape"),
    ],
)
async def test_each_error_is_told_as_what_it_is(
    world: World, answer: Response, kind: type[SourceError], wait: timedelta | None, words: str
) -> None:
    async with opened("trustpilot", serve(world, answer)) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait


async def test_likes_are_read_again_while_a_review_is_young(world: World) -> None:
    settings = serve(world, reply({"reviews": [REVIEW]}))
    async with opened("trustpilot", settings) as source:
        first = await source.fetch("", NOW)
        world.server.clear()
        settings = serve(world, reply({"reviews": [REVIEW | {"numberOfLikes": 41}]}))
        again = await source.fetch(first.cursor, NOW + timedelta(hours=2))
    assert [one.engagement.likes for one in again.rereads] == [41]
