"""The source `gdelt` against a server that speaks its protocol."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import CountKind, Fetched, MentionKind
from buzzguard.ports import Source
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, reply
from tests.collect.worlds.gdelt import World, sentence

ARTICLE: dict[str, Any] = {
    "url": "https://conso-matin.example/2026/11/lumio-surchauffe",
    "title": "Bouilloires Lumio : des clients signalent une surchauffe",
    "seendate": "20261122T063000Z",
    "domain": "conso-matin.example",
    "language": "French",
    "sourcecountry": "France",
}


def serve(server: HTTPServer, answer: Response, **settings: Any) -> dict[str, Any]:
    server.expect_request("/doc").respond_with_response(answer)
    return {"address": server.url_for("/doc"), "queries": ["lumio"], "pause": timedelta(0), **settings}


async def test_an_article_becomes_a_mention(httpserver: HTTPServer) -> None:
    async with opened("gdelt", serve(httpserver, reply({"articles": [ARTICLE]}))) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert (mention.title, mention.text, mention.kind) == (ARTICLE["title"], "", MentionKind.ARTICLE)
    assert (mention.site, mention.language) == ("conso-matin.example", "fr")
    assert mention.published == datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
    assert len(mention.id) < 50


async def test_words_are_asked_together_in_groups_that_are_short(httpserver: HTTPServer) -> None:
    words = ("lumio", *(f"lumio number {number:02}" for number in range(12)))
    settings = serve(httpserver, reply({}), queries=[], filters="sourcelang:french")
    async with opened("gdelt", settings, words=words) as source:
        await source.fetch("", NOW)
    asked = [request.args["query"] for request, _ in httpserver.log]
    assert len(asked) == 2
    assert all(query.startswith('("') and query.endswith('") sourcelang:french') for query in asked)
    assert all(sum(f'"{word}"' in query for query in asked) == 1 for word in words)


async def test_one_word_stands_without_parentheses(httpserver: HTTPServer) -> None:
    async with opened("gdelt", serve(httpserver, reply({}))) as source:
        await source.fetch("", NOW)
    (request, _) = httpserver.log[0]
    assert request.args["query"] == '"lumio"'
    assert (request.args["mode"], request.args["format"], request.args["maxrecords"]) == ("artlist", "json", "250")


async def test_control_characters_and_odd_escapes_do_not_break_the_document(httpserver: HTTPServer) -> None:
    body = b'{"articles": [{"url": "https://a.example/1", "title": "L\\\'affaire \x01\n Lumio \\\\ \\"x\\"", '
    body += b'"seendate": "20261122T063000Z"}]}'
    async with opened("gdelt", serve(httpserver, Response(body, content_type="application/json"))) as source:
        (mention,) = (await source.fetch("", NOW)).mentions
    assert mention.title == 'L\\\'affaire    Lumio \\ "x"'


async def test_a_title_without_the_word_counts_only_where_it_is_asked_for(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, reply({"articles": [ARTICLE]}))
    async with opened("gdelt", settings, wanted=lambda _: False) as source:
        assert (await source.fetch("", NOW)).mentions == ()
    settings["whole_text"] = True
    async with opened("gdelt", settings, wanted=lambda _: False, topics=("acme",)) as source:
        assert [one.topics for one in (await source.fetch("", NOW)).mentions] == [("acme",)]
    async with opened("gdelt", settings) as source:
        with pytest.raises(SourceRefused, match="exactly one topic"):
            await source.fetch("", NOW)


async def test_a_quarter_hour_with_too_many_is_told_and_passed(httpserver: HTTPServer, tmp_path: Path) -> None:
    class Crowd(World):
        def at(self, text: str) -> datetime:
            return NOW - (timedelta(hours=2) if text == "before" else timedelta(hours=1))

    world = Crowd(httpserver, tmp_path)
    world.publish("before", *(f"t{number}" for number in range(World.page + 5)))
    async with opened("gdelt", world.settings()) as source:
        fetched = await source.fetch("", NOW)
    assert "before" in said(fetched)
    assert len(fetched.mentions) == World.page + 1
    assert "lists no more than 20 of a quarter hour" in fetched.note


@pytest.mark.parametrize(
    "told", ["Your query was too short or too long.", "Invalid query start date.", "Your search must hold a word."]
)
async def test_a_search_that_is_not_taken_is_told_though_the_status_is_good(httpserver: HTTPServer, told: str) -> None:
    async with opened("gdelt", serve(httpserver, sentence(told))) as source:
        with pytest.raises(SourceRefused, match=f"GDELT does not take the search: {told}"):
            await source.fetch("", NOW)


async def test_a_refusal_holds_for_every_stream(httpserver: HTTPServer) -> None:
    answer = Response("Please limit requests to one every 5 seconds or contact …", 429, content_type="text/html")
    async with opened("gdelt", serve(httpserver, answer)) as source:
        for seconds, left in ((0, 300), (100, 200)):
            with pytest.raises(SourceUnavailable) as raised:
                await source.fetch("", NOW + timedelta(seconds=seconds))
            assert raised.value.retry_after == timedelta(seconds=left)
    assert len(httpserver.log) == 1


async def test_streams_never_ask_at_once(httpserver: HTTPServer) -> None:
    under_way, most = 0, 0

    def answer(_: Request) -> Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        under_way -= 1
        return reply({})

    settings = serve(httpserver, reply({})) | {"pause": timedelta(milliseconds=30)}
    httpserver.clear()
    httpserver.expect_request("/doc").respond_with_handler(answer)
    loop = asyncio.get_running_loop()
    async with opened("gdelt", settings) as source:
        began = loop.time()
        await asyncio.gather(*(source.fetch("", NOW) for _ in range(4)))
    assert loop.time() - began >= 3 * 0.03
    assert most == 1


def timeline(points: dict[str, Any], resolution: str = "15m") -> Response:
    data = [{"date": f"20261122T{time}Z", "value": value, "norm": 18_210} for time, value in points.items()]
    series = [{"series": "Article Count", "data": data}]
    return reply({"query_details": {"date_resolution": resolution}, "timeline": series})


def told(fetched: Fetched) -> dict[str, float]:
    return {f"{one.start:%H:%M}": one.value for one in fetched.counts if one.value}


async def to_the_end(source: Source) -> list[Fetched]:
    brought = [await source.fetch("", NOW)]
    while brought[-1].retry_after == timedelta(0):
        brought.append(await source.fetch(brought[-1].cursor, NOW))
    return brought


async def test_a_timeline_becomes_counts_of_quarter_hours(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, timeline({"060000": 4, "061500": 23, "090000": 99, "063000": "x"}), mode="timeline")
    async with opened("gdelt", settings, topics=("acme",)) as source:
        fetched = await source.fetch("", NOW)
        again = await source.fetch(fetched.cursor, NOW + timedelta(minutes=20))
    assert told(fetched) == {"06:00": 4, "06:15": 23}
    assert len(fetched.counts) == 96  # a day, of which most had nothing
    first = fetched.counts[0]
    assert (first.kind, first.topics, first.end - first.start) == (
        CountKind.MENTIONS,
        ("acme",),
        timedelta(minutes=15),
    )
    assert len(fetched.quarantined) == 1
    assert [f"{one.start:%H:%M}" for one in again.counts] == [
        *("07:00", "07:15", "07:30", "07:45", "08:00", "08:15", "08:30", "08:45", "09:00")
    ]
    assert fetched.retry_after == timedelta(minutes=15)


async def test_a_long_past_is_counted_two_days_at_a_time(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, reply({}), mode="timeline")
    async with opened("gdelt", settings, backfill=timedelta(days=7)) as source:
        brought = await to_the_end(source)
        later = await source.fetch(brought[-1].cursor, NOW)
    starts = {count.start for fetched in brought for count in fetched.counts}
    assert len(starts) == 7 * 96
    assert all(fetched.backfilling for fetched in brought)
    assert not later.backfilling
    assert all(count.value == 0 for fetched in brought for count in fetched.counts)
    for request, _ in httpserver.log:
        begin, end = (
            datetime.strptime(request.args[name] + "Z", "%Y%m%d%H%M%S%z") for name in ("startdatetime", "enddatetime")
        )
        assert end - begin <= timedelta(days=2)


async def test_a_coarser_timeline_is_not_taken_for_quarter_hours(httpserver: HTTPServer) -> None:
    settings = serve(httpserver, timeline({"060000": 4}, resolution="1h"), mode="timeline")
    async with opened("gdelt", settings) as source:
        with pytest.raises(SourceUnavailable, match="counts by 1h"):
            await source.fetch("", NOW)
