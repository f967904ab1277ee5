"""How long a stream waits for its next poll."""

from __future__ import annotations

import random
from datetime import timedelta

_JITTER = 0.1
_LONGEST = timedelta(hours=1)
_SHORTEST_RETRY = timedelta(seconds=5)
"""Full jitter may draw nearly nothing; no server wants to be asked again within seconds of its failure."""
_MOST_DOUBLINGS = 20


class Pace:
    """The rhythm of one stream: `every`, give or take a tenth, and longer after failures."""

    def __init__(self, every: timedelta, *, rng: random.Random) -> None:
        self._every = every
        self._rng = rng
        self._refusals = 0
        self.failures = 0

    @property
    def longest(self) -> timedelta:
        """More than this a stream never waits, unless its server says so."""
        return max(_LONGEST, self._every * (1 + _JITTER))

    def reset(self) -> None:
        """Forget failures: a poll went well and was committed."""
        self.failures = self._refusals = 0

    def after_success(self, asked: timedelta | None = None) -> timedelta:
        """The next poll after one that went well.

        `asked` is the least that the source wants; zero says that it holds more already.
        """
        if asked == timedelta(0):
            return asked
        usual = self._every * self._rng.uniform(1 - _JITTER, 1 + _JITTER)
        return max(usual, asked or usual)

    def after_failure(self, asked: timedelta | None = None) -> timedelta:
        """The next poll after one more failure: doubling up to an hour, full jitter, never less than `asked`."""
        self.failures += 1
        drawn = self._drawn(self._every, self.failures)
        return max(drawn, asked or drawn)

    def after_store_error(self, first: timedelta) -> timedelta:
        """The next poll after one that could not be committed: soon, as what it read waits to be stored."""
        self._refusals += 1
        return self._drawn(min(first, self._every), self._refusals)

    def _drawn(self, base: timedelta, times: int) -> timedelta:
        ceiling = min(base * (1 << min(times, _MOST_DOUBLINGS)), self.longest)
        return max(ceiling * self._rng.random(), min(_SHORTEST_RETRY, base))
