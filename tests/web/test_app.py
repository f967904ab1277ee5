"""The web server answers clearly, and takes only what may be taken."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import urllib.parse
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from buzzguard.clock import ManualClock
from buzzguard.config.secrets import Sealed
from buzzguard.config.settings import IntakeSettings, Secret, WebSettings
from buzzguard.errors import StoreError
from buzzguard.model import Batch, Dropped, Health, Received
from buzzguard.web.app import Web
from buzzguard.web.server import WebServer

NOW = datetime(2026, 11, 22, 6, 20, tzinfo=UTC)
TOKEN, SECRET = "the-token", "the-signing-secret"


class Intake:
    """A daemon reduced to what its web server sees: it keeps batches, and knows mentions by their id."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.seen: set[str] = set()
        self.full = False
        self.stopping = False
        self.alive = True
        self.refuses = ""
        self.free = asyncio.Event()
        self.free.set()

    async def submit(self, batch: Batch) -> Received:
        if self.stopping:
            raise StoreError("BuzzGuard is stopping")
        self.batches.append(batch)
        await self.free.wait()
        if batch.commands:
            return Received(refused=tuple((command, self.refuses) for command in batch.commands if self.refuses))
        known = [mention for mention in batch.mentions if mention.id in self.seen]
        self.seen |= {mention.id for mention in batch.mentions}
        dropped = tuple(Dropped(id=mention.id, stream=mention.stream, reason="known") for mention in known)
        return Received(counted=len(batch.mentions) - len(known), dropped=dropped)

    def health(self) -> Health:
        return Health(ready=self.alive, troubles=() if self.alive else ("the database refuses",))

    def backlog(self) -> int:
        return 10**6 if self.full else 0

    def turning(self, within: timedelta) -> bool:
        return self.alive


class Door:
    """A Slack notifier reduced to what the web server sees: it keeps what it was handed."""

    def __init__(self) -> None:
        self.signing_secret = Sealed(SECRET)
        self.taken: list[tuple[str, Mapping[str, Any]]] = []
        self.body: dict[str, Any] = {}

    async def take(self, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        self.taken.append((kind, payload))
        return self.body

    async def finish(self, seconds: float) -> None:
        """Nothing goes on behind it."""


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
async def client(intake: Intake, door: Door, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    secrets: dict[str, Secret] = {}
    for name, value in (("token", TOKEN), ("secret", SECRET)):
        file = tmp_path / name
        file.write_text(value)
        file.chmod(0o600)
        secrets[name] = Secret(file=str(file))
    settings = IntakeSettings(token=secrets["token"], signing_secret=secrets["secret"], max_bytes=20_000)
    web = Web(intake, WebSettings(intake=settings), clock=ManualClock(NOW), slack=(door,))
    server = WebServer(web.app(), WebSettings(port=0))
    await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as opened:
        yield opened
    await server.stop()
    await web.finish(1)


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKEN}"}


def _mention(name: str = "1") -> dict[str, object]:
    return {
        "id": name,
        "source": "meltwater",
        "text": "Lumio : la poignée fond",
        "published_at": "2026-11-22T06:20:10Z",
    }


async def test_pushed_batch_is_counted_once(client: httpx.AsyncClient, intake: Intake) -> None:
    body = {"mentions": [_mention("1"), _mention("2")]}
    first = await client.post("/v1/mentions", json=body, headers=_bearer())
    second = await client.post("/v1/mentions", json=body, headers=_bearer())

    assert (first.status_code, first.json()) == (200, {"counted": 2, "dropped": {}, "invalid": []})
    assert (second.status_code, second.json()) == (200, {"counted": 0, "dropped": {"known": 2}, "invalid": []})
    assert intake.batches[0].mentions[0].id == "meltwater:1"


async def test_ndjson_keeps_the_good_lines_and_names_the_bad(client: httpx.AsyncClient, intake: Intake) -> None:
    lines = [json.dumps(_mention("1")), "{broken", json.dumps({"id": "3", "text": " "}), json.dumps(_mention("4"))]
    headers = _bearer() | {"Content-Type": "application/x-ndjson"}
    answer = await client.post("/v1/mentions", content="\n".join(lines), headers=headers)

    assert answer.status_code == 200
    assert answer.json()["counted"] == 2
    assert [one["index"] for one in answer.json()["invalid"]] == [1, 2]
    assert [mention.id for mention in intake.batches[0].mentions] == ["meltwater:1", "meltwater:4"]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic x"}])
async def test_stranger_is_refused_with_the_reason(
    client: httpx.AsyncClient, intake: Intake, header: dict[str, str]
) -> None:
    answer = await client.post("/v1/mentions", json=[_mention()], headers=header)
    assert answer.status_code == 401
    assert answer.json()["error"]
    assert intake.batches == []


def _standard_webhook(body: bytes, *, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    sent = str(int(at.timestamp()))
    made = hmac.new(secret.encode(), f"msg_1.{sent}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": sent,
        "webhook-signature": f"v1,AAAA v1,{base64.b64encode(made).decode()}",
    }


async def test_signed_body_is_taken(client: httpx.AsyncClient) -> None:
    body = json.dumps([_mention()]).encode()
    hub = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    for headers in (_standard_webhook(body), {"X-Hub-Signature-256": hub}):
        answer = await client.post("/v1/mentions", content=body, headers=headers)
        assert answer.status_code == 200


async def test_forged_or_replayed_body_is_refused(client: httpx.AsyncClient, intake: Intake) -> None:
    body = json.dumps([_mention()]).encode()
    for headers, sent in (
        (_standard_webhook(body, secret="guess"), body),
        (_standard_webhook(body), body + b" "),
        (_standard_webhook(body, at=NOW - timedelta(minutes=6)), body),
        ({"X-Hub-Signature-256": "sha256=00"}, body),
        ({"webhook-signature": "v1,é", "webhook-timestamp": "never"}, body),
    ):
        raw = [(name.encode(), value.encode()) for name, value in headers.items()]
        assert (await client.post("/v1/mentions", content=sent, headers=raw)).status_code == 401
    assert intake.batches == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "array of mentions"),
        (b"[" * 5_000, "not JSON"),
        (b'{"mentions": 3}', "no mention could be read"),
        (b'[{"text": "x", "published_at": "2026-11-22T06:20:10"}]', "no mention could be read"),
    ],
)
async def test_body_that_is_no_batch_is_refused_with_the_reason(
    client: httpx.AsyncClient, body: bytes, words: str
) -> None:
    answer = await client.post("/v1/mentions", content=body, headers=_bearer())
    assert answer.status_code == 422
    assert words in answer.json()["error"]


async def test_body_that_is_too_large_is_refused_before_it_is_read_whole(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 1_000

    for content in (b" " * 30_000, endless()):
        answer = await client.post("/v1/mentions", content=content, headers=_bearer())
        assert answer.status_code == 413
        assert "20000 bytes" in answer.json()["error"]


async def test_pusher_is_told_to_come_back_when_too_much_waits_or_we_stop(
    client: httpx.AsyncClient, intake: Intake
) -> None:
    intake.full = True
    answer = await client.post("/v1/mentions", json=[_mention()], headers=_bearer())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")

    intake.full, intake.stopping = False, True
    answer = await client.post("/v1/mentions", json=[_mention()], headers=_bearer())
    assert (answer.status_code, answer.json()["error"]) == (503, "BuzzGuard is stopping")


async def test_health_and_metrics(client: httpx.AsyncClient, intake: Intake) -> None:
    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).json()["ready"] is True
    assert "buzzguard_outbox_depth" in (await client.get("/metrics")).text

    intake.alive = False
    assert (await client.get("/healthz")).status_code == 503
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["troubles"]) == (503, ["the database refuses"])


def _click(action: str = "take_charge") -> bytes:
    payload = {
        "type": "block_actions",
        "user": {"id": "U0CLAIRE01", "name": "claire"},
        "team": {"id": "T0BUZZ0001"},
        "channel": {"id": "C0BUZZ0001"},
        "container": {"type": "message", "message_ts": "1795328460.000247", "channel_id": "C0BUZZ0001"},
        "actions": [{"action_id": action, "value": "inc-42", "type": "button", "action_ts": "1795328475.123456"}],
    }
    return urllib.parse.urlencode({"payload": json.dumps(payload)}).encode()


def _slack_headers(body: bytes, secret: str = SECRET) -> dict[str, str]:
    sent = str(int(NOW.timestamp()))
    made = hmac.new(secret.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": sent, "X-Slack-Signature": f"v0={made}"}


_FIELDS = {"command": "/buzz", "text": "status", "user_id": "U0CLAIRE01", "token": ""}
_EVENT = {"type": "event_callback", "event_id": "Ev1", "event": {"type": "pin_added"}}


@pytest.mark.parametrize(
    ("path", "kind", "body", "payload"),
    [
        ("actions", "interactive", _click(), {"type": "block_actions"}),
        ("commands", "command", urllib.parse.urlencode(_FIELDS).encode(), _FIELDS),
        ("events", "event", json.dumps(_EVENT).encode(), _EVENT),
    ],
)
async def test_what_slack_signed_is_handed_to_its_app(
    client: httpx.AsyncClient, door: Door, path: str, kind: str, body: bytes, payload: dict[str, Any]
) -> None:
    answer = await client.post(f"/v1/slack/{path}", content=body, headers=_slack_headers(body))
    assert (answer.status_code, answer.content) == (200, b"")
    ((came, taken),) = door.taken
    assert came == kind
    assert payload.items() <= taken.items()
    door.body = {"challenge": "3eZbrw1a"}
    assert (await client.post(f"/v1/slack/{path}", content=body, headers=_slack_headers(body))).json() == door.body


@pytest.mark.parametrize("path", ["actions", "commands", "events"])
async def test_forged_requests_are_refused(client: httpx.AsyncClient, door: Door, path: str) -> None:
    body = _click()
    answer = await client.post(f"/v1/slack/{path}", content=body, headers=_slack_headers(body, "guess"))
    assert answer.status_code == 401
    large = b"x" * 300_000
    answer = await client.post(f"/v1/slack/{path}", content=large, headers=_slack_headers(large))
    assert (answer.status_code, door.taken) == (413, [])


@pytest.mark.parametrize(("path", "body"), [("actions", b"payload=7"), ("commands", b"\xff"), ("events", b"[1]")])
async def test_what_cannot_be_read_is_acknowledged_and_does_nothing(
    client: httpx.AsyncClient, door: Door, path: str, body: bytes
) -> None:
    answer = await client.post(f"/v1/slack/{path}", content=body, headers=_slack_headers(body))
    assert (answer.status_code, door.taken) == (200, [])


async def test_port_that_is_taken_is_a_clear_error(client: httpx.AsyncClient) -> None:
    taken = WebServer(
        Web(Intake(), WebSettings(), clock=ManualClock(NOW)).app(), WebSettings(port=client.base_url.port or 0)
    )
    with pytest.raises(Exception, match="cannot listen on"):
        await taken.start()
    await asyncio.sleep(0)
