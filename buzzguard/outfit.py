"""What one configuration is turned into: built whole or not at all, so that a faulty one changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import msgspec

from buzzguard.assembly import Assembly, build_sources
from buzzguard.collect.http import HttpClient
from buzzguard.collect.meter import Meter
from buzzguard.collect.websub import Subscriptions
from buzzguard.config.settings import Settings, StreamSettings
from buzzguard.deliver.heartbeat import Heartbeat
from buzzguard.ports import Clock, FrontDesk, Notifier, Source


class Listener(Protocol):
    """Brings people's commands in: what a notifier's `listener` gives, where it has buttons."""

    async def start(self) -> None:
        """Begin to listen; returns at once."""
        ...

    async def stop(self) -> None:
        """Hang up. May be called twice."""
        ...


class Outfit(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a daemon uses of one configuration; nothing of it has begun to run."""

    assembly: Assembly
    notifiers: dict[str, Notifier]
    http: HttpClient
    sources: Mapping[str, tuple[StreamSettings, Source]]
    listeners: tuple[Listener, ...]
    heartbeat: Heartbeat | None = None

    async def close(self) -> None:
        """Free what was opened; the sources are the poller's."""
        for notifier in self.notifiers.values():
            await notifier.close()
        if self.heartbeat is not None:
            await self.heartbeat.close()
        await self.http.close()


async def fit_out(
    assembly: Assembly,
    *,
    notifiers: Callable[[Settings], dict[str, Notifier]],
    clock: Clock,
    desk: FrontDesk,
    meter: Meter,
    subscriptions: Subscriptions | None = None,
) -> Outfit:
    """Build all that `assembly` names. Raises ConfigError, when a secret cannot be read for example."""
    settings = assembly.settings
    made = notifiers(settings)
    http = HttpClient(settings.network)
    try:
        return Outfit(
            assembly=assembly,
            notifiers=made,
            http=http,
            sources=build_sources(settings, http, meter, subscriptions),
            listeners=_listeners(made, clock, desk),
            heartbeat=Heartbeat(settings.heartbeat, settings.network) if settings.heartbeat is not None else None,
        )
    except BaseException:  # raised again: what was built so far must be closed
        await http.close()
        raise


def _listeners(notifiers: Mapping[str, Notifier], clock: Clock, desk: FrontDesk) -> tuple[Listener, ...]:
    makers: dict[str, Any] = {name: getattr(notifier, "listener", None) for name, notifier in notifiers.items()}
    made = [make(clock=clock, desk=desk, name=name) for name, make in makers.items() if make is not None]
    return tuple(listener for listener in made if listener is not None)
