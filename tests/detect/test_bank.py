"""Laws of many topics side by side."""

from __future__ import annotations

import copy
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.bank import CRISIS, DIRECTIONS, SCORED, SHARE, SIZE, Bank, Facts, Verdict, fuse, parts
from buzzguard.detect.scan import Array
from buzzguard.detect.told import rarity_of
from buzzguard.model import MEASURED, WINDOWS, Confusion, Signal

MINUTES = [window.total_seconds() / 60.0 for window in WINDOWS]
RATES = np.array([0.02, 0.3, 2.0, 20.0])
"""Mentions in five minutes of four topics."""
NOW = 30 * 1440
ROWS = np.arange(len(RATES))


def facts(volume: Array, *, hostile: float | Array = 0.2, minute: int = NOW) -> Facts:
    """Windows (rows, windows) in which all counts are `volume` and this part of the voices is hostile."""
    volume = np.asarray(volume, float)
    rows = len(volume)
    values = np.repeat(volume[:, None, :], len(MEASURED), axis=1)
    return Facts(
        minute=minute,
        lived=(np.full(rows, minute // 60 % 24, np.int8), np.full(rows, minute // 1440 % 7, np.int8)),
        values=values,
        scale=np.ones((rows, len(MEASURED), len(WINDOWS))),
        voices=volume,
        hostile=volume * hostile,
        lift=np.ones((rows, len(WINDOWS))),
    )


def usual(rates: Array = RATES) -> Array:
    return np.array([[rate * minutes / 5.0 for minutes in MINUTES] for rate in rates])


def taught(rates: Array = RATES, *, days: float = 1.5, seeds: tuple[int, ...] = (0, 1, 2, 3)) -> Bank:
    """Topics that lived a day and a half of Poisson counts, each on its own dice."""
    bank, rows = Bank.of(len(rates), Confusion(), trust=100.0), np.arange(len(rates))
    steps = round(days * 288)
    counts = np.stack(
        [np.random.default_rng(seed).poisson(rate, steps + 288) for rate, seed in zip(rates, seeds, strict=True)]
    )
    sums = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    for step in range(1, steps + 1):
        minute = NOW - (steps - step) * 5
        for window in range(len(WINDOWS) - 1, -1, -1):
            if minute % (5, 15, 15, 60, 60, 60)[window]:
                continue
            at = 288 + step
            values = (sums[:, at] - sums[:, at - int(MINUTES[window] // 5)])[:, None]
            one = facts(np.repeat(values, len(WINDOWS), axis=1), minute=minute)
            bank.learn(rows, window, _only(one, window))
        bank.settle(rows, minute, np.full(len(rates), 5 / 1440))
    return bank


def _only(one: Facts, window: int) -> Facts:
    part = slice(window, window + 1)
    return replace(
        one,
        values=one.values[:, :, part],
        scale=one.scale[:, :, part],
        voices=one.voices[:, part],
        hostile=one.hostile[:, part],
        lift=one.lift[:, part],
    )


@cache
def lived() -> Bank:
    """Look, but do not teach it."""
    return taught()


def arrays(state: Any) -> list[Array]:
    found: list[Array] = []
    for each in fields(state):
        value = getattr(state, each.name)
        found += arrays(value) if is_dataclass(value) else [value] if isinstance(value, np.ndarray) else []
    return found


def told(verdict: Verdict) -> Array:
    """What a rule that looks at any window sees (rows, scores)."""
    seen: Array = rarity_of(verdict).max(axis=-1)
    return seen


# judging


def test_judging_changes_nothing() -> None:
    bank = copy.deepcopy(lived())
    for many in (0.0, 1.0, 7.0, 1e12):
        bank.judge(ROWS, facts(usual() * many, hostile=0.9))
    for before, after in zip(arrays(lived()), arrays(bank), strict=True):
        np.testing.assert_array_equal(before, after)


@given(
    row=st.integers(0, 3),
    many=st.floats(0.0, 20.0),
    more=st.floats(1.0, 5.0),
    hostile=st.floats(0.0, 1.0),
)
def test_more_of_the_same_is_never_less_rare(row: int, many: float, more: float, hostile: float) -> None:
    rows, rates = ROWS[[row]], usual(RATES[[row]])
    few, plenty = (told(lived().judge(rows, facts(rates * each, hostile=hostile))) for each in (many, many * more))
    counted = [SCORED.index(signal) for signal in MEASURED]
    assert (few[0, counted] <= plenty[0, counted] + 1e-4).all()


@given(row=st.integers(0, 3), many=st.floats(0.0, 20.0), hostile=st.floats(0.0, 1.0), more=st.floats(0.0, 1.0))
def test_more_hostile_voices_are_never_less_rare(row: int, many: float, hostile: float, more: float) -> None:
    rows, windows = ROWS[[row]], usual(RATES[[row]]) * many
    few, plenty = (
        told(lived().judge(rows, facts(windows, hostile=min(1.0, each))))[0] for each in (hostile, hostile + more)
    )
    for score in (SHARE, CRISIS):
        assert few[score] <= plenty[score] + 1e-4


@given(row=st.integers(0, 3), many=st.floats(0.1, 10.0), hostile=st.floats(0.0, 1.0), window=st.integers(0, 5))
def test_a_rule_that_looks_at_any_window_fires_where_the_score_does(
    row: int, many: float, hostile: float, window: int
) -> None:
    windows = usual(RATES[[row]])
    windows[:, window] *= many
    verdict = lived().judge(ROWS[[row]], facts(windows, hostile=hostile))
    np.testing.assert_allclose(told(verdict), verdict.periods)
    assert (rarity_of(verdict) <= verdict.periods[:, :, None] + 1e-9).all()


def test_usual_windows_are_called_usual() -> None:
    """What lies where it is expected is no return period at all, in any signal."""
    verdict = lived().judge(ROWS, facts(np.maximum(0.0, usual() * 0.9)))
    assert (told(verdict) == -np.inf).all()


def test_nothing_is_called_rare_beyond_a_hundred_times_the_time_watched() -> None:
    verdict = lived().judge(ROWS, facts(usual() * 1000.0, hostile=1.0))
    assert told(verdict).max() == pytest.approx(np.log10(150.0), abs=0.01)


def test_in_the_first_hour_nothing_is_rare() -> None:
    young = taught(days=11 / 288)
    assert (young.judge(ROWS, facts(usual() * 1000.0, hostile=1.0)).periods == -np.inf).all()
    older = taught(days=13 / 288)
    assert (older.judge(ROWS, facts(usual() * 1000.0, hostile=1.0)).periods[2:] > -np.inf).any()


# topics beside one another


def test_topics_do_not_influence_one_another() -> None:
    alone = taught(RATES[[2]], seeds=(2,))
    windows = facts(usual(RATES[[2]]) * 3.0, hostile=0.5)
    np.testing.assert_allclose(
        lived().judge(ROWS[[2]], windows).periods, alone.judge(ROWS[[0]], windows).periods, rtol=1e-6
    )


def test_the_order_of_topics_is_immaterial() -> None:
    back = taught(RATES[::-1], seeds=(3, 2, 1, 0))
    windows = facts(usual() * 3.0, hostile=0.5)
    turned = facts(usual(RATES[::-1]) * 3.0, hostile=0.5)
    np.testing.assert_allclose(lived().judge(ROWS, windows).periods, back.judge(ROWS, turned).periods[::-1], rtol=1e-6)


def test_through_the_tails_alone_topics_of_like_size_help_one_another() -> None:
    """Once the tails are fitted, a hundred peaks of one topic make another of its size less sure of rarities."""
    helped, windows = copy.deepcopy(lived()), facts(usual() * 2.5)
    helped.tails.count[2], helped.tails.days[2], helped.tails.excess[2] = 100.0, 60.0, 100.0
    helped.baselines.seen[1] = helped.baselines.seen[2]
    before = helped.judge(ROWS, windows).periods
    helped.fit()
    after = helped.judge(ROWS, windows).periods
    volume = MEASURED.index(Signal.VOLUME)
    assert after[1, volume] < before[1, volume]
    assert after[3, volume] == pytest.approx(before[3, volume])


# the crisis score


CALM = st.lists(st.floats(0.0, 12.0), min_size=len(SCORED) - 1, max_size=len(SCORED) - 1).map(np.array)


@given(calm=CALM)
def test_the_parts_of_a_crisis_are_parts_of_a_whole(calm: Array) -> None:
    found = parts(calm)
    assert sum(found.values()) == pytest.approx(1.0) if found else True
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert all(0.0 <= part <= 1.0 + 1e-9 for part in found.values())


@given(calm=CALM, index=st.sampled_from([SHARE, *SIZE]), more=st.floats(0.0, 5.0))
def test_a_larger_part_is_never_a_smaller_crisis(calm: Array, index: int, more: float) -> None:
    higher = calm.copy()
    higher[index] += more
    few, many = (float(fuse(each[None, :, None])[0, 0]) for each in (calm, higher))
    assert few <= many + 1e-9


@pytest.mark.parametrize("alone", SIZE)
def test_neither_copies_nor_one_author_nor_one_site_make_a_crisis(alone: int) -> None:
    """Two of volume, authors and sites must agree."""
    calm = np.zeros((1, len(SCORED) - 1, 1))
    calm[0, alone] = 12.0
    assert float(fuse(calm)[0, 0]) == 0.0
    calm[0, SIZE] = 12.0
    assert float(fuse(calm)[0, 0]) > 6.0


def test_tone_alone_is_a_crisis_and_size_with_it_a_graver_one() -> None:
    calm = np.zeros((1, len(SCORED) - 1, 1))
    calm[0, SHARE] = 5.0
    tone = float(fuse(calm)[0, 0])
    calm[0, SIZE] = 5.0
    assert tone == 5.0 < float(fuse(calm)[0, 0])
    assert max(DIRECTIONS) == 1.0
