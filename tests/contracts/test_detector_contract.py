"""What every detector promises, held for every one that BuzzGuard finds by name."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest

from buzzguard import plugins
from buzzguard.detect.rebuild import STRIDES
from buzzguard.model import WINDOWS, Samples, Signal
from buzzguard.ports import Detector
from tests.detect.world import MONDAY, STEP, STEPS, poisson

DAYS = 3


def built(name: str) -> Detector:
    """A detector with its own defaults."""
    detector: Detector = plugins.load("detector", name)(plugins.settings_model("detector", name)())
    return detector


def closed_windows(days: int = DAYS) -> Iterator[Samples]:
    """Every closed window of some days of a topic, in order of end."""
    dice, sums = random.Random("contract"), [0]
    for step in range(1, days * 288 + 1):
        sums.append(sums[-1] + poisson(dice, 2.0))
        for window, stride in STRIDES.items():
            if step * 300 % stride == 0:
                count = sums[-1] - sums[max(0, step - STEPS[window])]
                yield Samples(
                    topic="acme",
                    window=window,
                    end=MONDAY + STEP * step,
                    volume=count,
                    negative=count // 4,
                    authors=count * 9 // 10,
                    reach=count * 700,
                    closed=True,
                )


def taught(name: str) -> Detector:
    detector = built(name)
    for samples in closed_windows():
        detector.learn(samples)
    return detector


def asked(volume: int = 40) -> list[Samples]:
    end = MONDAY + timedelta(days=DAYS)
    return [Samples(topic="acme", window=window, end=end, volume=volume, negative=volume) for window in WINDOWS]


@pytest.fixture(params=plugins.names("detector"))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_it_judges_every_signal_of_every_window(name: str) -> None:
    detector = taught(name)
    for samples in asked():
        answers = detector.assess(samples)
        assert set(answers) == set(Signal)
        for signal, answer in answers.items():
            assert (answer.signal, answer.window) == (signal, samples.window)
            assert answer.observed == getattr(samples, signal.value)
            assert answer.expected >= 0.0 and answer.high >= 0.0
            assert answer.once_per >= timedelta(0)


def test_it_answers_before_it_has_learned_anything(name: str) -> None:
    detector = built(name)
    for samples in asked():
        answer = detector.assess(samples)[Signal.VOLUME]
        assert answer.learned == timedelta(0)
        assert answer.learning


def test_assessing_changes_nothing(name: str) -> None:
    detector = taught(name)
    before = [detector.assess(samples) for samples in asked()]
    for volume in (0, 1, 500, 10**9):
        for samples in asked(volume):
            detector.assess(samples)
    assert [detector.assess(samples) for samples in asked()] == before


def test_the_same_calls_give_the_same_answers(name: str) -> None:
    one, other = taught(name), taught(name)
    assert [one.assess(samples) for samples in asked()] == [other.assess(samples) for samples in asked()]
    assert one.snapshot() == other.snapshot()


def test_a_snapshot_reads_back_and_goes_on_alike(name: str) -> None:
    one, other = taught(name), built(name)
    other.restore(one.snapshot())
    for samples in asked(3):
        closed = Samples(topic="acme", window=samples.window, end=samples.end, volume=3, closed=True)
        one.learn(closed)
        other.learn(closed)
    assert [one.assess(samples) for samples in asked()] == [other.assess(samples) for samples in asked()]


def test_a_foreign_state_is_refused_and_leaves_it_as_it_was(name: str) -> None:
    detector = taught(name)
    before = [detector.assess(samples) for samples in asked()]
    for state in (b"", b"{}", b"\x80\x04N.", detector.snapshot()[:-10]):
        with pytest.raises(ValueError):
            detector.restore(state)
    assert [detector.assess(samples) for samples in asked()] == before


def test_unknown_time_teaches_nothing(name: str) -> None:
    detector = built(name)
    for samples in closed_windows(1):
        detector.learn(Samples(topic="acme", window=samples.window, end=samples.end, known=0.1, closed=True))
    assert detector.assess(asked()[0])[Signal.VOLUME].learned == timedelta(0)


def test_more_is_never_less_rare(name: str) -> None:
    detector = taught(name)
    for window in range(len(WINDOWS)):
        floor = int(detector.assess(asked()[window])[Signal.VOLUME].expected) + 1
        periods = [detector.assess(asked(floor + more)[window])[Signal.VOLUME].once_per for more in range(0, 400, 20)]
        assert periods == sorted(periods)
