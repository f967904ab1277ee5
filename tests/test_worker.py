"""The laws of the worker: what is told to be taken is kept, once; one bad record never costs the others."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from buzzguard import telemetry
from buzzguard.errors import StoreError
from buzzguard.model import (
    Alert,
    AlertState,
    Command,
    CommandKind,
    Confusion,
    Person,
    Poll,
    Sentiment,
    Span,
    Text,
)
from buzzguard.understand.vader import VaderScorer
from buzzguard.worker import MAX_MENTIONS
from tests.running import RULE
from tests.small_world import NOW, mention, mentions
from tests.working import working


class Allergic:
    """A scorer that breaks on one word."""

    name = "allergic"
    confusion = Confusion()

    def __init__(self) -> None:
        self._inner = VaderScorer()

    def score(self, texts: Sequence[Text]) -> list[Sentiment]:
        for text in texts:
            if "poison" in text.text:
                raise ValueError(f"cannot score {text.text}")
        return self._inner.score(texts)


def _command(name: str, incident: str, kind: CommandKind = CommandKind.TAKE_CHARGE) -> Command:
    return Command(id=name, kind=kind, incident=incident, who=Person(id="U1"), at=NOW)


async def test_a_mention_that_breaks_the_core_is_set_aside_alone(tmp_path: Path) -> None:
    log = io.StringIO()
    telemetry.configure_logging(json=True, stream=log)
    async with working(tmp_path, scorer=Allergic()) as made:
        sound = mentions(30)
        bad = mention("bad", text="acme poison")
        poll = Poll(stream="press", at=NOW, ok=True)
        received = await made.submit(*sound[:17], bad, *sound[17:], cursor="after", polls=(poll,))

        assert (received.counted, [(drop.id, drop.reason) for drop in received.dropped]) == (30, [("bad", "invalid")])
        assert await made.store.known([each.id for each in (*sound, bad)]) == {each.id for each in sound}
        assert await made.store.cursors() == {"press": "after"}
        assert (await made.store.last_polls())["press"] == poll
        assert (await made.submit(mention("next"))).counted == 1
        assert made.worker.step_trouble == ""
    failed = [event for event in map(json.loads, log.getvalue().splitlines()) if event["event"] == "step.failed"]
    assert failed[0]["error"] == "ValueError"
    assert "test_worker.py" in failed[0]["trace"][-1]
    assert "poison" not in log.getvalue()


async def test_several_bad_mentions_cost_none_of_the_others(tmp_path: Path) -> None:
    async with working(tmp_path, scorer=Allergic()) as made:
        mixed = [mention(f"m{n}", text="acme poison" if n % 5 == 0 else "") for n in range(20)]
        received = await made.submit(*mixed)
        assert (received.counted, {drop.id for drop in received.dropped}) == (16, {"m0", "m5", "m10", "m15"})


async def test_a_commit_that_fails_is_repeated_until_it_is_taken(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        made.store.refusals = 2
        waiting = asyncio.create_task(made.submit(*mentions(3), cursor="c1"))
        async with asyncio.timeout(5):
            while not made.worker.store_trouble:
                await asyncio.sleep(0.01)
        assert "disk full" in made.worker.store_trouble
        assert not waiting.done()

        assert (await waiting).counted == 3
        assert made.worker.store_trouble == ""
        assert len(made.store.commits) == 1
        assert made.rebuilt == 1
        assert made.told == 1


async def test_the_cursor_moves_only_with_the_last_piece(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        received = await made.submit(*mentions(2 * MAX_MENTIONS + 7), cursor="end")
        assert received.counted == 2 * MAX_MENTIONS + 7
        assert [cursors for _, cursors in made.store.commits] == [{}, {}, {"press": "end"}]
        assert max(len(effects.mentions) for effects, _ in made.store.commits) == MAX_MENTIONS


async def test_repeated_ids_count_once_and_are_known_after_that(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        a, b = mention("a"), mention("b")
        first = await made.submit(a, b, a)
        assert (first.counted, [(drop.id, drop.reason) for drop in first.dropped]) == (2, [("a", "known")])
        second = await made.submit(b)
        assert (second.counted, [drop.reason for drop in second.dropped]) == (0, ["known"])
        assert await made.volume() == 2


async def test_requests_that_wait_together_share_one_commit_and_each_learns_of_its_own(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        shared, off_topic = mention("shared"), mention("other", text="nothing of interest")
        answers = await asyncio.gather(
            made.submit(mention("own"), shared, cursor="c"),
            made.submit(shared, off_topic),
            made.submit(commands=(_command("c1", "inc-nowhere"),)),
        )
        assert len(made.store.commits) == 1
        assert [answer.counted for answer in answers] == [2, 0, 0]
        reasons = [[(drop.id, drop.reason) for drop in answer.dropped] for answer in answers]
        assert reasons == [[], [("shared", "known"), ("other", "no_topic")], []]
        assert [[why for _, why in answer.refused] for answer in answers] == [[], [], ["unknown_incident"]]


async def test_commands_are_obeyed_once_and_refused_with_a_reason(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(*mentions(3))
        (incident,) = await made.store.incidents_open(NOW)
        take = _command("c1", incident.id)
        assert (await made.submit(commands=(take,))).refused == ()
        assert (await made.submit(commands=(take,))).refused == ((take, "repeated"),)
        again = _command("c2", incident.id)
        assert (await made.submit(commands=(again,))).refused == ((again, "already_owner"),)


async def test_click_that_is_delivered_again_after_a_restart_does_nothing(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        await made.submit(*mentions(3))
        (incident,) = await made.store.incidents_open(NOW)
        escalate = _command("c1", incident.id, CommandKind.ESCALATE)
        await made.submit(commands=(escalate,))
        before = await made.store.incidents_open(NOW)
        await made.worker.replace_core()
        assert (await made.submit(commands=(escalate,))).refused == ((escalate, "repeated"),)
        assert await made.store.incidents_open(NOW) == before


async def test_finish_takes_what_waits_and_refuses_what_comes_after(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        waiting = [asyncio.create_task(made.submit(mention(f"m{n}"))) for n in range(5)]
        await asyncio.sleep(0)
        await made.worker.finish(5)
        assert [(await each).counted for each in waiting] == [1] * 5
        with pytest.raises(StoreError, match="stopping"):
            await made.submit(mention("late"))


async def test_finish_tells_those_whose_mentions_cannot_be_stored(tmp_path: Path) -> None:
    async with working(tmp_path) as made:
        made.store.refusals = 1000
        stuck = asyncio.create_task(made.submit(mention("a"), cursor="c"))
        await asyncio.sleep(0.05)
        behind = asyncio.create_task(made.submit(mention("b")))
        await asyncio.sleep(0)
        await made.worker.finish(0.1)
        await made.stop()
        for each in (stuck, behind):
            with pytest.raises(StoreError, match="send again"):
                await each
        assert await made.store.cursors() == {}


async def test_a_restart_equals_no_restart(tmp_path: Path) -> None:
    """Later alerts and samples are the same whether or not the core was rebuilt from the store in the middle."""
    for name in ("whole", "halved"):
        (tmp_path / name).mkdir()
    told = {name: await _play(tmp_path / name, restart=name == "halved") for name in ("whole", "halved")}
    assert told["whole"] == told["halved"]
    states = [alert.state for alerts, *_ in told["whole"] for alert in alerts]
    assert states == [AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED]


async def test_a_stop_is_unknown_time_before_any_stream_was_read_again_and_what_is_lost_stays_so(
    tmp_path: Path,
) -> None:
    hour = timedelta(hours=1)
    streams = {"press": {"source": "rss", "url": "https://press.example/feed"}}
    async with working(tmp_path, streams=streams) as made:
        await made.submit(mention("first"))
        stopped = made.clock.advance(hour)
        lost = Span(start=stopped, end=stopped + 4 * hour)
        await made.submit(polls=(Poll(stream="press", at=stopped, next_at=stopped + hour / 4, ok=True),))
        again = made.clock.advance(10 * hour)
        await made.worker.replace_core()
        await made.submit()
        closed = [one for one in made.store.commits[-1][0].samples if one.window == hour and one.end >= stopped + hour]
        assert len(closed) > 9 and {one.known for one in closed} == {0}, "nobody has looked yet"

        await made.submit(polls=(Poll(stream="press", at=again, next_at=again + hour / 4, ok=True, lost=(lost,)),))
        for _ in range(2):
            assert made.worker.core.measuring.known("acme", start=stopped, bins=3, bin=4 * hour) == [0, 1, 1]
            await made.worker.replace_core()


async def _play(folder: Path, *, restart: bool) -> list[tuple[tuple[Alert, ...], *tuple[object, ...]]]:
    """Ten hours, a step every ten minutes; quiet, a surge after the middle, and quiet again."""
    rule = RULE.replace("count >= 3", "count >= 8").replace("[6h]", "[1h]") + "for: 10m\nkeep_firing_for: 30m\n"
    async with working(folder, rule=rule) as made:
        number = 0
        for turn in range(60):
            now = made.clock.advance(timedelta(minutes=10))
            count = 12 if 33 <= turn < 36 else turn % 2
            taken = mentions(count, first=number, at=now - timedelta(minutes=9), every=timedelta(seconds=30))
            number += count
            poll = Poll(stream="press", at=now, ok=turn not in (20, 21, 30, 31))
            await made.submit(*taken, polls=(poll,))
            if restart and turn in (15, 30, 34):
                await made.worker.replace_core()
        return [
            (effects.alerts, effects.samples, effects.transitions, effects.incidents, effects.notifications)
            for effects, _ in made.store.commits[16:]
        ]
