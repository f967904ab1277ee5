"""Lists that are read on from the last record delivered, oldest first."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from buzzguard.collect.cursor import mark
from buzzguard.model import Mention

_MOST_SEEN = 2_000
_LONGEST_CURSOR = 500_000


class ForwardCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a list was left: the id of its last record, its latest time (Unix seconds), and marks of what was
    delivered lately: a list may show its last record again."""

    query: str = ""
    last_id: str = ""
    since: float = 0.0
    seen: tuple[str, ...] = ()

    def dump(self) -> str:
        """The text that `load_forward` reads back."""
        return msgspec.json.encode(self).decode()


def load_forward(text: str, query: str) -> ForwardCursor:
    """Read a cursor; one that is damaged counts as none, of one for another query only the marks are kept."""
    fresh = ForwardCursor(query=mark(query))
    if not text or len(text) > _LONGEST_CURSOR:
        return fresh
    try:
        read = msgspec.json.decode(text, type=ForwardCursor)
    except (msgspec.MsgspecError, UnicodeError):
        return fresh
    return read if read.query == fresh.query else msgspec.structs.replace(fresh, seen=read.seen)


def after(state: ForwardCursor, listed: Iterable[Mention], last_id: str) -> tuple[list[Mention], ForwardCursor]:
    """What of `listed` was not delivered before, and the cursor after it."""
    known, fresh = set(state.seen), list[Mention]()
    for mention in listed:
        if (key := mark(mention.id)) not in known:
            known.add(key)
            fresh.append(mention)
    marks = (*state.seen, *(mark(one.id) for one in fresh))[-_MOST_SEEN:]
    since = max([state.since, *(one.published.timestamp() for one in fresh)])
    return fresh, ForwardCursor(query=state.query, last_id=last_id or state.last_id, since=since, seen=marks)
