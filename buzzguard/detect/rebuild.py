"""Baselines from stored samples: learn what was stored, in order, and the empty windows that were not."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from buzzguard.model import WINDOWS, Samples

STRIDES: dict[timedelta, int] = dict(zip(WINDOWS, (300, 900, 900, 3600, 3600, 3600), strict=True))
"""Seconds between the windows of each length that are learned, aligned to the epoch."""
STEP = 300
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Course:
    """How far one topic has come: `at` is the step being gathered, in seconds since the epoch."""

    __slots__ = ("at", "last_mention", "stored")

    def __init__(self, after: int) -> None:
        self.at = after
        self.stored: dict[timedelta, Samples] = {}
        self.last_mention = 0


class Rebuild:
    """Teaches stored samples, all topics together, step by step.

    `learned` tells per topic what a checkpoint covers already; `learn` takes closed windows that end together.
    """

    def __init__(
        self,
        topics: Sequence[str],
        learned: Mapping[str, datetime],
        learn: Callable[[Sequence[Samples]], None],
    ) -> None:
        self._topics, self._learned, self._learn = frozenset(topics), frozenset(learned), learn
        self._courses = {topic: _Course(_seconds(at)) for topic, at in learned.items() if topic in self._topics}
        self._at = min((course.at for course in self._courses.values()), default=0)
        self._last = 0

    def take(self, sample: Samples) -> bool:
        """Take the next stored sample; whether it counted."""
        end = _seconds(sample.end)
        stride = STRIDES.get(sample.window, 0)
        if sample.topic not in self._topics or not sample.closed or not stride or end % stride:
            return False
        self._last = max(self._last, end)
        course = self._courses.get(sample.topic)
        if course is None:
            course = self._courses[sample.topic] = _Course(end - STEP)
            self._at = self._at or end - STEP
        if end <= course.at:
            return False
        self._advance(end)
        course.stored[sample.window] = sample
        return True

    def finish(self) -> dict[str, datetime]:
        """Bring every topic to the last window stored; returns how far each has come."""
        self._advance(self._last + STEP)
        return {topic: EPOCH + timedelta(seconds=course.at) for topic, course in self._courses.items()}

    def _advance(self, until: int) -> None:
        """Learn every step before `until` that was gathered."""
        while self._at + STEP < until:
            self._at += STEP
            self._learn_step(self._at)

    def _learn_step(self, step: int) -> None:
        closed: list[Samples] = []
        for topic, course in self._courses.items():
            if course.at < step:
                self._close(topic, course, step, closed)
        self._learn(closed)

    def _close(self, topic: str, course: _Course, step: int, closed: list[Samples]) -> None:
        end = EPOCH + timedelta(seconds=step)
        course.at = step
        for window, stride in STRIDES.items():
            if step % stride:
                continue
            sample = course.stored.get(window)
            if sample is None:
                if step - window.total_seconds() < course.last_mention:
                    # A mention lies in this window, yet it was not stored: it is unknown, not empty.
                    continue
                sample = Samples(topic=topic, window=window, end=end, closed=True)
            elif sample.volume > 0 and window == WINDOWS[0]:
                course.last_mention = step
            closed.append(sample)
        course.stored.clear()


def _seconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(seconds=1)
