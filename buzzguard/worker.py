"""The worker: one queue, one step at a time, one transaction a step.

What arrives (polls, pushed mentions, people's commands, ticks) waits in one queue. The worker takes all that waits,
up to a bound, puts it through one step and commits the effects together with the cursors. So a mention enters the
core once, and a burst of small requests shares one commit.

When the database refuses, the same effects are committed again until it takes them: the core is already past them.
When a mention or a command breaks the core, the core is rebuilt from the store and that one alone is set aside.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from buzzguard import telemetry
from buzzguard.errors import StoreError
from buzzguard.model import Batch, Command, Dropped, Effects, Mention, Received
from buzzguard.pipeline import Core, step
from buzzguard.ports import Clock, Store
from buzzguard.requests import Requests

MAX_MENTIONS = 500
"""Mentions in one step: bounds how long the event loop is busy (about a tenth of a second)."""
_SET_BACK = timedelta(minutes=1)
"""By how much the clock may go back without consequence: the windows end with whole minutes."""
_FIRST_RETRY, _LAST_RETRY = 0.5, 30.0

log = telemetry.get_logger("worker")
T = TypeVar("T")


class _Request(msgspec.Struct):
    """A batch that waits for its step; `done` gets what became of it, once committed."""

    batch: Batch
    cursors: Mapping[str, str]
    done: asyncio.Future[Received]


class Worker:
    """Owns the core. `rebuild` makes a core from the store; `told` is called when notifications were committed."""

    def __init__(
        self, store: Store, *, clock: Clock, rebuild: Callable[[], Awaitable[Core]], told: Callable[[], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._rebuild = rebuild
        self._told = told
        self._requests = Requests(store)
        self._queue: asyncio.Queue[_Request] = asyncio.Queue()
        self._lock = asyncio.Lock()
        self._closed = False
        self.core: Core
        self.waiting = 0
        self.store_trouble = ""
        self.step_trouble = ""
        self.last_step_at: datetime | None = None
        self.last_turn = clock.monotonic()

    async def submit(self, batch: Batch, cursors: Mapping[str, str]) -> Received:
        """Queue a batch; returns once it is committed. Raises StoreError when the worker closes before that."""
        if self._closed:
            raise StoreError("BuzzGuard is stopping: nothing was taken, send again later")
        request = _Request(batch, cursors, asyncio.get_running_loop().create_future())
        self.waiting += _size(batch)
        self._queue.put_nowait(request)
        return await request.done

    async def run(self) -> None:
        """Take what waits, for ever."""
        while True:
            requests = [await self._queue.get()]
            size = _size(requests[0].batch)
            while size < MAX_MENTIONS and not self._queue.empty():
                requests.append(self._queue.get_nowait())
                size += _size(requests[-1].batch)
            try:
                await self._turn(requests)
            finally:
                self.waiting -= size
                for _ in requests:
                    self._queue.task_done()
            self.last_turn = self._clock.monotonic()

    async def replace_core(self, first: Callable[[], Awaitable[None]] | None = None) -> None:
        """Rebuild the core, between two steps; `first` is done before, while no step is taken."""
        async with self._lock:
            if first is not None:
                await first()
            self.last_turn = self._clock.monotonic()
            self.core = await self._rebuild()
            _tell_set_aside(self.core)

    async def finish(self, seconds: float) -> None:
        """Take no more; finish what waits within `seconds` and tell the rest that nothing of theirs was taken."""
        self._closed = True
        try:
            await asyncio.wait_for(self._queue.join(), seconds)
        except TimeoutError:
            log.warning("worker.unfinished", mentions=self.waiting)
        while not self._queue.empty():
            _fail([self._queue.get_nowait()], _stopped())

    async def _turn(self, requests: Sequence[_Request]) -> None:
        batch = _joined([request.batch for request in requests])
        cursors = {stream: cursor for request in requests for stream, cursor in request.cursors.items()}
        try:
            async with self._lock:
                received = await self._take(batch, cursors)
        except StoreError:
            _fail(requests, _stopped())
            return
        except BaseException:  # raised again: whoever waits must learn that nothing was taken
            _fail(requests, _stopped())
            raise
        shares = _shares([request.batch for request in requests], received)
        for request, share in zip(requests, shares, strict=True):
            if not request.done.done():
                request.done.set_result(share)

    async def _take(self, batch: Batch, cursors: Mapping[str, str]) -> Received:
        """Step through the mentions in bounded pieces; all the rest and the cursors go with the last piece."""
        await self._forget_erased()
        fresh, known = await self._fresh(batch.mentions)
        past, _ = await self._fresh(batch.past)
        rest = await self._clicked(msgspec.structs.replace(batch, mentions=(), past=()))
        rest, repeated = await self._unrepeated(rest)
        asked = rest
        rest = await self._insist(lambda: self._requests.join(asked, self._clock.now()))
        results = [Received(dropped=known, refused=repeated)]
        for piece in _pieces(fresh, past):
            results.append(await self._advance(piece, {}))
            await asyncio.sleep(0)
        last = {"mentions": tuple(fresh[_last_piece(fresh) :]), "past": tuple(past[_last_piece(past) :])}
        rest = await self._about_stored(rest, (*fresh, *past))
        results.append(await self._advance(msgspec.structs.replace(rest, **last), cursors))
        return _sum(results)

    async def _about_stored(self, rest: Batch, fresh: Sequence[Mention]) -> Batch:
        """What is told of mentions that are not stored is passed over: streams tell of every deletion there is."""
        if not (rest.deleted or rest.deleted_authors or rest.rereads):
            return rest
        stored = await self._insist(lambda: self._store.known(rest.deleted))
        stored |= {one.id for one in fresh}
        authors = frozenset(rest.deleted_authors)
        theirs = await self._insist(lambda: self._store.mentions_by(sorted(authors)))
        theirs |= {one.id for one in fresh if one.author_key in authors}
        deleted = tuple(dict.fromkeys((*(id for id in rest.deleted if id in stored), *sorted(theirs))))
        if deleted:
            log.info("mentions.withdrawn", mentions=len(deleted))
        ids = list({reread.id for reread in rest.rereads})
        mentions = await self._insist(lambda: self._store.mentions(ids))
        return msgspec.structs.replace(rest, deleted=deleted, deleted_authors=(), stored=tuple(mentions))

    async def _fresh(self, mentions: Sequence[Mention]) -> tuple[list[Mention], tuple[Dropped, ...]]:
        if not mentions:
            return [], ()
        ids = [mention.id for mention in mentions]
        seen = await self._insist(lambda: self._store.known(ids))
        fresh: list[Mention] = []
        known: list[Dropped] = []
        for mention in mentions:
            if mention.id in seen:
                known.append(Dropped(id=mention.id, stream=mention.stream, reason="known"))
                continue
            seen.add(mention.id)
            fresh.append(mention)
        telemetry.MENTIONS.labels("known").inc(len(known))
        return fresh, tuple(known)

    async def _forget_erased(self) -> None:
        """What is gone from the store since the last step is forgotten, whoever deleted it."""
        last = await self._insist(self._store.last_erasure)
        if last == self.core.erased:
            return
        held, learned = self.core.held(), self.core.understanding.teaching.known()
        kept = await self._insist(lambda: self._store.known(sorted(held)))
        clicks, _ = await self._insist(lambda: self._store.clicks_after(0))
        mentions, taught = held - kept, learned - {click.id for click in clicks}
        self.core.forget(mentions, taught)
        self.core.erased = last
        log.info("mentions.forgotten", mentions=len(mentions), clicks=len(taught))

    async def _clicked(self, rest: Batch) -> Batch:
        """With what people said of mentions since the last step, whichever process wrote it down."""
        clicks, last = await self._insist(lambda: self._store.clicks_after(self.core.clicked))
        if not clicks:
            return rest
        self.core.clicked = last
        log.info("clicks.learned", clicks=len(clicks))
        return msgspec.structs.replace(rest, clicks=tuple(clicks))

    async def _unrepeated(self, rest: Batch) -> tuple[Batch, tuple[tuple[Command, str], ...]]:
        """Without the clicks that were delivered before, perhaps to a daemon that is no more."""
        if not rest.commands:
            return rest, ()
        ids = [command.id for command in rest.commands]
        done = await self._insist(lambda: self._store.known_commands(ids))
        fresh = tuple(command for command in rest.commands if command.id not in done)
        repeated = tuple((command, "repeated") for command in rest.commands if command.id in done)
        return msgspec.structs.replace(rest, commands=fresh), repeated

    async def _advance(self, batch: Batch, cursors: Mapping[str, str]) -> Received:
        now = await self._now()
        try:
            effects = step(self.core, batch, now)
        except Exception:  # the loop of the worker: one bad mention must not end the watch
            # The core stands in the middle of a step: only the store knows what is true.
            log.error("step.failed", mentions=len(batch.mentions), exc_info=True)
            await self._begin_anew()
            return await self._advance_in_parts(batch, cursors)
        refused = self.core.refused
        _tell_set_aside(self.core)
        _tell_tiers(self.core)
        await self._commit(self._requests.answered(effects, batch.commands, refused), cursors)
        self.step_trouble = ""
        return Received(counted=len(effects.mentions), dropped=effects.dropped, refused=refused)

    async def _begin_anew(self) -> None:
        self.core = await self._insist(self._rebuild)
        _tell_set_aside(self.core)

    async def _now(self) -> datetime:
        """The instant of the next step. A clock set back makes a new core: the old one waits for the time it knew."""
        now = self._clock.now()
        if self.last_step_at is not None and self.last_step_at - now > _SET_BACK:
            log.warning("clock.set_back", seconds=round((self.last_step_at - now).total_seconds()))
            await self._begin_anew()
            self.last_step_at = now
        return now

    async def _advance_in_parts(self, batch: Batch, cursors: Mapping[str, str]) -> Received:
        """Find what broke the step: halves of the mentions, then commands one by one; what did is set aside."""
        parts = _parts(batch)
        if parts:
            results = [await self._advance(part, {}) for part in parts[:-1]]
            return _sum([*results, await self._advance(parts[-1], cursors)])
        now = self._clock.now()
        dropped = tuple(
            Dropped(id=bad.id, stream=bad.stream, reason="invalid") for bad in (*batch.mentions, *batch.past)
        )
        if not dropped and not batch.commands:
            self.step_trouble = "a step fails though nothing new has come: alerts may be missing"
        failed = tuple((command, "failed") for command in batch.commands)
        effects = self._requests.answered(Effects(at=now, dropped=dropped), batch.commands, failed)
        await self._commit(effects, cursors)
        return Received(dropped=dropped, refused=failed)

    async def _commit(self, effects: Effects, cursors: Mapping[str, str]) -> None:
        await self._insist(lambda: self._store.commit(effects, cursors))
        self.last_step_at = effects.at
        _log_effects(effects)
        if effects.notifications:
            self._told()

    async def _insist(self, act: Callable[[], Awaitable[T]]) -> T:
        """Try until the database takes it: the core is ahead of the store and must not lose what it has counted."""
        delay = _FIRST_RETRY
        while True:
            try:
                result = await act()
            except StoreError as error:
                telemetry.STORE_ERRORS.inc()
                self.last_turn = self._clock.monotonic()  # a new start would not make the database obey
                self.store_trouble = f"the database refuses: {error}"
                log.error("store.refused", reason=str(error), retry_in=delay)
                if self._closed:
                    raise
                await asyncio.sleep(delay)
                delay = min(2 * delay, _LAST_RETRY)
                continue
            self.store_trouble = ""
            return result


def _tell_tiers(core: Core) -> None:
    for one in core.understanding.scoring.take_stepped():
        if one.down:
            log.warning("sentiment.stepped_down", tier=one.tier, provisional=one.texts)
        else:
            log.info("sentiment.stepped_up", tier=one.tier)


def _tell_set_aside(core: Core) -> None:
    for click in core.set_aside:
        log.error("click.set_aside", click=click.id, kind=click.kind.value, mention=click.mention)
    core.set_aside = ()


def _log_effects(effects: Effects) -> None:
    telemetry.MENTIONS.labels("counted").inc(len(effects.mentions))
    for drop in effects.dropped:
        telemetry.MENTIONS.labels(drop.reason).inc()
    for alert in effects.alerts:
        log.info(f"alert.{alert.state.value}", rule=alert.rule, topic=alert.topic, severity=alert.severity.value)
    for move in effects.transitions:
        log.info(
            f"incident.{move.cause.value}",
            incident=move.incident,
            state=move.after.value,
            severity=move.severity.value,
            who=move.who.id if move.who else None,
        )


def _size(batch: Batch) -> int:
    return len(batch.mentions) + len(batch.past)


def _joined(batches: Sequence[Batch]) -> Batch:
    """One batch of several, in their order."""
    if len(batches) == 1:
        return batches[0]
    names = Batch.__struct_fields__
    return Batch(**{name: tuple(one for batch in batches for one in getattr(batch, name)) for name in names})


def _last_piece(mentions: Sequence[Mention]) -> int:
    """Where the last piece of so many begins."""
    return max(0, len(mentions) - 1) // MAX_MENTIONS * MAX_MENTIONS


def _pieces(fresh: Sequence[Mention], past: Sequence[Mention]) -> Iterator[Batch]:
    """All pieces but the last of either."""
    for start in range(0, _last_piece(past), MAX_MENTIONS):
        yield Batch(past=tuple(past[start : start + MAX_MENTIONS]))
    for start in range(0, _last_piece(fresh), MAX_MENTIONS):
        yield Batch(mentions=tuple(fresh[start : start + MAX_MENTIONS]))


def _parts(batch: Batch) -> list[Batch]:
    """A batch that broke the step, in smaller ones in the same order; empty when it cannot be made smaller.

    Clicks are left out: the new core has learned them from the store.
    """
    replace, mentions, past = msgspec.structs.replace, batch.mentions, batch.past
    if (half := len(mentions) // 2) > 0:
        return [Batch(mentions=mentions[:half]), replace(batch, mentions=mentions[half:], clicks=())]
    if (half := len(past) // 2) > 0:
        return [Batch(past=past[:half]), replace(batch, past=past[half:], clicks=())]
    parts = [
        Batch(mentions=mentions),
        Batch(past=past),
        Batch(polls=batch.polls, counts=batch.counts, quarantined=batch.quarantined),
        Batch(deleted=batch.deleted),
        Batch(rereads=batch.rereads, stored=batch.stored),
        *(Batch(commands=(command,)) for command in batch.commands),
    ]
    parts = [part for part in parts if part != Batch()]
    return parts if len(parts) > 1 else []


def _shares(batches: Sequence[Batch], received: Received) -> list[Received]:
    """What became of each batch of a turn. A mention that several of them brought was counted for the first."""
    drops: dict[str, list[Dropped]] = {}
    for drop in received.dropped:
        drops.setdefault(drop.id, []).append(drop)
    times = Counter(mention.id for batch in batches for mention in batch.mentions)
    counted = {id_ for id_, number in times.items() if number > len(drops.get(id_, ()))}
    return [_share(batch, received, counted, drops) for batch in batches]


def _share(batch: Batch, received: Received, counted: set[str], drops: Mapping[str, list[Dropped]]) -> Received:
    own: list[Dropped] = []
    number = 0
    for mention in batch.mentions:
        if mention.id in counted:
            counted.discard(mention.id)
            number += 1
        elif drops.get(mention.id):
            own.append(drops[mention.id].pop())  # the step's own reason before `known`, which is for the repeats
    asked = {command.id for command in batch.commands}
    refused = tuple(pair for pair in received.refused if pair[0].id in asked)
    return Received(counted=number, dropped=tuple(own), refused=refused)


def _stopped() -> StoreError:
    return StoreError("BuzzGuard has stopped: send again later, what was taken is recognised")


def _sum(results: Sequence[Received]) -> Received:
    refused: tuple[tuple[Command, str], ...] = tuple(pair for result in results for pair in result.refused)
    return Received(
        counted=sum(result.counted for result in results),
        dropped=tuple(drop for result in results for drop in result.dropped),
        refused=refused,
    )


def _fail(requests: Sequence[_Request], error: StoreError) -> None:
    for request in requests:
        if not request.done.done():
            request.done.set_exception(error)
