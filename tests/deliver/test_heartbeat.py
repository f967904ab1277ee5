"""The sign of life: sent while all is well, missing when it is not, and never in anybody's way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from buzzguard.clock import ManualClock
from buzzguard.config.heartbeat import HeartbeatSettings
from buzzguard.config.secrets import SecretError
from buzzguard.config.settings import NetworkSettings
from buzzguard.daemon import Daemon
from buzzguard.deliver.heartbeat import Heartbeat
from buzzguard.model import Batch
from tests.small_world import NOW, assembly

PATH = "/ping/5up3r-s3cr3t"


class Monitor:
    """A monitor that counts signs of life."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for(PATH)
        self.asked: list[str] = []
        self.status = 200
        server.expect_request(PATH).respond_with_handler(self._answer)

    def _answer(self, request: Request) -> Response:
        self.asked.append(request.method)
        return Response("OK", status=self.status)


@pytest.fixture
def monitor(httpserver: HTTPServer) -> Monitor:
    return Monitor(httpserver)


def _heartbeat(**given: object) -> Heartbeat:
    return Heartbeat(HeartbeatSettings.model_validate(given), NetworkSettings())


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_it_is_sent_as_the_monitor_wants_it(monitor: Monitor, method: str) -> None:
    heartbeat = _heartbeat(url=monitor.url, method=method)
    assert await heartbeat.beat("", NOW)
    await heartbeat.close()
    assert monitor.asked == [method]


async def test_a_secret_address_is_read_and_never_shown(monitor: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEARTBEAT", monitor.url)
    heartbeat = _heartbeat(url={"env": "HEARTBEAT"})
    monitor.status = 404
    with capture_logs() as logs:
        assert not await heartbeat.beat("", NOW)
    await heartbeat.close()
    assert len(monitor.asked) == 1
    assert "5up3r" not in f"{logs} {heartbeat!r} {vars(heartbeat)}"


def test_a_secret_that_cannot_be_read_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HEARTBEAT", raising=False)
    with pytest.raises(SecretError):
        _heartbeat(url={"env": "HEARTBEAT"})


@pytest.mark.parametrize(
    "url", ["", 7, None, "ftp://a.example", "https://", "https://u:p@a.example", "https://a b", {}]
)
def test_an_address_that_is_none_is_refused(url: object) -> None:
    with pytest.raises(ValidationError):
        HeartbeatSettings.model_validate({"url": url})


async def test_trouble_withholds_it_and_is_logged_once_as_is_its_end(monitor: Monitor) -> None:
    heartbeat = _heartbeat(url=monitor.url)
    with capture_logs() as logs:
        for trouble in ("", "no step", "no step", "", ""):
            assert await heartbeat.beat(trouble, NOW) is not bool(trouble)
    await heartbeat.close()
    assert [log["event"] for log in logs] == ["heartbeat.withheld", "heartbeat.resumed"]
    assert len(monitor.asked) == 3


async def test_a_monitor_that_cannot_be_reached_is_logged_once(monitor: Monitor, httpserver: HTTPServer) -> None:
    heartbeat = _heartbeat(url=monitor.url)
    httpserver.stop()
    with capture_logs() as logs:
        for _ in range(3):
            assert not await heartbeat.beat("", NOW)
    await heartbeat.close()
    httpserver.start()
    assert [log["event"] for log in logs] == ["heartbeat.failed"]


async def test_the_daemon_beats_only_while_it_takes_steps(
    tmp_path: Path, monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTAKE_TOKEN", "intake-secretintake-0001")
    clock = ManualClock(NOW)
    made = assembly(tmp_path, heartbeat={"url": monitor.url, "every": "10s"}, tick="1h")
    daemon = Daemon(lambda: made, clock=clock, speed=200)
    await daemon.start()
    try:
        await _more(monitor)
        clock.advance(timedelta(minutes=3))  # and no step was taken
        await asyncio.sleep(0.2)
        before = len(monitor.asked)
        await asyncio.sleep(0.3)
        assert len(monitor.asked) == before
        await daemon.submit(Batch())
        await _more(monitor)
    finally:
        await daemon.stop()


async def _more(monitor: Monitor) -> None:
    """Until it has heard twice more."""
    enough = len(monitor.asked) + 2
    async with asyncio.timeout(20):
        while len(monitor.asked) < enough:
            await asyncio.sleep(0.01)
