"""Twilio's messages: taken as a form, listed by number."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import format_datetime

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.sms import SmsNotifier, SmsReceiver, SmsSettings
from tests.deliver.samples import NOW
from tests.deliver.worlds.base import SECRET, Service, World, service

ACCOUNT = "AC" + "0" * 31 + "1"
TO = "+33600000001"


class Server:
    """Keeps messages."""

    def __init__(self) -> None:
        self.kept: list[dict[str, object]] = []
        self.status, self.now = "queued", NOW

    def __call__(self, request: Request) -> Response:
        signed = base64.b64encode(f"{ACCOUNT}:{SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {signed}":
            return refused(401, 20003)
        assert request.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        if request.method == "GET":
            assert request.args["DateSent>"] == "2026-11-22"
            return Response(json.dumps({"messages": [one for one in self.kept if one["to"] == request.args["To"]]}))
        form = request.form
        assert "StatusCallback" not in form
        if not form["Body"] or len(form["Body"]) > 1600:
            return refused(400, 21617)
        made: dict[str, object] = {"sid": f"SM{len(self.kept):032}", "status": self.status}
        made |= {"to": form["To"], "body": form["Body"], "date_created": format_datetime(self.now)}
        self.kept.append(made)
        return Response(json.dumps(made), status=201)


def refused(status: int, code: int) -> Response:
    """An error in Twilio's shape."""
    return Response(json.dumps({"code": code, "message": "Twilio's words", "status": status}), status=status)


def notifier(made: Service, **settings: object) -> SmsNotifier:
    """A notifier that sends there."""
    given = {"account": ACCOUNT, "token": Secret(env="TEST_SECRET"), "sender": "+33700000002", "base_url": made.url}
    return SmsNotifier(SmsSettings.model_validate(given | settings), {"comms": SmsReceiver(to=TO)})


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
