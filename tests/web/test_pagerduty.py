"""`POST /v1/pagerduty`: signed, and answered once the act is committed."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.secrets import Sealed
from buzzguard.config.settings import WebSettings
from buzzguard.model import CommandKind
from buzzguard.web.app import Web
from buzzguard.web.pagerduty import PagerdutyHook
from tests.deliver.samples import NOW
from tests.web.test_app import Intake

SECRET = "of the subscription"


class Pager:
    """A PagerDuty notifier reduced to what the web server sees."""

    webhook_secret: Sealed | None = Sealed(SECRET)


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
async def client(intake: Intake) -> AsyncIterator[httpx.AsyncClient]:
    clock = ManualClock(NOW)
    hook = PagerdutyHook(intake, clock=clock)
    hook.replace([object(), Pager()])
    app = Web(intake, WebSettings(), clock=clock).app(hook.route())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://web") as opened:
        yield opened


def _body(event_type: str = "incident.acknowledged") -> bytes:
    agent = {"id": "P1", "type": "user_reference", "summary": "Claire Morel"}
    data = {"incident_key": "buzzguard/inc-42"}
    return json.dumps({"event": {"id": "E1", "event_type": event_type, "agent": agent, "data": data}}).encode()


async def _post(client: httpx.AsyncClient, body: bytes, secret: str = SECRET) -> httpx.Response:
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return await client.post("/v1/pagerduty", content=body, headers={"X-PagerDuty-Signature": f"v1={made}"})


async def test_an_act_at_pagerduty_becomes_a_command(client: httpx.AsyncClient, intake: Intake) -> None:
    assert (await _post(client, _body())).status_code == 200
    (command,) = intake.batches[0].commands
    assert (command.kind, command.incident, command.who.name) == (CommandKind.TAKE_CHARGE, "inc-42", "Claire Morel")


async def test_what_asks_nothing_is_taken_and_changes_nothing(client: httpx.AsyncClient, intake: Intake) -> None:
    assert (await _post(client, _body("pagey.ping"))).status_code == 200
    assert (await _post(client, b"no JSON")).status_code == 200
    assert intake.batches == []


async def test_what_is_not_signed_changes_nothing(client: httpx.AsyncClient, intake: Intake) -> None:
    assert (await _post(client, _body(), "guessed")).status_code == 401
    assert (await client.post("/v1/pagerduty", content=_body())).status_code == 401
    assert (await _post(client, b" " * 600_000)).status_code == 413
    assert intake.batches == []


async def test_pagerduty_sends_again_what_could_not_be_committed(client: httpx.AsyncClient, intake: Intake) -> None:
    intake.stopping = True
    assert (await _post(client, _body())).status_code == 503


async def test_without_a_secret_nobody_is_believed(intake: Intake) -> None:
    clock = ManualClock(NOW)
    app = Web(intake, WebSettings(), clock=clock).app(PagerdutyHook(intake, clock=clock).route())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://web") as client:
        assert (await _post(client, _body(), "")).status_code == 401
