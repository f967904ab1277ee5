"""Bluesky's stream: nothing lost or doubled over reconnections, false times, deletions, names, compression."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from pytest_httpserver import HTTPServer

from buzzguard.collect.bluesky_jetstream import BlueskyJetstreamSource as Jetstream
from buzzguard.collect.bluesky_memory import Place, Taken
from buzzguard.collect.bluesky_posts import event_time, made_at, parts_of
from buzzguard.collect.bluesky_wire import MOST_FRAME, Frames
from buzzguard.collect.http import HttpClient
from buzzguard.collect.tools import Tools
from buzzguard.config.settings import NetworkSettings, StreamSettings
from buzzguard.errors import ConfigError, SourceUnavailable
from buzzguard.model import Fetched, Mention, MentionKind, Span
from tests.collect.worlds.base import NOW
from tests.collect.worlds.bluesky_jetstream import DID, OTHER, World, commit, micro, tid

SECOND = timedelta(seconds=1)
BACK = timedelta(hours=6)


@pytest.fixture
async def world(httpserver: HTTPServer, tmp_path: Path) -> AsyncIterator[World]:
    made = World(httpserver, tmp_path)
    await made.start()
    yield made
    await made.stop()


Open = Callable[..., Jetstream]


@pytest.fixture
async def open_source(world: World) -> AsyncIterator[Open]:
    http = HttpClient(NetworkSettings(allow=("localhost", "127.0.0.1")))
    opened: list[Jetstream] = []

    def open_source(
        *,
        wanted: Callable[[Mention], bool] = lambda _: True,
        back: timedelta = BACK,
        patience: timedelta = SECOND * 0.4,
        **settings: Any,
    ) -> Jetstream:
        chosen = Jetstream.Settings.model_validate(world.settings() | settings)
        tools = Tools(http, wanted=wanted, backfill=back, patience=patience)
        opened.append(Jetstream("s", chosen, common=StreamSettings(source="bluesky_jetstream"), tools=tools))
        return opened[-1]

    yield open_source
    for source in opened:
        await source.close()
    await http.close()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


async def until(source: Jetstream, cursor: str, enough: Callable[[Fetched], bool]) -> list[Fetched]:
    found: list[Fetched] = []
    for _ in range(20):
        found.append(await source.fetch(cursor, NOW))
        cursor = found[-1].cursor
        if enough(found[-1]):
            return found
    raise AssertionError("it did not come")


def texts(fetched: Fetched) -> list[str]:
    return [mention.text for mention in fetched.mentions]


async def test_an_event_becomes_a_mention_with_all_that_is_told(world: World, open_source: Open) -> None:
    at = ago(60)
    parent = {"uri": f"at://{OTHER}/app.bsky.feed.post/3mparent", "cid": "c"}
    world.push(commit("Une Lumio qui fond", at, rkey="3mexample2k2a", reply={"root": parent, "parent": parent}))
    (mention,) = (await open_source().fetch("", NOW)).mentions
    assert mention.id == f"bluesky:{DID}/3mexample2k2a"
    assert mention.url == f"https://bsky.app/profile/{DID}/post/3mexample2k2a"
    assert (mention.source, mention.site, mention.language) == ("bluesky", "bsky.app", "fr")
    assert mention.kind is MentionKind.REPLY
    assert mention.parent == f"bluesky:{OTHER}/3mparent"
    assert (mention.published, mention.fetched) == (at, NOW)
    assert (mention.author.id, mention.author.handle, mention.author.followers) == (DID, "examp.bsky.social", 812)


async def test_a_quote_has_a_parent_and_a_card_a_title(world: World, open_source: Open) -> None:
    quote = {"$type": "app.bsky.embed.record", "record": {"uri": f"at://{OTHER}/app.bsky.feed.post/3mq"}}
    card = {"$type": "app.bsky.embed.external", "external": {"uri": "https://x.example", "title": "Lumio rappelle"}}
    world.push(commit("voyez", ago(9), embed=quote), commit("lol", ago(8), embed=card))
    quoted, carded = (await open_source().fetch("", NOW)).mentions
    assert (quoted.parent, quoted.kind) == (f"bluesky:{OTHER}/3mq", MentionKind.POST)
    assert (carded.title, carded.parent) == ("Lumio rappelle", "")


async def test_what_a_reconnection_brings_again_is_dropped_also_after_a_restart(
    world: World, open_source: Open
) -> None:
    world.push(*(commit(str(second), ago(20 - second)) for second in range(8)))
    first = await open_source().fetch("", NOW)
    world.push(commit("new", ago(1)))
    restarted = open_source()
    assert texts(await restarted.fetch(first.cursor, NOW)) == ["new"]
    since = int(world.asked[-1]["cursor"][0])
    assert since == micro(ago(13)) - 5_000_000  # five seconds before the last handled event
    assert world.asked[-1]["wantedCollections"] == ["app.bsky.feed.post"]


async def test_a_broken_connection_loses_and_doubles_nothing(world: World, open_source: Open) -> None:
    world.push(commit("a", ago(9)), commit("b", ago(8)))
    source = open_source()
    first = await source.fetch("", NOW)
    world.hang_up()
    world.push(commit("c", ago(7)))
    with pytest.raises(SourceUnavailable, match="broke"):
        while True:
            first = await source.fetch(first.cursor, NOW)
    found = await until(source, first.cursor, lambda one: bool(one.mentions))
    assert [text for one in found for text in texts(one)] == ["c"]


@pytest.mark.parametrize("seed", [1, 2])
async def test_whatever_breaks_and_whenever_each_mention_comes_once(world: World, open_source: Open, seed: int) -> None:
    chance = random.Random(seed)
    names: dict[str, Any] = {"wanted": lambda mention: "lumio" in mention.text, "patience": SECOND / 12, "profiles": ""}
    source, cursor = open_source(**names), ""
    said: list[str] = []
    heard: list[str] = []
    at = ago(1_800)
    for step in range(30):
        at += timedelta(seconds=chance.choice([0, 0.001, 0.5, 4]))
        for part in "abc"[: chance.randint(0, 3)]:
            text = f"{chance.choice(['lumio', 'noise'])} {step}{part}"
            said += [text] * text.startswith("lumio")
            world.push(commit(text, at, rkey=f"k{step}{part}", rev=part))
        if chance.random() < 0.15:
            world.hang_up()
        if chance.random() < 0.15:
            await source.close()
            source = open_source(**names)
        with suppress(SourceUnavailable):
            fetched = await source.fetch(cursor, NOW)
            if chance.random() < 0.7 or step > 25:  # else the commit failed
                cursor, heard = fetched.cursor, heard + texts(fetched)
    for _ in range(6):
        with suppress(SourceUnavailable):
            fetched = await source.fetch(cursor, NOW)
            cursor, heard = fetched.cursor, heard + texts(fetched)
    assert heard == said


async def test_the_next_host_is_tried_when_one_does_not_answer(world: World, open_source: Open) -> None:
    world.push(commit("a", ago(9)))
    source = open_source(hosts=[f"{world.address}/gone", f"{world.address}/subscribe"])
    assert texts(await source.fetch("", NOW)) == ["a"]


async def test_nothing_is_made_of_what_no_topic_asks_for_but_the_cursor_moves(world: World, open_source: Open) -> None:
    world.push(*(commit("noise", ago(60 - second)) for second in range(50)))
    source = open_source(wanted=lambda mention: "lumio" in mention.text.lower())
    found = await until(source, "", lambda one: one.lag is not None and one.lag < timedelta(seconds=15))
    assert not any(one.mentions for one in found)
    assert world.profiles_asked == []
    world.push(commit("Ma Lumio", ago(1)))
    assert texts((await until(source, found[-1].cursor, lambda one: bool(one.mentions)))[-1]) == ["Ma Lumio"]


async def test_the_past_that_was_asked_for_is_backfill_and_the_present_is_not(world: World, open_source: Open) -> None:
    world.push(commit("too old", NOW - BACK - SECOND * 10), commit("old", ago(3_600)))
    source = open_source()
    past = await source.fetch("", NOW)
    assert (texts(past), past.backfilling) == (["old"], True)
    later = NOW + timedelta(minutes=1)
    world.push(commit("seen", later - SECOND))
    present = await source.fetch(past.cursor, later)
    assert texts(present) == ["seen"]
    world.push(commit("live", later))
    live = await source.fetch(present.cursor, later)
    assert (texts(live), live.backfilling, live.note) == (["live"], False, "")


async def test_without_backfill_it_begins_now(world: World, open_source: Open) -> None:
    world.push(commit("old", ago(60)), commit("new", NOW))
    assert texts(await open_source(back=timedelta(0)).fetch("", NOW)) == ["new"]


async def test_a_stop_longer_than_the_replay_is_lost_time_that_is_told_once(world: World, open_source: Open) -> None:
    world.clamp = NOW - timedelta(hours=36)
    world.push(commit("lost", NOW - timedelta(hours=50)), commit("kept", NOW - timedelta(hours=30)))
    old = Place(us=micro(NOW - timedelta(hours=60)), count=7).dump()
    source = open_source()
    after = await source.fetch(old, NOW)
    assert texts(after) == ["kept"]
    assert after.lost == (Span(start=NOW - timedelta(hours=60), end=NOW - timedelta(hours=36)),)
    assert "are lost: the servers replay 36 h only" in after.note
    later = await source.fetch(after.cursor, NOW)
    assert later.lost == () and "are lost" in later.note
    tomorrow = NOW + timedelta(days=1)
    assert "lost" not in (await source.fetch(Place(us=micro(tomorrow), count=9).dump(), tomorrow)).note


async def test_deletions_of_what_was_taken_are_passed_on_and_others_are_not(world: World, open_source: Open) -> None:
    taken, other = ago(60), ago(59)
    deletes = [
        commit("", ago(50), operation="delete", rkey=tid(taken)),
        commit("", ago(50), operation="delete", rkey=tid(other)),
        commit("", ago(50), operation="delete", rkey="3jui7kd54zh2y"),  # of 2023: the store has to tell
    ]
    world.push(commit("Lumio", taken), commit("noise", other), *deletes, commit("Lumio again", ago(40)))
    found = await open_source(wanted=lambda mention: "Lumio" in mention.text).fetch("", NOW)
    assert found.deleted == (f"bluesky:{DID}/{tid(taken)}", f"bluesky:{DID}/3jui7kd54zh2y")


@pytest.mark.parametrize(("status", "gone"), [("deleted", True), ("deactivated", True), ("throttled", False)])
async def test_an_author_who_is_gone_takes_the_mentions_along(
    world: World, open_source: Open, status: str, gone: bool
) -> None:
    world.push(
        commit("mine", ago(9)),
        commit("theirs", ago(8), did=OTHER),
        {"did": DID, "time_us": micro(ago(7)), "kind": "account", "account": {"active": False, "status": status}},
        commit("end", ago(6), did=OTHER),
    )
    found = await open_source().fetch("", NOW)
    assert found.deleted_authors == ((f"bluesky:{DID}",) if gone else ())
    assert {f"bluesky:{DID}"} <= {one.author_key for one in found.mentions}


async def test_a_new_handle_is_heard_of_and_a_silent_directory_costs_nothing(world: World, open_source: Open) -> None:
    world.profiles_status = 503
    identity = {"did": DID, "handle": "cafetiere.bsky.social", "seq": 1, "time": "2026-11-22T06:20:12.000Z"}
    world.push({"did": DID, "time_us": micro(ago(9)), "kind": "identity", "identity": identity})
    world.push(commit("a", ago(8)), commit("b", ago(7), did=OTHER))
    source = open_source()
    known, unknown = (await source.fetch("", NOW)).mentions
    assert (known.author.handle, known.author.followers) == ("cafetiere.bsky.social", 0)
    assert (unknown.author.id, unknown.author.handle) == (OTHER, "")
    asked = len(world.profiles_asked)
    world.push(commit("c", ago(1)))
    await source.fetch((await source.fetch("", NOW)).cursor, NOW)
    assert len(world.profiles_asked) == asked  # it is left alone for a while


async def test_frames_that_cannot_be_read_are_set_aside_until_there_are_too_many(
    world: World, open_source: Open
) -> None:
    bad: list[dict[str, Any] | str | bytes] = [
        "{",
        b"\x00\xff",
        json.dumps({"did": 7}),
        commit("x", ago(9)) | {"time_us": micro(NOW) * 2},
    ]
    world.push(*bad, commit("a", ago(9)), commit("odd", ago(8), did="nobody"), commit("b", ago(7)))
    found = await open_source().fetch("", NOW)
    assert texts(found) == ["a", "b"]
    assert len(found.quarantined) == 5
    world.push(*(["nonsense"] * 60))
    with pytest.raises(SourceUnavailable, match="nothing that the server sends can be read"):
        await until(open_source(), found.cursor, lambda _: False)


def dictionary(path: Path) -> Path:
    samples: list[bytes | bytearray | memoryview] = [
        json.dumps(commit(f"Lumio {number} fond " * 3, ago(number))).encode() for number in range(800)
    ]
    path.write_bytes(zstandard.train_dictionary(4_096, samples, dict_id=1_612_007_021).as_bytes())
    return path


async def test_with_the_dictionary_the_stream_is_compressed(world: World, open_source: Open, tmp_path: Path) -> None:
    path = dictionary(tmp_path / "zstd_dictionary")
    packer = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(path.read_bytes()))
    world.push(*(packer.compress(json.dumps(commit(text, ago(9), rev=text)).encode()) for text in ("a", "b")))
    found = await open_source(dictionary=path).fetch("", NOW)
    assert texts(found) == ["a", "b"]
    assert world.asked[-1]["compress"] == ["true"]


def test_a_frame_that_grows_beyond_measure_or_needs_another_dictionary_is_refused(tmp_path: Path) -> None:
    frames = Frames(dictionary(tmp_path / "d"))
    told = zstandard.ZstdCompressor().compress(b" " * 50_000_000)
    streamed = zstandard.ZstdCompressor(write_content_size=False).compress(b" " * 50_000_000)
    for bomb in (told, streamed, told[:20], b"nonsense"):
        with pytest.raises(ValueError, match=r"grows|damaged"):
            frames.event(bomb)
    assert MOST_FRAME < 1_000_000


def test_a_dictionary_that_cannot_be_read_is_a_fault_of_the_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the dictionary cannot be used"):
        Frames(tmp_path / "none")


@pytest.mark.parametrize(
    ("declared", "believed"),
    [(ago(5), ago(5)), (ago(4_000), NOW), (NOW + SECOND, NOW), (None, NOW), ("yesterday", NOW), (7, NOW)],
)
def test_a_declared_time_is_believed_within_the_hour_before(declared: Any, believed: datetime) -> None:
    said = declared.isoformat() if isinstance(declared, datetime) else declared
    assert event_time(said, NOW) == believed


def test_keys_tell_their_time_and_odd_ones_none() -> None:
    assert abs((made_at(tid(NOW)) or ago(99)) - NOW) < timedelta(milliseconds=1)
    assert [made_at(key) for key in ("self", "3mexample2k2", "1" * 13, "2" * 13, "z" * 13)] == [None] * 5
    assert parts_of("at://did:x/app.bsky.feed.like/3m") is parts_of(None) is parts_of("https://x") is None


def test_a_deletion_is_left_out_only_when_its_post_would_be_remembered() -> None:
    memory = Taken(ago(7_200))
    assert memory.gone("d", tid(ago(60)), NOW) == ""
    assert memory.gone("d", tid(ago(7_000)), NOW) != ""  # clocks differ
    assert memory.gone("d", tid(NOW + SECOND), NOW) != ""  # a false key
    assert memory.gone("d", "self", NOW) != ""
