"""From scores to return periods: what is asked for is what is found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.scan import LN10, Array
from buzzguard.detect.tails import POOL_WEIGHT, PRIOR_PEAKS, QUIET, SLOPE, THRESHOLD, WARM, Tails, Traits

DAY = 1440
GROWN = np.array([100.0])


class Watched:
    """Tails of some topics that see a score every hour."""

    def __init__(self, topics: int = 1, traits: Traits | None = None) -> None:
        self.tails = Tails.of(topics, 1, traits)
        self.rows = np.arange(topics)
        self.minute = WARM

    def see(self, scores: Array) -> None:
        self.minute += 60
        known = np.full(len(self.rows), self.minute / DAY)
        self.tails.see(
            self.rows, scores[:, None], minute=self.minute, days=np.full(len(self.rows), 1 / 24), watched=known
        )

    def live(self, scores: Array) -> None:
        """Scores of each topic (topics, hours)."""
        for column in scores.T:
            self.see(column)

    def period(self, score: float) -> Array:
        found: Array = self.tails.period(self.rows, np.full((len(self.rows), 1), score))[:, 0]
        return found


def streams(topics: int, days: int, *, rate: float, slope: float, shape: float = 0.0, seed: str = "tails") -> Array:
    """Scores by the hour: peaks come `rate` a day, an hour long, and exceed the threshold by `slope` in the mean, with
    a tail of that shape."""
    dice = np.random.default_rng(sum(map(ord, seed)))
    peaks = dice.random((topics, days * 24)) < rate / 24.0
    excess = dice.exponential(1.0, peaks.shape)
    bent = np.expm1(shape * excess) / shape if shape else excess
    return np.where(peaks, THRESHOLD + slope * (1.0 - shape) * bent, 0.0)


def alarms(scores: Array, asked: Array) -> int:
    """Alarms of scores (topics, hours) rarer than `asked`, quiet for twelve hours after each exceedance."""
    found = 0
    for course, threshold in zip(scores, asked, strict=True):
        over = np.flatnonzero(course >= threshold)
        found += int((np.diff(over, prepend=-(10**6)) > QUIET // 60).sum())
    return found


def threshold_of(watched: Watched, period: float) -> Array:
    """The score that each topic's tail calls as rare as once in `period` days."""
    low, high = np.full(len(watched.rows), THRESHOLD), np.full(len(watched.rows), 30.0)
    for _ in range(40):
        middle = (low + high) / 2.0
        rarer = watched.tails.period(watched.rows, middle[:, None])[:, 0] >= np.log10(period)
        low, high = np.where(rarer, low, middle), np.where(rarer, middle, high)
    return high


@pytest.mark.parametrize(
    ("rate", "slope", "shape", "oftener", "larger"),
    [
        (0.3, SLOPE, 0.0, 1.0, 1.0),
        (0.3, 0.6 * SLOPE, 0.2, 1.0, 1.0),
        (0.35, 1.4 * SLOPE, -0.15, 1.0, 1.0),
        (0.3, SLOPE, 0.0, 1.2, 1.1),
    ],
)
def test_as_many_alarms_come_as_were_asked_for(
    rate: float, slope: float, shape: float, oftener: float, larger: float
) -> None:
    """Be the tail as it may: a hundred and twenty topics of like size learn for a year, and are counted for another.

    What is judged at any time may exceed more often, and by more, than what closes on the strides that are learned.
    """
    watched = Watched(120, Traits(*np.array([[THRESHOLD], [oftener], [larger]])))
    watched.live(streams(120, 365, rate=rate, slope=slope, shape=shape))
    watched.tails.fit(np.full(120, 100.0))
    later = streams(120, 365, rate=rate * oftener, slope=slope * larger, shape=shape, seed="later")
    for period in (7.0, 30.0, 90.0):
        asked = 120 * 365 / period
        assert alarms(later, threshold_of(watched, period)) / asked == pytest.approx(
            1.0, abs=0.15 if period < 90.0 else 0.2
        ), period


@given(
    score=st.floats(-5.0, 50.0),
    more=st.floats(0.0, 10.0),
    count=st.floats(0.0, 500.0),
    excess=st.floats(0.0, 3.0),
    square=st.floats(0.0, 100.0),
)
def test_a_higher_score_is_never_commoner(
    score: float, more: float, count: float, excess: float, square: float
) -> None:
    tails = Tails.of(1, 1)
    tails.count[:], tails.days[:], tails.excess[:], tails.squares[:] = count, 100.0, count * excess, count * square
    tails.fit(GROWN)
    low, high = (float(tails.period(np.arange(1), np.array([[value]]))[0, 0]) for value in (score, score + more))
    assert low <= high + 1e-9


def test_a_few_peaks_bend_no_tail() -> None:
    """Ten peaks of one size, then one six times as large: nothing is concluded from them about once in a year."""
    straight, bent = Tails.of(1, 1), Tails.of(1, 1)
    for tails, squares in ((straight, 22.0 * SLOPE**2), (bent, 46.0 * SLOPE**2)):
        tails.count[:], tails.days[:], tails.excess[:], tails.squares[:] = 11.0, 33.0, 11.0 * SLOPE, squares
        tails.fit(GROWN)
    year = np.array([[2.56]])
    assert float(bent.shape[0, 0]) < 0.05
    assert float(bent.period(np.arange(1), year)[0, 0]) == pytest.approx(
        float(straight.period(np.arange(1), year)[0, 0]), abs=0.1
    )


def test_before_any_past_a_score_is_about_what_it_says() -> None:
    """A return period stands for itself up to a month; beyond, that the tail is not known makes it less."""
    watched = Watched()
    assert float(watched.period(THRESHOLD)[0]) == pytest.approx(THRESHOLD, abs=1e-6)
    for score in (1.0, 1.5):
        assert float(watched.period(score)[0]) == pytest.approx(score, abs=0.2)
    assert 1.9 < float(watched.period(2.56)[0]) < 2.5


def test_a_topic_without_a_past_has_that_of_topics_of_like_size() -> None:
    busy = Watched(30)
    busy.live(np.vstack([streams(29, 180, rate=0.8, slope=2.0 * SLOPE), np.zeros((1, 180 * 24))]))
    newcomer = busy.rows[-1:]
    busy.tails.count[newcomer], busy.tails.days[newcomer], busy.tails.excess[newcomer] = 0.0, 0.0, 0.0
    sizes = np.full(30, 100.0)
    busy.tails.fit(sizes)
    among_alike = float(busy.period(3.0)[-1])
    busy.tails.fit(np.where(np.arange(30) == 29, 1.0, sizes))
    alone = float(busy.period(3.0)[-1])
    assert among_alike < 0.8 * alone
    assert alone == pytest.approx(float(Watched().period(3.0)[0]), abs=1e-6)


def test_a_topic_outweighs_the_others_with_its_own_past() -> None:
    watched = Watched(2)
    watched.live(
        np.vstack([streams(1, 360, rate=0.5, slope=2.0 * SLOPE), streams(1, 360, rate=0.5, slope=0.5 * SLOPE)])
    )
    watched.tails.fit(np.full(2, 100.0))
    wild, tame = watched.period(3.0)
    assert wild < tame - 0.3
    assert float(watched.tails.own(0)[0]) > 0.5
    assert float(Watched().tails.own(0)[0]) == 0.0


def test_what_follows_within_half_a_day_is_one_peak() -> None:
    watched = Watched()
    for hour in range(100):
        watched.see(np.array([1.0 if hour in (0, 5, 16, 40) else 0.0]))
    # 0, 5 and 16 hang together; 40 is another.
    assert float(watched.tails.count[0, 0]) == pytest.approx(2.0, abs=0.02)


def test_what_lasts_for_days_is_counted_as_it_stands() -> None:
    watched = Watched()
    watched.live(np.full((1, 8 * 24), 2.0))
    assert 1.9 <= float(watched.tails.count[0, 0]) <= 3.0


def test_one_crisis_is_not_the_habit_of_the_tail() -> None:
    """However grave it was, what came once in 260 days comes once in 130 afterwards, not every week."""
    watched = Watched()
    before = float(watched.period(2.5)[0])
    scores = np.zeros((1, 48))
    scores[0, 3] = 300.0
    watched.live(scores)
    watched.tails.fit(GROWN)
    assert float(watched.period(2.5)[0]) == pytest.approx(before, abs=0.3)


def test_the_first_week_counts_for_nothing() -> None:
    young = Watched()
    young.minute = 0
    young.live(np.full((1, 6 * 24), 0.0))
    young.live(streams(1, 1, rate=12.0, slope=1.0)[:, :20])
    assert float(young.tails.count[0, 0]) == 0.0
    assert float(young.tails.days[0, 0]) == 0.0


def test_the_prior_is_what_its_constants_say() -> None:
    """A topic alone, with a past of `n` peaks, weighs the prior as so many peaks at the score's own word."""
    tails = Tails.of(1, 1)
    tails.count[:], tails.days[:], tails.excess[:] = 60.0, 240.0, 60.0 / LN10
    tails.fit(GROWN)
    pooled = (60.0 + PRIOR_PEAKS) / (240.0 + PRIOR_PEAKS * 10.0**THRESHOLD)
    assert float(tails.rate[0, 0]) == pytest.approx((60.0 + POOL_WEIGHT) / (240.0 + POOL_WEIGHT / pooled), rel=1e-5)
    assert float(tails.slope[0, 0]) == pytest.approx(SLOPE, rel=1e-5)
