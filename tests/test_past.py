"""The past that a stream reads at its beginning is learned from, and nobody is told of it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import msgspec

from buzzguard.assembly import assemble
from buzzguard.clock import ManualClock
from buzzguard.config.settings import Settings
from buzzguard.daemon import Daemon
from buzzguard.model import Backfill, Batch, Fetched, Mention, Poll, Signal
from tests import running
from tests.small_world import NOW, mention
from tests.test_daemon import Recorder

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TEXTS = ("acme opened shop number {n} today", "which filter fits the acme kettle {n}", "acme kettle {n} arrived")


class World:
    """A daemon with the shipped rules; its stream is read by hand alone."""

    def __init__(self, folder: Path, clock: ManualClock) -> None:
        document = running.settings(rules=[str(running.ROOT / "rules")], tick="1h")
        document["streams"] = {"press": {"source": "rss", "url": "https://press.example/feed", "every": "24h"}}
        made = assemble(Settings.model_validate(document), folder)
        self.clock = clock
        self.recorder = Recorder()
        self.daemon = Daemon(lambda: made, clock=clock, notifiers=lambda _: {"screen": self.recorder})
        self.page = 0

    async def read(self, said: Sequence[Mention], *, past: bool) -> None:
        """A poll of the stream."""
        self.page += 1
        fetched = Fetched(mentions=tuple(said), cursor=f"page {self.page}", backfilling=past)
        poll = Poll(stream="press", at=self.clock.now(), ok=True, mentions=len(said))
        await self.daemon._polled("press", fetched, poll)

    async def learn(self) -> None:
        """What a tick would begin, to its end."""
        self.daemon._learn_past()
        if self.daemon._learning is not None:
            await self.daemon._learning

    def once_per(self) -> timedelta:
        """How rarely the baseline would make the volume of the last hour."""
        core, now = self.daemon.worker.core, self.clock.now()
        judged = core.detection.assess(core.measuring.samples("acme", now))
        hour = next(one for one in judged if one.samples.window == HOUR)
        return hour.assessments[Signal.VOLUME].once_per

    def learned(self) -> timedelta:
        """On how much known time the baseline stands."""
        core, now = self.daemon.worker.core, self.clock.now()
        return core.detection.assess(core.measuring.samples("acme", now))[0].assessments[Signal.VOLUME].learned

    async def told(self) -> list[str]:
        """The rules whose alerts are open."""
        return [one.rule for one in await self.daemon.store.alerts_open()]


@asynccontextmanager
async def living(folder: Path, clock: ManualClock | None = None) -> AsyncIterator[World]:
    made = World(folder, clock or ManualClock(NOW))
    await made.daemon.start()
    await made.daemon.poller.drain(timedelta(0))
    try:
        yield made
    finally:
        await made.daemon.stop()


def calm(days: int) -> list[Mention]:
    """Days of about forty mentions a day, the newest first, as services list them."""
    dice, at = random.Random(7), NOW - timedelta(days=days)
    said: list[Mention] = []
    while at < NOW:
        said.append(mention(f"m{len(said)}", at=at, text=TEXTS[len(said) % 3].format(n=len(said))))
        at += timedelta(minutes=dice.expovariate(1 / 36))
    return said[::-1]


def burst(count: int, first: int = 0) -> list[Mention]:
    return [
        mention(f"burst{first + n}", at=NOW + timedelta(minutes=20, seconds=n), text=f"acme lied to us, a fraud {n}")
        for n in range(count)
    ]


def pages(said: list[Mention], size: int = 400) -> list[list[Mention]]:
    return [said[start : start + size] for start in range(0, len(said), size)]


async def test_the_past_is_a_baseline_at_once_and_alarms_nobody(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        for page in pages(calm(4), size=60):
            await made.read(page, past=True)
        await made.learn()
        assert made.learned() == timedelta(0), "it waits for the rest"
        await made.read([], past=False)
        await made.learn()
        assert made.learned() > timedelta(days=3)
        assert (await made.told(), made.recorder.delivered) == ([], [])
        (kept,) = await made.daemon.store.backfills()
        assert kept.ended == kept.learned == NOW and kept.mentions == len(calm(4))
        assert kept.reached == NOW - timedelta(days=4)

        made.clock.advance(timedelta(minutes=22))
        await made.read(burst(60), past=False)
        assert made.once_per() > timedelta(days=90), "some days say so much"
        assert "volume-surge" in await made.told()


async def test_a_burst_in_the_past_alarms_nobody_and_is_no_part_of_what_is_judged(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        loud = [msgspec.structs.replace(one, published=NOW - timedelta(minutes=5)) for one in burst(80)]
        for page in (loud, *pages(calm(2))):
            await made.read(page, past=True)
        await made.read([], past=False)
        await made.learn()
        made.clock.advance(timedelta(minutes=1))
        await made.read([mention("next", at=made.clock.now())], past=False)
        assert (await made.told(), made.recorder.delivered) == ([], [])
        day = made.daemon.worker.core.measuring.samples("acme", made.clock.now())[-1]
        assert (day.volume, day.known < 0.1) == (1, True), "what was not watched is unknown, not empty"


async def test_history_is_learned_as_if_it_had_been_watched(tmp_path: Path) -> None:
    """Measured anew, the samples are those of a watch that had been there, but for how many voices they weigh."""
    said = calm(2)
    clock = ManualClock(NOW - timedelta(days=2))
    (tmp_path / "watched").mkdir()
    (tmp_path / "read").mkdir()
    async with living(tmp_path / "watched", clock) as watched:
        for one in reversed(said):
            clock.set(max(clock.now(), one.published + timedelta(seconds=1)))
            await watched.daemon.submit(Batch(mentions=(one,), polls=(Poll(stream="other", at=clock.now(), ok=True),)))
        clock.set(NOW)
        await watched.daemon.submit(Batch())
        wanted = await watched.daemon.store.samples_since(NOW - DAY)
    async with living(tmp_path / "read") as made:
        await made.read(said, past=True)
        await made.read([], past=False)
        await made.learn()
        found = await made.daemon.store.samples_since(NOW - DAY)
    ends = {one.end for one in found}
    assert len(ends) > 80
    named = {(one.window, one.end): (one.volume, one.negative, one.authors, one.spread, one.known) for one in wanted}
    assert {(one.window, one.end): (one.volume, one.negative, one.authors, one.spread, one.known) for one in found} == {
        key: value for key, value in named.items() if key[1] <= max(ends)
    }


async def test_a_crash_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    said = calm(2)
    first, second = said[:40], said[40:]
    async with living(tmp_path) as made:
        await made.read(first, past=True)
    async with living(tmp_path) as made:
        assert await made.daemon.store.cursors() == {"press": "page 1"}
        await made.read(second, past=True)
        await made.read([], past=False)
    async with living(tmp_path) as made:
        await made.learn()
        (kept,) = await made.daemon.store.backfills()
        assert (kept.mentions, kept.learned) == (len(first) + len(second), NOW)
        assert made.learned() > timedelta(days=1.5)
        assert await made.told() == []


async def test_what_takes_longer_than_an_hour_is_learned_on_the_way_and_at_the_end(tmp_path: Path) -> None:
    said = calm(2)
    async with living(tmp_path) as made:
        await made.read(said[:30], past=True)
        made.clock.advance(timedelta(minutes=61))
        await made.read(said[30:40], past=True)
        await made.learn()
        early = made.learned()
        assert timedelta(hours=12) < early < timedelta(hours=36)
        made.clock.advance(timedelta(minutes=1))
        await made.read(said[40:], past=True)
        await made.learn()
        assert made.learned() == early, "not for every page"
        await made.read([], past=False)
        await made.learn()
        assert made.learned() > timedelta(days=1.5)


async def test_the_time_before_what_the_stream_could_give_stays_unknown(tmp_path: Path) -> None:
    async with living(tmp_path) as made:
        await made.read(calm(2), past=True)
        await made.read([], past=False)
        await made.learn()
        found = await made.daemon.store.samples_since(NOW - timedelta(days=60))
        reached = NOW - timedelta(days=2)
        assert min(one.end for one in found) > reached - DAY
        early = [one for one in found if one.window == DAY and one.end < reached + timedelta(hours=12)]
        assert early and all(one.known < 0.6 for one in early)
        assert all(one.known == 1 for one in found if one.end - one.window >= reached)


async def test_a_stream_that_joins_others_is_measured_together_with_them(tmp_path: Path) -> None:
    async with living(tmp_path, ManualClock(NOW - timedelta(days=1))) as made:
        for hours in range(24):
            one = mention(f"live{hours}", at=made.clock.now(), text=f"acme is told {hours}", stream="forum")
            await made.daemon.submit(Batch(mentions=(one,)))
            made.clock.advance(HOUR)
        await made.read(calm(2), past=True)
        await made.read([], past=False)
        await made.learn()
        found = await made.daemon.store.samples_since(NOW - timedelta(days=1))
        noon = next(one for one in found if one.window == HOUR and one.end == NOW - timedelta(hours=5))
        past = sum(noon.end - HOUR <= one.published < noon.end for one in calm(2))
        assert noon.volume == past + 1


def test_baselines_wait_for_the_streams_that_still_read() -> None:
    from buzzguard.backfills import Backfills

    over = Backfill(stream="a", began=NOW, at=NOW, reached=NOW - DAY, mentions=3, ended=NOW)
    held = Backfills([over, msgspec.structs.replace(over, stream="b", ended=None)])
    assert held.due(NOW + timedelta(minutes=59)) == []
    assert {one.stream for one in held.due(NOW + HOUR)} == {"a", "b"}, "nobody is waited for longer"
    held.take([msgspec.structs.replace(over, stream="b")])
    assert [one.stream for one in held.due(NOW)] == ["a", "b"]
    held.take([msgspec.structs.replace(over, stream=name, learned=NOW) for name in "ab"])
    assert held.due(NOW + 3 * HOUR) == []
