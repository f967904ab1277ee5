"""A program that takes webhooks, checks their signature and drops what it has already, by `webhook-id`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.secrets import Sealed
from buzzguard.config.settings import Secret
from buzzguard.deliver.webhook import WebhookNotifier, WebhookReceiver, WebhookSettings
from buzzguard.web.signature import refusal
from tests.deliver.samples import NOW
from tests.deliver.worlds.base import SECRET, Service, World, service


def answer(request: Request) -> Response:
    """204 for what is signed rightly."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    refused = refusal(headers, request.get_data(), token=None, secret=Sealed(SECRET), now=NOW)
    return Response(refused, status=401) if refused else Response(status=204)


def notifier(made: Service, **settings: object) -> WebhookNotifier:
    """A notifier that signs and sends there."""
    given = WebhookSettings.model_validate({"signing_secret": Secret(env="TEST_SECRET"), **settings})
    return WebhookNotifier(given, {"comms": WebhookReceiver(url=f"{made.url}/take")})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with service(server, answer) as made:
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(made.bodies(), ensure_ascii=False),
            count=lambda: len({request.headers["webhook-id"] for request in made.asked}),
            goes_down=made.goes_down,
        )
