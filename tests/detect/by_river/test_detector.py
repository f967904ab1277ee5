"""River judges the signals it was given, in return periods; all else is the default detector's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from buzzguard.config.settings import EventSettings
from buzzguard.detect.by_river.detector import RiverDetector
from buzzguard.detect.by_river.settings import RiverSettings
from buzzguard.detect.calendar import Calendar, Place
from buzzguard.model import WINDOWS, Direction, Samples, Signal
from tests.detect.by_river.plain import (
    QUARTER,
    SAID,
    PlainDetector,
    ends,
    once_per,
    quarters,
    river,
    usual_days,
    windows_at,
)

DAYS = 10
ASKED = ends(DAYS)


def taught(model: str = "GaussianScorer", **settings: Any) -> RiverDetector:
    detector = river(model, **settings)
    detector.learn(quarters(usual_days(DAYS)))
    return detector


def test_until_its_model_can_tell_the_default_detector_judges() -> None:
    detector = river("GaussianScorer")
    assert once_per(detector, ends(0), 50) == SAID
    detector.learn(quarters(usual_days(2)))
    assert once_per(detector, ends(2), 50) == SAID


def test_then_the_usual_is_usual_and_the_unheard_of_is_rare_but_never_beyond_a_hundred_times_the_time_watched() -> None:
    detector = taught()
    assert once_per(detector, ASKED, 11) == timedelta(0)
    assert timedelta(days=90) < once_per(detector, ASKED, 10**9) <= timedelta(days=100 * DAYS)


def test_signals_that_it_does_not_judge_are_the_defaults() -> None:
    (judged,) = taught().assess(windows_at(ASKED, 500)[1:2])
    assert judged.assessments[Signal.AUTHORS].once_per == SAID
    assert judged.assessments[Signal.CRISIS].once_per == SAID
    assert judged.assessments[Signal.VOLUME].once_per > SAID
    assert list(judged.assessments) == list(Signal)


def test_a_window_that_it_does_not_see_is_as_rare_as_it_is_by_itself_and_never_rarer_than_the_model_says() -> None:
    def volumes(asked: int) -> dict[timedelta, timedelta]:
        judged = taught().assess(windows_at(ASKED, asked))
        return {each.samples.window: each.assessments[Signal.VOLUME].once_per for each in judged}

    rare, usual = volumes(500), volumes(11)
    assert rare[QUARTER] > SAID
    assert {each for window, each in rare.items() if window != QUARTER} == {SAID}
    assert set(usual.values()) == {timedelta(0)}


def test_a_lull_stays_what_the_default_detector_says_of_it() -> None:
    (judged,) = taught().assess([msgspec.structs.replace(windows_at(ASKED, 0)[1], closed=True)])
    assert judged.assessments[Signal.VOLUME].direction is Direction.BELOW
    assert judged.assessments[Signal.VOLUME].once_per == SAID


def test_windows_come_back_in_their_order_as_the_same_objects() -> None:
    asked = windows_at(ASKED, 20) + windows_at(ASKED + QUARTER, 30)
    strangers = [Samples(topic="other", window=QUARTER, end=ASKED)]
    assert [each.samples for each in taught().assess([*asked, *strangers])] == asked
    assert all(each.samples is one for each, one in zip(taught().assess(asked), asked, strict=True))


@pytest.mark.parametrize(
    ("model", "parameters"),
    [
        ("GaussianScorer", {"window_size": 672}),
        ("StandardAbsoluteDeviation", {"sub_stat": {"class": "stats.Quantile", "q": 0.5}}),
        ("PredictiveAnomalyDetection", {}),
        ("HalfSpaceTrees", {}),
        ("LODA", {"n_random_cuts": 20}),
    ],
)
def test_whatever_the_model_more_is_never_less_rare_asking_changes_nothing_and_replay_repeats(
    model: str, parameters: dict[str, Any]
) -> None:
    detector, other = (taught(model, parameters=parameters, signals=["volume"]) for _ in range(2))
    volumes = [*range(11, 120, 9), 10**4, 10**9]
    periods = [once_per(detector, ASKED, volume) for volume in volumes]
    assert periods == sorted(periods)
    assert SAID not in periods
    assert [once_per(other, ASKED, volume) for volume in reversed(volumes)] == periods[::-1]


@pytest.mark.parametrize(
    ("model", "settings"),
    [
        ("KSWIN", {}),
        ("ADWIN", {"parameters": {"clock": 1}}),
        ("PageHinkley", {}),
        ("OneClassSVM", {}),
        ("HalfSpaceTrees", {"features": "lagged"}),
    ],
)
def test_a_model_that_is_blind_to_bursts_only_adds_to_the_default_detector(
    model: str, settings: dict[str, Any]
) -> None:
    detector = taught(model, signals=["volume"], **settings)
    periods = [once_per(detector, ASKED, volume) for volume in (11, 50, 10**9)]
    assert periods == sorted(periods)
    assert periods[0] == SAID
    (hour,) = detector.assess(windows_at(ASKED, 10**9)[2:3])
    assert hour.assessments[Signal.VOLUME].once_per == SAID


def test_what_the_calendar_expects_is_no_anomaly_and_is_not_learned_as_usual() -> None:
    def of(events: list[EventSettings]) -> RiverDetector:
        calendar = Calendar({"acme": Place("UTC", "")}, events)
        return RiverDetector(RiverSettings(), ["acme"], calendar, default=PlainDetector())

    event = EventSettings.model_validate(
        {"name": "sale", "from": ASKED.date().isoformat(), "to": ASKED.date().isoformat(), "expect": 5.0}
    )
    planned, surprised = of([event]), of([])
    for detector in (planned, surprised):
        detector.learn(quarters(usual_days(DAYS)))
    at = ASKED + 2 * QUARTER
    assert once_per(planned, at, 40) < timedelta(days=1) < once_per(surprised, at, 40)


def test_a_model_that_fails_hands_over_to_the_default_detector_and_says_so() -> None:
    """A season that multiplies divides by the mean of its first day: nobody spoke of the topic."""
    season = {"alpha": 0.3, "beta": 0.1, "gamma": 0.3, "seasonality": 96, "multiplicative": True}
    model = {"class": "time_series.HoltWinters", **season}
    detector = river("PredictiveAnomalyDetection", parameters={"predictive_model": model}, signals=["volume"])
    with capture_logs() as logs:
        detector.learn(quarters([0] * 96 + usual_days(5)))
        assert once_per(detector, ends(6), 50) == SAID
    (entry,) = logs
    assert (entry["event"], entry["topic"], entry["signal"]) == ("river_model.failed", "acme", "volume")
    assert entry["reason"].startswith("ZeroDivisionError")
    assert "ZeroDivisionError" in detector.explain(windows_at(ends(6), 50)).detector


def test_many_large_models_are_told() -> None:
    settings = RiverSettings(model="HalfSpaceTrees", parameters={"n_trees": 25})
    with capture_logs() as logs:
        RiverDetector(settings, [f"t{index}" for index in range(100)], default=PlainDetector())
    assert [(entry["event"], entry["mebibytes"]) for entry in logs] == [("river_models.enlarged", 537)]


def test_explain_shows_the_models_return_periods_among_the_defaults_readings() -> None:
    explanation = taught().explain(windows_at(ASKED, 500))
    assert explanation.detector == "river: GaussianScorer"
    readings = {reading.signal: reading for reading in explanation.signals}
    assert readings[Signal.VOLUME].once_per > SAID
    assert readings[Signal.VOLUME].decided_by == (QUARTER,)
    assert readings[Signal.VOLUME].learning == "learned"
    assert readings[Signal.AUTHORS].once_per == SAID
    with pytest.raises(LookupError):
        taught().explain([])


def test_all_closed_windows_reach_the_default_detector() -> None:
    default = PlainDetector()
    detector = river("GaussianScorer", default=default)
    closed = quarters([1, 2, 3]) + [msgspec.structs.replace(each, closed=True) for each in windows_at(ASKED, 3)]
    detector.learn(closed)
    assert default.learned == closed


def test_it_keeps_no_state() -> None:
    detector = taught()
    assert detector.version == ""
    for state in (b"", detector.snapshot("acme"), b"\x80\x04N."):
        with pytest.raises(ValueError, match="keeps no state"):
            detector.restore("acme", state)
    assert detector.band("acme", ASKED, WINDOWS[0], 3) == ([10.0] * 3, [20.0] * 3)


@pytest.mark.parametrize("window", WINDOWS)
def test_any_window_may_feed_it(window: timedelta) -> None:
    settings = RiverSettings.model_validate({"window": f"{window // timedelta(minutes=1)}m", "transform": "log"})
    detector = RiverDetector(settings, ["acme"], default=PlainDetector())
    step = timedelta(minutes=5)
    for index in range(1, 2000):
        end = ends(0) + step * index
        detector.learn([Samples(topic="acme", window=window, end=end, volume=10 + index % 7, closed=True)])
    asked = Samples(topic="acme", window=window, end=ends(0) + step * 2000, volume=5000)
    (judged,) = detector.assess([asked])
    assert judged.assessments[Signal.VOLUME].once_per > timedelta(days=30)
