"""One signal of one topic judged by one model of river: learn or skip, its own past, and what to do when it fails."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, isfinite, log10
from typing import Final, TypeVar

from buzzguard.detect.by_river.course import DAY, Course
from buzzguard.detect.by_river.judges import Judge
from buzzguard.detect.by_river.tail import OwnScores
from buzzguard.detect.learning import KNOWN_ENOUGH, NEW_NORMAL_AFTER, RARE, Learning
from buzzguard.telemetry import get_logger

log = get_logger("detect")
Result = TypeVar("Result")

RARE_DECADES: Final = log10(RARE.total_seconds() / 86400.0)
NEW_NORMAL_MINUTES: Final = int(NEW_NORMAL_AFTER.total_seconds()) // 60
FIRST: Final = DAY
"""Minutes that a model learns before it is asked: it has seen one day and one night."""
RUN_ENDS: Final = 60
"""Minutes without a rare window that end a run."""
STEPS: Final = tuple(0.5 * 1.4**step for step in range(28))
"""Deviations above the usual at which a model that does not rise by itself is asked: 10 is a crisis, 4,400 the last."""
SLOW_SECONDS: Final = 0.005
SLOW_AFTER: Final = 100
"""Updates that are measured before a model is called slow: a machine may be busy for a moment."""
MOST_REASON: Final = 200


class Pace:
    """Measures how long a model takes, when it was given a `stopwatch` (seconds), and tells once that it is slow.

    It is told, never acted upon: a replay must judge alike on any machine.
    """

    def __init__(self, model: str) -> None:
        self.stopwatch: Callable[[], float] | None = None
        self._model = model
        self._count, self._sum = 0, 0.0
        self._told = False

    def measure(self, call: Callable[[], Result]) -> Result:
        """Call, and take the time."""
        if self.stopwatch is None or self._told:
            return call()
        began = self.stopwatch()
        result = call()
        self._count += 1
        self._sum += self.stopwatch() - began
        if self._count >= SLOW_AFTER and self._sum / self._count > SLOW_SECONDS:
            self._told = True
            mean = round(1000 * self._sum / self._count, 1)
            log.warning("river_model.slowed", model=self._model, milliseconds=mean, limit=1000 * SLOW_SECONDS)
        return result


class RiverTrack:
    """The model, the course and the past scores of one signal of one topic.

    `assess` gives the rarity of a value in decades of days: −inf for nothing unusual, None when this model cannot tell,
    for now or (it has failed) for good. Whatever the model raises is told once and ends its part.
    """

    def __init__(self, make: Callable[[Course], Judge], course: Course, *, pace: Pace, told: dict[str, str]) -> None:
        self.course = course
        self.reason = Learning.SKIPPED_UNKNOWN
        self.failure = ""
        self._make, self._pace, self._told = make, pace, told
        self._judge: Judge | None = None
        overlap = log10(2.0) if course.stride == course.minutes else log10(1.2)
        self._scores = OwnScores(course.stride, overlap=overlap)
        self._learned = 0
        self._rare_since = self._rare_last = 0
        self._lost = False
        self._asked: dict[float, float | None] = {}
        self._asked_at = -1

    @property
    def adds(self) -> bool:
        """Whether the model's silence means nothing; see `Judge`."""
        return self._judge is not None and self._judge.adds

    @property
    def days(self) -> float:
        """For how many days the model has been scoring."""
        return self._scores.days

    def assess(self, value: float, minute: int) -> float | None:
        """How rare a value is in a window that ends at `minute` (since the epoch)."""
        if self.failure or not self._scores.ready:
            return None
        stride = self.course.stride
        score = self._score(self.course.shape(value), -(-minute // stride) * stride)
        return None if score is None else self._decades(score)

    def learn(self, value: float, minute: int, *, known: float) -> None:
        """Take in a closed window of which `known` (0…1) could be read."""
        if self.failure:
            return
        if not known >= KNOWN_ENOUGH:
            self.reason = Learning.SKIPPED_UNKNOWN
            self._guard(lambda judge: judge.skip(minute))
            return
        y = self.course.shape(value / known)
        rare = self._observe(y, minute)
        self._asked.clear()
        self.course.remember(minute, y)
        if rare and minute - self._rare_since < NEW_NORMAL_MINUTES:
            self.reason = Learning.SLOWED
            self._guard(lambda judge: judge.skip(minute))
            return
        self.reason = Learning.NEW_NORMAL if rare else Learning.LEARNED
        self._learned += self.course.stride
        self._guard(lambda judge: judge.learn(y, minute))
        self.course.learn(minute, y)

    def adopt(self, minute: int) -> None:
        """What has been rare until `minute` has lasted long enough: a person says that it is normal."""
        if self._rare_since and minute - self._rare_last <= RUN_ENDS + self.course.stride:
            self._rare_since = min(self._rare_since, minute - NEW_NORMAL_MINUTES)

    def _observe(self, y: float, minute: int) -> bool:
        """Note the score of a closed window; whether it is too rare to be learned."""
        # A model is asked for the value as it is, too: only so is it known whether it can tell anything.
        if self._learned < FIRST or self._scored(y, minute) is None:
            return False
        score = self._score(y, minute)
        if score is None:
            return False
        rare = self._decades(score) >= RARE_DECADES
        if minute - self._rare_last > RUN_ENDS + self.course.stride:
            self._rare_since = 0
        if rare:
            self._rare_since = self._rare_since or minute
            self._rare_last = minute
        young = self._rare_since > 0 and minute - self._rare_since < NEW_NORMAL_MINUTES
        self._scores.see(minute, score, in_run=young)
        return rare

    def _score(self, y: float, minute: int) -> float | None:
        """One-sided: −inf for a value that is not above the usual; more is never less."""
        above = y - self.course.usual(minute)
        if above <= 0.0:
            return -inf
        if self._judge is not None and self._judge.rises:
            return self._scored(y, minute)
        if self._asked_at != minute:
            self._asked.clear()
            self._asked_at = minute
        return self._highest(above, minute)

    def _decades(self, score: float) -> float:
        return self._scores.decades(score) if score > -inf else -inf

    def _highest(self, above: float, minute: int) -> float | None:
        """The highest score of the steps up to a value: a model of combinations may find more less unusual."""
        usual, spread = self.course.usual(minute), self.course.spread
        best = -inf
        for step in STEPS:
            if step * spread > above:
                break
            if step not in self._asked:
                self._asked[step] = self._scored(usual + step * spread, minute)
            found = self._asked[step]
            if found is None:
                return None
            best = max(best, found)
        return best

    def _scored(self, y: float, minute: int) -> float | None:
        """What the model says; None when that is no number, which is told once."""
        score = self._guard(lambda judge: judge.score(y, minute))
        if score is None or isfinite(score):
            return score
        if not self._lost:
            self._lost = True
            log.warning("river_score.lost", score=str(score), **self._told)
        return None

    def _guard(self, call: Callable[[Judge], Result]) -> Result | None:
        """Let the model do something. Whatever it raises ends its part, and is told."""
        if self.failure:
            return None
        try:
            judge = self._judge = self._judge or self._make(self.course)
            # The first updates build trees and fill windows.
            return self._pace.measure(lambda: call(judge)) if self._learned > FIRST else call(judge)
        except Exception as error:  # noqa: BLE001 - a library's model: nobody can name all that it raises
            self.failure = f"{type(error).__name__}: {error}"[:MOST_REASON]
            log.error("river_model.failed", reason=self.failure, **self._told)
            return None
