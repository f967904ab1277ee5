"""Which event time was seen: unknown is not zero.

A stream is polled; each good poll brings all that was published since the good poll before it. An **outage** is a time
in which that chain is broken:

- from the last good poll before a failing one until the next good poll;
- before the first poll of a stream;
- from a good poll after which the next came much later than planned, or is overdue (the daemon was stopped).

While it lasts, and afterwards, its time is unknown. The good poll that ends it makes it known again as far as it
reached back: wholly when it brought nothing (so nothing was missed), else back to the earliest mention that the stream
delivered since. What lies before that mention may have been lost (feeds hold their last items only) and stays unknown.
The time before the first poll is healed by mentions alone: an empty first answer says nothing of the past. Time that a
poll tells as lost is unknown for good.

Streams that were never polled (pushed mentions, recordings) are always known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from buzzguard.model import Poll

MAX_SHARES = 2_000
MAX_OUTAGES = 1_000
"""Kept for each stream, the newest: a stream that fails every other minute for a day."""
_ALWAYS = float("-inf")
_NEVER = float("inf")


@dataclass(slots=True)
class Outage:
    """Seconds since the epoch. `end` is infinite while it lasts; from `reached` on it is known again."""

    start: float
    last_failure: float
    end: float = _NEVER
    reached: float = _NEVER

    @classmethod
    def lost(cls, start: float, end: float) -> Outage:
        """One that nothing heals."""
        return cls(start=start, last_failure=_NEVER, end=end)

    @property
    def is_lost(self) -> bool:
        """Whether nothing heals it."""
        return self.last_failure == _NEVER

    def heal(self, fetched: float, published: float) -> bool:
        """Take a mention: fetched after the last failure, it shows how far the stream reached back. True when new."""
        if fetched > self.last_failure and published < min(self.end, self.reached):
            self.reached = published
            return True
        return False

    def matters_after(self, horizon: float) -> bool:
        """Whether it lasts, or makes time after `horizon` unknown."""
        return self.end == _NEVER or min(self.end, self.reached) > max(self.start, horizon)

    def unknown_between(self, start: float, end: float) -> tuple[float, float]:
        """What of the span is unknown, from when to when; nothing when it does not end after it starts."""
        return max(start, self.start), min(end, self.end, self.reached)


@dataclass(slots=True)
class _Stream:
    last_poll: float
    last_good: float | None = None
    planned: float = _NEVER
    overdue: float = _NEVER
    outages: list[Outage] = field(default_factory=list)

    @property
    def is_broken(self) -> bool:
        """Whether an outage lasts."""
        return bool(self.outages) and self.outages[-1].end == _NEVER

    def unknown_between(self, start: float, end: float) -> float:
        """Seconds of the span that are unknown. Lost time may lie within other outages."""
        unknown, reached = 0.0, start
        for first, last in sorted(outage.unknown_between(start, end) for outage in self.outages):
            unknown += max(0.0, last - max(first, reached))
            reached = max(reached, last)
        return unknown


class Coverage:
    """Remembers the outages of streams."""

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._broken: dict[str, _Stream] = {}
        self._newest: dict[str, tuple[float, float]] = {}
        self._shares: dict[tuple[frozenset[str], float, float], float] = {}
        self._next_due = _NEVER
        """No stream is overdue before this instant."""

    @property
    def unbroken(self) -> bool:
        """Whether no outage is remembered: all time is known."""
        return not self._broken

    def observe(self, polls: Iterable[Poll]) -> None:
        """Take polls, in order of time for each stream; one not later than the last is ignored."""
        for poll in polls:
            self._observe(poll)

    def wait_until(self, now: float) -> None:
        """It is `now`: from a stream whose next poll is overdue nothing is known since its last."""
        if now <= self._next_due:
            return
        self._next_due = _NEVER
        for name, stream in self._streams.items():
            if stream.overdue > now:
                self._next_due = min(self._next_due, stream.overdue)
            elif not stream.is_broken:
                self._break_late(name, stream)

    def delivered(self, stream: str, fetched: float, published: float) -> None:
        """A mention of `stream` came: an outage that it reaches back into is known from there on.

        It may come just before the poll that brought it.
        """
        newest = self._newest.get(stream)
        if newest is None or fetched > newest[0] or (fetched == newest[0] and published < newest[1]):
            self._newest[stream] = fetched, published
        if (broken := self._broken.get(stream)) is not None:
            for outage in broken.outages:
                if outage.heal(fetched, published):
                    self._shares.clear()

    def share(self, streams: frozenset[str], start: float, end: float) -> float:
        """How much of the span was seen, as the mean over the polled ones of `streams`; 1 when none is polled."""
        if not self._broken:
            return 1.0
        # Topics share streams, and steps share minutes: the answer is kept until an outage changes.
        key = streams, start, end
        share = self._shares.get(key)
        if share is None:
            if len(self._shares) >= MAX_SHARES:
                self._shares.clear()
            share = self._shares[key] = self._share(streams, start, end)
        return share

    def _share(self, streams: frozenset[str], start: float, end: float) -> float:
        # In one order, whatever the hashing of names: a sum must not depend on the process.
        broken = [stream for name, stream in sorted(self._broken.items()) if name in streams]
        if not broken:
            return 1.0
        polled = sum(name in streams for name in self._streams)
        unknown = sum(stream.unknown_between(start, end) for stream in broken)
        return max(0.0, 1.0 - unknown / ((end - start) * polled))

    def forget(self, horizon: float) -> None:
        """Drop outages that ended before `horizon`."""
        self._shares.clear()
        for name, stream in list(self._broken.items()):
            kept = [outage for outage in stream.outages if outage.matters_after(horizon)]
            stream.outages[:] = kept[-MAX_OUTAGES:]
            if not stream.outages:
                del self._broken[name]

    def _observe(self, poll: Poll) -> None:
        at = poll.at.timestamp()
        stream = self._streams.get(poll.stream)
        if stream is None:
            stream = self._streams[poll.stream] = _Stream(last_poll=_ALWAYS)
            self._break(poll.stream, stream, Outage(start=_ALWAYS, last_failure=_ALWAYS))
        if at <= stream.last_poll:
            return
        stream.last_poll = at
        if poll.ok:
            self._good(poll, stream, at)
        else:
            self._failed(poll, stream, at)

    def _failed(self, poll: Poll, stream: _Stream, at: float) -> None:
        if not stream.is_broken:
            start = _ALWAYS if stream.last_good is None else stream.last_good
            self._break(poll.stream, stream, Outage(start=start, last_failure=at))
        outage = stream.outages[-1]
        outage.last_failure, outage.reached = at, _NEVER
        self._shares.clear()

    def _good(self, poll: Poll, stream: _Stream, at: float) -> None:
        if at > stream.overdue and not stream.is_broken:
            self._break_late(poll.stream, stream)
        if stream.is_broken:
            last = stream.outages[-1]
            last.end = at
            self._shares.clear()
            if not poll.mentions and stream.last_good is not None:
                last.reached = last.start
        for span in poll.lost:
            self._lose(poll.stream, stream, span.start.timestamp(), span.end.timestamp())
        stream.last_good = at
        stream.planned = poll.next_at.timestamp() if poll.next_at else _NEVER
        stream.overdue = poll.overdue.timestamp() if poll.overdue else _NEVER
        self._next_due = min(self._next_due, stream.overdue)

    def _break_late(self, name: str, stream: _Stream) -> None:
        assert stream.last_good is not None
        self._break(name, stream, Outage(start=stream.last_good, last_failure=stream.planned))

    def _lose(self, name: str, stream: _Stream, start: float, end: float) -> None:
        """Note time that is lost; what a repeated poll tells once more is noted once."""
        if not start < end:
            return
        for other in stream.outages:
            if other.is_lost and start <= other.end and other.start <= end:
                other.start, other.end = min(start, other.start), max(end, other.end)
                self._shares.clear()
                return
        self._break(name, stream, Outage.lost(start, end))

    def _break(self, name: str, stream: _Stream, outage: Outage) -> None:
        self._shares.clear()
        stream.outages.append(outage)
        self._broken[name] = stream
        if name in self._newest:
            outage.heal(*self._newest[name])
