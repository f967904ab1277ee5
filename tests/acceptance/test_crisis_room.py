"""A room from its opening to its end: core, store, outbox and Slack together, and the timeline that remains."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.settings import StoreSettings
from buzzguard.deliver.outbox import Outbox
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_record import heard
from buzzguard.deliver.slack_room import open_room
from buzzguard.model import Command, CommandKind, Effects, Room
from buzzguard.review.timeline import Entry, EntryKind, timeline
from buzzguard.store.recalling import RecallStore
from buzzguard.store.sql import SqlStore
from tests.respond.scene import CLAIRE, Scene
from tests.slack.desk import FakeDesk
from tests.slack.fixtures import notifier
from tests.slack.rooms import RoomWorkspace
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL


class House(FakeDesk):
    """A desk before a real core and a real store; Slack is told by a real outbox."""

    def __init__(self, scene: Scene, store: SqlStore, outbox: Outbox, clock: ManualClock) -> None:
        super().__init__(*scene.incidents.values())
        self.scene, self.store, self.outbox, self.clock = scene, store, outbox, clock

    async def command(self, command: Command) -> str | None:
        self.scene.now = self.clock.now()
        self.scene.respond(commands=[command])
        await self.settle(command)
        refused = self.scene.last.refused
        return refused[0][1] if refused else None

    async def settle(self, *commands: Command) -> None:
        """What the core said goes into the store, and out."""
        last = self.scene.last
        self.incidents |= self.scene.incidents
        effects = Effects(
            at=self.scene.now,
            incidents=last.incidents,
            transitions=last.transitions,
            notifications=last.notifications,
            commands=commands,
        )
        await self.store.commit(effects, {})
        await self.outbox.run_once()

    async def incident_at(self, place: str, thread: str) -> str:
        return await self.store.incident_at(place, thread)

    async def kept(self, ref: str) -> Command | None:
        return await self.store.kept(ref)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[StrictSlack]:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    with StrictSlack(RoomWorkspace()) as server:
        yield server


@asynccontextmanager
async def _house(slack: StrictSlack, folder: Path) -> AsyncIterator[House]:
    scene = Scene()
    scene.fire()
    clock = ManualClock(scene.now)
    store = await SqlStore.open(StoreSettings(url="sqlite:///b.db"), base=folder)
    tells = dict.fromkeys(["comms", "slack:room"], "slack")
    house = House(scene, store, Outbox(store, {"slack": notifier(slack)}, tells, clock=clock), clock)
    await house.settle()
    yield house
    await store.close()


def _front(slack: StrictSlack, house: House) -> SlackFront:
    made = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), house, clock=house.clock)
    made.card_patience = 0.0  # what goes out has gone out when the command returns
    return made


async def _recalled(folder: Path, incident: str, now: datetime) -> list[Entry]:
    looking = await RecallStore.look_now(StoreSettings(url="sqlite:///b.db"), now=now, base=folder)
    try:
        recalled = await looking.recall(incident)
    finally:
        await looking.close()
    assert recalled is not None
    return list(timeline(recalled, now=now))


async def test_a_room_is_told_pinned_recorded_and_ends_with_its_incident(slack: StrictSlack, tmp_path: Path) -> None:
    async with _house(slack, tmp_path) as house:
        front = _front(slack, house)
        incident = house.scene.incident
        how = {"who": CLAIRE, "name": "", "private": False, "departments": ["legal"], "language": "en"}
        assert await open_room(front, incident, **how) == ""  # type: ignore[arg-type]  # one way to ask, twice
        assert await open_room(front, incident, **how) == "room_is_open"  # type: ignore[arg-type]

        room = house.incidents[incident.id].room
        assert isinstance(room, Room)
        card, *said = slack.messages(room.place)
        assert card["pinned_to"] == [room.place]
        assert any("Crisis room" in one["text"] for one in said)
        assert any("crisis" in one["text"] for one in slack.messages(CHANNEL)[1:]), "the channel hears of the room"

        workspace = slack.workspace
        assert isinstance(workspace, RoomWorkspace)
        message = workspace.say("The supplier has confirmed", channel=room.place)
        item = {"type": "message", "channel": room.place, "message": dict(message)}
        await heard(front, {"type": "pin_added", "user": "U0MARC0001", "channel_id": room.place, "item": item})

        done = Command(id="end", kind=CommandKind.RESOLVE, incident=incident.id, who=CLAIRE, at=house.clock.now())
        assert await house.command(done) is None
        assert workspace.room()["topic"]["value"].startswith("🟢 Resolved")
        assert "pinned_to" in slack.messages(room.place)[0]
        assert not workspace.state.archived

        entries = await _recalled(tmp_path, incident.id, house.clock.now())
        (kept,) = [one for one in entries if one.kind is EntryKind.KEPT]
        assert kept.reason == "The supplier has confirmed"

        gone = {"deleted_ts": message["ts"], "previous_message": dict(message), "event_ts": "2.2"}
        await heard(front, {"type": "message", "subtype": "message_deleted", "channel": room.place, **gone})
        entries = await _recalled(tmp_path, incident.id, house.clock.now())
        assert [one.deleted for one in entries if one.kind is EntryKind.NOT_KEPT] == [True]
        assert "supplier" not in str(entries)
