"""Laws of what is allowed in a period."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from buzzguard.collect.meter import MemoryMeter
from buzzguard.collect.quota import Period, Quota
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Fetched
from tests.collect.worlds.base import NOW


async def test_polls_are_spread_over_what_is_allowed() -> None:
    quota = Quota(MemoryMeter(), account="news", cap=100, each="day")
    await quota.spend(NOW)
    await quota.spend(NOW)
    fetched = quota.spread(Fetched(), NOW, late=timedelta(hours=12), note="late")
    assert fetched.retry_after == timedelta(days=1) / 50
    assert (fetched.lag, fetched.note) == (timedelta(hours=12), "late")
    assert quota.spread(Fetched(retry_after=timedelta(0)), NOW, late=timedelta(0), note="").retry_after == timedelta(0)


@pytest.mark.parametrize(
    ("each", "until"),
    [
        ("hour", datetime(2026, 12, 3, 23, tzinfo=UTC)),
        ("day", datetime(2026, 12, 4, tzinfo=UTC)),
        ("month", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
async def test_what_is_used_up_begins_anew_with_the_period(each: Period, until: datetime) -> None:
    quota = Quota(MemoryMeter(), account="news", cap=1, each=each)
    late = datetime(2026, 12, 3, 22, 0, tzinfo=UTC)
    await quota.spend(late)
    with pytest.raises(SourceUnavailable, match="1 of 1 requests") as raised:
        await quota.spend(late)
    assert raised.value.retry_after == until - late
    await quota.spend(until)
