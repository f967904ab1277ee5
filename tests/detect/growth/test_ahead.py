"""What lies ahead: futures that fit the present, intervals that hold, and the honesty to say that nobody knows."""

from __future__ import annotations

import numpy as np
import pytest

from buzzguard.detect.growth import Course, judge_growth
from buzzguard.detect.growth.ahead import HORIZONS, worth_telling
from buzzguard.model import MINUTE, Growth
from tests.detect.growth import days


def test_a_forecast_stands_for_each_horizon_in_order() -> None:
    growth = judge_growth(days.day(days.step(300, 3.0)))
    assert [one.at for one in growth.forecast] == [days.NOW + ahead * MINUTE for ahead in HORIZONS]
    for one in growth.forecast:
        assert 0.0 <= one.per_hour.low <= one.per_hour.value <= one.per_hour.high


def test_what_stands_is_expected_to_stand_and_slowly_to_wane() -> None:
    growth = judge_growth(days.day(days.step(600, 3.0)))
    hours = [one.per_hour.value for one in growth.forecast]
    assert hours[0] == pytest.approx(210.0, rel=0.2)
    assert hours == sorted(hours, reverse=True)
    assert growth.peak is None


def test_intervals_widen_with_the_time_ahead() -> None:
    growth = judge_growth(days.day(days.doubling(60, 4.0)))
    widths = [one.per_hour.high / one.per_hour.low for one in growth.forecast]
    assert widths[:3] == sorted(widths[:3])


def test_growth_goes_on_for_a_while_but_is_not_extrapolated_for_ever() -> None:
    growth = judge_growth(days.day(days.doubling(40, 5.0)))
    first, last = growth.forecast[0].per_hour.value, growth.forecast[-1].per_hour.value
    assert growth.per_hour < first < 2.0 ** (60 / 40) * growth.per_hour
    assert last < 4.0 * growth.per_hour
    assert growth.peak is not None
    assert growth.at < growth.peak.earliest <= growth.peak.at <= growth.peak.latest
    assert growth.peak.per_hour.low < growth.peak.per_hour.value < growth.peak.per_hour.high


def test_what_just_broke_out_is_not_known() -> None:
    growth = judge_growth(days.day(days.doubling(12, 4.0)))
    assert not any(one.known for one in growth.forecast[1:])
    assert growth.peak is None or not growth.peak.known


def test_a_forecast_too_wide_is_not_worth_telling() -> None:
    assert worth_telling(50.0, 350.0)
    assert not worth_telling(50.0, 500.0)
    assert worth_telling(0.0, 5.0), "from none to five an hour is a narrow range"


def test_the_night_is_foreseen() -> None:
    """Two stories alike but for the hour: towards the night less is to be expected."""
    noon, evening = days.SUN, np.roll(days.SUN, -240)
    told: list[Growth] = []
    for sun in (np.roll(noon, 240), evening):
        story = 4.0 * np.sqrt(sun / sun[-1])
        counts = days.day(0.0, usual=sun + np.where(days.AGO < 400, story, 0.0)).counts
        told.append(judge_growth(Course(at=days.NOW, counts=counts, expected=sun)))
    in_six_hours = [growth.forecast[2].per_hour.value / growth.per_hour for growth in told]
    assert in_six_hours[1] < 0.75 * in_six_hours[0]


def test_intervals_hold_over_stories_whose_end_is_drawn_from_the_prior() -> None:
    """Stories that rise, turn and wane at times nobody could know: four in five counts lie within the interval."""
    dice, held, told = np.random.default_rng(11), 0, 0
    for _ in range(120):
        age, power, unrest = dice.uniform(60, 600), dice.choice([0.2, 0.6, 1.4]), dice.normal(0.0, 0.35, 40)
        minutes = np.arange(days.DAY + 400) - days.DAY
        since = np.maximum(minutes + age, 1.0)
        mood = np.exp(np.interp(minutes, np.arange(40) * 60.0 - days.DAY, unrest))
        rate = np.where(minutes >= -age, 5.0 * (since / age) ** -power * mood, 0.0) + 0.3
        counts = dice.poisson(rate)
        day = counts[: days.DAY].astype(np.float64)
        day[-1] //= 2
        growth = judge_growth(Course(at=days.NOW, counts=day, expected=np.full(days.DAY, 0.3)))
        for one, ahead in zip(growth.forecast[:3], HORIZONS[:3], strict=True):
            came = counts[days.DAY + ahead - 30 : days.DAY + ahead + 30].sum()
            held += one.per_hour.low <= came <= one.per_hour.high
            told += 1
    assert told > 300
    assert 0.75 <= held / told <= 0.97
