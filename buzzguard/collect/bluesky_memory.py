"""What a reader of Bluesky's stream remembers: events that a reconnection brings again, and posts that were taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from buzzguard.collect.bluesky_posts import made_at, post_id

OVERLAP_US = 5_000_000
"""How far before the last handled event a reconnection begins (the servers' own advice)."""
_KEPT_US = 2 * OVERLAP_US
_MOST_RECENT = 20_000
_MOST_TAKEN = 50_000
_CLOCKS_DIFFER = timedelta(hours=1)
_LONGEST_CURSOR = 2_000_000


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a stream stands. `us` is the time of the last handled event and `count` the number of events handled ever:
    together they name the place. `seen` maps the marks of what was delivered shortly before to its time. What is older
    than `live_us` is the past that the first poll was asked to read."""

    us: int = 0
    count: int = 0
    live_us: int = 0
    seen: dict[str, int] = {}

    @property
    def position(self) -> str:
        """The place as the tap names it."""
        return f"{self.us}.{self.count}"

    def dump(self) -> str:
        """The text that `load_place` reads back."""
        return msgspec.json.encode(self).decode()


def load_place(cursor: str) -> Place | None:
    """The place that a cursor holds; None for an empty or damaged one."""
    if not cursor or len(cursor) > _LONGEST_CURSOR:
        return None
    try:
        read = msgspec.json.decode(cursor, type=Place)
    except (msgspec.MsgspecError, UnicodeError):
        return None
    return read if 0 < read.us < 1 << 53 and read.count >= 0 else None


def position_of(text: str) -> tuple[int, int]:
    """Time and number of a position."""
    us, _, count = text.partition(".")
    return int(us), int(count)


class Recent:
    """Marks of what was taken in the last seconds, so that an event that comes again is known."""

    def __init__(self, seen: Mapping[str, int], count: int) -> None:
        self._marks = {key: (us, count) for key, us in seen.items()}

    def take(self, key: str, us: int, count: int) -> bool:
        """Remember an event; false when it was known."""
        if key in self._marks:
            return False
        self._marks[key] = us, count
        if len(self._marks) > _MOST_RECENT:
            del self._marks[next(iter(self._marks))]
        return True

    def until(self, us: int, count: int) -> dict[str, int]:
        """What was taken up to event number `count`, as far back as a reconnection at `us` may reach."""
        return {key: at for key, (at, number) in self._marks.items() if number <= count and at >= us - _KEPT_US}

    def forget(self, us: int) -> None:
        """Drop what no reconnection after `us` brings again."""
        self._marks = {key: kept for key, kept in self._marks.items() if kept[0] >= us - 2 * _KEPT_US}


class Taken:
    """Which posts were taken, so that of the deletions of the whole network only those of use are passed on.

    The memory is bounded and ends with the process. A deletion is left out only when its post would be remembered if it
    had been taken: when it was made well after the memory begins. Of older posts the store has to tell.
    """

    def __init__(self, since: datetime) -> None:
        self._since = since
        self._posts: dict[tuple[str, str], datetime] = {}

    def add(self, did: str, rkey: str, at: datetime) -> None:
        """Remember a post that was taken."""
        self._posts[did, rkey] = at
        if len(self._posts) > _MOST_TAKEN:
            (old_did, old_rkey), old = next(iter(self._posts.items()))
            self._since = max(self._since, old)
            del self._posts[old_did, old_rkey]

    def gone(self, did: str, rkey: str, at: datetime) -> str:
        """The id of a post deleted at `at`, empty when it was certainly not taken."""
        if (did, rkey) in self._posts:
            return post_id(did, rkey)
        made = made_at(rkey)
        surely = made is not None and self._since + _CLOCKS_DIFFER < made <= at
        return "" if surely else post_id(did, rkey)
