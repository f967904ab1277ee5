"""Asks every stream again and again, each at its own pace, and hands what it brings to the daemon.

A poll is one run of these steps: fetch after the committed cursor → say when the next one is → deliver → schedule. The
cursor moves only when `deliver` returned, so a crash anywhere repeats the poll instead of losing it.

A place that pushes is polled without a pause. Good polls that brought nothing, within a minute of one that was
delivered, are held back and told as one: with the next that says something, after a minute, or when polling ends. A
failure is told after them, so that minutes are known up to the last good poll.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from buzzguard.clock import SystemClock
from buzzguard.collect.backoff import Bounds, Pace
from buzzguard.config.settings import StreamSettings
from buzzguard.errors import SourceError, SourceGone, SourceRefused, SourceUnavailable, StoreError
from buzzguard.model import Breaker, Fetched, Poll
from buzzguard.ports import Clock, Source
from buzzguard.telemetry import POLL_DELAY, POLLS, STREAM_AGE, get_logger

Deliver = Callable[[str, Fetched | None, Poll], Awaitable[int | None]]
"""Takes what a poll brought; returns how many mentions of it were counted, None for all."""

_log = get_logger("collect.poller")
_SPREAD = timedelta(seconds=30)
"""First polls are spread over this long, so that a start with hundreds of streams is no burst."""
_LONGEST_FETCH = timedelta(minutes=5)
"""Real time after which a source that hangs is given up; every source has tighter limits of its own."""
_STORE_RETRY = timedelta(seconds=5)
_HELD_FOR = timedelta(minutes=1)
_BREATH = timedelta(seconds=1)
"""The pause after a poll that found nothing, of a source that says it holds more: it cannot keep the loop busy."""
_GUARD_SECONDS = 15.0
_LATE_SECONDS = 30.0


@dataclass
class _Stream:
    """What the poller knows of one stream.

    `told`: the last poll that was delivered, if it was a good one. `held`: the last one since that was held back, and
    the `cursor` that it came to.
    """

    settings: StreamSettings
    source: Source
    pace: Pace
    due: float = 0.0
    running: asyncio.Task[None] | None = None
    again: bool = False
    note: str = ""
    told: datetime | None = None
    held: Poll | None = None
    cursor: str | None = None
    closing: list[Source] = field(default_factory=list)


class Poller:
    """Polls streams until drained.

    `cursors(stream)` gives the committed cursor; `deliver(stream, fetched, poll)` returns once both are committed
    (`fetched` is None when the poll failed) or raises StoreError, and then the poll is repeated with the old cursor.
    `hot(stream)` says whether an alert is under way that its mentions may bear on.
    All durations are those of `clock`, which runs `speed` times as fast as the machine's.
    """

    def __init__(  # noqa: PLR0913 - the seams of the shell, each by keyword
        self,
        streams: Mapping[str, tuple[StreamSettings, Source]],
        *,
        clock: Clock,
        cursors: Callable[[str], str],
        deliver: Deliver,
        hot: Callable[[str], bool] = lambda _: False,
        last_polls: Mapping[str, Poll] | None = None,
        rng: random.Random | None = None,
        speed: float = 1.0,
    ) -> None:
        from apscheduler.schedulers.asyncio import AsyncIOScheduler

        self._clock = clock
        self._cursors = cursors
        self._deliver = deliver
        self._hot = hot
        self._last_polls = dict(last_polls or {})
        self._rng = rng or random.Random()
        self._speed = speed
        self._wall = SystemClock()
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._streams: dict[str, _Stream] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._guard: asyncio.Task[None] | None = None
        self._drained = False
        for name, (settings, source) in streams.items():
            self._take(name, settings, source)

    async def start(self) -> None:
        """Begin: a stream whose next poll was already fixed keeps it, the others are spread out."""
        self._scheduler.start()
        self._guard = asyncio.create_task(self._watch_schedule(), name="poller-guard")
        self._spread(list(self._streams))

    async def drain(self, timeout: timedelta) -> None:
        """Start no new poll, let running ones finish for `timeout` of real time, then cancel them."""
        if self._drained:
            return
        self._drained = True
        if self._guard is not None:
            self._guard.cancel()
        if self._scheduler.running:
            self._scheduler.pause()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=timeout.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        for name, stream in self._streams.items():
            await self._tell_held(name, stream)
            await self._close(stream.source, *stream.closing)

    def poll_now(self, stream: str) -> None:
        """Poll a stream at once, or once more when it is being polled. Raises LookupError for one that is unknown."""
        if stream not in self._streams:
            raise LookupError(f"unknown stream {stream!r}")
        if self._streams[stream].running is not None:
            self._streams[stream].again = True
        else:
            self._schedule(stream, timedelta(0))

    def run_at(self, speed: float) -> None:
        """Go on with a clock that runs `speed` times as fast as the machine's; polls already due keep their time."""
        self._speed = speed

    async def replace(self, streams: Mapping[str, tuple[StreamSettings, Source]]) -> None:
        """Take a new set of streams. Unchanged ones keep their schedule; removed ones finish the poll that runs."""
        for name in [name for name in self._streams if name not in streams]:
            await self._drop(name)
        fresh = [name for name, (settings, source) in streams.items() if await self._swap(name, settings, source)]
        self._spread([name for name in fresh if name in self._streams])

    def _take(self, name: str, settings: StreamSettings, source: Source) -> None:
        if settings.enabled:
            self._streams[name] = _Stream(settings, source, self._pace(settings, source))

    def _pace(self, settings: StreamSettings, source: Source) -> Pace:
        return Pace(Bounds.of(settings, getattr(source, "least_every", timedelta(0))), rng=self._rng)

    async def _swap(self, name: str, settings: StreamSettings, source: Source) -> bool:
        """Take over a stream's new settings and source; returns whether it wants a new schedule."""
        known = self._streams.get(name)
        if known is None or not settings.enabled:
            await self._drop(name)
            self._take(name, settings, source)
            return True
        same = known.settings == settings
        if known.source is not source:
            known.closing.append(known.source)
            known.source = source
        if not same:
            known.settings, known.pace = settings, self._pace(settings, source)
        if known.running is None:
            await self._close_old(known)
        return not same

    async def _drop(self, name: str) -> None:
        gone = self._streams.pop(name, None)
        if gone is None:
            return
        self._unschedule(name)
        STREAM_AGE.remove(name)
        gone.closing.append(gone.source)
        if gone.running is None:
            await self._close_old(gone)

    def _spread(self, names: list[str]) -> None:
        """First polls: when the last run fixed a time that is still to come, then; else one after the other."""
        if not names:
            return
        now = self._clock.now()
        step = min(_SPREAD, *(self._streams[name].settings.every for name in names)) / len(names)
        order = self._rng.sample(names, len(names))
        for place, name in enumerate(order):
            delay = step * (place + self._rng.random())
            last = self._last_polls.pop(name, None)
            if last is not None:
                pace = self._streams[name].pace
                pace.resume(last)
                delay = _left(last, now, pace.longest) or delay
            self._schedule(name, delay)

    def _schedule(self, name: str, delay: timedelta) -> None:
        """Run a stream's next poll after `delay` of the injected clock."""
        stream = self._streams.get(name)
        if stream is None or self._drained:
            return
        real = max(delay, timedelta(0)) / self._speed
        stream.due = self._wall.monotonic() + real.total_seconds()
        self._scheduler.add_job(
            self._begin, "date", run_date=self._wall.now() + real, args=(name,), id=name, replace_existing=True
        )

    def _unschedule(self, name: str) -> None:
        if self._scheduler.get_job(name) is not None:
            self._scheduler.remove_job(name)

    async def _begin(self, name: str) -> None:
        """What the scheduler calls. The poll is a task of our own: the scheduler's executor would swallow its end."""
        stream = self._streams.get(name)
        if stream is None or stream.running is not None or self._drained:
            return
        stream.running = asyncio.create_task(self._run(name, stream), name=f"poll-{name}")
        self._tasks.add(stream.running)
        stream.running.add_done_callback(self._tasks.discard)

    async def _run(self, name: str, stream: _Stream) -> None:
        stream.again = False
        delay: timedelta | None = _STORE_RETRY
        try:
            delay = await self._poll(name, stream)
        except Exception as error:  # noqa: BLE001 - the loop of a task: a fault behind `deliver` must not end the stream
            _log.error("poll.crashed", stream=name, error=type(error).__name__, exc_info=True)
        finally:
            stream.running = None
            if self._streams.get(name) is stream and (stream.again or delay is not None):
                self._schedule(name, timedelta(0) if stream.again or delay is None else delay)
            await self._close_old(stream)

    async def _poll(self, name: str, stream: _Stream) -> timedelta | None:
        """Fetch and deliver; returns how long to wait for the next poll, None for never."""
        now = self._clock.now()
        stream.pace.probing()
        POLL_DELAY.observe(max(0.0, self._wall.monotonic() - stream.due))
        cursor = self._cursors(name) if stream.cursor is None else stream.cursor
        try:
            async with asyncio.timeout(_LONGEST_FETCH.total_seconds()):
                fetched = await stream.source.fetch(cursor, now)
        except SourceError as error:
            return await self._failed(name, stream, error)
        except TimeoutError:
            return await self._failed(name, stream, SourceUnavailable("the source hangs"))
        except Exception as error:  # noqa: BLE001 - the loop of a task: a plugin's bug must not stop its stream for good
            _log.error("poll.crashed", stream=name, error=type(error).__name__, exc_info=True)
            return await self._failed(name, stream, SourceUnavailable(f"internal error, {type(error).__name__}"))
        return await self._succeeded(name, stream, fetched, moved=fetched.cursor != cursor)

    async def _succeeded(self, name: str, stream: _Stream, fetched: Fetched, *, moved: bool) -> timedelta:
        now = self._clock.now()
        held = fetched.retry_after == timedelta(0) and _says_nothing(fetched) and fetched.note == stream.note
        delay = self._delay(name, stream, fetched.retry_after, idle=held and not moved)
        poll = Poll(
            stream=name,
            at=now,
            ok=True,
            reason=f"{name}: {fetched.note}" if fetched.note else "",
            mentions=len(fetched.mentions),
            next_at=now + delay,
            lag=fetched.lag,
            lost=fetched.lost,
        )
        if held and stream.told is not None and timedelta(0) <= now - stream.told < _HELD_FOR:
            stream.held, stream.cursor = poll, fetched.cursor
        elif not await self._committed(name, stream, fetched, poll):
            return stream.pace.after_store_error(_STORE_RETRY)
        stream.pace.succeeded()
        POLLS.labels(stream=name, outcome="ok").inc()
        STREAM_AGE.labels(stream=name).set(now.timestamp())
        _log.debug("poll.succeeded", stream=name, mentions=len(fetched.mentions))
        if fetched.note and fetched.note != stream.note:
            _log.info("stream.noted", stream=name, note=fetched.note)
        stream.note = fetched.note
        # What it brought is known by now: a stream that has become hot does not wait as long as was announced.
        return min(delay, self._delay(name, stream, fetched.retry_after, idle=held and not moved))

    def _delay(self, name: str, stream: _Stream, asked: timedelta | None, *, idle: bool) -> timedelta:
        if idle:
            return _BREATH
        return stream.pace.after_success(asked, hot=self._hot(name))

    async def _failed(self, name: str, stream: _Stream, error: SourceError) -> timedelta | None:
        now = self._clock.now()
        gone, before = isinstance(error, SourceGone), stream.pace.breaker
        lasting = isinstance(error, SourceRefused)
        delay = None if gone else stream.pace.after_failure(getattr(error, "retry_after", None), lasting=lasting)
        poll = Poll(
            stream=name,
            at=now,
            ok=False,
            reason=f"{name}: {_one_line(error)}",
            next_at=None if delay is None else now + delay,
            failures=stream.pace.failures,
            breaker=stream.pace.breaker,
        )
        POLLS.labels(stream=name, outcome="gone" if gone else "failed").inc()
        if gone:
            _log.error("stream.gone", stream=name, reason=poll.reason)
        else:
            _log.warning("poll.failed", stream=name, reason=poll.reason, failures=poll.failures, next_at=poll.next_at)
        if before is Breaker.CLOSED and poll.breaker is Breaker.OPEN:
            _log.warning("breaker.opened", stream=name, failures=poll.failures, next_at=poll.next_at)
        if not (await self._tell_held(name, stream) and await self._committed(name, stream, None, poll)):
            return max(stream.pace.after_store_error(_STORE_RETRY), delay or timedelta(0))
        return delay

    async def _tell_held(self, name: str, stream: _Stream) -> bool:
        """Deliver the good poll that was held back, if there is one; whether none is left."""
        poll, cursor = stream.held, stream.cursor
        if poll is None or cursor is None:
            return True
        return await self._committed(name, stream, Fetched(cursor=cursor), poll)

    async def _committed(self, name: str, stream: _Stream, fetched: Fetched | None, poll: Poll) -> bool:
        try:
            counted = await self._deliver(name, fetched, poll)
        except StoreError as error:
            _log.warning("poll.failed", stream=name, reason=f"{name}: the store refused: {_one_line(error)}")
            POLLS.labels(stream=name, outcome="not_stored").inc()
            return False
        stream.told, stream.held, stream.cursor = poll.at if poll.ok else None, None, None
        if fetched is not None:
            brought = len(fetched.mentions) if counted is None else counted
            stream.pace.brought(0 if fetched.backfilling else brought, poll.at)
        return True

    async def _watch_schedule(self) -> None:
        """Poll what is overdue: the scheduler goes by the wall clock, which may be set back by hours."""
        while True:
            await asyncio.sleep(_GUARD_SECONDS)
            late = self._wall.monotonic() - _LATE_SECONDS
            for name, stream in self._streams.items():
                if stream.running is None and stream.due < late and self._scheduler.get_job(name) is not None:
                    self._schedule(name, timedelta(0))

    async def _close_old(self, stream: _Stream) -> None:
        old, stream.closing = stream.closing, []
        await self._close(*old)

    async def _close(self, *sources: Source) -> None:
        for source in sources:
            try:
                await source.close()
            except Exception as error:  # noqa: BLE001 - the loop of a task: closing goes on with the others
                _log.warning("source.close_failed", error=type(error).__name__)


def _left(last: Poll, now: datetime, longest: timedelta) -> timedelta | None:
    """What is left of the wait that a former run had announced, however long the service asked for.

    A clock that was set back makes a wait of it that nobody asked for: `longest` bounds it then.
    """
    if last.next_at is None or last.next_at <= now:
        return None
    return last.next_at - now if last.at <= now else min(last.next_at - last.at, longest)


def _says_nothing(fetched: Fetched) -> bool:
    """Whether all that it changes is the cursor."""
    news = fetched.mentions, fetched.rereads, fetched.counts, fetched.quarantined
    gone = fetched.deleted, fetched.deleted_authors, fetched.lost
    return not any(news) and not any(gone) and not fetched.backfilling


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
