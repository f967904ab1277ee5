"""What the world of a notifier lets the contract suite do with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from buzzguard.ports import Notifier

SECRET = "s3cr3t-of-the-notifier-0123456789"
"""What no error, log or representation may show; in the environment as `TEST_SECRET`."""


@dataclass(frozen=True)
class World:
    """A notifier with what it talks to.

    `arrived` is all that people can read by now, as one text; `count` how many messages that are (what the service
    itself knows for a repeat counts once).
    """

    notifier: Notifier
    arrived: Callable[[], str]
    count: Callable[[], int]
    goes_down: Callable[[], None]
    secret: str = SECRET


@dataclass
class Service:
    """A loopback service: what was asked of it, and what it answers."""

    url: str
    answer: Callable[[Request], Response]
    asked: list[Request] = field(default_factory=list)
    troubles: list[Response] = field(default_factory=list)
    """Answers given instead, the first first; the last stays when `down`."""
    down: bool = False

    def __call__(self, request: Request) -> Response:
        request.get_data()  # read while the connection is open
        if self.down:
            return Response("down", status=503)
        if self.troubles:
            return self.troubles.pop(0)
        self.asked.append(request)
        return self.answer(request)

    def bodies(self) -> list[Any]:
        """The JSON that was sent, request by request."""
        return [json.loads(request.get_data()) for request in self.asked if request.method != "GET"]

    def goes_down(self) -> None:
        """Answer 503 from now on."""
        self.down = True


@contextmanager
def service(server: HTTPServer, answer: Callable[[Request], Response]) -> Iterator[Service]:
    """The server as one service, whatever path is asked for."""
    made = Service(url=f"http://127.0.0.1:{server.port}", answer=answer)
    server.expect_request(_Any()).respond_with_handler(made)
    yield made


class _Any(str):
    """Equal to every path."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    __hash__ = str.__hash__
