"""What every detector promises, held for every one that BuzzGuard finds by name."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import cache

import pytest

from buzzguard import plugins
from buzzguard.model import COUNTED_ELSEWHERE, WINDOWS, Assessment, Samples, Signal
from buzzguard.ports import Adopting, Detector
from tests.detect.world import DAY, DAY_STEPS, MONDAY, STEP, Counts, poisson, said

TOPICS = ("acme", "other")
DAYS = 2
END = MONDAY + DAYS * DAY
Answers = list[dict[Signal, Assessment]]
JUDGED = set(Signal) - set(COUNTED_ELSEWHERE)
"""What windows are judged by; counts that come without texts are judged by themselves."""


def built(name: str, *topics: str) -> Detector:
    """A detector with its own defaults."""
    settings = plugins.settings_model("detector", name)()
    detector: Detector = plugins.load("detector", name)(settings, topics or TOPICS)
    return detector


@cache
def closed_windows() -> tuple[tuple[Samples, ...], ...]:
    """The windows of two topics that closed in each five minutes of some days."""
    counts, dice, closed = Counts(*TOPICS, start=MONDAY), random.Random("contract"), []
    for _ in range(DAYS * DAY_STEPS):
        counts.count({"acme": said(poisson(dice, 2.0)), "other": said(poisson(dice, 0.5))})
        closed.append(tuple(counts.closed()))
    return tuple(closed)


def teach(detector: Detector, steps: Sequence[Sequence[Samples]]) -> Detector:
    for closed in steps:
        detector.learn(closed)
    return detector


@cache
def taught(name: str) -> Detector:
    """One that has learned some days; it may be asked, not taught."""
    return teach(built(name), closed_windows())


def asked(volume: int = 40, topic: str = "acme") -> list[Samples]:
    """Windows in which all that is said is hostile; a longer one never holds less."""
    numbers = said(volume, volume)._asdict()
    return [Samples(topic=topic, window=window, end=END, **numbers) for window in WINDOWS]


def answers(detector: Detector, samples: Sequence[Samples]) -> Answers:
    return [dict(one.assessments) for one in detector.assess(samples)]


NAMES = plugins.names("detector")
KEEPING = [name for name in NAMES if plugins.load("detector", name).version]  # type: ignore[attr-defined]
"""Those that keep snapshots; the others are rebuilt from samples."""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# judging


def test_it_judges_every_signal_of_every_window_in_order(name: str) -> None:
    samples = [*asked(), *asked(topic="other")]
    judged = taught(name).assess(samples)
    assert [one.samples for one in judged] == samples
    for one in judged:
        assert set(one.assessments) == JUDGED
        for signal, answer in one.assessments.items():
            assert (answer.signal, answer.window) == (signal, one.samples.window)
            assert answer.expected >= 0.0 and answer.high >= 0.0
            assert answer.once_per >= timedelta(0)
            if signal is not Signal.CRISIS:
                assert answer.observed == pytest.approx(getattr(one.samples, signal.value))


def test_it_answers_before_it_has_learned_anything_and_is_alarmed_by_nothing(name: str) -> None:
    for answer in answers(built(name), asked(10_000)):
        for assessment in answer.values():
            assert assessment.learned == timedelta(0)
            assert assessment.learning
            assert assessment.once_per == timedelta(0)


def test_a_topic_that_it_was_not_made_for_is_passed_over(name: str) -> None:
    strangers = asked(topic="stranger")
    assert taught(name).assess([*strangers, *asked()]) == taught(name).assess(asked())
    built(name).learn(strangers)
    with pytest.raises(LookupError):
        taught(name).explain(strangers)


def test_it_can_be_told_that_a_level_is_normal(name: str) -> None:
    detector = built(name)
    assert isinstance(detector, Adopting)
    teach(detector, closed_windows())
    detector.adopt("stranger", END, END - DAY)
    assert answers(detector, asked()) == answers(taught(name), asked())
    detector.adopt("acme", END, END - DAY)
    assert answers(detector, asked(topic="other")) == answers(taught(name), asked(topic="other"))


def test_the_order_of_the_windows_it_is_asked_about_is_immaterial(name: str) -> None:
    samples = [*asked(), *asked(7, topic="other")]
    forth, back = answers(taught(name), samples), answers(taught(name), samples[::-1])
    assert forth == back[::-1]


def test_a_topic_is_judged_alike_beside_others_and_alone(name: str) -> None:
    beside = answers(taught(name), [*asked(), *asked(90, topic="other")])
    assert beside[: len(WINDOWS)] == answers(taught(name), asked())


def test_what_is_said_of_one_topic_is_not_learned_of_another(name: str) -> None:
    alone = teach(built(name), [[one for one in closed if one.topic == "acme"] for closed in closed_windows()])
    assert answers(alone, asked()) == answers(taught(name), asked())


def test_more_is_never_less_rare(name: str) -> None:
    detector = taught(name)
    for signal in (Signal.VOLUME, Signal.NEGATIVE, Signal.CRISIS):
        told = [answers(detector, asked(volume)) for volume in (40, 80, 120, 200, 400, 1000, 5000, 10**6)]
        for window, _ in enumerate(WINDOWS):
            periods = [each[window][signal].once_per for each in told]
            assert periods == sorted(periods)


def test_assessing_changes_nothing(name: str) -> None:
    detector = taught(name)
    before, kept = answers(detector, asked()), detector.snapshot("acme")
    for volume in (0, 1, 500, 10**9):
        for one in detector.assess(asked(volume)):
            dict(one.assessments)
        detector.explain(asked(volume))
    detector.band("acme", END, WINDOWS[2], 24)
    assert answers(detector, asked()) == before
    assert detector.snapshot("acme") == kept


def test_the_band_of_a_chart_has_a_value_for_every_bin(name: str) -> None:
    expected, high = taught(name).band("acme", END, WINDOWS[2], 24)
    assert len(expected) == len(high) == 24
    assert all(0.0 < e < h for e, h in zip(expected, high, strict=True))
    assert taught(name).band("stranger", END, WINDOWS[2], 3) == ([0.0] * 3, [0.0] * 3)


def test_it_explains_every_signal_over_every_window(name: str) -> None:
    explanation = taught(name).explain(asked())
    assert (explanation.topic, explanation.at) == ("acme", END)
    assert {reading.signal for reading in explanation.signals} == JUDGED
    for reading in explanation.signals:
        assert tuple(scale.window for scale in reading.scales) == WINDOWS
        assert set(reading.decided_by) <= set(WINDOWS)


# learning


def test_the_same_calls_give_the_same_answers(name: str) -> None:
    again = teach(built(name), closed_windows())
    assert answers(again, asked()) == answers(taught(name), asked())
    assert again.snapshot("acme") == taught(name).snapshot("acme")


def test_unknown_time_teaches_nothing(name: str) -> None:
    detector = built(name)
    for step in range(1, DAY_STEPS // 4):
        end = MONDAY + step * STEP
        detector.learn([Samples(topic="acme", window=window, end=end, known=0.1, closed=True) for window in WINDOWS])
    assert answers(detector, asked())[0][Signal.VOLUME].learned == timedelta(0)


def test_windows_that_still_fill_teach_nothing(name: str) -> None:
    detector = built(name)
    for step in range(1, DAY_STEPS // 4):
        end = MONDAY + step * STEP
        detector.learn([Samples(topic="acme", window=window, end=end, volume=9) for window in WINDOWS])
    assert answers(detector, asked())[0][Signal.VOLUME].learned == timedelta(0)


# state


@pytest.mark.parametrize("keeping", KEEPING)
def test_a_snapshot_reads_back_and_goes_on_alike(keeping: str) -> None:
    one, other = teach(built(keeping), closed_windows()[:DAY_STEPS]), built(keeping)
    for topic in TOPICS:
        other.restore(topic, one.snapshot(topic))
    for closed in closed_windows()[DAY_STEPS : DAY_STEPS + 30]:
        one.learn(closed)
        other.learn(closed)
    assert answers(one, asked()) == answers(other, asked())
    assert one.snapshot("acme") == other.snapshot("acme")
    assert one.snapshot("acme") != one.snapshot("other")


def test_a_foreign_state_is_refused_and_leaves_it_as_it_was(name: str) -> None:
    detector = taught(name)
    before = answers(detector, asked())
    for state in (b"", b"{}", b"\x80\x04N.", b"\x90", b"\xc0", detector.snapshot("acme")[:-10], b"\x93" * 1000):
        with pytest.raises(ValueError):
            detector.restore("acme", state)
    assert answers(detector, asked()) == before
