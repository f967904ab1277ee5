"""The source `x` against a server that speaks X's API and keeps a bill."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import MemoryMeter
from buzzguard.collect.tools import Tools
from buzzguard.collect.x import XSource
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, CountKind, Engagement, Fetched, Mention, MentionKind
from tests.collect.worlds.base import NOW, START, reply
from tests.collect.worlds.x import COUNTS, OWN, PROBLEM, SEARCH, World

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
EVENING = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "id": "1990000000000000101",
    "text": "La Lumio K2 fond littéralement. @LumioFR vous répondez quand ? https://t.co/abc",
    "created_at": "2026-11-22T06:20:10.000Z",
    "lang": "fr",
    "author_id": "777000111",
    "conversation_id": "1990000000000000101",
    "public_metrics": {
        "retweet_count": 41,
        "reply_count": 12,
        "like_count": 203,
        "quote_count": 7,
        "bookmark_count": 3,
        "impression_count": 18450,
    },
    "edit_history_tweet_ids": ["1990000000000000101"],
    "referenced_tweets": [{"type": "quoted", "id": "1989999999999999000"}],
}
USER = {
    "id": "777000111",
    "name": "Clémence",
    "username": "clem_the",
    "verified": False,
    "public_metrics": {"followers_count": 5120, "following_count": 410, "tweet_count": 9021, "listed_count": 12},
}


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    yield client
    await client.close()


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    world = World(httpserver, tmp_path)
    world.settings()
    return world


def opened(world: World, http: HttpClient, *, meter: MemoryMeter | None = None, **more: Any) -> XSource:
    settings = XSource.Settings.model_validate(world.settings() | more)
    tools = Tools(http, meter=meter or MemoryMeter(), backfill=timedelta(days=1))
    return XSource("stream", settings, common=StreamSettings(source="x"), tools=tools)


def answer_with(world: World, *posts: dict[str, Any], **more: Any) -> None:
    world.out[SEARCH] = reply({"data": list(posts), "meta": {"result_count": len(posts)}, **more})


async def test_a_post_is_read_as_documented(world: World, http: HttpClient) -> None:
    answer_with(world, SAMPLE, includes={"users": [USER]})
    fetched = await opened(world, http).fetch("", NOW)
    assert fetched.mentions == (
        Mention(
            id="x:1990000000000000101",
            stream="stream",
            source="x",
            published=datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC),
            fetched=NOW,
            text="La Lumio K2 fond littéralement. @LumioFR vous répondez quand ? https://t.co/abc",
            url="https://x.com/clem_the/status/1990000000000000101",
            site="x.com",
            language="fr",
            kind=MentionKind.POST,
            author=Author(id="777000111", handle="clem_the", name="Clémence", followers=5120),
            engagement=Engagement(likes=203, replies=12, shares=48, views=18450),
            parent="x:1989999999999999000",
        ),
    )


async def test_both_spellings_long_texts_editions_and_replies_are_read(world: World, http: HttpClient) -> None:
    newer = {name: value for name, value in SAMPLE.items() if "tweet" not in name}
    newer |= {
        "id": 1990000000000000300,
        "edit_history_post_ids": ["1990000000000000200", "1990000000000000300"],
        "referenced_posts": [{"type": "quoted", "id": "5"}, {"type": "replied_to", "id": "6"}],
        "note_tweet": {"text": "un très long texte"},
        "lang": "qme",
    }
    answer_with(world, newer, {"id": None}, errors=[{"title": "Not Found Error", "detail": "gone"}])
    fetched = await opened(world, http, authors=False).fetch("", NOW)
    (mention,) = fetched.mentions
    assert (mention.id, mention.kind, mention.parent) == ("x:1990000000000000200", MentionKind.REPLY, "x:6")
    assert (mention.text, mention.language) == ("un très long texte", "")
    assert mention.url == "https://x.com/i/web/status/1990000000000000300"
    assert len(fetched.quarantined) == 1
    assert "X left 1 things out: Not Found Error" in fetched.note


async def test_posts_are_counted_by_the_minute_and_read_only_when_they_move(world: World, http: HttpClient) -> None:
    source = opened(world, http, posts="when_moving")
    first = await source.fetch("", NOW)
    assert sum(one.value for one in first.counts) == 0
    assert {one.kind for one in first.counts} == {CountKind.MENTIONS}
    assert {one.end - one.start for one in first.counts} == {timedelta(minutes=1)}
    assert world.calls[SEARCH] == 0
    world.publish(*(str(number) for number in range(182)))  # the last ones after 09:00
    later = await source.fetch(first.cursor, NOW + timedelta(minutes=10))
    assert sum(one.value for one in later.counts) == 8  # from 08:54: five minutes are counted again
    assert len(later.mentions) == 182
    quiet = await source.fetch(later.cursor, NOW + timedelta(minutes=20))
    assert (quiet.mentions, world.calls[SEARCH]) == ((), 2)
    assert quiet.retry_after == timedelta(minutes=5)


async def test_counts_alone_can_be_wanted(world: World, http: HttpClient) -> None:
    world.publish("a", "b")
    fetched = await opened(world, http, posts="never", granularity="hour").fetch("", NOW)
    assert sum(one.value for one in fetched.counts) == 2
    assert (fetched.mentions, world.calls[SEARCH]) == ((), 0)
    assert max(one.end for one in fetched.counts) <= NOW


async def test_the_same_since_id_is_kept_while_pages_are_followed(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    world.publish("a")
    before = await opened(world, http).fetch("", NOW)
    world.publish(*(f"t{number}" for number in range(150)))
    world.headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(NOW.timestamp()) + 60)}
    cut_short = await opened(world, http).fetch(before.cursor, NOW)
    assert (len(cut_short.mentions), cut_short.retry_after) == (100, timedelta(minutes=5))
    world.headers = {}
    world.publish("later")
    rest = await opened(world, http).fetch(cut_short.cursor, NOW + timedelta(minutes=5))
    final = await opened(world, http).fetch(rest.cursor, NOW + timedelta(minutes=10))
    found = [each.text for fetched in (cut_short, rest, final) for each in fetched.mentions]
    assert sorted(found) == sorted([f"t{number}" for number in range(150)] + ["later"])
    asked = [request.args["since_id"] for request, _ in httpserver.log if "since_id" in request.args]
    assert asked == [str(world.number("a"))] * 2 + [str(world.number("t149"))]


async def test_nothing_is_asked_of_what_x_no_longer_has(world: World, http: HttpClient, httpserver: HTTPServer) -> None:
    world.publish("a")
    before = await opened(world, http).fetch("", NOW)
    fetched = await opened(world, http).fetch(before.cursor, NOW + timedelta(days=8))
    search = [request for request, _ in httpserver.log if request.path == SEARCH][-1]
    assert "since_id" not in search.args
    oldest = datetime.fromisoformat(search.args["start_time"])
    assert timedelta(days=6, hours=23) < NOW + timedelta(days=8) - oldest < timedelta(days=7)
    assert "seven days" in fetched.note


async def polls(
    world: World, http: HttpClient, meter: MemoryMeter, cursor: str, *, start: datetime, hours: int, **more: Any
) -> tuple[list[Fetched], str]:
    """Half-hourly polls, each by a source that was just started."""
    found: list[Fetched] = []
    for half in range(2 * hours):
        source = opened(world, http, meter=meter, **more)
        try:
            fetched = await source.fetch(cursor, start + half * timedelta(minutes=30))
        except SourceUnavailable:
            continue
        found.append(fetched)
        cursor = fetched.cursor
    return found, cursor


async def test_a_day_costs_no_more_than_its_cap_and_counting_goes_on(world: World, http: HttpClient) -> None:
    world.publish(*(f"t{number}" for number in range(400)))
    meter, cheap = MemoryMeter(), {"daily_cap": 1.0, "pause": "30m"}
    day, cursor = await polls(world, http, meter, "", start=START + timedelta(hours=3), hours=15, **cheap)
    assert world.dollars <= 1.0
    assert world.calls[COUNTS] >= 29
    assert day[-1].counts
    assert "the day's budget is used up" in day[-1].note
    first = [each.text for fetched in day for each in fetched.mentions]
    assert first[-1] == "t399"  # the newest were bought first
    seen = set(first)
    for number in range(1, 8):
        world.charged.clear()
        world.calls[COUNTS] = 0
        some, cursor = await polls(world, http, meter, cursor, start=START + timedelta(days=number), hours=4, **cheap)
        assert world.dollars <= 1.0
        texts = [each.text for fetched in some for each in fetched.mentions]
        assert not seen & set(texts)
        seen |= set(texts)
    assert seen == set(world.texts)


async def test_a_cap_without_room_for_a_count_rests_until_midnight(world: World, http: HttpClient) -> None:
    meter = MemoryMeter()
    source = opened(world, http, meter=meter, daily_cap=0.5, posts="never", count_price=0.2)
    first = await source.fetch("", EVENING)
    second = await source.fetch(first.cursor, EVENING + timedelta(minutes=10))
    assert "$0.40 of $0.50 spent today" in second.note
    with pytest.raises(SourceUnavailable, match="the budget is used up") as raised:
        await source.fetch(second.cursor, EVENING + timedelta(minutes=20))
    assert raised.value.retry_after == timedelta(minutes=40)
    assert (await source.fetch(second.cursor, MIDNIGHT + timedelta(minutes=5))).counts


async def test_what_is_lost_on_the_way_stays_written_down_over_a_crash(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    world.publish("a")
    meter = MemoryMeter()
    world.trouble = "cut"
    own = {"mentions_of": "777", "query": "", "authors": False, "daily_cap": 0.15}
    source = opened(world, http, meter=meter, **own)
    for _ in range(3):  # the same page again and again is charged once
        with pytest.raises(SourceUnavailable):
            await source.fetch("", NOW)
    world.trouble = ""
    after_a_crash = opened(world, http, meter=meter, **own)
    assert len((await after_a_crash.fetch("", NOW)).mentions) == 1
    assert int(httpserver.log[-1][0].args["max_results"]) == 50  # what is left of the day
    assert len((await source.fetch("", NOW)).mentions) == 1


async def test_mentions_of_an_own_account_are_read_and_not_counted(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    world.publish(*(f"t{number}" for number in range(120)))
    source = opened(world, http, query="", mentions_of="777", posts="when_moving")
    fetched = await source.fetch("", NOW)
    assert (len(fetched.mentions), fetched.counts) == (120, ())
    assert (world.calls[OWN], world.calls[COUNTS]) == (2, 0)
    assert "pagination_token" in httpserver.log[-1][0].args
    assert "$0.13 of $100.00 spent today" in fetched.note


TOMORROW = NOW.replace(hour=0) + timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "kind", "words", "wait"),
    [
        (reply({"type": PROBLEM + "usage-capped"}, 429), SourceUnavailable, "429, the cap of posts", TOMORROW - NOW),
        (reply({"type": PROBLEM + "x"}, 429), SourceUnavailable, "429, too many requests", timedelta(minutes=15)),
        (reply({"type": PROBLEM + "client-forbidden"}, 403), SourceRefused, "403, the app has no credits", None),
        (reply({"title": "CreditsDepleted"}, 402), SourceRefused, "402, the app has no credits", None),
        (
            reply({"errors": [{"message": "Reference to invalid operator 'x'.\n"}], "title": "Invalid Request"}, 400),
            SourceRefused,
            "400, X does not take what it is asked: Reference to invalid operator 'x'.$",
            None,
        ),
        (reply({"errors": [{"detail": "Sorry"}]}), SourceUnavailable, "200, but X answered with errors alone", None),
        (Response("<html>oops", 403, content_type="text/html"), SourceRefused, "403, X refuses", None),
    ],
)
async def test_what_x_says_of_its_trouble_is_told(
    world: World, http: HttpClient, answer: Response, kind: type[SourceError], words: str, wait: timedelta | None
) -> None:
    world.out[COUNTS] = answer
    with pytest.raises(kind, match=words) as raised:
        await opened(world, http).fetch("", NOW)
    assert "\n" not in str(raised.value)
    assert getattr(raised.value, "retry_after", None) == wait


async def test_posts_that_are_limited_do_not_cost_the_counts(world: World, http: HttpClient) -> None:
    world.publish("a")
    world.out[SEARCH] = reply({"type": PROBLEM + "usage-capped"}, 429)
    fetched = await opened(world, http).fetch("", NOW)
    assert sum(one.value for one in fetched.counts) == 1
    assert "cap of posts" in fetched.note
    world.out.clear()
    assert len((await opened(world, http).fetch(fetched.cursor, NOW + timedelta(minutes=5))).mentions) == 1


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"query": "x" * 513}, "513 characters, X takes 512; split it"),
        ({"query": "lumio min_faves:5"}, "write min_likes:"),
        ({"query": "lang:fr -is:retweet"}, "only narrows down"),
        ({"query": '"lumio'}, "does not close"),
        ({"mentions_of": "777"}, "either query or mentions_of"),
        ({"mentions_of": "LumioFR", "query": ""}, "mentions_of"),
        ({"daily_cap": 0.1}, "at least 0.1"),
    ],
)
def test_wrong_settings_are_told_with_what_to_write(world: World, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        XSource.Settings.model_validate(world.settings() | more)


async def test_the_words_of_the_topics_are_asked_as_far_as_they_find_room(
    world: World, http: HttpClient, httpserver: HTTPServer
) -> None:
    settings = XSource.Settings.model_validate(world.settings() | {"query": ""})
    words = ("Lumio", *(f"mot{number:03} " + "x" * 90 for number in range(6)))
    common = StreamSettings(source="x", language="fr")
    source = XSource("stream", settings, common=common, tools=Tools(http, words=words))
    fetched = await source.fetch("", NOW)
    asked = httpserver.log[-1][0].args["query"]
    assert asked.startswith('("Lumio" OR "mot000')
    assert asked.endswith(") lang:fr")
    assert len(asked) <= 512
    assert "2 words of the topics found no room" in fetched.note
