"""Hooks over real HTTP: formats of vendors and of automation tools."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from buzzguard.clock import ManualClock
from buzzguard.config.hooks import HookSettings
from buzzguard.config.settings import WebSettings
from buzzguard.model import Batch, Health, Received
from buzzguard.web.app import Web
from buzzguard.web.server import WebServer

NOW = datetime(2026, 11, 22, 6, 21, 10, tzinfo=UTC)
SECRET = "melt-" + "5" * 20
TOKEN = "zap-" + "7" * 20
SAMPLE: dict[str, Any] = {
    "request": {"company_id": "58d5abcd", "hook_id": "hk_001", "inputs": [{"type": "search", "id": 2382415}]},
    "documents": [
        {
            "id": "1795328410000_K49ugt285FchyyIqJ15D85lyR5wA",
            "published_date": "2026-11-22T06:20:10.000Z",
            "indexed_date": "2026-11-22T06:21:02.000Z",
            "url": "https://conso-matin.example/2026/11/lumio-surchauffe",
            "external_id": None,
            "source": {"information_type": "news", "name": "Conso Matin"},
            "content": {"title": "Lumio : la poignée fond", "opening_text": "Trois clients affirment…"},
        }
    ],
}


class Intake:
    """What the web server sees of a daemon."""

    def __init__(self) -> None:
        self.batches: list[Batch] = []
        self.waiting = 0

    async def submit(self, batch: Batch) -> Received:
        self.batches.append(batch)
        return Received(counted=len(batch.mentions))

    def health(self) -> Health:
        return Health(ready=True)

    def backlog(self) -> int:
        return self.waiting

    def turning(self, within: timedelta) -> bool:
        return True


@pytest.fixture
def intake() -> Intake:
    return Intake()


@pytest.fixture
async def client(intake: Intake, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    for name, value in (("melt", SECRET), ("zap", TOKEN)):
        (tmp_path / name).write_text(value)
        (tmp_path / name).chmod(0o600)
    settings = WebSettings.model_validate(
        {
            "port": 0,
            "hooks": {
                "melt": {"vendor": "meltwater", "signing_secret": {"file": str(tmp_path / "melt")}},
                "zapier": {
                    "token": {"file": str(tmp_path / "zap")},
                    "mention": {"text": "message", "published": "when", "author": "who", "url": "link"},
                    "known_as": "forum",
                    "language": "fr",
                },
            },
        }
    )
    server = WebServer(Web(intake, settings, clock=ManualClock(NOW)).app(), settings)
    await server.start()
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as opened:
        yield opened
    await server.stop()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"X-Hub-Signature": "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest()}


async def test_a_delivery_of_meltwater_becomes_mentions(client: httpx.AsyncClient, intake: Intake) -> None:
    body = json.dumps(SAMPLE).encode()
    answer = await client.post("/v1/hooks/melt", content=body, headers=signed(body))
    assert answer.status_code == 200
    (mention,) = intake.batches[0].mentions
    assert (mention.title, mention.text) == ("Lumio : la poignée fond", "Trois clients affirment…")
    assert mention.published == datetime(2026, 11, 22, 6, 20, 10, tzinfo=UTC)
    assert (mention.source, mention.stream, mention.site) == ("melt", "hook-melt", "conso-matin.example")


async def test_a_delivery_that_comes_twice_has_the_same_ids(client: httpx.AsyncClient, intake: Intake) -> None:
    body = json.dumps(SAMPLE).encode()
    for _ in range(2):
        await client.post("/v1/hooks/melt", content=body, headers=signed(body))
    one, other = (batch.mentions[0].id for batch in intake.batches)
    assert one == other


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature": "sha1=" + "0" * 40}, {"Authorization": f"Bearer {TOKEN}"}])
async def test_a_wrong_signature_is_refused(client: httpx.AsyncClient, intake: Intake, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/hooks/melt", content=json.dumps(SAMPLE).encode(), headers=headers)
    assert answer.status_code == 401
    assert not intake.batches


async def test_sha1_is_taken_from_nobody_else(client: httpx.AsyncClient) -> None:
    body = json.dumps({"message": "x", "when": "2026-11-22T06:20:10Z"}).encode()
    assert (await client.post("/v1/hooks/zapier", content=body, headers=signed(body, TOKEN))).status_code == 401


async def test_an_automation_tool_pushes_one_record_at_a_time(client: httpx.AsyncClient, intake: Intake) -> None:
    record = {"message": "la poignée fond", "when": 1795328410, "who": "clem", "link": "https://forum.example/t/1"}
    answer = await client.post("/v1/hooks/zapier", json=record, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.json()["counted"] == 1
    (mention,) = intake.batches[0].mentions
    assert (mention.source, mention.language, mention.author.handle) == ("forum", "fr", "clem")


async def test_bad_records_are_set_aside_and_the_hook_is_not_refused(client: httpx.AsyncClient, intake: Intake) -> None:
    records = [{"message": None}, {"message": "fine", "when": "2026-11-22", "link": "https://a.example/1"}, 7]
    answer = await client.post("/v1/hooks/zapier", json=records, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()["quarantined"]) == (200, 2)
    assert [one.text for one in intake.batches[0].mentions] == ["fine"]
    assert {one.stream for one in intake.batches[0].quarantined} == {"hook-zapier"}


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 50_000])
async def test_rubbish_is_refused_with_a_reason(client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.post("/v1/hooks/zapier", content=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 422
    assert "JSON" in answer.json()["error"]


async def test_pushers_are_told_to_wait_when_much_waits(client: httpx.AsyncClient, intake: Intake) -> None:
    intake.waiting = 10**6
    answer = await client.post("/v1/hooks/zapier", json={}, headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


async def test_an_unknown_hook_is_told(client: httpx.AsyncClient) -> None:
    assert (await client.post("/v1/hooks/nobody", json={})).status_code == 404


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ({"vendor": "meltwater"}, "token"),
        ({"token": {"env": "X"}}, "mention"),
        ({"token": {"env": "X"}, "mention": {"text": "a.["}}, "JMESPath"),
    ],
)
def test_an_open_or_blind_hook_is_refused_at_load(settings: dict[str, Any], hint: str) -> None:
    with pytest.raises(ValidationError, match=hint):
        HookSettings.model_validate(settings)
