"""What X costs: written down before it is spent, so that a day's cap holds whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from buzzguard.collect.meter import Allowance, Meter

_MOST_CHARGED = 200_000
_DAY = timedelta(days=1)
_DUST = 1e-9
"""What sums of binary fractions are off by."""


class Purse:
    """The dollars of one account and one UTC day.

    `hold` writes the most that a request can cost down; `settle` gives back what it did not. A request whose answer is
    lost stays written down at its most, over a crash too; while the process lives the next request draws on that first,
    for X charges a thing once a day: asking again for the same costs nothing more.
    """

    def __init__(self, meter: Meter, *, account: str, cap: float) -> None:
        self._meter = meter
        self._account = account
        self._cap = cap
        self._held = 0.0
        self._held_of: Allowance | None = None
        self._charged: set[str] = set()
        self._charged_on: datetime | None = None

    def day(self, now: datetime, *, kept: float = 0.0) -> Allowance:
        """What may be spent today, `kept` dollars of it being left for something else."""
        since = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        cap = round(self._cap - kept, 6) + _DUST
        return Allowance(account=self._account, unit="$", cap=cap, since=since, until=since + _DAY)

    async def spent(self, now: datetime) -> float:
        """Dollars written down today."""
        return await self._meter.spent(self.day(now))

    async def left(self, now: datetime, *, kept: float = 0.0) -> float:
        """Dollars that a request may cost."""
        self._turn(now)
        return self.day(now, kept=kept).cap - await self.spent(now) + self._held

    async def hold(self, most: float, now: datetime, *, kept: float = 0.0) -> None:
        """Write down the most that the next request can cost. Raises SourceUnavailable when that passes the cap."""
        self._turn(now)
        allowance = self.day(now, kept=kept)
        if most > self._held:
            await self._meter.spend(allowance, round(most - self._held, 6), now)
            self._held = most
        self._held_of = allowance

    async def settle(self, cost: float) -> None:
        """Give back what the request cost less than was held for it."""
        if self._held_of is not None and self._held > cost:
            await self._meter.give_back(self._held_of, round(self._held - cost, 6))
        self._held, self._held_of = 0.0, None

    def newly_charged(self, things: Iterable[str], now: datetime) -> int:
        """How many of `things` are charged: those that were not yet today."""
        self._turn(now)
        fresh = set(things) - self._charged
        if len(self._charged) < _MOST_CHARGED:
            self._charged |= fresh
        return len(fresh)

    def _turn(self, now: datetime) -> None:
        """Forget what belongs to another day: what was held for it stays written down there."""
        today = self.day(now).since
        if self._charged_on != today:
            self._charged, self._charged_on = set(), today
        if self._held_of is not None and self._held_of.since != today:
            self._held, self._held_of = 0.0, None
