"""That a receiver could not be told of what it must hear."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model.base import Record


class Undelivered(Record, frozen=True, kw_only=True, omit_defaults=True):
    """`receiver` was to be told through `notifier` at `since` and was not; `refused` says that its service will not
    take the message. `instead` are the receivers and rotas to tell in its place."""

    receiver: str
    notifier: str
    since: datetime
    instead: tuple[str, ...]
    refused: bool = False
