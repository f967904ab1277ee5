"""Slack over signed HTTP: the web server, the real notifier and a strict Slack, with nothing in between."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.settings import Secret, WebSettings
from buzzguard.deliver.slack import SlackNotifier, SlackSettings
from buzzguard.web.app import Web
from buzzguard.web.server import WebServer
from tests.slack.desk import FakeDesk
from tests.slack.sitting import NOW
from tests.slack.strict_server import StrictSlack, block_actions, sign
from tests.slack.windows import filled
from tests.slack.workspace import BOT_TOKEN, CHANNEL, SIGNING_SECRET
from tests.web.test_app import Intake


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[StrictSlack]:
    monkeypatch.setenv("TEST_SLACK_TOKEN", BOT_TOKEN)
    monkeypatch.setenv("TEST_SLACK_SIGNING", SIGNING_SECRET)
    with StrictSlack() as server:
        yield server


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()


@pytest.fixture
async def client(slack: StrictSlack, desk: FakeDesk) -> AsyncIterator[httpx.AsyncClient]:
    token, signing = Secret(env="TEST_SLACK_TOKEN"), Secret(env="TEST_SLACK_SIGNING")
    notifier = SlackNotifier(SlackSettings(token=token, signing_secret=signing, base_url=slack.base_url), {})
    assert notifier.listener(clock=ManualClock(NOW), desk=desk) is None
    web = Web(Intake(), WebSettings(), clock=ManualClock(NOW), slack=(notifier,))
    server = WebServer(web.app(), WebSettings(port=0))
    await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as opened:
        yield opened
    await server.stop()
    await web.finish(1)
    await notifier.close()


async def _post(client: httpx.AsyncClient, path: str, body: bytes) -> Any:
    answer = await client.post(f"/v1/slack/{path}", content=body, headers=sign(body, int(NOW.timestamp())))
    assert answer.status_code == 200
    return answer.json() if answer.content else {}


def _form(payload: dict[str, Any]) -> bytes:
    return urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()


async def test_a_press_opens_a_window_whose_refusal_is_the_answer(
    client: httpx.AsyncClient, slack: StrictSlack, desk: FakeDesk
) -> None:
    trigger = slack.workspace.windows.trigger()
    assert await _post(client, "actions", _form(block_actions(action="resolve", trigger=trigger))) == {}
    (view,) = slack.workspace.windows.opened
    desk.reason = "already_final"
    body = await _post(client, "actions", _form(filled(view, {"summary": "Calm again"})))
    assert body["errors"].keys() == {"summary"}
    assert desk.commands[0].reason == "Calm again"


async def test_a_command_and_events_are_answered(client: httpx.AsyncClient, slack: StrictSlack, desk: FakeDesk) -> None:
    typed = {"command": "/buzz", "text": "status", "user_id": "U0CLAIRE01", "channel_id": CHANNEL, "trigger_id": "1.a"}
    assert "Lumio" in str((await _post(client, "commands", urllib.parse.urlencode(typed).encode()))["blocks"])
    asked = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a"}).encode()
    assert await _post(client, "events", asked) == {"challenge": "3eZbrw1a"}


async def test_a_refused_press_is_told_to_whoever_pressed(
    client: httpx.AsyncClient, slack: StrictSlack, desk: FakeDesk
) -> None:
    desk.reason = "already_owner"
    assert await _post(client, "actions", _form(block_actions())) == {}
    assert [told["user"] for told in slack.workspace.state.ephemeral] == ["U0CLAIRE01"]
