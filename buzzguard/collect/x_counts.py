"""How many posts X counted, and how many of them were not read yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal, NamedTuple

from buzzguard.collect.fields import at, moment_at, number_at, text_at
from buzzguard.collect.json_api import records_in, take
from buzzguard.collect.x_api import XApi
from buzzguard.collect.x_cursor import WINDOW, XCursor, rfc3339
from buzzguard.collect.x_purse import Purse
from buzzguard.model import Count, CountKind, Quarantined

_LAG = timedelta(seconds=30)
"""X answers for what is at least this old."""
_MOST_PAGES = 20
_WIDTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1)}
_AGAIN = {"minute": timedelta(minutes=5), "hour": timedelta(hours=1)}
"""What was counted is asked for again this far back, for the same price: X finds some posts late."""


class Counted(NamedTuple):
    """Counts of whole windows. `until`: up to where (Unix seconds); `fresh`: how many posts since the last look."""

    counts: tuple[Count, ...]
    until: float
    fresh: int
    quarantined: tuple[Quarantined, ...] = ()
    wait: timedelta | None = None


class Counter:
    """Asks for counts of one query."""

    def __init__(self, api: XApi, purse: Purse, *, stream: str, topics: tuple[str, ...], price: float) -> None:
        self._api = api
        self._purse = purse
        self._stream = stream
        self._topics = topics
        self._price = price

    async def count(
        self, query: str, state: XCursor, now: datetime, *, width: Literal["minute", "hour"], back: timedelta
    ) -> Counted:
        """What was counted since `state.counted` (the first time: `back`). Raises SourceError."""
        end = _floor(now - _LAG, _WIDTHS[width])
        start = self._start(state, now, width=width, back=back)
        if start >= end:
            return Counted((), state.counted, 0)
        asked = {"query": query, "granularity": width, "start_time": rfc3339(start), "end_time": rfc3339(end)}
        found: list[Count] = []
        bad: list[Quarantined] = []
        wait: timedelta | None = None
        for _ in range(_MOST_PAGES):
            await self._purse.hold(self._price, now)
            body, wait = await self._api.get("/2/tweets/counts/recent", asked, now, cost=lambda _: self._price)
            taken = take(records_in(body, "data"), partial(self._count, end=end), stream=self._stream, now=now)
            found += taken.read
            bad += taken.quarantined
            onward = text_at(body, "meta.next_token", most=1_000)
            if not onward or wait:
                break
            asked = asked | {"next_token": onward}
        fresh = sum(int(one.value) for one in found if one.end.timestamp() > state.counted)
        return Counted(tuple(sorted(found, key=lambda one: one.start)), end, fresh, tuple(bad), wait)

    def _start(self, state: XCursor, now: datetime, *, width: str, back: timedelta) -> float:
        earliest = (now - WINDOW).timestamp()
        if not state.counted:
            return max(_floor(now - min(back, WINDOW), _WIDTHS[width]), earliest)
        return max(state.counted - _AGAIN[width].total_seconds(), earliest)

    def _count(self, record: Any, *, end: float) -> Count | None:
        start, until = moment_at(record, "start"), moment_at(record, "end")
        told = at(record, "tweet_count") if at(record, "tweet_count") is not None else at(record, "post_count")
        if not isinstance(told, int | str) or isinstance(told, bool):
            raise ValueError("there is no count")
        if until <= start:
            raise ValueError("it ends before it starts")
        if until.timestamp() > end:
            return None  # still filling
        return Count(
            stream=self._stream,
            kind=CountKind.MENTIONS,
            start=start,
            end=until,
            value=float(number_at({"count": told}, "count")),
            topics=self._topics,
        )


def _floor(moment: datetime, width: timedelta) -> float:
    seconds = width.total_seconds()
    return moment.astimezone(UTC).timestamp() // seconds * seconds
