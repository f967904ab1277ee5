"""The score of the Numenta Anomaly Benchmark (NAB 1.1), written anew from its published rules.

- A row is flagged when the detector says so. The first 15 % of a file (750 rows at most) are probation: ignored.
- Of a window of labelled rows the earliest flagged row counts: worth 1 at the window's left edge, about 0 at its right
  edge along a sigmoid. A window without a flagged row costs the profile's `missed`.
- Each flagged row outside the windows costs the profile's `false`, less just after a window and all of it further on
  than three window widths, or where no window came before. Rows are charged, not episodes.
- 0 is a detector that flags nothing, 100 one that flags the first row of each window and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tests.bench.watching import BoolArray, FloatArray, IntArray

PROBATION = 0.15
PROBATION_ROWS = 5000


class Profile(NamedTuple):
    """What a window found, a false row and a missed window are worth."""

    found: float
    false: float
    missed: float


PROFILES: Mapping[str, Profile] = {
    "standard": Profile(1.0, 0.11, 1.0),
    "low_fp": Profile(1.0, 0.22, 1.0),
    "low_fn": Profile(1.0, 0.11, 2.0),
}


@dataclass(frozen=True)
class Labelled:
    """All of a file that no detector changes, row by row.

    `window`: number of the row's window, -1 outside. `worth`: gain inside (0 to 1), charge outside (-1 to 0).
    `judged`: past probation.
    """

    name: str
    window: IntArray
    worth: FloatArray
    judged: BoolArray

    @property
    def windows(self) -> list[int]:
        """The windows with at least one row that is judged."""
        return sorted(set(self.window[self.judged & (self.window >= 0)].tolist()))

    @property
    def outside(self) -> BoolArray:
        """Rows where a flag is false."""
        return self.judged & (self.window < 0)


class Count(NamedTuple):
    """What the flags of some files found."""

    caught: int
    windows: int
    false_rows: int


def sigmoid(position: FloatArray) -> FloatArray:
    """NAB's scaled sigmoid: 1 far to the left, 0 at 0, -1 far to the right."""
    return np.asarray(2.0 / (1.0 + np.exp(5.0 * position)) - 1.0, dtype=np.float64)


def label(name: str, rows: int, spans: Sequence[tuple[int, int]]) -> Labelled:
    """The geometry of a file of `rows` rows whose windows are `spans` (first and last row, both inside).

    Windows must not overlap; a window of one row has no width after which false rows could cost less.
    """
    window = np.full(rows, -1, dtype=np.int64)
    worth = np.full(rows, -1.0)
    ordered = sorted(spans)
    edge = float(sigmoid(np.array(-1.0)))
    for number, (first, last) in enumerate(ordered):
        width = last - first + 1
        window[first : last + 1] = number
        worth[first : last + 1] = sigmoid(-np.arange(width, 0, -1) / width) / edge
        following = ordered[number + 1][0] if number + 1 < len(ordered) else rows
        after = np.arange(1, following - last) / max(width - 1.0, 1e-9)
        worth[last + 1 : following] = np.where(after > 3.0, -1.0, sigmoid(np.minimum(after, 3.0)))
    judged = np.arange(rows) >= min(np.floor(PROBATION * rows), PROBATION * PROBATION_ROWS)
    return Labelled(name, window, worth, judged)


def total(files: Sequence[Labelled], flags: Mapping[str, BoolArray], profile: Profile) -> float:
    """The raw score of the rows flagged, by file name."""
    return sum(_file_total(file, flags[file.name], profile) for file in files)


def _file_total(file: Labelled, flagged: BoolArray, profile: Profile) -> float:
    value = profile.false * float(file.worth[flagged & file.outside].sum())
    for number in file.windows:
        hits = flagged & file.judged & (file.window == number)
        value += profile.found * float(file.worth[hits].max()) if hits.any() else -profile.missed
    return value


def count(files: Sequence[Labelled], flags: Mapping[str, BoolArray]) -> Count:
    """Windows caught, windows there are, rows flagged outside them."""
    found = windows = false_rows = 0
    for file in files:
        flagged = flags[file.name]
        hit = set(file.window[flagged & file.judged].tolist()) - {-1}
        found += len(hit)
        windows += len(file.windows)
        false_rows += int((flagged & file.outside).sum())
    return Count(found, windows, false_rows)


def normalise(value: float, windows: int, profile: Profile) -> float:
    """The raw score on the scale from 0 (flags nothing) to 100 (perfect). NaN without a window."""
    if not windows:
        return float("nan")
    return 100.0 * (value + profile.missed * windows) / ((profile.found + profile.missed) * windows)


def rate(files: Sequence[Labelled], flags: Mapping[str, BoolArray]) -> dict[str, float]:
    """The normalised score of each profile."""
    windows = sum(len(file.windows) for file in files)
    return {name: normalise(total(files, flags, one), windows, one) for name, one in PROFILES.items()}


def optimise(files: Sequence[Labelled], scores: Mapping[str, FloatArray], profile: Profile) -> tuple[float, float]:
    """The threshold that gives the best raw score when rows that reach it are flagged, and that score.

    This is NAB's own way, in hindsight. False rows only add up as the threshold falls, so the best one is a score
    inside a window, or infinite: flag nothing.
    """
    inside = [scores[file.name][file.judged & (file.window >= 0)] for file in files]
    candidates = np.unique(np.concatenate([np.empty(0), *inside]))[::-1]
    totals = np.zeros(len(candidates))
    for file in files:
        totals += _totals_at(candidates, file, scores[file.name], profile)
    nothing = -profile.missed * sum(len(file.windows) for file in files)
    if not len(totals) or totals.max() <= nothing:
        return float("inf"), nothing
    best = int(np.argmax(totals))
    return float(candidates[best]), float(totals[best])


def _totals_at(candidates: FloatArray, file: Labelled, scores: FloatArray, profile: Profile) -> FloatArray:
    """The raw score of one file at each of the falling `candidates`."""
    values = profile.false * _running(np.add, candidates, scores[file.outside], file.worth[file.outside])
    for number in file.windows:
        rows = file.judged & (file.window == number)
        gain = _running(np.maximum, candidates, scores[rows], file.worth[rows])
        values += np.where(candidates <= scores[rows].max(), profile.found * gain, -profile.missed)
    return values


def _running(fold: np.ufunc, candidates: FloatArray, scores: FloatArray, worth: FloatArray) -> FloatArray:
    """`worth` folded over the rows whose score reaches each candidate; 0 where none does."""
    order = np.argsort(-scores, kind="stable")
    folded = np.concatenate([[0.0], fold.accumulate(worth[order])])
    return np.asarray(folded[np.searchsorted(-scores[order], -candidates, side="right")], dtype=np.float64)
