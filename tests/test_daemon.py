"""The daemon in process, its clock in our hands: what a machine's clock does to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from buzzguard.assembly import assemble
from buzzguard.clock import ManualClock
from buzzguard.config.settings import Settings
from buzzguard.daemon import Daemon
from buzzguard.errors import StoreError
from buzzguard.model import Batch, Delivery, DeliveryState, Notification, NotificationKind, Poll
from tests import running
from tests.small_world import NOW, mentions

STEP = timedelta(minutes=10)


class Recorder:
    """A notifier that keeps what it was given."""

    def __init__(self) -> None:
        self.delivered: list[Notification] = []

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: object
    ) -> Delivery:
        self.delivered.append(notification)
        return Delivery(key=notification.key, at=NOW, state=DeliveryState.DELIVERED, message="1")

    async def close(self) -> None:
        """Nothing was opened."""


class World:
    """A running daemon with the shipped rules, whose stream is read by hand."""

    def __init__(self, daemon: Daemon, clock: ManualClock, recorder: Recorder) -> None:
        self.daemon = daemon
        self.clock = clock
        self.recorder = recorder
        self._number = 0

    async def live(self, duration: timedelta, *, each_step: int = 2) -> None:
        """Time goes on; the stream is read each step and brings so many mentions."""
        for _ in range(duration // STEP):
            now = self.clock.advance(STEP)
            taken = mentions(each_step, first=self._number, at=now - timedelta(minutes=8), every=timedelta(minutes=3))
            self._number += each_step
            poll = Poll(stream="press", at=now, ok=True, mentions=each_step)
            await self.daemon.submit(Batch(mentions=taken, polls=(poll,)))

    async def alerts(self) -> list[str]:
        """The rules whose alerts are open."""
        return [alert.rule for alert in await self.daemon.store.alerts_open()]


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A daemon that has lived through two ordinary days."""
    document = running.settings(rules=[str(running.ROOT / "rules")], tick="1h")
    document["streams"] = {"press": {"source": "rss", "url": "https://press.example/feed", "every": "24h"}}
    clock, recorder = ManualClock(NOW), Recorder()
    made = assemble(Settings.model_validate(document), folder)
    daemon = Daemon(lambda: made, clock=clock, notifiers=lambda _: {"screen": recorder})
    await daemon.start()
    living = World(daemon, clock, recorder)
    try:
        await living.live(timedelta(days=2))
        yield living
    finally:
        await daemon.stop()


def _cards(living: World) -> int:
    return sum(one.kind is NotificationKind.CARD for one in living.recorder.delivered)


@pytest.mark.parametrize(
    "leap", [timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)], ids=["hour back", "day ahead", "day back"]
)
async def test_a_clock_that_jumps_raises_no_alarm_and_stops_nothing(tmp_path: Path, leap: timedelta) -> None:
    async with world(tmp_path) as living:
        before = _cards(living)
        living.clock.advance(leap)
        await living.live(timedelta(hours=6))

        assert not living.daemon.failed.is_set()
        assert living.daemon.health().ready
        assert _cards(living) - before <= 1
        assert len(await living.alerts()) <= 1

        await living.live(timedelta(hours=1), each_step=60)
        assert living.daemon.health().ready
        assert {"volume-surge"} <= set(await living.alerts())


async def test_a_restart_with_the_clock_set_back_forgets_nothing(tmp_path: Path) -> None:
    async with world(tmp_path) as living:
        living.clock.advance(timedelta(hours=-2))
        assert await living.daemon.reload()
        await living.live(timedelta(hours=3))
        assert living.daemon.health().ready
        assert await living.alerts() == []


async def test_a_daemon_that_cannot_start_leaves_nothing_open_and_can_try_again(tmp_path: Path) -> None:
    made = assemble(Settings.model_validate(running.settings(rules=[str(running.ROOT / "rules")])), tmp_path)
    first, second = (Daemon(lambda: made, clock=ManualClock(NOW), notifiers=lambda _: {}) for _ in range(2))
    await first.start()
    with pytest.raises(StoreError, match="another BuzzGuard runs"):
        await second.start()
    await second.stop()
    await first.stop()
    await second.start()
    await second.stop()
