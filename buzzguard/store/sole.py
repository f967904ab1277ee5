"""One daemon a database: two would count every mention twice and tell everybody twice."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from buzzguard.errors import StoreError
from buzzguard.store.sql import database_file


class SoleUse:
    """Held while a daemon runs; the system lets it go when the process ends, however it ends."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @classmethod
    def take(cls, url: str, *, base: Path | None = None) -> SoleUse:
        """Take the database at `url` for this process alone; a relative path counts from `base`.

        A file beside the database is locked, never the database itself: SQLite's own locks would not survive that.
        Raises StoreError when another process holds it, or the folder cannot be written.
        """
        database = database_file(url, base)
        if database is None:
            return cls(None)
        try:
            descriptor = os.open(f"{database}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"store.url: {database.parent} cannot be written: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            hint = "stop it first, or give this one a database of its own"
            raise StoreError(f"store.url: another BuzzGuard runs on {database}; {hint}") from error
        return cls(descriptor)

    def release(self) -> None:
        """Let it go. May be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)
