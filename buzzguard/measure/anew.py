"""Measuring a span of the past once more, when mentions of it were found that nobody had counted.

A measuring of its own takes all stored mentions of the span in order of publication. Time goes on with what is taken,
so memory holds a day of it, however long the span is. Equal facts give equal samples.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from buzzguard.measure.stage import Measuring
from buzzguard.model import WINDOWS, Poll, Samples, ScoredMention

RUN_UP = max(WINDOWS) + timedelta(hours=1)
"""How long before the span mentions are needed: its first windows begin there."""


class Anew:
    """Measures `topics` from `start` on. `polls` tell when streams could be read (see `coverage`)."""

    def __init__(
        self, topics: Iterable[str], streams: Mapping[str, frozenset[str]], *, start: datetime, polls: Sequence[Poll]
    ) -> None:
        self._measuring = Measuring(topics, streams, lateness=RUN_UP, grace=timedelta())
        self._measuring.observe(polls)
        self._measuring.advance(start - RUN_UP)
        self._start = start
        self._gains: list[tuple[int, int, int, ScoredMention]] = []
        self._numbered = 0

    def take(self, scored: Sequence[ScoredMention], until: datetime) -> list[Samples]:
        """Take the mentions published since the last call and before `until`, a whole minute at most a day later.

        Returns the windows and the minutes of the span that closed, of those that hold something or are not wholly
        known.
        """
        self._measuring.add(scored, until)
        for one in scored:
            for minute, acts in one.readings.gains if one.readings else ():
                self._numbered += 1
                heapq.heappush(self._gains, (minute, self._numbered, acts, one))
        last = int(until.timestamp() // 60)
        while self._gains and self._gains[0][0] < last:
            minute, _, acts, one = heapq.heappop(self._gains)
            self._measuring.gain(one, [(minute, acts)])
        found = [*self._measuring.advance(until), *self._measuring.minutes_changed()]
        return [one for one in found if one.closed and one.end > self._start and _says_something(one)]


def _says_something(one: Samples) -> bool:
    return bool(one.volume or one.engagement) or one.known < 1
