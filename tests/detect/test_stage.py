"""The stage: what is recorded, kept, and rebuilt."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.detect.stage import Detection
from buzzguard.model import WINDOWS, Assessment, Checkpoint, Direction, Judged, Samples, Signal
from tests.detect.world import MONDAY, STEP, STEPS, poisson

HOUR = timedelta(hours=1)


def make(_: str) -> SeasonalDetector:
    return SeasonalDetector(SeasonalDetector.Settings())


def steps(days: float, *, rate: float = 0.3) -> Iterator[tuple[datetime, list[Samples]]]:
    """The closed windows of each five minutes of a topic that has few mentions."""
    dice, sums = random.Random("stage"), [0]
    for step in range(1, round(days * 288) + 1):
        sums.append(sums[-1] + poisson(dice, rate))
        end = MONDAY + STEP * step
        yield (
            end,
            [
                Samples(
                    topic="acme",
                    window=window,
                    end=end,
                    volume=sums[-1] - sums[max(0, step - STEPS[window])],
                    closed=True,
                )
                for window, stride in STRIDES.items()
                if step * 300 % stride == 0
            ],
        )


def judged(days: float, *, signal: Signal = Signal.VOLUME, topic: str = "acme") -> Judged:
    assessment = Assessment(
        signal=signal,
        window=HOUR,
        observed=9.0,
        expected=1.0,
        high=5.0,
        once_per=timedelta(days=days),
        direction=Direction.ABOVE,
        learned=timedelta(days=9),
        needed=timedelta(days=7),
    )
    return Judged(samples=Samples(topic=topic, window=HOUR, end=MONDAY), assessments={signal: assessment})


# what is recorded


def test_an_episode_is_recorded_at_its_start_and_at_each_tenfold_rise() -> None:
    detection = Detection(["acme"], make)
    recorded = []
    for minute, days in enumerate((0.5, 2.0, 3.0, 15.0, 20.0, 25.0, 400.0)):
        now = MONDAY + timedelta(minutes=minute)
        recorded += [a.assessment.once_per.days for a in detection.anomalies([judged(days)], now)]
    assert recorded == [2, 20, 400]


def test_after_a_quiet_hour_a_new_episode_begins() -> None:
    detection = Detection(["acme"], make)
    assert detection.anomalies([judged(5.0)], MONDAY)
    assert not detection.anomalies([judged(5.0)], MONDAY + HOUR)
    assert not detection.anomalies([], MONDAY + 2 * HOUR)
    assert detection.anomalies([judged(5.0)], MONDAY + 3 * HOUR)


def test_the_rarest_window_of_a_signal_stands_for_it() -> None:
    found = Detection(["acme"], make).anomalies([judged(2.0), judged(30.0), judged(4.0)], MONDAY)
    assert [one.assessment.once_per.days for one in found] == [30]


def test_topics_nobody_watches_are_passed_over() -> None:
    detection = Detection(["acme"], make)
    stranger = Samples(topic="other", window=HOUR, end=MONDAY, closed=True)
    detection.learn([stranger])
    assert detection.assess([stranger]) == []
    assert detection.band("other", MONDAY, HOUR, 3) == ([0.0] * 3, [0.0] * 3)


# what is kept


def test_a_checkpoint_is_made_about_once_an_hour_and_only_of_what_changed() -> None:
    detection, made = Detection(["acme"], make), []
    for end, closed in steps(1):
        detection.learn(closed)
        made += detection.checkpoints(end)
    assert 22 <= len(made) <= 24
    later = MONDAY + timedelta(days=2)
    assert len(detection.checkpoints(later)) <= 1
    assert detection.checkpoints(later + HOUR) == []


def test_checkpoints_of_many_topics_are_spread_over_the_hour() -> None:
    names = [f"topic-{i}" for i in range(60)]
    detection, busiest = Detection(names, make), 0
    for minute in range(5, 125, 5):
        end = MONDAY + timedelta(minutes=minute)
        detection.learn([Samples(topic=name, window=WINDOWS[0], end=end, closed=True) for name in names])
        busiest = max(busiest, len(detection.checkpoints(end)))
    assert busiest <= 15


# what is rebuilt


def stored(days: float, *, after: datetime = MONDAY) -> list[Samples]:
    """What the store holds: windows with a mention in them."""
    return [one for end, closed in steps(days) for one in closed if one.volume and end > after]


def alike(one: Detection, other: Detection) -> bool:
    samples = [
        Samples(topic="acme", window=window, end=MONDAY + timedelta(days=3), volume=volume)
        for window in WINDOWS
        for volume in (0, 3, 30)
    ]
    return one.assess(samples) == other.assess(samples)


def live(days: float) -> Detection:
    """A detection that ran without a stop since the topic's first sample."""
    detection, begun = Detection(["acme"], make), False
    for _, closed in steps(days):
        begun = begun or any(one.volume for one in closed)
        if begun:
            detection.learn(closed)
    return detection


def test_a_start_from_stored_samples_equals_the_run_that_never_stopped() -> None:
    rebuilt = Detection(["acme"], make)
    rebuilt.restore([], stored(3), MONDAY + timedelta(days=3))
    assert alike(rebuilt, live(3))


def test_a_start_from_a_checkpoint_and_what_followed_equals_it_too() -> None:
    whole, first, kept = live(3), live(2), []
    now = MONDAY + timedelta(days=2)
    for hours in range(3):
        kept += first.checkpoints(now + hours * HOUR)
    restored = Detection(["acme"], make)
    restored.restore(kept, stored(3), MONDAY + timedelta(days=3))
    assert alike(restored, whole)


def test_windows_closed_again_after_a_restart_are_not_learned_twice() -> None:
    rebuilt, whole = Detection(["acme"], make), live(3)
    rebuilt.restore([], stored(3), MONDAY + timedelta(days=3))
    for end, closed in steps(3):
        if end > MONDAY + timedelta(days=2.5):
            rebuilt.learn(closed)
    assert alike(rebuilt, whole)


@pytest.mark.parametrize(("version", "state"), [("seasonal/0", b"old"), ("seasonal/1", b"broken")])
def test_a_checkpoint_that_does_not_fit_costs_time_and_nothing_else(version: str, state: bytes) -> None:
    now = MONDAY + timedelta(days=3)
    detection = Detection(["acme"], make)
    detection.restore([Checkpoint(topic="acme", at=now, detector=version, state=state)], stored(3), now)
    assert alike(detection, live(3))


def test_a_topic_without_any_sample_starts_empty() -> None:
    detection = Detection(["acme"], make)
    detection.restore([], [], MONDAY)
    answer = detection.assess([Samples(topic="acme", window=HOUR, end=MONDAY, volume=30)])[0]
    assert answer.assessments[Signal.VOLUME].learned == timedelta(0)
