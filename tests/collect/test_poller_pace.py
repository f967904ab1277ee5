"""How often streams are polled: by what they bring, by their failures, and by what places push."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.collect.poller import Poller
from buzzguard.errors import SourceUnavailable
from buzzguard.model import Fetched, Poll
from tests.collect.polling import EVERY, SPEED, START, Daemon, Scripted, polling, stream, until
from tests.small_world import mention


async def test_a_stream_that_brings_much_is_read_faster_and_faster_than_one_that_brings_nothing() -> None:
    daemon = Daemon()
    busy = Scripted(Fetched(cursor="1", mentions=(mention("m"),) * 60))
    async with polling(daemon, busy=busy, calm=Scripted()):
        await until(lambda: len(daemon.of("calm")) >= 4)
    waits = [poll.next_at - poll.at for poll in daemon.of("busy") if poll.next_at]
    assert waits[0] >= EVERY * 0.9
    assert waits[-1] == EVERY / 4 or waits[-1] <= EVERY / 4 * 1.1
    assert len(daemon.of("busy")) > len(daemon.of("calm"))


async def test_what_was_not_counted_makes_no_stream_hot() -> None:
    daemon, source = Daemon(), Scripted(Fetched(cursor="1", mentions=(mention("m"),) * 60))
    daemon.counts = 0
    async with polling(daemon, acme=source):
        await until(lambda: len(daemon.polls) >= 4)
    assert all(poll.next_at - poll.at >= EVERY * 0.9 for poll in daemon.polls if poll.next_at)


async def test_the_source_says_how_often_it_may_be_asked_at_most() -> None:
    daemon, source = Daemon(), Scripted(Fetched(cursor="1", mentions=(mention("m"),) * 60))
    source.least_every = timedelta(minutes=30)
    async with polling(daemon, acme=source):
        await until(lambda: len(daemon.polls) >= 2)
    assert all(poll.next_at - poll.at >= timedelta(minutes=30) for poll in daemon.polls if poll.next_at)


async def test_the_breaker_opens_after_failures_in_a_row_and_its_probe_closes_it() -> None:
    daemon = Daemon()
    down = SourceUnavailable("503, down")
    with capture_logs() as logs:
        async with polling(daemon, speed=100 * SPEED, acme=Scripted(*[down] * 5, Fetched(cursor="1"))):
            await until(lambda: any(poll.ok for poll in daemon.polls))
    states = [(poll.failures, poll.breaker.value) for poll in daemon.polls[:6]]
    assert states == [(1, "closed"), (2, "closed"), (3, "closed"), (4, "open"), (5, "open"), (0, "closed")]
    assert [event["failures"] for event in logs if event["event"] == "breaker.opened"] == [4]


async def test_a_hanging_and_a_failing_stream_delay_no_other() -> None:
    daemon, hanging = Daemon(), Scripted()
    hanging.gate = asyncio.Event()
    streams: dict[str, Any] = {f"s{number}": Scripted() for number in range(20)}
    failing = Scripted(SourceUnavailable("503"))
    async with polling(daemon, hanging=hanging, failing=failing, **streams):
        await until(lambda: all(len(daemon.of(name)) >= 3 for name in streams))
        assert len(hanging.cursors) == 1
        hanging.gate.set()


async def test_a_place_that_pushes_nothing_is_told_once_a_minute_and_its_cursor_moves_on() -> None:
    daemon, clock = Daemon(), ManualClock(START)
    moving = [Fetched(cursor=str(number), retry_after=timedelta(0)) for number in range(1, 40)]
    source = Scripted(*moving, Fetched(cursor="end", mentions=(mention("m"),)))
    poller = Poller({"acme": stream(source)}, clock=clock, cursors=daemon.cursor, deliver=daemon.deliver, speed=SPEED)
    await poller.start()
    await until(lambda: "end" in daemon.kept.values())
    await poller.drain(timedelta(seconds=1))
    assert source.cursors[:40] == ["", *map(str, range(1, 40))]
    assert [poll.mentions for poll in daemon.polls[:2]] == [0, 1]


async def test_what_was_held_back_is_told_before_a_failure_so_that_minutes_stay_known_up_to_it() -> None:
    daemon, clock = Daemon(), ManualClock(START)

    class Pushing(Scripted):
        async def fetch(self, cursor: str, now: datetime) -> Fetched:
            clock.advance(timedelta(seconds=15))
            return await super().fetch(cursor, now)

    quiet = Fetched(cursor="1", retry_after=timedelta(0))
    source = Pushing(quiet, quiet, quiet, SourceUnavailable("closed"), Fetched(cursor="2"))
    poller = Poller({"acme": stream(source)}, clock=clock, cursors=daemon.cursor, deliver=daemon.deliver, speed=SPEED)
    await poller.start()
    await until(lambda: len(daemon.polls) >= 4)
    await poller.drain(timedelta(seconds=1))
    told = [(poll.ok, (poll.at - START).total_seconds()) for poll in daemon.polls[:4]]
    assert told == [(True, 15.0), (True, 45.0), (False, 60.0), (True, 75.0)]


async def test_what_was_held_back_is_told_when_polling_ends() -> None:
    daemon, source = Daemon(), Scripted(*[Fetched(cursor=str(n), retry_after=timedelta(0)) for n in range(1, 9)])
    async with polling(daemon, acme=source):
        await until(lambda: len(source.cursors) >= 8)
    assert daemon.kept == {"acme": "8"}
    assert len(daemon.polls) == 2


async def test_a_long_wait_that_the_service_asked_for_outlives_a_restart_but_not_a_clock_set_back() -> None:
    daemon, patient, misled = Daemon(), Scripted(), Scripted()
    asked = Poll(stream="patient", at=START - EVERY, ok=False, next_at=START + timedelta(hours=20))
    wrong = Poll(stream="misled", at=START + timedelta(days=400), ok=True, next_at=START + timedelta(days=400) + EVERY)
    async with polling(
        daemon,
        speed=100 * SPEED,
        last_polls={"patient": asked, "misled": wrong},
        patient=patient,
        misled=misled,
        other=Scripted(),
    ):
        await until(lambda: len(misled.cursors) >= 3)
        assert patient.cursors == []
