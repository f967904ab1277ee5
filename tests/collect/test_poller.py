"""Polls: their rhythm, their failures, and that the cursor moves only with what was committed."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.collect.poller import Poller
from buzzguard.errors import SourceGone, SourceRefused, SourceUnavailable
from buzzguard.model import Fetched, Poll
from tests.collect.polling import EVERY, SPEED, START, Daemon, Scripted, polling, stream, until


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
