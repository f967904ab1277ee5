"""The migrations build exactly the tables that the code uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, text

from buzzguard.config.settings import StoreSettings
from buzzguard.errors import StoreError
from buzzguard.store.sql import SqlStore
from buzzguard.store.tables import metadata


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
