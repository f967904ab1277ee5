"""On the baseline alone the budget is kept on average, whatever depends on what; a lie is brought near to it."""

from __future__ import annotations

import math

import pytest

from tests.bench.budget import WORLDS, alarms, budget_of, cost

DAYS = 12 * 365.25


def a_month(world: str, topics: int) -> float:
    return len(alarms(WORLDS[world], topics, DAYS)) / DAYS * 30


@pytest.mark.parametrize("topics", [1, 10, 100])
@pytest.mark.parametrize("world", ["claims hold", "claims hold, together"])
def test_what_claims_the_truth_keeps_the_budget(world: str, topics: int) -> None:
    """Three standard errors of a mean of 2 over the months watched, ten topics shaken at once counted as one draw."""
    spread = 3 * math.sqrt(2 * (10 if "together" in world else 1) / (DAYS / 30))
    assert a_month(world, topics) <= 2 + spread


def test_a_fivefold_lie_is_brought_near_to_the_budget() -> None:
    assert a_month("fivefold, share alone", 10) > 8
    assert a_month("fivefold", 10) < 2.6
    assert a_month("fivefold, never answered", 10) < 4.5


def test_the_simulation_is_deterministic() -> None:
    assert alarms(WORLDS["fivefold"], 10, 400) == alarms(WORLDS["fivefold"], 10, 400)


def test_a_hundred_topics_cost_less_than_twice_the_delay() -> None:
    assert budget_of(100).share == pytest.approx(0.01)
    found = cost(100, 1.0)
    assert found.written < found.shared < found.spent < 2 * found.written
