"""The shell: reads streams, hands what they bring to the worker, tells people, stops cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from buzzguard import telemetry
from buzzguard.assembly import Assembly, build_notifiers, rebuild_core, receiver_notifiers
from buzzguard.backfills import Backfills
from buzzguard.collect.meter import StoredMeter
from buzzguard.collect.poller import Poller
from buzzguard.collect.websub import Subscriptions
from buzzguard.config.settings import Settings
from buzzguard.deliver.fallback import LOOK_EVERY, FallbackWatch
from buzzguard.deliver.outbox import Outbox
from buzzguard.digest import Digests
from buzzguard.errors import BuzzguardError, ConfigError, StoreError
from buzzguard.front import Front
from buzzguard.model import Backfill, Batch, Command, Fetched, Health, Poll, Received
from buzzguard.outfit import Outfit, fit_out
from buzzguard.past import learn_past
from buzzguard.pipeline import Core
from buzzguard.ports import Clock, Notifier
from buzzguard.requests import LISTEN_EVERY
from buzzguard.store.sole import SoleUse
from buzzguard.store.sql import SqlStore
from buzzguard.worker import Worker

_EXPIRE_EVERY = timedelta(hours=6)
_DRAIN_POLLS = timedelta(seconds=2.5)
_TURNS = timedelta(minutes=2)
_NO_HEARTBEAT = timedelta(seconds=10)
_RETIRE_AFTER = 60.0
"""Seconds; longer than a poll or a delivery takes."""
_MARGIN, _DRAIN_STEPS, _DRAIN_OUTBOX = 0.5, 2.0, 3.0
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
        self._closing = contextlib.AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self.failed = asyncio.Event()
        """Set when a task that must run for ever has ended: nothing is watched any more, only a new start helps."""
        self._outfit: Outfit
        self._trouble = ""
        self._ready = False
        self._meter = StoredMeter()
        self.subscriptions = Subscriptions(self._poll_soon)
        """What hubs of feeds were asked, for the web server to answer them."""
        self._cursors: dict[str, str] = {}
        self._backfills = Backfills()
        self._learning: asyncio.Task[None] | None = None
        self._expired_at: datetime | None = None
        self.front = Front(self, clock=clock)
        """The desk that people in a chat ask."""

    async def start(self) -> None:
        """Open everything and begin to watch. Raises ConfigError or StoreError, with all closed, when it cannot."""
        try:
            await self._open()
        except BaseException:  # raised again: whatever stops a start, nothing may stay open
            await self._closing.aclose()
            raise
        self._ready = True
        telemetry.RELOAD_OK.set(1)
        settings = self.assembly.settings
        log.info("daemon.started", topics=len(settings.topics), streams=len(settings.streams))

    async def stop(self) -> None:
        """Stop reading, finish what is at hand, and close. What does not get through in time is not lost."""
        if self._ready:
            self._ready = False
            await asyncio.wait(
                [asyncio.ensure_future(work) for work in (self._hang_up(), self.poller.drain(_DRAIN_POLLS))],
                timeout=_DRAIN_POLLS.total_seconds() + _MARGIN,
            )
            await self.worker.finish(_DRAIN_STEPS)
            await self._drain_outbox()
            log.info("daemon.stopped")
        await self._closing.aclose()

    async def reload(self) -> bool:
        """Take a changed configuration; one that cannot be taken is refused and the former one keeps running.

        `store` and the address of `web` are taken at the next start only; the log says so.
        """
        try:
            outfit = await self._fit_out()
        except ConfigError as error:
            return self._refuse([str(fault) for fault in error.faults])
        former, self._outfit = self._outfit, outfit
        try:
            await self.worker.replace_core()
        except StoreError as error:
            self._outfit = former
            await outfit.close()
            return self._refuse([f"the database refuses: {error}"])
        settings = outfit.assembly.settings
        self.outbox.replace(outfit.notifiers, receiver_notifiers(settings))
        self._fallbacks.replace(settings.receivers)
        with contextlib.suppress(StoreError):
            await self.outbox.revive()
        await self.poller.replace(outfit.sources)
        for listener in former.listeners:
            await listener.stop()
        for listener in outfit.listeners:
            await listener.start()
        self._spawn("retire", _retire(former))
        telemetry.RELOAD_OK.set(1)
        self._trouble = ""
        _warn_of_restart(former.assembly.settings, settings)
        log.info("config.reloaded", topics=len(settings.topics), streams=len(settings.streams))
        return True

    @property
    def assembly(self) -> Assembly:
        """What the daemon is built from at present."""
        return self._outfit.assembly

    @property
    def notifiers(self) -> dict[str, Notifier]:
        """The notifiers at present, by name."""
        return self._outfit.notifiers

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
        worker = self.worker
        return Health(
            ready=self._ready and not worker.store_trouble and not worker.step_trouble,
            troubles=(
                *(trouble for trouble in (worker.store_trouble, worker.step_trouble, self._trouble) if trouble),
                *self.outbox.troubles,
            ),
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

    async def _open(self) -> None:
        self._outfit = await self._fit_out()
        self._closing.push_async_callback(self._close_outfit)
        settings, base = self.assembly.settings, self.assembly.base
        self._closing.callback(SoleUse.take(settings.store.url, base=base).release)
        self.store = await SqlStore.open(settings.store, base=base)
        self._closing.push_async_callback(self.store.close)
        self._meter.write_into(self.store)
        self.outbox = Outbox(self.store, self.notifiers, receiver_notifiers(settings), clock=self._clock)
        self.worker = Worker(self.store, clock=self._clock, rebuild=self._build_core, told=self.outbox.wake)
        self._fallbacks = FallbackWatch(self.store, settings.receivers, clock=self._clock, ask=self.command)
        await self.worker.replace_core()
        self._cursors = await self.store.cursors()
        self._backfills.take(await self.store.backfills())
        self.poller = Poller(
            self._outfit.sources,
            clock=self._clock,
            cursors=lambda stream: self._cursors.get(stream, ""),
            deliver=self._polled,
            hot=self._hot,
            last_polls=await self.store.last_polls(),
            rng=random.Random(),
            speed=self.speed,
        )
        self._closing.push_async_callback(self._end_tasks)
        await self.outbox.revive()
        self._spawn("worker", self.worker.run())
        self._spawn("tick", self._tick())
        self._spawn("requests", self._listen())
        self._spawn("fallbacks", self._fall_back())
        digests = Digests(self.store, clock=self._clock, told=self.outbox.wake)
        self._spawn("digest", digests.run(lambda: self.assembly, self._wait))
        self._spawn("heartbeat", self._beat())
        self._outbox_task = self._spawn("outbox", self.outbox.run(self._stopping))
        for listener in self._outfit.listeners:
            await listener.start()
        await self.poller.start()

    async def _fit_out(self) -> Outfit:
        assembly = self._load()
        outfit = await fit_out(
            assembly,
            notifiers=self._make_notifiers,
            clock=self._clock,
            desk=self.front,
            meter=self._meter,
            subscriptions=self.subscriptions,
        )
        self.subscriptions.public_url = assembly.settings.web.public_url
        return outfit

    def _poll_soon(self, stream: str) -> None:
        """A hub says that there is news; a stream that is gone meanwhile has none."""
        with contextlib.suppress(LookupError):
            self.poller.poll_now(stream)

    async def _close_outfit(self) -> None:
        await self._outfit.close()

    async def _hang_up(self) -> None:
        for listener in self._outfit.listeners:
            await listener.stop()

    async def _drain_outbox(self) -> None:
        """Let attempts under way end, then make those that the last steps have asked for."""
        self._stopping.set()
        done, _ = await asyncio.wait([self._outbox_task], timeout=_DRAIN_OUTBOX / 2)
        if done:
            with contextlib.suppress(TimeoutError, StoreError):
                await asyncio.wait_for(self.outbox.run_once(), _DRAIN_OUTBOX / 2)

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _refuse(self, faults: list[str]) -> bool:
        telemetry.RELOAD_OK.set(0)
        self._trouble = "the last reload was refused: the former configuration keeps running"
        log.error("config.refused", faults=faults)
        return False

    async def _build_core(self) -> Core:
        """A core made from the store's facts."""
        return await rebuild_core(self.assembly, self.store, self._clock.now())

    async def _polled(self, stream: str, fetched: Fetched | None, poll: Poll) -> int:
        if fetched is None:
            await self.worker.submit(Batch(polls=(poll,)), {})
            return 0
        progress = self._backfills.after(stream, fetched, poll.at)
        past = fetched.backfilling
        batch = Batch(
            mentions=() if past else fetched.mentions,
            past=fetched.mentions if past else (),
            backfills=() if progress is None else (progress,),
            rereads=fetched.rereads,
            deleted=fetched.deleted,
            deleted_authors=fetched.deleted_authors,
            counts=fetched.counts,
            quarantined=fetched.quarantined,
            polls=(poll,),
        )
        received = await self.worker.submit(batch, {stream: fetched.cursor})
        self._cursors[stream] = fetched.cursor
        if progress is not None:
            self._backfills.take([progress])
            name = "backfill.progressed" if progress.ended is None else "backfill.ended"
            log.info(name, stream=stream, reached=progress.reached, mentions=progress.mentions)
        return received.counted

    def _learn_past(self) -> None:
        """Learn what streams have read of their past, beside the watch, once it is time."""
        now = self._clock.now()
        if (self._learning is None or self._learning.done()) and (due := self._backfills.due(now)):
            self._learning = self._spawn("past", self._learn(due, now))

    async def _learn(self, due: list[Backfill], now: datetime) -> None:
        try:
            self._backfills.take(await learn_past(self.store, self.worker, due, now))
        except StoreError as error:
            log.warning("backfill.delayed", reason=str(error))

    def _hot(self, stream: str) -> bool:
        """Whether an alert is under way on a topic that the stream was made for."""
        settings = self.assembly.settings.streams.get(stream)
        return settings is not None and not self.worker.core.decider.alerts_waiting().isdisjoint(settings.topics)

    async def _tick(self) -> None:
        """Time passes also when nothing is said: windows close, steps of policies come due, old facts expire."""
        while True:
            await self._wait(self.assembly.settings.tick)
            try:
                await self.worker.submit(Batch(), {})
                await self._expire()
                self._learn_past()
            except StoreError as error:
                log.warning("tick.failed", reason=str(error))

    async def _listen(self) -> None:
        """Take what other processes ask, soon: somebody waits for the answer."""
        while True:
            with contextlib.suppress(StoreError):
                if await self.store.requests(1):
                    await self.worker.submit(Batch(), {})
            await self._wait(LISTEN_EVERY)

    async def _fall_back(self) -> None:
        """Tell others in the place of receivers that cannot be reached."""
        while True:
            await self._wait(LOOK_EVERY)
            await self._fallbacks.look()

    async def _beat(self) -> None:
        """Tell the monitor outside that all is well, where one is configured and all is."""
        while True:
            heartbeat = self._outfit.heartbeat
            if heartbeat is not None:
                await heartbeat.beat(self._unsound(), self._clock.now())
            await self._wait(_NO_HEARTBEAT if heartbeat is None else heartbeat.every)

    def _unsound(self) -> str:
        """Why BuzzGuard neither watches nor tells; empty when it does."""
        if not self.turning(_TURNS):
            return "no step was taken for two minutes"
        return self.worker.store_trouble or self.worker.step_trouble or self.outbox.stuck

    async def _expire(self) -> None:
        now = self._clock.now()
        if self._expired_at is not None and timedelta() <= now - self._expired_at < _EXPIRE_EVERY:
            return
        self._expired_at = now
        gone = await self.store.expire(now)
        log.info("store.expired", **{table: count for table, count in gone.items() if count})

    async def _wait(self, duration: timedelta) -> None:
        await asyncio.sleep(duration.total_seconds() / self.speed)

    async def commanded(self, command: Command) -> str | None:
        """As `command`, for whoever cannot be told of an error: then the reason is `stopping`."""
        try:
            return await self.command(command)
        except BuzzguardError:
            return "stopping"

    def _spawn(self, name: str, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(self._ended)
        self._tasks = [*(each for each in self._tasks if not each.done()), task]
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.critical("daemon.failed", task=task.get_name(), exc_info=error)
            self.failed.set()


async def _retire(outfit: Outfit) -> None:
    """Close what was replaced, once polls and deliveries that began with it have ended."""
    try:
        await asyncio.sleep(_RETIRE_AFTER)
    finally:
        await outfit.close()


def _warn_of_restart(former: Settings, settings: Settings) -> None:
    """Say which changed sections wait for the next start."""
    changed = ["store"] if former.store != settings.store else []
    if (former.web.host, former.web.port) != (settings.web.host, settings.web.port):
        changed.append("web")
    if changed:
        log.warning("config.restart_needed", sections=changed)
