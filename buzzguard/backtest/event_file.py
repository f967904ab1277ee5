"""Events from a CSV file: start, topic, name and, if it is known, end."""

from __future__ import annotations

import csv
from pathlib import Path

from buzzguard.backtest.plan import Event, EventReader
from buzzguard.config.words import safe, show
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_MOST_BYTES = 2_000_000
_MOST_EVENTS = 5_000
_COLUMNS = ("start", "topic", "name", "end")


def read_events(path: Path, reader: EventReader) -> list[Event]:
    """The events of a file, whose first line may name its columns. Raises ConfigError with every fault in it."""
    file = str(path)
    rows = _rows(path)
    order = _columns(rows[0][1]) if rows else None
    events: list[Event] = []
    faults: list[Fault] = []
    for line, cells in rows[1:] if order else rows:
        values = dict(zip(order or _COLUMNS, cells, strict=False))
        place = Fault(file=file, line=line, column=1, message="")
        read = reader.event(
            values.get("start", ""),
            values.get("topic", ""),
            values.get("name", ""),
            end=values.get("end", ""),
            place=place,
        )
        if isinstance(read, Event):
            events.append(read)
        else:
            faults.append(read)
    if faults:
        raise ConfigError(faults)
    if not events:
        raise ConfigError([_fault(file, 0, "the file holds no event", "write a line `start,topic,name` for each")])
    return events


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        raise ConfigError([_fault(str(path), 0, message, "")]) from error
    if len(content) > _MOST_BYTES:
        raise ConfigError([_fault(str(path), 0, "the file is larger than 2 MB", "it should hold one line an event")])
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError([_fault(str(path), line, "the file is not UTF-8", "save it as UTF-8")]) from error
    rows = [(number, cells) for number, text in enumerate(lines, 1) if (cells := _cells(text, path, number))]
    if len(rows) > _MOST_EVENTS:
        raise ConfigError([_fault(str(path), 0, f"the file holds more than {_MOST_EVENTS} events", "")])
    return rows


def _cells(text: str, path: Path, line: int) -> list[str]:
    """The cells of a line; none for an empty one and for a comment."""
    if not text.strip() or text.lstrip().startswith("#"):
        return []
    separator = max(",;\t", key=text.count)
    try:
        return [cell.strip() for cell in next(csv.reader([text], delimiter=separator, strict=True))]
    except csv.Error as error:
        raise ConfigError([_fault(str(path), line, f"the line cannot be read: {safe(str(error))}", "")]) from error


def _columns(cells: list[str]) -> list[str] | None:
    """The names of the columns where the first line is a heading. Raises nothing: an odd heading is an odd event."""
    names = [show(cell).lower() for cell in cells]
    return names if "start" in names else None


def _fault(file: str, line: int, message: str, hint: str) -> Fault:
    return Fault(file=file, line=line, column=1 if line else 0, message=message, hint=hint)
