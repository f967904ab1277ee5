"""The migrations build exactly the tables that the code uses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from msgspec.structs import replace
from sqlalchemy import Connection, create_engine, text

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.model import Effects
from buzzguard.store.sql import SqlStore
from buzzguard.store.sqlite import MIGRATIONS
from buzzguard.store.tables import metadata

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_SAMPLE = text(
    'insert into samples (topic, "window", "end", volume, negative, positive, authors, reach, engagement, spread,'
    " gravity, sources, top_reach, known, closed)"
    " values ('acme', 300, 1767607200000000, 7, 3, 1, 6, 12, 4, 2, 0, 1, 9000000000, 0.5, 1)"
)
_FIRST_MENTION = text(
    "insert into mentions (id, published, stream, author, body) values ('m', 1767607200000000, 's', 'rss:jo', :body)"
)
_FIRST_BODY = (
    b'{"mention":{"id":"m","stream":"s","source":"rss","published":"2026-01-05T10:00:00Z",'
    b'"fetched":"2026-01-05T10:00:00Z","text":"acme"},"topics":["acme"],"sentiment":{"value":-0.5},"repeat_key":7}'
)


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return list(compare_metadata(context, metadata))


async def test_migrated_database_equals_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "buzzguard.db"
    store = await SqlStore.open(StoreSettings(url=f"sqlite:///{path}"))
    await store.close()

    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert _differences(connection) == []
    engine.dispose()


async def test_a_database_of_the_first_tables_is_carried_on_with_all_it_holds(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'buzzguard.db'}")
    with engine.begin() as connection:
        _upgrade(connection, "0001")
        connection.execute(_FIRST_SAMPLE)
        connection.execute(_FIRST_MENTION, {"body": _FIRST_BODY})
    engine.dispose()

    settings = StoreSettings(url="sqlite:///buzzguard.db")
    for _ in range(2):
        store = await SqlStore.open(settings, base=tmp_path)
        (sample,) = await store.samples_since(EPOCH)
        assert (sample.volume, sample.negative, sample.top_reach) == (7, 3, 9_000_000_000)
        assert (sample.voices, sample.hostile, sample.known, sample.closed) == (0, 0, 0.5, True)
        (mention,) = await store.mentions_since(EPOCH)
        assert (mention.repeat_key, mention.copy_key, mention.voices) == (7, 0, ())
        await store.close()


async def test_new_samples_go_beside_those_of_the_first_tables(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'buzzguard.db'}")
    with engine.begin() as connection:
        _upgrade(connection, "0001")
        connection.execute(_FIRST_SAMPLE)
    engine.dispose()

    store = await SqlStore.open(StoreSettings(url="sqlite:///buzzguard.db"), base=tmp_path)
    (old,) = await store.samples_since(EPOCH)
    again = replace(old, voices=5_000_000_000, hostile=3)
    other = replace(again, topic="rival")
    await store.commit(Effects(at=EPOCH, samples=(again, other)), {})
    assert sorted(await store.samples_since(EPOCH), key=lambda one: one.topic) == [again, other]
    await store.close()


async def test_opening_twice_changes_nothing(tmp_path: Path) -> None:
    settings = StoreSettings(url="sqlite:///buzzguard.db")
    for _ in range(2):
        store = await SqlStore.open(settings, base=tmp_path)
        assert await store.cursors() == {}
        await store.close()


async def test_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    settings = StoreSettings(url="sqlite:///buzzguard.db")
    store = await SqlStore.open(settings, base=tmp_path)
    await store.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'buzzguard.db'}")
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()

    with pytest.raises(StoreError, match="newer BuzzGuard"):
        await SqlStore.open(settings, base=tmp_path)


@pytest.mark.parametrize(
    ("url", "words"),
    [("postgresql://somewhere/db", "postgresql is not supported"), ("nonsense", "not a database address")],
)
async def test_other_databases_are_refused_with_a_hint(url: str, words: str) -> None:
    with pytest.raises(StoreError, match=words):
        await SqlStore.open(StoreSettings(url=url))


async def test_directory_that_does_not_exist_is_a_store_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        await SqlStore.open(StoreSettings(url=f"sqlite:///{tmp_path}/nowhere/buzzguard.db"))
