"""A recording's file → rows: CSV or JSON Lines, plain or packed, in any usual charset, one line at a time."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from buzzguard.collect.charset import FALLBACK
from buzzguard.collect.mapping import looks_like_header
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

Row: TypeAlias = tuple[int, Sequence[str]]
"""Line number, and the values of the wanted columns (empty where a row has none)."""
Report: TypeAlias = Callable[[int, str], None]
"""Is told of each bad row: its line, and what is wrong."""

_LONGEST_LINE = 1_000_000
_LONGEST_RECORD = 200
"""Lines that one quoted CSV record may span: a quote that is never closed costs its own row, not the rest."""
_PREAMBLE = 60
"""Lines among which the header is looked for: Brandwatch puts half a dozen before it."""
_HEAD_LINES = 1_000
"""Lines looked at to learn what a file is."""
_DELIMITERS = ",;\t|"
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_PIECE = 1_024
"""Packed bytes taken at once: of an honest file some 5 kB, of a bomb some 30 MB."""
_BROKEN = (EOFError, zlib.error, gzip.BadGzipFile, OSError)


class Rows:
    """The rows of one file. Opened anew by each iteration, so that it can be read more than once."""

    def __init__(self, path: Path, named: Iterable[str] = ()) -> None:
        """Looks at the head of the file. Raises ConfigError when it cannot be read as CSV or JSON Lines.

        `named` are columns that its header is known to have: exports put a block of their own before it.
        """
        self._path = path
        self._size = path.stat().st_size if path.exists() else 0
        self._packed: io.BufferedIOBase | io.RawIOBase | None = None
        with self._open() as text:
            first = _first_line(text, self._path)
        self.is_json = first.lstrip().startswith("{")
        if first.lstrip().startswith("["):
            raise _unusable(path, "this is one JSON list", "write one JSON object a line (JSON Lines)")
        self._before, self._delimiter, found = (0, "", []) if self.is_json else self._header(frozenset(named))
        self.columns = self._json_keys() if self.is_json else found

    def __call__(self, columns: Sequence[str], report: Report) -> Iterator[Row]:
        """Every good row, in file order. Bad ones go to `report`; so does a file that breaks off."""
        with self._open() as text:
            lines = _Lines(text, report)
            read = self._json_rows if self.is_json else self._csv_rows
            try:
                yield from read(lines, columns, report)
            except _BROKEN:
                report(lines.number, "the file is damaged or ends too early: the rest of it is lost")

    @property
    def progress(self) -> float:
        """Which part of the file the iteration that runs has read, 0 to 1."""
        if self._packed is None or self._packed.closed or not self._size:
            return 0.0
        return min(self._packed.tell() / self._size, 1.0)

    def _open(self) -> io.TextIOWrapper:
        try:
            self._packed, unpacked = _unpacked(self._path)
            return _as_text(unpacked)
        except _BROKEN as error:
            reason = getattr(error, "strerror", None)
            raise _unusable(
                self._path, f"cannot be read: {reason.lower()}" if reason else "the file is damaged"
            ) from error

    def _json_keys(self) -> list[str]:
        """The keys of the first rows that can be read: a row may leave out what it has not."""
        keys: dict[str, None] = {}
        with self._open() as text:
            for _ in range(_HEAD_LINES):
                row = _leniently(text.readline(_LONGEST_LINE))
                if isinstance(row, dict):
                    keys.update(dict.fromkeys(row))
        return list(keys)

    def _header(self, named: frozenset[str]) -> tuple[int, str, list[str]]:
        """How many lines stand before the header, its delimiter and its names.

        The first line that holds the columns named or looks like a header; else the first one that is not empty.
        """
        with self._open() as text:
            head = [text.readline(_LONGEST_LINE) for _ in range(_PREAMBLE)]
        rows = [_header_row(line, head[0]) for line in head]
        usable = (number for number, (_, names) in enumerate(rows) if _is_header(names, named))
        first = next(number for number, line in enumerate(head) if line.strip())
        if _is_separator(head[first]):
            first += 1
        number = next(usable, min(first, len(rows) - 1))
        return number, *rows[number]

    def _csv_rows(self, lines: _Lines, columns: Sequence[str], report: Report) -> Iterator[Row]:
        wanted = [self.columns.index(column) for column in columns]
        pick: Callable[[Sequence[str]], Sequence[str]] = itemgetter(*wanted, *wanted[:1])
        width = len(self.columns)
        for _ in range(self._before):
            next(lines, None)
        records = _records(lines, self._delimiter, width)
        next(records, None)  # the header
        for number, values in records:
            if values is None:
                report(number, "quotes do not match, or the row has more columns than the header")
            elif len(values) < width:
                yield number, pick([*values, *[""] * (width - len(values))])
            else:
                yield number, pick(values)

    def _json_rows(self, lines: _Lines, columns: Sequence[str], report: Report) -> Iterator[Row]:
        decode = msgspec.json.Decoder().decode
        for number, line in lines:
            if not line.strip():
                continue
            try:
                row = decode(line)
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                row = _leniently(line)
            if isinstance(row, dict):
                yield number, [_cell(row, column) for column in columns]
            else:
                report(number, "not valid JSON" if row is None else "not a JSON object")


class _Lines:
    """Numbered lines of a text; one that is too long is reported and skipped."""

    def __init__(self, text: io.TextIOWrapper, report: Report) -> None:
        self._text = text
        self._report = report
        self._again: deque[tuple[int, str]] = deque()
        self.number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        return self

    def __next__(self) -> tuple[int, str]:
        if self._again:
            return self._again.popleft()
        line = self._text.readline(_LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) < _LONGEST_LINE or line.endswith("\n"):
            return self.number, line.replace("\0", "") if "\0" in line else line
        self._report(self.number, "the line is longer than a million characters")
        while line and not line.endswith("\n"):
            line = self._text.readline(_LONGEST_LINE)
        return next(self)

    def put_back(self, lines: Sequence[tuple[int, str]]) -> None:
        """Give these lines out again, before any other."""
        self._again.extendleft(reversed(lines))


def _records(lines: _Lines, delimiter: str, width: int) -> Iterator[tuple[int, list[str] | None]]:
    """CSV records, each with the line it begins on; None for one that cannot be read."""
    for number, line in lines:
        if '"' not in line:
            bare = line.rstrip("\r\n")
            if bare:
                yield number, _fitting(bare.split(delimiter), width)
        else:
            yield number, _quoted(lines, line, delimiter=delimiter, width=width)


def _quoted(lines: _Lines, line: str, *, delimiter: str, width: int) -> list[str] | None:
    """A record with quotes, which may go on over the following lines."""
    taken: list[tuple[int, str]] = []
    text = line
    while text.count('"') % 2 and len(taken) < _LONGEST_RECORD:
        following = next(lines, None)
        if following is None:
            break
        taken.append(following)
        text += following[1]
    values = _fitting(_fields(text, delimiter, strict=True), width)
    if values is not None or not taken:
        return values
    # A stray quote: the lines after it are rows of their own.
    lines.put_back(taken)
    return _fitting(_fields(line, delimiter, strict=True), width)


def _fitting(values: list[str] | None, width: int) -> list[str] | None:
    while values and len(values) > width and not values[-1]:
        values.pop()
    return values if values is not None and len(values) <= width else None


def _fields(text: str, delimiter: str, *, strict: bool = False) -> list[str] | None:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=strict), [])
    except csv.Error:
        return None


def _leniently(line: str) -> object:
    """A JSON line that the strict parser refuses: half an emoji, cut by the service that exported it, is replaced."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return json.loads(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace"))


def _cell(row: dict[str, Any], column: str) -> str:
    """The value of a key, or of a path `user.name`, as text."""
    value: Any = row.get(column)
    if value is None and "." in column and column not in row:
        value = row
        for step in column.split("."):
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return "" if value is None else str(value)


def _header_row(line: str, first: str) -> tuple[str, list[str]]:
    """The delimiter and the names of a line taken as the header; `first` may declare the delimiter (`sep=;`)."""
    delimiter = first[4] if _is_separator(first) else _delimiter(line)
    return delimiter, [name.strip() for name in _fields(line, delimiter) or []]


def _is_header(names: Sequence[str], named: frozenset[str]) -> bool:
    return named.issubset(names) if named else looks_like_header(names)


def _is_separator(line: str) -> bool:
    return line.lower().startswith("sep=") and len(line.rstrip("\r\n")) == 5


def _delimiter(line: str) -> str:
    unquoted = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


def _first_line(text: io.TextIOWrapper, path: Path) -> str:
    try:
        for _ in range(_HEAD_LINES):
            line = text.readline(_LONGEST_LINE)
            if line.strip() or not line:
                break
    except (*_BROKEN, UnicodeError) as error:
        raise _unusable(path, "the file is damaged") from error
    if not line.strip():
        raise _unusable(path, "the file is empty")
    return line


def _unpacked(path: Path) -> tuple[io.RawIOBase | io.BufferedIOBase, io.RawIOBase | io.BufferedIOBase]:
    """The file, and its bytes unpacked by what the first of them say."""
    with path.open("rb") as opened:
        magic = opened.read(4)
    if magic.startswith(_GZIP_MAGIC):
        gzipped = path.open("rb")
        return gzipped, _GzipStream(gzipped)
    if magic != _ZSTD_MAGIC:
        plain = path.open("rb", buffering=0)
        return plain, plain
    import zstandard

    packed = path.open("rb")
    return packed, _ZstdStream(packed, zstandard.ZstdDecompressor(max_window_size=2**27), zstandard.ZstdError)


class _GzipStream(gzip.GzipFile):
    """What a gzip file holds; closes the file too."""

    def __init__(self, packed: io.BufferedReader) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._file = packed

    def close(self) -> None:
        super().close()
        self._file.close()


class _ZstdStream(io.RawIOBase):
    """What a zstd file holds. Unlike zstandard's own reader it notices that the file ends in the middle of a frame."""

    def __init__(self, packed: io.BufferedReader, unpack: Any, broken: type[Exception]) -> None:
        self._packed = packed
        self._unpack = unpack
        self._broken = broken
        self._frame: Any = None
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and self._more():
            pass
        taken = len(self._ready[: len(buffer)])
        buffer[:taken] = self._ready[:taken]
        self._ready = self._ready[taken:]
        return taken

    def _more(self) -> bool:
        """Unpack the next piece; returns whether there was one."""
        piece = (self._frame.unused_data if self._frame and self._frame.eof else b"") or self._packed.read(_ZSTD_PIECE)
        if not piece:
            if self._frame is not None and not self._frame.eof:
                raise EOFError
            return False
        if self._frame is None or self._frame.eof:
            self._frame = self._unpack.decompressobj()
        try:
            self._ready = self._frame.decompress(piece)
        except self._broken as error:
            raise OSError("damaged") from error
        return True

    def close(self) -> None:
        self._packed.close()
        super().close()


def _as_text(raw: io.RawIOBase | io.BufferedIOBase) -> io.TextIOWrapper:
    buffered = io.BufferedReader(raw, 1 << 16)
    head = buffered.peek(4)[:4]
    encoding = "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif len(head) == 4 and head.count(0) == 2:
        encoding = "utf-16-le" if head[1] == 0 else "utf-16-be"
    return io.TextIOWrapper(
        buffered, encoding=encoding, errors=FALLBACK if encoding == "utf-8-sig" else "replace", newline=""
    )


def _unusable(path: Path, message: str, hint: str = "") -> ConfigError:
    return ConfigError([Fault(file=str(path), line=0, column=0, message=message, hint=hint)])
