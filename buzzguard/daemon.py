"""The shell: reads streams, hands what they bring to the worker, tells people, stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime, timedelta
from typing import Any

from buzzguard import telemetry
from buzzguard.assembly import Assembly, build_notifiers, build_sources, receiver_notifiers
from buzzguard.collect.http import HttpClient
from buzzguard.collect.poller import Poller
from buzzguard.deliver.outbox import Outbox
from buzzguard.errors import BuzzguardError, ConfigError, StoreError
from buzzguard.model import Batch, Command, Fetched, Health, Poll, Received
from buzzguard.pipeline import Core, Memory
from buzzguard.ports import Clock, Notifier
from buzzguard.store.sql import SqlStore
from buzzguard.worker import Worker

_REMEMBERED = timedelta(hours=48)
"""Mentions that the windows are rebuilt from: the longest window and the lateness allowed."""
_BASELINE_MEMORY = timedelta(days=60)
_EXPIRE_EVERY = timedelta(hours=6)
_DRAIN_POLLS, _DRAIN_STEPS, _DRAIN_OUTBOX = 3.0, 2.0, 3.0
"""Seconds; together under the 10 s in which a stop must be done."""

log = telemetry.get_logger("daemon")


class Daemon:
    """Implements `ports.Intake`. `load` is called at start and at each reload; it raises ConfigError.

    `speed` makes the daemon's waits that many times shorter, for a clock that runs that many times faster.
    """

    def __init__(
        self,
        load: Callable[[], Assembly],
        *,
        clock: Clock,
        speed: float = 1.0,
        notifiers: Callable[[Any], dict[str, Notifier]] = build_notifiers,
    ) -> None:
        self._load = load
        self._clock = clock
        self.speed = speed
        self._make_notifiers = notifiers
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self._listeners: list[Any] = []
        self._trouble = ""
        self._ready = False
        self._cursors: dict[str, str] = {}
        self._expired_at: datetime | None = None

    async def start(self) -> None:
        """Open everything and begin to watch. Raises ConfigError or StoreError when that cannot be."""
        self.assembly = self._load()
        settings = self.assembly.settings
        self.notifiers = self._make_notifiers(settings)
        self.store = await SqlStore.open(settings.store, base=self.assembly.base)
        self.outbox = Outbox(self.store, self.notifiers, receiver_notifiers(settings), clock=self._clock)
        self.worker = Worker(self.store, clock=self._clock, rebuild=self._build_core, told=self.outbox.wake)
        await self.worker.replace_core()
        self._cursors = await self.store.cursors()
        self._http = HttpClient(settings.network)
        self.poller = Poller(
            build_sources(settings, self._http),
            clock=self._clock,
            cursors=lambda stream: self._cursors.get(stream, ""),
            deliver=self._polled,
            last_polls=await self.store.last_polls(),
            rng=random.Random(),
            speed=self.speed,
        )
        self._spawn(self.worker.run())
        self._spawn(self._tick())
        self._outbox_task = self._spawn(self.outbox.run(self._stopping))
        await self._listen()
        await self.poller.start()
        self._ready = True
        telemetry.RELOAD_OK.set(1)
        log.info("daemon.started", topics=len(settings.topics), streams=len(settings.streams))

    async def stop(self) -> None:
        """Stop reading, finish what is at hand, and close. What does not get through in time is not lost."""
        self._ready = False
        for listener in self._listeners:
            await listener.stop()
        await self.poller.drain(timedelta(seconds=_DRAIN_POLLS))
        await self.worker.finish(_DRAIN_STEPS)
        self._stopping.set()
        await asyncio.wait([self._outbox_task], timeout=_DRAIN_OUTBOX / 2)
        with contextlib.suppress(TimeoutError, StoreError):
            await asyncio.wait_for(self.outbox.run_once(), _DRAIN_OUTBOX / 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for notifier in self.notifiers.values():
            await notifier.close()
        await self._http.close()
        await self.store.close()
        log.info("daemon.stopped")

    async def reload(self) -> bool:
        """Take a changed configuration; a faulty one is refused and the former one keeps running."""
        try:
            assembly = self._load()
            notifiers = self._make_notifiers(assembly.settings)
        except ConfigError as error:
            telemetry.RELOAD_OK.set(0)
            self._trouble = "the last reload was refused: the former configuration keeps running"
            log.error("config.refused", faults=[str(fault) for fault in error.faults])
            return False
        former_notifiers, former_http = self.notifiers, self._http
        self.assembly, self.notifiers = assembly, notifiers
        self._http = HttpClient(assembly.settings.network)
        await self.worker.replace_core()
        self.outbox.replace(notifiers, receiver_notifiers(assembly.settings))
        await self.poller.replace(build_sources(assembly.settings, self._http))
        for listener in self._listeners:
            await listener.stop()
        await self._listen()
        for notifier in former_notifiers.values():
            await notifier.close()
        await former_http.close()
        telemetry.RELOAD_OK.set(1)
        self._trouble = ""
        log.info("config.reloaded", topics=len(assembly.settings.topics), streams=len(assembly.settings.streams))
        return True

    async def submit(self, batch: Batch) -> Received:
        """See `ports.Intake.submit`."""
        return await self.worker.submit(batch, {})

    async def command(self, command: Command) -> str | None:
        """Carry out a person's command; returns the named reason when it is refused."""
        received = await self.worker.submit(Batch(commands=(command,)), {})
        return received.refused[0][1] if received.refused else None

    def backlog(self) -> int:
        """See `ports.Intake.backlog`."""
        return self.worker.waiting

    def health(self) -> Health:
        """See `ports.Intake.health`."""
        troubles = tuple(trouble for trouble in (self.worker.store_trouble, self._trouble) if trouble)
        return Health(
            ready=self._ready and not self.worker.store_trouble,
            troubles=troubles,
            last_step_at=self.worker.last_step_at,
            outbox_depth=self.outbox.depth,
        )

    def turning(self, within: timedelta) -> bool:
        """Whether the worker finished a turn within `within` of real time: what the watchdog asks."""
        return self._clock.monotonic() - self.worker.last_turn < within.total_seconds()

    def run_at(self, speed: float) -> None:
        """Go on with waits that are `speed` times shorter than what they are called."""
        self.speed = speed
        self.poller.run_at(speed)

    async def _build_core(self) -> Core:
        """A core made from the store's facts."""
        now = self._clock.now()
        core = Core(self.assembly.settings, self.assembly.parts)
        checkpoints = await self.store.checkpoints()
        oldest = min((c.at for c in checkpoints if c.topic in core.settings.topics), default=now - _BASELINE_MEMORY)
        if len(checkpoints) < len(core.settings.topics):
            oldest = now - _BASELINE_MEMORY
        memory = Memory(
            mentions=await self.store.mentions_since(now - _REMEMBERED),
            samples=await self.store.samples_since(max(oldest, now - _BASELINE_MEMORY)),
            polls=_in_order(
                [*await self.store.polls_since(now - _REMEMBERED), *(await self.store.last_polls()).values()]
            ),
            checkpoints=checkpoints,
            alerts=await self.store.alerts_open(),
            incidents=await self.store.incidents_open(now),
            silences=await self.store.silences_active(now),
        )
        core.restore(memory, now)
        return core

    async def _polled(self, stream: str, fetched: Fetched | None, poll: Poll) -> None:
        if fetched is None:
            await self.worker.submit(Batch(polls=(poll,)), {})
            return
        await self.worker.submit(Batch(mentions=fetched.mentions, polls=(poll,)), {stream: fetched.cursor})
        self._cursors[stream] = fetched.cursor

    async def _tick(self) -> None:
        """Time passes also when nothing is said: windows close, steps of policies come due, old facts expire."""
        while True:
            await self._wait(self.assembly.settings.tick)
            with contextlib.suppress(StoreError):
                await self.worker.submit(Batch(), {})
                await self._expire()

    async def _expire(self) -> None:
        now = self._clock.now()
        if self._expired_at is not None and timedelta() <= now - self._expired_at < _EXPIRE_EVERY:
            return
        self._expired_at = now
        gone = await self.store.expire(now)
        log.info("store.expired", **{table: count for table, count in gone.items() if count})

    async def _wait(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds() / self.speed)

    async def _listen(self) -> None:
        """Start what brings people's commands in: a notifier that has buttons offers `listener`."""
        self._listeners = []
        for notifier in self.notifiers.values():
            make = getattr(notifier, "listener", None)
            listener = make(clock=self._clock, on_command=self._commanded) if make is not None else None
            if listener is not None:
                self._listeners.append(listener)
                await listener.start()

    async def _commanded(self, command: Command) -> str | None:
        try:
            return await self.command(command)
        except BuzzguardError:
            return "stopping"

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.append(task)
        return task


def _in_order(polls: Iterable[Poll]) -> list[Poll]:
    return sorted(polls, key=lambda poll: poll.at)
