"""Learn or skip, upward only, and what becomes of a model that fails."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from math import inf, nan

import pytest
from structlog.testing import capture_logs

from buzzguard.detect.by_river.course import Course
from buzzguard.detect.by_river.judges import Judge
from buzzguard.detect.by_river.track import Pace, RiverTrack
from buzzguard.detect.learning import Learning

DAY = 96


class PlainJudge:
    """Scores a value as it is; remembers what it was taught."""

    rises, adds = True, False

    def __init__(self) -> None:
        self.taught: list[float] = []
        self.skipped = 0
        self.answer: Callable[[float], float | None] = lambda y: y

    def score(self, y: float, minute: int) -> float | None:
        return self.answer(y)

    def learn(self, y: float, minute: int) -> None:
        self.taught.append(y)

    def skip(self, minute: int) -> None:
        self.skipped += 1


def track(judge: Judge, pace: Pace | None = None) -> RiverTrack:
    course = Course("none", minutes=15, stride=15)
    told = {"topic": "acme", "signal": "volume", "model": "Plain"}
    return RiverTrack(lambda _: judge, course, pace=pace or Pace("Plain"), told=told)


def live(track: RiverTrack, values: list[float], *, first: int = 1, known: float = 1.0) -> int:
    for index, value in enumerate(values, start=first):
        track.learn(value, 15 * index, known=known)
    return first + len(values)


def usual(days: int) -> list[float]:
    return [10.0 + (index * 7 % 11) / 2.0 for index in range(days * DAY)]


def test_a_crisis_is_not_learned_and_what_lasts_three_days_is() -> None:
    judge = PlainJudge()
    watched = track(judge)
    following = live(watched, usual(30))
    taught = len(judge.taught)
    following = live(watched, [80.0] * (3 * DAY - 1), first=following)
    assert len(judge.taught) == taught
    assert watched.reason is Learning.SLOWED
    assert judge.skipped == 3 * DAY - 1
    live(watched, [80.0] * DAY, first=following)
    assert len(judge.taught) > taught + DAY // 2
    assert watched.reason in (Learning.NEW_NORMAL, Learning.LEARNED)


def test_a_crisis_that_pauses_for_an_hour_is_one_crisis() -> None:
    judge = PlainJudge()
    watched = track(judge)
    following = live(watched, usual(30))
    for _ in range(3 * DAY // 8 - 1):
        following = live(watched, [80.0] * 6 + [12.0] * 2, first=following)
    assert 80.0 not in judge.taught
    live(watched, [80.0] * 16, first=following)
    assert 80.0 in judge.taught


def test_unknown_windows_teach_nothing_and_partly_known_ones_are_scaled() -> None:
    judge = PlainJudge()
    watched = track(judge)
    live(watched, [0.0] * DAY, known=0.5)
    assert judge.taught == []
    assert watched.reason is Learning.SKIPPED_UNKNOWN
    live(watched, [8.0], first=DAY + 1, known=0.8)
    assert judge.taught == [10.0]
    live(watched, [8.0], first=DAY + 2, known=nan)
    assert judge.taught == [10.0]


def test_a_score_that_is_high_because_the_value_is_low_is_no_anomaly() -> None:
    judge = PlainJudge()
    judge.rises = False
    judge.answer = lambda y: abs(y - 12.0)
    watched = track(judge)
    following = live(watched, usual(30))
    assert watched.assess(0.0, 15 * following) == -inf
    high = watched.assess(60.0, 15 * following)
    assert high is not None and high > 1.0


def test_more_is_never_less_rare_even_for_a_model_that_says_so() -> None:
    judge = PlainJudge()
    judge.rises = False
    judge.answer = lambda y: 30.0 if 40.0 < y < 60.0 else y / 10.0
    watched = track(judge)
    following = live(watched, usual(30))
    periods = [watched.assess(float(value), 15 * following) for value in range(0, 500, 5)]
    assert None not in periods
    assert periods == sorted(periods, key=lambda period: -inf if period is None else period)


@pytest.mark.parametrize("lost", [nan, inf, -inf])
def test_a_score_that_is_no_number_is_no_judgement_and_told_once(lost: float) -> None:
    judge = PlainJudge()
    watched = track(judge)
    following = live(watched, usual(10))
    judge.answer = lambda _: lost
    with capture_logs() as logs:
        assert [watched.assess(50.0, 15 * following) for _ in range(5)] == [None] * 5
    assert [entry["event"] for entry in logs] == ["river_score.lost"]
    judge.answer = lambda y: y
    assert watched.assess(50.0, 15 * following) is not None


def broken(_: float) -> float | None:
    raise ZeroDivisionError("float division by zero")


def test_a_model_that_raises_is_done_and_told_once_with_class_and_reason() -> None:
    judge = PlainJudge()
    watched = track(judge)
    following = live(watched, usual(10))
    judge.answer = broken
    with capture_logs() as logs:
        assert watched.assess(50.0, 15 * following) is None
        live(watched, usual(1), first=following)
        assert watched.assess(50.0, 15 * (following + DAY)) is None
    assert [(entry["event"], entry["model"], entry["reason"]) for entry in logs] == [
        ("river_model.failed", "Plain", "ZeroDivisionError: float division by zero")
    ]


def test_a_model_that_cannot_be_made_is_done_as_well() -> None:
    def make(_: Course) -> Judge:
        raise MemoryError("too many trees")

    told = {"topic": "acme", "signal": "volume", "model": "Plain"}
    watched = RiverTrack(make, Course("none", minutes=15, stride=15), pace=Pace("Plain"), told=told)
    with capture_logs() as logs:
        live(watched, usual(2))
    assert len(logs) == 1
    assert watched.assess(5.0, 10_000) is None


@pytest.mark.parametrize(("seconds", "told"), [(0.002, 0), (0.02, 1)])
def test_a_slow_model_is_told_once(seconds: float, told: int) -> None:
    pace = Pace("Plain")
    ticks = count()
    pace.stopwatch = lambda: next(ticks) * seconds
    with capture_logs() as logs:
        live(track(PlainJudge(), pace), usual(3))
    slow = [entry for entry in logs if entry["event"] == "river_model.slowed"]
    assert [entry["milliseconds"] for entry in slow] == [20.0] * told
