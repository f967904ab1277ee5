"""The exception tree. Each error says whether trying again can help.

BuzzguardError
├── ConfigError            what a person wrote is wrong; carries every fault with its place
├── SourceError            a stream could not be read
│   ├── SourceUnavailable  passing: try again, after `retry_after` when the service said so
│   ├── SourceRefused      lasting until a person acts (401, 403, 404, blocked address)
│   └── SourceGone         the service says that it will never come back (410)
├── DeliveryError          a notification could not be delivered
│   ├── DeliveryDelayed    passing: try again, after `retry_after` when the service said so
│   │   └── DeliveryUncertain  the answer was lost: the message may be out, look before sending again
│   └── DeliveryRefused    lasting until a person acts (token revoked, channel archived)
├── StoreError             the database refused; nothing of the transaction was kept
└── IllegalTransition      an incident cannot take this cause in its present state
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buzzguard.model import Fault


class BuzzguardError(Exception):
    """Root of every error that BuzzGuard raises on purpose."""

    retryable = False


class ConfigError(BuzzguardError):
    """What a person wrote cannot be used. `faults` holds all of them, in file order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class SourceError(BuzzguardError):
    """A stream could not be read; the message is one line that a user understands."""


class SourceUnavailable(SourceError):
    """Passing trouble: the next poll may succeed."""

    retryable = True

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class SourceRefused(SourceError):
    """The service or our own guard refuses; a person has to act."""


class SourceGone(SourceError):
    """The service says that the stream is gone for good (HTTP 410)."""


class DeliveryError(BuzzguardError):
    """A notification could not be delivered; the message names the reason without any secret."""


class DeliveryDelayed(DeliveryError):
    """Passing trouble: try again."""

    retryable = True

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class DeliveryUncertain(DeliveryDelayed):
    """Passing, and the message may have got through: the next attempt is told so and looks first."""


class DeliveryRefused(DeliveryError):
    """Permanent: trying again cannot help until a person acts."""


class StoreError(BuzzguardError):
    """The database refused a transaction; nothing of it was kept, the same effects may be committed again."""

    retryable = True


class IllegalTransition(BuzzguardError):
    """The incident machine has no move for this state and cause."""
