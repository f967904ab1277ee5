"""When a planned event is on: whole minutes since the epoch, each end exclusive."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from buzzguard.config.moments import begin_of, end_of, is_local
from buzzguard.config.settings import EventSettings, Settings

_WEEK = timedelta(weeks=1)
_REACH = {"week": timedelta(days=8), "year": timedelta(days=62)}
"""How long before a minute an event that is still on may have begun, with a day for the time zone."""


class Occurrences:
    """The times at which one event is on for people in one time zone.

    A repeated event keeps its local time of day through the changes of clocks; one planned for 29 February comes on
    the 28th in other years. The event is sound: it ends after it begins.
    """

    def __init__(self, event: EventSettings, zone: tzinfo) -> None:
        self._event = event
        self._zone = zone
        self._only = None if event.every else self._span(0)

    def between(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that are on at some minute of `start` ≤ minute < `end`, in order."""
        if self._only is not None:
            candidates = [self._only]
        else:
            candidates = [self._span(number) for number in self._near(start, end)]
        return [(begun, over) for begun, over in candidates if begun < end and over > start]

    def first(self) -> tuple[int, int]:
        """The one that is written."""
        return self._only or self._span(0)

    def last_end(self) -> int | None:
        """When it is over for good; None when it comes back for ever."""
        if self._only is not None:
            return self._only[1]
        until = self._event.until
        return None if until is None else self._span(self._last_before(until))[1]

    def _near(self, start: int, end: int) -> Iterator[int]:
        """The numbers of the repeats that may touch a span of minutes: some too many, none too few."""
        reach = _REACH[self._event.every or "year"]
        lowest, highest = self._number_at(_day_of(start) - reach), self._number_at(_day_of(end))
        until = self._event.until
        last = highest + 1 if until is None else min(highest + 1, self._last_before(until))
        yield from range(max(0, lowest), last + 1)

    def _number_at(self, day: date) -> int:
        """How many whole periods after the first one a day lies, roughly."""
        first = _date_of(self._event.begins)
        return day.year - first.year if self._event.every == "year" else (day - first) // _WEEK

    def _last_before(self, until: date) -> int:
        """The number of the last repeat that begins by `until`; 0 when there is none."""
        number = self._number_at(until)
        return max(0, number if _date_of(self._shifted(self._event.begins, number)) <= until else number - 1)

    def _span(self, number: int) -> tuple[int, int]:
        begins, ends = (self._shifted(moment, number) for moment in (self._event.begins, self._event.ends))
        begun, over = begin_of(begins, self._zone), end_of(ends, self._zone)
        if over <= begun and isinstance(begins, datetime) and isinstance(ends, datetime):
            over = begun + _length(begins, ends)  # within the hour that the clocks skip: it comes after it
        return int(begun.timestamp()) // 60, -(int(-over.timestamp()) // 60)

    def _shifted(self, moment: date, number: int) -> date:
        if number == 0:
            return moment
        if self._event.every == "week":
            return moment + number * _WEEK
        year = moment.year + number
        return moment.replace(year=year, day=min(moment.day, monthrange(year, moment.month)[1]))


def last_end(event: EventSettings, settings: Settings) -> int | None:
    """The minute from which an event is over for good in all time zones of its topics; None when it comes back."""
    own = [topic.time_zone for name, topic in settings.topics.items() if not event.topics or name in event.topics]
    zones = {event.time_zone or zone or settings.time_zone for zone in own}
    ends = [Occurrences(event, ZoneInfo(zone)).last_end() for zone in zones]
    known = [end for end in ends if end is not None]
    return max(known, default=None) if len(known) == len(ends) else None


def _date_of(moment: date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _length(begins: datetime, ends: datetime) -> timedelta:
    """How long an event lasts by the clock on the wall; nothing when its times have offsets."""
    return ends - begins if is_local(begins) and is_local(ends) else timedelta(0)


_EPOCH = datetime.combine(date(1970, 1, 1), time())


def _day_of(minute: int) -> date:
    return (_EPOCH + timedelta(minutes=minute)).date()
