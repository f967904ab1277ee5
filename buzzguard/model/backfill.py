"""From the shell: how far the past that a stream reads at its beginning has come."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model.base import Record


class Backfill(Record, frozen=True, kw_only=True, omit_defaults=True):
    """The reading of a stream's past, for the baseline.

    `began` and `at` are the first and the last poll of it, `reached` is the earliest publication that it has brought
    (None: nothing yet), `mentions` how many. `ended` is when the stream first brought the present instead, `learned`
    when baselines last learned what it had brought by then.
    """

    stream: str
    began: datetime
    at: datetime
    reached: datetime | None = None
    mentions: int = 0
    ended: datetime | None = None
    learned: datetime | None = None
