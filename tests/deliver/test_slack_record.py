"""What people pin in the thread of a card or in a room is kept as it reads, once, and goes when it goes in Slack."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from buzzguard.clock import ManualClock
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.deliver.slack_plain import LONGEST, plain_text
from buzzguard.deliver.slack_record import EVENTS, heard
from buzzguard.deliver.slack_turns import LANES, MOST_WAITING
from buzzguard.model import CommandKind, Person, Pinned, Room
from tests.slack.desk import AT, FakeDesk, open_incident
from tests.slack.fixtures import Naps
from tests.slack.rooms import RoomWorkspace
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_ID, BOT_TOKEN, BOT_USER, CHANNEL, OTHER_CHANNEL

CARD = "1795328460.000247"
ROOM = "C0ROOM0099"


@pytest.fixture
def slack() -> Iterator[StrictSlack]:
    with StrictSlack(RoomWorkspace()) as server:
        server.workspace.channels.append(ROOM)
        yield server


@pytest.fixture
def desk() -> FakeDesk:
    made = FakeDesk(open_incident(room=Room(place=ROOM, name="crisis")))
    made.standing["inc-42"] = {(CHANNEL, CARD)}
    return made


def _front(slack: StrictSlack, desk: FakeDesk) -> SlackFront:
    return SlackFront(SlackApi(BOT_TOKEN, slack.base_url), desk, clock=ManualClock(AT))


def _say(slack: StrictSlack, text: str = "We know why", *, thread: str = CARD, **more: Any) -> dict[str, Any]:
    assert isinstance(slack.workspace, RoomWorkspace)
    return slack.workspace.say(text, thread=thread, **more)


def _pin(message: dict[str, Any], *, channel: str = CHANNEL, gone: bool = False, at: str = "1.5") -> dict[str, Any]:
    item = {"type": "message", "channel": channel, "message": dict(message), "created": 1, "created_by": "U0MARC0001"}
    kind = "pin_removed" if gone else "pin_added"
    return {"type": kind, "user": "U0MARC0001", "channel_id": channel, "item": item, "event_ts": at}


def _mark(
    message: dict[str, Any], *, name: str = "pushpin", channel: str = CHANNEL, gone: bool = False, at: str = "1.6"
) -> dict[str, Any]:
    item = {"type": "message", "channel": channel, "ts": message["ts"]}
    kind = "reaction_removed" if gone else "reaction_added"
    return {"type": kind, "user": "U0LEILA001", "reaction": name, "item": item, "event_ts": at}


def _edit(message: dict[str, Any], text: str, *, channel: str = CHANNEL) -> dict[str, Any]:
    before = dict(message)
    message |= {"text": text, "edited": {"user": message["user"], "ts": f"{message['ts']}9"}}
    inner = {"message": dict(message), "previous_message": before}
    return {"type": "message", "subtype": "message_changed", "channel": channel, "ts": "1.7", **inner}


def _delete(message: dict[str, Any], *, channel: str = CHANNEL) -> dict[str, Any]:
    told = {"deleted_ts": message["ts"], "previous_message": dict(message), "event_ts": "1.8"}
    return {"type": "message", "subtype": "message_deleted", "channel": channel, "hidden": True, **told}


def _kept(desk: FakeDesk) -> list[Pinned]:
    assert all(one.kind is CommandKind.PIN and one.incident == "inc-42" for one in desk.commands)
    return [one.asked for one in desk.commands if isinstance(one.asked, Pinned)]


@pytest.mark.parametrize("how", ["pin", "pushpin", "round_pushpin", "pushpin::skin-tone-3"])
async def test_what_is_pinned_in_the_thread_of_a_card_is_kept(slack: StrictSlack, desk: FakeDesk, how: str) -> None:
    message = _say(slack, "<@U0MARC0001> the supplier &amp; <https://x.example/a|the press> know, <!here>")
    await heard(_front(slack, desk), _pin(message) if how == "pin" else _mark(message, name=how))
    (pinned,) = _kept(desk)
    assert pinned.ref == f"slack:{CHANNEL}/{message['ts']}"
    assert pinned.text == "@Marc Petit the supplier & the press (https://x.example/a) know, @here"
    assert pinned.author == Person(id="U0CLAIRE01", name="Claire Morel", via="slack")
    assert pinned.posted_at is not None
    assert f"{pinned.posted_at.timestamp():.3f}" == f"{float(message['ts']):.3f}"
    assert pinned.url.endswith(f"/archives/{CHANNEL}/p{message['ts'].replace('.', '')}")
    assert desk.commands[0].who.name == ("Marc Petit" if how == "pin" else "Leïla Haddad")


async def test_every_message_of_a_room_may_be_kept(slack: StrictSlack, desk: FakeDesk) -> None:
    for thread in ("", "1795328000.000100"):
        await heard(_front(slack, desk), _mark(_say(slack, channel=ROOM, thread=thread), channel=ROOM))
    assert len(_kept(desk)) == 2


async def test_other_talk_is_nobodys_business(slack: StrictSlack, desk: FakeDesk) -> None:
    front = _front(slack, desk)
    await heard(front, _pin(_say(slack, thread="")))
    await heard(front, _mark(_say(slack, thread="1795328000.000100")))
    await heard(front, _mark(_say(slack, channel=OTHER_CHANNEL), channel=OTHER_CHANNEL))
    await heard(front, _mark(_say(slack), name="eyes"))
    await heard(front, {"type": "message", "channel": ROOM, "text": "hello", "ts": "1.9", "user": "U0CLAIRE01"})
    await heard(front, _edit(_say(slack), "never pinned"))
    await heard(front, _delete(_say(slack)))
    assert not desk.commands


async def test_our_own_words_are_not_kept_twice_and_those_of_programs_are_marked(
    slack: StrictSlack, desk: FakeDesk
) -> None:
    front = _front(slack, desk)
    await heard(front, _pin(_say(slack, user=BOT_USER)))
    await heard(front, _pin(_say(slack, user="U0OTHER001", bot_id=BOT_ID)))
    assert not desk.commands
    await heard(front, _pin(_say(slack, bot_id="B0STATUS01", bot_profile={"name": "Status <!page>"})))
    (pinned,) = _kept(desk)
    assert pinned.author == Person(id="B0STATUS01", name="Status !page (bot)", via="slack")


async def test_two_people_who_pin_one_message_make_one_entry(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    for event in (_pin(message), _mark(message), _pin(message, at="1.9")):
        await heard(front, event)
    assert len(_kept(desk)) == 1


async def test_it_stays_kept_while_somebody_keeps_it(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    await heard(front, _pin(message))
    message |= {"reactions": [{"name": "pushpin", "users": ["U0LEILA001"], "count": 1}]}
    await heard(front, _pin(message, gone=True))
    message |= {"reactions": [], "pinned_to": [CHANNEL]}
    await heard(front, _mark(message, gone=True))
    assert [one.gone for one in _kept(desk)] == [False]
    message |= {"pinned_to": []}
    await heard(front, _mark(message, name="eyes", gone=True))
    assert [one.gone for one in _kept(desk)] == [False]
    await heard(front, _pin(message, gone=True))
    await heard(front, _mark(message, gone=True))
    last = _kept(desk)[-1]
    assert [one.gone for one in _kept(desk)] == [False, True]
    assert (last.text, last.author, last.deleted) == ("", None, False)


async def test_it_may_be_kept_again(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    await heard(front, _pin(message))
    await heard(front, _pin(message, gone=True))
    await heard(front, _pin(message, at="2.5"))
    assert [one.gone for one in _kept(desk)] == [False, True, False]
    assert len({one.id for one in desk.commands}) == 3


async def test_an_edit_is_followed_once(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    await heard(front, _pin(message))
    edit = _edit(message, "We know more")
    for _ in range(2):
        await heard(front, edit)
    await heard(front, _edit(message, "We know more"))
    assert [one.text for one in _kept(desk)] == ["We know why", "We know more"]
    assert desk.commands[0].id.rpartition("-")[0] == desk.commands[1].id.rpartition("-")[0]


@pytest.mark.parametrize("tombstone", [False, True])
async def test_what_is_deleted_is_erased(slack: StrictSlack, desk: FakeDesk, tombstone: bool) -> None:
    front, message = _front(slack, desk), _say(slack)
    await heard(front, _pin(message))
    event = _delete(message)
    if tombstone:
        event = _edit(message | {"subtype": "tombstone"}, "This message was deleted.")
    for _ in range(2):
        await heard(front, event)
    first, last = _kept(desk)
    assert (last.ref, last.text, last.author, last.url) == (first.ref, "", None, "")
    assert (last.gone, last.deleted, last.posted_at) == (True, True, first.posted_at)


async def test_an_unpinned_message_that_is_deleted_is_told_deleted(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    await heard(front, _pin(message))
    slack.workspace.delete_message(CHANNEL, message["ts"])
    await heard(front, _pin(message, gone=True))
    await heard(front, _delete(message))
    assert [(one.gone, one.deleted) for one in _kept(desk)] == [(False, False), (True, False), (True, True)]


async def test_what_is_refused_for_good_is_logged_and_breaks_nothing(slack: StrictSlack, desk: FakeDesk) -> None:
    front, message = _front(slack, desk), _say(slack)
    slack.fail_next("conversations.replies", error="missing_scope")
    with capture_logs() as logs:
        await heard(front, _mark(message), sleep=Naps())
    assert not desk.commands
    assert [line["event"] for line in logs] == ["record.lost"]
    for method in ("chat.getPermalink", "users.info"):
        slack.fail_next(method, error="missing_scope")
    await heard(front, _mark(message), sleep=Naps())
    (pinned,) = _kept(desk)
    assert (pinned.url, pinned.text) == ("", "We know why")
    assert pinned.author is not None


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}])
async def test_what_passes_is_waited_for(slack: StrictSlack, desk: FakeDesk, fault: dict[str, Any]) -> None:
    naps = Naps()
    slack.fail_next("conversations.replies", times=2, **fault)
    await heard(_front(slack, desk), _mark(_say(slack)), sleep=naps)
    assert len(_kept(desk)) == 1
    assert naps.taken == [0.0, 2.0, 15.0]


async def test_a_flood_is_taken_in_bit_by_bit_and_waits_as_long_as_slack_asks(
    slack: StrictSlack, desk: FakeDesk
) -> None:
    """A crowd pins hundreds of messages; Slack answers a few calls a minute. None is lost, and nothing piles up."""
    front, naps = _front(slack, desk), Naps()
    messages = [_say(slack, f"evidence {number}") for number in range(200)]
    slack.fail_next("conversations.replies", status=429, retry_after=30, times=20)
    calm = threading.active_count()
    crowd = asyncio.gather(*(heard(front, _mark(message), sleep=naps) for message in messages))
    most = 0
    while not crowd.done():
        most = max(most, threading.active_count() - calm)
        await asyncio.sleep(0.001)
    assert len(_kept(desk)) == len(messages)
    assert naps.taken.count(30.0) == 20
    assert most <= 2 * LANES + 2  # the strict Slack answers in threads as well
    assert front.turns.waiting == 0


async def test_what_is_too_much_is_refused_and_said(slack: StrictSlack, desk: FakeDesk) -> None:
    front = _front(slack, desk)
    front.turns.waiting = MOST_WAITING
    with capture_logs() as logs:
        await heard(front, _mark(_say(slack)), sleep=Naps())
    assert [(line["event"], line["reason"]) for line in logs] == [("record.lost", "too many events wait")]


async def test_a_database_that_refuses_is_waited_for(slack: StrictSlack, desk: FakeDesk) -> None:
    async def mended(seconds: float) -> None:
        desk.broken = seconds < 10

    await heard(_front(slack, desk), _pin(_say(slack)), sleep=mended)
    assert len(_kept(desk)) == 1


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    ["item", "message", "channel", "channel_id", "ts", "user", "reaction", "event_ts", "deleted_ts"]
)


@given(kind=st.sampled_from(sorted(EVENTS)), subtype=_JSON, rest=st.dictionaries(_KEYS, _JSON))
async def test_no_event_breaks_the_record(kind: str, subtype: Any, rest: dict[str, Any]) -> None:
    desk = FakeDesk()
    front = SlackFront(SlackApi(BOT_TOKEN, "http://127.0.0.1:9/api/"), desk, clock=ManualClock(AT))
    await heard(front, {"type": kind, "subtype": subtype, **rest})
    assert not desk.commands


@given(_JSON, _JSON, _JSON)
async def test_any_message_reads_as_bounded_text(text: Any, attachments: Any, files: Any) -> None:
    async def name_of(_: str) -> str:
        return "Zoé"

    shown = await plain_text({"text": text, "attachments": attachments, "files": files}, name_of)
    assert len(shown) <= LONGEST
    shown.encode()


async def test_files_and_attachments_are_named_where_there_is_no_text() -> None:
    async def name_of(_: str) -> str:
        return ""

    files = [{"name": "plan.pdf"}]
    assert await plain_text({"text": "see <@U0MARC0001>", "files": files}, name_of) == "see @U0MARC0001\n📎 plan.pdf"
    assert await plain_text({"text": " ", "attachments": [{"fallback": "down"}]}, name_of) == "down"
    marked = "<#C1|press> <!subteam^S1|@crisis> <!date^1^{date}|today> <mailto:a@b.example|a@b.example> 1 &lt; 2"
    assert await plain_text({"text": marked}, name_of) == "#press @crisis today a@b.example (mailto:a@b.example) 1 < 2"
