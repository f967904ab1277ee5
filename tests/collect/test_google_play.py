"""The source `google_play` against a server that speaks the protocol of Google Play."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard import plugins
from buzzguard.collect.meter import MemoryMeter
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.google_play import PACKAGE, World

PATH = f"/androidpublisher/v3/applications/{PACKAGE}/reviews"
USER: dict[str, Any] = {
    "text": "Appli HS\tImpossible d'éteindre la bouilloire",
    "lastModified": {"seconds": "1795328410", "nanos": 250_000_000},
    "starRating": 1,
    "reviewerLanguage": "fr",
    "device": "a54x",
    "androidOsVersion": 34,
    "appVersionName": "4.2.0",
    "thumbsUpCount": 12,
    "thumbsDownCount": 0,
}
ANSWER = {"developerComment": {"text": "Bonjour, un correctif arrive.", "lastModified": {"seconds": "1795330000"}}}


def review(number: str = "gp:AOqpTOExample", **comment: Any) -> dict[str, Any]:
    return {"reviewId": number, "authorName": "Mathilde R.", "comments": [{"userComment": USER | comment}, ANSWER]}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path) -> World:
    return World(httpserver, tmp_path)


def serve(world: World, *reviews: Any, pages: dict[str, Any] | None = None) -> dict[str, Any]:
    """Settings that lead to these reviews, or to these answers by the name of the page."""
    answers = {"": {"reviews": list(reviews)}} if pages is None else pages

    def answer(request: Request) -> Response:
        return reply(answers[request.args.get("token", "")])

    world.server.expect_request(f"/fixed{PATH}").respond_with_handler(answer)
    return world.settings() | {"address": world.server.url_for("/fixed")}


async def test_a_review_becomes_a_mention_of_the_topics_of_its_stream(world: World) -> None:
    async with opened("google_play", serve(world, review()), topics=("acme",)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.id == "google_play:gp:AOqpTOExample"
    assert (mention.title, mention.text) == ("Appli HS", "Impossible d'éteindre la bouilloire")
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, 250_000, tzinfo=UTC)
    assert (mention.kind, mention.rating, mention.language) == (MentionKind.REVIEW, 1.0, "fr")
    assert mention.author == Author(id="gp:AOqpTOExample", name="Mathilde R.")
    assert mention.engagement == Engagement(likes=12)
    assert mention.url == "https://play.google.com/store/apps/details?id=com.example.lumio&reviewId=gp%3AAOqpTOExample"
    assert (mention.site, mention.topics) == ("google.com", ("acme",))


@pytest.mark.parametrize(
    ("written", "title", "text"),
    [("\tSeul", "", "Seul"), ("Seul", "", "Seul"), ("Titre\t", "Titre", ""), ("A\tB\tC", "A", "B\tC")],
)
async def test_title_and_text_are_parted_at_the_first_tab(world: World, written: str, title: str, text: str) -> None:
    async with opened("google_play", serve(world, review(text=written))) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert (mention.title, mention.text) == (title, text)


async def test_a_review_without_a_customers_comment_is_set_aside(world: World) -> None:
    odd = [{"reviewId": "x", "comments": [ANSWER]}, {"reviewId": "y", "comments": None}, None, review(text="\t ")]
    async with opened("google_play", serve(world, *odd, review())) as source:
        fetched = await source.fetch("", NOW)
    assert len(fetched.mentions) == 1
    assert len(fetched.quarantined) == 4


async def test_an_edited_review_is_no_second_voice_and_its_thumbs_are_read_again(world: World) -> None:
    later = {"seconds": str(int(USER["lastModified"]["seconds"]) + 11_000), "nanos": 0}
    pages = {"": {"reviews": [review()]}}
    async with opened("google_play", serve(world, pages=pages)) as source:
        first = await source.fetch("", NOW)
        pages[""] = {"reviews": [review(text="Pire encore", thumbsUpCount=90, lastModified=later)]}
        again = await source.fetch(first.cursor, NOW + timedelta(hours=6))
    assert again.mentions == ()
    assert [(one.id, one.engagement.likes) for one in again.rereads] == [("google_play:gp:AOqpTOExample", 90)]


async def test_one_old_review_among_new_ones_ends_no_walk(world: World) -> None:
    old = review("gp:old", lastModified={"seconds": 1_700_000_000})
    pages = {
        "": {"reviews": [old, review("gp:1")], "tokenPagination": {"nextPageToken": "more"}},
        "more": {"reviews": [review("gp:2")]},
    }
    async with opened("google_play", serve(world, pages=pages)) as source:
        fetched = await source.fetch("", NOW)
    assert [mention.id for mention in fetched.mentions] == ["google_play:gp:1", "google_play:gp:2"]


async def test_a_page_that_is_known_no_more_begins_the_walk_anew(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(60)))
    async with opened("google_play", world.settings()) as source:
        first = await source.fetch("", NOW)
        world.stale = True
        rest = await source.fetch(first.cursor, NOW)
    assert first.retry_after == timedelta(0)
    assert not set(said(first)) & set(said(rest))


async def test_the_requests_of_an_hour_are_counted_before_they_are_made(world: World) -> None:
    meter = MemoryMeter()
    world.publish("a")
    settings = world.settings() | {"requests_per_hour": 1}
    async with opened("google_play", settings, meter=meter) as source:
        first = await source.fetch("", NOW + timedelta(minutes=20))
        assert first.retry_after == timedelta(hours=1)
        with pytest.raises(SourceUnavailable, match="1 of 1 requests") as raised:
            await source.fetch(first.cursor, NOW + timedelta(minutes=30))
    assert raised.value.retry_after == timedelta(minutes=30)


async def test_an_account_without_the_permission_is_told_what_to_check(world: World) -> None:
    world.publish("a")
    world.trouble = "refused"
    async with opened("google_play", world.settings()) as source:
        with pytest.raises(SourceRefused, match=r"401, the token was refused; .*reply to reviews"):
            await source.fetch("", NOW)


@pytest.mark.parametrize("package", ["lumio", "com/../x.y", "com.example?x=1", ".com.example", ""])
def test_what_is_no_package_is_refused(world: World, package: str) -> None:
    with pytest.raises(ValidationError):
        plugins.settings_model("source", "google_play").model_validate(world.settings() | {"packages": [package]})
