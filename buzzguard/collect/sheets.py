"""Exports as spreadsheets (XLSX), row by row in flat memory. Needs openpyxl (`pip install 'buzzguard[xlsx]'`)."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from buzzguard.collect.mapping import looks_like_header
from buzzguard.collect.rows import Report, Row
from buzzguard.errors import ConfigError
from buzzguard.model import Fault

_MAGIC = b"PK\x03\x04"
_PREAMBLE = 60
_MOST_UNPACKED = 8_000_000_000
_MOST_RATIO = 300
"""A sheet packs to a tenth or so; what packs to a thousandth is a bomb."""
_MOST_SHEETS = 20


def is_sheet(path: Path) -> bool:
    """Whether a file is a spreadsheet, by its first bytes and its name."""
    try:
        with path.open("rb") as opened:
            return opened.read(4) == _MAGIC and path.suffix.lower() in (".xlsx", ".xlsm")
    except OSError:
        return False


class SheetRows:
    """The rows of the first sheet that has a usable header; as `Rows`."""

    is_json = False
    progress = 0.0
    """Not known: a sheet does not tell how far it goes."""

    def __init__(self, path: Path, named: Iterable[str] = ()) -> None:
        """Looks at the head of each sheet. Raises ConfigError when the file cannot be read."""
        self._path = path
        self._refuse_bombs()
        wanted = frozenset(named)
        with self._book() as book:
            found = [self._header(book, name, wanted) for name in book.sheetnames[:_MOST_SHEETS]]
        self._sheet, self._before, self.columns = next((one for one in found if one[3]), found[0])[:3]

    def __call__(self, columns: Sequence[str], report: Report) -> Iterator[Row]:
        """Every row, in file order; one that cannot be read ends the sheet, which is reported."""
        wanted = [self.columns.index(column) for column in columns]
        pick = itemgetter(*wanted, *wanted[:1])
        width, number = len(self.columns), self._before + 1
        with self._book() as book:
            try:
                for number, cells in enumerate(book[self._sheet].iter_rows(values_only=True), start=1):
                    if number > self._before + 1 and any(cell is not None for cell in cells):
                        written = [_written(cell) for cell in cells[:width]]
                        yield number, pick([*written, *[""] * (width - len(written))])
            except (ValueError, TypeError, KeyError, zipfile.BadZipFile, OSError):
                report(number, "the file is damaged or ends too early: the rest of it is lost")

    def _header(self, book: Any, name: str, wanted: frozenset[str]) -> tuple[str, int, list[str], bool]:
        """Where a sheet's header stands; whether it is a usable one."""
        rows = book[name].iter_rows(max_row=_PREAMBLE, values_only=True)
        named = [[_written(cell).strip() for cell in cells] for cells in rows]
        for number, row in enumerate(named):
            if (wanted and wanted.issubset(row)) or (not wanted and looks_like_header(row)):
                return name, number, row, True
        return name, 0, named[0] if named else [], False

    @contextmanager
    def _book(self) -> Iterator[Any]:
        try:
            from openpyxl import load_workbook
        except ImportError as error:
            raise _unusable(self._path, "spreadsheets need openpyxl", "pip install 'buzzguard[xlsx]'") from error
        try:
            book = load_workbook(self._path, read_only=True, data_only=True)
        except Exception as error:  # openpyxl raises what its many parsers raise
            raise _unusable(self._path, "this is no spreadsheet that can be read", "save it as CSV") from error
        try:
            yield book
        finally:
            book.close()

    def _refuse_bombs(self) -> None:
        try:
            with zipfile.ZipFile(self._path) as packed:
                entries = packed.infolist()
        except (zipfile.BadZipFile, OSError) as error:
            raise _unusable(self._path, "this is no spreadsheet that can be read", "save it as CSV") from error
        unpacked = sum(entry.file_size for entry in entries)
        ratio = max((entry.file_size / max(entry.compress_size, 1) for entry in entries), default=0)
        if unpacked > _MOST_UNPACKED or ratio > _MOST_RATIO:
            raise _unusable(self._path, "this spreadsheet unpacks to far more than it holds", "save it as CSV")


def _written(cell: Any) -> str:
    """A cell as an export in CSV would have it: whole numbers without a point, times as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return str(cell)


def _unusable(path: Path, message: str, hint: str) -> ConfigError:
    return ConfigError([Fault(file=str(path), line=0, column=0, message=message, hint=hint)])
