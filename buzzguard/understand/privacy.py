"""What is kept of those who write: as much as was chosen, and no more.

A hash is keyed (BLAKE2b, RFC 7693): without the key nobody can find out whose it is by hashing all the names there are.
The key stays in the store, so that one person is counted as one for as long as the key lives. An export is given a salt
of its own in place of the key: within it one person is one, but two exports cannot be joined.
"""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b
from typing import Literal

from msgspec.structs import replace

from buzzguard.model import Author, Mention

Kept = Literal["handle", "hash", "nothing"]
LEAST_KEY = 16
"""Bytes of a key; at most 64 can be used."""
_DIGEST = 12


class Keeper:
    """Reduces authors to what is kept of them.

    `key` is 16 to 64 secret random bytes; it is not needed for `handle` and `nothing`. Raises ValueError for another.
    What this keeper hashed it leaves as it is; what another one hashed it hashes again.
    """

    def __init__(self, kept: Kept, key: bytes = b"") -> None:
        if kept == "hash" and not LEAST_KEY <= len(key) <= blake2b.MAX_KEY_SIZE:
            raise ValueError(f"a key has {LEAST_KEY} to {blake2b.MAX_KEY_SIZE} bytes, this one has {len(key)}")
        self._kept = kept
        self._key = key
        mark = blake2b(b"mark", key=key, digest_size=2).hexdigest() if kept == "hash" else ""
        self._prefix = f"~{mark}."
        self._hashed = re.compile(re.escape(self._prefix) + f"[0-9a-f]{{{2 * _DIGEST}}}")

    def keep(self, author: Author, source: str) -> Author:
        """What is kept of an author of a kind of source.

        Followers and the sign of verification stay, and the day on which the account was opened. Equal authors of one
        source stay equal and different ones different, but with `nothing`.
        """
        if self._kept == "handle":
            return author
        who = author.id or author.handle
        created = _day(author.created)
        bare = Author(followers=author.followers, verified=author.verified, created=created)
        if self._kept == "nothing" or not who:
            return bare
        if not author.handle and self._hashed.fullmatch(author.id):
            return replace(bare, id=author.id)
        # The length parts source from name: no two pairs make the same bytes.
        name = f"{len(source)}:{source}:{who}".encode("utf-8", "surrogatepass")
        return replace(bare, id=self._prefix + blake2b(name, key=self._key, digest_size=_DIGEST).hexdigest())

    def reduce(self, mention: Mention) -> Mention:
        """The mention with what is kept of its author. Handles that stand in its text are words, and stay."""
        author = self.keep(mention.author, mention.source)
        return mention if author is mention.author else replace(mention, author=author)


def _day(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(hour=0, minute=0, second=0, microsecond=0)
