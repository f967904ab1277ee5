"""The program `local-slack` (npm package `local-slack-linux-x64`), started by a fixture: a Slack that others wrote."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from websockets.sync.client import connect

from tests.slack.windows import filled
from tests.slack.workspace import APP_TOKEN, BOT_TOKEN, BOT_USER, CHANNEL, SIGNING_SECRET, TEAM

PERSON = "U0CLAIRE01"
_ROOT = Path(__file__).parents[2]
_ABSENT = "local-slack is not installed (npm install local-slack-linux-x64)"
_opener = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class LocalSlack:
    """A running local-slack. `page` is what a browser opens."""

    page: str

    @property
    def base_url(self) -> str:
        """Of the Web API."""
        return f"{self.page}/api/"

    def messages(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        """Every message of a channel, replies and ephemeral ones included, oldest first."""
        found: list[dict[str, Any]] = self._ask(f"/_control/messages/{channel}")["messages"]
        return found

    def log(self) -> list[dict[str, Any]]:
        """What passed between the app and Slack."""
        found: list[dict[str, Any]] = self._ask("/_control/log")["log"]
        return found

    def press(self, message: dict[str, Any], action: str, what: str = "", *, channel: str = CHANNEL) -> None:
        """A person presses the button `action` of a message, or chooses its option `what`; returns once the app has
        acknowledged, or 5 s later."""
        (button,) = [
            {**element, "block_id": block.get("block_id")}
            for block in message["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element["action_id"] == action
        ]
        if what:
            (chosen,) = [one for one in button.pop("options") if one["value"].endswith(f"|{what}")]
            button["selected_option"] = chosen
        pressed = {"channel": channel, "messageTs": message["ts"], "user": PERSON, "action": button}
        self._ask("/_control/interact", pressed)

    def window(self) -> dict[str, Any] | None:
        """The modal that is open; None when none is."""
        with connect(f"{self.page.replace('http', 'ws')}/ui", proxy=None) as line:
            return _top(json.loads(line.recv(5))["state"]["modalStack"])

    def submit(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """A person fills in the modal that is open and submits it; the errors shown in it, none when it closed."""
        with connect(f"{self.page.replace('http', 'ws')}/ui", proxy=None) as line:
            view = _top(json.loads(line.recv(5))["state"]["modalStack"])
            assert view is not None, "no modal is open"
            values = filled(view, answers)["view"]["state"]["values"]
            line.send(json.dumps({"t": "view_submit", "user": PERSON, "values": values}))
            while True:
                heard = json.loads(line.recv(5))
                if heard["t"] == "view_errors":
                    found: dict[str, Any] = heard["errors"]
                    return found
                if heard["t"] == "view":
                    return {}

    def fetch(self, path: str) -> bytes:
        """The bytes at an address of the server, asked for by the app."""
        request = Request(path, headers={"Authorization": f"Bearer {BOT_TOKEN}"})
        with _opener.open(request, timeout=5) as answer:
            return bytes(answer.read())

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.page + path, data=data, headers={"Content-Type": "application/json"})
        with _opener.open(request, timeout=10) as answer:
            found: dict[str, Any] = json.loads(answer.read())
            return found


def _top(stack: list[dict[str, Any]]) -> dict[str, Any] | None:
    return stack[-1] if stack else None


def find_program() -> Path | None:
    """Where local-slack is installed: `BUZZGUARD_LOCAL_SLACK`, the repository's node_modules, or the PATH."""
    named = os.environ.get("BUZZGUARD_LOCAL_SLACK")
    on_path = shutil.which("local-slack")
    places = [
        Path(named) if named else None,
        _ROOT / "node_modules" / ".bin" / "local-slack",
        _ROOT / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack",
        Path(on_path) if on_path else None,
    ]
    return next((place for place in places if place is not None and place.is_file()), None)


def config(request_url: str = "") -> str:
    """A workspace with one app, one person and the channel; over HTTP when a `request_url` is given."""
    mode: dict[str, str] = {"mode": "events", "requestUrl": request_url} if request_url else {"mode": "socket"}
    app = {
        "appId": "A0BUZZ0001",
        "botUserId": BOT_USER,
        "botName": "BuzzGuard",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SIGNING_SECRET,
        **mode,
    }
    workspace = {"name": "Lumio", "domain": "lumio", "teamId": TEAM}
    users = [{"id": PERSON, "name": "claire", "real_name": "Claire Morel"}]
    channels = [{"id": CHANNEL, "name": "alertes-buzz", "members": [BOT_USER, PERSON]}]
    return json.dumps({"workspace": workspace, "apps": [app], "users": users, "channels": channels})


def run_local_slack(folder: Path, *, request_url: str = "") -> Iterator[LocalSlack]:
    """Start local-slack in `folder`, hand it over, end it. Skips where the program is absent.

    With `BUZZGUARD_REQUIRE_LOCAL_SLACK=1` its absence is a failure.
    """
    program = find_program()
    if program is None:
        if os.environ.get("BUZZGUARD_REQUIRE_LOCAL_SLACK") == "1":
            pytest.fail(_ABSENT)
        pytest.skip(_ABSENT)
    path = folder / "workspace.json"
    path.write_text(config(request_url), "utf-8")
    port = _free_port()
    command = [str(program), "--config", str(path), "--port", str(port), "--base-host", "127.0.0.1"]
    with (folder / "local-slack.log").open("wb") as log:
        process = subprocess.Popen([*command, "--files-dir", str(folder / "files")], stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder / "local-slack.log")
        yield LocalSlack(page=f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def local_slack(tmp_path: Path) -> Iterator[LocalSlack]:
    """A fresh local-slack whose app listens over Socket Mode."""
    yield from run_local_slack(tmp_path)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        if process.poll() is not None:
            pytest.fail(f"local-slack ended at once: {log.read_text('utf-8')[-500:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("local-slack did not start within 10 s")
