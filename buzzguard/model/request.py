"""What another process asks of the running daemon, and what became of it."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model.base import Record
from buzzguard.model.incident import Command


class Request(Record, frozen=True, kw_only=True):
    """A command that waits for the daemon. Its id is that of the command; `command` is None where what was kept
    cannot be read."""

    id: str
    at: datetime
    command: Command | None


class Answer(Record, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a request: `outcome` is empty when it was done, else the named reason why it was not.

    `made` is the id of what it began: an incident, or a silence.
    """

    id: str
    outcome: str = ""
    made: str = ""
