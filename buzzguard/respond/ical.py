"""iCalendar files (RFC 5545) as overrides of a rota: each event is somebody who stands in.

Read are the events with their beginning, end or duration, time zone, days and weeks they come back in (`FREQ=DAILY` or
`WEEKLY` with `INTERVAL`, `BYDAY`, `COUNT`, `UNTIL`), exceptions and moved occurrences; cancelled ones are passed over.
What else makes an event come back is a fault: to take it for a single one would leave a night without anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.config.located import read_text
from buzzguard.config.settings import Settings
from buzzguard.config.words import show
from buzzguard.errors import ConfigError
from buzzguard.model import Fault
from buzzguard.respond.rotas import Stand

MOST_EVENTS = 5_000
_YEARS = range(2000, 2101)
_DAY = timedelta(days=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DURATION = re.compile(r"P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?")
_RULE_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"})
_LONGEST = timedelta(days=366)


class Property(NamedTuple):
    """One line of an event, unfolded: its number in the file, its parameters and its value."""

    line: int
    parameters: Mapping[str, str]
    value: str


class Moment(NamedTuple):
    """A local time in a zone; whole days begin at midnight."""

    local: datetime
    zone: tzinfo
    whole_day: bool

    def on(self, day: date) -> datetime:
        """The instant of the same local time on another day, UTC."""
        return datetime.combine(day, self.local.time(), self.zone).astimezone(UTC)

    @property
    def instant(self) -> datetime:
        """The instant, UTC."""
        return self.on(self.local.date())


class Repeat(NamedTuple):
    """When an event comes back: each `days` days, in weeks on `weekdays`, `times` times (0: without end) or until."""

    days: int
    weekdays: tuple[int, ...]
    times: int
    until: datetime | None


class Event(NamedTuple):
    """One event: who stands in, when, how it comes back, and the occurrences that are left out (UTC)."""

    who: str
    start: Moment
    length: timedelta
    repeat: Repeat | None
    without: frozenset[datetime]


class Calendar:
    """What a file says, as spans in which somebody stands in."""

    def __init__(self, events: Sequence[Event] = ()) -> None:
        self._events = events

    def stands(self, start: datetime, end: datetime) -> Iterator[Stand]:
        """The spans that touch `start` to `end`; of equal ones that of the event written last comes first."""
        for event in reversed(self._events):
            for begins in _occurrences(event, start - event.length - _DAY, end):
                ends = begins + event.length
                if event.start.whole_day:
                    local = begins.astimezone(event.start.zone).date()
                    ends = event.start.on(local + event.length)
                if begins <= end and ends >= start and begins not in event.without:
                    yield Stand(who=event.who, begins=begins, ends=ends)


def load_calendars(settings: Settings, base: Path) -> dict[str, Calendar]:
    """The calendars of the rotas that have one. Raises ConfigError with every fault of every file."""
    found: dict[str, Calendar] = {}
    faults: list[Fault] = []
    for name, rota in settings.rotas.items():
        if not rota.calendar:
            continue
        path = base / rota.calendar
        try:
            text = read_text(path)
        except ConfigError as error:
            faults += error.faults
            continue
        people = {known: known for known in settings.receivers} | dict(rota.people)
        zone = ZoneInfo(rota.time_zone or settings.time_zone)
        found[name], wrong = read_calendar(text, file=str(path), people=people, zone=zone)
        faults += wrong
    if faults:
        raise ConfigError(faults)
    return found


def read_calendar(text: str, *, file: str, people: Mapping[str, str], zone: tzinfo) -> tuple[Calendar, list[Fault]]:
    """A calendar, and what is wrong with it; an event with a fault is left out. `people` tells who is meant by a name
    or mail address; `zone` is that of times without one."""
    events: list[tuple[str, Event]] = []
    moved: dict[str, set[datetime]] = {}
    faults: list[Fault] = []
    for number, properties in enumerate(_events(text)):
        if number == MOST_EVENTS:
            faults.append(_fault(file, properties, f"there are more than {MOST_EVENTS} events"))
            break
        if _value(properties, "STATUS").upper() == "CANCELLED" and "RECURRENCE-ID" not in properties:
            continue
        try:
            uid = _value(properties, "UID") or str(number)
            if "RECURRENCE-ID" in properties:
                moved.setdefault(uid, set()).add(_moment(properties["RECURRENCE-ID"][0], zone).instant)
                if _value(properties, "STATUS").upper() == "CANCELLED":
                    continue
            events.append((uid, _event(properties, people, zone)))
        except _WrongError as error:
            faults.append(Fault(file=file, line=error.line, column=1, message=str(error), hint=error.hint))
    whole = [
        event._replace(without=event.without | moved.get(uid, set())) if event.repeat else event
        for uid, event in events
    ]
    return Calendar(whole), faults


class _WrongError(Exception):
    def __init__(self, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.hint = hint


def _events(text: str) -> Iterator[dict[str, list[Property]]]:
    """The properties of each event by name; alarms and what else stands within one are passed over."""
    inside: dict[str, list[Property]] | None = None
    within = 0
    for number, line in _unfolded(text):
        name, parameters, value = _split(line)
        if name == "BEGIN":
            if inside is not None:
                within += 1
            elif value.upper() == "VEVENT":
                inside = {"BEGIN": [Property(number, {}, value)]}
        elif name == "END" and inside is not None:
            if within:
                within -= 1
            else:
                yield inside
                inside = None
        elif inside is not None and not within:
            inside.setdefault(name, []).append(Property(number, parameters, value))


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first: one that begins with a blank goes on with the one before."""
    number, parts = 0, [""]
    for count, line in enumerate(text.splitlines(), 1):
        if line[:1] in (" ", "\t"):
            parts.append(line[1:])
            continue
        if parts != [""]:
            yield number, "".join(parts)
        number, parts = count, [line]
    if parts != [""]:
        yield number, "".join(parts)


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """Name, parameters and value of a line. Colons and semicolons within quotation marks are text."""
    parts = re.split(r'([;:])(?=(?:[^"]*"[^"]*")*[^"]*$)', line[:2_000])
    name = parts[0].upper().strip()
    parameters: dict[str, str] = {}
    for place in range(1, len(parts) - 1, 2):
        if parts[place] == ":":
            return name, parameters, "".join(parts[place + 1 :]).strip()
        key, _, value = parts[place + 1].partition("=")
        parameters[key.upper().strip()] = value.strip().strip('"')
    return name, parameters, ""


def _event(properties: Mapping[str, list[Property]], people: Mapping[str, str], zone: tzinfo) -> Event:
    line = properties["BEGIN"][0].line
    if "DTSTART" not in properties:
        raise _WrongError(line, "the event has no beginning (DTSTART)")
    start = _moment(properties["DTSTART"][0], zone)
    length = _length(properties, start, zone)
    if not timedelta(0) < length <= _LONGEST:
        raise _WrongError(line, "the event does not end after it begins, or lasts longer than a year")
    repeat = _repeat(properties["RRULE"][0], start) if "RRULE" in properties else None
    if "RDATE" in properties:
        raise _WrongError(properties["RDATE"][0].line, "RDATE is not understood", "write each date as an event")
    without = frozenset(
        _moment(one._replace(value=value), zone).instant
        for one in properties.get("EXDATE", ())
        for value in one.value.split(",")
    )
    return Event(_who(properties, people, line), start, length, repeat, without)


def _length(properties: Mapping[str, list[Property]], start: Moment, zone: tzinfo) -> timedelta:
    if "DTEND" in properties:
        end = _moment(properties["DTEND"][0], zone)
        if start.whole_day:
            return end.local.date() - start.local.date()
        return end.instant - start.instant
    if "DURATION" not in properties:
        return _DAY if start.whole_day else timedelta(0)
    written = properties["DURATION"][0]
    found = _DURATION.fullmatch(written.value.lstrip("+"))
    if found is None:
        raise _WrongError(written.line, f"`{show(written.value)}` is no duration", "write for example PT12H")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)


def _moment(written: Property, zone: tzinfo) -> Moment:
    """`20270315`, `20270315T090000`, `20270315T090000Z`, with the zone of its parameter or the given one."""
    value = written.value.strip()
    name = written.parameters.get("TZID", "")
    if name and not value.endswith("Z"):
        try:
            zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            hint = "export it with the names of the IANA: Europe/Paris"
            raise _WrongError(written.line, f"unknown time zone `{show(name)}`", hint) from error
    whole = re.fullmatch(r"\d{8}", value) is not None
    form = "%Y%m%d" if whole else "%Y%m%dT%H%M%SZ" if value.endswith("Z") else "%Y%m%dT%H%M%S"
    try:
        local = datetime.strptime(value, form)  # noqa: DTZ007 - the zone is kept beside
    except ValueError as error:
        raise _WrongError(written.line, f"`{show(value)}` is no date or time") from error
    if local.year not in _YEARS:
        raise _WrongError(written.line, f"the year {local.year} is out of range")
    return Moment(local, UTC if value.endswith("Z") else zone, whole)


def _repeat(written: Property, start: Moment) -> Repeat:
    parts = dict(part.upper().partition("=")[::2] for part in written.value.split(";") if part)
    frequency = parts.get("FREQ", "")
    unknown = sorted(parts.keys() - _RULE_PARTS)
    if frequency not in ("DAILY", "WEEKLY") or unknown or (frequency == "DAILY" and "BYDAY" in parts):
        raise _WrongError(
            written.line,
            f"how the event comes back is not understood: `{show(written.value)}`",
            "daily and weekly ones are, with INTERVAL, BYDAY (weekly), COUNT and UNTIL",
        )
    try:
        weekdays = tuple(_WEEKDAYS.index(day) for day in parts["BYDAY"].split(",")) if "BYDAY" in parts else ()
        interval, count = int(parts.get("INTERVAL", "1")), int(parts.get("COUNT", "0"))
    except ValueError as error:
        raise _WrongError(written.line, f"`{show(written.value)}` cannot be read") from error
    if not 1 <= interval <= 366 or not 0 <= count <= MOST_EVENTS:
        raise _WrongError(written.line, "INTERVAL or COUNT is out of range")
    until = None
    if "UNTIL" in parts:
        last = _moment(written._replace(value=parts["UNTIL"], parameters={}), start.zone)
        until = last.instant + (_DAY if last.whole_day else timedelta(0))
    weekly = frequency == "WEEKLY"
    own = (start.local.weekday(),) if weekly else ()
    return Repeat(interval * (7 if weekly else 1), tuple(sorted(set(weekdays))) or own, count, until)


def _occurrences(event: Event, start: datetime, end: datetime) -> Iterator[datetime]:
    """When the event begins, from about `start` to `end`."""
    if event.repeat is None:
        yield event.start.instant
        return
    for told, begins in enumerate(_repeated(event.start, event.repeat, start, end), 1):
        if (event.repeat.times and told > event.repeat.times) or (event.repeat.until and begins > event.repeat.until):
            return
        yield begins


def _repeated(first: Moment, repeat: Repeat, start: datetime, end: datetime) -> Iterator[datetime]:
    """Each beginning, the first one on; those long before `start` are skipped where nobody counts them."""
    begin = first.local.date()
    week = begin - begin.weekday() * _DAY if repeat.weekdays else begin
    skipped = 0 if repeat.times else max(0, (start.date() - week).days // repeat.days - 1)
    day = week + skipped * repeat.days * _DAY
    while datetime.combine(day, time(), UTC) <= end + _DAY:
        for offset in repeat.weekdays or (0,):
            if day + offset * _DAY >= begin:
                yield first.on(day + offset * _DAY)
        day += repeat.days * _DAY


def _who(properties: Mapping[str, list[Property]], people: Mapping[str, str], line: int) -> str:
    """Who is meant: by the address or name of an attendee, else by the title, which is or holds a name."""
    known = {name.casefold(): who for name, who in people.items()}
    for one in properties.get("ATTENDEE", ()):
        address = one.value.casefold().removeprefix("mailto:")
        for name in (address, one.parameters.get("CN", "").casefold()):
            if name in known:
                return known[name]
    title = _value(properties, "SUMMARY").replace("\\,", ",").casefold()
    if title in known:
        return known[title]
    held = {who for name, who in known.items() if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", title)}
    if len(held) == 1:
        return held.pop()
    message = f"nobody is known by `{show(title)}`" if not held else f"`{show(title)}` names several people"
    raise _WrongError(line, message, "name them under `people:` of the rota")


def _value(properties: Mapping[str, list[Property]], name: str) -> str:
    found = properties.get(name)
    return found[0].value.strip() if found else ""


def _fault(file: str, properties: Mapping[str, list[Property]], message: str) -> Fault:
    return Fault(file=file, line=properties["BEGIN"][0].line, column=1, message=message)
