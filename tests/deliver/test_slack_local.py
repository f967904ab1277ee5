"""The whole way through local-slack, a Slack that others wrote: what a person sees, and what a press does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from buzzguard.clock import ManualClock, SystemClock
from buzzguard.deliver.slack import SlackNotifier, SlackReceiver
from buzzguard.deliver.slack_actions import parse_request, verify_signature
from buzzguard.deliver.slack_api import SlackApi
from buzzguard.deliver.slack_front import SlackFront
from buzzguard.model import Cause, CommandKind, IncidentState, NotificationKind
from tests.deliver.samples import INCIDENT, NOW, sample_card, sample_notification, sample_transition
from tests.deliver.test_slack_room import RoomDesk, press
from tests.slack.desk import FakeDesk, open_incident
from tests.slack.fixtures import settings
from tests.slack.local_slack import LocalSlack, local_slack, run_local_slack
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, SIGNING_SECRET

__all__ = ["local_slack"]

pytestmark = pytest.mark.slack_peer


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_APP_TOKEN", APP_TOKEN)


def _notifier(slack: LocalSlack) -> SlackNotifier:
    return SlackNotifier(settings(slack.base_url, chart=True, app=True), {"comms": SlackReceiver(channel=CHANNEL)})


async def test_an_alert_appears_is_updated_in_place_and_answered_in_its_thread(local_slack: LocalSlack) -> None:
    to = _notifier(local_slack)
    card = await to.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    (posted,) = local_slack.messages()

    taken = sample_card(state=IncidentState.ACKNOWLEDGED, news=(sample_transition(Cause.ACKNOWLEDGED_BY_USER),))
    update = sample_notification(NotificationKind.UPDATE, card=taken)
    await to.deliver(update, card=card, uncertain=False, now=NOW)
    news = sample_notification(NotificationKind.NEWS, card=taken)
    await to.deliver(news, card=card, uncertain=False, now=NOW)

    edited, reply = local_slack.messages()
    assert edited["ts"] == posted["ts"] == card.message
    assert edited["blocks"] != posted["blocks"]
    assert edited["edited"]
    assert reply["thread_ts"] == card.message


async def test_the_chart_is_uploaded_and_shown(local_slack: LocalSlack) -> None:
    card = await _notifier(local_slack).deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    (posted,) = local_slack.messages()
    (image,) = [block for block in posted["blocks"] if block["type"] == "image"]
    assert image["slack_file"]["id"] == card.extra["file"]
    (page,) = [line for line in local_slack.log() if line["summary"] == "files.completeUploadExternal"]
    assert page["detail"]["files"][0]["id"] == card.extra["file"]
    (picture,) = [line for line in local_slack.log() if line["summary"].startswith("upload ")]
    assert int(picture["summary"].rsplit("(", 1)[1].split()[0]) > 5_000


async def test_pressing_take_charge_reaches_the_desk_as_a_command(local_slack: LocalSlack) -> None:
    desk = FakeDesk(reason="already_final")
    to = _notifier(local_slack)
    listener = to.listener(clock=ManualClock(NOW), desk=desk)
    assert listener is not None
    await listener.start()
    await to.deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    async with asyncio.timeout(10):
        while not listener.connected:
            await asyncio.sleep(0.02)
        await asyncio.to_thread(local_slack.press, local_slack.messages()[0], "take_charge")
        while len(local_slack.messages()) < 2:
            await asyncio.sleep(0.02)
    await listener.stop()

    (command,) = desk.commands
    assert (command.kind, command.incident) == (CommandKind.TAKE_CHARGE, INCIDENT)
    assert (command.who.id, command.who.name) == ("U0CLAIRE01", "claire")
    assert any(line["kind"] == "ack" for line in local_slack.log())
    answer = local_slack.messages()[1]
    assert answer["subtype"] == "ephemeral"
    assert answer["ephemeral_to"] == "U0CLAIRE01"
    assert "closed already" in answer["text"]


async def test_an_unknown_earlier_attempt_posts_once_more_where_metadata_is_not_kept(local_slack: LocalSlack) -> None:
    """local-slack keeps no metadata: the look-up finds nothing, and the alert is not lost."""
    await _notifier(local_slack).deliver(sample_notification(), card=None, uncertain=True, now=NOW)
    assert len(local_slack.messages()) == 1


async def test_the_check_finds_it_sound(local_slack: LocalSlack) -> None:
    assert await _notifier(local_slack).check() == []


class _Door(BaseHTTPRequestHandler):
    """Takes signed requests down."""

    requests: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).requests.append((dict(self.headers), body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def door() -> Iterator[HTTPServer]:
    _Door.requests = []
    server = HTTPServer(("127.0.0.1", 0), _Door)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def http_slack(tmp_path: Path, door: HTTPServer) -> Iterator[LocalSlack]:
    yield from run_local_slack(tmp_path, request_url=f"http://127.0.0.1:{door.server_address[1]}/slack")


async def test_a_press_over_http_is_signed_and_becomes_a_command(http_slack: LocalSlack) -> None:
    await _notifier(http_slack).deliver(sample_notification(), card=None, uncertain=False, now=NOW)
    await asyncio.to_thread(http_slack.press, http_slack.messages()[0], "escalate")

    ((headers, body),) = _Door.requests
    now = SystemClock().now()
    timestamp, signature = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
    assert verify_signature(SIGNING_SECRET, timestamp, body, signature, now)
    assert not verify_signature(SIGNING_SECRET, timestamp, body + b"x", signature, now)
    command = parse_request(body, now=now)
    assert command is not None
    assert (command.kind, command.incident) == (CommandKind.ESCALATE, INCIDENT)


async def test_a_room_opens_also_where_hardly_a_part_of_it_can_be_made(local_slack: LocalSlack) -> None:
    """local-slack makes channels and knows nothing of invitations, bookmarks, pins and canvases."""
    desk = RoomDesk(open_incident())
    desk.playbooks = {"en": "## First hour\n\n- [ ] **Legal** (5m) — Read.\n"}
    front = SlackFront(SlackApi(BOT_TOKEN, local_slack.base_url), desk, clock=ManualClock(NOW))
    for reason in ("", "room_is_open"):
        assert await press(front) == reason
    room = desk.incidents["inc-42"].room
    assert room is not None
    word, playbook = local_slack.messages(room.place)
    assert "Inviting the departments" in word["text"]
    assert "☐ *Legal* (5m) — Read." in str(playbook["blocks"])
