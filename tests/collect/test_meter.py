"""Money and quota: no cap is passed, whatever happens between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.collect.meter import Allowance, MemoryMeter, Meter, StoredMeter
from buzzguard.config.settings import StoreSettings
from buzzguard.errors import SourceUnavailable
from buzzguard.store.looking import MentionStore
from buzzguard.store.sql import SqlStore

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TODAY = NOW.replace(hour=0)
BUDGET = Allowance(account="x", unit="dollars", cap=10.0, since=TODAY, until=TODAY + timedelta(days=1))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = await SqlStore.open(StoreSettings(), base=tmp_path)
    yield opened
    await opened.close()


@pytest.fixture(params=["memory", "stored"])
def meter(request: pytest.FixtureRequest, store: SqlStore) -> Meter:
    return MemoryMeter() if request.param == "memory" else StoredMeter(store)


async def test_what_would_pass_the_cap_is_refused_until_the_allowance_begins_anew(meter: Meter) -> None:
    await meter.spend(BUDGET, 9.5, NOW)
    with pytest.raises(SourceUnavailable, match=r"x: the budget is used up \(9.5 of 10 dollars\)") as refused:
        await meter.spend(BUDGET, 1.0, NOW)
    assert refused.value.retry_after == timedelta(hours=15)
    assert await meter.spent(BUDGET) == 9.5
    await meter.spend(BUDGET, 0.5, NOW)


async def test_what_a_request_cost_less_is_given_back_and_never_more(meter: Meter) -> None:
    await meter.spend(BUDGET, 5.0, NOW)
    await meter.give_back(BUDGET, 2.0)
    assert await meter.spent(BUDGET) == 3.0
    await meter.give_back(BUDGET, 99.0)
    assert await meter.spent(BUDGET) == 0.0


async def test_a_new_day_and_another_account_begin_at_nothing(meter: Meter) -> None:
    await meter.spend(BUDGET, 10.0, NOW)
    tomorrow = Allowance(account="x", unit="dollars", cap=10.0, since=BUDGET.until, until=BUDGET.until)
    other = Allowance(account="y", unit="units", cap=10.0, since=TODAY, until=BUDGET.until)
    assert await meter.spent(tomorrow) == await meter.spent(other) == 0.0


async def test_streams_that_share_an_account_never_pass_its_cap_together(store: SqlStore) -> None:
    async def take() -> bool:
        try:
            await StoredMeter(store).spend(BUDGET, 1.0, NOW)
        except SourceUnavailable:
            return False
        return True

    assert sum(await asyncio.gather(*(take() for _ in range(30)))) == 10


async def test_a_restart_forgets_nothing_and_status_sees_it(store: SqlStore, tmp_path: Path) -> None:
    await StoredMeter(store).spend(BUDGET, 4.0, NOW)
    await store.close()
    again = await SqlStore.open(StoreSettings(), base=tmp_path)
    assert await StoredMeter(again).spent(BUDGET) == 4.0
    looking = await MentionStore.look_now(StoreSettings(), now=NOW, base=tmp_path)
    (one,) = await looking.spending()
    assert (one.allowance, one.amount) == (BUDGET, 4.0)
    await looking.close()
    assert (await again.expire(NOW + timedelta(days=402)))["spending"] == 1
    await again.close()


async def test_before_the_store_is_open_nothing_may_be_spent() -> None:
    meter = StoredMeter()
    with pytest.raises(SourceUnavailable, match="cannot be written down"):
        await meter.spend(BUDGET, 1.0, NOW)
    await meter.give_back(BUDGET, 1.0)


@given(amounts=st.lists(st.floats(0.0, 20.0), max_size=30))
def test_whatever_is_asked_the_cap_holds(amounts: list[float]) -> None:
    async def ask() -> float:
        meter = MemoryMeter()
        for amount in amounts:
            try:
                await meter.spend(BUDGET, amount, NOW)
            except SourceUnavailable:
                continue
        return await meter.spent(BUDGET)

    assert asyncio.run(ask()) <= BUDGET.cap
