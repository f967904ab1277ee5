"""The detector `river`: a model of river for some signals, the default detector for all else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, TypeAlias

import msgspec

from buzzguard.detect.by_river import catalogue
from buzzguard.detect.by_river.course import Course
from buzzguard.detect.by_river.judges import Judge, judge_of
from buzzguard.detect.by_river.settings import RiverSettings
from buzzguard.detect.by_river.track import Pace, RiverTrack
from buzzguard.detect.calendar import SIGNALS, Calendar
from buzzguard.detect.seasonal import SeasonalDetector
from buzzguard.model import (
    MINUTE,
    Assessment,
    Confusion,
    Direction,
    Explanation,
    Judged,
    Samples,
    Signal,
    SignalReading,
)
from buzzguard.ports import Adopting, Detector
from buzzguard.telemetry import get_logger

log = get_logger("detect")

UNKNOWN_SCORER: Final = Confusion()
Said: TypeAlias = dict[Signal, tuple[timedelta, bool]]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
USUAL: Final = timedelta(0)
LEAST: Final = timedelta(days=1)
"""What comes every day is usual."""
MUCH_MEMORY: Final = 256 * 2**20


class RiverDetector:
    """The topics that chose one model of river with one set of parameters.

    Of the signals in `settings.signals`, `once_per` is what the model says of the topic's window of `settings.window`;
    of the other windows of that instant it is the default detector's, and at most that. Without that window, or while
    the model cannot tell, the default detector's judgement stands. `stopwatch` (seconds that never go back) lets it
    tell a slow model; None: nothing is measured.
    """

    Settings = RiverSettings
    version = ""

    def __init__(
        self,
        settings: RiverSettings,
        topics: Sequence[str],
        calendar: Calendar | None = None,
        confusion: Confusion = UNKNOWN_SCORER,
        *,
        default: Detector | None = None,
    ) -> None:
        self._settings = settings
        self._calendar = calendar
        self._default: Detector = default or SeasonalDetector(
            SeasonalDetector.Settings(), topics, calendar=calendar, confusion=confusion
        )
        self._minutes = settings.window // MINUTE
        self._stride = stride_of(self._minutes)
        self._pace = Pace(settings.model)
        kind = catalogue.choose(settings.model)
        make = partial(judge_of, kind, dict(settings.parameters), lagged=settings.features == "lagged")
        self._tracks = {topic: self._tracks_of(topic, make) for topic in topics}
        memory = catalogue.bytes_of(kind, settings.parameters) * len(topics) * len(settings.signals)
        if memory > MUCH_MEMORY:
            log.warning("river_models.enlarged", model=settings.model, mebibytes=memory // 2**20, topics=len(topics))

    @property
    def stopwatch(self) -> Callable[[], float] | None:
        """Where the time of a model is read."""
        return self._pace.stopwatch

    @stopwatch.setter
    def stopwatch(self, stopwatch: Callable[[], float] | None) -> None:
        self._pace.stopwatch = stopwatch

    def _tracks_of(self, topic: str, make: Callable[[Course], Judge]) -> dict[Signal, RiverTrack]:
        return {
            signal: RiverTrack(
                make,
                Course(self._settings.transform, minutes=self._minutes, stride=self._stride),
                pace=self._pace,
                told={"topic": topic, "signal": signal.value, "model": self._settings.model},
            )
            for signal in self._settings.signals
        }

    # judging

    def assess(self, samples: Sequence[Samples]) -> list[Judged]:
        """Judge windows, in their order; see the class."""
        said = {
            (one.topic, one.end, one.closed): self._say(one)
            for one in samples
            if one.window == self._settings.window and one.topic in self._tracks
        }
        judged = self._default.assess(samples)
        return [self._merged(one, said.get((one.samples.topic, one.samples.end, one.samples.closed))) for one in judged]

    def _say(self, samples: Samples) -> Said:
        """The return period of each signal of which the model can tell, and whether it only adds to the default's."""
        minute = (samples.end - EPOCH) // MINUTE
        factors = self._factors(samples.topic, minute)
        said: Said = {}
        for signal, track in self._tracks[samples.topic].items():
            decades = track.assess(_value(samples, signal) / factors[signal], minute)
            if decades is not None:
                said[signal] = (_period(decades), track.adds)
        return said

    def _factors(self, topic: str, minute: int) -> Mapping[Signal, float]:
        """How many times the usual the calendar expects of the window that ends at `minute`."""
        if self._calendar is None:
            return dict.fromkeys(Signal, 1.0)
        means = self._calendar.mean_factors(topic, minute - self._minutes, minute)
        return {signal: float(mean) for signal, mean in zip(SIGNALS, means, strict=True)}

    def _merged(self, judged: Judged, said: Said | None) -> Judged:
        if not said:
            return judged
        own = judged.samples.window == self._settings.window
        return Judged(samples=judged.samples, assessments=_Merged(judged.assessments, said, own=own))

    def explain(self, samples: Sequence[Samples]) -> Explanation:
        """What the default detector knows, with the model's return periods. Raises LookupError for other topics."""
        explanation = self._default.explain(samples)
        tracks = self._tracks[explanation.topic]
        own = [one for one in samples if one.window == self._settings.window and one.topic == explanation.topic]
        said = self._say(own[-1]) if own else {}
        return msgspec.structs.replace(
            explanation,
            detector=f"river: {self._settings.model}{_failures(tracks)}",
            signals=tuple(self._reading(each, said, tracks) for each in explanation.signals),
        )

    def _reading(self, reading: SignalReading, said: Said, tracks: Mapping[Signal, RiverTrack]) -> SignalReading:
        if reading.signal not in said:
            return reading
        once_per, adds = said[reading.signal]
        if adds and once_per <= reading.once_per:
            return reading
        return msgspec.structs.replace(
            reading,
            once_per=once_per,
            decided_by=(self._settings.window,),
            own=1.0,
            learning=tracks[reading.signal].reason.value,
        )

    def band(self, topic: str, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """The default detector's: river's models know no expectation."""
        return self._default.band(topic, end, length, bins)

    # learning

    def learn(self, closed: Sequence[Samples]) -> None:
        """Take closed windows into the default detector's baselines and into the models."""
        self._default.learn(closed)
        for samples in closed:
            if samples.window == self._settings.window and samples.closed and samples.topic in self._tracks:
                self._learn(samples)

    def _learn(self, samples: Samples) -> None:
        minute = (samples.end - EPOCH) // MINUTE
        if minute % self._stride:
            return
        factors = self._factors(samples.topic, minute)
        known = min(samples.known, 1.0)
        for signal, track in self._tracks[samples.topic].items():
            track.learn(_value(samples, signal) / factors[signal], minute, known=known)

    def adopt(self, topic: str, at: datetime, since: datetime) -> None:
        """See `ports.Adopting`. The models learn from then on what was too rare for them, each at its own pace."""
        if isinstance(self._default, Adopting):
            self._default.adopt(topic, at, since)
        for track in self._tracks.get(topic, {}).values():
            track.adopt((at - EPOCH) // MINUTE)

    def snapshot(self, topic: str) -> bytes:  # noqa: ARG002 - part of Detector
        """Nothing: it is always rebuilt."""
        return b""

    def restore(self, topic: str, state: bytes) -> None:
        """Raises ValueError for anything: it makes no snapshots."""
        raise ValueError(f"the detector river keeps no state, {len(state)} bytes for {topic!r} are not its own")


def stride_of(minutes: int) -> int:
    """Minutes between the closed windows of a length that are learned."""
    return minutes if minutes <= 15 else 15 if minutes <= 60 else 60


def _period(decades: float) -> timedelta:
    """A return period of whole seconds; zero for what comes every day."""
    once_per = timedelta(seconds=int(86400.0 * 10.0 ** min(decades, 6.0)))
    return once_per if once_per >= LEAST else USUAL


def _value(samples: Samples, signal: Signal) -> float:
    return float(getattr(samples, signal.value))


class _Merged(Mapping[Signal, Assessment]):
    """The default detector's assessments, with the model's return periods put in where somebody asks."""

    def __init__(self, default: Mapping[Signal, Assessment], said: Said, *, own: bool) -> None:
        self._default, self._said, self._own = default, said, own

    def __getitem__(self, signal: Signal) -> Assessment:
        assessment = self._default[signal]
        if signal not in self._said:
            return assessment
        once_per, adds = self._said[signal]
        if adds:
            once_per = max(once_per, assessment.once_per) if self._own else assessment.once_per
        return _replaced(assessment, once_per, own=self._own)

    def __iter__(self) -> Iterator[Signal]:
        return iter(self._default)

    def __len__(self) -> int:
        return len(self._default)


def _replaced(assessment: Assessment, once_per: timedelta, *, own: bool) -> Assessment:
    """The assessment with the model's return period. What lies below the usual stays as it was judged: a lull.

    The model sees its `own` window alone. Another window is as rare as it is by itself, and never rarer than the model
    says: a rule that looks at any window fires where the model does, one that names windows where they bear it out.
    """
    if assessment.direction is Direction.BELOW and not (own and once_per):
        return assessment
    if not own:
        once_per = min(once_per, assessment.once_per)
    doubles_in = assessment.doubles_in if once_per else None
    return msgspec.structs.replace(assessment, once_per=once_per, direction=Direction.ABOVE, doubles_in=doubles_in)


def _failures(tracks: Mapping[Signal, RiverTrack]) -> str:
    """What failed for good, in brackets."""
    failed = [f"{signal}: {track.failure}" for signal, track in tracks.items() if track.failure]
    return f" (failed: {'; '.join(failed)})" if failed else ""
