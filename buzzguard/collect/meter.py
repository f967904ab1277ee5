"""Counts what costs money or quota, so that a cap holds whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Protocol

from buzzguard.errors import SourceUnavailable, StoreError
from buzzguard.model import Record


class Allowance(Record, frozen=True, kw_only=True):
    """How much may be spent on `account` (a name that holds no secret) from `since` until `until`, in `unit`s."""

    account: str
    unit: str
    cap: float
    since: datetime
    until: datetime


class Meter(Protocol):
    """Keeps what was spent, also over a crash: spending is written down before the request that costs it."""

    async def spend(self, allowance: Allowance, amount: float, now: datetime) -> None:
        """Write `amount` down. Raises SourceUnavailable, with the wait until the allowance ends, when it would pass
        the cap: then nothing was written and nothing may be asked."""
        ...

    async def give_back(self, allowance: Allowance, amount: float) -> None:
        """Take back what a request cost less than was written down for it."""
        ...

    async def spent(self, allowance: Allowance) -> float:
        """What was spent of it."""
        ...


def refuse_beyond(allowance: Allowance, spent: float, amount: float, now: datetime) -> None:
    """Raise SourceUnavailable when `amount` more would pass the cap."""
    if spent + amount <= allowance.cap:
        return
    wait = max(allowance.until - now, timedelta(seconds=1))
    raise SourceUnavailable(
        f"{allowance.account}: the budget is used up ({spent:g} of {allowance.cap:g} {allowance.unit}), "
        f"it begins anew at {allowance.until:%Y-%m-%d %H:%M} UTC",
        retry_after=wait,
    )


class Ledger(Protocol):
    """Where spending is written down for good: the store."""

    async def spend(self, allowance: Allowance, amount: float) -> float | None:
        """Write `amount` down; what was spent before instead, with nothing written, when it would pass the cap."""
        ...

    async def give_back(self, allowance: Allowance, amount: float) -> None:
        """Take back what was written down too much."""
        ...

    async def spent(self, allowance: Allowance) -> float:
        """What is written down."""
        ...


class StoredMeter:
    """Counts in a ledger, which may be opened after the sources were made: until then nothing may be spent.

    What cannot be written down may not be asked: a ledger that refuses is passing trouble of the source.
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        self._ledger = ledger

    def write_into(self, ledger: Ledger) -> None:
        """Count there from now on."""
        self._ledger = ledger

    async def spend(self, allowance: Allowance, amount: float, now: datetime) -> None:
        """See `Meter.spend`."""
        with _told():
            spent = await self._open().spend(allowance, amount)
        if spent is not None:
            refuse_beyond(allowance, spent, amount, now)

    async def give_back(self, allowance: Allowance, amount: float) -> None:
        """See `Meter.give_back`. What cannot be written stays spent: rather too little is asked than too much."""
        with suppress(StoreError):
            await self._open().give_back(allowance, amount)

    async def spent(self, allowance: Allowance) -> float:
        """See `Meter.spent`."""
        with _told():
            return await self._open().spent(allowance)

    def _open(self) -> Ledger:
        if self._ledger is None:
            raise StoreError("the database is not open yet")
        return self._ledger


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except StoreError as error:
        raise SourceUnavailable(f"the spending cannot be written down: {error}") from error


class MemoryMeter:
    """Forgets when the process ends: for a single look at a source, and for tests."""

    def __init__(self) -> None:
        self._spent: dict[tuple[str, datetime], float] = {}

    async def spend(self, allowance: Allowance, amount: float, now: datetime) -> None:
        """See `Meter.spend`."""
        spent = await self.spent(allowance)
        refuse_beyond(allowance, spent, amount, now)
        self._spent[allowance.account, allowance.since] = spent + amount

    async def give_back(self, allowance: Allowance, amount: float) -> None:
        """See `Meter.give_back`."""
        self._spent[allowance.account, allowance.since] = max(0.0, await self.spent(allowance) - amount)

    async def spent(self, allowance: Allowance) -> float:
        """See `Meter.spent`."""
        return self._spent.get((allowance.account, allowance.since), 0.0)
