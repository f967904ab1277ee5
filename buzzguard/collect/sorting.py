"""Put mentions in order of publication without holding them all."""

from __future__ import annotations

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import IO

import msgspec

from buzzguard.model import Mention

RUN_ROWS = 20_000
RUN_CHARACTERS = 16_000_000
"""A run is what is sorted in memory at once: bounded by rows, and by text where rows are long."""
_FAN_IN = 32
"""Runs merged at once: each holds a file open."""
_PREFIX = 4


def by_time(mention: Mention) -> datetime:
    """The order of a recording."""
    return mention.published


def take_run(mentions: Iterator[Mention], *, rows: int = RUN_ROWS) -> list[Mention]:
    """The next mentions, as many as a run may hold."""
    run: list[Mention] = []
    characters = 0
    for mention in mentions:
        run.append(mention)
        characters += len(mention.text) + len(mention.title)
        if len(run) >= rows or characters >= RUN_CHARACTERS:
            break
    return run


def in_order(mentions: Iterable[Mention]) -> bool:
    """Whether `mentions` are in order already."""
    last: datetime | None = None
    for mention in mentions:
        if last is not None and mention.published < last:
            return False
        last = mention.published
    return True


def sort_externally(mentions: Iterator[Mention], *, run_rows: int = RUN_ROWS) -> Iterator[Mention]:
    """`mentions` in order of publication, equal times in the order given. Runs wait in unnamed temporary files."""
    with ExitStack() as files:
        runs: list[IO[bytes]] = []
        while run := take_run(mentions, rows=run_rows):
            run.sort(key=by_time)
            runs.append(_spill(run, files))
            if len(runs) == _FAN_IN:
                runs = [_merge_into_one(runs, files)]
        yield from heapq.merge(*map(_read, runs), key=by_time)


def _merge_into_one(runs: list[IO[bytes]], files: ExitStack) -> IO[bytes]:
    merged = _spill(heapq.merge(*map(_read, runs), key=by_time), files)
    for run in runs:
        run.close()
    return merged


def _spill(mentions: Iterable[Mention], files: ExitStack) -> IO[bytes]:
    spilled = tempfile.TemporaryFile(prefix="buzzguard-")  # noqa: SIM115 - lives as long as the merge
    files.callback(spilled.close)
    encode = msgspec.msgpack.Encoder().encode
    for mention in mentions:
        packed = encode(mention)
        spilled.write(len(packed).to_bytes(_PREFIX, "big") + packed)
    spilled.seek(0)
    return spilled


def _read(spilled: IO[bytes]) -> Iterator[Mention]:
    decode = msgspec.msgpack.Decoder(Mention).decode
    while prefix := spilled.read(_PREFIX):
        yield decode(spilled.read(int.from_bytes(prefix, "big")))
