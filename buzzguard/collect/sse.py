"""Server-sent events, as the HTML standard frames them: `id`, `event` and `data` lines, an empty line ends an event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

_LONGEST = 1_000_000
"""Bytes of one event: what is longer is given with no data, and marked."""


class Event(NamedTuple):
    """One event. `id` is the last one told, also by events before. `too_long`: its data were thrown away."""

    id: str
    data: str
    name: str = "message"
    too_long: bool = False


class Parser:
    """Reads pieces as they come; an event that is cut by the end of the connection never was."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._after_return = False
        self._skipping = False
        self._id = ""
        self._name = ""
        self._data: list[str] = []
        self._size = 0
        self._too_long = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece completes."""
        if self._after_return and piece[:1] == b"\n":
            piece = piece[1:]
        if piece:
            self._after_return = piece[-1:] == b"\r"
        lines = piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        found: list[Event] = []
        for number, line in enumerate(lines):
            self._extend(line)
            if number < len(lines) - 1:
                event = self._ended()
                if event is not None:
                    found.append(event)
        return found

    def _extend(self, part: bytes) -> None:
        if self._skipping:
            return
        self._line += part
        if len(self._line) > _LONGEST:
            self._too_long = self._skipping = True
            self._line.clear()

    def _ended(self) -> Event | None:
        """A line is whole."""
        if self._skipping:
            self._skipping = False
            return None
        line = self._line.decode("utf-8", "replace").removeprefix("\ufeff")
        self._line.clear()
        if not line:
            return self._dispatched()
        name, _, value = line.partition(":")
        self._field(name, value.removeprefix(" "))
        return None

    def _field(self, name: str, value: str) -> None:
        if name == "data":
            self._size += len(value)
            if self._size <= _LONGEST:
                self._data.append(value)
            else:
                self._too_long = True
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "event":
            self._name = value

    def _dispatched(self) -> Event | None:
        data, name, too_long = self._data, self._name, self._too_long
        self._data, self._name, self._size, self._too_long = [], "", 0, False
        if not (data or too_long):
            return None
        return Event(self._id, "" if too_long else "\n".join(data), name or "message", too_long)


async def events(pieces: AsyncIterator[bytes]) -> AsyncIterator[Event]:
    """The events of an answer, for as long as it lasts."""
    parser = Parser()
    async for piece in pieces:
        for event in parser.feed(piece):
            yield event
