"""The stage: what is recorded, kept, and rebuilt."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

import pytest
from structlog.testing import capture_logs

from buzzguard.detect.rebuild import STRIDES
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.detect.stage import Detection
from buzzguard.model import WINDOWS, Assessment, Checkpoint, Direction, Judged, Samples, Signal
from tests.detect.world import DAY, MONDAY, STEP, STEPS, poisson

HOUR = timedelta(hours=1)
DAYS = 1.0
"""How long the topic is watched."""


def detection(*topics: str, query: str = "acme") -> Detection:
    """The stage over one detector of these topics, that look for `query`."""
    topics = topics or ("acme",)
    detector = SeasonalDetector(SeasonalDetector.Settings(), topics)
    return Detection(dict.fromkeys(topics, detector), dict.fromkeys(topics, query))


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
    stage = detection()
    recorded = []
    for minute, days in enumerate((0.5, 2.0, 3.0, 15.0, 20.0, 25.0, 400.0)):
        now = MONDAY + timedelta(minutes=minute)
        recorded += [a.assessment.once_per.days for a in stage.anomalies([judged(days)], now)]
    assert recorded == [2, 20, 400]


def test_after_a_quiet_hour_a_new_episode_begins() -> None:
    stage = detection()
    assert stage.anomalies([judged(5.0)], MONDAY)
    assert not stage.anomalies([judged(5.0)], MONDAY + HOUR)
    assert not stage.anomalies([], MONDAY + 2 * HOUR)
    assert stage.anomalies([judged(5.0)], MONDAY + 3 * HOUR)


def test_the_rarest_window_of_a_signal_stands_for_it() -> None:
    found = detection().anomalies([judged(2.0), judged(30.0), judged(4.0)], MONDAY)
    assert [one.assessment.once_per.days for one in found] == [30]


def test_topics_nobody_watches_are_passed_over() -> None:
    stage = detection()
    stranger = Samples(topic="other", window=HOUR, end=MONDAY, closed=True)
    stage.learn([stranger])
    assert stage.assess([stranger]) == []
    assert stage.band("other", MONDAY, HOUR, 3) == ([0.0] * 3, [0.0] * 3)


def test_of_what_is_usual_nothing_is_recorded() -> None:
    stage, recorded = live(DAYS), 0
    for hours in range(24):
        now = MONDAY + DAYS * DAY + hours * HOUR
        windows = [
            Samples(topic="acme", window=window, end=now, volume=round(0.3 * (window / STEP)), closed=hours % 2 == 0)
            for window in WINDOWS
        ]
        recorded += len(stage.anomalies(stage.assess(windows), now))
    assert recorded == 0


# what is kept


def test_a_checkpoint_is_made_about_once_an_hour_and_only_of_what_changed() -> None:
    stage, made = detection(), []
    for end, closed in steps(1):
        stage.learn(closed)
        made += stage.checkpoints(end)
    assert 22 <= len(made) <= 24
    later = MONDAY + timedelta(days=2)
    assert len(stage.checkpoints(later)) <= 1
    assert stage.checkpoints(later + HOUR) == []


def test_checkpoints_of_many_topics_are_spread_over_the_hour() -> None:
    names = [f"topic-{i}" for i in range(60)]
    stage, busiest = detection(*names), 0
    for minute in range(5, 125, 5):
        end = MONDAY + timedelta(minutes=minute)
        stage.learn([Samples(topic=name, window=WINDOWS[0], end=end, closed=True) for name in names])
        busiest = max(busiest, len(stage.checkpoints(end)))
    assert busiest <= 15


# what is rebuilt


def stored(days: float, *, after: datetime = MONDAY) -> list[Samples]:
    """What the store holds: windows with a mention in them."""
    return [one for end, closed in steps(days) for one in closed if one.volume and end > after]


def answers(stage: Detection, volume: int, topic: str = "acme") -> list[dict[Signal, Assessment]]:
    end = MONDAY + DAYS * DAY
    samples = [Samples(topic=topic, window=window, end=end, volume=volume) for window in WINDOWS]
    return [dict(one.assessments) for one in stage.assess(samples)]


def alike(one: Detection, other: Detection) -> bool:
    return all(answers(one, volume) == answers(other, volume) for volume in (0, 3, 30))


@cache
def live(days: float) -> Detection:
    """A detection that ran without a stop since the topic's first sample; look, but do not teach it."""
    stage, begun = detection(), False
    for _, closed in steps(days):
        begun = begun or any(one.volume for one in closed)
        if begun:
            stage.learn(closed)
    return stage


def kept(stage: Detection, now: datetime) -> tuple[Checkpoint, ...]:
    """The checkpoints that fall due within two hours."""
    return tuple(one for hours in range(3) for one in stage.checkpoints(now + hours * HOUR))


@cache
def saved() -> tuple[Checkpoint, ...]:
    """The checkpoint at half the time."""
    return kept(live(DAYS / 2), MONDAY + (DAYS / 2) * DAY)


def test_a_start_from_stored_samples_equals_the_run_that_never_stopped() -> None:
    rebuilt = detection()
    rebuilt.restore([], stored(DAYS), MONDAY + DAYS * DAY)
    assert alike(rebuilt, live(DAYS))


def test_a_start_from_a_checkpoint_and_what_followed_equals_it_too() -> None:
    whole, restored = live(DAYS), detection()
    restored.restore(saved(), stored(DAYS), MONDAY + DAYS * DAY)
    assert alike(restored, whole)


def test_windows_closed_again_after_a_restart_are_not_learned_twice() -> None:
    rebuilt, whole = detection(), live(DAYS)
    rebuilt.restore([], stored(DAYS), MONDAY + DAYS * DAY)
    for end, closed in steps(DAYS):
        if end > MONDAY + DAYS * 0.75 * DAY:
            rebuilt.learn(closed)
    assert alike(rebuilt, whole)


@pytest.mark.parametrize(("version", "state"), [("seasonal/0", b"old"), ("seasonal/5", b"broken")])
def test_a_checkpoint_that_does_not_fit_costs_time_and_nothing_else(version: str, state: bytes) -> None:
    now = MONDAY + DAYS * DAY
    stage = detection()
    stage.restore([Checkpoint(topic="acme", at=now, detector=version, state=state)], stored(DAYS), now)
    assert alike(stage, live(DAYS))


def test_a_topic_without_any_sample_starts_empty() -> None:
    stage = detection()
    stage.restore([], [], MONDAY)
    answer = stage.assess([Samples(topic="acme", window=HOUR, end=MONDAY, volume=30)])[0]
    assert answer.assessments[Signal.VOLUME].learned == timedelta(0)


# a topic that looks for something else


def test_a_changed_query_starts_the_baseline_anew_and_says_so() -> None:
    now = MONDAY + DAYS * DAY
    changed = detection(query="acme OR widget")
    with capture_logs() as logs:
        changed.restore(saved(), stored(DAYS), now + timedelta(seconds=140))
    (restarted,) = [entry for entry in logs if entry["event"] == "baseline.restarted"]
    assert (restarted["topic"], restarted["reason"], restarted["since"]) == ("acme", "query_changed", now.isoformat())
    assert answers(changed, 3)[0][Signal.VOLUME].learned == timedelta(0)
    explanation = changed.explain([Samples(topic="acme", window=HOUR, end=now)])
    assert (explanation.since, explanation.reason) == (now, "query_changed")


def test_nothing_that_the_former_query_brought_is_learned() -> None:
    now = MONDAY + DAYS * DAY
    changed, fresh = detection(query="acme OR widget"), detection()
    changed.restore(saved(), stored(DAYS), now)
    for step in range(1, 25):
        end = now + step * STEP
        closed = [Samples(topic="acme", window=window, end=end, volume=2, closed=True) for window in WINDOWS[:1]]
        changed.learn(closed)
        fresh.learn(closed)
    assert alike(changed, fresh)


def test_that_it_was_started_anew_is_still_known_after_the_next_restart() -> None:
    now = MONDAY + DAYS * DAY
    changed = detection(query="acme OR widget")
    changed.restore(saved(), [], now)
    changed.learn([Samples(topic="acme", window=WINDOWS[0], end=now + STEP, volume=2, closed=True)])
    again = detection(query="acme OR widget")
    again.restore(kept(changed, now + STEP), stored(DAYS), now + DAY)
    assert again.explain([Samples(topic="acme", window=HOUR, end=now + DAY)]).since == now


def test_a_checkpoint_of_an_older_form_does_not_spare_the_past() -> None:
    """It cannot be read: were it taken to cover what came before, an upgrade would cost every baseline."""
    stage = detection()
    for label, covers in (("seasonal/1", False), ("seasonal/5", True), ("seasonal/5 q00000000", True)):
        checkpoint = Checkpoint(topic="acme", at=MONDAY, detector=label, state=b"")
        assert stage.covers(checkpoint) is covers, label
    assert stage.covers(Checkpoint(topic="acme", at=MONDAY, detector=stage.label("acme"), state=b""))
    assert not stage.covers(Checkpoint(topic="other", at=MONDAY, detector=stage.label("acme"), state=b""))
