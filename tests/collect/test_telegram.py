"""The source `telegram` against channels' pages and the Bot API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from werkzeug import Response

from buzzguard.collect.telegram import TelegramSource
from buzzguard.collect.telegram_page import views_of
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import Author, Engagement, Mention, MentionKind
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW, START, reply
from tests.collect.worlds.telegram import TOKEN, World


@pytest.fixture
def world(httpserver: HTTPServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("BOT", TOKEN)
    return World(httpserver, tmp_path)


async def test_a_page_and_a_bot_give_the_same_mention(world: World) -> None:
    world.publish("Lumio : la poignée fond")
    async with opened("telegram", world.settings()) as source:
        fetched = await source.fetch("", NOW)
    (mention,) = fetched.mentions
    assert mention == Mention(
        id="telegram:alerteconso/1",
        stream="stream",
        source="telegram",
        published=START,
        fetched=NOW,
        text="Lumio : la poignée fond",
        url="https://t.me/alerteconso/1",
        site="t.me",
        kind=MentionKind.POST,
        author=Author(id="alerteconso", handle="alerteconso", name="Alerte Conso"),
        engagement=Engagement(views=1800),
    )
    assert fetched.retry_after == timedelta(minutes=5)
    async with opened("telegram", world.bot()) as source:
        (heard,) = (await source.fetch("", NOW)).mentions
    assert (heard.id, heard.author, heard.url) == (mention.id, mention.author, mention.url)


async def test_only_what_was_committed_is_confirmed_to_telegram(world: World) -> None:
    world.publish("a", "b")
    world.spoil("spoilt")
    async with opened("telegram", world.bot()) as source:
        lost_in_a_crash = await source.fetch("", NOW)
        again = await source.fetch("", NOW)
        assert said(lost_in_a_crash) == said(again) == ["a", "b"]
        assert len(again.quarantined) == 1
        assert world.confirmed == 0
        world.publish(*(f"t{number}" for number in range(120)))
        more = await source.fetch(again.cursor, NOW)
        assert world.confirmed == 730000004
        assert (len(more.mentions), more.retry_after) == (100, timedelta(0))
        assert len((await source.fetch(more.cursor, NOW)).mentions) == 20


@pytest.mark.parametrize(
    ("answer", "kind", "words", "wait"),
    [
        (
            {"ok": False, "error_code": 429, "description": "Too Many", "parameters": {"retry_after": 5}},
            SourceUnavailable,
            "429, too many requests",
            timedelta(seconds=5),
        ),
        (
            {"ok": False, "error_code": 409, "description": "Conflict: terminated by other getUpdates request"},
            SourceUnavailable,
            "409, another program reads",
            None,
        ),
        (
            {"ok": False, "error_code": 409, "description": "Conflict: can't use getUpdates while webhook is active"},
            SourceRefused,
            "409, the bot sends its updates to a webhook",
            None,
        ),
        ({"ok": False, "error_code": 401, "description": "Unauthorized"}, SourceRefused, "401, the token was", None),
        ({"ok": False, "error_code": 400, "description": "Bad\nRequest"}, SourceRefused, "400, .*: Bad Request", None),
    ],
)
async def test_what_telegram_says_of_its_trouble_is_told_without_the_token(
    world: World, answer: dict[str, Any], kind: type[SourceError], words: str, wait: timedelta | None
) -> None:
    settings = world.bot() | {"api": world.server.url_for("/out").rstrip("/")}
    path = f"/out/bot{TOKEN}/getUpdates"
    world.server.expect_oneshot_request(path).respond_with_response(reply(answer, answer["error_code"]))
    world.server.expect_request(path).respond_with_response(Response("<html>no", 502, content_type="text/html"))
    async with opened("telegram", settings) as source:
        with pytest.raises(kind, match=words) as raised:
            await source.fetch("", NOW)
        assert getattr(raised.value, "retry_after", None) == wait
        with pytest.raises(SourceUnavailable) as bad_gateway:
            await source.fetch("", NOW)
    assert "AAbot" not in f"{raised.value} {bad_gateway.value}"


async def test_no_connection_shows_no_token(world: World) -> None:
    async with opened("telegram", world.bot() | {"api": "http://localhost:1"}) as source:
        with pytest.raises(SourceUnavailable) as raised:
            await source.fetch("", NOW)
    assert "AAbot" not in str(raised.value)


async def test_messages_of_a_group_name_their_writers_and_what_they_answer(world: World) -> None:
    chat = {"id": -1009, "type": "supergroup", "title": "Voisins"}
    person = {"id": 77, "first_name": "Zoé", "last_name": "L.", "language_code": "fr"}
    photo = {"message_id": 5, "date": 1795328410, "chat": chat, "from": person}
    answer = photo | {"message_id": 6, "caption": "elle fond", "reply_to_message": {"message_id": 5}}
    passed_on = answer | {
        "message_id": 7,
        "forward_origin": {"type": "channel", "chat": {"id": -1, "username": "AlerteConso"}, "message_id": 3},
    }
    updates = [{"update_id": number, "message": one} for number, one in enumerate((photo, answer, passed_on), start=1)]
    settings = world.bot() | {"api": world.server.url_for("/group").rstrip("/")}
    world.server.expect_request(f"/group/bot{TOKEN}/getUpdates").respond_with_json({"ok": True, "result": updates})
    async with opened("telegram", settings) as source:
        reply_to, repost = (await source.fetch("", NOW)).mentions
    assert (reply_to.text, reply_to.kind, reply_to.parent) == ("elle fond", MentionKind.REPLY, "telegram:-1009/5")
    assert reply_to.author == Author(id="77", name="Zoé L.")
    assert (reply_to.url, reply_to.language) == ("https://t.me/c/9/6", "fr")
    assert reply_to.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert (repost.kind, repost.parent) == (MentionKind.REPOST, "telegram:alerteconso/3")


async def test_a_channel_without_a_page_is_told_and_costs_no_other(world: World) -> None:
    world.publish("a")
    async with opened("telegram", world.settings() | {"channels": ["@nothing", "alerteconso"]}) as source:
        fetched = await source.fetch("", NOW)
    assert said(fetched) == ["a"]
    assert "302, the channel nothing has no public page" in fetched.note


@pytest.mark.parametrize(
    ("written", "views"),
    [("1.8K", 1_800), ("12,3K", 12_300), ("2M", 2_000_000), ("417", 417), ("", 0), ("many", 0), ("1.2.3K", 0)],
)
def test_views_are_read_as_they_are_shortened(written: str, views: int) -> None:
    assert views_of(written) == views


@pytest.mark.parametrize("more", [{"channels": ["a b"]}, {"bot_token": {"env": "BOT"}}, {"channels": []}])
def test_wrong_settings_are_refused(world: World, more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TelegramSource.Settings.model_validate(world.settings() | more)
