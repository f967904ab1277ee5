"""The effect of a statement: honest where it did nothing, seen where it did much, silent where nobody can tell."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from buzzguard.review.effect import Change, Unfit, Verdict, effect_of
from tests.bench.effect import RATES, SHAPES, World, held

HOUR = timedelta(hours=1)


def several(number: int, *, left: float = 1.0, milder: float = 0.0) -> list[World]:
    """So many crises of every shape."""
    return [
        World(shape, RATES[1], 100 * each + place, left=left, milder=milder)
        for each in range(number)
        for place, shape in enumerate(SHAPES)
    ]


@pytest.fixture(scope="module")
def idle() -> list[tuple[tuple[Change, ...], tuple[Change, ...]]]:
    """What is told of statements that did nothing."""
    found = [effect_of(world.spoke_at, world.facts()) for world in several(4)]
    return [(one.volume, one.share) for one in found if one.unfit is None]


@pytest.mark.parametrize("place", range(4))
def test_four_intervals_in_five_hold_what_comes_by_itself(
    idle: list[tuple[tuple[Change, ...], tuple[Change, ...]]], place: int
) -> None:
    volume = [found for one, _ in idle if (found := held(one[place], 0.5)) is not None]
    share = [found for _, one in idle if (found := held(one[place], 0.0)) is not None]
    assert len(volume) >= 15
    assert sum(volume) / len(volume) >= 0.7
    assert sum(share) / len(share) >= 0.7


def test_chance_is_seldom_taken_for_success(idle: list[tuple[tuple[Change, ...], tuple[Change, ...]]]) -> None:
    told = [one.verdict for volume, _ in idle for one in volume if one.verdict is not Verdict.TOO_VAGUE]
    assert sum(one is Verdict.LESS for one in told) / len(told) < 0.12


def test_what_leaves_a_fifth_of_the_excess_is_mostly_seen_within_the_hour() -> None:
    found = [effect_of(world.spoke_at, world.facts()) for world in several(2, left=0.2)]
    told = [one.volume[0].verdict for one in found if one.unfit is None]
    clear = [one for one in told if one is not Verdict.TOO_VAGUE]
    assert sum(one is Verdict.LESS for one in clear) / len(clear) > 0.6


def test_milder_words_are_seen_in_the_share() -> None:
    found = [effect_of(world.spoke_at, world.facts()) for world in several(2, milder=1 / 3)]
    told = [one.share[1].verdict for one in found if one.unfit is None and one.share[1].observed is not None]
    assert sum(one is Verdict.LESS for one in told) / len(told) > 0.7


def test_what_comes_afterwards_does_not_change_what_was_expected() -> None:
    world = World("step", 0.3, 5)
    facts = world.facts()
    early = replace(facts, traces=[one for one in facts.traces if one.at < world.spoke_at])
    assert [one.expected for one in effect_of(world.spoke_at, facts).volume] == [
        one.expected for one in effect_of(world.spoke_at, early).volume
    ]


def test_a_span_that_is_not_over_is_not_judged() -> None:
    world = World("step", 0.3, 5)
    facts = replace(world.facts(), known_until=world.spoke_at + 2 * HOUR)
    told = effect_of(world.spoke_at, facts)
    assert [one.verdict for one in told.volume[1:]] == [Verdict.TOO_EARLY] * 3
    assert [one.verdict for one in told.share[1:]] == [Verdict.TOO_EARLY] * 3
    assert told.volume[0].observed is not None


def test_where_nothing_can_be_measured_it_says_why() -> None:
    world = World("step", 0.3, 5)
    facts, at = world.facts(), world.spoke_at
    assert effect_of(at, replace(facts, seen_since=at - HOUR)).unfit is Unfit.NOT_KEPT
    calm = replace(facts, traces=facts.traces[::200])
    assert effect_of(at, calm).unfit is Unfit.NOT_ABOVE
