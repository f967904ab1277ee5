"""The stage: one detector a topic, what is worth recording, checkpoints and the start from stored samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable
from zlib import crc32

from buzzguard.detect.rebuild import Rebuild
from buzzguard.model import Anomaly, Assessment, Checkpoint, Judged, Samples
from buzzguard.ports import Detector
from buzzguard.telemetry import get_logger

log = get_logger("detect")

WORTH_RECORDING = timedelta(days=1)
"""Rarer than this is an anomaly: a fact for the record, long before any rule makes an alert of it."""
GRAVER = 10.0
"""An episode already recorded is recorded again when it has become this many times rarer."""
OVER_AFTER = timedelta(hours=1)
"""An episode is over when nothing worth recording was judged for this long."""
CHECKPOINT_EVERY = 3600
"""Seconds between two checkpoints of a topic; each topic has its own second of the hour."""


@runtime_checkable
class Banded(Protocol):
    """A detector that can tell what was usual in past windows."""

    def band(self, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """Expected and high volume of windows of `length`, the last ending at `end`, oldest first."""
        ...


def format_of(detector: Detector) -> str:
    """The format of a detector's snapshots, its attribute `version`; empty when it names none: it is then rebuilt."""
    return str(getattr(detector, "version", ""))


class Detection:
    """The detectors of all topics. Samples of topics it does not know are passed over."""

    def __init__(self, topics: Iterable[str], make: Callable[[str], Detector]) -> None:
        self._detectors = {topic: make(topic) for topic in topics}
        self._episodes: dict[tuple[str, str, str], tuple[timedelta, datetime]] = {}
        self._learned: dict[str, datetime] = {}
        self._unsaved: set[str] = set()
        self._saved: dict[str, int] = {}

    def assess(self, samples: Iterable[Samples]) -> list[Judged]:
        """Judge windows, in order; changes nothing."""
        judged = []
        for sample in samples:
            detector = self._detectors.get(sample.topic)
            if detector is not None:
                judged.append(Judged(samples=sample, assessments=detector.assess(sample)))
        return judged

    def learn(self, closed: Iterable[Samples]) -> None:
        """Take closed windows into the baselines. A batch brings each topic's windows in order of end.

        What ended before an earlier batch's last window was learned already (a restart closes it again) and is
        passed over.
        """
        reached: dict[str, datetime] = {}
        for sample in closed:
            detector = self._detectors.get(sample.topic)
            before = self._learned.get(sample.topic)
            if detector is None or (before is not None and sample.end <= before):
                continue
            detector.learn(sample)
            if sample.topic not in reached or sample.end > reached[sample.topic]:
                reached[sample.topic] = sample.end
        self._learned.update(reached)
        self._unsaved.update(reached)

    def anomalies(self, judged: Iterable[Judged], now: datetime) -> list[Anomaly]:
        """What is new and unusual: the start of an episode of a signal, and each tenfold rise of its rarity.

        After a restart a running episode is recorded once more.
        """
        found: dict[tuple[str, str, str], Assessment] = {}
        for one in judged:
            for signal, assessment in one.assessments.items():
                if assessment.once_per < WORTH_RECORDING:
                    continue
                key = (one.samples.topic, signal.value, assessment.direction.value)
                if key not in found or assessment.once_per > found[key].once_per:
                    found[key] = assessment
        fresh = []
        for key, assessment in found.items():
            recorded, seen = self._episodes.get(key, (None, now))
            if recorded is None or now - seen > OVER_AFTER or assessment.once_per >= GRAVER * recorded:
                recorded = assessment.once_per
                fresh.append(Anomaly(topic=key[0], at=now, assessment=assessment))
            self._episodes[key] = (recorded, now)
        self._forget(now)
        return fresh

    def _forget(self, now: datetime) -> None:
        over = [key for key, (_, seen) in self._episodes.items() if now - seen > OVER_AFTER]
        for key in over:
            del self._episodes[key]

    def band(self, topic: str, end: datetime, bin: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """What was usual for the volume of a chart's bins: expected and high, oldest first.

        `bin` is one of `model.WINDOWS`; zeros for a detector that cannot tell and for an unknown topic.
        """
        detector: object = self._detectors.get(topic)
        if isinstance(detector, Banded):
            return detector.band(end, bin, bins)
        return [0.0] * bins, [0.0] * bins

    def checkpoints(self, now: datetime) -> list[Checkpoint]:
        """The baselines due to be kept: of each topic that has learned, about once an hour, spread over the hour.

        A checkpoint is dated by the last window that it has learned.
        """
        due = []
        for topic in sorted(self._unsaved):
            detector = self._detectors[topic]
            turn = (int(now.timestamp()) + crc32(topic.encode())) // CHECKPOINT_EVERY
            version = format_of(detector)
            if not version or self._saved.setdefault(topic, turn) == turn:
                continue
            self._saved[topic] = turn
            self._unsaved.discard(topic)
            due.append(Checkpoint(topic=topic, at=self._learned[topic], detector=version, state=detector.snapshot()))
        return due

    def restore(self, checkpoints: Iterable[Checkpoint], samples: Iterable[Samples], now: datetime) -> None:
        """Start from what is stored: fitting checkpoints, then the closed windows that ended after them.

        `samples` come in order of end. A window that is absent held no mention: windows with none are not stored.
        They are learned as zero from the topic's first sample on, up to the last window stored of any topic.
        """
        for checkpoint in checkpoints:
            self._restore(checkpoint, now)
        rebuild = Rebuild(self._detectors, self._learned)
        count = 0
        for sample in samples:
            count += rebuild.take(sample)
        reached = rebuild.finish()
        self._unsaved.update(topic for topic, end in reached.items() if end != self._learned.get(topic))
        self._learned.update(reached)
        log.info("baselines.restored", topics=len(self._learned), samples=count)

    def _restore(self, checkpoint: Checkpoint, now: datetime) -> None:
        detector = self._detectors.get(checkpoint.topic)
        if detector is None or checkpoint.at > now:
            return
        version = format_of(detector)
        if version != checkpoint.detector:
            log.info("checkpoint.outdated", topic=checkpoint.topic, found=checkpoint.detector, wanted=version)
            return
        try:
            detector.restore(checkpoint.state)
        except ValueError as error:
            log.warning("checkpoint.refused", topic=checkpoint.topic, error=str(error))
            return
        self._learned[checkpoint.topic] = checkpoint.at
