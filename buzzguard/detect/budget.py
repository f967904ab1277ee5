"""The budget of false alarms: one factor (0…1] on every return period, so that all topics together keep a promise.

A rule that asks for once in 90 days is wrong once in 90 days; ten such rules on a hundred topics are wrong eleven times
a day. Whoever says "at most 2 in 30 days over everything" does not want to rewrite a thousand thresholds. The return
periods that a detector claims are multiplied by `Budget.factor`: at 0.2 a rule that asks for 90 days is met by what is
rarer than once in 450. The factor has two parts.

**The share** is fixed by the rules in use. On the baseline alone a signal exceeds its own return period D at a rate of
1/D. Rules over the same signal of a topic ask the same thing, the stricter within the laxer: they count once, as the
laxest. Different signals of a topic, and different topics, are added up: the union bound. It is too careful where
signals move together (they do: counted as incidents, 0.9 are then raised where 2 are borne) or where a rule asks for a
count besides; but it holds whatever depends on what, and a delay follows only the logarithm of the rate. share = budget
/ sum, at most 1.

**The ease** (0.1…1) follows what people say of the alarms, because return periods may lie: bursts, and a public that
follows the news, raise two to five times what is claimed. It is online control of false discoveries with decaying
memory (Ramdas, Yang, Wainwright, Jordan: Online control of the false discovery rate with decaying memory, NeurIPS 2017,
arXiv:1710.00499) in continuous time, with people's verdicts in place of bare rejections. An incident is remembered with
the weight exp(-age / per), so that a steady rate weighs what it brings in `per`. A false alarm costs 1. A real crisis
(somebody took charge and did not call it false) pays back 0.5, the reward alpha of LORD++: a week of true crises with
some false ones among them does not blind the watch. What ended with nobody taking charge costs 0.5: who knows. What is
open and unanswered costs nothing yet: a crisis that shakes ten topics in an hour is not answered by looking away from
the eleventh. While half of the budget is left nothing changes; below, the ease falls, to a tenth when all is spent. It
comes back as false alarms fade, and with each real crisis.

What is promised:

1. *Where return periods mean what they say, false alarms are at most the budget on average*, whatever the dependence
   between signals, topics and times, and whatever people click: the factor is never above the share, so the alarms are
   among those of the fixed share, whose expected number is the budget, for expectations add up without independence.
   (LORD++ by itself needs p-values that are valid given the past; e-LOND, Xu and Ramdas 2024, does without, but asks
   for e-values, which a return period is not.)
2. *Where they lie*, the alarms that people call false do not exceed, in decayed count, the budget, half the real crises
   and what was raised before its verdict came, but for what passes at a tenth: the wealth of LORD++, path by path. What
   passes at a tenth is a tenth of what the lie would bring at the fixed share.
3. *The watch is never blind*: the verdicts make a threshold ten times rarer at most, and what is rarer than once in a
   thousand years always passes. With so many questions that the share alone would ask for more, this floor wins over
   the budget, and `Budget.kept` says how many false alarms are then to be expected.

What it does not do: loosen. Thresholds never fall below what the rules say, and a year without false alarms is no
reason to believe that the union bound was too careful. Rules without a return period, those that speak only in a
baseline's first days, and BuzzGuard's own streams are not priced.

The state is the latest record of each incident: the same incidents in any order give the same factor. How ease and
reserve were chosen: of reserves of a quarter, a half and three quarters the middle one, since a fivefold lie then stays
near the budget and a true claim loses little; the floor of a tenth lets pass no more than the budget up to a tenfold
lie. Measured, brands with the shipped rules, 2 false alarms borne in 30 days (`python -m tests.bench.budget`):

| false alarms in 30 days, by number of topics | 1 | 10 | 100 | 1000 |
| --- | --- | --- | --- | --- |
| what the rules ask for | 2.0 | 20 | 200 | 2000 |
| with the budget, claims hold | 1.30 | 1.30 | 1.30 | 1.33 |
| and all signals of ten topics move together | 0.84 | 0.97 | 0.97 | 0.97 |
| claims lie fivefold, the share alone | 10.2 | 10.2 | 10.2 | 10.2 |
| claims lie fivefold, with the ease | 2.15 | 2.15 | 2.15 | 2.84 |
| and all signals of ten topics move together | 1.79 | 2.94 | 2.94 | 3.10 |
| claims lie fivefold, nobody answers | 3.48 | 3.48 | 3.48 | 3.78 |
| 90 days read as (days) | 90 | 900 | 9,000 | 90,000 |
| minutes to a threefold rise at best, 1 mention in 5 min | 37 | 46 | 54 | 63 |
| the same, 0.1 mentions in 5 min | 265 | 353 | 442 | 531 |

Without a budget the rise is found as in the first column, at any number of topics.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from buzzguard.config.settings import FalseAlarmSettings
from buzzguard.model import WATCHER_TOPIC, Assessment, Incident, IncidentState, Judged, Signal
from buzzguard.model.question import Question

ALWAYS_PASSES = timedelta(days=365_000)
"""Evidence rarer than this, a thousand years, meets every rule whatever the budget: rules know nothing longer."""
LEAST_EASE = 0.1
"""People's verdicts make a threshold ten times rarer at most."""
RESERVE = 0.5
"""The part of the budget below which the ease begins to fall."""
FALSE, UNANSWERED, REAL = 1.0, 0.5, -0.5
"""What an incident costs by its verdict; a real crisis pays."""
MEMORY = 8
"""Periods after which an incident is forgotten: its weight is below a two-thousandth."""


class _Seen(NamedTuple):
    """The latest record of an incident, as far as the budget cares. `cost` is None while nobody knows."""

    opened: datetime
    version: int
    after: str
    cost: float | None


class Budget:
    """The factor on return periods that keeps false alarms within what is borne.

    Pure: it reads no clock, and the same incidents give the same factor whatever the order and however often they are
    told. `questions` are those of the rules in use (`decide.asking`).
    """

    def __init__(self, settings: FalseAlarmSettings, questions: Iterable[Question]) -> None:
        self.settings = settings
        self.ask(questions)
        self._per = settings.per.total_seconds()
        self._seen: dict[str, _Seen] = {}
        self._costs: tuple[tuple[float, float], ...] = ()

    def ask(self, questions: Iterable[Question]) -> None:
        """From now on these questions are asked, and no others."""
        self._asked = _together(questions)

    @property
    def memory(self) -> timedelta:
        """Incidents that began longer ago than this count no more."""
        return (MEMORY + 1) * self.settings.per

    @property
    def unbridled(self) -> float:
        """False alarms to be expected at most in the period of the budget, were there none."""
        return math.fsum(self._per / asked.total_seconds() for asked in self._asked)

    @property
    def share(self) -> float:
        """The fixed part of the factor: what of each question's rate the budget can bear."""
        unbridled = self.unbridled
        return min(1.0, self.settings.at_most / unbridled) if unbridled else 1.0

    @property
    def floor(self) -> float:
        """The least factor: what is rarer than `ALWAYS_PASSES` meets the strictest rule."""
        return min(1.0, max(self._asked, default=timedelta(0)) / ALWAYS_PASSES)

    @property
    def kept(self) -> float:
        """False alarms to be expected at most in the period of the budget: more than it only where the floor wins."""
        return self.unbridled * max(self.share, self.floor)

    @property
    def state(self) -> tuple[tuple[str, datetime, float], ...]:
        """Every incident that counts, when it began and what it cost, in order of both."""
        costs = ((id, seen.opened, seen.cost) for id, seen in self._latest().items() if seen.cost is not None)
        return tuple(sorted(costs, key=lambda one: (one[1], one[0])))

    def fold(self, incidents: Iterable[Incident]) -> None:
        """Take note of incidents as they stand; of several records of one the newest version counts.

        A relapse is the same alarm told again: it counts with the incident it follows, by the newest verdict on either.
        What was merged counts with what it became part of, by the verdict on that.
        """
        changed = False
        for incident in incidents:
            known = self._seen.get(incident.id)
            if _is_no_alarm(incident) or (known is not None and known.version >= incident.version):
                continue
            after = incident.merged_into or incident.relapse_of
            self._seen[incident.id] = _Seen(incident.opened_at, incident.version, after, _cost(incident))
            changed = True
        if changed:
            self._forget()
            self._costs = tuple((opened.timestamp(), cost) for _, opened, cost in self.state)

    def factor(self, now: datetime) -> float:
        """What return periods are multiplied by at `now`: above 0, at most 1."""
        return max(self.share * self.ease(now), self.floor)

    def weigh(self, judged: Iterable[Judged], now: datetime) -> list[Judged]:
        """What was judged, as rules are to read it at `now`: every return period times the factor."""
        factor = self.factor(now)
        if factor >= 1.0:
            return list(judged)
        return [replace(one, assessments=_Weighed(one.assessments, factor)) for one in judged]

    def ease(self, now: datetime) -> float:
        """The part of the factor that follows people's verdicts: `LEAST_EASE`…1."""
        left = 1.0 - self.spent(now) / self.settings.at_most
        return min(1.0, max(LEAST_EASE, left / RESERVE))

    def spent(self, now: datetime) -> float:
        """False alarms of late, each weighed by its age, less what real crises pay back; not below zero."""
        moment, per = now.timestamp(), self._per
        ages = ((max(0.0, moment - opened) / per, cost) for opened, cost in self._costs)
        return max(0.0, math.fsum(cost * math.exp(-age) for age, cost in ages if age < MEMORY))

    def reads(self, once_per: timedelta, now: datetime | None = None) -> timedelta:
        """How rare something must be to meet a rule that asks for `once_per`; by the share alone without `now`."""
        factor = max(self.share, self.floor) if now is None else self.factor(now)
        return timedelta(seconds=min(once_per.total_seconds() / factor, timedelta.max.total_seconds() / 2))

    def _latest(self) -> dict[str, _Seen]:
        """By the incident that began it, the newest of its relapses on which there is a verdict."""
        found: dict[str, _Seen] = {}
        for id, seen in self._seen.items():
            root = self._root(id)
            best = found.get(root)
            if seen.cost is not None and (best is None or (best.opened, best.version) < (seen.opened, seen.version)):
                found[root] = seen
        return found

    def _root(self, id: str) -> str:
        passed = {id}
        while (seen := self._seen.get(id)) is not None and seen.after and seen.after not in passed:
            id = seen.after
            passed.add(id)
        return id

    def _forget(self) -> None:
        newest = max(seen.opened for seen in self._seen.values())
        oldest = newest - self.memory
        old = [id for id, seen in self._seen.items() if seen.opened < oldest]
        for id in old:
            del self._seen[id]


class _Weighed(Mapping[Signal, Assessment]):
    """Assessments with their return periods times a factor, each worked out when it is read."""

    def __init__(self, claimed: Mapping[Signal, Assessment], factor: float) -> None:
        self._claimed = claimed
        self._factor = factor

    def __getitem__(self, signal: Signal) -> Assessment:
        claimed = self._claimed[signal]
        return replace(claimed, once_per=claimed.once_per * self._factor) if claimed.once_per else claimed

    def __iter__(self) -> Iterator[Signal]:
        return iter(self._claimed)

    def __len__(self) -> int:
        return len(self._claimed)


def _together(questions: Iterable[Question]) -> Sequence[timedelta]:
    """One return period for each signal of each topic: that of the laxest rule, for the others lie within it."""
    laxest: dict[tuple[str, str], timedelta] = {}
    for one in questions:
        if one.once_per <= timedelta(0):
            raise ValueError(f"{one.rule} asks {one.topic} for a return period of {one.once_per}")
        key = (one.topic, one.name)
        laxest[key] = min(one.once_per, laxest.get(key, one.once_per))
    return tuple(laxest.values())


def _is_no_alarm(incident: Incident) -> bool:
    """Whether no rule that is priced raised it: of our own streams, an exercise, or what people declared themselves."""
    by_hand = incident.declared_by is not None and not incident.alerts
    return incident.topic == WATCHER_TOPIC or incident.drill or by_hand


def _cost(incident: Incident) -> float | None:
    """What the verdict on an incident costs: None while there is none, and where it is that on another one."""
    if incident.merged_into:
        return None
    if incident.state is IncidentState.FALSE_ALARM:
        return FALSE
    if incident.owner is not None:
        return REAL
    return UNANSWERED if incident.state is IncidentState.RESOLVED else None
