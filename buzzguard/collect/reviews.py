"""What the places of reviews have in common."""

from __future__ import annotations

from typing import Any

import msgspec

from buzzguard.collect.fields import decimal_at
from buzzguard.model import Fetched

ONLY_TOPICS = "reviews rarely name what they are about: write `topics` so that they count for these"


def rating_at(record: Any, path: str) -> float | None:
    """The stars at a path, None for what is not one to five."""
    stars = decimal_at(record, path)
    return stars if stars is not None and 1 <= stars <= 5 else None


def advised(fetched: Fetched, topics: tuple[str, ...]) -> Fetched:
    """The same, with the advice to name topics where the stream names none."""
    if topics:
        return fetched
    return msgspec.structs.replace(fetched, note="; ".join(filter(None, [fetched.note, ONLY_TOPICS])))
