"""Where a feed was left: what its server wants to hear again, and which entries were delivered."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

_LONGEST_VALIDATOR = 500
_LONGEST_URL = 4_000
_MARGIN = 200
"""Entries remembered beyond those listed: one that drops out of a feed and comes back is not new."""
_LONGEST_CURSOR = 1_000_000


class FeedCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The memory of one feed between polls, kept as compact JSON.

    `address` is the hash of the configured address: validators and `moved` (where it has moved for good) are worth
    nothing for another one. `seen` holds marks of delivered entries, the present ones first.
    """

    address: str = ""
    etag: str = ""
    modified: str = ""
    moved: str = ""
    seen: tuple[str, ...] = ()

    def dump(self) -> str:
        """The text that `load_cursor` reads back."""
        return msgspec.json.encode(self).decode()


def mark(text: str) -> str:
    """A short name of an entry: 64 bits, so that among the entries of one feed a clash is out of the question."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def load_cursor(text: str, *, address: str) -> FeedCursor:
    """Read a cursor. One that is damaged counts as none; of one for another address only `seen` is kept."""
    fresh = FeedCursor(address=mark(address))
    if not text or len(text) > _LONGEST_CURSOR:
        return fresh
    try:
        read = msgspec.json.decode(text, type=FeedCursor)
    except (msgspec.MsgspecError, UnicodeError):
        return fresh
    return read if read.address == fresh.address else msgspec.structs.replace(fresh, seen=read.seen)


def advance(
    cursor: FeedCursor, *, listed: list[str], etag: str = "", modified: str = "", moved: str = ""
) -> FeedCursor:
    """The cursor after an answer that lists the entries marked `listed`."""
    now = dict.fromkeys(listed)
    before = [each for each in cursor.seen if each not in now][:_MARGIN]
    return FeedCursor(
        address=cursor.address,
        etag=etag if len(etag) <= _LONGEST_VALIDATOR else "",
        modified=modified if len(modified) <= _LONGEST_VALIDATOR else "",
        moved=moved if len(moved) <= _LONGEST_URL else "",
        seen=(*now, *before),
    )
