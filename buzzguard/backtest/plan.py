"""What a backtest is asked: events, thresholds, what counts as found."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from buzzguard.config.durations import parse_duration
from buzzguard.config.words import listed, show, suggest
from buzzguard.errors import ConfigError
from buzzguard.model import Fault, Record, Signal

EVERYWHERE = "*"
"""In place of a topic: the event concerns all of them."""
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?=\s|$)")
_LONGEST_NAME = 120
_TOPICS_LISTED = 12


class Event(Record, frozen=True, kw_only=True):
    """Something that should have been noticed: it counts as found by an alarm that begins in `since` … `end`.

    `start` is the date given, `since` a little earlier, for a date given is often that on which people noticed.
    `place` says where it was written.
    """

    start: datetime
    since: datetime
    end: datetime
    topics: tuple[str, ...]
    name: str
    place: str

    def concerns(self, topic: str, at: datetime) -> bool:
        """Whether an alarm of `topic` that begins at `at` is of this event."""
        return topic in self.topics and self.since <= at <= self.end


class Target(Record, frozen=True, kw_only=True):
    """At most so many false alarms in so long, over everything that is watched."""

    count: float
    span: timedelta

    @property
    def per_day(self) -> float:
        """The same as a rate."""
        return self.count / (self.span / timedelta(days=1))


class Plan(Record, frozen=True, kw_only=True):
    """What is swept and how it is counted. `thresholds` rise; `warm` is the time at the start that is not judged.

    With `first_only` the first of `signals` that the detector judges is swept, else all of them.
    """

    signals: tuple[Signal, ...]
    thresholds: tuple[timedelta, ...]
    first_only: bool = False
    events: tuple[Event, ...] = ()
    hold: timedelta = timedelta(hours=12)
    warm: timedelta = timedelta(days=7)
    target: Target = Target(count=2, span=timedelta(days=30))


class EventReader:
    """Reads events as people write them; times without an offset are those of `time_zone`.

    `lasts` is how long an event goes on when its end is not given, `early` how much before its start an alarm is
    credited to it.
    """

    def __init__(self, topics: Mapping[str, str], *, time_zone: str, lasts: timedelta, early: timedelta) -> None:
        self._topics = topics
        self._zone = ZoneInfo(time_zone)
        self._lasts, self._early = lasts, early

    def read(self, text: str, *, place: str = "--event") -> Event | Fault:
        """`2026-03-02T14:00 [topic] [name]`, `*` for all topics; or what is wrong with it."""
        written = text.strip()
        found = _TIME.match(written)
        if found is None:
            hint = 'write "2026-03-02T14:00 topic name"; topic and name may be left out'
            return Fault(file=place, line=0, column=0, message=f"{show(written)!r} begins with no time", hint=hint)
        topic, _, name = written[found.end() :].strip().partition(" ")
        return self.event(found[0], topic, name, place=Fault(file=place, line=0, column=0, message=""))

    def event(self, start: str, topic: str, name: str, *, end: str = "", place: Fault) -> Event | Fault:
        """An event from its parts, written at `place`; or what is wrong with them."""
        begins = self._instant(start)
        if begins is None:
            return _fault(place, f"{show(start)!r} is not a time", "write for example 2026-03-02T14:00")
        ends = self._instant(end) if end.strip() else begins + self._lasts
        if ends is None:
            return _fault(place, f"the end {show(end)!r} is not a time", "write for example 2026-03-04, or nothing")
        if ends <= begins:
            return _fault(place, "the event ends before it begins", "its columns are start, topic, name, end")
        topics = self._of(topic.strip())
        if topics is None:
            return _fault(place, f"there is no topic {show(topic)!r}", self._near(topic.strip()))
        return Event(
            start=begins,
            since=begins - self._early,
            end=ends,
            topics=topics,
            name=" ".join(name.split())[:_LONGEST_NAME],
            place=f"{place.file}:{place.line}" if place.line else place.file,
        )

    def _of(self, topic: str) -> tuple[str, ...] | None:
        if topic in ("", EVERYWHERE):
            return tuple(self._topics)
        if topic in self._topics:
            return (topic,)
        named = [one for one, name in self._topics.items() if name.casefold() == topic.casefold()]
        return (named[0],) if len(named) == 1 else None

    def _near(self, topic: str) -> str:
        return (
            suggest(topic, self._topics)
            or f"there are {listed(sorted(self._topics)[:_TOPICS_LISTED], last='and')}; {EVERYWHERE} is all of them"
        )

    def _instant(self, text: str) -> datetime | None:
        try:
            read = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
        try:
            return (read if read.tzinfo is not None else read.replace(tzinfo=self._zone)).astimezone(UTC)
        except OverflowError:
            return None


def read_thresholds(text: str) -> tuple[timedelta, ...]:
    """`7,14,30` days as rising thresholds. Raises ConfigError."""
    found = set()
    for part in text.split(","):
        try:
            days = float(part)
        except ValueError:
            days = 0.0
        if not 0.01 <= days <= 3_650:
            hint = "write days separated by commas, for example 7,30,90"
            message = f"{show(part.strip())!r} is no number of days from 0.01 to 3650"
            raise ConfigError([Fault(file="--days", line=0, column=0, message=message, hint=hint)])
        found.add(timedelta(days=days))
    return tuple(sorted(found))


def read_target(text: str) -> Target:
    """`2 per 30d`. Raises ConfigError."""
    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:per|par|/)\s*(\S{1,40})", text.strip())
    try:
        span = parse_duration(found[2]) if found else timedelta()
    except ValueError:
        span = timedelta()
    if found is None or span < timedelta(hours=1):
        message = f"{show(text)!r} is no rate of false alarms"
        raise ConfigError([Fault(file="--at-most", line=0, column=0, message=message, hint='write "2 per 30d"')])
    return Target(count=float(found[1]), span=span)


def unknown_word(option: str, word: str, known: Collection[str], *, kind: str) -> Fault:
    """The fault of a word given to an option that is none of those known."""
    hint = suggest(word, known) or f"there are {listed(sorted(known)[:_TOPICS_LISTED], last='and')}"
    return Fault(file=option, line=0, column=0, message=f"there is no {kind} {show(word)!r}", hint=hint)


def _fault(place: Fault, message: str, hint: str) -> Fault:
    return Fault(file=place.file, line=place.line, column=place.column, message=message, hint=hint)
