"""A crisis room is one channel for one incident, whatever breaks while it is made; each part of it may be missing."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_room import open_room
from buzzguard.deliver.slack_room_settings import RoomSettings
from buzzguard.deliver.slack_room_words import numbered, room_name
from buzzguard.deliver.wording.refusals import REFUSALS
from buzzguard.model import Command, CommandKind, Delivery, DeliveryState, IncidentState, Language, Person, Room
from tests.slack.desk import AT, FakeDesk, open_incident
from tests.slack.rooms import ROOM_SCOPES, RoomWorkspace
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN, CHANNEL

CLAIRE = Person(id="U0CLAIRE01", name="Claire Morel", via="slack")
LANGUAGES: tuple[Language, ...] = ("en", "fr")
PLAYBOOK = "## First hour\n\n- [ ] **Legal** (5m) — Read *all* of it, see [the other](x.en.md).\n"


class RoomDesk(FakeDesk):
    """A desk whose incident keeps the room that it is given."""

    async def command(self, command: Command) -> str | None:
        known = self.incidents.get(command.incident)
        reason = await super().command(command)
        if reason or command.kind is not CommandKind.OPEN_ROOM or known is None:
            return reason
        assert isinstance(command.asked, Room)
        self.incidents[known.id] = replace(known, room=command.asked)
        return None


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack(RoomWorkspace(crowded=("general", "crisis-taken"))) as server:
        yield server


def desk(**changed: Any) -> RoomDesk:
    made = RoomDesk(open_incident(**changed))
    made.playbooks = {"en": PLAYBOOK, "fr": PLAYBOOK}
    return made


def front(slack: StrictSlack, at: FakeDesk, **rooms: Any) -> SlackFront:
    made = SlackFront(SlackApi(BOT_TOKEN, slack.base_url), at, clock=ManualClock(AT), rooms=RoomSettings(**rooms))
    made.card_patience = 0.0
    return made


def space(slack: StrictSlack) -> RoomWorkspace:
    assert isinstance(slack.workspace, RoomWorkspace)
    return slack.workspace


async def press(of: SlackFront, *, name: str = "", private: bool = False, language: Any = "en") -> str:
    incident = await of.desk.incident("inc-42")
    assert incident is not None
    whom = ["communications", "legal", "nobody"]
    return await open_room(of, incident, who=CLAIRE, name=name, private=private, departments=whom, language=language)


def words(slack: StrictSlack) -> str:
    """What stands in the room."""
    return "\n".join(message["text"] for message in slack.messages(space(slack).room()["id"]))


async def test_a_room_has_its_people_the_alert_the_playbook_and_a_word(slack: StrictSlack) -> None:
    at = desk(owner=Person(id="U0MARC0001", name="Marc", via="slack"))
    posted = space(slack).call("chat.postMessage", BOT_TOKEN, {"channel": CHANNEL, "text": "alert"})
    at.posted = {
        "inc-42": [Delivery(key="k", at=AT, state=DeliveryState.DELIVERED, place=CHANNEL, message=posted["ts"])]
    }

    assert await press(front(slack, at)) == ""

    room = space(slack).room()
    assert room["name"] == "crisis-2026-11-22-lumio"
    assert "inc-42" in room["purpose"]["value"]
    assert set(room["people"]) >= {"U0CLAIRE01", "U0MARC0001", "U0LEILA001"}
    assert [one["title"] for one in room["bookmarks"]] == ["Alert inc-42"]
    assert "[ ] **Legal**" in room["canvas"]["text"]
    assert "x.en.md" not in room["canvas"]["text"]
    kept = at.incidents["inc-42"].room
    assert kept is not None
    assert (kept.place, kept.url) == (room["id"], f"https://lumio.slack.com/archives/{room['id']}")
    assert "opened by Claire Morel" in words(slack)
    assert "could be set up" not in words(slack)


async def test_the_card_comes_before_the_word_and_the_playbook(slack: StrictSlack) -> None:
    at = desk()
    of = front(slack, at, canvas=False)
    of.card_patience = 5.0

    async def deliver() -> None:
        while not (rooms := space(slack).rooms()) or at.incidents["inc-42"].room is None:
            await asyncio.sleep(0.01)
        assert rooms
        place = space(slack).room()["id"]
        card = space(slack).call("chat.postMessage", BOT_TOKEN, {"channel": place, "text": "the card"})
        done = Delivery(key="k", at=AT, state=DeliveryState.DELIVERED, place=place, message=card["ts"])
        at.posted = {"inc-42": [done]}

    await asyncio.gather(press(of), deliver())
    texts = [one["text"] for one in slack.messages(space(slack).room()["id"])]
    assert texts[0] == "the card"
    assert "opened by" in texts[1]
    assert "Playbook" in texts[2]


async def test_a_second_press_opens_no_second_room(slack: StrictSlack) -> None:
    of = front(slack, desk())
    assert await press(of) == ""
    before = len(slack.workspace.calls)
    assert await press(of) == "room_is_open"
    assert len(space(slack).rooms()) == 1
    assert [name for name, _ in slack.workspace.calls[before:]] == ["conversations.history"]


async def test_two_presses_at_once_open_one_room(slack: StrictSlack) -> None:
    of = front(slack, desk())
    assert sorted(await asyncio.gather(press(of), press(of))) == ["", "room_is_open"]
    assert len(space(slack).rooms()) == 1


@pytest.mark.parametrize(
    "method",
    ["conversations.create", "conversations.setPurpose", "conversations.invite", "conversations.canvases.create"],
)
@pytest.mark.parametrize("fault", ["drop", "drop_after_processing"])
async def test_a_lost_call_or_answer_leaves_one_room(slack: StrictSlack, method: str, fault: str) -> None:
    at = desk()
    slack.fail_next(method, **{fault: True})
    await press(front(slack, at))
    again = await press(front(slack, at))
    assert space(slack).rooms() == ["crisis-2026-11-22-lumio"]
    assert at.incidents["inc-42"].room is not None
    assert again in ("", "room_is_open")


async def test_what_a_crash_left_bare_is_furnished_by_the_next_press(slack: StrictSlack) -> None:
    at = desk()
    made = space(slack).call("conversations.create", BOT_TOKEN, {"name": "crisis-2026-11-22-lumio"})["channel"]
    at.incidents["inc-42"] = open_incident(room=Room(place=made["id"], name=made["name"]))
    assert await press(front(slack, at)) == ""
    assert made["canvas"]
    assert "U0LEILA001" in made["people"]
    assert await press(front(slack, at)) == "room_is_open"


async def test_an_incident_never_takes_the_room_of_another(slack: StrictSlack) -> None:
    at = desk()
    assert await press(front(slack, at)) == ""
    at.incidents["inc-42"] = open_incident(id="inc-42")
    at.incidents["inc-41"] = open_incident(id="inc-41", room=Room(place=space(slack).room()["id"], name="x"))
    space(slack).room()["purpose"] = {"value": "Crisis room of the incident inc-41, made by BuzzGuard."}
    assert await press(front(slack, at)) == ""
    assert space(slack).rooms() == ["crisis-2026-11-22-lumio", "crisis-2026-11-22-lumio-2"]


async def test_a_name_that_others_took_gets_a_number(slack: StrictSlack) -> None:
    assert await press(front(slack, desk()), name="#Crisis TAKEN!") == ""
    assert space(slack).rooms() == ["crisis-taken-2"]


async def test_an_exercise_is_called_one(slack: StrictSlack) -> None:
    assert await press(front(slack, desk(drill=True)), language="fr") == ""
    assert space(slack).rooms() == ["exercice-crise-2026-11-22-lumio"]


_PARTS = {
    "bookmarks:write": "bookmark",
    "canvases:write": "canvas",
    "usergroups:read": "user group",
}


@pytest.mark.parametrize("scope", sorted(_PARTS))
async def test_without_a_scope_the_room_opens_and_says_what_is_missing(slack: StrictSlack, scope: str) -> None:
    at = desk()
    posted = space(slack).call("chat.postMessage", BOT_TOKEN, {"channel": CHANNEL, "text": "alert"})
    at.posted = {
        "inc-42": [Delivery(key="k", at=AT, state=DeliveryState.DELIVERED, place=CHANNEL, message=posted["ts"])]
    }
    slack.workspace.scopes.remove(scope)
    assert await press(front(slack, at, invite=("S0CRISIS01",))) == ""
    told = words(slack)
    assert _PARTS[scope] in told
    assert scope in told
    assert "install it again" in told


async def test_without_canvases_the_playbook_is_a_pinned_message(slack: StrictSlack) -> None:
    space(slack).canvases = False
    assert await press(front(slack, desk())) == ""
    playbook = next(one for one in slack.messages(space(slack).room()["id"]) if "Playbook" in one["text"])
    assert playbook["pinned_to"]
    shown = "\n".join(block["text"]["text"] for block in playbook["blocks"])
    assert "☐ *Legal* (5m) — Read _all_ of it, see the other." in shown
    assert "as a message instead" in words(slack)


async def test_a_canvas_that_is_there_already_is_written_behind_once(slack: StrictSlack) -> None:
    made = space(slack).call("conversations.create", BOT_TOKEN, {"name": "crisis-2026-11-22-lumio"})["channel"]
    made["canvas"] = {"id": "F0MINE", "text": "notes of people"}
    at = desk(room=Room(place=made["id"], name=made["name"]))
    assert await press(front(slack, at)) == ""
    slack.workspace.state.messages[made["id"]].clear()
    assert await press(front(slack, at)) == ""
    assert made["canvas"]["text"] == "notes of people" + PLAYBOOK.replace("[the other](x.en.md)", "the other")


async def test_who_cannot_be_invited_keeps_nobody_else_out(slack: StrictSlack) -> None:
    space(slack).guests = {"U0MARC0001"}
    always = ("U0NOBODY01", "S0CRISIS01", "S0GONE0001")
    assert await press(front(slack, desk(), invite=always)) == ""
    assert set(space(slack).room()["people"]) == {"U0BOT00001", "U0CLAIRE01", "U0LEILA001"}
    told = words(slack)
    for named in ("U0NOBODY01", "U0MARC0001", "S0GONE0001"):
        assert named in told


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"error": "missing_scope"}, "room_scope_missing"),
        ({"error": "restricted_action"}, "room_forbidden"),
        ({"error": "invalid_name_specials"}, "room_name_unfit"),
        ({"status": 429, "retry_after": 30}, "room_later"),
        ({"body": '{"ok": true, "channel": "?"}'}, "room_later"),
    ],
)
async def test_where_no_channel_can_be_made_the_reason_has_words(
    slack: StrictSlack, fault: dict[str, Any], reason: str
) -> None:
    slack.fail_next("conversations.create", **fault)
    at = desk()
    assert await press(front(slack, at)) == reason
    assert set(REFUSALS[reason]) == {"en", "fr"}
    assert not at.commands


async def test_names_that_are_all_taken_are_told(slack: StrictSlack) -> None:
    slack.fail_next("conversations.create", error="name_taken", times=9)
    assert await press(front(slack, desk())) == "room_name_taken"


@pytest.mark.parametrize("state", [IncidentState.RESOLVED, IncidentState.FALSE_ALARM])
async def test_what_has_ended_gets_no_room(slack: StrictSlack, state: IncidentState) -> None:
    assert await press(front(slack, desk(state=state))) == "already_final"
    assert not space(slack).rooms()


async def test_a_private_room_asks_for_its_own_scope(slack: StrictSlack) -> None:
    slack.workspace.scopes.remove("groups:write")
    assert await press(front(slack, desk()), private=True) == "room_scope_missing"
    slack.workspace.scopes = ["chat:write", *ROOM_SCOPES]
    assert await press(front(slack, desk()), private=True) == ""
    assert space(slack).room()["is_private"] is True


@given(asked=st.text(max_size=200), topic=st.text(max_size=100), number=st.integers(1, 9))
def test_every_name_is_one_that_slack_takes(asked: str, topic: str, number: int) -> None:
    for language in LANGUAGES:
        name = room_name(asked, open_incident(topic=topic), language=language, time_zone="Nowhere/Atall")
        assert re.fullmatch("[a-z0-9_-]{1,80}", numbered(name, number))
    assert numbered(name, 2) != numbered(name, 3)
