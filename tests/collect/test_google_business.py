"""The source `google_business` against a server that speaks the protocol of Business Profile."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.collect.google_business import original
from buzzguard.errors import SourceRefused
from buzzguard.model import Author, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.google_business import PLACE, World

REVIEW: dict[str, Any] = {
    "name": f"{PLACE}/reviews/AbCd",
    "reviewId": "AbCd",
    "reviewer": {"displayName": "Mathilde R.", "profilePhotoUrl": "https://lh3.example/p.jpg", "isAnonymous": False},
    "starRating": "ONE",
    "comment": "Accueil glacial au SAV.",
    "createTime": "2026-11-20T06:20:10.123456Z",
    "updateTime": "2026-11-22T06:20:10.123456789Z",
    "reviewReply": {"comment": "Bonjour Mathilde…", "updateTime": "2026-11-22T08:00:00Z"},
}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    for number, secret in enumerate(World.secrets):
        monkeypatch.setenv(f"SECRET_{number}", secret)
    return World(httpserver, tmp_path)


def serve(world: World, *reviews: Any) -> dict[str, Any]:
    body = {"reviews": reviews, "averageRating": 4.1, "totalReviewCount": 777}
    world.server.expect_request(f"/fixed/v4/{PLACE}/reviews").respond_with_response(reply(body))
    return world.settings() | {"address": world.server.url_for("/fixed")}


async def test_a_review_becomes_a_mention_at_the_time_of_its_last_change(world: World) -> None:
    async with opened("google_business", serve(world, REVIEW), topics=("acme",)) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.id == "google_business:222:AbCd"
    assert mention.published.replace(microsecond=0) == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert (mention.kind, mention.rating, mention.text) == (MentionKind.REVIEW, 1.0, "Accueil glacial au SAV.")
    assert mention.author == Author(id="AbCd", name="Mathilde R.")
    assert mention.url == "https://business.google.com/reviews#AbCd"
    assert mention.topics == ("acme",)


async def test_who_is_anonymous_is_somebody_without_a_name(world: World) -> None:
    hidden = REVIEW | {"reviewer": {"isAnonymous": True, "displayName": "A Google user"}}
    unnamed = REVIEW | {"reviewId": "EfGh", "reviewer": None}
    async with opened("google_business", serve(world, hidden, unnamed)) as source:
        fetched = await source.fetch("", NOW)
    assert [one.author for one in fetched.mentions] == [Author(id="AbCd"), Author(id="EfGh")]


@pytest.mark.parametrize(("topics", "count"), [((), 0), (("acme",), 1)])
async def test_stars_without_a_comment_count_where_topics_are_named(
    world: World, topics: tuple[str, ...], count: int
) -> None:
    stars = {name: value for name, value in REVIEW.items() if name != "comment"}
    async with opened("google_business", serve(world, stars), topics=topics) as source:
        fetched = await source.fetch("", NOW)
    assert [mention.rating for mention in fetched.mentions] == [1.0] * count
    assert fetched.quarantined == ()


@pytest.mark.parametrize("stars", ["STAR_RATING_UNSPECIFIED", "SIX", None, 3])
async def test_stars_that_are_no_word_of_theirs_are_none(world: World, stars: object) -> None:
    async with opened("google_business", serve(world, REVIEW | {"starRating": stars})) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.rating is None


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("Accueil glacial", "Accueil glacial"),
        ("(Translated by Google) Cold reception\n\n(Original)\nAccueil glacial", "Accueil glacial"),
        ("Accueil glacial\n\n(Translated by Google)\nCold reception", "Accueil glacial"),
        ("(Translated by Google) Cold", "(Translated by Google) Cold"),
        ("", ""),
    ],
)
def test_the_original_of_a_translated_comment_is_kept(comment: str, text: str) -> None:
    assert original(comment) == text


async def test_a_page_that_is_known_no_more_begins_the_walk_anew(world: World) -> None:
    world.publish(*(f"t{number}" for number in range(60)))
    async with opened("google_business", world.settings()) as source:
        first = await source.fetch("", NOW)
        world.stale = True
        rest = await source.fetch(first.cursor, NOW)
    assert first.retry_after == timedelta(0)
    assert not set(said(first)) & set(said(rest))


async def test_a_consent_that_was_taken_back_is_told(world: World) -> None:
    world.tokens.error = "invalid_grant"
    async with opened("google_business", world.settings()) as source:
        with pytest.raises(SourceRefused, match="400 invalid_grant, the token was refused; the consent has ended"):
            await source.fetch("", NOW)


@pytest.mark.parametrize("place", ["locations/222", "accounts/1/locations/2/reviews", "accounts/../locations/2", ""])
def test_what_is_no_place_is_refused(world: World, place: str) -> None:
    with pytest.raises(ValidationError):
        plugins.settings_model("source", "google_business").model_validate(world.settings() | {"locations": [place]})
