"""The source `wikipedia_changes` against a stream that speaks its protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.config.settings import NetworkSettings
from buzzguard.errors import SourceRefused
from buzzguard.model import Fetched, Mention, MentionKind
from buzzguard.ports import Source
from tests.collect.opened import opened, said
from tests.collect.worlds.base import NOW
from tests.collect.worlds.wikipedia_changes import World


@pytest.fixture
async def world(httpserver: HTTPServer, tmp_path: Path) -> AsyncIterator[World]:
    made = World(httpserver, tmp_path)
    await made.start()
    yield made
    await made.stop()


async def until_some(source: Source, cursor: str = "") -> tuple[list[Mention], str]:
    for _ in range(10):
        fetched: Fetched = await source.fetch(cursor, NOW)
        cursor = fetched.cursor
        if fetched.mentions:
            return list(fetched.mentions), cursor
    return [], cursor


async def test_an_edit_becomes_a_mention(world: World) -> None:
    world.publish("ajout section Controverse")
    async with opened("wikipedia_changes", world.settings()) as source:
        (mention,), _ = await until_some(source)
    assert mention.id == "wikipedia_changes:frwiki:231000001"
    assert (mention.title, mention.text) == ("Lumio (entreprise)", "ajout section Controverse")
    assert mention.kind is MentionKind.COMMENT
    assert mention.url == (
        "https://fr.wikipedia.org/w/index.php?title=Lumio_%28entreprise%29&diff=231000001&oldid=231000000"
    )
    assert (mention.site, mention.language) == ("wikipedia.org", "fr")
    assert mention.published == datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
    assert mention.fetched == NOW


async def test_after_a_restart_it_goes_on_with_the_last_event(world: World) -> None:
    world.publish("a")
    async with opened("wikipedia_changes", world.settings()) as source:
        _, cursor = await until_some(source)
    world.publish("b")
    async with opened("wikipedia_changes", world.settings()) as source:
        mentions, _ = await until_some(source, cursor)
    assert [mention.text for mention in mentions] == ["b"]
    assert "since" in world.asked[0]
    assert world.asked[1]["last-event-id"] == cursor


async def test_without_articles_the_words_of_the_topics_are_looked_for(world: World) -> None:
    world.publish("réf", "scandale LUMIO K2", "lumionic", "sur Lumió")
    edits = world.edit

    def named(number: int, text: str) -> dict[str, Any]:
        return edits(number, text) | {"title": "Bouilloire"}

    world.edit = named  # type: ignore[method-assign]
    settings = {"address": world.address, "back": "1d"}
    async with opened("wikipedia_changes", settings, words=("lumio",)) as source:
        mentions, _ = await until_some(source)
    assert [mention.text for mention in mentions] == ["scandale LUMIO K2", "sur Lumió"]


async def test_an_article_that_was_chosen_belongs_to_the_topics_of_the_stream(world: World) -> None:
    world.publish("orthographe")
    async with opened("wikipedia_changes", world.settings(), topics=("acme",)) as source:
        (mention,), _ = await until_some(source)
    assert mention.topics == ("acme",)


async def test_with_nothing_to_look_for_it_says_so(world: World) -> None:
    async with opened("wikipedia_changes", {"address": world.address}) as source:
        with pytest.raises(SourceRefused, match="nothing to look for"):
            await source.fetch("", NOW)


@pytest.mark.parametrize(("agent", "told"), [("", True), ("Acme watch (press@acme.example)", False)])
async def test_a_reader_without_a_contact_is_told_once(world: World, agent: str, told: bool) -> None:
    network = NetworkSettings(allow=("localhost",), user_agent=agent)
    world.publish("a")
    async with opened("wikipedia_changes", world.settings(), network=network) as source:
        first = await source.fetch("", NOW)
        second = await source.fetch(first.cursor, NOW)
    assert ("user_agent" in first.note) is told
    assert second.note == ""


async def test_it_says_how_far_behind_it_is(world: World) -> None:
    world.publish("a")
    async with opened("wikipedia_changes", world.settings()) as source:
        fetched = await source.fetch("", NOW)
    assert said(fetched) == ["a"]
    assert fetched.lag == timedelta(hours=3)


@pytest.mark.parametrize("wrong", [{"wikipedia": ["X"]}, {"fr.wikipedia": [""]}, {"evil/../": ["X"]}])
def test_articles_are_named_by_wikipedia_and_title(wrong: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError):
        plugins.settings_model("source", "wikipedia_changes").model_validate({"articles": wrong})
