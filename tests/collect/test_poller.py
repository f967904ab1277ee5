"""Polls: their rhythm, their failures, and that the cursor moves only with what was committed."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.collect.poller import Poller
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceGone, SourceRefused, SourceUnavailable, StoreError
from buzzguard.model import Fetched, Poll
from buzzguard.ports import Source
from tests.small_world import mention

START = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
EVERY = timedelta(minutes=2)
SPEED = 12_000.0
"""Two minutes pass in ten milliseconds."""


class Scripted:
    """A source that answers what it is told to, in turn; the last answer stays."""

    def __init__(self, *answers: Fetched | Exception) -> None:
        self.answers = list(answers) or [Fetched(cursor="1")]
        self.cursors: list[str] = []
        self.closed = 0
        self.gate: asyncio.Event | None = None
        self.least_every = timedelta(0)

    async def fetch(self, cursor: str, now: datetime) -> Fetched:
        self.cursors.append(cursor)
        if self.gate is not None:
            await self.gate.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed += 1


class Daemon:
    """Keeps what is delivered, as the daemon's store does; can refuse."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.polls: list[Poll] = []
        self.refuse = 0
        self.counts: int | None = None

    def cursor(self, stream: str) -> str:
        return self.kept.get(stream, "")

    async def deliver(self, stream: str, fetched: Fetched | None, poll: Poll) -> int | None:
        if self.refuse:
            self.refuse -= 1
            raise StoreError("the disk is full")
        self.polls.append(poll)
        if fetched is not None:
            self.kept[stream] = fetched.cursor
        return self.counts

    def of(self, stream: str) -> list[Poll]:
        return [poll for poll in self.polls if poll.stream == stream]


def stream(source: Source, **settings: object) -> tuple[StreamSettings, Source]:
    return StreamSettings.model_validate({"source": "rss", "every": EVERY, **settings}), source


@asynccontextmanager
async def polling(
    daemon: Daemon, *, speed: float = SPEED, last_polls: dict[str, Poll] | None = None, **streams: Any
) -> AsyncIterator[Poller]:
    chosen = {name: value if isinstance(value, tuple) else stream(value) for name, value in streams.items()}
    poller = Poller(
        chosen,
        clock=ManualClock(START),
        cursors=daemon.cursor,
        deliver=daemon.deliver,
        last_polls=last_polls,
        rng=random.Random(7),
        speed=speed,
    )
    await poller.start()
    try:
        yield poller
    finally:
        await poller.drain(timedelta(seconds=1))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.002)


async def test_a_stream_is_polled_again_and_again_after_its_committed_cursor() -> None:
    daemon, source = Daemon(), Scripted(Fetched(cursor="1"), Fetched(cursor="2"), Fetched(cursor="3"))
    async with polling(daemon, acme=source):
        await until(lambda: len(source.cursors) >= 4)
    assert source.cursors[:4] == ["", "1", "2", "3"]


async def test_the_next_poll_is_announced_within_a_tenth_of_the_interval() -> None:
    daemon = Daemon()
    async with polling(daemon, acme=Scripted()):
        await until(lambda: len(daemon.polls) >= 5)
    waits = [poll.next_at - poll.at for poll in daemon.polls if poll.next_at]
    assert all(EVERY * 0.9 <= wait <= EVERY * 1.1 for wait in waits)
    assert len(set(waits)) > 1


async def test_what_is_worth_knowing_of_a_stream_is_told_when_it_changes() -> None:
    daemon = Daemon()
    answers = [Fetched(cursor="1", note=note) for note in ("cut short", "cut short", "", "cut short", "")]
    with capture_logs() as logs:
        async with polling(daemon, acme=Scripted(*answers)):
            await until(lambda: len(daemon.polls) >= 6)
    assert [event["note"] for event in logs if event["event"] == "stream.noted"] == ["cut short", "cut short"]


async def test_a_store_that_refuses_leaves_the_cursor_and_the_poll_is_repeated() -> None:
    daemon, source = Daemon(), Scripted(Fetched(cursor="1"))
    daemon.refuse = 2
    async with polling(daemon, acme=source):
        await until(lambda: len(daemon.polls) >= 1)
    assert source.cursors[:3] == ["", "", ""]
    assert daemon.kept == {"acme": "1"}


async def test_a_fault_behind_deliver_does_not_end_the_stream() -> None:
    daemon, source = Daemon(), Scripted()
    crashes = iter([RuntimeError("bug"), None, None, None])
    deliver = daemon.deliver

    async def crash_once(name: str, fetched: Fetched | None, poll: Poll) -> None:
        error = next(crashes, None)
        if error:
            raise error
        await deliver(name, fetched, poll)

    poller = Poller(
        {"acme": stream(source)}, clock=ManualClock(START), cursors=daemon.cursor, deliver=crash_once, speed=SPEED
    )
    await poller.start()
    await until(lambda: len(daemon.polls) >= 1)
    await poller.drain(timedelta(seconds=1))


async def test_a_failure_says_which_stream_and_why_and_keeps_the_cursor() -> None:
    daemon = Daemon()
    source = Scripted(Fetched(cursor="1"), SourceRefused("401, the token was\nrefused"), Fetched(cursor="2"))
    named: dict[str, Any] = {"acme-press": source}
    async with polling(daemon, **named):
        await until(lambda: len(daemon.polls) >= 3)
    assert daemon.polls[1].reason == "acme-press: 401, the token was refused"
    assert not daemon.polls[1].ok
    assert source.cursors[:3] == ["", "1", "1"]


async def test_a_source_that_breaks_its_promise_is_a_failure_like_any_other() -> None:
    daemon = Daemon()
    async with polling(daemon, acme=Scripted(KeyError("secret-of-a-plugin"), Fetched(cursor="1"))):
        await until(lambda: len(daemon.polls) >= 2)
    assert daemon.polls[0].reason == "acme: internal error, KeyError"
    assert daemon.polls[1].ok


async def test_a_server_that_asks_to_wait_is_never_asked_sooner() -> None:
    daemon, wait = Daemon(), timedelta(hours=5)
    async with polling(daemon, acme=Scripted(SourceUnavailable("429", retry_after=wait))):
        await until(lambda: len(daemon.polls) >= 1)
    assert daemon.polls[0].next_at is not None
    assert daemon.polls[0].next_at - daemon.polls[0].at >= wait


async def test_a_source_that_holds_more_is_asked_again_at_once() -> None:
    daemon = Daemon()
    source = Scripted(Fetched(cursor="1", retry_after=timedelta(0)), Fetched(cursor="2"))
    async with polling(daemon, acme=source):
        await until(lambda: len(daemon.polls) >= 2)
    assert daemon.polls[0].next_at == daemon.polls[0].at


async def test_a_stream_that_is_gone_stops_and_says_so_until_a_person_asks() -> None:
    daemon = Daemon()
    source = Scripted(SourceGone("410, gone for good"))
    async with polling(daemon, acme=source, other=Scripted()) as poller:
        await until(lambda: len(daemon.of("other")) >= 6)
        assert [(poll.ok, poll.next_at) for poll in daemon.of("acme")] == [(False, None)]
        poller.poll_now("acme")
        await until(lambda: len(daemon.of("acme")) == 2)


async def test_one_slow_stream_delays_no_other() -> None:
    daemon, slow = Daemon(), Scripted()
    slow.gate = asyncio.Event()
    async with polling(daemon, slow=slow, quick=Scripted()):
        await until(lambda: len(slow.cursors) == 1 and len(daemon.of("quick")) >= 5)
        assert len(slow.cursors) == 1
        slow.gate.set()


async def test_drain_lets_a_running_poll_finish_and_starts_no_other() -> None:
    daemon, source = Daemon(), Scripted()
    source.gate = asyncio.Event()
    async with polling(daemon, acme=source) as poller:
        await until(lambda: len(source.cursors) == 1)
        draining = asyncio.create_task(poller.drain(timedelta(seconds=5)))
        await asyncio.sleep(0.03)
        source.gate.set()
        await draining
        assert len(daemon.polls) == 1
        await asyncio.sleep(0.03)
    assert len(daemon.polls) == 1
    assert source.closed >= 1


async def test_drain_cancels_what_does_not_finish_in_time() -> None:
    daemon, source = Daemon(), Scripted()
    source.gate = asyncio.Event()
    async with polling(daemon, acme=source) as poller:
        await until(lambda: len(source.cursors) == 1)
        await poller.drain(timedelta(milliseconds=20))
    assert daemon.polls == []


async def test_poll_now_does_not_wait_for_the_schedule() -> None:
    daemon, source = Daemon(), Scripted()
    later = Poll(stream="acme", at=START, ok=True, next_at=START + timedelta(minutes=50))
    async with polling(daemon, speed=1.0, acme=source, last_polls={"acme": later}) as poller:
        poller.poll_now("acme")
        await until(lambda: len(daemon.polls) == 1)
        with pytest.raises(LookupError):
            poller.poll_now("nobody")


async def test_poll_now_during_a_poll_means_once_more() -> None:
    daemon, source = Daemon(), Scripted()
    source.gate = asyncio.Event()
    async with polling(daemon, acme=source, speed=60.0) as poller:
        await until(lambda: len(source.cursors) == 1)
        poller.poll_now("acme")
        source.gate.set()
        await until(lambda: len(source.cursors) == 2)


async def test_a_restart_keeps_to_the_time_that_was_announced() -> None:
    daemon, source = Daemon(), Scripted()
    later = Poll(stream="acme", at=START, ok=False, next_at=START + timedelta(minutes=40))
    async with polling(daemon, acme=source, other=Scripted(), last_polls={"acme": later}):
        await until(lambda: len(daemon.of("other")) >= 5)
        assert source.cursors == []
        await until(lambda: len(source.cursors) == 1)


async def test_first_polls_are_spread_out() -> None:
    daemon = Daemon()
    sources: dict[str, Any] = {f"s{number}": Scripted() for number in range(20)}
    async with polling(daemon, speed=200.0, **sources):
        await until(lambda: len(daemon.polls) >= 1)
        assert sum(len(source.cursors) for source in sources.values()) < 20


async def test_a_disabled_stream_is_not_polled() -> None:
    daemon, off = Daemon(), Scripted()
    async with polling(daemon, off=stream(off, enabled=False), on=Scripted()):
        await until(lambda: len(daemon.of("on")) >= 3)
    assert off.cursors == []


async def test_a_reload_keeps_the_schedule_of_unchanged_streams_and_closes_old_sources() -> None:
    daemon = Daemon()
    kept, gone, before, after, new = (Scripted() for _ in range(5))
    old: dict[str, Any] = {"kept": stream(kept), "gone": stream(gone), "changed": stream(before)}
    async with polling(daemon, speed=600.0, **old) as poller:
        await until(lambda: {poll.stream for poll in daemon.polls} == {"kept", "gone", "changed"})
        announced = daemon.of("kept")[-1].next_at
        twin = Scripted()
        await poller.replace(
            {"kept": stream(twin), "changed": stream(after, every=timedelta(hours=1)), "new": stream(new)}
        )
        assert (kept.closed, gone.closed, before.closed) == (1, 1, 1)
        await until(lambda: bool(new.cursors and after.cursors))
        polls_of_gone = len(daemon.of("gone"))
        await until(lambda: bool(twin.cursors))
        assert len(daemon.of("gone")) == polls_of_gone
    assert announced is not None


async def test_a_removed_stream_finishes_its_running_poll_before_its_source_is_closed() -> None:
    daemon, source = Daemon(), Scripted()
    source.gate = asyncio.Event()
    async with polling(daemon, acme=source) as poller:
        await until(lambda: len(source.cursors) == 1)
        await poller.replace({})
        assert source.closed == 0
        source.gate.set()
        await until(lambda: source.closed == 1)
    assert len(daemon.polls) == 1


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
