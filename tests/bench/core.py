"""How many mentions a second the core takes, from mention in to decision out, with the SQLite commit.

`python -m tests.bench.core [--topics 100] [--mentions 20000] [--runs 3] [--json]` prints the median, the spread and
the profile by stage. A calibration loop of plain Python runs beside it, so that runs on different machines compare.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from buzzguard.assembly import assemble
from buzzguard.cli.run import settle_memory
from buzzguard.config.settings import Settings, StoreSettings
from buzzguard.model import Author, Batch, Mention
from buzzguard.pipeline import Core, step
from buzzguard.store.sql import SqlStore

BATCH = 500
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_TEXTS = (
    "I love my new {brand}, it works really well and looks great",
    "The {brand} broke after two days, terrible quality and the support does not answer. I am angry",
    "Does anybody know whether {brand} opens on Sunday in town?",
    "Ma {brand} est en panne depuis hier, service client injoignable, c’est honteux",
    "Très contente de {brand}, livraison rapide et équipe aimable",
    "<p>{brand} announces its results &amp; a <b>new</b> product for the spring, says the press release</p>",
)


def make_mentions(count: int, topics: int, *, seed: int = 1, start: datetime = START) -> list[Mention]:
    """Mentions of `topics` brands by many authors, 200 a second of event time, a third of them negative."""
    rng = random.Random(seed)
    mentions = []
    for number in range(count):
        brand = f"brand{rng.randrange(topics)}"
        at = start + timedelta(milliseconds=5 * number)
        text = rng.choice(_TEXTS).format(brand=brand) + f" {rng.randrange(10**6)}"
        site = f"site{rng.randrange(200)}.example"
        mentions.append(
            Mention(
                id=f"bench:{seed}:{number}",
                stream="bench",
                source="bench",
                published=at,
                fetched=at,
                text=text,
                url=f"https://{site}/{number}?utm_source=x",
                author=Author(handle=f"author{rng.randrange(count)}", followers=rng.randrange(3000)),
            )
        )
    return mentions


def make_core(topics: int) -> Core:
    """A core with the shipped rules and `topics` topics."""
    settings = Settings.model_validate(
        {
            "topics": {
                f"brand{n}": {"name": f"Brand {n}", "query": f"brand{n} AND NOT spam{n}"} for n in range(topics)
            },
            "notifiers": {"console": {"kind": "console"}},
            "receivers": {"room": {"notifier": "console"}},
            "rules": [str(Path(__file__).parents[2] / "rules")],
        }
    )
    return Core(settings, assemble(settings, Path()).parts)


class Profile:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time of the block to `stage`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] += time.perf_counter() - began

    def watch(self, owner: object, stage: str, *names: str) -> None:
        """Time every call of these methods of an object that the benchmark owns."""
        for name in names:
            setattr(owner, name, self._timed(getattr(owner, name), stage))

    def _timed(self, method: Callable[..., Any], stage: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            with self.timed(stage):
                return method(*given, **named)

        return call


async def run_once(topics: int, count: int) -> tuple[float, dict[str, float]]:
    """Mentions a second and seconds by stage of one run, on a fresh store."""
    mentions = make_mentions(count, topics)
    core = make_core(topics)
    profile = Profile()
    profile.watch(core.understanding, "understand", "understand")
    profile.watch(core.measuring, "measure", "add", "advance", "samples", "minutes_changed", "quotes", "series")
    profile.watch(core.detection, "detect", "assess", "learn", "anomalies", "checkpoints", "band")
    profile.watch(core.decider, "decide", "evaluate")
    step(core, Batch(mentions=tuple(make_mentions(50, topics, seed=2))), START)
    with tempfile.TemporaryDirectory() as folder:
        store = await SqlStore.open(StoreSettings(), base=Path(folder))
        profile.seconds.clear()
        began = time.perf_counter()
        for first in range(0, count, BATCH):
            batch = tuple(mentions[first : first + BATCH])
            with profile.timed("store"):
                await store.known([mention.id for mention in batch])
            with profile.timed("step"):
                effects = step(core, Batch(mentions=batch), batch[-1].published)
            with profile.timed("store"):
                await store.commit(effects, {"bench": str(first)})
        seconds = time.perf_counter() - began
        await store.close()
    stages = dict(profile.seconds)
    inner = sum(stages.get(name, 0.0) for name in ("understand", "measure", "detect", "decide"))
    stages["respond and rest"] = stages.pop("step") - inner
    return count / seconds, stages


def calibrate() -> float:
    """Millions of plain additions a second: how fast this machine is just now."""
    began = time.perf_counter()
    total = 0
    for number in range(2_000_000):
        total += number
    return 2.0 / (time.perf_counter() - began)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--topics", type=int, default=100)
    parser.add_argument("--mentions", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    settle_memory()
    rates, stages = [], []
    speeds = [calibrate()]
    for _ in range(given.runs):
        rate, profile = asyncio.run(run_once(given.topics, given.mentions))
        rates.append(rate)
        stages.append(profile)
        speeds.append(calibrate())
    micro = {
        name: round(1e6 * statistics.median(one.get(name, 0.0) for one in stages) / given.mentions, 1)
        for name in stages[0]
    }
    result = {
        "mentions_per_second": round(statistics.median(rates)),
        "slowest": round(min(rates)),
        "fastest": round(max(rates)),
        "microseconds_a_mention": micro,
        "million_additions_per_second": round(statistics.median(speeds), 1),
    }
    if given.json:
        print(json.dumps(result))
        return
    print(
        f"{result['mentions_per_second']:,} mentions/s (median of {given.runs}; {result['slowest']:,} to "
        f"{result['fastest']:,}), {given.topics} topics, batches of {BATCH}, SQLite commit included"
    )
    for name, value in sorted(micro.items(), key=lambda pair: -pair[1]):
        print(f"  {name:<18}{value:>8.1f} µs a mention")
    print(f"  machine: {result['million_additions_per_second']} million additions a second")


if __name__ == "__main__":
    main()
