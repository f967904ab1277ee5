"""A daemon that is killed again and again, while mentions flow and Slack comes and goes, loses and doubles nothing.

Every mention is counted exactly once, and every notification is delivered, none twice. The moments of the kills come
from a fixed seed. The daemon is the real program; the feed, the pusher and Slack are real peers on loopback.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.slack.workspace import BOT_TOKEN, CHANNEL

ROOT = Path(__file__).parents[2]
KILLS = 30
TOPICS = 6
SEED = 20261122
_SETTLE = 90.0
_RULE = """\
id: {name}
title: {{en: "{name}", fr: "{name}"}}
when: volume.count >= {count}
windows: [6h]
severity: {severity}
raise: {{red: volume.count >= 60}}
playbook: bad-buzz
status: test
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Public:
    """What is said: items that a feed lists, and mentions that a pusher sends until they are taken."""

    def __init__(self, server: HTTPServer, intake: str) -> None:
        self.feed_url = server.url_for("/feed.xml")
        self._intake = intake
        self._said: list[tuple[int, datetime]] = []
        self.pushed: set[str] = set()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        server.expect_request("/feed.xml").respond_with_handler(self._feed)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._say, self._push)]
        for thread in self._threads:
            thread.start()

    @property
    def said(self) -> int:
        """How many items the feed has listed."""
        with self._lock:
            return len(self._said)

    def fall_silent(self) -> None:
        """Say nothing more; what is being pushed is pushed to its end."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _say(self) -> None:
        while not self._stop.wait(0.1):
            with self._lock:
                self._said.append((len(self._said), datetime.now(UTC)))

    def _push(self) -> None:
        number = 0
        while not self._stop.wait(0.15):
            number += 1
            mention = {"id": f"p{number}", "text": f"pushed {number} about brand{number % TOPICS}"}
            while not self._sent(mention):
                time.sleep(0.1)
            self.pushed.add(f"push:p{number}")

    def _sent(self, mention: dict[str, str]) -> bool:
        try:
            headers = {"Authorization": "Bearer pusher"}
            return (
                httpx.post(self._intake, json=mention, headers=headers, timeout=10, trust_env=False).status_code == 200
            )
        except httpx.HTTPError:
            return False

    def _feed(self, _request: Request) -> Response:
        with self._lock:
            said = list(self._said)
        items = "".join(
            f"<item><guid>https://press.example/{n}</guid><link>https://press.example/{n}</link>"
            f"<title>item {n} about brand{n % TOPICS}</title><pubDate>{format_datetime(at)}</pubDate></item>"
            for n, at in reversed(said)
        )
        return Response(f'<rss version="2.0"><channel><title>press</title>{items}</channel></rss>', mimetype="text/xml")


class Program:
    """A program that is started and killed."""

    def __init__(self, *arguments: str, log: Path, **environment: str) -> None:
        self._arguments = arguments
        self._environment = {**os.environ, **environment, "PYTHONPATH": str(ROOT)}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._arguments], env=self._environment, stdout=log, stderr=log, cwd=ROOT
            )

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(20)


def _write_configuration(folder: Path, *, feed: str, slack: str, port: int) -> Path:
    rules = folder / "rules"
    rules.mkdir()
    for name, count, severity in (("first", 4, "yellow"), ("second", 20, "orange")):
        (rules / f"{name}.yml").write_text(_RULE.format(name=name, count=count, severity=severity))
    playbooks = rules / "playbooks"
    playbooks.symlink_to(ROOT / "rules" / "playbooks")
    topics = {f"brand{n}": {"name": f"Brand {n}", "query": f"brand{n}"} for n in range(TOPICS)}
    document = {
        "topics": topics,
        "streams": {"press": {"source": "rss", "url": feed, "every": "1s"}},
        "notifiers": {"slack": {"kind": "slack", "token": {"env": "SLACK_TOKEN"}, "base_url": slack}},
        "receivers": {"room": {"notifier": "slack", "channel": CHANNEL}},
        "policies": {"crisis": {"steps": [{"notify": ["room"]}], "repeat": 0}},
        "network": {"allow": ["localhost", "127.0.0.1"]},
        "web": {"port": port, "intake": {"token": {"env": "PUSH_TOKEN"}}},
        "tick": "1s",
    }
    path = folder / "buzzguard.yml"
    path.write_text(json.dumps(document))
    return path


def _rows(database: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10) as connection:
        return list(connection.execute(query))


@pytest.fixture
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NOTIFY_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    yield


@pytest.mark.long
def test_thirty_kills_lose_and_double_nothing(httpserver: HTTPServer, tmp_path: Path, clean_environment: None) -> None:
    moments = random.Random(SEED)
    port, slack_port = _free_port(), _free_port()
    slack_state = tmp_path / "slack.json"
    slack = Program(
        "tests.slack.strict_server",
        "--port",
        str(slack_port),
        "--state",
        str(slack_state),
        "--drop-rate",
        "0.1",
        log=tmp_path / "slack.log",
    )
    public = Public(httpserver, f"http://127.0.0.1:{port}/v1/mentions")
    path = _write_configuration(tmp_path, feed=public.feed_url, slack=f"http://127.0.0.1:{slack_port}/api/", port=port)
    daemon = Program(
        *("buzzguard", "run", "-c", str(path), "--log", "json"),
        log=tmp_path / "daemon.log",
        SLACK_TOKEN=BOT_TOKEN,
        PUSH_TOKEN="pusher",
    )
    slack_is_up = False
    daemon.start()
    start_takes = _seconds_until_ready(port)
    for _ in range(KILLS):
        if moments.random() < 0.4 and slack_is_up:
            slack.kill()
            slack_is_up = False
        elif not slack_is_up:
            slack.start()
            slack_is_up = True
        time.sleep(moments.uniform(0.3, 3.0) * start_takes)
        daemon.kill()
        daemon.start()
    if not slack_is_up:
        slack.start()
    public_before_silence = public.said
    public.fall_silent()
    database = tmp_path / "buzzguard.db"
    _wait_until_settled(database, public)

    assert daemon.stop() == 0
    slack.kill()
    assert public_before_silence > 100
    _assert_every_mention_counted_once(database, public)
    _assert_every_notification_delivered_once(database, slack_state)


def _seconds_until_ready(port: int) -> float:
    began = time.monotonic()
    while time.monotonic() - began < 60:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                return time.monotonic() - began
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError("the daemon was not ready within a minute")


def _wait_until_settled(database: Path, public: Public) -> None:
    """Until the feed is read to its end and the outbox is empty, each time for a while."""
    calm, deadline = 0, time.monotonic() + _SETTLE
    while calm < 3 and time.monotonic() < deadline:
        time.sleep(1)
        (stored,) = _rows(database, "select count(*) from mentions")[0]
        (waiting,) = _rows(database, "select count(*) from outbox where state = 'waiting'")[0]
        calm = calm + 1 if stored == public.said + len(public.pushed) and waiting == 0 else 0


def _assert_every_mention_counted_once(database: Path, public: Public) -> None:
    stored = [str(row[0]) for row in _rows(database, "select id from mentions")]
    assert len(stored) == len(set(stored)) == public.said + len(public.pushed)
    assert public.pushed <= set(stored)
    (counted,) = _rows(database, 'select sum(volume) from samples where "window" = 60')[0]
    assert counted == len(stored)


def _assert_every_notification_delivered_once(database: Path, slack_state: Path) -> None:
    outbox = Counter(str(row[0]) for row in _rows(database, "select state from outbox"))
    assert set(outbox) <= {"delivered", "superseded"}
    posts = {
        str(row[0])
        for row in _rows(database, "select key from outbox where kind in ('card', 'news') and state = 'delivered'")
    }
    posted = Counter(_keys_in_slack(slack_state))
    assert posted.keys() == posts
    assert set(posted.values()) == {1}
    assert len(posts) >= 2 * TOPICS


def _keys_in_slack(state: Path) -> list[str]:
    messages = json.loads(state.read_text())["messages"]
    found = [message for channel in messages.values() for message in channel]
    return [message["metadata"]["event_payload"]["key"] for message in found if message.get("metadata")]
