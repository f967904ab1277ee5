"""The week in a page, sent to leaders at a time of the week: each week once, whatever stops in between.

The week that is told of is the last whole one, Monday to Sunday, in the team's time zone. A digest that was not put
into the outbox when it was due, because nothing ran, is put there late, within a day; after that it is left out, and
the log says so. The outbox knows each letter by its key, so that no start sends one twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from buzzguard import telemetry
from buzzguard.assembly import Assembly
from buzzguard.config.moments import begin_of
from buzzguard.config.settings import Settings
from buzzguard.errors import StoreError
from buzzguard.model import Language, Letter
from buzzguard.ports import Clock, Store
from buzzguard.review.week_telling import WEEK, Digest, gather, tell_week

LATEST = timedelta(days=1)
"""A digest that is later than this is no news any more."""
LOOK_EVERY = timedelta(seconds=30)
_NAME = "digest-"
_TRY_AGAIN = timedelta(minutes=10)

log = telemetry.get_logger("digest")


class Digests:
    """Sends the digest of each week. `told` is called when letters were put into the outbox."""

    def __init__(self, store: Store, *, clock: Clock, told: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._told = told
        self._settled: str = ""
        self._not_before: datetime | None = None

    async def run(self, present: Callable[[], Assembly], wait: Callable[[timedelta], Awaitable[None]]) -> None:
        """Send each digest when it is time, for ever; `present` is the configuration as it is then."""
        while True:
            await self.look(present().settings, present().base, self._clock.now())
            await wait(LOOK_EVERY)

    async def look(self, settings: Settings, base: Path, now: datetime) -> None:
        """Put the digest that is due into the outbox, if there is one. A database that refuses is asked again later."""
        digest = settings.digest
        if digest is None or (self._not_before is not None and now < self._not_before):
            return
        zone = ZoneInfo(settings.time_zone)
        due = digest.every.last(now, zone)
        about = f"{_NAME}{due.astimezone(zone):%Y-%m-%d}"
        if about == self._settled:
            return
        try:
            await self._settle(settings, base, about, due, now)
        except StoreError as error:
            self._not_before = now + _TRY_AGAIN
            log.warning("digest.delayed", digest=about, reason=str(error))
            return
        self._settled, self._not_before = about, None

    async def _settle(self, settings: Settings, base: Path, about: str, due: datetime, now: datetime) -> None:
        if await self._store.posted(about):
            return
        if now - due > LATEST:
            if not await self._store.posted(_NAME, any_of=True):
                return  # there has been none: what was due before anybody wanted one was not skipped
            log.warning("digest.skipped", digest=about, hours_late=round((now - due) / timedelta(hours=1)))
            return
        start, end = week_before(due, ZoneInfo(settings.time_zone))
        # A week of samples takes a while to sum up: beside the loop, in which people press buttons.
        week = await asyncio.to_thread(lambda: asyncio.run(gather(settings, base, start, end, now=now)))
        letters = letters_of(settings, week, about, due)
        await self._store.post(letters)
        log.info("digest.sent", digest=about, receivers=len(letters))
        self._told()


def week_before(at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The last whole week, Monday to Sunday, before an instant."""
    today = at.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    return begin_of(monday - WEEK, zone), begin_of(monday, zone)


def letters_of(settings: Settings, week: Digest, about: str, due: datetime) -> list[Letter]:
    """A letter to each receiver of the digest that there is, in their language."""
    letters: list[Letter] = []
    for name in dict.fromkeys(settings.digest.receivers if settings.digest is not None else ()):
        receiver = settings.receivers.get(name)
        if receiver is None:
            continue
        language: Language = receiver.language or settings.language
        key, page = f"{about}/1/{name}/digest", tell_week(week, language)
        letters.append(Letter(key=key, about=about, receiver=name, due_at=due, page=page))
    return letters
