"""Looking through what is stored, and writing into it, beside a daemon that writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import Author, Click, ClickKind, Effects, Mention, Person, ScoredMention, Sentiment
from buzzguard.store.looking import MentionStore, open_existing, wipe_log
from buzzguard.store.sql import SqlStore

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
SETTINGS = StoreSettings()


def scored(number: int, *, author: str = "ann", handle: str = "", source: str = "rss") -> ScoredMention:
    """One of many: four share each minute."""
    at = NOW - timedelta(minutes=number // 4)
    mention = Mention(
        id=f"{source}:{number:05d}",
        stream="s",
        source=source,
        published=at,
        fetched=at,
        text=f"text {number}",
        author=Author(id=author, handle=handle),
    )
    return ScoredMention(mention=mention, topics=("acme",), sentiment=Sentiment())


def click(number: int, author: str = "rss:ann") -> Click:
    who = Person(id="p")
    return Click(id=f"c{number}", kind=ClickKind.NEGATIVE, mention="m", who=who, at=NOW, author=author)


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[SqlStore]:
    """The store of a running daemon."""
    store = await SqlStore.open(SETTINGS, base=tmp_path)
    yield store
    await store.close()


async def look(folder: Path) -> MentionStore:
    return await MentionStore.look_now(SETTINGS, now=NOW, base=folder)


async def test_pages_join_without_a_gap_or_a_repeat(daemon: SqlStore, tmp_path: Path) -> None:
    await daemon.commit(Effects(at=NOW, mentions=tuple(scored(n) for n in range(1_203))), {})
    store = await look(tmp_path)
    all_of_them = [one.mention async for one in store.newest()]
    assert len({one.id for one in all_of_them}) == len(all_of_them) == 1_203
    assert [one.published for one in all_of_them] == sorted((one.published for one in all_of_them), reverse=True)
    hour = [one async for one in store.newest(since=NOW - timedelta(hours=1), until=NOW - timedelta(minutes=30))]
    assert len(hour) == 4 * 30
    await store.close()


async def test_what_does_not_hold_a_value_is_passed_over(daemon: SqlStore, tmp_path: Path) -> None:
    odd = 'quo"te é'
    told = (
        scored(1),
        replace(scored(2), topics=("acme", odd)),
        replace(scored(3), copy_key=-77, themes={"price": ("dear",)}),
        replace(scored(4), repeat_key=-77, topics=(odd,)),
    )
    await daemon.commit(Effects(at=NOW, mentions=told), {})
    store = await look(tmp_path)

    async def held(*groups: Sequence[str | int]) -> set[str]:
        return {one.mention.id[-1] async for one in store.newest(holding=groups)}

    assert await held(["acme"]) == {"1", "2", "3"}
    assert await held([odd]) == {"2", "4"}
    assert await held([-77, odd]) == {"2", "3", "4"} and await held([-77], [odd]) == {"4"}
    assert await held(["price"], ["acme"]) == {"3"} and await held(["pri"]) == set()
    await store.close()


async def test_ids_are_found_by_their_beginning(daemon: SqlStore, tmp_path: Path) -> None:
    await daemon.commit(Effects(at=NOW, mentions=(*(scored(n) for n in range(3)), scored(0, source="rss%"))), {})
    store = await look(tmp_path)
    assert await store.beginning("rss:0", 9) == ["rss:00000", "rss:00001", "rss:00002"]
    assert await store.beginning("rss%", 9) == ["rss%:00000"]
    assert await store.beginning("rss_", 9) == []
    await store.close()


async def test_authors_are_found_by_id_or_handle_within_their_source(daemon: SqlStore, tmp_path: Path) -> None:
    told = (
        scored(0, author="1", handle="@Ann"),
        scored(1, author="1", handle="@Ann"),
        scored(2, author="2", handle="ann"),
        scored(3, author="3"),
        scored(4, author="1", handle="@Ann", source="mastodon"),
    )
    await daemon.commit(Effects(at=NOW, mentions=told), {})
    await daemon.click(click(1, "rss:1"))
    store = await look(tmp_path)
    assert await store.written_by("rss", "@ann") == {"rss:1": 2, "rss:2": 1}
    assert await store.written_by("rss", "1") == {"rss:1": 2}
    for nobody in ("", "@", " "):
        assert await store.written_by("rss", nobody) == {}, "who has no handle is not meant"
    assert await store.written_by("rs", "1") == {}
    assert await store.clicked_authors(["rss:1", "rss:2"]) == 1
    assert await store.kept_key("authors") is None
    made = await daemon.key("authors")
    await store.close()
    later = await look(tmp_path)
    assert await later.kept_key("authors") == made
    await later.close()


async def test_many_write_beside_the_daemon_and_nothing_is_lost(daemon: SqlStore, tmp_path: Path) -> None:
    async def press(number: int) -> bool:
        store = await open_existing(SETTINGS, now=NOW, base=tmp_path)
        try:
            return await store.click(click(number % 5))
        finally:
            await store.close()

    async def watch(number: int) -> None:
        await daemon.commit(Effects(at=NOW, mentions=(scored(number),)), {})

    results = await asyncio.gather(*(press(n) for n in range(10)), *(watch(n) for n in range(20)))
    assert sum(result is True for result in results) == 5
    assert len((await daemon.clicks_after(0))[0]) == 5
    assert len(await daemon.mentions_since(NOW - timedelta(days=1))) == 20


async def test_what_is_erased_is_overwritten_also_beside_the_daemon(daemon: SqlStore, tmp_path: Path) -> None:
    await daemon.commit(Effects(at=NOW, mentions=(scored(7), scored(8, author="bob"))), {})
    store = await open_existing(SETTINGS, now=NOW, base=tmp_path)
    assert await store.erase_author("rss:ann", at=NOW) == 1
    await store.close()
    await wipe_log(SETTINGS, base=tmp_path)
    left = b"".join(file.read_bytes() for file in tmp_path.glob("buzzguard.db*"))
    assert b"text 7" not in left and b"text 8" in left
    await daemon.commit(Effects(at=NOW, mentions=(scored(9),)), {})
    assert len(await daemon.mentions_since(NOW - timedelta(days=1))) == 2


async def test_only_a_database_that_is_there_is_opened(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database at"):
        await open_existing(SETTINGS, now=NOW, base=tmp_path)
    with pytest.raises(StoreError, match="names no file"):
        await open_existing(StoreSettings(url="sqlite://"), now=NOW, base=tmp_path)
    with pytest.raises(StoreError, match="file name too long"):
        await MentionStore.look_now(StoreSettings(url=f"sqlite:///{'x' * 300}.db"), now=NOW, base=tmp_path)
    (tmp_path / "buzzguard.db").write_bytes(b"no database at all, but a text that is long enough to be looked at" * 9)
    with pytest.raises(StoreError, match="is no database of BuzzGuard"):
        await open_existing(SETTINGS, now=NOW, base=tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["buzzguard.db"]
