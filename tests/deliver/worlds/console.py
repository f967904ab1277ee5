"""What the notifier `console` prints on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytest_httpserver import HTTPServer
from rich.console import Console

from buzzguard import plugins
from buzzguard.deliver.console import ConsoleNotifier
from tests.deliver.worlds.base import World


@contextmanager
def world(server: HTTPServer) -> Iterator[World]:
    paper = io.StringIO()
    written: list[int] = []

    class Paper(io.StringIO):
        def write(self, text: str) -> int:
            return paper.write(text)

        def flush(self) -> None:
            written.append(len(paper.getvalue()))

    screen = Paper()
    settings: Any = plugins.settings_model("notifier", "console")()
    to = ConsoleNotifier(settings, {}, console=Console(file=screen, width=100))
    yield World(notifier=to, arrived=paper.getvalue, count=lambda: len(set(written)), goes_down=lambda: _break(screen))


def _break(screen: io.StringIO) -> None:
    def refuse(_: str) -> int:
        raise OSError("the terminal is gone")

    screen.write = refuse  # type: ignore[method-assign]  # a terminal that hangs up, not a class of ours
