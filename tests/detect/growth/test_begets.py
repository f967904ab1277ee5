"""The reproduction number: read from stories whose begetting is known."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.detect.growth import Course
from buzzguard.detect.growth.begets import default_lags, lag_law, reproduction
from buzzguard.detect.growth.course import minutes_of
from buzzguard.detect.growth.story import story
from buzzguard.model import Estimate
from tests.detect.growth import days

LAW = default_lags()


def cascade(number: float, *, seed: int, news: float = 0.6, since: int = 400) -> Course:
    """Mentions from outside since a while ago, each of which begets `number` others, and these again."""
    dice = np.random.default_rng(seed)
    counts, begotten, lags = np.zeros(days.DAY), np.zeros(days.DAY), np.zeros(days.DAY)
    waiting = np.zeros(days.DAY)
    for minute in range(days.DAY - since, days.DAY):
        fresh = dice.poisson(news)
        counts[minute] = fresh + waiting[minute]
        begotten[minute] = waiting[minute]
        children = dice.poisson(number * counts[minute])
        for lag in dice.choice(days.DAY, size=children, p=LAW) + 1:
            if minute + lag < days.DAY:
                waiting[minute + lag] += 1
                lags[lag] += 1
    return Course(
        at=days.NOW, counts=counts, expected=np.full(days.DAY, 0.01), begotten=begotten, lags=lags, dispersion=0.0
    )


def read(course: Course) -> tuple[Estimate | None, bool]:
    minutes = minutes_of(course)
    return reproduction(minutes, story(minutes), 1.0)


def test_the_default_law_is_that_of_shares() -> None:
    assert LAW.sum() == pytest.approx(1.0)
    assert int(np.searchsorted(np.cumsum(LAW), 0.5)) + 1 == 19
    assert (np.diff(LAW) <= 1e-12).all()


@pytest.mark.parametrize("number", [0.4, 0.9, 1.3])
def test_the_number_is_found_where_shares_are_told(number: float) -> None:
    found = [read(cascade(number, seed=seed)) for seed in range(25)]
    estimates = [one for one, apparent in found if one is not None and not apparent]
    assert len(estimates) == 25
    values = sorted(one.value for one in estimates)
    assert 0.8 * number < values[12] < 1.25 * number
    assert sum(one.low <= number <= one.high for one in estimates) >= 16


def test_from_counts_alone_it_is_apparent_and_never_below() -> None:
    course = cascade(0.5, seed=3)
    blind = Course(at=course.at, counts=course.counts, expected=course.expected)
    told, seen = read(course), read(blind)
    assert told[0] is not None and seen[0] is not None
    assert (told[1], seen[1]) == (False, True)
    assert seen[0].value > told[0].value, "news from outside passes for begetting"


def test_news_from_outside_alone_begets_nothing() -> None:
    course = cascade(0.02, seed=5, news=2.0)
    estimate, apparent = read(course)
    assert estimate is not None and not apparent
    assert estimate.high < 0.2


def test_nothing_is_said_of_too_few() -> None:
    counts = np.zeros(days.DAY)
    counts[-10:] = [1, 0, 1, 0, 0, 1, 0, 1, 0, 1]
    assert read(Course(at=days.NOW, counts=counts, expected=np.zeros(days.DAY)))[0] is None


def test_seen_lags_replace_the_default_with_their_number() -> None:
    few, many = (np.zeros(days.DAY) for _ in range(2))
    few[3], many[3] = 3, 3_000
    counts = np.full(days.DAY, 5.0)
    laws = [lag_law(minutes_of(Course(at=days.NOW, counts=counts, expected=counts, lags=lags))) for lags in (few, many)]
    assert laws[0][2] < 0.2 < 0.9 < laws[1][2]
    assert all(law.sum() == pytest.approx(1.0) for law in laws)
