"""The negative share, its scatter, and the scorer's own errors."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.detect.scan import Array
from buzzguard.detect.shares import USUAL_SHARE, Shares
from buzzguard.model import WINDOWS, Confusion

ROW = np.arange(1)
FLAWED = Confusion(recall=0.8, false_positives=0.1)
PERFECT = Confusion(recall=1.0, false_positives=0.0)


def shares(confusion: Confusion | None = None, topics: int = 1) -> Shares:
    return Shares.of(topics, confusion or PERFECT)


def deviate(state: Shares, hostile: float, voices: float, window: int = 2, lift: float = 1.0) -> float:
    """Of one window; the others are empty."""
    many: Array = np.zeros((1, len(WINDOWS)))
    heard, against = many.copy(), many.copy()
    heard[0, window], against[0, window] = voices, hostile
    return float(state.deviate(ROW, against, heard, np.full((1, len(WINDOWS)), lift))[0, window])


def teach(
    state: Shares, days: float, *, share: float = 0.2, voices: int = 20, correlation: float = 0.0, window: int = 0
) -> Shares:
    """Beta-binomial windows of five minutes."""
    dice = np.random.default_rng(11)
    for _ in range(round(days * 288)):
        lived = share
        if correlation:
            size = 1.0 / correlation - 1.0
            lived = float(dice.beta(share * size, (1.0 - share) * size))
        hostile = float(dice.binomial(voices, lived))
        state.learn(ROW, window, np.array([hostile]), np.array([float(voices)]))
        if window:
            state.learn(ROW, 0, np.array([hostile / 3.0]), np.array([voices / 3.0]))
    return state


def correlation(state: Shares, window: int = 0) -> float:
    return float(state.over[0, window] / state.under[0, window])


def test_the_usual_share_is_learned() -> None:
    assert float(shares().usual(ROW)[0]) == pytest.approx(USUAL_SHARE)
    for share in (0.02, 0.2, 0.6):
        assert float(teach(shares(), 3, share=share).usual(ROW)[0]) == pytest.approx(share, rel=0.1, abs=0.005)


@pytest.mark.parametrize("wanders", [0.0, 0.02, 0.1])
def test_how_much_a_share_wanders_is_learned(wanders: float) -> None:
    """From windows of many voices: the scatter of few is told apart from that of coins with difficulty."""
    learned = correlation(teach(shares(), 5, voices=300, correlation=wanders))
    assert learned == pytest.approx(wanders, rel=0.35, abs=0.001)


def test_where_shares_wander_the_same_window_is_less_of_a_deviation() -> None:
    calm, wandering = (teach(shares(), 4, correlation=wanders) for wanders in (0.0, 0.1))
    assert deviate(wandering, 60.0, 100.0, window=0) < 0.5 * deviate(calm, 60.0, 100.0, window=0)


def test_on_steady_shares_deviations_are_normal() -> None:
    """Of windows after three days of learning, one in twenty lies beyond 1.6 deviations, hardly one beyond three."""
    state, dice = teach(shares(), 3), np.random.default_rng(3)
    found = np.array([deviate(state, float(dice.binomial(20, 0.2)), 20.0, window=0) for _ in range(3000)])
    assert 0.01 < float((found > 1.6).mean()) < 0.06
    assert float((found > 3.0).mean()) < 0.003


def test_the_scorer_s_errors_are_a_floor_that_many_voices_do_not_lift() -> None:
    """A mediocre scorer may misread one story as it misreads none other: a hundred hostile voices are one reading."""
    sure, unsure = teach(shares(), 3), teach(shares(FLAWED), 3)
    few, many = (
        (deviate(unsure, 0.4 * voices, voices), deviate(sure, 0.4 * voices, voices)) for voices in (50.0, 2000.0)
    )
    assert 0.6 < few[0] / few[1] < 1.0
    assert many[0] < 0.7 * many[1]
    # A floor of a third of the false positives: a share twice the usual never claims more than this many deviations.
    assert deviate(unsure, 40_000.0, 100_000.0) < 8.0


def test_a_scorer_of_unknown_quality_is_not_taken_for_a_good_one() -> None:
    unknown, sure = teach(shares(Confusion()), 3), teach(shares(), 3)
    assert deviate(unknown, 800.0, 2000.0) < 0.7 * deviate(sure, 800.0, 2000.0)


@pytest.mark.parametrize("confusion", [PERFECT, FLAWED])
def test_more_hostile_voices_are_never_a_smaller_deviation(confusion: Confusion) -> None:
    state = teach(shares(confusion), 2)
    for voices in (2.0, 5.0, 30.0, 400.0):
        found = [deviate(state, part * voices / 20.0, voices) for part in range(21)]
        assert found == sorted(found)


def test_one_voice_says_nothing_and_hostile_voices_alone_say_more_the_more_they_are() -> None:
    state = teach(shares(), 3)
    assert deviate(state, 1.0, 1.0) == 0.0
    found = [deviate(state, voices, voices) for voices in (2.0, 4.0, 8.0, 16.0)]
    assert found == sorted(found)
    assert found[0] < 2.0 < 4.0 < found[-1]


def test_what_the_calendar_lets_expect_is_no_deviation() -> None:
    state = teach(shares(), 5)
    assert deviate(state, 30.0, 100.0) > 1.5
    assert deviate(state, 30.0, 100.0, lift=1.5) < 0.3


def test_a_day_of_hostility_hardly_moves_what_is_usual() -> None:
    state = teach(teach(shares(), 8), 1, share=0.8)
    assert float(state.usual(ROW)[0]) < 0.26


def test_topics_learn_apart() -> None:
    state = shares(topics=2)
    before = float(state.usual(np.array([1]))[0])
    teach(state, 1, share=0.7)
    assert float(state.usual(np.array([1]))[0]) == before
    assert float(state.usual(ROW)[0]) > 0.6
