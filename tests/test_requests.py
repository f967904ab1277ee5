"""What another process asks is done once by the daemon, or refused by name; never half, never a day too late."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from buzzguard.config.settings import StoreSettings
from buzzguard.model import Answer, Cause, Command, CommandKind, Incident, IncidentState, Mute, Person
from buzzguard.store.looking import open_existing
from buzzguard.store.sole import SoleUse
from tests.small_world import NOW, mentions
from tests.working import World, working

ALICE = Person(id="alice", via="cli")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A worker that handles one incident."""
    async with working(tmp_path) as made:
        await made.submit(*mentions(3))
        yield made


async def _incident(world: World) -> Incident:
    (incident,) = await world.store.incidents_open(world.clock.now())
    return incident


async def _ask(
    world: World, *, id: str = "cli-1", kind: CommandKind = CommandKind.TAKE_CHARGE, at: datetime = NOW
) -> Command:
    command = Command(id=id, kind=kind, incident=(await _incident(world)).id, who=ALICE, at=at)
    await world.store.request(command)
    return command


async def _answered(world: World, id: str = "cli-1") -> Answer | None:
    await world.submit()
    return await world.store.answer(id)


async def test_a_request_is_carried_out_by_the_next_step_and_answered(world: World) -> None:
    await _ask(world)
    assert await world.store.answer("cli-1") is None
    assert await _answered(world) == Answer(id="cli-1")
    incident = await _incident(world)
    assert (incident.state, incident.owner) == (IncidentState.ACKNOWLEDGED, ALICE)


async def test_a_request_is_kept_once_and_done_once(world: World) -> None:
    command = await _ask(world)
    assert not await world.store.request(command)
    await world.submit()
    await world.submit()
    moves = [move for effects, _ in world.store.commits for move in effects.transitions]
    assert [move.cause for move in moves].count(Cause.ACKNOWLEDGED_BY_USER) == 1


async def test_a_click_and_a_request_of_one_id_are_one_act(world: World) -> None:
    command = await _ask(world)
    received = await world.submit(commands=(command,))
    assert not received.refused
    assert await world.store.answer("cli-1") == Answer(id="cli-1", outcome="repeated")


async def test_what_the_core_refuses_is_answered_with_its_reason(world: World) -> None:
    await world.store.request(Command(id="cli-1", kind=CommandKind.TAKE_CHARGE, incident="inc-none", who=ALICE, at=NOW))
    assert await _answered(world) == Answer(id="cli-1", outcome="unknown_incident")


async def test_what_was_asked_long_ago_is_not_done_now(world: World) -> None:
    await _ask(world, kind=CommandKind.RESOLVE, at=NOW - timedelta(hours=1, seconds=1))
    assert await _answered(world) == Answer(id="cli-1", outcome="too_late")
    assert (await _incident(world)).state is IncidentState.TRIGGERED


async def test_what_cannot_be_read_is_answered_and_holds_nothing_up(world: World, tmp_path: Path) -> None:
    await _ask(world)
    with sqlite3.connect(tmp_path / "buzzguard.db") as database:
        database.execute("insert into requests (id, at, body) values ('bad', 0, x'7b')")
        naive = b'{"id":"naive","kind":"note","incident":"i","who":{"id":"a"},"at":"2026-03-01T00:00:00"}'
        database.execute("insert into requests (id, at, body) values ('naive', 0, ?)", [naive])
    database.close()
    assert await _answered(world, "bad") == Answer(id="bad", outcome="failed")
    assert await world.store.answer("naive") == Answer(id="naive", outcome="failed")
    assert await world.store.answer("cli-1") == Answer(id="cli-1")


async def test_a_commit_that_fails_leaves_neither_the_act_nor_its_answer(world: World) -> None:
    await _ask(world)
    world.store.refusals = 1
    await world.submit()
    assert await world.store.answer("cli-1") == Answer(id="cli-1")
    moves = [move for effects, _ in world.store.commits for move in effects.transitions]
    assert [move.cause for move in moves].count(Cause.ACKNOWLEDGED_BY_USER) == 1


async def test_whoever_mutes_learns_which_silence_it_was_whatever_else_was_muted(world: World) -> None:
    incident = await _incident(world)
    hour = timedelta(hours=1)
    pressed = Command(id="p", kind=CommandKind.SILENCE, incident=incident.id, who=ALICE, at=NOW, duration=hour)
    asked = Command(
        id="cli-1",
        kind=CommandKind.MUTE,
        incident="",
        who=ALICE,
        at=NOW,
        duration=hour,
        reason="a campaign",
        asked=Mute(rule="surge"),
    )
    await world.store.request(asked)
    await world.submit(commands=(pressed,))
    answer = await world.store.answer("cli-1")
    (begun,) = [one for one in await world.store.silences_active(NOW) if one.rule == "surge"]
    assert answer == Answer(id="cli-1", made=begun.id)


async def test_a_crash_before_the_commit_lets_the_next_start_do_it(tmp_path: Path) -> None:
    async with working(tmp_path) as first:
        await first.submit(*mentions(3))
        command = await _ask(first)
    async with working(tmp_path) as second:
        assert await _answered(second) == Answer(id="cli-1")
        assert (await _incident(second)).owner == ALICE
        assert await second.store.known_commands([command.id]) == {command.id}


async def test_answers_go_once_they_are_old_and_what_waits_stays(world: World) -> None:
    await _ask(world)
    await world.submit()
    await _ask(world, id="cli-2")
    gone = await world.store.expire(NOW + timedelta(days=31))
    assert gone["requests"] == 1
    assert [one.id for one in await world.store.requests(10)] == ["cli-2"]


async def test_another_process_may_ask_beside_a_running_daemon(world: World, tmp_path: Path) -> None:
    incident = await _incident(world)
    beside = await open_existing(StoreSettings(), now=NOW, base=tmp_path)
    await beside.request(Command(id="cli-1", kind=CommandKind.TAKE_CHARGE, incident=incident.id, who=ALICE, at=NOW))
    await world.submit()
    assert await beside.answer("cli-1") == Answer(id="cli-1")
    await beside.close()


def test_whoever_asks_can_see_whether_a_daemon_runs(tmp_path: Path) -> None:
    url = StoreSettings().url
    assert not SoleUse.held(url, base=tmp_path)
    daemon = SoleUse.take(url, base=tmp_path)
    assert SoleUse.held(url, base=tmp_path)
    daemon.release()
    assert not SoleUse.held(url, base=tmp_path)
    assert not SoleUse.held("sqlite:///:memory:")
