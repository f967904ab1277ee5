"""What the notifier `slack` talks to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pytest_httpserver import HTTPServer

from tests.deliver.worlds.base import World
from tests.slack.fixtures import notifier
from tests.slack.strict_server import StrictSlack
from tests.slack.workspace import BOT_TOKEN


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    with StrictSlack() as slack:
        yield World(
            notifier=notifier(slack),
            arrived=lambda: str(slack.messages()),
            count=lambda: len(slack.messages()),
            goes_down=slack.stop,
            secret=BOT_TOKEN,
        )
