"""The rhythm of each stream: is this silence usual for it?

Silence is measured in the mentions that the stream's own course of the week would have brought meanwhile, so that a
quiet Friday night of a feed that writes on weekdays weighs nothing. How rare so long a gap is, its own past gaps say.
Only time in which the stream could be read counts: a stream that fails is not silent, it is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import exp, log10

import msgspec

from buzzguard.detect.course import CELL, DAY_CELLS, FRESH, Profile, ProfileState, Span
from buzzguard.detect.gaps import Episodes, EpisodesState
from buzzguard.detect.scan import LN10
from buzzguard.model import MINUTE, WATCHER_TOPIC, Checkpoint, Poll, StreamHealth
from buzzguard.telemetry import get_logger

log = get_logger("detect")

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMAT = "rhythm/1"
PHI = 0.3
"""Overdispersion of a stream's quarter hours: enough to keep one busy hour from ruling the rhythm."""
LATE = 3
"""Poll intervals after which a stream that was not polled at all counts as failing."""
SLACK = timedelta(minutes=5)
"""Added to that: polls are spread, and a step takes its time."""
SETTLE = 15
"""Minutes after a cell's end before it is counted: mentions reach a feed some time after their publication."""
TRUST = 100.0
"""A return period is believed up to this many times the time watched."""
LONGEST_WALK = 14 * 1440
"""Minutes caught up at most after a stop; a longer one leaves the rhythm as it was."""
CHECKPOINT_EVERY = timedelta(hours=1)


class StreamState(msgspec.Struct, array_like=True):
    """What is kept of one stream. Times are minutes since the epoch; −1 stands for never.

    `done` is the cell up to which the rhythm was learned; `gap` the mentions expected since the newest one, up to
    there; `counts` the mentions of cells that are still open; `planned` when the next poll was to come.
    """

    profile: ProfileState = msgspec.field(default_factory=ProfileState)
    gaps: EpisodesState = msgspec.field(default_factory=EpisodesState)
    known: float = 0.0
    stale: float = 0.0
    done: int = -1
    gap: float = 0.0
    newest: float = -1.0
    first_poll: float = -1.0
    last_poll: float = -1.0
    last_good: float = -1.0
    failing_since: float = -1.0
    failures: int = 0
    reason: str = ""
    counts: dict[int, int] = {}
    outages: list[tuple[float, float]] = []
    planned: float = -1.0


class _Stream:
    """One stream's rhythm. Its gaps are episodes: decades of the return period that even arrivals would give."""

    def __init__(self, every: timedelta) -> None:
        self.every = every
        self.profile = Profile()
        self.gaps = Episodes(overlap=0.0)
        self.load(StreamState())

    def load(self, state: StreamState) -> None:
        self.state = state
        self.profile.load(state.profile)
        self.gaps.load(state.gaps)

    def observe(self, published: Iterable[datetime]) -> None:
        state = self.state
        for instant in published:
            minute = (instant - EPOCH) / MINUTE
            state.newest = max(state.newest, minute)
            cell = (int(minute) // CELL + 1) * CELL
            if cell > state.done:
                state.counts[cell] = state.counts.get(cell, 0) + 1

    def polled(self, poll: Poll) -> None:
        state = self.state
        at = (poll.at - EPOCH) / MINUTE
        if at <= state.last_poll:
            return
        if state.first_poll < 0:
            state.first_poll = at
        state.last_poll = at
        planned, state.planned = state.planned, -1.0 if poll.next_at is None else (poll.next_at - EPOCH) / MINUTE
        if not poll.ok:
            state.failures += 1
            state.reason = poll.reason
            if state.failing_since < 0:
                state.failing_since = state.last_good if state.last_good >= 0 else at
            return
        self._recover(at, planned)
        self._walk(int(at) - max(SETTLE, int(self.every / MINUTE)))

    def _recover(self, at: float, planned: float) -> None:
        state = self.state
        state.failures, state.reason, state.failing_since = 0, "", -1.0
        # What is dated in the future was published by now at the latest.
        state.newest = min(state.newest, at)
        if state.last_good >= 0 and at - state.last_good > self._patience(planned):
            # What the stream holds of the time before is brought by this poll, but a feed forgets: unknown.
            state.outages = [*state.outages[-50:], (state.last_good, at)]
        state.last_good = at
        if state.done < 0:
            state.done = int(at) // CELL * CELL

    def _patience(self, planned: float) -> float:
        """Minutes after a good poll until the next is overdue: some intervals, or as long as the service asked for."""
        usual = (LATE * self.every + SLACK) / MINUTE
        return max(usual, planned - self.state.last_good + SLACK / MINUTE)

    def _walk(self, until: int) -> None:
        """Learn the cells that ended before `until`."""
        state = self.state
        if until - state.done > LONGEST_WALK:
            state.done, state.gap = until // CELL * CELL, 0.0
        while state.done + CELL <= until:
            state.done += CELL
            self._learn(state.done)
        horizon = state.done + LONGEST_WALK
        state.counts = {cell: count for cell, count in state.counts.items() if state.done < cell < horizon}
        state.outages = [outage for outage in state.outages if outage[1] > state.done]

    def _learn(self, cell: int) -> None:
        state = self.state
        count = state.counts.get(cell, 0)
        if any(begin < cell and end > cell - CELL for begin, end in state.outages):
            if count:
                state.gap = 0.0
            return
        span = Span(cell, CELL)
        if count:
            if state.known >= FRESH and state.gap > 0.0:
                self.gaps.note(cell, self._decades(state.gap))
            state.gap = 0.0
        else:
            state.gap += self.profile.level * self.profile.season(span)
        self.profile.learn(span, float(count), known=1.0, phi=PHI, anomalous=False, learned=state.known)
        state.known += CELL
        state.stale += CELL
        if state.stale >= min(1440.0, max(60.0, state.known / 8.0)):
            state.stale = 0.0
            self.profile.refresh(None)

    def _decades(self, gap: float) -> float:
        """Even arrivals at the usual rate make a gap of `gap` expected mentions once in e^gap of them."""
        return gap / LN10 - log10(max(self.profile.level * DAY_CELLS, 1e-6))

    def health(self, stream: str, now: datetime) -> StreamHealth:
        state = self.state
        minute = (now - EPOCH) / MINUTE
        failing, reason = self._failing(minute)
        gap = self._gap(minute)
        since = min(state.newest, minute) if state.newest >= 0 else state.first_poll
        return StreamHealth(
            stream=stream,
            at=now,
            silent_for=_minutes(minute - since) if since >= 0 else timedelta(0),
            expected=gap,
            once_per=self._once_per(gap, int(minute)),
            failing_for=_minutes(failing),
            failures=state.failures,
            reason=reason,
        )

    def _failing(self, minute: float) -> tuple[float, str]:
        state = self.state
        if state.failing_since >= 0:
            return minute - state.failing_since, state.reason
        if state.last_good >= 0 and minute - state.last_good > self._patience(state.planned):
            return minute - state.last_good, "not polled"
        return 0.0, ""

    def _gap(self, minute: float) -> float:
        """Mentions expected since the newest one, in the time that could be read."""
        state = self.state
        until = int(min(minute, max(state.last_good, 0.0)))
        if state.done < 0:
            return 0.0
        begin = state.done
        if state.newest > begin:
            begin, gap = int(state.newest), 0.0
        else:
            gap = state.gap
        if until <= begin or until - begin > LONGEST_WALK:
            return gap
        if any(a < until and b > begin for a, b in state.outages):
            return gap
        return gap + self._expected(begin, until)

    def _expected(self, begin: int, until: int) -> float:
        days, rest = divmod(until - begin, 1440)
        total = sum(self.profile.season(Span(begin + (day + 1) * 1440, 1440)) for day in range(days))
        if rest:
            total += self.profile.season(Span(until, rest))
        return self.profile.level * total

    def _once_per(self, gap: float, minute: int) -> timedelta:
        state = self.state
        if state.known < FRESH or gap < 1.0:
            return timedelta(0)
        decades = self.gaps.calibrated(self._decades(gap), now=minute, learned=int(state.known))
        if decades < -log10(24.0):
            return timedelta(0)
        days = min(exp(min(decades, 6.0) * LN10), state.known / 1440.0 * TRUST)
        return timedelta(seconds=int(days * 86400.0))


def _minutes(minutes: float) -> timedelta:
    return timedelta(seconds=round(max(minutes, 0.0) * 60.0))


class StreamRhythms:
    """The rhythms of all streams, by name; `streams` gives the interval at which each is polled.

    Streams it does not know are passed over. Facts come in order of time: `observe` and `polled` of one step, in
    either order, before `health`.
    """

    def __init__(self, streams: Mapping[str, timedelta]) -> None:
        self._streams = {stream: _Stream(every) for stream, every in streams.items()}
        self._saved: datetime | None = None
        self._changed = False

    def observe(self, stream: str, published: Sequence[datetime]) -> None:
        """Take note of the times of publication of mentions that a stream brought."""
        if published and stream in self._streams:
            self._streams[stream].observe(published)
            self._changed = True

    def polled(self, polls: Sequence[Poll]) -> None:
        """Take note of how polls ended; those not after the last one known are passed over."""
        for poll in polls:
            stream = self._streams.get(poll.stream)
            if stream is not None:
                stream.polled(poll)
                self._changed = True

    def health(self, now: datetime) -> list[StreamHealth]:
        """How every stream is doing, in order of name."""
        return [self._streams[name].health(name, now) for name in sorted(self._streams)]

    def snapshot(self) -> bytes:
        """All rhythms as MessagePack."""
        return msgspec.msgpack.encode({name: stream.state for name, stream in self._streams.items()})

    def checkpoints(self, now: datetime) -> list[Checkpoint]:
        """The rhythms as a checkpoint of the watcher's own topic, about once an hour, when they changed."""
        if self._saved is None:
            self._saved = now
        if not self._changed or now - self._saved < CHECKPOINT_EVERY:
            return []
        self._saved, self._changed = now, False
        return [Checkpoint(topic=WATCHER_TOPIC, at=now, detector=FORMAT, state=self.snapshot())]

    def restore(self, checkpoints: Iterable[Checkpoint]) -> None:
        """Continue from the newest checkpoint of this format; one that cannot be read is passed over, and logged."""
        fitting = [one for one in checkpoints if one.detector == FORMAT and one.topic == WATCHER_TOPIC]
        for checkpoint in sorted(fitting, key=lambda one: one.at)[-1:]:
            try:
                self._load(checkpoint.state)
            except ValueError as error:
                log.warning("checkpoint.refused", topic=WATCHER_TOPIC, error=str(error))

    def _load(self, state: bytes) -> None:
        try:
            read = msgspec.msgpack.decode(state, type=dict[str, StreamState])
        except msgspec.MsgspecError as error:
            raise ValueError(f"not a state of {FORMAT}: {error}") from None
        for name, stream in self._streams.items():
            if name in read:
                read[name].profile.check()
                stream.load(read[name])
