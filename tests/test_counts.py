"""Counts that come without texts, through the running watch: stored, learned from, told of."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec

from buzzguard.deliver.wording.evidence import numbers
from buzzguard.model import Batch, Card, Count, CountKind, Fetched, NotificationKind, Poll, Signal
from tests.small_world import NOW
from tests.test_past import DAY, World, living

MIDNIGHT = NOW.replace(hour=0)


def views(days: int, last: float = 300.0) -> tuple[Count, ...]:
    """So many days of page views up to this night."""
    return tuple(
        Count(
            stream="press",
            kind=CountKind.PAGE_VIEWS,
            start=MIDNIGHT - (n + 1) * DAY,
            end=MIDNIGHT - n * DAY,
            value=last if n == 0 else 300.0 + 40 * (n % 3),
            topics=("acme",),
        )
        for n in range(days)
    )


async def _count(made: World, *counts: Count) -> None:
    fetched = Fetched(counts=counts, cursor="c")
    await made.daemon._polled("press", fetched, Poll(stream="press", at=made.clock.now(), ok=True))


def _card(made: World) -> Card:
    return next(one.card for one in made.recorder.delivered if one.kind is NotificationKind.CARD)


async def test_that_people_look_the_brand_up_is_told_with_its_numbers(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        await _count(made, *views(50, last=9000.0))
        assert await made.told() == ["attention-surge"]
        await made.daemon.outbox.run_once()
        card = _card(made)
        english = next(line for line in numbers(card) if line.signal is Signal.PAGE_VIEWS)
        french = next(
            line for line in numbers(msgspec.structs.replace(card, language="fr")) if line.signal is Signal.PAGE_VIEWS
        )
        assert english.label == "Page views" and "9,000" in english.text and "340" in english.text
        assert french.label == "Consultations de page" and "9\u202f000" in french.text


async def test_a_month_of_counts_that_appears_at_once_alarms_nobody(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        old = [msgspec.structs.replace(one, value=9000.0) if 5 < n < 9 else one for n, one in enumerate(views(50))]
        await _count(made, *old)
        made.clock.advance(timedelta(minutes=10))
        await made.daemon.worker.submit(Batch(), {})
        assert (await made.told(), made.recorder.delivered) == ([], [])


async def test_counts_outlive_a_restart_and_a_later_one_replaces_the_former(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        await _count(made, *views(50))
    async with living(tmp_path) as made:
        (revised,) = views(1, last=9000.0)
        await _count(made, revised)
        assert await made.told() == ["attention-surge"]
        stored = await made.daemon.store.counts_since(NOW - 100 * DAY)
        assert (len(stored), stored[-1]) == (50, revised)


async def test_a_stream_of_counts_that_cannot_be_read_makes_no_minute_unknown(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        await _count(made, *views(50))
        made.clock.advance(timedelta(hours=3))
        await made.daemon._polled("press", None, Poll(stream="press", at=made.clock.now(), ok=False, reason="503"))
        made.clock.advance(timedelta(hours=3))
        await made.daemon.worker.submit(Batch(), {})
        for _ in range(2):
            filling = made.daemon.worker.core.measuring.samples("acme", made.clock.now())
            assert {one.known for one in filling} == {1.0}
            await made.daemon.worker.replace_core()
