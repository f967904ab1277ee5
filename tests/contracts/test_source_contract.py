"""What every built-in source promises, found by its name and held against its world (`tests/collect/worlds`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.collect.card import SourceCard
from buzzguard.collect.fields import LONGEST_TEXT
from buzzguard.collect.http import HttpClient
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceError, SourceRefused, SourceUnavailable
from buzzguard.model import CountKind, Fetched, Mention
from buzzguard.ports import Source
from tests.collect.worlds.base import NOW, Trouble, World

BUILT_IN = [name for name in plugins.names("source") if name in plugins.SOURCES]
DAMAGED = ["{", "nonsense", '{"seen": 7}', '{"rows": -5}', '{"rows": "x", "seen": [1]}', "[]", "null", "\x00", "9" * 50]
PASSING: tuple[Trouble, ...] = ("down", "web_page", "cut")
BACK = timedelta(days=1)
MOST_POLLS = 40


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    yield client
    await client.close()


@pytest.fixture(params=BUILT_IN)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    return chosen


@pytest.fixture
async def world(
    name: str, tmp_path: Path, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    made: World = import_module(f"tests.collect.worlds.{name}").World(httpserver, tmp_path)
    for number, secret in enumerate(made.secrets):
        monkeypatch.setenv(f"SECRET_{number}", secret)
    await made.start()
    made.publish("a", "b", "c")
    yield made
    await made.stop()


Open = Callable[..., Source]


@pytest.fixture
async def open_source(name: str, world: World, http: HttpClient) -> AsyncIterator[Open]:
    opened: list[Source] = []

    def open_source(*, missing: bool = False) -> Source:
        model = plugins.settings_model("source", name)
        settings = model.model_validate(world.missing() if missing else world.settings())
        tools = Tools(http, backfill=BACK, patience=timedelta(seconds=0.2))
        source = plugins.load("source", name)("stream", settings, common=StreamSettings(source=name), tools=tools)
        assert isinstance(source, Source)
        opened.append(source)
        return source

    yield open_source
    for source in opened:
        await source.close()


Poll = Callable[[Source, str], Awaitable[Fetched]]


@pytest.fixture
def poll(world: World) -> Poll:
    """Poll until the source says that it holds no more (one that pushes: until a poll brings nothing)."""

    async def poll(source: Source, cursor: str) -> Fetched:
        mentions: list[Mention] = []
        fetched = Fetched(cursor=cursor)
        quiet = 0
        for _ in range(MOST_POLLS):
            fetched = await source.fetch(fetched.cursor, NOW)
            mentions += fetched.mentions
            quiet = 0 if fetched.mentions else quiet + 1
            if fetched.retry_after != timedelta(0) or (world.live and quiet == 2):
                break
        return Fetched(mentions=tuple(mentions), cursor=fetched.cursor)

    return poll


def said(fetched: Fetched) -> list[str]:
    return [mention.text or mention.title for mention in fetched.mentions]


def only_with(condition: bool, reason: str) -> None:
    if not condition:
        pytest.skip(reason)


def texts_only(world: World) -> None:
    only_with(not world.counts, "this source counts, it brings no texts")


async def test_the_first_poll_brings_everything_in_order(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    assert said(await poll(open_source(), "")) == ["a", "b", "c"]


async def test_a_source_that_counts_says_what_and_when(open_source: Open, world: World) -> None:
    only_with(world.counts, "this source brings texts")
    fetched = await open_source().fetch("", NOW)
    assert fetched.counts
    assert not fetched.mentions
    for count in fetched.counts:
        assert count.kind in CountKind
        assert count.start < count.end <= NOW
        assert count.value >= 0
    again = await open_source().fetch(fetched.cursor, NOW)
    assert {(one.start, one.end) for one in again.counts} <= {(one.start, one.end) for one in fetched.counts}


async def test_after_a_crash_the_committed_cursor_loses_nothing_and_doubles_nothing(
    open_source: Open, world: World, poll: Poll
) -> None:
    texts_only(world)
    committed = (await poll(open_source(), "")).cursor
    world.publish("d")
    lost_in_a_crash = await poll(open_source(), committed)
    world.publish("e")
    again = await poll(open_source(), committed)
    assert said(lost_in_a_crash) == ["d"]
    assert said(again) == ["d", "e"]
    assert said(await poll(open_source(), again.cursor)) == []


async def test_many_pages_are_read_to_the_end_also_when_they_shift(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    only_with(world.page > 0, "the service has no pages")
    committed = (await poll(open_source(), "")).cursor
    many = [f"t{number}" for number in range(2 * world.page + 1)]
    world.publish(*many)
    first = await open_source().fetch(committed, NOW)
    world.publish("later")
    rest = await poll(open_source(), first.cursor)
    final = await poll(open_source(), rest.cursor)
    found = [*said(first), *said(rest), *said(final)]
    assert sorted(found) == sorted([*many, "later"])


async def test_a_living_source_that_is_asked_again_forgets_nothing(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    source = open_source()
    first = await source.fetch("", NOW)
    again = await source.fetch("", NOW)
    assert said(again)[: len(said(first))] == said(first)


async def test_the_same_text_has_the_same_id_each_time(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    one = await poll(open_source(), "")
    other = await poll(open_source(), "")
    ids = [mention.id for mention in one.mentions]
    assert ids == [mention.id for mention in other.mentions]
    assert len(set(ids)) == 3


async def test_mentions_belong_to_the_stream_and_have_aware_times(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    for mention in (await poll(open_source(), "")).mentions:
        assert mention.stream == "stream"
        assert mention.published == world.at(mention.text or mention.title)
        assert mention.published.utcoffset() == mention.fetched.utcoffset() == timedelta(0)


@pytest.mark.parametrize("cursor", DAMAGED)
async def test_a_damaged_cursor_means_starting_over(open_source: Open, world: World, poll: Poll, cursor: str) -> None:
    texts_only(world)
    assert said(await poll(open_source(), cursor)) == ["a", "b", "c"]


async def test_a_bad_record_costs_no_other(open_source: Open, world: World, poll: Poll) -> None:
    texts_only(world)
    world.spoil("spoilt")
    world.publish("d")
    assert said(await poll(open_source(), "")) == ["a", "b", "c", "d"]


async def test_hostile_texts_come_through_whole_or_cut_never_broken(
    open_source: Open, world: World, poll: Poll
) -> None:
    texts_only(world)
    odd = "😡 \u202etxet\u202c عربي \u0000 & <b>x"
    world.publish(odd.replace("\u0000", ""), "y" * 10_000_000, "z")
    found = said(await poll(open_source(), ""))
    huge = [text for text in found if text.startswith("yyy")]  # cut, or set aside as a whole
    assert len(huge) <= 1
    assert all(len(text) <= LONGEST_TEXT for text in found)
    rest = [text for text in found if text not in huge]
    assert rest[:3] == ["a", "b", "c"]
    assert "😡" in rest[3]
    assert rest[4:] == ["z"]


async def test_what_the_world_does_wrong_is_a_source_error_of_one_line(open_source: Open, world: World) -> None:
    with pytest.raises(SourceError) as raised:
        await open_source(missing=True).fetch("", NOW)
    check_message(raised.value, world)


async def test_a_refused_credential_is_told_to_the_operator(open_source: Open, world: World) -> None:
    only_with("refused" in world.troubles, "nothing can be refused")
    world.trouble = "refused"
    with pytest.raises(SourceRefused) as raised:
        await open_source().fetch("", NOW)
    check_message(raised.value, world)


async def test_a_rate_limit_is_waited_for_as_the_service_asks(open_source: Open, world: World) -> None:
    only_with("limited" in world.troubles, "nothing is limited")
    world.trouble = "limited"
    with pytest.raises(SourceUnavailable) as raised:
        await open_source().fetch("", NOW)
    asked = raised.value.retry_after
    assert asked is not None
    assert abs(asked - world.wait) <= timedelta(seconds=5)
    check_message(raised.value, world)


@pytest.mark.parametrize("trouble", PASSING)
async def test_after_passing_trouble_nothing_is_lost(
    open_source: Open, world: World, poll: Poll, trouble: Trouble
) -> None:
    only_with(trouble in world.troubles, f"{trouble!r} cannot happen here")
    world.trouble = trouble
    source = open_source()
    brought: list[str] = []
    cursor = ""
    try:
        fetched = await source.fetch(cursor, NOW)
        brought, cursor = said(fetched), fetched.cursor  # a part may be usable
    except SourceUnavailable as error:
        check_message(error, world)
    world.trouble = ""
    rest = await poll(source, cursor)
    if not world.counts:
        assert [*brought, *said(rest)] == ["a", "b", "c"]


async def test_a_source_may_be_closed_twice(open_source: Open) -> None:
    source = open_source()
    await source.fetch("", NOW)
    await source.close()
    await source.close()


def test_a_source_says_what_it_is(name: str) -> None:
    source = plugins.load("source", name)
    card = getattr(source, "card", None)
    assert isinstance(card, SourceCard)
    told = [said for field in card.__struct_fields__ if isinstance(said := getattr(card, field), str)]
    assert len(told) == 6
    assert all(0 < len(said) <= 160 for said in told)


def check_message(error: SourceError, world: World) -> None:
    message = str(error)
    assert message
    assert "\n" not in message
    assert not any(secret in message for secret in world.secrets)


def test_every_trouble_is_tried() -> None:
    assert set(get_args(Trouble)) == {"", "refused", "limited", *PASSING}
