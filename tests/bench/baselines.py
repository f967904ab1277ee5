"""Detectors to compare with, read from a file outside the project and driven as a `Watch`.

The file holds a function `registry()` that maps names to factories of detectors with
`update(seconds_since_the_epoch, count) -> score`, one series each: slow, so the benches give them fewer streams.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, cast

import numpy as np

from tests.bench.watching import BIN_MINUTES, FloatArray, IntArray

CHOSEN = (
    "MSRP-sum top2",
    "Brandwatch-like hour vs mean+k*std 28 d",
    "CUSUM NB k=3",
    "ElastAlert-2 spike 1 h / 24 h",
    "river GaussianScorer (all history)",
)
# Their score is 3 + log10 of a return period in days, so that they have a threshold of their own.
_PERIODS = "MSRP"
_HIGHEST = 1e30


class Scalar(Protocol):
    """A detector of one series."""

    def update(self, ts: int, c: int) -> float:
        """The score of a bin that begins at `ts` seconds and holds `c` mentions."""
        ...


class Baseline:
    """A named detector, ready to be made any number of times."""

    def __init__(self, name: str, make: Callable[[], Scalar]) -> None:
        self.name = name
        self.natural = name.startswith(_PERIODS)
        self._make = make

    def watch(self, streams: int) -> ScalarWatch:
        """A watch of `streams` fresh detectors."""
        return ScalarWatch([self._make() for _ in range(streams)], days=self.natural)


class ScalarWatch:
    """One detector a stream, asked one after the other. The score is a return period in days only with `days`."""

    def __init__(self, detectors: Sequence[Scalar], *, days: bool) -> None:
        self._detectors = detectors
        self._days = days

    def tick(self, end: int, volume: IntArray, negative: IntArray | None) -> FloatArray:
        """Score the bin; the counts watched are `volume`."""
        begin = (end - BIN_MINUTES) * 60
        scores = np.array(
            [one.update(begin, count) for one, count in zip(self._detectors, volume.tolist(), strict=True)]
        )
        scores = np.nan_to_num(scores, nan=0.0, posinf=_HIGHEST)
        if not self._days:
            return np.asarray(scores, dtype=np.float64)
        return np.where(scores > 0, 10.0 ** np.minimum(scores - 3.0, 30.0), 0.0)

    def fork(self, index: IntArray) -> ScalarWatch:
        """Copies of the detectors at `index`."""
        return ScalarWatch([copy.deepcopy(self._detectors[one]) for one in index.tolist()], days=self._days)


def add_options(line: argparse.ArgumentParser) -> None:
    """The command line's part of this module."""
    line.add_argument("--baselines", type=Path, metavar="FILE", help="a file with a registry() of detectors")
    line.add_argument("--all-baselines", action="store_true", help="all of them, not the chosen handful")


def chosen(options: argparse.Namespace) -> list[Baseline]:
    """The baselines that the command line asks for. Raises SystemExit where the file holds no registry."""
    if options.baselines is None:
        return []
    known = _registry(options.baselines)
    names = list(known) if options.all_baselines else [name for name in CHOSEN if name in known]
    return [Baseline(name, known[name]) for name in names]


def _registry(path: Path) -> Mapping[str, Callable[[], Scalar]]:
    spec = importlib.util.spec_from_file_location("bench_baselines", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path}: no Python file to read baselines from")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if not hasattr(module, "registry"):
        raise SystemExit(f"{path}: defines no registry()")
    return cast(Mapping[str, Callable[[], Scalar]], module.registry())
