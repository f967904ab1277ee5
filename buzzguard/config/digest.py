"""The digest of a week that is sent to leaders: to whom, and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, Field, WithJsonSchema

from buzzguard.config.base import Frozen
from buzzguard.config.kinds import Identifier, weekday
from buzzguard.config.moments import begin_of

_WEEK = timedelta(days=7)
_WRITTEN = re.compile(r"(?P<day>[a-z]+)\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})")


class Weekly(NamedTuple):
    """A time of the week, local: `day` counts from Monday, 0."""

    day: int
    hour: int
    minute: int

    def last(self, now: datetime, zone: tzinfo) -> datetime:
        """The last time, not after `now`, that it was this time of the week in `zone`; UTC.

        A time that clocks leave out is taken for the one right after; of one that comes twice, the first counts.
        """
        today = now.astimezone(zone).date()
        day = today - timedelta(days=(today.weekday() - self.day) % 7)
        found = begin_of(datetime.combine(day, time(self.hour, self.minute)), zone)
        if found > now:
            found = begin_of(datetime.combine(day - _WEEK, time(self.hour, self.minute)), zone)
        return found.astimezone(UTC)


def _weekly(written: object) -> Weekly:
    if isinstance(written, Weekly):
        return written
    found = _WRITTEN.fullmatch(str(written).strip().lower())
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        raise ValueError("write a day and a time of the week: monday 08:30")
    return Weekly(weekday(found["day"]), int(found["hour"]), int(found["minute"]))


TimeOfWeek = Annotated[
    Weekly,
    BeforeValidator(_weekly),
    WithJsonSchema({"type": "string", "pattern": r"^[A-Za-z]+\s+\d{1,2}:\d{2}$", "examples": ["monday 08:30"]}),
]


class DigestSettings(Frozen):
    """Each week in a page for leaders: topics against themselves and competitors, alerts, how we answered."""

    receivers: tuple[Identifier, ...] = Field(min_length=1, max_length=50)
    """Who gets it: receivers by Slack, mail, Teams, Mattermost, Discord, ntfy, a webhook or the terminal."""
    every: TimeOfWeek = Weekly(0, 8, 30)
    """When it is sent, in the team's time zone: `monday 08:30`. It tells of the last whole week, Monday to Sunday."""
