"""The real program as a process of its own, for tests that watch it from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, CHANNEL, SIGNING_SECRET

ROOT = Path(__file__).parents[1]
PATIENCE = 20.0
"""Seconds after which what should have happened has not."""
RULE = """\
id: surge
title: {en: "surge", fr: "poussée"}
when: volume.count >= 3
windows: [6h]
severity: orange
playbook: bad-buzz
status: stable
"""
INTAKE_TOKEN = "intake-secretintake-0001"
_PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")
_ENVIRONMENT = {
    "SLACK_TOKEN": BOT_TOKEN,
    "SLACK_APP_TOKEN": APP_TOKEN,
    "SLACK_SIGNING_SECRET": SIGNING_SECRET,
    "INTAKE_TOKEN": INTAKE_TOKEN,
}


def until(happened: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """What `happened` gives once it gives something; fails when it does not in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"it did not happen within {seconds} s")


class Feed:
    """An RSS feed on loopback; `say` adds an item."""

    def __init__(self, server: HTTPServer, path: str = "/feed.xml") -> None:
        self.url = server.url_for(path)
        self.asked = 0
        self.hangs_for = 0.0
        self._items: list[str] = []
        server.expect_request(path).respond_with_handler(self._answer)

    def say(self, *texts: str) -> None:
        """List these texts, said now."""
        now = format_datetime(datetime.now(UTC))
        for text in texts:
            link = f"https://press.example/{len(self._items)}"
            self._items.append(
                f"<item><guid>{link}</guid><link>{link}</link><title>{text}</title><pubDate>{now}</pubDate></item>"
            )

    def _answer(self, _request: Request) -> Response:
        self.asked += 1
        time.sleep(self.hangs_for)
        items = "".join(reversed(self._items))
        return Response(f'<rss version="2.0"><channel><title>press</title>{items}</channel></rss>', mimetype="text/xml")


class Systemd:
    """The socket to which a service tells how it is doing."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.settimeout(PATIENCE)

    def heard(self) -> dict[str, str]:
        """The next message."""
        lines = self._socket.recv(4096).decode().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()


class Daemon:
    """`buzzguard run`, with its log read as it is written."""

    def __init__(self, path: Path, **environment: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name not in (*_PROXIES, "NOTIFY_SOCKET")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "buzzguard", "run", "-c", str(path), "--log", "json"],
            env=inherited | _ENVIRONMENT | {"PYTHONPATH": str(ROOT)} | environment,
            stderr=subprocess.PIPE,
            cwd=path.parent,
        )
        self.lines: list[str] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line.decode())

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log so far; a line that is not a JSON object fails."""
        return [json.loads(line) for line in list(self.lines)]

    def said(self, event: str) -> list[dict[str, Any]]:
        """The events of this name; what a start that failed prints for a person is passed over."""
        return [json.loads(line) for line in list(self.lines) if f'"event":"{event}"' in line]

    def ready(self) -> Daemon:
        """Once it serves."""
        until(lambda: self.process.poll() is not None or self.said("web.started"))
        assert self.process.poll() is None, "".join(self.lines)
        return self

    @property
    def address(self) -> str:
        """Of its web server."""
        return f"http://127.0.0.1:{self.said('web.started')[0]['port']}"

    def get(self, path: str) -> httpx.Response:
        """What it answers."""
        return httpx.get(self.address + path, trust_env=False, timeout=10)

    def push(self, *texts: str) -> httpx.Response:
        """Push mentions, each by its text."""
        body = [{"id": text, "text": text} for text in texts]
        headers = {"Authorization": f"Bearer {INTAKE_TOKEN}"}
        return httpx.post(f"{self.address}/v1/mentions", json=body, headers=headers, trust_env=False, timeout=60)

    def metric(self, name: str) -> float:
        """The value of a metric without labels."""
        (line,) = [line for line in self.get("/metrics").text.splitlines() if line.startswith(f"{name} ")]
        return float(line.split()[1])

    def reload(self) -> None:
        """SIGHUP."""
        self.process.send_signal(signal.SIGHUP)

    def stop(self) -> tuple[int, float]:
        """SIGTERM; the exit status, and how many seconds it took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.ended(), time.monotonic() - began

    def ended(self) -> int:
        """The exit status of what ends by itself."""
        status = self.process.wait(PATIENCE)
        self._thread.join(5)
        return status

    def kill(self) -> None:
        """Whatever happens."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._thread.join(5)
        assert self.process.stderr is not None
        self.process.stderr.close()


def settings(*, feed: str = "", slack: str = "", **more: Any) -> dict[str, Any]:
    """A configuration of one topic, one feed and one Slack channel."""
    document: dict[str, Any] = {
        "topics": {"acme": {"name": "Acme", "query": "acme"}},
        "web": {"port": 0, "intake": {"token": {"env": "INTAKE_TOKEN"}}},
        "network": {"allow": ["localhost", "127.0.0.1"]},
        "tick": "1s",
        "policies": {"crisis": {"steps": [{"notify": ["room"]}], "repeat": 0}},
    }
    if feed:
        document["streams"] = {"press": {"source": "rss", "url": feed, "every": "1s"}}
    if slack:
        secret = {"signing_secret": {"env": "SLACK_SIGNING_SECRET"}}
        notifier = {"kind": "slack", "token": {"env": "SLACK_TOKEN"}, "base_url": slack, "chart": False}
        document["notifiers"] = {"slack": notifier | secret}
        document["receivers"] = {"room": {"notifier": "slack", "channel": CHANNEL}}
    else:
        document["notifiers"] = {"screen": {"kind": "console"}}
        document["receivers"] = {"room": {"notifier": "screen"}}
    return document | more


def write(folder: Path, document: dict[str, Any], *, rule: str = RULE) -> Path:
    """The configuration in `folder` (JSON is YAML), with one rule and the shipped playbooks."""
    rules = folder / "rules"
    if not rules.is_dir():
        rules.mkdir(parents=True)
        (rules / "playbooks").symlink_to(ROOT / "rules" / "playbooks")
    (rules / "surge.yml").write_text(rule)
    path = folder / "buzzguard.yml"
    path.write_text(json.dumps(document, indent=1))
    return path
