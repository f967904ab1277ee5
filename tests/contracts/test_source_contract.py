"""What every built-in source promises, found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from buzzguard import plugins
from buzzguard.collect.http import HttpClient
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import SourceError
from buzzguard.model import Mention
from buzzguard.ports import Source

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
BUILT_IN = [name for name in plugins.names("source") if name in plugins.SOURCES]
DAMAGED = ["{", "nonsense", '{"seen": 7}', '{"rows": -5}', '{"rows": "x", "seen": [1]}', "[]", "null", "\x00", "9" * 50]


class World:
    """Serves one stream to every kind of source: `publish` makes mentions appear in it."""

    def __init__(self, folder: Path, server: HTTPServer) -> None:
        self._file = folder / "stream.csv"
        self._server = server
        self._texts: list[str] = []

    def publish(self, *texts: str) -> None:
        self._texts += texts
        times = [START + timedelta(minutes=number) for number in range(len(self._texts))]
        rows = "".join(f"{time.isoformat()},{text},{text}\n" for time, text in zip(times, self._texts, strict=True))
        self._file.write_text("date,id,text\n" + rows, encoding="utf-8")
        items = "".join(
            f"<item><guid>{text}</guid><description>{text}</description><pubDate>{time.isoformat()}</pubDate></item>"
            for time, text in zip(times, self._texts, strict=True)
        )
        self._server.clear()
        self._server.expect_request("/feed").respond_with_data(
            f'<rss version="2.0"><channel>{items}</channel></rss>',
            content_type="application/rss+xml",
            headers={"ETag": f'"{len(self._texts)}"'},
        )

    def settings(self, name: str) -> dict[str, object]:
        """A source that is added here says how it reads this world."""
        known: dict[str, dict[str, object]] = {
            "rss": {"url": self._server.url_for("/feed")},
            "recording": {"path": str(self._file)},
        }
        return known[name]

    def missing(self, name: str) -> dict[str, object]:
        """Settings that lead nowhere."""
        known: dict[str, dict[str, object]] = {
            "rss": {"url": self._server.url_for("/nothing")},
            "recording": {"path": str(self._file) + ".none"},
        }
        return known[name]


@pytest.fixture
def world(tmp_path: Path, httpserver: HTTPServer) -> World:
    world = World(tmp_path, httpserver)
    world.publish("a", "b", "c")
    return world


@pytest.fixture
async def http() -> AsyncIterator[HttpClient]:
    client = HttpClient(NetworkSettings(allow=("localhost",)))
    yield client
    await client.close()


Open = Callable[..., Source]


@pytest.fixture(params=BUILT_IN)
def open_source(request: pytest.FixtureRequest, world: World, http: HttpClient) -> Open:
    name: str = request.param

    def open_source(*, missing: bool = False) -> Source:
        model = plugins.settings_model("source", name)
        settings = model.model_validate(world.missing(name) if missing else world.settings(name))
        source = plugins.load("source", name)("stream", settings, common=StreamSettings(source=name), http=http)
        assert isinstance(source, Source)
        return source

    return open_source


def said(mentions: tuple[Mention, ...]) -> list[str]:
    return [mention.text for mention in mentions]


async def test_the_first_poll_brings_everything_in_order(open_source: Open) -> None:
    fetched = await open_source().fetch("", NOW)
    assert said(fetched.mentions) == ["a", "b", "c"]


async def test_after_a_crash_the_committed_cursor_loses_nothing_and_doubles_nothing(
    open_source: Open, world: World
) -> None:
    committed = (await open_source().fetch("", NOW)).cursor
    world.publish("d")
    lost_in_a_crash = await open_source().fetch(committed, NOW)
    world.publish("e")
    again = await open_source().fetch(committed, NOW)
    assert said(lost_in_a_crash.mentions) == ["d"]
    assert said(again.mentions) == ["d", "e"]
    assert said((await open_source().fetch(again.cursor, NOW)).mentions) == []


async def test_a_living_source_that_is_asked_again_forgets_nothing(open_source: Open) -> None:
    source = open_source()
    first = await source.fetch("", NOW)
    assert (await source.fetch("", NOW)).mentions == first.mentions


async def test_the_same_text_has_the_same_id_each_time(open_source: Open) -> None:
    one = await open_source().fetch("", NOW)
    other = await open_source().fetch("", NOW + timedelta(hours=1))
    ids = [mention.id for mention in one.mentions]
    assert ids == [mention.id for mention in other.mentions]
    assert len(set(ids)) == 3


async def test_mentions_belong_to_the_stream_and_have_aware_times(open_source: Open) -> None:
    for mention in (await open_source().fetch("", NOW)).mentions:
        assert mention.stream == "stream"
        assert mention.fetched == NOW
        assert mention.published.utcoffset() == timedelta(0)


@pytest.mark.parametrize("cursor", DAMAGED)
async def test_a_damaged_cursor_means_starting_over(open_source: Open, cursor: str) -> None:
    assert said((await open_source().fetch(cursor, NOW)).mentions) == ["a", "b", "c"]


async def test_what_the_world_does_wrong_is_a_source_error_of_one_line(open_source: Open) -> None:
    source = open_source(missing=True)
    with pytest.raises(SourceError) as raised:
        await source.fetch("", NOW)
    assert "\n" not in str(raised.value)


async def test_a_source_may_be_closed_twice(open_source: Open) -> None:
    source = open_source()
    await source.fetch("", NOW)
    await source.close()
    await source.close()
