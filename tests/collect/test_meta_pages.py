"""The source `meta_pages` against a server that speaks Meta's Graph."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.collect.meta_pages import MetaPagesSource
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Engagement, Mention, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW
from tests.collect.worlds.meta_pages import PAGE, World, error

ACCOUNT = "17841405309211844"
MEDIA = {
    "id": "17880997618081620",
    "caption": "Ma #lumio a fondu",
    "media_type": "IMAGE",
    "permalink": "https://www.instagram.com/p/XyZ/",
    "timestamp": "2026-11-22T06:20:10+0000",
    "like_count": 41,
    "comments_count": 7,
}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    return World(httpserver, tmp_path)


async def test_a_hashtag_is_looked_up_once_and_its_media_read_as_documented(world: World) -> None:
    settings = world.settings() | {"page": "", "account": ACCOUNT, "hashtags": ["#Lumio", "unheard"]}
    picture = {"id": "1", "timestamp": "2026-11-22T06:00:00+0000", "media_type": "IMAGE"}
    world.lists = {
        f"{ACCOUNT}/tags": [],
        "ig_hashtag_search": [{"id": "17843819167049166"}],
        "17843819167049166/recent_media": [MEDIA, picture],
    }
    async with opened("meta_pages", settings | {"hashtags": ["#Lumio"]}) as source:
        fetched = await source.fetch("", NOW)
        await source.fetch(fetched.cursor, NOW)
    assert fetched.mentions == (
        Mention(
            id="meta:17880997618081620",
            stream="stream",
            source="meta",
            published=datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC),
            fetched=NOW,
            text="Ma #lumio a fondu",
            url="https://www.instagram.com/p/XyZ/",
            site="instagram.com",
            engagement=Engagement(likes=41, replies=7),
        ),
    )
    looked_up = [request for request, _ in world.server.log if request.path.endswith("ig_hashtag_search")]
    assert [(one.args["q"], one.args["user_id"]) for one in looked_up] == [("lumio", ACCOUNT)]
    world.lists["ig_hashtag_search"] = []
    async with opened("meta_pages", settings) as source:
        assert "Instagram knows no hashtag #unheard" in (await source.fetch("", NOW)).note


def entry(number: str, text: str, who: str = "", at: str = "2026-11-22T06:00:00+0000") -> dict[str, Any]:
    said = {"id": number, "message": text, "created_time": at}
    return said | ({"from": {"id": who, "name": "Zoé"}} if who else {})


async def test_the_comments_under_the_pages_own_young_posts_are_read(world: World) -> None:
    settings = world.settings()
    world.lists[f"{PAGE}/feed"] = [
        entry("p1", "Notre nouvelle K2 !", who=PAGE),
        entry("p2", "Votre SAV ne répond pas", who="55"),
        entry("p0", "Bonne année", who=PAGE, at="2026-01-01T00:00:00+0000"),
    ]
    answer = entry("c2", "Oui, la mienne aussi") | {"parent": {"id": "c1"}, "like_count": 3}
    world.lists["p1/comments"] = [answer, entry("c1", "Elle fond !", who="77"), entry("c0", "Désolés", who=PAGE)]
    world.lists["p2/comments"] = []
    async with opened("meta_pages", settings) as source:
        first = await source.fetch("", NOW)
        assert said(first) == ["Votre SAV ne répond pas"]
        second = await source.fetch(first.cursor, NOW + timedelta(minutes=2))
        comments = {each.id: each for each in second.mentions}
        assert set(comments) == {"meta:c1", "meta:c2"}
        assert (comments["meta:c1"].parent, comments["meta:c2"].parent) == ("meta:p1", "meta:c1")
        assert (comments["meta:c1"].author.id, comments["meta:c2"].author.id) == ("77", "")
        assert comments["meta:c2"].kind is MentionKind.COMMENT
        assert said(await source.fetch(second.cursor, NOW + timedelta(minutes=4))) == []
    assert not any(request.path.endswith("p0/comments") for request, _ in world.server.log)


@pytest.mark.parametrize(
    ("answer", "kind", "words", "wait"),
    [
        (error(4, "(#4) limit"), SourceUnavailable, "400, too many requests to Graph", timedelta(minutes=15)),
        (error(613, "(#613) calls"), SourceUnavailable, "too many requests to Graph", timedelta(minutes=15)),
        (error(190, "expired"), SourceRefused, r"400 \(code 190\), the token was refused; make a new", None),
        (error(10, "(#10) needs\npages_read"), SourceRefused, r"lacks a permission \(code 10\): .*pages_read", None),
        (error(2, "retry", 200), SourceUnavailable, r"200, Graph has trouble \(code 2\)", None),
        (error(100, "(#100) Tried", 400), SourceRefused, r"400, Graph refuses \(code 100\)", None),
    ],
)
async def test_what_graph_says_of_its_trouble_is_told(
    world: World, answer: Response, kind: type[SourceError], words: str, wait: timedelta | None
) -> None:
    settings = world.settings()
    world.out = answer
    async with opened("meta_pages", settings) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("more", [{"page": ""}, {"hashtags": ["lumio"]}, {"page": "acme"}, {"hashtags": ["a b"]}])
def test_wrong_settings_are_refused(world: World, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MetaPagesSource.Settings.model_validate(world.settings() | more)
