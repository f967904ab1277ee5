"""How long a stream waits for its next poll, and when it is left alone.

A stream is read the more often the more it brings: with `m` counted mentions expected in `every`, it waits
`every / sqrt(m)`, within its bounds. For a given number of polls that share makes the whole delay of all mentions least
(Cho and Garcia-Molina, "Effective page refresh policies", 2003, come to the same root for many sources). One mention an
interval is the middle: the stream is then read each `every`.

After failures it waits longer and longer, and after `OPENS_AFTER` in a row, or one that only a person can mend, its
breaker opens: it is left alone for a good while, then one probe decides.
"""

from __future__ import annotations

import math
import random
from datetime import datetime, timedelta

from buzzguard.config.settings import StreamSettings
from buzzguard.model import Breaker, Poll, Record

OPENS_AFTER = 4
"""Failures in a row after which the breaker opens: one or two are everyday life on the web."""
MEMORY = 4.0
"""Half-life of the rate, in intervals: a burst is believed at once and forgotten within a few polls."""
_STEADY = MEMORY / math.log(2)
"""The weight that one mention an interval comes to."""
_JITTER = 0.1
_LONGEST = timedelta(hours=1)
_SHORTEST_RETRY = timedelta(seconds=5)
"""Full jitter may draw nearly nothing; no server wants to be asked again within seconds of its failure."""
_MOST_DOUBLINGS = 20


class Bounds(Record, frozen=True, kw_only=True):
    """The middle of a stream's rhythm, and what it never leaves by itself."""

    fastest: timedelta
    every: timedelta
    slowest: timedelta

    @classmethod
    def of(cls, settings: StreamSettings, least: timedelta = timedelta(0)) -> Bounds:
        """As configured; `least` is the shortest interval that the service bears."""
        return cls(
            fastest=max(settings.shortest, least),
            every=max(settings.every, least),
            slowest=max(settings.longest, least),
        )


class Pace:
    """The rhythm of one stream: hotter faster, give or take a tenth, within `bounds`; and longer after failures."""

    def __init__(self, bounds: Bounds, *, rng: random.Random) -> None:
        self._bounds = bounds
        self._rng = rng
        self._refusals = 0
        self._half_life = MEMORY * max(bounds.every.total_seconds(), 1e-3)
        self._weight = _STEADY
        self._at: datetime | None = None
        self.failures = 0
        self.breaker = Breaker.CLOSED

    @property
    def longest(self) -> timedelta:
        """More than this a stream never waits, unless its server says so."""
        return max(_LONGEST, self._bounds.slowest)

    @property
    def interval(self) -> timedelta:
        """How long it waits at its present rate, jitter aside."""
        wanted = self._bounds.every / math.sqrt(max(self._weight / _STEADY, 1e-4))
        return min(max(wanted, self._bounds.fastest), self._bounds.slowest)

    def resume(self, last: Poll) -> None:
        """Go on after the last poll of a former run."""
        self.failures, self.breaker = last.failures, last.breaker

    def brought(self, mentions: int, now: datetime) -> None:
        """Take note of what a poll brought that was counted: the rate fades with time and grows with mentions."""
        if self._at is not None:
            elapsed = max(0.0, (now - self._at).total_seconds())
            self._weight *= 0.5 ** (elapsed / self._half_life)
        self._at = now if self._at is None else max(self._at, now)
        self._weight += mentions

    def succeeded(self) -> None:
        """Forget failures: a poll went well and was committed."""
        self.failures = self._refusals = 0
        self.breaker = Breaker.CLOSED

    def probing(self) -> None:
        """A poll begins: of a stream whose breaker is open it is the probe."""
        if self.breaker is Breaker.OPEN:
            self.breaker = Breaker.HALF_OPEN

    def after_success(self, asked: timedelta | None = None, *, hot: bool = False) -> timedelta:
        """The next poll after one that went well.

        `asked` is the least that the source wants; zero says that it holds more already. `hot`: there is an alert that
        its mentions may bear on, so it is read as often as its bounds allow.
        """
        if asked == timedelta(0):
            return asked
        middle = self._bounds.fastest if hot else self.interval
        least = max(middle * (1 - _JITTER), self._bounds.fastest)
        most = min(middle * (1 + _JITTER), self._bounds.slowest)
        usual = least + (most - least) * self._rng.random()
        return max(usual, asked or usual)

    def after_failure(self, asked: timedelta | None = None, *, lasting: bool = False) -> timedelta:
        """The next poll after one more failure, never less than `asked`; `lasting`: only a person can mend it.

        With the breaker closed: doubling up to an hour, full jitter. With it open: the same ceiling, its upper half.
        """
        self.failures += 1
        if lasting or self.failures >= OPENS_AFTER or self.breaker is not Breaker.CLOSED:
            self.breaker = Breaker.OPEN
        drawn = self._drawn(self._bounds.every, self.failures, half=self.breaker is Breaker.OPEN)
        return max(drawn, asked or drawn)

    def after_store_error(self, first: timedelta) -> timedelta:
        """The next poll after one that could not be committed: soon, as what it read waits to be stored."""
        self._refusals += 1
        return self._drawn(min(first, self._bounds.every), self._refusals)

    def _drawn(self, base: timedelta, times: int, *, half: bool = False) -> timedelta:
        ceiling = min(base * (1 << min(times, _MOST_DOUBLINGS)), self.longest)
        drawn = self._rng.random()
        return max(ceiling * ((1 + drawn) / 2 if half else drawn), min(_SHORTEST_RETRY, base))
