"""What baselines cost: a tick of all topics, an update of one signal, bytes of a topic, a rebuild from samples.

`python -m tests.bench.cost [--topics 10000] [--ticks 24] [--json]`. A tick learns a five-minute bin of every topic (the
longer windows on their strides), judges all its windows and signals, and settles the scores. Topics see between a
tenth of a mention and a hundred in five minutes. Run it with `OMP_NUM_THREADS=1`: one core.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from buzzguard.detect.bank import SCORED, Bank
from buzzguard.detect.rebuild import Rebuild
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.model import MEASURED, WINDOWS, Samples
from tests.bench.figures import number, parser, show, table
from tests.bench.watch import make

_MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
_FIVE = timedelta(minutes=5)


def ticks(topics: int, count: int) -> dict[str, float]:
    """Seconds of one core for a tick (median and worst), microseconds a signal, kilobytes a topic."""
    dice = np.random.default_rng(1)
    rates = 10.0 ** dice.uniform(-1.0, 2.0, topics)
    watch = make(topics, signal="crisis", scorer=None)
    took = []
    for index in range(count + 12):
        volume = dice.poisson(rates)
        begun = time.process_time()
        watch.tick((index + 1) * 5, volume, volume // 5)
        took.append(time.process_time() - begun)
    median = statistics.median(took[12:])
    return {
        "topics": float(topics),
        "tick_s": median,
        "worst_tick_s": max(took[12:]),
        "us_a_signal": median / topics / len(SCORED) * 1e6,
        "kb_a_topic": _size(watch.bank) / topics / 1024,
    }


def _size(bank: Bank) -> int:
    return sum(array.nbytes for array in _arrays(bank))


def _arrays(state: Any) -> list[Any]:
    found: list[Any] = []
    for each in fields(state):
        value = getattr(state, each.name)
        found += _arrays(value) if is_dataclass(value) else [value] if isinstance(value, np.ndarray) else []
    return found


def rebuild(topics: int, days: int) -> float:
    """Seconds to learn again what was stored of some topics in some days."""
    dice = np.random.default_rng(2)
    names = [f"topic-{index}" for index in range(topics)]
    detector = SeasonalDetector(SeasonalDetector.Settings(), names)
    stored = []
    for step in range(1, days * 288 + 1):
        for name, volume in zip(names, dice.poisson(1.0, topics).tolist(), strict=True):
            if volume:
                end = _MONDAY + step * _FIVE
                stored.append(Samples(topic=name, window=WINDOWS[0], end=end, volume=volume, closed=True))
    begun = time.process_time()
    rebuilt = Rebuild(names, {}, detector.learn)
    for one in stored:
        rebuilt.take(one)
    rebuilt.finish()
    return time.process_time() - begun


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    line = parser(__doc__)
    line.add_argument("--topics", type=int, default=10_000)
    line.add_argument("--ticks", type=int, default=24)
    line.add_argument("--rebuild-days", type=int, default=7)
    options = line.parse_args(arguments)
    found = ticks(options.topics, options.ticks)
    found["rebuild_10_topics_s_a_day"] = rebuild(10, options.rebuild_days) / options.rebuild_days
    rows = [(name, number(value, 3)) for name, value in found.items()]
    about = f"{len(MEASURED)} signals, the share and the crisis score over {len(WINDOWS)} windows"
    show(found, [about, table(("figure", "value"), rows)], as_json=options.json)


if __name__ == "__main__":
    main(sys.argv[1:])
