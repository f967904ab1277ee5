"""The source `youtube_comments` against a server that speaks YouTube's Data API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.collect.meter import MemoryMeter
from buzzguard.collect.youtube_api import pacific_day
from buzzguard.collect.youtube_channel import YoutubeChannelSource
from buzzguard.collect.youtube_comments import YoutubeCommentsSource
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Mention, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.youtube_comments import VIDEO, World, error

MIDNIGHT = datetime(2026, 11, 23, 8, tzinfo=UTC)
THREAD: dict[str, Any] = {
    "kind": "youtube#commentThread",
    "id": "UgxExampleThread",
    "snippet": {
        "videoId": VIDEO,
        "totalReplyCount": 3,
        "topLevelComment": {
            "id": "UgxExampleThread",
            "snippet": {
                "videoId": VIDEO,
                "textDisplay": "Pareil, la mienne a fondu",
                "textOriginal": "Pareil, la mienne a fondu",
                "authorDisplayName": "@mathilde_75",
                "authorChannelId": {"value": "UC1111111111111111111111"},
                "likeCount": 41,
                "publishedAt": "2026-11-22T06:20:10Z",
                "updatedAt": "2026-11-22T06:20:10Z",
            },
        },
    },
    "replies": {
        "comments": [
            {
                "id": "UgxExampleThread.1",
                "snippet": {"videoId": VIDEO, "textDisplay": "Idem", "publishedAt": "2026-11-22T06:25:00Z"},
            }
        ]
    },
}


def video(number: str, published: str = "2026-11-22T05:00:07Z") -> dict[str, Any]:
    title = "J&#39;ai testé la Lumio K2, n&#39;achetez pas"
    snippet = {"publishedAt": published, "channelId": "UC0", "title": title, "channelTitle": "Testeuse"}
    return {"id": {"kind": "youtube#video", "videoId": number}, "snippet": snippet}


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    return World(httpserver, tmp_path)


async def test_comments_and_their_answers_are_read_as_documented(world: World) -> None:
    settings = world.settings()
    world.out = reply({"items": [THREAD]})
    async with opened("youtube_comments", settings) as source:
        comment, answer = (await source.fetch("", NOW)).mentions
    assert comment == Mention(
        id="youtube:UgxExampleThread",
        stream="stream",
        source="youtube",
        published=datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC),
        fetched=NOW,
        text="Pareil, la mienne a fondu",
        url=f"https://www.youtube.com/watch?v={VIDEO}&lc=UgxExampleThread",
        site="youtube.com",
        kind=MentionKind.COMMENT,
        author=Author(id="UC1111111111111111111111", handle="mathilde_75", name="@mathilde_75"),
        engagement=Engagement(likes=41, replies=3),
        parent=f"youtube:{VIDEO}",
    )
    assert (answer.id, answer.parent) == ("youtube:UgxExampleThread.1", "youtube:UgxExampleThread")


async def test_videos_that_are_found_are_told_once_and_followed_while_young(world: World) -> None:
    settings = world.settings() | {"videos": [], "most_videos": 2}
    world.publish("a")
    world.videos = [
        video("v-newest___"),
        video("v-second___", "2026-11-22T04:00:00Z"),
        video("v-old______", "2026-11-01"),
    ]
    async with opened("youtube_comments", settings, words=("Lumio",)) as source:
        first = await source.fetch("", NOW)
        assert said(first).count("a") == 1
        titles = [each.title for each in first.mentions if each.kind is MentionKind.POST]
        assert titles == ["J'ai testé la Lumio K2, n'achetez pas"] * 3
        assert (world.searches, world.calls) == (1, 2)
        second = await source.fetch(first.cursor, NOW + timedelta(minutes=10))
        assert (second.mentions, world.searches, world.calls) == ((), 1, 4)
        world.videos = []
        third = await source.fetch(second.cursor, NOW + timedelta(minutes=15))
        assert (third.mentions, world.searches) == ((), 2)
        await source.fetch(third.cursor, NOW + timedelta(days=4))
    assert world.calls == 6  # the videos have grown old


async def test_a_video_without_comments_costs_no_other(world: World) -> None:
    settings = world.settings() | {"videos": ["a" * 11, "b" * 11, VIDEO]}
    world.publish("a")
    world.closed = {"a" * 11: error(403, "commentsDisabled", "no"), "b" * 11: error(404, "videoNotFound", "no")}
    async with opened("youtube_comments", settings) as source:
        fetched = await source.fetch("", NOW)
    assert said(fetched) == ["a"]
    assert "aaaaaaaaaaa: 403, comments are disabled" in fetched.note
    assert "bbbbbbbbbbb: 404, it is gone" in fetched.note


QUOTA = 'exceeded your <a href="/youtube/v3/getting-started#quota">quota</a>'
PER_DAY = "Quota exceeded for quota metric 'Search Queries' and limit 'Search Queries per day' of service"


@pytest.mark.parametrize(
    ("answer", "kind", "words", "wait"),
    [
        (error(403, "quotaExceeded", QUOTA), SourceUnavailable, "403, the day's quota is used up", MIDNIGHT - NOW),
        (error(429, "rateLimitExceeded", PER_DAY), SourceUnavailable, "429, the day's quota", MIDNIGHT - NOW),
        (error(429, "rateLimitExceeded", "slow down"), SourceUnavailable, "429, too many requests", None),
        (error(400, "keyInvalid", "Bad Request"), SourceRefused, "400, the token was refused; check the key", None),
        (error(403, "accessNotConfigured", "no"), SourceRefused, r"403, YouTube refuses \(accessNotConfigured\)", None),
    ],
)
async def test_what_youtube_says_of_its_trouble_is_told(
    world: World, answer: Response, kind: type[SourceError], words: str, wait: timedelta | None
) -> None:
    settings = world.settings()
    world.out = answer
    async with opened("youtube_comments", settings) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
    assert getattr(raised.value, "retry_after", None) == wait
    assert "<" not in str(raised.value)


async def test_a_page_that_is_forgotten_is_begun_anew(world: World) -> None:
    settings = world.settings()
    texts = [f"t{number}" for number in range(1_050)]
    world.publish(*texts)
    async with opened("youtube_comments", settings) as source:
        first = await source.fetch("", NOW)
        assert (len(first.mentions), first.retry_after) == (1_000, timedelta(0))
        world.server.expect_oneshot_request("/commentThreads").respond_with_response(
            error(400, "processingFailure", "the page token is invalid")
        )
        again = await source.fetch(first.cursor, NOW)
        rest = await source.fetch(again.cursor, NOW)
    assert sorted([*said(first), *said(again), *said(rest)]) == sorted(texts)


async def test_both_budgets_end_at_midnight_in_california(world: World) -> None:
    settings = world.settings() | {"query": "lumio", "daily_searches": 1, "daily_calls": 100}
    meter = MemoryMeter()
    world.publish("a")
    async with opened("youtube_comments", settings, meter=meter) as source:
        cursor = (await source.fetch("", NOW)).cursor
        fetched = await source.fetch(cursor, NOW + timedelta(minutes=20))
        assert "search: youtube searches: the budget is used up" in fetched.note
        assert fetched.retry_after == timedelta(minutes=16)  # a hundredth of a day's calls and more
        for _ in range(98):
            cursor = (await source.fetch(cursor, NOW)).cursor
        with pytest.raises(SourceUnavailable, match="youtube units: the budget is used up") as raised:
            await source.fetch(cursor, NOW)
        assert raised.value.retry_after == MIDNIGHT - NOW
        assert (await source.fetch(cursor, MIDNIGHT)).note == ""
    assert world.searches == 2


def test_the_day_of_california_is_as_long_as_its_clocks_say() -> None:
    autumn = datetime(2026, 11, 1, 20, tzinfo=UTC)
    assert pacific_day(autumn) == (datetime(2026, 11, 1, 7, tzinfo=UTC), datetime(2026, 11, 2, 8, tzinfo=UTC))
    assert pacific_day(MIDNIGHT)[0] == MIDNIGHT


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"channels": ["@lumio"]}, "a handle is not enough"),
        ({"videos": ["https://youtu.be/x"]}, "the 11 characters after"),
        ({"search_every": "5m"}, "search_every"),
    ],
)
def test_wrong_settings_are_told_with_what_to_write(world: World, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        YoutubeCommentsSource.Settings.model_validate(world.settings() | more)


def test_a_channel_is_named_by_its_number_or_address() -> None:
    number = "UC0000000000000000000000"
    for written in (number, f"https://www.youtube.com/channel/{number}/"):
        settings = YoutubeChannelSource.Settings(channel=written)
        assert settings.url == f"https://www.youtube.com/feeds/videos.xml?channel_id={number}"
    listed = YoutubeChannelSource.Settings(playlist="PL0123456789")
    assert listed.url.endswith("?playlist_id=PL0123456789")
    for wrong in ({}, {"channel": "@lumio"}, {"channel": number, "playlist": "PL0123456789"}):
        with pytest.raises(ValidationError):
            YoutubeChannelSource.Settings.model_validate(wrong)
