"""The engine on SQLite, and the migrations run at opening."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from buzzguard.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
WRITES = "buzzguard_writes"
"""Execution option of a connection that is about to write."""


def open_engine(url: str) -> AsyncEngine:
    """An engine for a `sqlite:///path` address.

    Raises StoreError for any other database: only SQLite is supported so far.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StoreError(
            f"store.url {url!r} is not a database address, write sqlite:///path/to/buzzguard.db"
        ) from error
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(
            f"store.url: {parsed.get_backend_name()} is not supported, write sqlite:///path/to/buzzguard.db"
        )
    engine = create_async_engine(parsed.set(drivername="sqlite+aiosqlite"), pool_size=4)
    event.listen(engine.sync_engine, "connect", _on_connect)
    event.listen(engine.sync_engine, "begin", _on_begin)
    return engine


def migrate(connection: Connection) -> None:
    """Bring the database to the newest revision. Raises StoreError when it was written by a newer BuzzGuard."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext

    config = _migrations()
    config.attributes["connection"] = connection
    present = MigrationContext.configure(connection).get_current_revision()
    known, _ = revisions()
    if present is not None and present not in known:
        raise StoreError(f"the database was written by a newer BuzzGuard (revision {present}); upgrade the program")
    command.upgrade(config, "head")


def revisions() -> tuple[frozenset[str], str]:
    """Every revision of the tables that this program knows, and the newest."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_migrations())
    return frozenset(script.revision for script in scripts.walk_revisions()), scripts.get_current_head() or ""


def _migrations() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def _on_connect(connection: Any, _record: Any) -> None:
    # The driver's own transaction control begins deferred transactions behind our back: we begin them ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "cache_size=-20000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
