"""From measure and understand: a mention as it is shown to people."""

from __future__ import annotations

from datetime import datetime

from buzzguard.model.base import Record
from buzzguard.model.mention import Polarity


class Quote(Record, frozen=True, kw_only=True, omit_defaults=True):
    """A mention as an alert quotes it: plain text, cut to a readable length."""

    text: str
    url: str
    author: str
    site: str
    published: datetime
    polarity: Polarity
    reach: int = 0
    engagement: int = 0
