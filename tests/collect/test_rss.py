"""The source `rss` against a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.collect.http import HttpClient
from buzzguard.collect.rss import RssSource
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceGone, SourceRefused, SourceUnavailable
from tests.collect.servers import fixed, raw_server

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)
XML = {"Content-Type": "application/rss+xml; charset=utf-8"}


def item(number: int, *, date: str = "Sun, 22 Nov 2026 06:00:00 GMT", **more: str) -> str:
    fields = {"guid": f"g-{number}", "title": f"Title {number}", "link": f"https://press.example/{number}", **more}
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value)
    return f"<item>{inner}<pubDate>{date}</pubDate></item>" if date else f"<item>{inner}</item>"


def feed(*items: str) -> str:
    head = '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>T</title>'
    return f"{head}<link>https://press.example/</link>{''.join(items)}</channel></rss>"


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    yield client
    await client.close()


@pytest.fixture
def source(httpserver: HTTPServer, http: HttpClient) -> Callable[..., RssSource]:
    def build(path: str = "/feed", *, url: str = "", stream: str = "press", **settings: Any) -> RssSource:
        own = RssSource.Settings(url=url or httpserver.url_for(path), **settings)
        return RssSource(stream, own, common=StreamSettings(source="rss"), tools=Tools(http))

    return build


Build = Callable[..., RssSource]


async def test_each_entry_is_delivered_once(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(1), item(2)), headers=XML)
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(3), item(1), item(2)), headers=XML)
    first = await source().fetch("", NOW)
    second = await source().fetch(first.cursor, NOW)
    assert [mention.title for mention in first.mentions] == ["Title 1", "Title 2"]
    assert [mention.title for mention in second.mentions] == ["Title 3"]


async def test_an_entry_that_drops_out_and_comes_back_is_not_new(httpserver: HTTPServer, source: Build) -> None:
    for body in (feed(item(1), item(2)), feed(item(2)), feed(item(1), item(2))):
        httpserver.expect_ordered_request("/feed").respond_with_data(body, headers=XML)
    cursor = ""
    counts = []
    for _ in range(3):
        fetched = await source().fetch(cursor, NOW)
        cursor = fetched.cursor
        counts.append(len(fetched.mentions))
    assert counts == [2, 0, 0]


async def test_an_edited_entry_is_not_a_new_mention(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(1)), headers=XML)
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(1, title="Corrected")), headers=XML)
    first = await source().fetch("", NOW)
    assert not (await source().fetch(first.cursor, NOW)).mentions


async def test_validators_go_back_and_nothing_new_keeps_the_cursor(httpserver: HTTPServer, source: Build) -> None:
    validators = {"ETag": 'W/"v1"', "Last-Modified": "Sun, 22 Nov 2026 06:00:00 GMT"}

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == 'W/"v1"' and request.headers.get("If-Modified-Since"):
            return Response(status=304)
        return Response(feed(item(1)), headers=XML | validators)

    httpserver.expect_request("/feed").respond_with_handler(answer)
    first = await source().fetch("", NOW)
    second = await source().fetch(first.cursor, NOW)
    assert (second.mentions, second.cursor) == ((), first.cursor)
    assert httpserver.log[1][1].status_code == 304


async def test_validators_of_another_address_are_not_used(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed(item(1)), headers=XML | {"ETag": '"v1"'})
    httpserver.expect_request("/new").respond_with_data(feed(item(1), item(2)), headers=XML)
    first = await source().fetch("", NOW)
    moved = await source("/new").fetch(first.cursor, NOW)
    assert "If-None-Match" not in httpserver.log[1][0].headers
    assert [mention.title for mention in moved.mentions] == ["Title 2"]


@pytest.mark.parametrize(("status", "kept"), [(301, True), (308, True), (302, False), (307, False)])
async def test_only_a_permanent_redirect_is_remembered(
    httpserver: HTTPServer, source: Build, status: int, kept: bool
) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=status, headers={"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data(feed(item(1)), headers=XML)
    first = await source().fetch("", NOW)
    await source().fetch(first.cursor, NOW)
    paths = [request.path for request, _ in httpserver.log]
    assert paths == (["/feed", "/new", "/new"] if kept else ["/feed", "/new", "/feed", "/new"])


async def test_a_permanent_redirect_behind_a_passing_one_is_not_remembered(
    httpserver: HTTPServer, source: Build
) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=302, headers={"Location": "/mid"})
    httpserver.expect_request("/mid").respond_with_data("", status=301, headers={"Location": "/new"})
    httpserver.expect_request("/new").respond_with_data(feed(item(1)), headers=XML)
    assert "moved" not in json.loads((await source().fetch("", NOW)).cursor)


async def test_a_redirect_to_a_login_page_is_not_remembered(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_ordered_request("/feed").respond_with_data("", status=301, headers={"Location": "/login"})
    httpserver.expect_ordered_request("/login").respond_with_data("<html><body>Login", content_type="text/html")
    with pytest.raises(SourceUnavailable, match="a web page, not a feed"):
        await source().fetch("", NOW)


async def test_when_the_new_address_dies_the_configured_one_is_asked(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_ordered_request("/feed").respond_with_data("", status=301, headers={"Location": "/new"})
    httpserver.expect_ordered_request("/new").respond_with_data(feed(item(1)), headers=XML)
    httpserver.expect_ordered_request("/new").respond_with_data("", status=404)
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(1), item(2)), headers=XML)
    first = await source().fetch("", NOW)
    second = await source().fetch(first.cursor, NOW)
    assert [mention.title for mention in second.mentions] == ["Title 2"]


@pytest.mark.parametrize(
    ("status", "error", "told"),
    [
        (401, SourceRefused, "401, .* wants a token"),
        (403, SourceRefused, "403"),
        (404, SourceRefused, "404, there is nothing at"),
        (410, SourceGone, "410, .* gone for good"),
        (429, SourceUnavailable, "429, too many requests"),
        (500, SourceUnavailable, "500"),
        (503, SourceUnavailable, "503"),
        (204, SourceUnavailable, "empty answer"),
        (418, SourceRefused, "418"),
    ],
)
async def test_a_status_becomes_an_error_that_a_user_understands(
    httpserver: HTTPServer, source: Build, status: int, error: type[Exception], told: str
) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=status)
    with pytest.raises(error, match=told):
        await source().fetch("", NOW)


async def test_a_refused_token_is_told_without_the_token(
    httpserver: HTTPServer, source: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_TOKEN", "Bearer s3cret")
    httpserver.expect_request("/feed").respond_with_data("", status=401)
    with pytest.raises(SourceRefused) as raised:
        await source(headers={"Authorization": {"env": "FEED_TOKEN"}}).fetch("", NOW)
    assert str(raised.value) == "401, the token was refused"
    assert httpserver.log[0][0].headers["Authorization"] == "Bearer s3cret"


async def test_user_and_password_in_the_address_are_sent_but_never_shown(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=404)
    url = httpserver.url_for("/feed?key=s3cret").replace("http://", "http://bob:s3cret@")
    with pytest.raises(SourceRefused) as raised:
        await source(url=url).fetch("", NOW)
    assert "s3cret" not in str(raised.value)
    assert httpserver.log[0][0].authorization == ("basic", {"username": "bob", "password": "s3cret"}) or (
        httpserver.log[0][0].headers["Authorization"].startswith("Basic ")
    )


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 22 Nov 2026 06:45:00 GMT", timedelta(minutes=15)),
        ("99999999999999999999", timedelta(hours=24)),
        ("Sun, 22 Nov 2026 05:00:00 GMT", None),
        ("soon", None),
        ("-5", None),
        ("0", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_is_read_in_seconds_and_as_a_date(
    httpserver: HTTPServer, source: Build, status: int, asked: str, wait: timedelta | None
) -> None:
    headers = {"Retry-After": asked, "Date": "Sun, 22 Nov 2026 06:30:00 GMT"}
    httpserver.expect_request("/feed").respond_with_data("", status=status, headers=headers)
    with pytest.raises(SourceUnavailable) as raised:
        await source().fetch("", NOW)
    assert raised.value.retry_after == wait


async def test_a_web_page_names_the_feed_it_points_to(httpserver: HTTPServer, source: Build) -> None:
    page = '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/real.xml"></head>'
    httpserver.expect_request("/feed").respond_with_data(page, content_type="text/html")
    with pytest.raises(SourceRefused, match=r"its feed seems to be http://localhost:\d+/real\.xml"):
        await source().fetch("", NOW)


async def test_a_feed_served_as_html_is_read_all_the_same(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed(item(1)), content_type="text/html")
    assert len((await source().fetch("", NOW)).mentions) == 1


@pytest.mark.parametrize("headers", [{"cf-mitigated": "challenge"}, {}])
async def test_a_challenge_page_is_told_as_a_block(
    httpserver: HTTPServer, source: Build, headers: dict[str, str]
) -> None:
    page = "<html><title>Just a moment...</title>"
    httpserver.expect_request("/feed").respond_with_data(page, status=403, headers=headers, content_type="text/html")
    with pytest.raises(SourceUnavailable, match="challenge page"):
        await source().fetch("", NOW)


async def test_of_a_cut_feed_the_whole_entries_are_taken_and_the_rest_next_time(
    httpserver: HTTPServer, source: Build
) -> None:
    whole = feed(item(1), item(2), item(3, description="a long text &lt;b&gt;here"))
    cut = whole[: whole.index("long text")]
    httpserver.expect_ordered_request("/feed").respond_with_data(cut, headers=XML | {"ETag": '"v1"'})
    httpserver.expect_ordered_request("/feed").respond_with_data(whole, headers=XML | {"ETag": '"v1"'})
    first = await source().fetch("", NOW)
    second = await source().fetch(first.cursor, NOW)
    assert [mention.title for mention in first.mentions] == ["Title 1", "Title 2"]
    assert "cut short" in first.note
    assert "If-None-Match" not in httpserver.log[1][0].headers
    assert [mention.title for mention in second.mentions] == ["Title 3"]


async def test_a_connection_that_breaks_gives_what_had_come(source: Build) -> None:
    body = feed(item(1), item(2))[:-30].encode()
    head = f"HTTP/1.1 200 OK\nContent-Type: application/xml\nContent-Length: {len(body) + 500}"
    async with raw_server(fixed(head, body)) as url:
        fetched = await source(url=url + "/feed").fetch("", NOW)
    assert [mention.title for mention in fetched.mentions] == ["Title 1"]


async def test_an_undated_entry_has_the_time_of_reading_and_says_so(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(0)), headers=XML)
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(1, date=""), item(2)), headers=XML)
    before = await source().fetch("", NOW)
    fetched = await source().fetch(before.cursor, NOW)
    by_title = {mention.title: mention for mention in fetched.mentions}
    assert (by_title["Title 1"].published, by_title["Title 1"].time_trusted) == (NOW, False)
    assert by_title["Title 2"].time_trusted
    assert "1 entries have no usable date" in fetched.note


async def test_undated_entries_of_a_first_poll_are_the_past_and_make_no_spike(
    httpserver: HTTPServer, source: Build
) -> None:
    body = feed(*(item(n, date="") for n in range(50)), item(99))
    httpserver.expect_request("/feed").respond_with_data(body, headers=XML)
    first = await source().fetch("", NOW)
    again = await source().fetch(first.cursor, NOW)
    assert [mention.title for mention in first.mentions] == ["Title 99"]
    assert "50 entries without a date were there before the first poll" in first.note
    assert again.mentions == ()


async def test_a_bare_day_is_trusted_only_when_it_is_over(httpserver: HTTPServer, source: Build) -> None:
    body = feed(item(1, date="2026-11-22"), item(2, date="2026-11-20"))
    httpserver.expect_ordered_request("/feed").respond_with_data(feed(item(0)), headers=XML)
    httpserver.expect_ordered_request("/feed").respond_with_data(body, headers=XML)
    before = await source().fetch("", NOW)
    old, today = (await source().fetch(before.cursor, NOW)).mentions
    assert (old.time_trusted, today.time_trusted) == (True, False)


async def test_a_date_without_offset_is_in_the_streams_time_zone(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed(item(1, date="2026-11-22 07:00:00")), headers=XML)
    (mention,) = (await source(time_zone="Europe/Paris").fetch("", NOW)).mentions
    assert mention.published == datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


async def test_the_same_entry_has_the_same_id_whichever_stream_brings_it(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/a").respond_with_data(feed(item(1)), headers=XML)
    httpserver.expect_request("/b").respond_with_data(feed(item(1, title="Other words")), headers=XML)
    (one,) = (await source("/a", stream="one").fetch("", NOW)).mentions
    (other,) = (await source("/b", stream="other").fetch("", NOW)).mentions
    assert one.id == other.id
    assert one.id.startswith("rss:")


async def test_a_guid_that_every_entry_bears_identifies_none(httpserver: HTTPServer, source: Build) -> None:
    body = feed(item(1, guid="https://press.example/"), item(2, guid="https://press.example/"))
    httpserver.expect_request("/feed").respond_with_data(body, headers=XML)
    mentions = (await source().fetch("", NOW)).mentions
    assert len({mention.id for mention in mentions}) == 2


async def test_entries_without_guid_and_link_are_told_apart_by_what_they_say(
    httpserver: HTTPServer, source: Build
) -> None:
    body = feed(item(1, guid="", link=""), item(2, guid="", link=""), item(1, guid="", link=""))
    httpserver.expect_request("/feed").respond_with_data(body, headers=XML)
    first = await source().fetch("", NOW)
    assert len(first.mentions) == 2
    assert not (await source().fetch(first.cursor, NOW)).mentions


async def test_only_the_latest_entries_are_taken_from_a_feed_that_is_too_long(
    httpserver: HTTPServer, source: Build
) -> None:
    items = [item(n, date=f"Sun, 22 Nov 2026 05:{n:02}:00 GMT") for n in range(30)]
    httpserver.expect_request("/feed").respond_with_data(feed(*items), headers=XML)
    fetched = await source(max_items=5).fetch("", NOW)
    assert [mention.title for mention in fetched.mentions] == [f"Title {n}" for n in range(25, 30)]
    assert "25 entries beyond max_items" in fetched.note


async def test_a_feed_that_declares_its_end_delivers_and_then_is_gone(httpserver: HTTPServer, source: Build) -> None:
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "T",
        "expired": True,
        "items": [{"id": 1, "title": "x", "date_published": "2026-11-20T10:00:00Z"}],
    }
    httpserver.expect_request("/feed").respond_with_json(body, headers={"ETag": '"v"'})
    first = await source().fetch("", NOW)
    assert len(first.mentions) == 1
    with pytest.raises(SourceGone):
        await source().fetch(first.cursor, NOW)


async def test_links_that_are_no_web_addresses_are_dropped(httpserver: HTTPServer, source: Build) -> None:
    body = feed(item(1, link="javascript:alert(1)"), item(2, link="/relative"))
    httpserver.expect_request("/feed").respond_with_data(body, headers=XML)
    one, two = (await source().fetch("", NOW)).mentions
    assert (one.url, two.url) == ("", "https://press.example/relative")


async def test_a_huge_entry_is_cut(httpserver: HTTPServer, source: Build) -> None:
    httpserver.expect_request("/feed").respond_with_data(feed(item(1, description="x" * 500_000)), headers=XML)
    (mention,) = (await source().fetch("", NOW)).mentions
    assert len(mention.text) == 20_000


async def test_while_a_large_feed_is_parsed_the_loop_goes_on(httpserver: HTTPServer, source: Build) -> None:
    body = feed(*(item(n, description="x" * 500) for n in range(1_000)))
    httpserver.expect_request("/feed").respond_with_data(body, headers=XML)
    beats = 0

    async def heart() -> None:
        nonlocal beats
        while True:
            await asyncio.sleep(0.005)
            beats += 1

    beating = asyncio.create_task(heart())
    assert len((await source().fetch("", NOW)).mentions) == 1_000
    beating.cancel()
    assert beats > 5


@pytest.mark.parametrize("url", ["ftp://x.example/", "x.example/feed", "https:///feed"])
def test_an_address_that_cannot_be_a_feed_is_a_fault_of_the_configuration(url: str) -> None:
    with pytest.raises(ValueError, match="not an http or https address"):
        RssSource.Settings(url=url)
