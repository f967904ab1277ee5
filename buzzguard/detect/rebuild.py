"""Baselines from stored samples: learn what was stored, in order, and the empty windows that were not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from buzzguard.model import WINDOWS, Samples
from buzzguard.ports import Detector

STRIDES: dict[timedelta, int] = {
    WINDOWS[0]: 300,
    WINDOWS[1]: 900,
    WINDOWS[2]: 900,
    WINDOWS[3]: 3600,
    WINDOWS[4]: 3600,
}
"""Seconds between the windows of each length that are learned, aligned to the epoch."""
STEP = 300
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Course:
    """How far the rebuilding of one topic has come: `at` is the step being gathered, in seconds since the epoch."""

    def __init__(self, topic: str, detector: Detector, after: int) -> None:
        self.topic, self.detector = topic, detector
        self.at = after
        self.stored: dict[timedelta, Samples] = {}
        self.last_mention = 0

    def advance(self, until: int) -> None:
        """Learn every step from the one being gathered up to, but not including, `until`."""
        if self.stored:
            self._learn(self.at)
            self.stored = {}
        for step in range(self.at + STEP, until, STEP):
            self._learn(step)
        self.at = until

    def _learn(self, step: int) -> None:
        end = EPOCH + timedelta(seconds=step)
        for window, stride in STRIDES.items():
            if step % stride:
                continue
            sample = self.stored.get(window)
            if sample is None:
                if step - window.total_seconds() < self.last_mention:
                    # A mention lies in this window, yet it was not stored: it is unknown, not empty.
                    continue
                sample = Samples(topic=self.topic, window=window, end=end, closed=True)
            elif sample.volume > 0 and window == WINDOWS[0]:
                self.last_mention = step
            self.detector.learn(sample)


class Rebuild:
    """Feeds detectors with stored samples. `learned` tells per topic what a checkpoint covers already."""

    def __init__(self, detectors: Mapping[str, Detector], learned: Mapping[str, datetime]) -> None:
        self._detectors, self._learned = detectors, dict(learned)
        self._courses = {
            topic: _Course(topic, detectors[topic], _seconds(at)) for topic, at in learned.items() if topic in detectors
        }
        self._last = 0

    def take(self, sample: Samples) -> bool:
        """Take the next stored sample; whether it counted."""
        end = _seconds(sample.end)
        stride = STRIDES.get(sample.window, 0)
        detector = self._detectors.get(sample.topic)
        if detector is None or not sample.closed or not stride or end % stride:
            return False
        self._last = max(self._last, end)
        course = self._courses.get(sample.topic)
        if course is None:
            course = self._courses[sample.topic] = _Course(sample.topic, detector, end)
        if end < course.at or (end == course.at and not course.stored and sample.topic in self._learned):
            return False
        if end > course.at:
            course.advance(end)
        course.stored[sample.window] = sample
        return True

    def finish(self) -> dict[str, datetime]:
        """Bring every topic to the last window stored; returns how far each has come."""
        for course in self._courses.values():
            course.advance(max(self._last + STEP, course.at))
        return {topic: EPOCH + timedelta(seconds=course.at - STEP) for topic, course in self._courses.items()}


def _seconds(instant: datetime) -> int:
    return (instant - EPOCH) // timedelta(seconds=1)
