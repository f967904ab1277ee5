"""A week looked back at: each topic against the week before and its competitors, the alerts, the response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from msgspec.structs import replace

from buzzguard.model import Incident, IncidentState, Record, Samples, Severity, Transition
from buzzguard.review.measures import acknowledged_at
from buzzguard.review.precision import Precision, Votes, precisions, weighed
from buzzguard.review.usual import WINDOW


class Count(Record, frozen=True, kw_only=True):
    """What was said of a topic in a week.

    `hostile` of `voices` (thousandths) is negative, as the watch itself tells the share. `known` is the part (0…1) of
    the week in which the topic's streams could be read.
    """

    mentions: int = 0
    negative: int = 0
    positive: int = 0
    voices: int = 0
    hostile: int = 0
    known: float = 1.0

    @property
    def share(self) -> float | None:
        """The negative share of the independent voices, of mentions where no voice was judged; None of nothing."""
        if self.voices:
            return self.hostile / self.voices
        return self.negative / self.mentions if self.mentions else None

    @property
    def praise(self) -> float | None:
        """The positive share of the mentions."""
        return self.positive / self.mentions if self.mentions else None


class TopicWeek(Record, frozen=True, kw_only=True):
    """A topic's week and the one before. `voice` is its part (0…1) of what was said of it and of its competitors
    together (of a competitor: of the brands and competitors); None where it has none, or nothing was said."""

    topic: str
    role: str
    now: Count
    before: Count
    voice: float | None = None
    voice_before: float | None = None


class Times(Record, frozen=True, kw_only=True):
    """How soon people were told and took charge: of `counted` incidents, the median and the slowest; None of none."""

    counted: int
    median: timedelta | None = None
    slowest: timedelta | None = None


class Week(Record, frozen=True, kw_only=True):
    """The week from `start` to `end`. `tell` counts from the opening to the first message, `acknowledge` from there to
    the first person who took charge; `untaken` are the incidents that nobody took."""

    start: datetime
    end: datetime
    topics: tuple[TopicWeek, ...]
    rules: tuple[Precision, ...]
    incidents: tuple[Incident, ...]
    by_severity: tuple[tuple[Severity, int], ...]
    false_alarms: int
    untaken: int
    tell: Times
    acknowledge: Times


class Facts(Record, frozen=True, kw_only=True):
    """What a week is made of. `samples` are the closed quarters of an hour by topic, of this week and the one before;
    `told` is when somebody was first told of each incident, `votes` what people said of its alerts."""

    start: datetime
    end: datetime
    roles: Mapping[str, str]
    samples: Mapping[str, Sequence[Samples]]
    incidents: Sequence[Incident]
    moves: Mapping[str, Sequence[Transition]]
    told: Mapping[str, datetime]
    votes: Mapping[str, Votes] = {}


def week_of(facts: Facts) -> Week:
    """Sum a week up. Exercises are left out. Deterministic."""
    facts = replace(facts, incidents=[one for one in facts.incidents if not one.drill])
    span = facts.end - facts.start
    now = {one: _count(facts.samples.get(one, ()), facts.start, facts.end) for one in facts.roles}
    before = {one: _count(facts.samples.get(one, ()), facts.start - span, facts.start) for one in facts.roles}
    severities = [one.severity for one in facts.incidents]
    tell, acknowledge, untaken = _times(facts)
    return Week(
        start=facts.start,
        end=facts.end,
        topics=tuple(
            TopicWeek(
                topic=topic,
                role=role,
                now=now[topic],
                before=before[topic],
                voice=_voice(topic, facts.roles, now),
                voice_before=_voice(topic, facts.roles, before),
            )
            for topic, role in facts.roles.items()
        ),
        rules=precisions(weighed(facts.incidents, facts.moves, facts.votes)),
        incidents=tuple(facts.incidents),
        by_severity=tuple((one, severities.count(one)) for one in reversed(Severity)),
        false_alarms=sum(one.state is IncidentState.FALSE_ALARM for one in facts.incidents),
        untaken=untaken,
        tell=tell,
        acknowledge=acknowledge,
    )


def _count(samples: Sequence[Samples], start: datetime, end: datetime) -> Count:
    own = [one for one in samples if one.window == WINDOW and start < one.end <= end]
    unknown = sum((1.0 - min(max(one.known, 0.0), 1.0)) * (WINDOW / (end - start)) for one in own)
    return Count(
        mentions=sum(one.volume for one in own),
        negative=sum(one.negative for one in own),
        positive=sum(one.positive for one in own),
        voices=sum(one.voices for one in own),
        hostile=sum(one.hostile for one in own),
        known=max(0.0, 1.0 - unknown),
    )


def _voice(topic: str, roles: Mapping[str, str], counts: Mapping[str, Count]) -> float | None:
    competitors = [one for one, role in roles.items() if role == "competitor"]
    brands = [one for one, role in roles.items() if role == "brand"]
    rivals = {topic, *competitors, *(brands if roles[topic] == "competitor" else ())}
    total = sum(counts[one].mentions for one in rivals)
    return counts[topic].mentions / total if len(rivals) > 1 and total else None


def _times(facts: Facts) -> tuple[Times, Times, int]:
    told, taken, untaken = list[timedelta](), list[timedelta](), 0
    for incident in facts.incidents:
        first, owner = facts.told.get(incident.id), acknowledged_at(facts.moves.get(incident.id, ()))
        if first is not None:
            told.append(max(first - incident.opened_at, timedelta(0)))
        if owner is not None:
            taken.append(max(owner - (first or incident.opened_at), timedelta(0)))
        untaken += owner is None
    return _sum_up(told), _sum_up(taken), untaken


def _sum_up(spans: Sequence[timedelta]) -> Times:
    if not spans:
        return Times(counted=0)
    middle = timedelta(seconds=median(one.total_seconds() for one in spans))
    return Times(counted=len(spans), median=middle, slowest=max(spans))
