"""How many articles GDELT saw in each quarter hour."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from buzzguard.collect.cursor import mark
from buzzguard.collect.fields import decimal_at, moment_at, text_at
from buzzguard.collect.gdelt_service import KEPT, SLICE, GdeltService, floor, stamp
from buzzguard.collect.json_api import records_in, take
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Count, CountKind, Fetched, Quarantined

_SPAN = timedelta(days=2)
"""Longer spans are told by the hour or by the day."""
_FIRST_LOOK = timedelta(days=1)
_FILLING = timedelta(hours=2)
_PAUSE = timedelta(minutes=15)
_LONGEST_CURSOR = 10_000


class _Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Up to where slices were told (Unix seconds), of the searches that `searches` is the mark of; `first`: the past is
    still being read."""

    searches: str = ""
    told: float = 0.0
    first: bool = False


class Timeline:
    """Reads counts. Words of one stream that make several searches are added up: an article that names two of them in
    different searches counts twice."""

    def __init__(
        self, stream: str, service: GdeltService, *, topics: tuple[str, ...], backfill: timedelta = timedelta(0)
    ) -> None:
        self._stream = stream
        self._service = service
        self._topics = topics
        self._backfill = min(max(backfill, _FIRST_LOOK), KEPT)
        self._asked_back = bool(backfill)

    async def fetch(self, searches: Sequence[str], cursor: str, now: datetime) -> Fetched:
        """The next two days of slices that are over. Raises SourceError."""
        searched = mark("\n".join(searches))
        state = self._load(cursor, searched, now)
        latest = floor(now)
        begin = floor(datetime.fromtimestamp(state.told, UTC)) - _FILLING
        end = min(begin + _SPAN, latest)
        slices: dict[datetime, float] = dict.fromkeys(_slices(begin, end), 0.0)
        aside: list[Quarantined] = []
        for search in searches:
            aside += await self._add(search, slices, begin, end, now)
        more = end < latest
        after = _Cursor(searched, end.timestamp(), state.first and more)
        return Fetched(
            counts=tuple(self._count(start, value) for start, value in slices.items()),
            cursor=msgspec.json.encode(after).decode(),
            retry_after=timedelta(0) if more else _PAUSE,
            backfilling=state.first and self._asked_back,
            quarantined=tuple(aside),
        )

    async def _add(
        self, search: str, slices: dict[datetime, float], begin: datetime, end: datetime, now: datetime
    ) -> list[Quarantined]:
        """Add what a search counts; slices that the answer leaves out had nothing."""
        span = {"startdatetime": stamp(begin), "enddatetime": stamp(end)}
        body = await self._service.ask(now, query=search, mode="timelinevolraw", **span)
        resolution = text_at(body, "query_details.date_resolution", most=20)
        if resolution not in ("", "15m"):
            raise SourceUnavailable(f"GDELT counts by {resolution} where a quarter hour was asked")
        series = records_in(body, "timeline")
        points = records_in(series[0], "data") if series else []
        taken = take(points, _point, stream=self._stream, now=now)
        for start, value in dict(taken.read).items():
            if start in slices:
                slices[start] += value
        return taken.quarantined

    def _count(self, start: datetime, value: float) -> Count:
        return Count(
            stream=self._stream,
            kind=CountKind.MENTIONS,
            start=start,
            end=start + SLICE,
            value=value,
            topics=self._topics,
        )

    def _load(self, text: str, searched: str, now: datetime) -> _Cursor:
        fresh = _Cursor(searched, (now - self._backfill + _FILLING).timestamp(), first=True)
        if not text or len(text) > _LONGEST_CURSOR:
            return fresh
        try:
            read = msgspec.json.decode(text, type=_Cursor)
        except (msgspec.MsgspecError, UnicodeError):
            return fresh
        oldest = (now - KEPT).timestamp()
        usable = read.searches == searched and 0 < read.told <= now.timestamp()
        return _Cursor(searched, max(read.told, oldest), read.first) if usable else fresh


def _point(point: Any) -> tuple[datetime, float]:
    value = decimal_at(point, "value")
    if value is None or value < 0:
        raise ValueError("there is no number at 'value'")
    return moment_at(point, "date"), value


def _slices(begin: datetime, end: datetime) -> list[datetime]:
    return [begin + number * SLICE for number in range(int((end - begin) / SLICE))]
