"""What is known beforehand: the day and hour as a topic's people live them, and planned events.

The season lives in local time: at a change of clocks people's day stays where it is, and so do its hours. In the night
in which clocks go forward one hour of the day is missing; in the one in which they go back an hour comes twice, and
both are that hour. A public holiday is lived as a Sunday.

Planned events raise what is expected. They multiply where they overlap, within bounds (`LEAST_EXPECTED`,
`MOST_EXPECTED`), signal by signal:

- grave words are never planned: `gravity` stays as usual, and so does the negative share, but for an event of tone
  `negative`, which lets half as much again be expected;
- an event of tone `positive` leaves `negative` as usual, one of tone `negative` leaves `positive`.

A detector multiplies its expectation by `mean_factors` of the window and learns the value divided by them, so that the
event neither alarms nor becomes the usual.

Minutes are whole numbers since the epoch. Topics that share zone, country and events share all that is computed.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache
from operator import is_
from typing import TypeAlias, TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from buzzguard.config.countries import holidays_in, rest_day
from buzzguard.config.occurrences import Occurrences
from buzzguard.config.settings import LEAST_EXPECTED, MOST_EXPECTED, EventSettings, Settings
from buzzguard.model import Localised, Signal

Factors: TypeAlias = npt.NDArray[np.float64]
"""How many times the usual is expected, in the order of `SIGNALS`."""

Lived: TypeAlias = npt.NDArray[np.int8]
Thing = TypeVar("Thing", bound=Hashable)

SIGNALS: tuple[Signal, ...] = tuple(Signal)
_SHARE = SIGNALS.index(Signal.SHARE)
_NEVER_PLANNED = {Signal.GRAVITY, Signal.SHARE, Signal.CRISIS}
_UNPLANNED = {
    "any": _NEVER_PLANNED,
    "positive": {*_NEVER_PLANNED, Signal.NEGATIVE},
    "negative": {*_NEVER_PLANNED, Signal.POSITIVE},
}
DIVIDING = 1.5
"""How many times the usual negative share an event of tone `negative` lets expect."""
_DAY = 1440
_MOST_DAYS = 16
"""Days whose plan is kept for a group of topics: windows reach back one day, a rebuild goes forward."""


def _fixed(values: Factors) -> Factors:
    values.setflags(write=False)
    return values


NOTHING_PLANNED: Factors = _fixed(np.ones(len(SIGNALS)))


@dataclass(frozen=True)
class Place:
    """Where a topic's people live: a time zone, and a checked country code (empty: no holidays are kept)."""

    time_zone: str
    country: str = ""


@dataclass(frozen=True)
class Tick:
    """One minute for all topics, in the order of `Calendar.topics`. The arrays are shared and read-only."""

    slot: npt.NDArray[np.int8]
    day_class: npt.NDArray[np.int8]
    factors: Factors
    """One row a topic, one column a signal in the order of `SIGNALS`."""


@dataclass(frozen=True)
class _Plan:
    """One day of a group: from each of `starts` on these factors hold, and these events are on."""

    starts: tuple[int, ...]
    factors: tuple[Factors, ...]
    events: tuple[tuple[EventSettings, ...], ...]

    def at(self, minute: int) -> int:
        return bisect_right(self.starts, minute) - 1


class _Group:
    """The events of topics that share them and their local time."""

    def __init__(self, events: Iterable[tuple[EventSettings, Occurrences]]) -> None:
        self._events = tuple(events)
        self._days: dict[int, _Plan] = {}

    def plan(self, day: int) -> _Plan:
        """The plan of a day of UTC."""
        found = self._days.get(day)
        if found is None:
            while len(self._days) >= _MOST_DAYS:
                del self._days[next(iter(self._days))]
            found = self._days[day] = self._make(day * _DAY)
        return found

    def _make(self, start: int) -> _Plan:
        end = start + _DAY
        spans = [(begun, over, event) for event, found in self._events for begun, over in found.between(start, end)]
        cuts = sorted({start, *(cut for begun, over, _ in spans for cut in (begun, over) if start < cut < end)})
        on = [tuple(event for begun, over, event in spans if begun <= cut < over) for cut in cuts]
        return _Plan(tuple(cuts), tuple(map(_product, on)), tuple(on))

    def mean(self, start: int, end: int) -> Factors:
        """The mean factors over a span that is not empty."""
        pieces = list(self._pieces(start, end))
        if all(factors is pieces[0][0] for factors, _ in pieces):
            return pieces[0][0]
        return _fixed(np.average([factors for factors, _ in pieces], axis=0, weights=[size for _, size in pieces]))

    def _pieces(self, start: int, end: int) -> Iterator[tuple[Factors, int]]:
        """The factors of a span, each with the number of minutes for which they hold."""
        while start < end:
            day = start // _DAY
            plan = self.plan(day)
            piece = plan.at(start)
            following = plan.starts[piece + 1] if piece + 1 < len(plan.starts) else (day + 1) * _DAY
            until = min(end, following)
            yield plan.factors[piece], until - start
            start = until


def _product(events: tuple[EventSettings, ...]) -> Factors:
    if not events:
        return NOTHING_PLANNED
    factors = np.ones(len(SIGNALS))
    for event in events:
        factors *= [1.0 if signal in _UNPLANNED[event.tone] else event.expect for signal in SIGNALS]
        if event.tone == "negative":
            factors[_SHARE] *= DIVIDING
    return _fixed(np.clip(factors, LEAST_EXPECTED, MOST_EXPECTED))


class Calendar:
    """The calendar of all topics. Every method raises KeyError for a topic that it does not know."""

    def __init__(self, topics: Mapping[str, Place], events: Iterable[EventSettings] = ()) -> None:
        self.topics: tuple[str, ...] = tuple(topics)
        self._places = dict(topics)
        self._groups = _gather(topics, tuple(events))
        self._all_places, self._place_of = _index(self._places.values())
        self._all_groups, self._group_of = _index(self._groups.values())
        self._nothing = _fixed(np.ones((len(topics), len(SIGNALS))))
        self._tick: tuple[int, Tick] | None = None
        self._season: tuple[list[tuple[int, int]], Lived, Lived] | None = None
        self._plan: tuple[list[Factors], Factors] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Calendar:
        """The calendar that a configuration describes."""
        topics = {
            name: Place(
                time_zone=topic.time_zone or settings.time_zone,
                country=settings.country if topic.country is None else topic.country,
            )
            for name, topic in settings.topics.items()
        }
        return cls(topics, settings.calendar)

    def plans(self, topic: str) -> bool:
        """Whether anything is ever planned for a topic."""
        return self._groups[topic] is not None

    def slot(self, topic: str, minute: int) -> int:
        """The hour of the day, 0 to 23, as it is called in the topic's time zone."""
        return _local(self._places[topic], minute).hour

    def day_class(self, topic: str, minute: int) -> int:
        """The weekday (0 is Monday) in the topic's time zone; that of rest, mostly 6, on a public holiday."""
        place = self._places[topic]
        return _day_class(place, _local(place, minute))

    def holiday(self, topic: str, minute: int) -> Localised | None:
        """The public holiday that the topic's people have, by language; None on other days."""
        place = self._places[topic]
        if not place.country:
            return None
        day = _local(place, minute).date()
        return holidays_in(place.country, day.year).get(day)

    def events(self, topic: str, minute: int) -> tuple[EventSettings, ...]:
        """The planned events that are on."""
        group = self._groups[topic]
        if group is None:
            return ()
        plan = group.plan(minute // _DAY)
        return plan.events[plan.at(minute)]

    def planned(self, topic: str, minute: int) -> tuple[str, ...]:
        """The names of the planned events that are on."""
        return tuple(event.name for event in self.events(topic, minute))

    def factors(self, topic: str, minute: int) -> Factors:
        """How many times the usual is planned, a read-only array in the order of `SIGNALS`; 1 when nothing is."""
        group = self._groups[topic]
        if group is None:
            return NOTHING_PLANNED
        plan = group.plan(minute // _DAY)
        return plan.factors[plan.at(minute)]

    def mean_factors(self, topic: str, start: int, end: int) -> Factors:
        """The mean of `factors` over `start` ≤ minute < `end`. Raises ValueError for an empty span."""
        _check_span(start, end)
        group = self._groups[topic]
        return NOTHING_PLANNED if group is None else group.mean(start, end)

    def mean_factors_of_all(self, start: int, end: int) -> Factors:
        """`mean_factors` of all topics, one row a topic in the order of `topics`; read-only."""
        _check_span(start, end)
        rows = [NOTHING_PLANNED if group is None else group.mean(start, end) for group in self._all_groups]
        return self._spread(rows)

    def at(self, minute: int) -> Tick:
        """Slot, day class and factors of all topics at a minute."""
        if self._tick is None or self._tick[0] != minute:
            slot, day_class = self._season_at(minute)
            self._tick = minute, Tick(slot, day_class, self._factors_at(minute))
        return self._tick[1]

    def _season_at(self, minute: int) -> tuple[Lived, Lived]:
        local = [(place, _local(place, minute)) for place in self._all_places]
        lived = [(here.hour, _day_class(place, here)) for place, here in local]
        if self._season is None or self._season[0] != lived:
            by_place = np.array(lived, dtype=np.int8).reshape(-1, 2)
            slot, day_class = (np.ascontiguousarray(by_place[self._place_of, column]) for column in (0, 1))
            slot.setflags(write=False)
            day_class.setflags(write=False)
            self._season = lived, slot, day_class
        return self._season[1], self._season[2]

    def _factors_at(self, minute: int) -> Factors:
        rows = []
        for group in self._all_groups:
            plan = None if group is None else group.plan(minute // _DAY)
            rows.append(NOTHING_PLANNED if plan is None else plan.factors[plan.at(minute)])
        if self._plan is None or not all(map(is_, rows, self._plan[0])):
            self._plan = rows, self._spread(rows)
        return self._plan[1]

    def _spread(self, rows: list[Factors]) -> Factors:
        """The factors of the groups, given to each topic."""
        if all(row is NOTHING_PLANNED for row in rows):
            return self._nothing
        return _fixed(np.stack(rows)[self._group_of])


def _gather(topics: Mapping[str, Place], events: Sequence[EventSettings]) -> dict[str, _Group | None]:
    """The group of each topic; None where nothing is planned. Topics that an event names but nobody knows are
    passed over."""
    numbers: dict[str, list[int]] = {topic: [] for topic in topics}
    for number, event in enumerate(events):
        for topic in dict.fromkeys(event.topics or topics):
            if topic in numbers:
                numbers[topic].append(number)
    occurrences: dict[tuple[int, str], Occurrences] = {}
    groups: dict[tuple[str, tuple[int, ...]], _Group | None] = {}
    gathered = {}
    for topic, place in topics.items():
        key = place.time_zone, tuple(numbers[topic])
        if key not in groups:
            zones = {number: events[number].time_zone or place.time_zone for number in key[1]}
            for number, zone in zones.items():
                occurrences.setdefault((number, zone), Occurrences(events[number], _zone(zone)))
            own = [(events[number], occurrences[number, zone]) for number, zone in zones.items()]
            groups[key] = _Group(own) if own else None
        gathered[topic] = groups[key]
    return gathered


def _index(values: Iterable[Thing]) -> tuple[list[Thing], npt.NDArray[np.intp]]:
    """The distinct values, and for each value its place among them."""
    places: dict[Thing, int] = {}
    index = [places.setdefault(value, len(places)) for value in values]
    return list(places), np.array(index, dtype=np.intp)


@lru_cache(maxsize=1024)
def _zone(name: str) -> tzinfo:
    return ZoneInfo(name)


def _local(place: Place, minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, _zone(place.time_zone))


def _day_class(place: Place, local: datetime) -> int:
    if place.country and local.date() in holidays_in(place.country, local.year):
        return rest_day(place.country)
    return local.weekday()


def _check_span(start: int, end: int) -> None:
    if start >= end:
        raise ValueError(f"no minute lies between {start} and {end}")
