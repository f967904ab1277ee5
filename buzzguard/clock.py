"""The only module that reads the time. Everything else is given it.

A `Clock` has `now()`; the daemon holds a `SystemClock`, replay and tests hold a `ManualClock`.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's clock, as aware UTC."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back, for measuring how long something took."""
        return time.monotonic()


class ManualClock:
    """A clock that is moved by hand: replay, the demo and tests tell it the time."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The instant last set."""
        return self._now

    def monotonic(self) -> float:
        """Seconds since the epoch of the instant last set."""
        return self._now.timestamp()

    def advance(self, by: timedelta) -> datetime:
        """Move forward by `by` (a negative duration is a clock that jumps back)."""
        self._now += by
        return self._now

    def set(self, to: datetime) -> None:
        """Jump to the instant `to`."""
        self._now = to


class ScaledClock:
    """A clock that starts at `start` and runs `speed` times as fast as the machine's; at speed 0 it stands."""

    def __init__(self, start: datetime, *, speed: float) -> None:
        self._start = start
        self._speed = speed
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The scaled instant, aware, UTC."""
        return self._start + timedelta(seconds=(time.monotonic() - self._began) * self._speed)

    def monotonic(self) -> float:
        """Real seconds that never go back."""
        return time.monotonic()

    def run_at(self, speed: float) -> None:
        """Go on from the present instant at another speed."""
        self._start = self.now()
        self._began = time.monotonic()
        self._speed = speed

    def advance(self, by: timedelta) -> None:
        """Jump ahead."""
        self._start += by
