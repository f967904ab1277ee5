"""From decide: what the rules ask of the watch, for those who count what asking costs."""

from __future__ import annotations

from datetime import timedelta

from buzzguard.model.base import Record


class Question(Record, frozen=True, kw_only=True):
    """A rule that can hold on a topic only where `name` (`negative.once_per`) is rarer than once in `once_per`.

    On the baseline alone it is thus answered with yes at most once in `once_per`.
    """

    topic: str
    rule: str
    name: str
    once_per: timedelta
