"""An incoming webhook of Mattermost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.mattermost import MattermostNotifier, MattermostReceiver, MattermostSettings
from tests.deliver.worlds.base import SECRET, Service, World, service


def answer(request: Request) -> Response:
    """`ok`; 400 in its own shape for what it does not take."""
    post = json.loads(request.get_data())
    if not post["text"] or len(post["attachments"][0]["text"]) > 16_383:
        return Response(json.dumps({"id": "web.incoming_webhook.text.app_error", "message": "No text"}), status=400)
    return Response("ok")


def notifier(made: Service, *, priority: bool = False) -> MattermostNotifier:
    """A notifier that sends there; `TEST_URL` holds the address."""
    return MattermostNotifier(
        MattermostSettings(priority=priority), {"comms": MattermostReceiver(url=Secret(env="TEST_URL"))}
    )


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with service(server, answer) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_URL", f"{made.url}/hooks/{SECRET}")
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(made.bodies(), ensure_ascii=False),
            count=lambda: len(made.bodies()),
            goes_down=made.goes_down,
        )
