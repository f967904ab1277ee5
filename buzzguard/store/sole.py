"""One daemon a database: two would count every mention twice and tell everybody twice."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from buzzguard.errors import StoreError
from buzzguard.store.sql import database_file

_TRIES, _PAUSE = 5, 0.02
"""Whoever looks whether a daemon runs holds the lock for a moment; a start must not fail for that."""


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
        if not any(_locked(descriptor, fcntl.LOCK_EX, pause=_PAUSE if more else 0) for more in reversed(range(_TRIES))):
            os.close(descriptor)
            hint = "stop it first, or give this one a database of its own"
            raise StoreError(f"store.url: another BuzzGuard runs on {database}; {hint}")
        return cls(descriptor)

    @staticmethod
    def held(url: str, *, base: Path | None = None) -> bool:
        """Whether a daemon runs on the database at `url`. True also where that may not be asked: somebody else's."""
        database = database_file(url, base)
        if database is None:
            return False
        try:
            descriptor = os.open(f"{database}.lock", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def release(self) -> None:
        """Let it go. May be called twice."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _locked(descriptor: int, how: int, *, pause: float = 0.0) -> bool:
    """Whether the file could be locked so at once; waits for `pause` seconds when it could not."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except OSError:
        time.sleep(pause)
        return False
    return True
