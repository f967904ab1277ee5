"""The outbox: every notification leaves at least once, in order, and no receiver waits for another.

The attempt is noted in the store before it is made and its end after: whatever kills the process in between, the
next attempt is told that the message may be out already, and looks before it sends.
"""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from buzzguard.errors import DeliveryDelayed, DeliveryError, DeliveryRefused, DeliveryUncertain, StoreError
from buzzguard.model import Delivery, DeliveryState, Letter, Notification, NotificationKind, Pending
from buzzguard.ports import Clock, LetterNotifier, Notifier, Store
from buzzguard.telemetry import DELIVERIES, OUTBOX_DEPTH, get_logger

_log = get_logger("deliver.outbox")

FIRST_WAIT = timedelta(seconds=2)
LONGEST_WAIT = timedelta(minutes=5)
GIVE_UP = timedelta(hours=24)
"""After a day of passing trouble nobody is helped by the message any more, and a person must hear of the trouble."""
_POLL = timedelta(seconds=1)
"""How often to look unasked: for rows that another start left behind, and after a database that refused."""
_NOTHING_ARRIVES = timedelta(minutes=15)
_NOT_LOOKED = timedelta(minutes=2)
_LOOK = 200
_AT_ONCE = 8


class Outbox:
    """Sends what waits in the store. One instance at a time on a store."""

    def __init__(
        self,
        store: Store,
        notifiers: Mapping[str, Notifier],
        receiver_notifier: Mapping[str, str],
        *,
        clock: Clock,
        rng: random.Random | None = None,
    ) -> None:
        self._store = store
        self._notifiers = notifiers
        self._receiver_notifier = receiver_notifier
        self._clock = clock
        self._rng = rng or random.Random()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._waits: dict[str, datetime] = {}
        self._looking = asyncio.Lock()
        self._awake = asyncio.Event()
        self._stopping = False
        self._refusals: dict[str, str] = {}
        self._looked_at = clock.monotonic()
        self._failing_since: float | None = None
        self.depth = 0
        """Notifications that waited when the store was last looked at."""

    async def run_once(self) -> datetime | None:
        """Attempt all that is due, until nothing is; return when the next retry is due, None when none is known.

        Cancelled, it cancels its attempts: each comes back as uncertain. Raises StoreError when the store cannot be
        read.
        """
        self._stopping = False
        try:
            while await self._look():
                if self._serving:
                    await asyncio.wait(self._serving.values(), return_when=asyncio.FIRST_COMPLETED)
        except BaseException:  # raised again: no attempt may outlive the one who looks after it
            await self._cancel()
            raise
        return min(self._waits.values(), default=None)

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set, then let the attempts under way end. Cancel it to cut those short."""
        self._stopping = False
        ending = asyncio.create_task(self._wake_at(stop))
        try:
            while not stop.is_set():
                await self._look_safely()
                await self._sleep()
            self._stopping = True
            if self._serving:
                await asyncio.wait(self._serving.values())
        except BaseException:  # raised again: no attempt may outlive the one who looks after it
            await self._cancel()
            raise
        finally:
            ending.cancel()

    def wake(self) -> None:
        """Look at once: something was committed."""
        self._awake.set()

    def replace(self, notifiers: Mapping[str, Notifier], receiver_notifier: Mapping[str, str]) -> None:
        """Go on with other notifiers, after a change of configuration; attempts under way end as they began."""
        self._notifiers = notifiers
        self._receiver_notifier = receiver_notifier
        self.wake()

    @property
    def troubles(self) -> tuple[str, ...]:
        """Receivers that could not be told since they were last told, a line each."""
        return tuple(f"{receiver} cannot be told: {reason}" for receiver, reason in self._refusals.items())

    @property
    def stuck(self) -> str:
        """Why people cannot be told at all: the store was not looked at for two minutes, or something waits and nothing
        has arrived anywhere for a quarter of an hour. Empty when they can."""
        now = self._clock.monotonic()
        if now - self._looked_at > _NOT_LOOKED.total_seconds():
            return "the outbox does not read the store"
        since = self._failing_since
        if self.depth and since is not None and now - since > _NOTHING_ARRIVES.total_seconds():
            return "no message arrives anywhere"
        return ""

    async def revive(self) -> None:
        """Try again what was refused, now that a person may have mended the reason. Raises StoreError."""
        revived = await self._store.revive(self._clock.now())
        self._refusals.clear()
        if revived:
            _log.info("outbox.revived", notifications=revived)
            self.wake()

    async def _look(self) -> bool:
        """Begin to serve each idle receiver that something is due to; whether any is being served."""
        async with self._looking:
            now = self._clock.now()
            self._waits = {key: at for key, at in self._waits.items() if at > now}
            # Who was busy before the store was read stays so in this look: what was read may have ended since.
            busy = set(self._serving)
            lines: dict[str, list[Pending]] = {}
            for pending in await self._store.due(now, _LOOK + len(self._waits)):
                notification = pending.notification
                if notification.receiver not in busy and notification.key not in self._waits:
                    lines.setdefault(notification.receiver, []).append(pending)
            for receiver, line in lines.items():
                self._serving[receiver] = asyncio.create_task(self._serve(receiver, line))
            self.depth = await self._store.outbox_depth()
            self._looked_at = self._clock.monotonic()
        OUTBOX_DEPTH.set(self.depth)
        return bool(busy or lines)

    async def _look_safely(self) -> None:
        try:
            await self._look()
        except StoreError as error:
            _log.error("outbox.read_failed", reason=str(error))

    async def _sleep(self) -> None:
        until = min(self._waits.values(), default=None)
        seconds = _POLL.total_seconds()
        if until is not None:
            seconds = min(seconds, max(0.01, (until - self._clock.now()).total_seconds()))
        with suppress(TimeoutError):
            await asyncio.wait_for(self._awake.wait(), seconds)
        self._awake.clear()

    async def _wake_at(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._awake.set()

    async def _serve(self, receiver: str, line: list[Pending]) -> None:
        try:
            for pending in line:
                if self._stopping:
                    return
                async with self._slots:
                    await self._attempt(pending)
        finally:
            self._serving.pop(receiver, None)
            self._awake.set()

    async def _attempt(self, pending: Pending) -> None:
        key = pending.notification.key
        try:
            delivery = await self._send(pending)
            await self._store.record(delivery)
        except StoreError as error:
            # Not begun, or begun and not ended: either way it comes back, and in the second case as uncertain.
            self._waits[key] = self._clock.now() + _POLL
            _log.error("outbox.write_failed", key=key, reason=str(error))
            return
        if delivery.retry_at is not None:
            self._waits[key] = delivery.retry_at
        self._report(pending, delivery)

    async def _send(self, pending: Pending) -> Delivery:
        notification = pending.notification
        notifier = self._notifiers.get(self._receiver_notifier.get(notification.receiver, ""))
        if notifier is None:
            return self._refused(notification, f"no notifier serves the receiver {notification.receiver!r} any more")
        if notification.kind is NotificationKind.RUN and not getattr(notifier, "shows_runs", False):
            # Written for another notifier, before the configuration changed.
            return self._ended(notification, DeliveryState.SUPERSEDED, "this notifier shows no runs of playbooks")
        now = self._clock.now()
        await self._store.begin(notification.key, now)
        try:
            return await self._hand_over(notifier, pending, now)
        except DeliveryError as error:
            if isinstance(error, DeliveryDelayed):
                return self._delayed(pending, error)
            return self._refused(notification, str(error))
        except StoreError:
            raise
        except Exception as error:  # noqa: BLE001 - the loop of a task: a plugin's bug must not cost the other alerts
            _log.error("notifier.failed", key=notification.key, error=type(error).__name__, where=_where(error))
            return self._delayed(pending, DeliveryUncertain(f"fault in the notifier: {type(error).__name__}"))

    async def _hand_over(self, notifier: Notifier, pending: Pending, now: datetime) -> Delivery:
        notification = pending.notification
        if isinstance(notification, Notification):
            card = await self._store.card(notification.incident, notification.receiver)
            return await notifier.deliver(notification, card=card, uncertain=pending.uncertain, now=now)
        if not isinstance(notifier, LetterNotifier):
            raise DeliveryRefused(f"the notifier of the receiver {notification.receiver!r} takes no digest")
        return await notifier.deliver_letter(notification, uncertain=pending.uncertain, now=now)

    def _delayed(self, pending: Pending, error: DeliveryDelayed) -> Delivery:
        now = self._clock.now()
        if now - pending.notification.due_at > GIVE_UP:
            return self._refused(pending.notification, f"gave up after 24 h: {error}")
        # An uncertain attempt that failed before it looked leaves the doubt where it was.
        uncertain = pending.uncertain or isinstance(error, DeliveryUncertain)
        wait = max(error.retry_after or timedelta(0), self._back_off(pending.attempts))
        return Delivery(
            key=pending.notification.key,
            at=now,
            state=DeliveryState.DELAYED,
            reason=str(error),
            retry_at=now + wait,
            extra={"uncertain": "1"} if uncertain else {},
        )

    def _refused(self, notification: Notification | Letter, reason: str) -> Delivery:
        return self._ended(notification, DeliveryState.REFUSED, reason)

    def _ended(self, notification: Notification | Letter, state: DeliveryState, reason: str) -> Delivery:
        return Delivery(key=notification.key, at=self._clock.now(), state=state, reason=reason)

    def _back_off(self, attempts: int) -> timedelta:
        wait = min(FIRST_WAIT * float(2 ** min(attempts, 10)), LONGEST_WAIT)
        return min(wait * self._rng.uniform(1.0, 1.3), LONGEST_WAIT)

    def _report(self, pending: Pending, delivery: Delivery) -> None:
        notification = pending.notification
        notifier = self._receiver_notifier.get(notification.receiver, "")
        DELIVERIES.labels(notifier=notifier, outcome=delivery.state.value).inc()
        fields = {
            "key": notification.key,
            "incident": notification.incident,
            "receiver": notification.receiver,
            "notifier": notifier,
            "kind": notification.kind.value,
            "attempt": pending.attempts + 1,
        }
        if delivery.state is DeliveryState.DELIVERED:
            self._refusals.pop(notification.receiver, None)
            self._failing_since = None
        elif self._failing_since is None and delivery.state is not DeliveryState.SUPERSEDED:
            self._failing_since = self._clock.monotonic()
        if delivery.state is DeliveryState.REFUSED:
            self._refusals[notification.receiver] = delivery.reason
            _log.error("notification.refused", reason=delivery.reason, **fields)
        elif delivery.state is DeliveryState.DELAYED:
            _log.warning("notification.delayed", reason=delivery.reason, retry_at=delivery.retry_at, **fields)
        else:
            _log.info("notification.delivered", **fields)

    async def _cancel(self) -> None:
        tasks = list(self._serving.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _where(error: BaseException) -> str:
    """The place of the fault, without its message, which may hold anything."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
