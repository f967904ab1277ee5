"""Laws of topics of which hardly anybody speaks: one or two mentions are a story like others, four are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.bank import SCORED, Bank, Facts
from buzzguard.detect.baselines import DAYS_OF_WINDOW, SUMS
from buzzguard.detect.quiet import LOUD, ONE_MENTION, QUIET, STORIES, quietness, stories, story_decades
from buzzguard.detect.scan import Array
from buzzguard.detect.tails import QUIET_WEIGHT, SLOPE, THRESHOLD, Tails
from buzzguard.model import MEASURED, WINDOWS, Confusion, Signal

YEAR = float(np.log10(365.0))
HOUR, DAY = 2, 5
ONE = np.arange(1)


def silent(days: float = 1000.0) -> Bank:
    """A topic that was watched for so long and never mentioned."""
    bank = Bank.of(1, Confusion(), trust=100.0)
    bank.known[:] = days
    bank.baselines.watched[:] = days
    bank.baselines.steps[:] = 1000
    return bank


def counted(mentions: Array) -> Facts:
    """Mentions of each window, each by an author of their own with a large audience."""
    values = np.repeat(mentions[None, None, :], len(MEASURED), axis=1)
    values[:, SUMS] *= 10_000.0
    ones = np.ones((1, len(WINDOWS)))
    lived = (np.zeros(1, np.int8), np.zeros(1, np.int8))
    return Facts(10**7, lived, values, np.ones(values.shape), mentions[None, :], mentions[None, :] * 0.0, ones)


def within(count: int, window: int) -> Array:
    """So many mentions, evenly within a window, and none before."""
    shorter = np.ceil(count * DAYS_OF_WINDOW / DAYS_OF_WINDOW[window])
    held: Array = np.minimum(shorter, float(count))
    return held


@pytest.mark.parametrize("window", range(len(WINDOWS)))
@pytest.mark.parametrize("mentions", [1, 2])
def test_one_or_two_mentions_are_never_as_rare_as_once_in_a_year(mentions: int, window: int) -> None:
    """However silent it was before, in whatever signal of counts, and however large the audience."""
    periods = silent().judge(ONE, counted(within(mentions, window))).periods[0]
    signals = [index for index, signal in enumerate(SCORED) if signal is not Signal.SHARE]
    assert periods[signals].max() < YEAR


@pytest.mark.parametrize(("mentions", "window"), [(3, HOUR), (4, DAY - 1), (4, DAY)])
def test_a_few_more_are(mentions: int, window: int) -> None:
    periods = silent().judge(ONE, counted(within(mentions, window))).periods[0]
    assert periods[SCORED.index(Signal.VOLUME)] >= YEAR


@given(count=st.floats(0.0, 1e6), more=st.floats(0.0, 1e3), begun=st.floats(STORIES, 10.0))
def test_more_mentions_are_never_commoner(count: float, more: float, begun: float) -> None:
    few, many = (story_decades(np.array([each]), np.array([begun]), np.ones(1)) for each in (count, count + more))
    assert few[0] <= many[0]


@given(daily=st.floats(0.0, 100.0), more=st.floats(0.0, 10.0), watched=st.floats(0.0, 5000.0))
def test_who_is_spoken_of_more_often_is_less_surprising(daily: float, more: float, watched: float) -> None:
    few, many = (float(stories(np.array(each), np.array(watched))) for each in (daily, daily + more))
    assert STORIES <= few <= many


def test_a_long_silence_is_no_evidence_of_small_stories() -> None:
    years = [
        float(silent(days).judge(ONE, counted(within(3, DAY))).periods[0, 0]) for days in (100.0, 1000.0, 10_000.0)
    ]
    assert years[1] == pytest.approx(years[0], abs=0.05)
    assert years[2] == pytest.approx(years[0], abs=0.05)


def test_quiet_topics_pass_to_others_without_a_step() -> None:
    assert quietness(np.array([QUIET / 10.0, QUIET, LOUD, 100.0])).tolist() == [1.0, 1.0, 0.0, 0.0]
    between = quietness(np.geomspace(QUIET, LOUD, 50))
    assert (np.diff(between) < 0.0).all()
    assert np.abs(np.diff(between)).max() < 0.03


def test_one_mention_begins_every_story() -> None:
    said = float(story_decades(np.ones(1), np.array([STORIES]), np.ones(1))[0])
    assert said == pytest.approx(ONE_MENTION)


def test_a_topic_whose_own_stories_are_large_is_told_so() -> None:
    """Many stories of ten mentions are a habit, stories of one or two are none; others of like size say nothing."""
    tails, quiet, score = Tails.of(2, 1), np.ones((2, 1)), np.full((2, 1), 3.0)
    tails.count[:] = QUIET_WEIGHT
    tails.excess[:, 0] = QUIET_WEIGHT * (ONE_MENTION - THRESHOLD + np.array([4.0 * SLOPE, 0.3 * SLOPE]))
    tails.rate[:] = 1e-3
    large, small = tails.period(np.arange(2), score, quiet)[:, 0]
    assert small == pytest.approx(3.0)
    assert large < 2.0
