"""What is wrong with the calendar that the shape of each event cannot tell: topics, clocks, lengths, overlaps."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from buzzguard.config.located import Located, Path, build, show
from buzzguard.config.moments import begin_of, end_of, is_local, oddity
from buzzguard.config.occurrences import Occurrences
from buzzguard.config.sections import section, unknown
from buzzguard.config.settings import LEAST_EXPECTED, MOST_EXPECTED, EventSettings
from buzzguard.model import Fault

LONGEST = timedelta(days=60)
"""What lasts longer is no event but the new usual, which is learned."""
_CLOCK_CHANGE = timedelta(hours=1)
"""By so much a span of days is longer when clocks go back within it."""
_FEW = 3
_YEAR_MINUTES = 366 * 1440
_LOWEST, _HIGHEST = math.log(LEAST_EXPECTED) - 1e-9, math.log(MOST_EXPECTED) + 1e-9


@dataclass(frozen=True)
class _Planned:
    """An event of the right shape, where it stands, and the zones in which its local times are read, by topic."""

    path: Path
    event: EventSettings
    zones: Mapping[str, tzinfo]

    def each_zone(self) -> Mapping[str, tzinfo]:
        """Each zone once, by name."""
        return {str(zone): zone for zone in self.zones.values()}


def calendar_faults(located: Located) -> Iterator[Fault]:
    """The faults of `calendar:`, beyond those of the shape of its events, which are told by their model."""
    written = located.get(("calendar",))
    topics = section(located, ("topics",)) if written else {}
    zones = _zones(topics, located.get(("time_zone",)))
    sound: list[_Planned] = []
    for index in range(len(written) if isinstance(written, list) else 0):
        path: Path = ("calendar", index)
        named = located.get((*path, "topics"))
        for place, topic in enumerate(named if isinstance(named, list) else ()):
            yield from unknown(located, (*path, "topics", place), topic, topics, noun="topic")
        event, _ = build(EventSettings, located, at=path)
        if event is None:
            continue
        planned = _Planned(path, event, _zones_of(event, zones))
        faults = list(_event_faults(located, planned))
        yield from faults
        if not faults:
            sound.append(planned)
    yield from _overlap_faults(located, sound)


def _zones(topics: Mapping[str, object], general: object) -> dict[str, tzinfo]:
    """The time zone of each topic, without those that cannot be read: they are faults of their own."""
    zones = {}
    for name, topic in topics.items():
        zone = _zone((topic.get("time_zone") if isinstance(topic, dict) else None) or general or "UTC")
        if zone is not None:
            zones[name] = zone
    return zones


def _zones_of(event: EventSettings, zones: Mapping[str, tzinfo]) -> dict[str, tzinfo]:
    """The zone in which the event's local times are read, for each of its topics."""
    own = _zone(event.time_zone) if event.time_zone else None
    return {topic: own or zones[topic] for topic in event.topics or zones if topic in zones}


def _zone(name: object) -> tzinfo | None:
    try:
        return ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _event_faults(located: Located, planned: _Planned) -> Iterator[Fault]:
    repeats = list(_repeat_faults(located, planned))
    clocks = list(_clock_faults(located, planned))
    yield from repeats
    yield from clocks
    if not repeats and not clocks:
        yield from _length_faults(located, planned)


def _repeat_faults(located: Located, planned: _Planned) -> Iterator[Fault]:
    event, path = planned.event, planned.path
    if event.until is not None and event.every is None:
        yield located.fault((*path, "until"), "`until` is for events that come back", "write `every: week` or `year`")
    elif event.until is not None and event.until.timetuple()[:3] < event.begins.timetuple()[:3]:
        yield located.fault((*path, "until"), "`until` is before `from`", "it is the last day on which it may begin")
    for key, moment in (("from", event.begins), ("to", event.ends)):
        if event.every is not None and not is_local(moment):
            hint = f"write {moment:%Y-%m-%dT%H:%M}, and `time_zone:` where it is not that of the topics"
            yield located.fault((*path, key), "an event that comes back keeps its local time: it has no offset", hint)


def _clock_faults(located: Located, planned: _Planned) -> Iterator[Fault]:
    """Local times of the nights in which clocks change. A repeated event meets them some day: it is fitted in."""
    event = planned.event
    for key, moment in (("from", event.begins), ("to", event.ends)) if event.every is None else ():
        for name, zone in planned.each_zone().items():
            odd = oddity(moment, zone)
            if not odd:
                continue
            written = f"{moment:%Y-%m-%dT%H:%M}"
            first, second = (told(moment, zone).astimezone(zone) for told in (begin_of, end_of))
            if odd == "skipped":
                message, hint = (
                    f"{written} does not exist in {name}: clocks go forward",
                    f"write {first:%Y-%m-%dT%H:%M}",
                )
            else:
                message = f"{written} comes twice in {name}: clocks go back"
                instants = [instant.isoformat(timespec="minutes") for instant in (first, second)]
                hint = f"write {instants[0]} for the first, {instants[1]} for the second"
            yield located.fault((*planned.path, key), message, hint)
            break


def _length_faults(located: Located, planned: _Planned) -> Iterator[Fault]:
    weekly = planned.event.every == "week"
    longest = timedelta(weeks=1) if weekly else LONGEST
    for zone in planned.each_zone().values():
        begun, over = Occurrences(planned.event, zone).first()
        length = timedelta(minutes=over - begun)
        if length <= timedelta(0):
            message, hint = "`to` is not after `from`", "an event ends after it begins"
        elif length <= longest + _CLOCK_CHANGE:
            continue
        elif weekly:
            message, hint = "it comes back before it is over", "at most 7 days each week"
        else:
            message = f"the event lasts {math.ceil((length - _CLOCK_CHANGE) / timedelta(days=1))} days"
            hint = f"at most {LONGEST.days} days: what lasts longer is the new usual, and is learned"
        yield located.fault((*planned.path, "to"), message, hint)
        return


def _overlap_faults(located: Located, sound: Sequence[_Planned]) -> Iterator[Fault]:
    """Events multiply where they overlap: two that are each meant may be absurd together, once for each."""
    groups: dict[tuple[tuple[int, str], ...], str] = {}
    topics = dict.fromkeys(topic for planned in sound for topic in planned.zones)
    for topic in topics:
        key = tuple((place, str(one.zones[topic])) for place, one in enumerate(sound) if topic in one.zones)
        groups.setdefault(key, topic)
    told: set[int] = set()
    for key, topic in groups.items():
        for later, others, product in _absurd([(place, sound[place]) for place, _ in key], topic):
            if later not in told:
                told.add(later)
                names = ", ".join(f"`{show(sound[place].event.name)}`" for place in others)
                message = f"together with {names} this is {product:.4g} times the usual"
                hint = f"events multiply where they overlap: {LEAST_EXPECTED:g} to {MOST_EXPECTED:g} together"
                yield located.fault((*sound[later].path, "expect"), message, hint)


def _absurd(events: Sequence[tuple[int, _Planned]], topic: str) -> Iterator[tuple[int, list[int], float]]:
    """Whenever an event begins while others are on and all together are out of bounds: it, they, the product.

    Looked at from the first event to a year after the last one, three years at most; a detector keeps the bounds too.
    """
    occurrences = {place: Occurrences(one.event, one.zones[topic]) for place, one in events}
    weight = {place: math.log(one.event.expect) for place, one in events}
    spans = [found.first() for found in occurrences.values()]
    if len(spans) < 2:
        return
    start = min(begun for begun, _ in spans)
    end = min(max(over for _, over in spans) + _YEAR_MINUTES, start + 3 * _YEAR_MINUTES)
    on: list[tuple[int, int]] = []
    total = 0.0
    for begun, over, place in sorted(
        (*span, place) for place, found in occurrences.items() for span in found.between(start, end)
    ):
        while on and on[0][0] <= begun:
            total -= weight[heapq.heappop(on)[1]]
        total += weight[place]
        if on and not _LOWEST <= total <= _HIGHEST:
            yield place, [other for _, other in on[:_FEW]], math.exp(total)
        heapq.heappush(on, (over, place))
