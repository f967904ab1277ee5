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
_YEAR_MINUTES = 366 * 1440
_MOST_MINUTES = 10 * _YEAR_MINUTES


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
    sound: list[_Planned] = []
    for index in range(len(written) if isinstance(written, list) else 0):
        path: Path = ("calendar", index)
        topics = located.get((*path, "topics"))
        for place, topic in enumerate(topics if isinstance(topics, list) else ()):
            yield from unknown(located, (*path, "topics", place), topic, section(located, ("topics",)), noun="topic")
        event, _ = build(EventSettings, located, at=path)
        if event is None:
            continue
        planned = _Planned(path, event, _zones(located, event))
        faults = list(_event_faults(located, planned))
        yield from faults
        if not faults:
            sound.append(planned)
    yield from _overlap_faults(located, sound)


def _zones(located: Located, event: EventSettings) -> dict[str, tzinfo]:
    """The zone of the event for each of its topics; those that cannot be read are faults of their own."""
    topics = section(located, ("topics",))
    zones = {}
    for topic in event.topics or topics:
        own = located.get(("topics", topic, "time_zone"))
        zone = _zone(event.time_zone or own or located.get(("time_zone",)) or "UTC")
        if topic in topics and zone is not None:
            zones[topic] = zone
    return zones


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
                names = ", ".join(f"`{show(sound[place].event.name)}`" for place in others[:3])
                message = f"together with {names} this is {product:.4g} times the usual"
                hint = f"events multiply where they overlap: {LEAST_EXPECTED:g} to {MOST_EXPECTED:g} together"
                yield located.fault((*sound[later].path, "expect"), message, hint)


def _absurd(events: Sequence[tuple[int, _Planned]], topic: str) -> Iterator[tuple[int, list[int], float]]:
    """Whenever an event begins while others are on and all together are out of bounds: it, they, the product."""
    occurrences = {place: Occurrences(one.event, one.zones[topic]) for place, one in events}
    expect = {place: one.event.expect for place, one in events}
    spans = [found.first() for found in occurrences.values()]
    if len(spans) < 2:
        return
    start = min(begun for begun, _ in spans)
    end = min(max(over for _, over in spans) + _YEAR_MINUTES, start + _MOST_MINUTES)
    on: list[tuple[int, int]] = []
    for begun, over, place in sorted(
        (*span, place) for place, found in occurrences.items() for span in found.between(start, end)
    ):
        while on and on[0][0] <= begun:
            heapq.heappop(on)
        product = expect[place] * math.prod(expect[other] for _, other in on)
        if on and not LEAST_EXPECTED <= product <= MOST_EXPECTED:
            yield place, sorted({other for _, other in on} - {place}), product
        heapq.heappush(on, (over, place))
