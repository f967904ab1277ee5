"""What could not be made a mention: kept with the cursor, bounded, and forgotten with who it names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from buzzguard.config.settings import StoreSettings
from buzzguard.model import EXCERPT, Batch, Effects, Quarantined
from buzzguard.pipeline import Core, step
from buzzguard.store.looking import MentionStore
from buzzguard.store.quarantine import KEPT, Held
from buzzguard.store.sql import SqlStore
from tests.small_world import assembly
from tests.working import working

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def aside(record: str, *, stream: str = "press", at: datetime = NOW) -> Quarantined:
    return Quarantined(stream=stream, at=at, reason="no id", record=record)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


async def kept(folder: Path, stream: str = "") -> list[Held]:
    looking = await MentionStore.look_now(StoreSettings(), now=NOW, base=folder)
    try:
        return await looking.quarantined(stream)
    finally:
        await looking.close()


async def test_it_is_written_with_the_cursor_and_the_same_fault_again_is_one_row(
    store: SqlStore, tmp_path: Path
) -> None:
    for minute in range(3):
        at = NOW + minute * MINUTE
        await store.commit(Effects(at=at, quarantined=(aside("a", at=at), aside("b", at=at))), {"press": str(minute)})
    assert await store.cursors() == {"press": "2"}
    found = sorted((one.one.record, one.times, one.one.at) for one in await kept(tmp_path))
    assert found == [("a", 3, NOW + 2 * MINUTE), ("b", 3, NOW + 2 * MINUTE)]


async def test_each_stream_keeps_its_newest_and_none_pushes_out_another(store: SqlStore, tmp_path: Path) -> None:
    await store.commit(Effects(at=NOW, quarantined=(aside("calm", stream="calm"),)), {})
    for lot in range(3):
        at = NOW + lot * MINUTE
        many = tuple(aside(f"{lot}-{n}", at=at + n * timedelta(seconds=0.01)) for n in range(KEPT))
        await store.commit(Effects(at=at, quarantined=many), {})
    assert [one.one.record for one in await kept(tmp_path, "calm")] == ["calm"]
    press = [one.one.record for one in await kept(tmp_path, "press")]
    assert press == [f"2-{n}" for n in reversed(range(KEPT))]


async def test_hostile_records_are_kept_bounded_and_whole_characters(store: SqlStore, tmp_path: Path) -> None:
    await store.commit(Effects(at=NOW, quarantined=(aside("\ud800 a\0b " + "x" * 10_000_000),)), {})
    (one,) = await kept(tmp_path)
    assert one.one.record.startswith("? a\N{REPLACEMENT CHARACTER}b x")
    assert len(one.one.record) == EXCERPT


async def test_it_expires_after_a_month(store: SqlStore, tmp_path: Path) -> None:
    await store.commit(Effects(at=NOW, quarantined=(aside("old", at=NOW - timedelta(days=31)), aside("new"))), {})
    gone = await store.expire(NOW)
    assert gone["quarantine"] == 1
    assert [one.one.record for one in await kept(tmp_path)] == ["new"]


async def test_who_is_erased_is_erased_from_it_too_also_where_hashes_are_kept(store: SqlStore, tmp_path: Path) -> None:
    records = tuple(aside(text) for text in ('{"acct": "JDupont@x.org"}', '{"acct": "ann"}', "hashed Marie"))
    await store.commit(Effects(at=NOW, quarantined=records), {})
    await store.erase_author("mastodon:@jdupont@x.org", at=NOW)
    await store.erase_author("mastodon:0f3a9c", at=NOW, named="@marie")
    assert [one.one.record for one in await kept(tmp_path)] == ['{"acct": "ann"}']


@pytest.mark.parametrize(("authors", "record"), [("handle", "by ann"), ("hash", ""), ("nothing", "")])
def test_a_step_passes_it_on_and_names_nobody_where_names_are_not_kept(
    tmp_path: Path, authors: str, record: str
) -> None:
    made = assembly(tmp_path, privacy={"authors": authors})
    effects = step(Core(made.settings, made.parts), Batch(quarantined=(aside("by ann"),)), NOW)
    assert effects.quarantined == (aside(record),)


async def test_the_worker_commits_it_with_the_cursor_of_its_stream(tmp_path: Path) -> None:
    async with working(tmp_path) as world:
        await world.worker.submit(Batch(quarantined=(aside("a"),)), {"press": "7"})
        (done,) = [(effects, cursors) for effects, cursors in world.store.commits if effects.quarantined]
    assert done[0].quarantined == (aside("a"),)
    assert done[1] == {"press": "7"}
