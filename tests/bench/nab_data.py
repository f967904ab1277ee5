"""Read the Numenta Anomaly Benchmark's folder layout, and feed its files to a watch bin by bin."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.nab_score import Labelled, label
from tests.bench.watching import BIN_MINUTES, FloatArray, IntArray, Watch, rings


class BadData(ValueError):
    """A file that cannot be read, with its place."""


@dataclass(frozen=True)
class Recording:
    """One file: a count for each row, and the labelled windows.

    `ends`: minute at which the row's bin ends. `ticked`: the rows that a watch is given. A row whose bin is not later
    than the last one given (a repeated timestamp, clocks put back) is left out and never flagged; a missing bin is
    not given either: unknown is not zero.
    """

    name: str
    counts: IntArray
    ends: IntArray
    ticked: IntArray
    labels: Labelled


def read(folder: Path) -> list[Recording]:
    """Every file of `folder`/data/<group>/ with its windows from `folder`/labels/combined_windows.json.

    Raises BadData with file and line.
    """
    windows = _read_windows(folder / "labels" / "combined_windows.json")
    paths = sorted((folder / "data").glob("*/*.csv"))
    if not paths:
        raise BadData(f"{folder / 'data'}: no <group>/<file>.csv here; give the folder that holds data/ and labels/")
    return [_read_file(path, f"{path.parent.name}/{path.name}", windows) for path in paths]


def _read_windows(path: Path) -> dict[str, Any]:
    try:
        windows = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadData(f"{path}: cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise BadData(f"{path}: not JSON ({error})") from error
    if not isinstance(windows, dict):
        raise BadData(f"{path}: must be an object of file names with their windows")
    return windows


def _read_file(path: Path, name: str, windows: dict[str, Any]) -> Recording:
    stamps: list[int] = []
    counts: list[int] = []
    with path.open(newline="", encoding="utf-8") as lines:
        reader = csv.DictReader(lines)
        if not {"timestamp", "value"} <= set(reader.fieldnames or ()):
            raise BadData(f"{path}:1: the columns must be timestamp,value")
        for row in reader:
            place = f"{path}:{reader.line_num}"
            stamps.append(_seconds(row["timestamp"], place))
            counts.append(_count(row["value"], place))
    if not stamps:
        raise BadData(f"{path}: holds no row")
    seconds = np.array(stamps, dtype=np.int64)
    ends = (seconds // (60 * BIN_MINUTES) + 1) * BIN_MINUTES
    newest = np.maximum.accumulate(ends)
    ticked = np.flatnonzero(np.diff(newest, prepend=-1) > 0).astype(np.int64)
    spans = [_span(one, seconds, path) for one in windows.get(name, [])]
    return Recording(name, np.array(counts, dtype=np.int64), ends, ticked, label(name, len(stamps), spans))


def _seconds(stamp: str | None, place: str) -> int:
    try:
        return int(datetime.fromisoformat(stamp or "").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise BadData(f"{place}: {stamp!r} is no timestamp like 2015-02-26 21:42:53") from error


def _count(value: str | None, place: str) -> int:
    try:
        number = float(value or "")
        count = int(number)
    except (ValueError, OverflowError) as error:
        raise BadData(f"{place}: {value!r} is no count") from error
    if number < 0:
        raise BadData(f"{place}: {value!r} is negative; a count is 0 or more")
    return count


def _span(window: Sequence[str], seconds: IntArray, path: Path) -> tuple[int, int]:
    """First and last row of a window given by its two instants."""
    first, last = (_seconds(stamp, f"{path}: window {window}") for stamp in window)
    rows = np.flatnonzero((seconds >= first) & (seconds <= last))
    if not len(rows):
        raise BadData(f"{path}: no row lies in the labelled window {window[0]} to {window[1]}")
    return int(rows[0]), int(rows[-1])


def cohorts(recordings: Sequence[Recording]) -> list[list[Recording]]:
    """Recordings that tick together: the bins of each are the first bins of the longest, which stands first."""
    groups: list[list[Recording]] = []
    for one in sorted(recordings, key=lambda one: -len(one.ticked)):
        ends = one.ends[one.ticked]
        for group in groups:
            longest = group[0]
            if np.array_equal(longest.ends[longest.ticked][: len(ends)], ends):
                group.append(one)
                break
        else:
            groups.append([one])
    return groups


def periods_of(group: Sequence[Recording], watch: Watch) -> list[FloatArray]:
    """The return period of each row of a cohort, 0 where a row was not given to the watch.

    A file that ends leaves the watch; those that go on are forked into one of their own.
    """
    results = [np.zeros(len(one.counts)) for one in group]
    lengths = [len(one.ticked) for one in group]
    ends = group[0].ends[group[0].ticked]
    begin = 0
    for stop in sorted(set(lengths)):
        going = [number for number, length in enumerate(lengths) if length >= stop]
        if begin:
            # `group` is sorted by falling length: those that go on are the first streams.
            watch = watch.fork(np.arange(len(going), dtype=np.int64))
        counts = np.stack([group[number].counts[group[number].ticked[begin:stop]] for number in going], axis=1)
        for row in range(begin, stop):
            periods = watch.tick(int(ends[row]), counts[row - begin], None)
            for place, number in enumerate(going):
                results[number][group[number].ticked[row]] = periods[place]
        begin = stop
    return results


def alarm_rows(recording: Recording, periods: FloatArray, threshold: float) -> IntArray:
    """The rows in which an alarm fires; the hold is twelve hours of the file's own time, whatever its rows."""
    over = recording.ticked[periods[recording.ticked] >= threshold]
    return over[rings(recording.ends[over] // BIN_MINUTES)]
