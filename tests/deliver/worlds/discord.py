"""A webhook of Discord: messages posted and edited, with their limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.config.settings import Secret
from buzzguard.deliver.discord import DiscordNotifier, DiscordReceiver, DiscordSettings
from tests.deliver.worlds.base import SECRET, Service, World, service


def units(text: str) -> int:
    """As Discord counts."""
    return len(text.encode("utf-16-le")) // 2


def answer(request: Request) -> Response:
    """The message made; 400 for what is beyond the limits."""
    message = json.loads(request.get_data())
    (embed,) = message["embeds"]
    limits = ((message["content"], 2000), (embed["title"], 256), (embed["description"], 4096))
    assert message["allowed_mentions"] == {"parse": []}
    if any(not 0 < units(text) <= limit for text, limit in limits):
        return Response(json.dumps({"code": 50035, "message": "Invalid Form Body"}), status=400)
    if request.method == "PATCH":
        return Response(json.dumps({"id": request.path.rpartition("/")[2]}), status=200)
    assert request.args["wait"] == "true"
    answer.made += 1  # type: ignore[attr-defined]  # ids are unique
    return Response(json.dumps({"id": f"11{answer.made:016}"}), status=200)  # type: ignore[attr-defined]


answer.made = 0  # type: ignore[attr-defined]


def shown(made: Service) -> dict[str, str]:
    """What stands there, by message: the newest text of each."""
    posts = [request for request in made.asked if request.method == "POST"]
    texts = {str(at): request.get_data(as_text=True) for at, request in enumerate(posts)}
    edits = [request for request in made.asked if request.method == "PATCH"]
    return texts | {request.path: request.get_data(as_text=True) for request in edits}


def notifier(made: Service) -> DiscordNotifier:
    """A notifier that sends there; `TEST_URL` holds the address."""
    return DiscordNotifier(DiscordSettings(), {"comms": DiscordReceiver(url=Secret(env="TEST_URL"))})


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with service(server, answer) as made, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_URL", f"{made.url}/hooks/{SECRET}")
        yield World(
            notifier=notifier(made),
            arrived=lambda: json.dumps(made.bodies(), ensure_ascii=False),
            count=lambda: len([1 for request in made.asked if request.method == "POST"]),
            goes_down=made.goes_down,
        )
