"""Each known fault of river's models is shown as it is, then shown not to reach anybody."""

from __future__ import annotations

from math import isfinite
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.detect.by_river import catalogue
from buzzguard.detect.by_river.course import Course
from buzzguard.detect.by_river.judges import Judge, judge_of, upper_decades

HOLT_WINTERS = {"class": "time_series.HoltWinters", "alpha": 0.2, "beta": 0.01, "gamma": 0.3, "seasonality": 96}
EVERY_MODEL: list[tuple[str, dict[str, Any]]] = [
    ("GaussianScorer", {}),
    ("StandardAbsoluteDeviation", {"sub_stat": {"class": "stats.Quantile", "q": 0.5}}),
    ("PredictiveAnomalyDetection", {}),
    ("PredictiveAnomalyDetection", {"predictive_model": HOLT_WINTERS}),
    ("PredictiveAnomalyDetection", {"predictive_model": {"class": "time_series.SNARIMAX", "p": 4, "d": 0, "q": 0}}),
    ("HalfSpaceTrees", {"window_size": 100}),
    ("LODA", {"n_random_cuts": 20}),
    ("LocalOutlierFactor", {"engine": {"class": "neighbors.LazySearch", "window_size": 50}}),
    ("OneClassSVM", {}),
    ("ADWIN", {"clock": 1}),
    ("KSWIN", {}),
    ("PageHinkley", {}),
]


def judge(model: str, **parameters: Any) -> tuple[Judge, Course]:
    course = Course("root", minutes=15, stride=15)
    return judge_of(catalogue.choose(model), parameters, course, lagged=True), course


def unwrapped(model: str, **parameters: Any) -> Any:
    """The model as river makes it."""
    return catalogue.build(catalogue.choose(model), parameters)


def teach(judge: Judge, course: Course, values: list[float], *, first: int = 0) -> int:
    """Teach values of consecutive quarter hours; returns the minute of the last."""
    for index, value in enumerate(values, start=first):
        judge.learn(value, 15 * index)
        course.remember(15 * index, value)
        course.learn(15 * index, value)
    return 15 * (first + len(values) - 1)


def noise(count: int, *, mean: float = 5.0, deviation: float = 1.0) -> list[float]:
    dice = Random("noise")
    return [max(0.0, dice.gauss(mean, deviation)) for _ in range(count)]


def test_gaussian_scorer_ties_what_is_far_and_looks_both_ways_but_its_judge_does_not() -> None:
    raw = unwrapped("GaussianScorer")
    wrapped, course = judge("GaussianScorer")
    values = noise(300)
    last = teach(wrapped, course, values)
    for value in values:
        raw.learn_one(None, value)
    assert raw.score_one(None, 20.0) == raw.score_one(None, 200.0) == 1.0
    assert raw.score_one(None, 0.0) > 0.99
    low, usual, high, higher = (wrapped.score(value, last + 15) for value in (0.0, 5.0, 20.0, 200.0))
    assert low is not None and usual is not None and high is not None and higher is not None
    assert low < usual < high < higher


@given(st.floats(-30, 1e6), st.floats(0.0, 1e6))
def test_the_upper_tail_is_finite_and_grows_however_far(z: float, more: float) -> None:
    assert isfinite(upper_decades(z + more))
    assert upper_decades(z) <= upper_decades(z + more) + 1e-9


def test_the_upper_tail_has_no_step_where_the_asymptote_takes_over() -> None:
    assert upper_decades(36.0) == pytest.approx(upper_decades(35.999), rel=1e-3)
    assert upper_decades(1.6448536) == pytest.approx(1.30103, abs=1e-5)


def test_predictive_detection_caps_but_its_judge_tells_tenfold_from_hundredfold() -> None:
    raw = unwrapped("PredictiveAnomalyDetection", predictive_model={"class": "time_series.HoltWinters", "alpha": 0.2})
    for value in noise(10):
        raw.learn_one({}, value)
    for value in noise(300):
        raw.score_one({}, value)
        raw.learn_one({}, value)
    assert raw.score_one({}, 50.0) == raw.score_one({}, 500.0) == raw.score_one({}, -500.0) == 1.0

    wrapped, course = judge("PredictiveAnomalyDetection", predictive_model={**HOLT_WINTERS, "seasonality": 1})
    last = teach(wrapped, course, noise(300))
    low, high, higher = (wrapped.score(value, last + 15) for value in (0.0, 50.0, 500.0))
    assert low is not None and high is not None and higher is not None
    assert low < 0.0 < 5.0 * high < higher


def test_predictive_detection_never_forgets_a_spike_but_its_judge_does() -> None:
    wrapped, course = judge(
        "PredictiveAnomalyDetection", predictive_model={"class": "time_series.HoltWinters", "alpha": 0.3}
    )
    last = teach(wrapped, course, noise(300))
    before = wrapped.score(12.0, last + 15)
    last = teach(wrapped, course, [2000.0, *noise(400)], first=300)
    after = wrapped.score(12.0, last + 15)
    assert before is not None and after is not None
    assert after > 0.7 * before


def test_asking_predictive_detection_does_not_teach_it() -> None:
    wrapped, course = judge("PredictiveAnomalyDetection", predictive_model=HOLT_WINTERS)
    last = teach(wrapped, course, noise(300))
    first = wrapped.score(9.0, last + 15)
    for _ in range(50):
        wrapped.score(5000.0, last + 15)
    assert wrapped.score(9.0, last + 15) == first


def test_a_forecaster_is_taught_whole_numbers_too() -> None:
    wrapped, course = judge("PredictiveAnomalyDetection", predictive_model=HOLT_WINTERS)
    last = teach(wrapped, course, [index % 7 for index in range(300)])
    assert wrapped.score(3, last + 15) is not None


def test_a_forecaster_keeps_its_season_through_windows_that_were_skipped_or_never_told() -> None:
    day = [9.0 if 40 <= slot < 60 else 1.0 for slot in range(96)]
    for gap in ("skipped", "never told"):
        wrapped, course = judge("PredictiveAnomalyDetection", predictive_model=HOLT_WINTERS)
        last = teach(wrapped, course, day * 10)
        if gap == "skipped":
            for _ in range(30):
                last += 15
                wrapped.skip(last)
        teach(wrapped, course, [1.0] * 5, first=10 * 96 + 30)
        noon, night = (960 + 44) * 15, (960 + 80) * 15
        at_noon, at_night = wrapped.score(9.0, noon), wrapped.score(9.0, night)
        assert at_noon is not None and at_night is not None
        assert at_noon < 3.0 < 9.0 < at_night


def test_a_median_has_nothing_to_say_before_the_first_value() -> None:
    with pytest.raises(TypeError):
        unwrapped("StandardAbsoluteDeviation", sub_stat={"class": "stats.Quantile", "q": 0.5}).score_one(None, 1.0)
    wrapped, course = judge("StandardAbsoluteDeviation", sub_stat={"class": "stats.Quantile", "q": 0.5})
    assert wrapped.score(1.0, 0) is None
    last = teach(wrapped, course, noise(100))
    low, high = wrapped.score(1.0, last), wrapped.score(9.0, last)
    assert low is not None and high is not None
    assert low < 0.0 < high


def test_half_space_trees_say_nothing_for_their_first_window_and_are_given_values_in_their_range() -> None:
    wrapped, course = judge("HalfSpaceTrees", window_size=100)
    last = teach(wrapped, course, noise(99, mean=300.0, deviation=20.0))
    assert wrapped.score(300.0, last) is None
    last = teach(wrapped, course, noise(200, mean=300.0, deviation=20.0), first=99)
    usual, high = wrapped.score(300.0, last + 15), wrapped.score(3000.0, last + 15)
    assert usual is not None and high is not None
    assert usual < high <= 1.0


@pytest.mark.parametrize(
    ("model", "parameters"), EVERY_MODEL, ids=lambda value: value if isinstance(value, str) else ""
)
def test_asking_teaches_nothing_and_the_same_values_give_the_same_scores(
    model: str, parameters: dict[str, Any]
) -> None:
    asked, course = judge(model, **parameters)
    silent, other = judge(model, **parameters)
    values = noise(150)
    for index, value in enumerate(values):
        teach(asked, course, [value], first=index)
        teach(silent, other, [value], first=index)
        asked.score(40.0, 15 * index + 15)
    minute = 15 * len(values)
    for value in (0.0, 5.0, 40.0):
        assert asked.score(value, minute) == silent.score(value, minute)
