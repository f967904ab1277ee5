"""Asks nothing of a service while its own headers say that nothing remains."""

from __future__ import annotations

from datetime import datetime, timedelta

from buzzguard.collect.http import Answer
from buzzguard.collect.limits import wait_of
from buzzguard.errors import SourceUnavailable


class Gate:
    """Closed by an answer that uses a rate limit up. Forgotten with the process: the service says it again."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._opens: datetime | None = None

    def pass_through(self, now: datetime) -> None:
        """Raises SourceUnavailable, with the wait, while closed."""
        if self._opens is not None and now < self._opens:
            raise SourceUnavailable(
                f"the rate limit of {self._service} is used up until {self._opens:%H:%M:%S} UTC",
                retry_after=self._opens - now,
            )

    def heed(self, answer: Answer, now: datetime) -> timedelta | None:
        """Close as an answer asks; returns how long, None when it stays open."""
        wait = wait_of(answer, now)
        if wait:
            self._opens = now + wait
        return wait
