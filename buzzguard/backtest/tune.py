"""What people said of alerts, turned into thresholds: which one would have spared the noise and kept the rest.

One pass over the past plays a rule beside copies of itself with higher thresholds, by the daemon's own core: whatever
else the rule asks (`for`, counts, authors) holds for the copies too. An alert that people judged counts for a threshold
by whether the copy was firing around that time. Only a higher threshold is ever proposed: nobody judges alerts that
were never sent, so that the past cannot tell what a lower one would have found.

The budget of false alarms is shared among the rules as they are, not among their copies.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from msgspec.structs import replace

from buzzguard.decide.evaluate import Decider
from buzzguard.decide.expression import compile_condition
from buzzguard.decide.rule import Rule
from buzzguard.model import AlertState, Effects, Mention, Record
from buzzguard.pipeline import Core
from buzzguard.replay import replay
from buzzguard.review.precision import Precision, Weighed, Worth

LADDER = tuple(timedelta(days=days) for days in (3, 7, 14, 30, 60, 90, 120, 180, 270, 365, 540, 730, 1095))
"""Thresholds that people write."""
TRIED = 5
"""Of them, how many above the rule's own are tried."""
HIGHER = 1.2
SLACK = timedelta(hours=1)
"""An alert of the replay and a stored one are the same when they lie no further apart."""
LEAST_NOISE, LEAST_JUDGED = 3, 5
"""False alarms and judged alerts below which nothing is proposed."""
_KEPT = (Worth.USEFUL, Worth.WORKED)
"""What a threshold must not lose: also what nobody praised, and somebody took charge of."""
_THRESHOLD = re.compile(r"\b([a-z_]+\.once_per)(\s*>=?\s*)days\(\s*(\d+(?:\.\d+)?)\s*\)")
_DAY = timedelta(days=1)


class Threshold(Record, frozen=True, kw_only=True):
    """The one return period that a rule's condition asks for."""

    name: str
    value: timedelta


class Fired(Record, frozen=True, kw_only=True):
    """An alert of the replay; `until` is None where it went on to the end."""

    rule: str
    topic: str
    at: datetime
    until: datetime | None


class Outcome(Record, frozen=True, kw_only=True):
    """What a threshold would have made of the judged alerts, and of all: `later` is by how much the useful ones that
    are left would have come later, in the median."""

    threshold: timedelta
    alerts: int
    noise_gone: int
    useful_lost: int
    later: timedelta
    gone: tuple[Weighed, ...]


class Reason(StrEnum):
    """Why a threshold is proposed, or why none is.

    `spares_noise`: it is. `precise`: there was no false alarm. `too_few`: too few alerts were judged, or too few of
    them happen again in the replay. `no_help`: every threshold that spares a false alarm loses a useful alert.
    `no_threshold`: the rule's condition asks for no single return period in days.
    """

    SPARES_NOISE = "spares_noise"
    PRECISE = "precise"
    TOO_FEW = "too_few"
    NO_HELP = "no_help"
    NO_THRESHOLD = "no_threshold"


class Tuning(Record, frozen=True, kw_only=True):
    """One rule: its precision, the thresholds tried (its own first) and what is proposed. `seen` are the judged alerts
    that happen again in the replay: those of which the mentions are no longer kept do not."""

    rule: str
    precision: Precision
    reason: Reason
    threshold: Threshold | None = None
    seen: int = 0
    outcomes: tuple[Outcome, ...] = ()
    proposal: Outcome | None = None
    line: str = ""


def threshold_of(rule: Rule) -> Threshold | None:
    """The return period that its condition asks for; None when it asks for none, or for several."""
    found = _THRESHOLD.findall(rule.file.when)
    if len(found) != 1:
        return None
    name, _, days = found[0]
    return Threshold(name=name, value=timedelta(days=float(days)))


def with_threshold(rule: Rule, value: timedelta) -> str:
    """The rule's condition with another return period."""
    return _THRESHOLD.sub(lambda found: f"{found[1]}{found[2]}days({value / _DAY:g})", rule.file.when)


def candidates(threshold: Threshold) -> tuple[timedelta, ...]:
    """The thresholds tried above a rule's own."""
    return tuple(one for one in LADDER if one >= HIGHER * threshold.value)[:TRIED]


def play(
    core: Core,
    mentions: Iterable[Mention],
    rules: Sequence[Rule],
    *,
    stepped: Callable[[Effects], None] = lambda _: None,
) -> dict[tuple[str, timedelta], tuple[Fired, ...]]:
    """What each of the rules would have fired under its own threshold and under those tried, by rule and threshold.

    The core must be as it was before the first mention; it is of no use afterwards.
    """
    copies = [(copy, (rule.id, value)) for rule in rules for copy, value in _copies(rule)]
    core.decider = Decider((*core.parts.rules, *(copy for copy, _ in copies)), core.settings.topics)
    keys = {copy.id: key for copy, key in copies}
    keys |= {rule.id: (rule.id, found.value) for rule in rules if (found := threshold_of(rule)) is not None}
    fired: dict[tuple[str, timedelta], dict[tuple[str, datetime], Fired]] = {key: {} for key in keys.values()}
    for effects in replay(core, mentions):
        for alert in effects.alerts:
            key = keys.get(alert.rule)
            if key is None or alert.fired_at is None or alert.state is AlertState.PENDING:
                continue
            fired[key][alert.topic, alert.fired_at] = Fired(
                rule=key[0], topic=alert.topic, at=alert.fired_at, until=alert.resolved_at
            )
        stepped(effects)
    return {key: tuple(sorted(several.values(), key=lambda one: one.at)) for key, several in fired.items()}


def tune(
    rule: Rule,
    precision: Precision,
    alerts: Sequence[Weighed],
    played: dict[tuple[str, timedelta], tuple[Fired, ...]],
) -> Tuning:
    """What is proposed for a rule, by what people said of its `alerts`."""
    threshold = threshold_of(rule)
    if threshold is None:
        return Tuning(rule=rule.id, precision=precision, reason=Reason.NO_THRESHOLD)
    own = played.get((rule.id, threshold.value), ())
    seen = [one for one in alerts if one.rule == rule.id and _again(one, own) is not None]
    values = (threshold.value, *candidates(threshold))
    outcomes = tuple(_outcome(value, seen, own, played.get((rule.id, value), ())) for value in values)
    told = Tuning(
        rule=rule.id,
        precision=precision,
        reason=Reason.PRECISE,
        threshold=threshold,
        seen=sum(one.worth is not Worth.UNJUDGED for one in seen),
        outcomes=outcomes,
    )
    return _proposed(told, rule, seen)


def _proposed(told: Tuning, rule: Rule, seen: Sequence[Weighed]) -> Tuning:
    if not told.precision.noise:
        return told
    noise = sum(one.worth is Worth.NOISE for one in seen)
    if noise < LEAST_NOISE or told.seen < LEAST_JUDGED:
        return replace(told, reason=Reason.TOO_FEW)
    sparing = [one for one in told.outcomes[1:] if one.noise_gone and not one.useful_lost]
    if not sparing:
        return replace(told, reason=Reason.NO_HELP)
    best = max(sparing, key=lambda one: (one.noise_gone, -one.threshold))
    line = f"when: {with_threshold(rule, best.threshold)}"
    return replace(told, reason=Reason.SPARES_NOISE, proposal=best, line=line)


def _copies(rule: Rule) -> list[tuple[Rule, timedelta]]:
    threshold = threshold_of(rule)
    if threshold is None:
        return []
    copies = []
    for value in candidates(threshold):
        when = with_threshold(rule, value)
        file = rule.file.model_copy(update={"id": f"{rule.id}@{value / _DAY:g}", "when": when})
        copies.append((rule._replace(file=file, when=compile_condition(when, scope="topic")), value))
    return copies


def _outcome(value: timedelta, seen: Sequence[Weighed], own: Sequence[Fired], copy: Sequence[Fired]) -> Outcome:
    gone, delays = [], []
    for one in seen:
        before, after = _again(one, own), _again(one, copy)
        if after is None:
            gone.append(one)
        elif before is not None and one.worth in _KEPT:
            delays.append(max(after.at - before.at, timedelta(0)).total_seconds())
    return Outcome(
        threshold=value,
        alerts=len(copy),
        noise_gone=sum(one.worth is Worth.NOISE for one in gone),
        useful_lost=sum(one.worth in _KEPT for one in gone),
        later=timedelta(seconds=median(delays)) if delays else timedelta(0),
        gone=tuple(gone),
    )


def _again(one: Weighed, fired: Sequence[Fired]) -> Fired | None:
    """The first alert of the replay that is the stored one."""
    last = one.until or one.fired_at
    return next(
        (
            each
            for each in fired
            if each.topic == one.topic
            and each.at <= last + SLACK
            and (each.until is None or each.until >= one.fired_at - SLACK)
        ),
        None,
    )
