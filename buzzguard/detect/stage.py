"""The stage: the detector of each topic, what is worth recording, checkpoints and the start from stored samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from zlib import crc32

from msgspec.structs import replace

from buzzguard.detect.rebuild import EPOCH, STEP, Rebuild
from buzzguard.detect.told import Told
from buzzguard.model import Adoption, Anomaly, Assessment, Checkpoint, Explanation, Judged, Samples, Signal
from buzzguard.ports import Adopting, Detector
from buzzguard.telemetry import get_logger

log = get_logger("detect")
_STEP = timedelta(seconds=STEP)

WORTH_RECORDING = timedelta(days=1)
"""Rarer than this is an anomaly: a fact for the record, long before any rule makes an alert of it."""
GRAVER = 10.0
"""An episode already recorded is recorded again when it has become this many times rarer."""
OVER_AFTER = timedelta(hours=1)
"""An episode is over when nothing worth recording was judged for this long."""
CHECKPOINT_EVERY = 3600
"""Seconds between two checkpoints of a topic; each topic has its own second of the hour."""


def format_of(detector: Detector) -> str:
    """The format of a detector's snapshots, its attribute `version`; empty when it names none: it is then rebuilt."""
    return str(getattr(detector, "version", ""))


class Detection:
    """The detectors of all topics. Samples of topics it does not know are passed over."""

    def __init__(self, detectors: Mapping[str, Detector], queries: Mapping[str, str] | None = None) -> None:
        """`detectors` by topic, one object for all topics that share it; `queries` says what each topic looks for."""
        self._detectors = dict(detectors)
        self._queries = dict(queries or {})
        self._topics_of: dict[int, tuple[Detector, set[str]]] = {}
        for topic, detector in self._detectors.items():
            self._topics_of.setdefault(id(detector), (detector, set()))[1].add(topic)
        self._episodes: dict[tuple[str, str, str], tuple[timedelta, datetime]] = {}
        self._learned: dict[str, datetime] = {}
        self._since: dict[str, datetime] = {}
        self._unsaved: set[str] = set()
        self._saved: dict[str, int] = {}
        self._adoptions: list[Adoption] = []

    def assess(self, samples: Sequence[Samples]) -> list[Judged]:
        """Judge windows, in order; changes nothing."""
        if len(self._topics_of) == 1:
            return next(iter(self._topics_of.values()))[0].assess(samples)
        judged = {}
        for detector, topics in self._topics_of.values():
            for one in detector.assess([sample for sample in samples if sample.topic in topics]):
                judged[id(one.samples)] = one
        return [judged[id(one)] for one in samples if id(one) in judged]

    def explain(self, samples: Sequence[Samples]) -> Explanation:
        """All that is known of one topic at one instant, given its windows. Raises LookupError for another topic."""
        topic = samples[0].topic if samples else ""
        if topic not in self._detectors:
            raise LookupError(f"no baseline of the topic {topic!r}")
        explanation = self._detectors[topic].explain(samples)
        since = self._since.get(topic)
        return explanation if since is None else replace(explanation, since=since, reason="query_changed")

    def learn(self, closed: Iterable[Samples]) -> None:
        """Take closed windows into the baselines. A batch brings each topic's windows in order of end.

        What ended before an earlier batch's last window was learned already (a restart closes it again) and is
        passed over.
        """
        reached: dict[str, datetime] = {}
        fresh = []
        for sample in closed:
            before = self._learned.get(sample.topic)
            if sample.topic not in self._detectors or (before is not None and sample.end <= before):
                continue
            fresh.append(sample)
            if sample.topic not in reached or sample.end > reached[sample.topic]:
                reached[sample.topic] = sample.end
        self._teach(fresh)
        self._learned.update(reached)
        self._unsaved.update(reached)

    def adopt(self, adoption: Adoption) -> None:
        """A person calls a level normal: it is taken over between the windows that ended by then and those after, which
        close later, so that a start from stored samples does the same at the same place."""
        if adoption.topic in self._detectors:
            self._adoptions.append(adoption)

    def _teach(self, closed: Sequence[Samples]) -> None:
        for adoption in self._due(closed):
            self._give([one for one in closed if one.end <= adoption.at])
            closed = [one for one in closed if one.end > adoption.at]
            detector = self._detectors[adoption.topic]
            if isinstance(detector, Adopting):
                detector.adopt(adoption.topic, adoption.at, adoption.since)
                log.info("level.adopted", topic=adoption.topic, at=adoption.at.isoformat())
            else:
                log.warning("level.refused", topic=adoption.topic, reason="its detector adopts none")
        self._give(closed)

    def _due(self, closed: Sequence[Samples]) -> list[Adoption]:
        """What was called normal before the last of these windows ended, in order; it waits no longer."""
        if not self._adoptions:
            return []
        due = [one for one in self._adoptions if any(s.topic == one.topic and s.end > one.at for s in closed)]
        self._adoptions = [one for one in self._adoptions if one not in due]
        return sorted(due, key=lambda one: (one.at, one.topic))

    def _give(self, closed: Sequence[Samples]) -> None:
        if not closed:
            return
        for detector, topics in self._topics_of.values():
            those = closed if len(self._topics_of) == 1 else [one for one in closed if one.topic in topics]
            if those:
                detector.learn(those)

    @property
    def learned_until(self) -> datetime | None:
        """The end of the last windows that every topic has learned; None before any has."""
        return min(self._learned.values(), default=None)

    def anomalies(self, judged: Iterable[Judged], now: datetime) -> list[Anomaly]:
        """What is new and unusual: the start of an episode of a signal, and each tenfold rise of its rarity.

        After a restart a running episode is recorded once more.
        """
        found: dict[tuple[str, str, str], Assessment] = {}
        for one in judged:
            for signal, assessment in _unusual(one):
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
        detector = self._detectors.get(topic)
        return ([0.0] * bins, [0.0] * bins) if detector is None else detector.band(topic, end, bin, bins)

    def checkpoints(self, now: datetime) -> list[Checkpoint]:
        """The baselines due to be kept: of each topic that has learned, about once an hour, spread over the hour.

        A checkpoint is dated by the last window that it has learned.
        """
        due = []
        for topic in sorted(self._unsaved):
            turn = (int(now.timestamp()) + crc32(topic.encode())) // CHECKPOINT_EVERY
            if not format_of(self._detectors[topic]) or self._saved.setdefault(topic, turn) == turn:
                continue
            self._saved[topic] = turn
            self._unsaved.discard(topic)
            state = self._detectors[topic].snapshot(topic)
            label = self.label(topic)
            due.append(Checkpoint(topic=topic, at=self._learned[topic], detector=label, state=state))
        return due

    def covers(self, checkpoint: Checkpoint) -> bool:
        """Whether a checkpoint spares learning what was stored before it: it can be read, or nothing before counts."""
        detector = self._detectors.get(checkpoint.topic)
        if detector is None:
            return False
        version, query, _ = _parts(checkpoint)
        return self._changed(checkpoint.topic, query) or version == format_of(detector)

    def label(self, topic: str) -> str:
        """What a checkpoint of the topic is called: the detector's format, the topic's query, since when it stands."""
        since = self._since.get(topic)
        parts = [format_of(self._detectors[topic]), _mark(self._queries.get(topic, ""))]
        return " ".join([*parts, since.isoformat()] if since else parts)

    def restore(
        self,
        checkpoints: Iterable[Checkpoint],
        samples: Iterable[Samples],
        now: datetime,
        adoptions: Iterable[Adoption] = (),
    ) -> None:
        """Start from what is stored: fitting checkpoints, then the closed windows that ended after them, and between
        these what people called normal.

        `samples` come in order of end. A window that is absent held no mention: windows with none are not stored.
        They are learned as zero from the topic's first sample on, up to the last window stored of any topic.
        """
        for checkpoint in checkpoints:
            self._restore(checkpoint, now)
        self._adoptions = [one for one in adoptions if one.at <= now and self._counts(one)]
        rebuild = Rebuild(tuple(self._detectors), self._learned, self._teach)
        count = 0
        for sample in samples:
            since = self._since.get(sample.topic)
            if since is None or sample.end > since:
                count += rebuild.take(sample)
        reached = rebuild.finish()
        self._unsaved.update(topic for topic, end in reached.items() if end != self._learned.get(topic))
        self._learned.update(reached)
        log.info("baselines.restored", topics=len(self._learned), samples=count)

    def _counts(self, adoption: Adoption) -> bool:
        """Whether a level is still to be taken over: no checkpoint holds it, and it was that of the same query."""
        topic = adoption.topic
        held = self._learned.get(topic)
        since = self._since.get(topic)
        later = (held is None or adoption.at >= held) and (since is None or adoption.at >= since)
        return topic in self._detectors and later

    def _changed(self, topic: str, query: str) -> bool:
        """Whether a checkpoint was made of another query; those of old did not say of which."""
        return bool(query) and query != _mark(self._queries.get(topic, ""))

    def _restore(self, checkpoint: Checkpoint, now: datetime) -> None:
        topic = checkpoint.topic
        detector = self._detectors.get(topic)
        if detector is None or checkpoint.at > now:
            return
        version, query, since = _parts(checkpoint)
        if self._changed(topic, query):
            # What another query brought says nothing of this one: the baseline starts anew, with the next window.
            self._since[topic] = self._learned[topic] = restarted = EPOCH + (now - EPOCH) // _STEP * _STEP
            log.info("baseline.restarted", topic=topic, reason="query_changed", since=restarted.isoformat())
            return
        if since:
            self._since[topic] = datetime.fromisoformat(since)
        if version != format_of(detector):
            log.info("checkpoint.outdated", topic=topic, found=version, wanted=format_of(detector))
            return
        try:
            detector.restore(topic, checkpoint.state)
        except ValueError as error:
            log.warning("checkpoint.refused", topic=topic, error=str(error))
            return
        self._learned[topic] = checkpoint.at
        self._saved[topic] = (int(checkpoint.at.timestamp()) + crc32(topic.encode())) // CHECKPOINT_EVERY


def _unusual(one: Judged) -> list[tuple[Signal, Assessment]]:
    """What is worth recording of a window."""
    told = one.assessments
    # A lull is told of closed windows alone: of others, only what is above needs a look.
    above = told.unusual(0.0) if isinstance(told, Told) and not one.samples.closed else list(told)
    return [(signal, told[signal]) for signal in above if told[signal].once_per >= WORTH_RECORDING]


def _parts(checkpoint: Checkpoint) -> tuple[str, str, str]:
    """What `Detection.label` put together; what an older label does not say is empty."""
    version, _, rest = checkpoint.detector.partition(" ")
    query, _, since = rest.partition(" ")
    return version, query, since


def _mark(query: str) -> str:
    return f"q{crc32(query.encode()):08x}"
