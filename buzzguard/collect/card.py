"""What a source says of itself before it is used: for `buzzguard source list` and the table of the README."""

from __future__ import annotations

from typing import Literal

from buzzguard.model import CountKind, Record

Group = Literal["keyless", "free key or own account", "paid or gated", "push and files", "anything else"]


class SourceCard(Record, frozen=True, kw_only=True):
    """One line for each question that somebody who chooses a source asks.

    `reads`: what of the world; `needs`: keys and accounts, `nothing` when none; `delay`: from publication to BuzzGuard;
    `limits`: what the service allows; `terms`: what it asks of who uses it. `counts`: what it counts beside or without
    texts.
    """

    group: Group
    reads: str
    needs: str
    delay: str
    limits: str
    terms: str
    counts: tuple[CountKind, ...] = ()
