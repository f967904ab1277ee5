"""The seasonal detector: what is usual for this time of week, and how rarely the baseline alone strays so far.

Ours, after the multi-scale return period: the law of counts gives a rarity, the topic's own past episodes calibrate
it, and the time watched bounds it. See `buzzguard.detect` for the decisions.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf
from operator import attrgetter

import msgspec
from pydantic import Field

from buzzguard.config.settings import Duration, Frozen
from buzzguard.detect.learning import KNOWN_ENOUGH, Learning
from buzzguard.detect.profile import CELL, Profile, ProfileState, Span
from buzzguard.detect.tails import Law
from buzzguard.detect.track import (
    GROWTH_WITHIN,
    LEAST_KNOWN,
    MINUTES,
    STRIDES,
    CountTrack,
    SumTrack,
    TrackState,
    doubling,
    to_timedelta,
)
from buzzguard.model import MINUTE, WINDOWS, Assessment, Direction, Samples, Signal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SUMS = (Signal.REACH, Signal.ENGAGEMENT)
DISTINCT = (Signal.AUTHORS, Signal.SPREAD)
COUNTS = tuple(signal for signal in Signal if signal not in SUMS)
MOST = 1e12
"""Counts beyond this are taken for this: nobody has published a million million mentions."""
BUCKET = 5
"""Minutes for which one expectation serves."""
GROWING_FROM = timedelta(days=1)
"""Growth is told of windows rarer than this: noise doubles all the time."""


class State(msgspec.Struct, array_like=True):
    """All that a snapshot holds. `known` counts the known minutes learned, `stale` those since the last refresh."""

    known: float
    stale: float
    profiles: list[ProfileState]
    tracks: list[list[TrackState]]


class Usual:
    """What is usual for one window until the next learning, with the last answer given."""

    __slots__ = ("answer", "closed", "high", "key", "law", "minute", "value")

    def __init__(self) -> None:
        self.key: tuple[int, int, float] = (-1, 0, 0.0)
        self.value = -1.0
        self.closed = False
        self.minute = 0
        self.high = 0.0
        self.law: Law
        self.answer: Assessment


_read = attrgetter(*(signal.value for signal in Signal))


def values_of(samples: Samples) -> list[float]:
    """The value of each signal, in their order; an absurd one is brought into range."""
    values: tuple[int, ...] = _read(samples)
    if min(values) < 0 or max(values) > MOST:
        return [float(min(max(value, 0), MOST)) for value in values]
    return [float(value) for value in values]


class SeasonalSettings(Frozen):
    """Settings of the seasonal detector.

    `needed` is the known time after which a baseline no longer counts as learning. `trust` bounds return periods: at
    most that many times the time watched (after one day, at most once in 100 days).
    """

    needed: Duration = timedelta(days=7)
    trust: float = Field(default=100.0, ge=1.0, le=10_000.0)


class SeasonalDetector:
    """The baselines of one topic: a profile for each counted signal, a track for each signal and window.

    Closed windows are learned where their end lies on the stride of their length (5 min: every 5 min; 15 min and
    1 h: every 15 min; 6 h and 24 h: every hour; aligned to the epoch); others are ignored. So are windows less than
    three quarters known.
    """

    Settings = SeasonalSettings
    version = "seasonal/1"

    def __init__(self, settings: SeasonalSettings) -> None:
        self._settings = settings
        self._profiles = {signal: Profile() for signal in COUNTS}
        self._tracks: dict[timedelta, dict[Signal, CountTrack | SumTrack]] = {
            window: {signal: self._track(signal, window) for signal in Signal} for window in WINDOWS
        }
        self._usual = {window: [(signal, Usual()) for signal in Signal] for window in WINDOWS}
        self._spans: dict[timedelta, Span] = {}
        self._known = self._stale = 0.0
        self._changes = 0

    def _track(self, signal: Signal, window: timedelta) -> CountTrack | SumTrack:
        if signal in SUMS:
            return SumTrack(MINUTES[window], self._profiles[Signal.VOLUME])
        return CountTrack(MINUTES[window], self._profiles[signal], distinct=signal in DISTINCT)

    @property
    def learned(self) -> timedelta:
        """How much known time the baselines stand on."""
        return timedelta(minutes=self._known)

    @property
    def changes(self) -> int:
        """Counts the windows learned: equal numbers, equal baselines."""
        return self._changes

    def why(self, signal: Signal, window: timedelta) -> Learning:
        """What became of the window of this length that was learned last."""
        return self._tracks[window][signal].state.reason

    # judging

    def assess(self, samples: Samples) -> dict[Signal, Assessment]:
        """Judge every signal of a window. Raises ValueError for a length that is not one of `WINDOWS`."""
        tracks = self._tracks.get(samples.window)
        if tracks is None:
            raise ValueError(f"no window of this length is measured: {samples.window}")
        minute = (samples.end - EPOCH) // MINUTE
        known = min(max(LEAST_KNOWN, samples.known), 1.0)
        key = (self._changes, (minute + BUCKET // 2) // BUCKET * BUCKET, known)
        closed = samples.closed
        answers = {}
        for (signal, usual), value in zip(self._usual[samples.window], values_of(samples), strict=True):
            if usual.key != key:
                self._prepare(usual, tracks[signal], key)
            elif usual.value == value and usual.closed is closed and usual.minute == minute:
                answers[signal] = usual.answer
                continue
            usual.value, usual.closed, usual.minute = value, closed, minute
            usual.answer = answers[signal] = self._judge(usual, signal, samples, value)
        return answers

    def _prepare(self, usual: Usual, track: CountTrack | SumTrack, key: tuple[int, int, float]) -> None:
        _, bucket, known = key
        usual.key = key
        usual.law = track.law(self._span(bucket, track.minutes), known)
        usual.high = track.high(usual.law, now=bucket, learned=int(self._known))

    def _span(self, end: int, minutes: int) -> Span:
        window = timedelta(minutes=minutes)
        span = self._spans.get(window)
        if span is None or span.minute != end:
            span = self._spans[window] = Span(end, minutes)
        return span

    def _judge(self, usual: Usual, signal: Signal, samples: Samples, value: float) -> Assessment:
        law, learned = usual.law, int(self._known)
        track = self._tracks[samples.window][signal]
        above = value >= law.mean
        decades = -inf
        if value > law.mean + law.spread:
            decades = track.decades(law, value, now=usual.key[1], learned=learned)
        elif not above and samples.closed and samples.known >= KNOWN_ENOUGH:
            decades = law.decades_below(value)
        once_per = to_timedelta(decades, learned, trust=self._settings.trust) if decades > -inf else timedelta(0)
        growing = above and once_per >= GROWING_FROM and track.minutes <= GROWTH_WITHIN
        return Assessment(
            signal=signal,
            window=samples.window,
            observed=value,
            expected=law.mean,
            high=usual.high,
            once_per=once_per,
            direction=Direction.ABOVE if above else Direction.BELOW,
            learned=timedelta(minutes=self._known),
            needed=self._settings.needed,
            doubles_in=doubling(track, usual.minute, value, law.mean) if growing else None,
        )

    def band(self, end: datetime, length: timedelta, bins: int) -> tuple[list[float], list[float]]:
        """Expected and high volume of the `bins` windows of `length` that end at `end` and before, oldest first."""
        track = self._tracks[length][Signal.VOLUME]
        last = (end - EPOCH) // MINUTE
        expected, high = [], []
        for back in range(bins - 1, -1, -1):
            law = track.law(Span(last - back * track.minutes, track.minutes), 1.0)
            expected.append(law.mean)
            high.append(track.high(law, now=last, learned=int(self._known)))
        return expected, high

    # learning

    def learn(self, samples: Samples) -> None:
        """Take a closed window into the baselines; see the class for which are."""
        tracks = self._tracks.get(samples.window)
        if tracks is None or not samples.closed:
            return
        minute = (samples.end - EPOCH) // MINUTE
        minutes = MINUTES[samples.window]
        if minute % STRIDES[minutes]:
            return
        self._changes += 1
        known = min(samples.known, 1.0)
        if not known >= KNOWN_ENOUGH:
            for track in tracks.values():
                track.state.reason = Learning.SKIPPED_UNKNOWN
            return
        span = self._span(minute, minutes)
        values = values_of(samples)
        for track, value in zip(tracks.values(), values, strict=True):
            track.learn(span, value, known=known, learned=int(self._known))
        if minutes == CELL:
            self._learn_profiles(dict(zip(Signal, values, strict=True)), span, known)

    def _learn_profiles(self, values: dict[Signal, float], span: Span, known: float) -> None:
        for signal, profile in self._profiles.items():
            tracks = [self._tracks[window][signal] for window in WINDOWS]
            profile.learn(
                span,
                values[signal],
                known=known,
                phi=tracks[1].phi(),
                anomalous=any(track.state.rare_since for track in tracks),
                learned=self._known,
            )
        self._known += 15.0 * known
        self._stale += 15.0 * known
        if self._stale >= min(1440.0, max(60.0, self._known / 8.0)):
            self._stale = 0.0
            volume = self._profiles[Signal.VOLUME]
            for profile in self._profiles.values():
                profile.refresh(None if profile is volume else volume)

    # state

    def snapshot(self) -> bytes:
        """The state as MessagePack."""
        state = State(
            known=self._known,
            stale=self._stale,
            profiles=[profile.state for profile in self._profiles.values()],
            tracks=[[track.state for track in tracks.values()] for tracks in self._tracks.values()],
        )
        return msgspec.msgpack.encode(state)

    def restore(self, state: bytes) -> None:
        """Become what `snapshot` wrote. Raises ValueError for anything else, and is then what it was."""
        try:
            read = msgspec.msgpack.decode(state, type=State)
        except msgspec.MsgspecError as error:
            raise ValueError(f"not a state of {self.version}: {error}") from None
        _check(read)
        for profile, profile_state in zip(self._profiles.values(), read.profiles, strict=True):
            profile.load(profile_state)
        for tracks, states in zip(self._tracks.values(), read.tracks, strict=True):
            for track, track_state in zip(tracks.values(), states, strict=True):
                track.load(track_state)
        self._known, self._stale = read.known, read.stale
        self._changes += 1


def _check(state: State) -> None:
    shapes = [(len(state.profiles), len(COUNTS)), (len(state.tracks), len(WINDOWS))]
    shapes += [(len(tracks), len(Signal)) for tracks in state.tracks]
    shapes += [(len(track.episodes.hours), len(track.episodes.peaks)) for tracks in state.tracks for track in tracks]
    shapes += [(len(pair), 2) for tracks in state.tracks for t in tracks for pair in (t.scale, t.scatter, t.some)]
    if any(found != wanted for found, wanted in shapes):
        raise ValueError(f"not a state of {SeasonalDetector.version}: wrong shape")
    for profile in state.profiles:
        profile.check()
