"""What a topic's baselines cost: microseconds to assess and to learn, bytes to keep, seconds to rebuild.

`python -m tests.bench.bench_detect [--json]`. The topic sees about three mentions in five minutes for 28 days; then a
step is made every ten seconds, as the daemon does, while one window in three has grown since the step before.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from datetime import timedelta

from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.stage import Detection
from buzzguard.model import WINDOWS, Samples, Signal
from tests.detect.world import DAY_STEPS, World, poisson

DAYS = 28
STEPS_TIMED = 3000


def _grown(world: World) -> World:
    dice = random.Random("bench")
    for _ in range(DAYS * DAY_STEPS):
        counts = (poisson(dice, 3.0), poisson(dice, 0.6), poisson(dice, 2.8), poisson(dice, 9_000.0))
        world.live(*counts)
    return world


def _microseconds(seconds: float, judgements: int) -> float:
    return round(seconds / judgements * 1e6, 2)


def assess(world: World) -> dict[str, float]:
    """Cost of a (signal, window): in the daemon's ticks, and when every call finds a new minute (replay)."""
    detector = world.detector
    ticks = [
        Samples(topic="a", window=window, end=world.now + timedelta(minutes=step // 6), volume=9 + step // 3 % 5)
        for step in range(STEPS_TIMED)
        for window in WINDOWS
    ]
    began = time.process_time()
    for one in ticks:
        detector.assess(one)
    ticking = time.process_time() - began
    minutes = [
        Samples(topic="a", window=window, end=world.now + timedelta(minutes=5 * step), volume=9 + step % 5)
        for step in range(STEPS_TIMED // 10)
        for window in WINDOWS
    ]
    began = time.process_time()
    for one in minutes:
        detector.assess(one)
    fresh = time.process_time() - began
    signals = len(Signal)
    return {
        "assess_us_ticking": _microseconds(ticking, len(ticks) * signals),
        "assess_us_new_expectation": _microseconds(fresh, len(minutes) * signals),
    }


def rebuild(world: World, days: int) -> dict[str, float]:
    """Seconds to rebuild one topic from stored samples, and to restore it from a checkpoint."""
    stored = [
        Samples(topic="a", window=window, end=world.now + WINDOWS[0] * step, volume=3, negative=1, closed=True)
        for step in range(1, days * DAY_STEPS)
        for window in WINDOWS
        if (world.now + WINDOWS[0] * step).timestamp() % STRIDES[window] == 0
    ]
    detection = Detection(["a"], lambda _: type(world.detector)(type(world.detector).Settings()))
    began = time.process_time()
    detection.restore((), stored, stored[-1].end)
    seconds = time.process_time() - began
    state = world.detector.snapshot()
    began = time.process_time()
    world.detector.restore(state)
    restored = time.process_time() - began
    return {
        "learn_us": _microseconds(seconds, len(stored) * len(Signal)),
        f"rebuild_{days}_days_s": round(seconds, 3),
        "restore_ms": round(restored * 1e3, 3),
        "state_kb": round(len(state) / 1000.0, 1),
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    world = _grown(World(signals=(Signal.VOLUME, Signal.NEGATIVE, Signal.AUTHORS, Signal.REACH)))
    figures = {**assess(world), **rebuild(world, 60)}
    if parser.parse_args().json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        print(f"{name:28} {figure}")


if __name__ == "__main__":
    main()
