"""What the notifiers share that tell a place which cannot be edited, or not by everyone.

In such a place the whole card is shown once, and what people must hear of comes as a message of its own. Updates of
the card are not sent: each would ring a telephone with numbers a little larger than those before.

Never twice: a key that this process told already is not told again. Whether an attempt got through that a crash cut
short, a notifier finds out by itself where its service can be asked (`_find`); elsewhere the message is sent again,
since an alert lost is worse than one read twice, and the log says `repeat.possible`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from buzzguard.config.settings import NetworkSettings
from buzzguard.deliver.http import Http
from buzzguard.errors import DeliveryRefused
from buzzguard.model import Card, Delivery, DeliveryState, Notification, NotificationKind
from buzzguard.telemetry import get_logger

R = TypeVar("R")

_REMEMBERED = 10_000
_log = get_logger("deliver")


@dataclass(frozen=True)
class Job(Generic[R]):
    """One attempt: what is to be told, to whom, after which card (None: the first that this receiver sees)."""

    notification: Notification
    receiver: R
    card: Delivery | None
    uncertain: bool
    now: datetime

    @property
    def shown(self) -> Card:
        """What is told."""
        return self.notification.card

    @property
    def whole(self) -> bool:
        """Whether the whole card is due; otherwise an update or news of one that was shown."""
        return self.card is None or self.notification.kind is NotificationKind.CARD

    @property
    def is_update(self) -> bool:
        """Whether a card shown before is to be brought up to date."""
        return not self.whole and self.notification.kind is NotificationKind.UPDATE

    def delivered(self, *, place: str, message: str, extra: Mapping[str, str] | None = None) -> Delivery:
        """The delivery that says so."""
        return Delivery(
            key=self.notification.key,
            at=self.now,
            state=DeliveryState.DELIVERED,
            place=place,
            message=message or self.notification.key,
            extra=dict(extra or {}),
        )


class Teller(ABC, Generic[R]):
    """See `ports.Notifier`. A notifier says in `_tell` how one message is sent, and is given its receivers' models."""

    service: str
    """How people call what is told through."""
    repeats_harmlessly = False
    """Whether the service itself knows a repeat by its key."""
    keeps_state = False
    """Whether what is opened there stays open, and pages people, until it is closed."""

    def __init__(self, receivers: Mapping[str, R]) -> None:
        self._receivers = dict(receivers)
        self._told: OrderedDict[str, Delivery] = OrderedDict()

    async def deliver(
        self, notification: Notification, *, card: Delivery | None, uncertain: bool, now: datetime
    ) -> Delivery:
        """See `ports.Notifier.deliver`."""
        receiver = self._receivers.get(notification.receiver)
        if receiver is None:
            raise DeliveryRefused(f"the receiver {notification.receiver!r} has no address for {self.service}")
        standing = card if card is not None and card.message else None
        job = Job(notification, receiver, standing, uncertain, now)
        delivery = self._told.get(notification.key) or await self._settled(job)
        self._told[notification.key] = delivery
        while len(self._told) > _REMEMBERED:
            self._told.popitem(last=False)
        return delivery

    async def close(self) -> None:
        """Free what was opened. May be called twice."""

    @abstractmethod
    async def _tell(self, job: Job[R]) -> Delivery:
        """Send one message. Raises a DeliveryError."""

    async def _update(self, job: Job[R]) -> Delivery:
        """Bring the card up to date: nothing, where it cannot be edited."""
        assert job.card is not None  # that is what makes it an update
        return job.delivered(place=job.card.place, message=job.card.message, extra=job.card.extra)

    async def _find(self, job: Job[R]) -> Delivery | None:
        """The message of an earlier attempt whose end is not known, where the service can be asked."""
        if not self.repeats_harmlessly:
            _log.warning("repeat.possible", key=job.notification.key, service=self.service)
        return None

    async def _settled(self, job: Job[R]) -> Delivery:
        if job.is_update:
            return await self._update(job)
        found = await self._find(job) if job.uncertain else None
        return found or await self._tell(job)


class HttpTeller(Teller[R]):
    """A `Teller` over HTTP."""

    def __init__(self, receivers: Mapping[str, R]) -> None:
        super().__init__(receivers)
        self._http = Http(self.service)

    def use_network(self, network: NetworkSettings) -> None:
        """Go through the operator's proxy. Raises SecretError when its address cannot be read."""
        self._http.use(network)

    async def close(self) -> None:
        """Free the connections. May be called twice."""
        await self._http.close()
