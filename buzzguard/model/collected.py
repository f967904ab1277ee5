"""From collect: what one poll of a stream brought back, and how it fared."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from buzzguard.model.base import Record
from buzzguard.model.mention import Engagement, Mention


class Breaker(StrEnum):
    """Whether a stream is read: `open` after several failures in a row, then a single poll, the probe, decides."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


_SLACK = timedelta(minutes=5)


class Span(Record, frozen=True, kw_only=True):
    """Time from `start` up to `end`."""

    start: datetime
    end: datetime


class Poll(Record, frozen=True, kw_only=True, omit_defaults=True):
    """One attempt to read a stream. A run of failed polls makes minutes unknown; a good one makes them known.

    `failures` is how many failed in a row until now, `lag` and `lost` as in `Fetched`.
    """

    stream: str
    at: datetime
    ok: bool
    reason: str = ""
    mentions: int = 0
    next_at: datetime | None = None
    failures: int = 0
    breaker: Breaker = Breaker.CLOSED
    lag: timedelta | None = None
    lost: tuple[Span, ...] = ()

    @property
    def overdue(self) -> datetime | None:
        """After this instant the next poll is late: by five minutes, or by the whole wait if that is longer."""
        return None if self.next_at is None else self.next_at + max(_SLACK, self.next_at - self.at)


class Reread(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The engagement of a mention, read again some time after the mention was."""

    id: str
    engagement: Engagement
    at: datetime


class CountKind(StrEnum):
    """What a source that gives no texts has counted."""

    MENTIONS = "mentions"
    PAGE_VIEWS = "page_views"


class Count(Record, frozen=True, kw_only=True, omit_defaults=True):
    """How many a source counted from `start` to `end`: one of the same kind, stream and span replaces those before."""

    stream: str
    kind: CountKind
    start: datetime
    end: datetime
    value: float
    topics: tuple[str, ...] = ()


class Quarantined(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A record of a source that could not be made a mention: why, and how it begins (at most `EXCERPT` characters)."""

    stream: str
    at: datetime
    reason: str
    record: str = ""


EXCERPT = 2_000


class Fetched(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What a source brought back, and the cursor that stands after the last of it.

    `retry_after` is the least time until the next poll; zero: there is more already. `backfilling` says that these
    mentions are the past that a first poll reads for the baseline: learned from, never alarmed about. `deleted` are ids
    of mentions whose authors took them back, `deleted_authors` authors who are gone with all that they wrote, each as
    `Mention.author_key` names it. `lag` is how far behind the present the stream is known to be. `lost` is time of
    which the stream can never give all that was said: it stays unknown, whatever comes later.
    """

    mentions: tuple[Mention, ...] = ()
    cursor: str = ""
    retry_after: timedelta | None = None
    note: str = ""
    backfilling: bool = False
    rereads: tuple[Reread, ...] = ()
    deleted: tuple[str, ...] = ()
    deleted_authors: tuple[str, ...] = ()
    counts: tuple[Count, ...] = ()
    quarantined: tuple[Quarantined, ...] = ()
    lag: timedelta | None = None
    lost: tuple[Span, ...] = ()
