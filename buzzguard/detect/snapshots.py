"""The state of one topic as bytes: every array's row, with its name and shape, so that a change of form is noticed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import numpy as np

from buzzguard.detect.bank import Bank


class Table(msgspec.Struct, array_like=True):
    """One row of one array."""

    name: str
    kind: str
    shape: tuple[int, ...]
    cells: bytes


def write(bank: Bank, row: int) -> bytes:
    """The row of every array."""
    tables = [
        Table(name, array.dtype.str, array[row].shape, np.ascontiguousarray(array[row]).tobytes())
        for name, array in _arrays(bank)
    ]
    return msgspec.msgpack.encode(tables)


def read(bank: Bank, row: int, state: bytes, version: str) -> None:
    """Fill the row of every array. Raises ValueError, and changes nothing, for what `write` has not written."""
    try:
        tables = {table.name: table for table in msgspec.msgpack.decode(state, type=list[Table])}
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(f"not a state of {version}: {error}") from None
    found = dict(_arrays(bank))
    if found.keys() != tables.keys():
        raise ValueError(f"not a state of {version}: other tables")
    rows = {name: _row(tables[name], array[row], version) for name, array in found.items()}
    for name, cells in rows.items():
        found[name][row] = cells


def _row(table: Table, like: Any, version: str) -> Any:
    like = np.asarray(like)
    if (table.kind, table.shape) != (like.dtype.str, like.shape) or len(table.cells) != like.nbytes:
        raise ValueError(f"not a state of {version}: {table.name} has another form")
    cells = np.frombuffer(table.cells, like.dtype).reshape(like.shape)
    if cells.dtype.kind == "f" and np.isnan(cells).any():
        raise ValueError(f"not a state of {version}: {table.name} holds no numbers")
    return cells


def _arrays(state: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for each in fields(state):
        value = getattr(state, each.name)
        if is_dataclass(value):
            yield from _arrays(value, f"{path}{each.name}.")
        elif isinstance(value, np.ndarray):
            yield path + each.name, value
