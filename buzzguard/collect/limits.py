"""What servers say of their rate limits, in all their spellings.

`X-RateLimit-*` (Mastodon: an ISO time; X: unix seconds; Reddit: seconds left, a float), `RateLimit-*` (Bluesky; IETF
draft), `X-Rate-Limit-*` (Mention), `Retry-After`.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from buzzguard.collect.answers import retry_hint
from buzzguard.collect.dates import parse_date
from buzzguard.collect.http import Answer
from buzzguard.model import Record

_PREFIXES = ("x-ratelimit-", "x-rate-limit-", "ratelimit-")
_UNIX_TIME = 1_000_000_000
"""Above, a number is an instant; below, seconds left."""
_LONGEST = timedelta(hours=24)


class Limits(Record, frozen=True, kw_only=True):
    """`remaining` requests (None: not told) until `reset_in` from now (None: not told)."""

    remaining: float | None = None
    reset_in: timedelta | None = None

    @property
    def wait(self) -> timedelta | None:
        """How long to ask nothing: until the reset when nothing remains."""
        return self.reset_in if self.remaining is not None and self.remaining < 1 else None


def limits_of(answer: Answer, now: datetime) -> Limits:
    """What the headers of an answer tell."""
    return Limits(remaining=_number(_header(answer, "remaining")), reset_in=_reset(_header(answer, "reset"), now))


def wait_of(answer: Answer, now: datetime) -> timedelta | None:
    """How long an answer asks to wait: by `Retry-After`, else by a rate limit that is used up."""
    return retry_hint(answer, now) or limits_of(answer, now).wait


def _header(answer: Answer, name: str) -> str:
    return next((value for prefix in _PREFIXES if (value := answer.headers.get(prefix + name, "").strip())), "")


def _number(text: str) -> float | None:
    try:
        value = float(text.partition(",")[0].partition(";")[0])
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None


def _reset(text: str, now: datetime) -> timedelta | None:
    number = _number(text)
    if number is not None:
        seconds = number - now.timestamp() if number >= _UNIX_TIME else number
        return timedelta(seconds=min(max(seconds, 0.0), _LONGEST.total_seconds()))
    until = parse_date(text) if text else None
    return min(max(until - now, timedelta(0)), _LONGEST) if until else None
