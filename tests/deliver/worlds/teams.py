"""A Workflows webhook of Teams, with its limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.teams import TeamsNotifier, TeamsReceiver, TeamsSettings
from tests.deliver.worlds.base import SECRET, Service, World, service


def answer(request: Request) -> Response:
    """202 and no body; 413 for what is too large, 400 for what is no card of version 1.4."""
    if len(request.get_data()) > 28_672:
        return Response(status=413)
    (attachment,) = json.loads(request.get_data())["attachments"]
    card = attachment["content"]
    known = attachment["contentType"] == "application/vnd.microsoft.card.adaptive" and card["version"] == "1.4"
    return Response(status=202 if known and all(block["text"] for block in card["body"]) else 400)


def notifier(made: Service) -> TeamsNotifier:
    """A notifier that sends there; `TEST_URL` holds the address."""
    return TeamsNotifier(TeamsSettings(), {"comms": TeamsReceiver(url=Secret(env="TEST_URL"))})


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
