"""Mastodon: what a status becomes, closed servers, limits, late arrivals, search, listening."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard.collect.http import HttpClient
from buzzguard.collect.mastodon import MastodonSource as Mastodon
from buzzguard.collect.mastodon import squeezed
from buzzguard.collect.mastodon_statuses import Statuses
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceRefused, SourceUnavailable
from buzzguard.model import Engagement, Fetched, Mention, MentionKind
from tests.collect.servers import raw_server
from tests.collect.worlds.base import NOW
from tests.collect.worlds.mastodon import World, reset_in

MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SECRET_0", World.secrets[0])
    return World(httpserver, tmp_path)


Open = Callable[..., Mastodon]


@pytest.fixture
async def open_source(world: World) -> AsyncIterator[Open]:
    http = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    opened: list[Mastodon] = []

    def open_source(*, words: tuple[str, ...] = (), **settings: Any) -> Mastodon:
        chosen = Mastodon.Settings.model_validate(world.settings() | settings)
        tools = Tools(http, words=words, backfill=timedelta(days=1), patience=timedelta(seconds=0.4))
        opened.append(Mastodon("s", chosen, common=StreamSettings(source="mastodon"), tools=tools))
        return opened[-1]

    yield open_source
    for source in opened:
        await source.close()
    await http.close()


def texts(fetched: Fetched) -> list[str]:
    return [mention.text for mention in fetched.mentions]


def read(world: World, text: str, **changed: Any) -> Mention | None:
    world.texts.append(text)
    world.changed[text] = changed
    return Statuses("s", "https://mastodon.example").mention(world.status(text), now=NOW)


def test_a_status_becomes_a_mention_with_all_that_is_told(world: World) -> None:
    mention = read(world, "<p>Ma #lumio a fondu</p>", spoiler_text="Incendie & SAV")
    assert mention is not None
    assert mention.id == "mastodon:https://piaille.example/users/bouilloirette/statuses/115400000000000000"
    assert mention.url == "https://piaille.example/@bouilloirette/115400000000000000"
    assert (mention.site, mention.language, mention.kind) == ("piaille.example", "fr", MentionKind.POST)
    assert mention.text == "<p>Incendie &amp; SAV</p><p>Ma #lumio a fondu</p>"
    assert mention.engagement == Engagement(likes=31, replies=4, shares=23)
    author = mention.author
    assert (author.id, author.name, author.followers) == ("bouilloirette@piaille.example", "Bouilloirette", 812)
    assert author.created is not None


def test_a_local_account_has_a_handle_with_its_server_and_a_bot_is_told(world: World) -> None:
    account = {"acct": "NewsBot", "username": "NewsBot", "display_name": "", "bot": True, "followers_count": None}
    mention = read(world, "a", account=account)
    assert mention is not None
    assert (mention.author.handle, mention.author.id) == ("NewsBot@mastodon.example", "newsbot@mastodon.example")
    assert mention.author.name == "NewsBot (bot)"


def test_a_boost_is_a_repost_of_what_it_shows_and_an_answer_has_a_parent(world: World) -> None:
    statuses = Statuses("s", "https://mastodon.example")
    world.texts += ["said", "boost", "answer", "stray"]
    original = statuses.mention(world.status("said"), now=NOW)
    world.changed["boost"] = {"content": "", "reblog": world.status("said")}
    world.changed["answer"] = {"in_reply_to_id": world.status("said")["id"]}
    world.changed["stray"] = {"in_reply_to_id": 42}
    boost, answer, stray = (statuses.mention(world.status(text), now=NOW) for text in ("boost", "answer", "stray"))
    assert original is not None and boost is not None and answer is not None and stray is not None
    assert (boost.kind, boost.parent, boost.text) == (MentionKind.REPOST, original.id, "said")
    assert boost.id != original.id
    assert (answer.kind, answer.parent) == (MentionKind.REPLY, original.id)
    assert stray.parent == "mastodon:mastodon.example#42"


def test_what_is_not_for_everybody_is_passed_over(world: World) -> None:
    assert read(world, "secret", visibility="private") is None
    assert read(world, "aside", visibility="unlisted") is not None


async def test_a_status_that_reaches_the_server_late_is_not_lost(world: World, open_source: Open) -> None:
    world.publish("a", "late", "c")
    world.underway.add("late")
    source = open_source()
    first = await source.fetch("", NOW)
    world.underway.clear()
    assert texts(first) == ["a", "c"]
    assert texts(await source.fetch(first.cursor, NOW)) == ["late"]  # its id is below that of "c": `min_id` hides it


async def test_two_servers_that_show_the_same_make_one_mention(world: World, open_source: Open) -> None:
    world.publish("a", "b")
    other = world.address.replace("localhost", "127.0.0.1")
    found = await open_source(servers=[world.address, other], token=None).fetch("", NOW)
    assert texts(found) == ["a", "b"]
    assert len(world.asked) >= 2
    assert set(world.tokens) == {""}


async def test_nothing_is_asked_while_nothing_remains(world: World, open_source: Open) -> None:
    world.publish("a")
    world.headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset_in(120)}
    source = open_source()
    with pytest.raises(SourceUnavailable, match="used up") as raised:
        await source.fetch((await source.fetch("", NOW)).cursor, NOW)
    assert raised.value.retry_after == timedelta(seconds=120)


async def test_a_server_that_has_closed_its_timelines_says_so_once_asked(world: World, open_source: Open) -> None:
    world.open = False
    world.instance["configuration"]["timelines_access"] = {"hashtag_feeds": {"local": "disabled", "remote": "disabled"}}
    source = open_source()
    first = await source.fetch("", NOW)
    again = await source.fetch(first.cursor, NOW)
    assert first.note == again.note == "localhost has turned its hashtag timelines off: nothing can be read there"
    assert world.instance_asked == 1


@pytest.mark.parametrize(
    ("status", "token", "said"),
    [
        (401, True, "401, the token was refused; make a new one"),
        (401, False, "401, localhost shows this only to who has a `token`"),
        (422, False, "422, localhost shows this only to who has a `token`"),
        (422, True, "422, localhost refuses the request"),
        (403, True, "403, the token may not do this"),
    ],
)
async def test_a_refusal_says_what_to_do(
    world: World, open_source: Open, httpserver: HTTPServer, status: int, token: bool, said: str
) -> None:
    source = open_source() if token else open_source(token=None)
    httpserver.clear()
    httpserver.expect_request("/api/v1/timelines/tag/lumio").respond_with_json({"error": "no"}, status)
    with pytest.raises(SourceRefused, match=said):
        await source.fetch("", NOW)


async def test_a_search_pages_and_says_when_there_may_be_none(world: World, open_source: Open) -> None:
    world.publish(*(str(number) for number in range(90)))
    source = open_source(hashtags=[], search=["lumio"])
    found = await source.fetch("", NOW)
    assert len(found.mentions) == 90
    assert world.tokens[0] == f"Bearer {World.secrets[0]}"
    world.open = False
    silent = await open_source(hashtags=[], search=["lumio"]).fetch("", NOW)
    assert "it may have no full-text search" in silent.note


def test_words_are_squeezed_to_hashtags() -> None:
    assert [squeezed(words) for words in ("air france", "l'oreal", "2024", "x", "é-à")] == [
        "airfrance",
        "loreal",
        "",
        "",
        "éà",
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"servers": ["a.example", "b.example"], "token": {"env": "T"}},
        {"streaming": True},
        {"search": ["x"]},
        {"hashtags": ["not a tag"]},
        {"servers": ["https://user:pw@a.example"]},
    ],
)
def test_settings_that_do_not_belong_together_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Mastodon.Settings.model_validate(settings)
    assert Mastodon.Settings.model_validate({"servers": ["piaille.fr"]}).servers == ("https://piaille.fr",)


class Streaming:
    """A streaming server: pushes lines to whoever listens."""

    def __init__(self) -> None:
        self.writers: list[asyncio.StreamWriter] = []
        self.status = "200 OK"

    async def __call__(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = '{"error": "Missing access token"}' if self.status != "200 OK" else ":)\n"
        writer.write(f"HTTP/1.1 {self.status}\r\nContent-Type: text/event-stream\r\n\r\n{body}".encode())
        await writer.drain()
        if self.status == "200 OK":
            self.writers.append(writer)
            await asyncio.Event().wait()

    def push(self, name: str, data: object) -> None:
        text = data if isinstance(data, str) else json.dumps(data)
        for writer in self.writers:
            writer.write(f":thump\nevent: {name}\ndata: {text}\n\n".encode())


@pytest.fixture
async def streaming(world: World) -> AsyncIterator[Streaming]:
    made = Streaming()
    async with raw_server(made) as address:
        world.instance["configuration"]["urls"]["streaming"] = address.replace("http", "ws")
        yield made


async def listening(source: Mastodon, streaming: Streaming) -> Fetched:
    """Poll until the connection is open and the timelines were read after it."""
    found = Fetched()
    brought: list[Mention] = []
    for _ in range(10):
        found = await source.fetch(found.cursor, NOW)
        brought += found.mentions
        if streaming.writers and not found.mentions:
            break
    return Fetched(mentions=tuple(brought), cursor=found.cursor)


async def test_what_is_pushed_comes_once_also_when_the_timeline_shows_it(
    world: World, open_source: Open, streaming: Streaming
) -> None:
    world.publish("a")
    source = open_source(streaming=True)
    first = await listening(source, streaming)
    assert texts(first) == ["a"]
    world.publish("b")
    streaming.push("update", world.status("b"))
    pushed = await source.fetch(first.cursor, NOW)
    assert (texts(pushed), pushed.retry_after) == (["b"], timedelta(0))
    world.publish("c")  # the push of this one is lost
    later = await source.fetch(pushed.cursor, NOW + 6 * MINUTE)
    assert texts(later) == ["c"]
    restarted = await open_source(streaming=True).fetch(pushed.cursor, NOW + 6 * MINUTE)
    assert texts(restarted) == ["c"]


async def test_deletions_and_edits_are_heard(world: World, open_source: Open, streaming: Streaming) -> None:
    world.publish("a", "b")
    source = open_source(streaming=True)
    first = await listening(source, streaming)
    ids = [mention.id for mention in first.mentions]
    streaming.push("delete", world.status("a")["id"])
    streaming.push("delete", "999")
    streaming.push("status.update", world.status("b") | {"favourites_count": 400})
    streaming.push("update", "{broken")
    heard = await source.fetch(first.cursor, NOW)
    assert heard.deleted == (ids[0],)
    assert [(one.id, one.engagement.likes) for one in heard.rereads] == [(ids[1], 400)]
    assert not heard.mentions


async def test_a_stream_that_is_refused_goes_on_by_polling_and_says_so(
    world: World, open_source: Open, streaming: Streaming
) -> None:
    streaming.status = "401 Unauthorized"
    world.publish("a")
    source = open_source(streaming=True)
    first = await source.fetch("", NOW)
    await asyncio.sleep(0.1)
    world.publish("b")
    again = await source.fetch(first.cursor, NOW + 6 * MINUTE)
    assert texts(again) == ["b"]
    assert "not listening: 401, the token was refused" in again.note
    assert again.retry_after is None
