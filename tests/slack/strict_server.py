"""A strict Slack on loopback: real HTTP, real WebSockets, faults on demand.

In a test: `with StrictSlack() as slack:` and `slack.base_url`. As a program, for tests that kill it:
`python -m tests.slack.strict_server --port 8888 --state slack.json`; what was posted survives in the state file, and
`POST /_control/fail` and `POST /_control/click` do what the methods of the same name do.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import json
import random
import socket
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.slack.refusing import RateLimited, Refused
from tests.slack.websocket import Connection, accept_key
from tests.slack.workspace import APP_TOKEN, CHANNEL, SIGNING_SECRET, TEAM, Json, Workspace

_JSON_FIELDS = ("blocks", "attachments", "metadata", "files", "view")
_HTML = "<!DOCTYPE html><html><body>Slack is having trouble</body></html>"


@dataclass
class Fault:
    """What goes wrong with the next calls of a method.

    `error`: Slack's own, with HTTP 200. `status`: an HTML answer of that status (429 and 503 with Retry-After).
    `drop`: the line is cut before the call is processed; `drop_after_processing`: once it has been.
    """

    error: str = ""
    status: int = 0
    retry_after: int | None = None
    drop: bool = False
    drop_after_processing: bool = False
    delay: float = 0.0
    body: str = ""
    times: int = 1


class StrictSlack:
    """The server, on a port of its own unless one is given."""

    def __init__(self, workspace: Workspace | None = None, *, port: int = 0, drop_rate: float = 0.0) -> None:
        self.workspace = workspace or Workspace()
        self.connections: list[Connection] = []
        self._faults: dict[str, list[Fault]] = {}
        self._drop_rate = drop_rate
        self._random = random.Random(port)
        self._server = _Server(("127.0.0.1", port), _Handler, slack=self)
        self.port = self._server.server_address[1]
        self.base_url = f"http://127.0.0.1:{self.port}/api/"
        self.workspace.base_url = f"http://127.0.0.1:{self.port}/"
        self.workspace.socket_url = f"ws://127.0.0.1:{self.port}/link/?ticket=t&app_id=A0BUZZ0001"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> StrictSlack:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Go down: lines are cut, what was posted stays."""
        for connection in self.connections:
            connection.cut()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def fail_next(self, method: str, **fault: Any) -> None:
        """The next calls of `method` (`times`, 1 by default) go wrong; see `Fault`. `upload` is the upload address."""
        self._faults.setdefault(method, []).append(Fault(**fault))

    def messages(self, channel: str = CHANNEL) -> list[Json]:
        """Every message of a channel, replies included, oldest first."""
        return self.workspace.messages(channel)

    def roots(self, channel: str = CHANNEL) -> list[Json]:
        """The messages that are not replies."""
        return self.workspace.roots(channel)

    def next_fault(self, method: str) -> Fault | None:
        """What goes wrong now, if anything."""
        with self.workspace.lock:
            waiting = self._faults.get(method)
            if not waiting:
                dropped = method.startswith("chat.") and self._random.random() < self._drop_rate
                return Fault(drop_after_processing=True) if dropped else None
            waiting[0].times -= 1
            return waiting.pop(0) if waiting[0].times <= 0 else waiting[0]

    def click(self, ts: str, action: str, value: str, **more: Any) -> str:
        """Press a button; the id of the envelope sent over Socket Mode. `more` goes to `block_actions`."""
        envelope = str(uuid.uuid4())
        payload = block_actions(
            ts=ts, action=action, value=value, **{"trigger": self.workspace.windows.trigger()} | more
        )
        message = {"type": "interactive", "envelope_id": envelope, "accepts_response_payload": False}
        self._line().send({**message, "payload": payload})
        return envelope

    def hand_in(self, kind: str, payload: Json) -> Json:
        """Send an envelope that asks for an answer; the body that the app acknowledges it with, within 3 seconds."""
        envelope = str(uuid.uuid4())
        line = self._line()
        line.send({"type": kind, "envelope_id": envelope, "accepts_response_payload": True, "payload": payload})
        assert line.wait_for_ack(envelope, 3.0), "not acknowledged within 3 s"
        (answer,) = [message for message in line.received if message.get("envelope_id") == envelope]
        body: Json = answer.get("payload", {})
        return body

    def send(self, message: Json) -> None:
        """Any message over Socket Mode."""
        self._line().send(message)

    def acknowledged(self, envelope: str) -> bool:
        """Whether the app acknowledges the envelope within Slack's 3 seconds."""
        return any(line.wait_for_ack(envelope, 3.0) for line in list(self.connections) if line.open)

    def _line(self) -> Connection:
        return next(line for line in reversed(self.connections) if line.open)


def block_actions(
    *,
    ts: str = "1795328460.000247",
    action: str = "take_charge",
    value: str = "inc-42",
    channel: str = CHANNEL,
    user: str = "U0CLAIRE01",
    name: str = "claire",
    action_ts: str = "1795328475.123456",
    label: str = "Prendre en charge",
    trigger: str = "111.222.abcdef",
    menu: bool = False,
) -> Json:
    """The payload of a pressed button, as Slack sends it; of a chosen option of a menu where it is one."""
    text = {"type": "plain_text", "text": label, "emoji": True}
    pressed: Json = {"action_id": action, "block_id": "inc", "type": "button", "action_ts": action_ts}
    shown: Json = {"value": value, "text": text}
    if menu:
        pressed["type"], shown = "overflow", {"selected_option": {"value": value, "text": text}}
    return {
        "type": "block_actions",
        "api_app_id": "A0BUZZ0001",
        "token": "verification_token",
        "team": {"id": TEAM, "domain": "lumio"},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM},
        "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
        "trigger_id": trigger,
        "channel": {"id": channel, "name": "alertes-buzz"},
        "message": {"type": "message", "bot_id": "B0BUZZ0001", "text": "Alerte", "ts": ts, "blocks": []},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T0BUZZ0001/1/xyz",
        "actions": [{**pressed, **shown}],
    }


def sign(body: bytes, at: int, secret: str = SIGNING_SECRET) -> dict[str, str]:
    """The headers of a signed request."""
    made = hmac.new(secret.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={made}"}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], *, slack: StrictSlack) -> None:
        self.slack = slack
        super().__init__(address, handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/link/":
            self._websocket()
        elif path.startswith("/_control/messages/"):
            self._answer(200, json.dumps(self.server.slack.messages(path.rsplit("/", 1)[1])))
        else:
            self._answer(404, "not found")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        if path.startswith("/api/"):
            self._method(path.removeprefix("/api/"), body)
        elif path.startswith("/upload/v1/"):
            self._upload(path.rsplit("/", 1)[1], body)
        elif path.startswith("/_control/"):
            self._control(path.removeprefix("/_control/"), json.loads(body or b"{}"))
        else:
            self._answer(404, "not found")

    def _method(self, method: str, body: bytes) -> None:
        fault = self.server.slack.next_fault(method)
        if fault is not None and self._goes_wrong(fault):
            return
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        status, headers, answer = self._process(method, token, _arguments(body, self.headers.get("Content-Type") or ""))
        if fault is not None and fault.drop_after_processing:
            self._cut()
            return
        self._answer(status, json.dumps(answer), headers)

    def _process(self, method: str, token: str, arguments: Json) -> tuple[int, dict[str, str], Json]:
        workspace = self.server.slack.workspace
        headers = {"x-oauth-scopes": ",".join(workspace.scopes)}
        try:
            return 200, headers, workspace.call(method, token, arguments)
        except Refused as refused:
            return 200, headers, refused.answer
        except RateLimited as limited:
            return 429, {"Retry-After": str(limited.retry_after)}, {"ok": False, "error": "ratelimited"}

    def _goes_wrong(self, fault: Fault) -> bool:
        """Whether the call ends here."""
        if fault.delay:
            time.sleep(fault.delay)
        if fault.drop:
            self._cut()
            return True
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        if fault.status or fault.body:
            limited = json.dumps({"ok": False, "error": "ratelimited"})
            body = fault.body or (limited if fault.status == 429 else _HTML)
            self._answer(fault.status or 200, body, headers, kind="text/html" if body.startswith("<") else "")
            return True
        if fault.error:
            answer = {"ok": False, "error": fault.error} | (
                {"needed": "chat:write"} if fault.error == "missing_scope" else {}
            )
            self._answer(200, json.dumps(answer), headers)
            return True
        return False

    def _upload(self, file_id: str, body: bytes) -> None:
        fault = self.server.slack.next_fault("upload")
        if fault is not None and self._goes_wrong(fault):
            return
        if self.headers.get("Authorization"):
            self._answer(400, "no token belongs here")
        elif self.server.slack.workspace.receive_upload(file_id, body):
            self._answer(200, f"OK - {len(body)}", kind="text/plain")
        else:
            self._answer(404, "not found")

    def _control(self, what: str, arguments: Json) -> None:
        if what == "fail":
            self.server.slack.fail_next(arguments.pop("method"), **arguments)
        elif what == "click":
            self.server.slack.click(**arguments)
        self._answer(200, "{}")

    def _websocket(self) -> None:
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept_key(self.headers.get("Sec-WebSocket-Key") or ""))
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        connection = Connection(self.connection)
        connection.send({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0BUZZ0001"}})
        self.server.slack.connections.append(connection)
        connection.serve()

    def _cut(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, status: int, body: str, headers: dict[str, str] | None = None, *, kind: str = "") -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind or "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _arguments(body: bytes, kind: str) -> Json:
    if "json" in kind:
        found = json.loads(body or b"{}")
        return found if isinstance(found, dict) else {}
    fields = {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    return {name: json.loads(value) if name in _JSON_FIELDS else value for name, value in fields.items()}


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--channel", action="append", default=[])
    parser.add_argument("--drop-rate", type=float, default=0.0, help="share of posts whose answer is lost")
    given = parser.parse_args()
    workspace = Workspace(channels=tuple(given.channel) or (CHANNEL,), state_file=given.state)
    slack = StrictSlack(workspace, port=given.port, drop_rate=given.drop_rate)
    print(f"strict slack at {slack.base_url} app token {APP_TOKEN}", flush=True)
    with slack:
        threading.Event().wait()


if __name__ == "__main__":
    main()
