"""What the budget of false alarms keeps, and what it costs.

`python -m tests.bench.budget [--years 40] [--json]`. Two false alarms in 30 days are borne; each topic is asked four
questions, as the shipped rules ask a brand (90 days of three signals, 30 of one). On the baseline alone each question
has episodes whose peaks are rarer than x once in x / lie: Poisson, each by itself, or all signals of ten topics at the
same instant (`together`). People call an alarm false some hours later (`answered`: the part of the alarms on which
anybody says anything). The delay is that of the optimal detector of a threefold rise (`bound`) at the return period
which a rule that asks for 90 days is made to ask for: no rule can lose less, none need lose much more.
"""

from __future__ import annotations

import argparse
import heapq
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from buzzguard.config.settings import FalseAlarmSettings
from buzzguard.detect.budget import Budget
from buzzguard.model import Incident, IncidentState, Person, Severity
from buzzguard.model.question import Question
from tests.bench.bound import optimum
from tests.bench.figures import number, table

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ASKED = {"negative": 90, "volume": 90, "gravity": 90, "reach": 30}
TOPICS = (1, 10, 100, 1000)
GROUP = 10
"""Topics that are shaken at once in a world where they move together."""
LAG = timedelta(hours=6)
"""Mean time until people call an alarm false; as long again until an unanswered one ends."""


class World(NamedTuple):
    """How the baseline behaves: how many times too often it strays, whether all at once, and how many alarms people
    answer."""

    lie: float = 1.0
    together: bool = False
    answered: float = 1.0
    adaptive: bool = True


WORLDS = {
    "claims hold": World(),
    "claims hold, together": World(together=True),
    "fivefold, share alone": World(lie=5.0, adaptive=False),
    "fivefold": World(lie=5.0),
    "fivefold, together": World(lie=5.0, together=True),
    "fivefold, half answered": World(lie=5.0, answered=0.5),
    "fivefold, never answered": World(lie=5.0, answered=0.0),
}


def questions(topics: int) -> list[Question]:
    """What the shipped rules ask of so many brands."""
    return [
        Question(topic=f"t{index}", rule=name, name=f"{name}.once_per", once_per=days * DAY)
        for index in range(topics)
        for name, days in ASKED.items()
    ]


def budget_of(topics: int, at_most: float = 2.0, per: timedelta = 30 * DAY) -> Budget:
    """The budget of the bench."""
    return Budget(FalseAlarmSettings(at_most=at_most, per=per), questions(topics))


class Episode(NamedTuple):
    """An episode on the baseline: its topic, and its peak as a multiple of what the rule asks for."""

    at: datetime
    topic: str
    peak: float


def episodes(world: World, topics: int, *, least: float, days: float, rng: np.random.Generator) -> Iterator[Episode]:
    """Every episode that exceeds `least` times what its rule asks for, in order of time, one a topic at once."""
    groups = max(1, topics // GROUP) if world.together else topics * len(ASKED)
    names = list(ASKED.values())
    loudest = min(names)
    rates = np.full(groups, 1.0 / loudest) if world.together else np.tile(1.0 / np.array(names, float), topics)
    reached = np.cumsum(rates)
    chance = float(reached[-1]) * world.lie / least
    at = 0.0
    while (at := at + float(rng.exponential(1.0 / chance))) < days:
        group = int(np.searchsorted(reached, rng.uniform(0.0, reached[-1])))
        peak = least / float(rng.uniform(1e-12, 1.0))
        shaken = range(group * GROUP, min(topics, (group + 1) * GROUP)) if world.together else (group // len(names),)
        for topic in shaken:
            yield Episode(START + at * DAY, f"t{topic}", peak)


def incident(number: int, topic: str, opened: datetime, *, state: IncidentState, version: int = 1) -> Incident:
    """The record of an incident; acknowledged ones have an owner."""
    owner = Person(id="U1") if state is IncidentState.ACKNOWLEDGED else None
    return Incident(
        id=f"inc-{number:06}",
        topic=topic,
        state=state,
        severity=Severity.ORANGE,
        opened_at=opened,
        changed_at=opened,
        alerts=(),
        policy="crisis",
        owner=owner,
        version=version,
    )


def alarms(world: World, topics: int, days: float, seed: int = 1) -> list[datetime]:
    """When false alarms are raised on the baseline alone, with people who answer them as the world has it."""
    rng = np.random.default_rng(seed)
    budget = budget_of(topics)
    least = 1.0 / max(budget.share, budget.floor)
    verdicts: list[tuple[datetime, Incident]] = []
    raised: list[datetime] = []
    for count, episode in enumerate(episodes(world, topics, least=least, days=days, rng=rng)):
        while verdicts and verdicts[0][0] <= episode.at:
            budget.fold([heapq.heappop(verdicts)[1]])
        factor = budget.factor(episode.at) if world.adaptive else 1.0 / least
        if episode.peak * factor < 1.0:
            continue
        raised.append(episode.at)
        false = rng.random() < world.answered
        state = IncidentState.FALSE_ALARM if false else IncidentState.RESOLVED
        said = incident(count, episode.topic, episode.at, state=state)
        heapq.heappush(verdicts, (episode.at + float(rng.exponential(1.0 if false else 2.0)) * LAG, said))
    return raised


def kept(years: float, topics: Sequence[int] = TOPICS) -> dict[str, dict[int, float]]:
    """False alarms in 30 days by world and number of topics."""
    days = years * 365.25
    return {
        name: {count: len(alarms(world, count, days)) / days * 30 for count in topics} for name, world in WORLDS.items()
    }


class Cost(NamedTuple):
    """What the budget makes of 90 days for so many topics, and minutes until a threefold rise is found at best:
    as the rules are written, with the share, and with all of the budget spent."""

    topics: int
    unbridled: float
    reads_days: float
    written: float
    shared: float
    spent: float


def cost(topics: int, rate: float) -> Cost:
    """The delay of a threefold rise of a Poisson stream of `rate` mentions in five minutes."""
    budget = budget_of(topics)
    least = max(budget.share * 0.1, budget.floor)
    reads = 90.0 / max(budget.share, budget.floor)
    delays = (optimum(rate, 3.0, days=days) for days in (90.0, reads, 90.0 / least))
    return Cost(topics, budget.unbridled, reads, *delays)


def main() -> None:
    """Print both tables."""
    line = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    line.add_argument("--json", action="store_true", help="print one JSON object instead of tables")
    line.add_argument("--years", type=float, default=40.0, help="years watched in each cell")
    options = line.parse_args()
    found = kept(options.years)
    costs = {rate: [cost(topics, rate) for topics in TOPICS] for rate in (0.1, 1.0, 10.0)}
    figures: dict[str, Any] = {
        "asked": 2.0,
        "false_alarms": found,
        "delays": {str(rate): [one._asdict() for one in several] for rate, several in costs.items()},
    }
    print(json.dumps(figures, indent=1) if options.json else "\n\n".join(_tables(found, costs)))


def _tables(found: dict[str, dict[int, float]], costs: dict[float, list[Cost]]) -> list[str]:
    unbridled = [number(one.unbridled, 1) for one in costs[1.0]]
    rows = [["asked for by the rules", *unbridled]]
    rows += [[name, *(number(value) for value in row.values())] for name, row in found.items()]
    delays = [
        [one.topics, f"{one.reads_days:.0f}", *(f"{minutes:.0f}" for minutes in one[3:]), rate]
        for rate, several in costs.items()
        for one in several
    ]
    headers = ["topics", "90 days read as", "delay as written", "with the budget", "all spent", "mentions / 5 min"]
    return [table(["false alarms in 30 days (2 borne)", *map(str, TOPICS)], rows), table(headers, delays)]


if __name__ == "__main__":
    main()
