"""Where a stream on X stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from buzzguard.collect.cursor import mark

WINDOW = timedelta(days=7) - timedelta(minutes=10)
"""How far back X searches, less what passes until it is asked."""
_LONGEST = 100_000
_MOST_RESTS = 5


class Walk(msgspec.Struct, frozen=True, omit_defaults=True):
    """A walk from the newest post back to `since_id` (empty: to `start`, Unix seconds), to go on at `page`.

    `newest` is the newest id of its first page, `begun` when that was asked for (Unix seconds).
    """

    since_id: str = ""
    start: float = 0.0
    page: str = ""
    newest: str = ""
    begun: float = 0.0

    def expired(self, now: datetime) -> bool:
        """Whether X has nothing left of what it goes back to."""
        return now.timestamp() - self.begun > WINDOW.total_seconds()


class XCursor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since_id`: the newest id of the last walk, taken at `since` (Unix seconds). `walk`: the one under way. `rests`:
    older ones that were left for something newer. `counted`: up to when posts were counted (Unix seconds); `unread`:
    posts counted since posts were read. `first`: the first walk is not whole yet."""

    query: str = ""
    since_id: str = ""
    since: float = 0.0
    walk: Walk | None = None
    rests: tuple[Walk, ...] = ()
    counted: float = 0.0
    unread: int = 0
    first: bool = True

    def dump(self) -> str:
        """The text that `load` reads back."""
        return msgspec.json.encode(self).decode()

    def fresh_walk(self, now: datetime, back: timedelta) -> Walk:
        """The next walk from the newest post: to the last one known, as far as X still has it, else `back`."""
        if self.since_id and now.timestamp() - self.since <= WINDOW.total_seconds():
            return Walk(since_id=self.since_id, begun=now.timestamp())
        back = WINDOW if self.since_id else min(back, WINDOW)
        return Walk(start=(now - back).timestamp(), begun=now.timestamp())

    def after_page(self, walk: Walk, *, newest: str, page: str) -> XCursor:
        """After a page of the walk under way; an empty `page` ends it."""
        top = walk.newest or newest
        if page:
            under_way = msgspec.structs.replace(walk, newest=top, page=page)
            return msgspec.structs.replace(self, walk=under_way)
        # A walk without any post leaves the id that it went back to, and nothing was missed since it began.
        return msgspec.structs.replace(
            self, walk=None, since_id=top or self.since_id, since=walk.begun, unread=0, first=False
        )

    def aside(self) -> XCursor:
        """The walk under way left for later: what is newer counts more."""
        assert self.walk is not None
        return msgspec.structs.replace(
            self,
            walk=None,
            since_id=self.walk.newest or self.since_id,
            since=self.walk.begun,
            rests=(self.walk, *self.rests)[:_MOST_RESTS],
        )


def load(text: str, *, query: str, now: datetime) -> XCursor:
    """Read a cursor; one that is damaged, or of another query, counts as none."""
    fresh = XCursor(query=mark(query))
    if not text or len(text) > _LONGEST:
        return fresh
    try:
        read = msgspec.json.decode(text, type=XCursor)
    except (msgspec.MsgspecError, UnicodeError):
        return fresh
    sane = all(0 <= at <= now.timestamp() + 3_600 for at in (read.since, read.counted))
    return read if read.query == fresh.query and sane else fresh


def rfc3339(seconds: float) -> str:
    """An instant as X wants it."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
