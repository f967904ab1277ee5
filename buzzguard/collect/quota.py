"""The requests that a service allows in a period, counted before they are made and spread over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

import msgspec

from buzzguard.collect.meter import Allowance, Meter
from buzzguard.model import Fetched

Period: TypeAlias = Literal["hour", "day", "month"]
_DAY = timedelta(days=1)


class Quota:
    """The requests that a service allows in an hour, a day or a month of UTC, shared by all streams of the source."""

    def __init__(self, meter: Meter, *, account: str, cap: int, each: Period) -> None:
        self._meter = meter
        self._account = account
        self._cap = cap
        self._each = each
        self._asked = 0

    def allowance(self, now: datetime) -> Allowance:
        """What is allowed in the present period; it ends when the service counts anew."""
        since, until = _period(self._each, now.astimezone(UTC))
        return Allowance(account=self._account, unit="requests", cap=self._cap, since=since, until=until)

    def left(self, now: datetime) -> timedelta:
        """How long the present period lasts."""
        return max(self.allowance(now).until - now, timedelta(seconds=1))

    async def spend(self, now: datetime) -> None:
        """Write a request down before it is made. Raises SourceUnavailable when none is left."""
        await self._meter.spend(self.allowance(now), 1, now)
        self._asked += 1

    def spread(self, fetched: Fetched, now: datetime, *, late: timedelta = timedelta(0), note: str = "") -> Fetched:
        """A poll's end: the next one comes so late that polls like it last for the period, unless there is more to read
        already. `late` is how long the plan holds articles back, `note` says so."""
        allowance = self.allowance(now)
        least = (allowance.until - allowance.since) / self._cap * max(self._asked, 1)
        self._asked = 0
        more = fetched.retry_after == timedelta(0)
        return msgspec.structs.replace(
            fetched,
            retry_after=fetched.retry_after if more else max(fetched.retry_after or least, least),
            lag=late or None,
            note="; ".join(filter(None, [fetched.note, note])),
        )


def _period(each: Period, now: datetime) -> tuple[datetime, datetime]:
    hour = now.replace(minute=0, second=0, microsecond=0)
    if each == "hour":
        return hour, hour + timedelta(hours=1)
    day = hour.replace(hour=0)
    if each == "day":
        return day, day + _DAY
    month = day.replace(day=1)
    return month, (month + 32 * _DAY).replace(day=1)
