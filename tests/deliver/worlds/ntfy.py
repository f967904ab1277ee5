"""A server of ntfy, which keeps what was published and lets it be read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.ntfy import NtfyNotifier, NtfyReceiver, NtfySettings
from tests.deliver.samples import NOW
from tests.deliver.worlds.base import SECRET, Service, World, service

TOPIC = "lumio-crise-9f2c"


class Server:
    """Keeps messages."""

    def __init__(self) -> None:
        self.kept: list[dict[str, object]] = []
        self.readable = True

    def __call__(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return Response(json.dumps({"code": 40101, "http": 401, "error": "unauthorized"}), status=401)
        if request.method == "GET":
            return self._read(request)
        message = json.loads(request.get_data())
        if request.path != "/" or len(message["message"].encode()) > 4096 or not 1 <= message["priority"] <= 5:
            return Response(json.dumps({"code": 40024, "http": 400}), status=400)
        made = {**message, "id": f"m{len(self.kept)}", "time": int(NOW.timestamp()), "event": "message"}
        self.kept.append(made)
        return Response(json.dumps(made))

    def _read(self, request: Request) -> Response:
        if not self.readable:
            return Response(json.dumps({"code": 40301, "http": 403}), status=403)
        assert request.path == f"/{TOPIC}/json"
        since = int(request.args["since"])
        lines = [json.dumps(one) for one in self.kept if isinstance(one["time"], int) and one["time"] >= since]
        return Response("\n".join(lines))


def notifier(made: Service, **receiver: object) -> NtfyNotifier:
    """A notifier that publishes there."""
    to = NtfyReceiver.model_validate({"topic": TOPIC, **receiver})
    return NtfyNotifier(NtfySettings(url=made.url, token=Secret(env="TEST_SECRET")), {"comms": to})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    kept = Server()
    with service(server, kept) as made:
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(kept.kept, ensure_ascii=False),
            count=lambda: len(kept.kept),
            goes_down=made.goes_down,
        )
