"""What a world lets the contract suite do with it."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pytest_httpserver import HTTPServer
from werkzeug import Response

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
"""The instant at which sources are polled."""
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
"""The instant of the first mention published; each next one is a minute younger."""

Trouble = Literal["", "refused", "limited", "down", "web_page", "cut"]
"""What the server answers instead: `refused` (the credential is wrong), `limited` (too many requests; asks to wait
`World.wait`), `down` (503), `web_page` (200 with HTML), `cut` (the document ends in the middle); empty: nothing."""


class World(ABC):
    """One stream of one service. Texts are published one by one; each becomes one mention."""

    troubles: ClassVar[frozenset[Trouble]] = frozenset(("refused", "limited", "down", "web_page", "cut"))
    """Those that the protocol knows."""
    wait: ClassVar[timedelta] = timedelta(seconds=90)
    """What `limited` asks for, in the service's own spelling."""
    page: ClassVar[int] = 0
    """Records on one page; 0: the service has no pages."""
    live = False
    """Whether the service pushes. The suite then polls several times for what has been published."""
    counts: ClassVar[bool] = False
    """Whether the service gives counts only: each text published counts one more."""
    secrets: ClassVar[tuple[str, ...]] = ()
    """Credentials in the settings, which no error may show. Set in the environment as `SECRET_0`, `SECRET_1`, …"""

    def __init__(self, server: HTTPServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.texts: list[str] = []
        self.spoilt: set[str] = set()
        self.trouble: Trouble = ""

    async def start(self) -> None:  # noqa: B027 - most worlds need none
        """Open what is not served by `server`."""

    async def stop(self) -> None:  # noqa: B027 - most worlds need none
        """Close it."""

    def publish(self, *texts: str) -> None:
        """Say these, each a minute after the one before."""
        self.texts += texts

    def spoil(self, text: str) -> None:
        """Publish a record of which no mention can be made: no id, nulls, other types than documented."""
        self.spoilt.add(text)
        self.publish(text)

    def at(self, text: str) -> datetime:
        """When a text was published."""
        return START + timedelta(minutes=self.texts.index(text))

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The source's own settings to read this world."""

    @abstractmethod
    def missing(self) -> dict[str, Any]:
        """Settings that lead nowhere."""


def reply(body: object, status: int = 200, **headers: str) -> Response:
    """A JSON answer; header names are written with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(body), status, named, content_type="application/json; charset=utf-8")


def web_page() -> Response:
    """A page for people."""
    return Response(
        "<!doctype html><html><title>Maintenance</title><p>Back soon</p></html>", 200, content_type="text/html"
    )


def cut(response: Response) -> Response:
    """The first half of a document, sent as if it were whole."""
    body = response.get_data()
    return Response(body[: len(body) // 2], response.status_code, content_type=response.content_type)
