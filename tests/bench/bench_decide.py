"""How fast conditions and a whole evaluation are: `python -m tests.bench.bench_decide`. Printed, never asserted."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from time import process_time

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.evaluate import Decider
from buzzguard.decide.expression import compile_condition
from buzzguard.decide.loader import load_rules
from buzzguard.model import WINDOWS, Judged, Signal
from tests.decide.scenes import DAY, MINUTE, SHIPPED, T0, judged

TOPICS = 100
ROUNDS = 20
VALUES = 20_000
TYPICAL = "negative.once_per > days(90) && negative.count >= 10 && authors.count >= 5"


def rate(work: Callable[[], None], times: int) -> str:
    """How often a second, over one run of `times`."""
    began = process_time()
    work()
    return f"{times / (process_time() - began):>12,.0f} /s"


def conditions() -> None:
    """The shipped condition on values that are all different; and the same, forced through CEL."""
    values = [
        {
            "negative.once_per": timedelta(days=91 + index % 900),
            "negative.count": 12 + index,
            "authors.count": 7 + index,
        }
        for index in range(VALUES)
    ]
    for name, text in (("compared with constants", TYPICAL), ("evaluated by CEL", f"({TYPICAL})")):
        condition = compile_condition(text, scope="topic")

        def work(holds: Callable[[dict[str, object]], bool] = condition.holds) -> None:
            for one in values:
                holds(one)

        print(f"condition, {name:<24} {rate(work, VALUES)}")


def windows(chance: random.Random, topic: str, *, loud: bool) -> list[Judged]:
    """A topic's windows with other numbers each time."""
    return [
        judged(
            {
                "volume": chance.randint(0, 300),
                "negative": chance.randint(0, 60),
                "authors": chance.randint(0, 200),
                "reach": chance.randint(0, 100_000),
            },
            rare={Signal.NEGATIVE: chance.randint(0, 300) * DAY} if loud else {},
            window=window,
            topic=topic,
        )
        for window in WINDOWS
    ]


def evaluations() -> None:
    """All shipped rules over a hundred topics that all changed, usual and in uproar."""
    chance = random.Random(1)
    topics = {f"topic{index}": TopicSettings(name="x", query="x") for index in range(TOPICS)}
    for name, loud in (("usual", False), ("in uproar", True)):
        decider = Decider(load_rules([SHIPPED]), topics)
        steps = [{topic: windows(chance, topic, loud=loud) for topic in topics} for _ in range(ROUNDS)]
        began = process_time()
        for index, step in enumerate(steps):
            decider.evaluate(step, [], T0 + index * MINUTE)
        milliseconds = (process_time() - began) / ROUNDS * 1_000
        print(f"evaluation of {TOPICS} topics, {name:<12} {milliseconds:>12.2f} ms")


if __name__ == "__main__":
    conditions()
    evaluations()
