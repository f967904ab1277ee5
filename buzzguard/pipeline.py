"""The way of a mention, in one place: a pure function from what came in to what is to be written.

`step` reads no clock, file or socket. The daemon and replay both call it; whoever calls it commits the effects.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from buzzguard.briefings import WORTH_TELLING, Briefings, growth
from buzzguard.core import Core, Memory, Parts
from buzzguard.model import (
    Assessment,
    Batch,
    Direction,
    Dropped,
    Effects,
    Judged,
    Mention,
    Quarantined,
    Samples,
    ScoredMention,
    Sentiment,
    Signal,
)
from buzzguard.respond.published import detected
from buzzguard.understand.cleaning import counted_engagement

__all__ = ["Briefings", "Core", "Memory", "Parts", "growth", "step"]


def step(core: Core, batch: Batch, now: datetime) -> Effects:
    """Take a batch through the stages at the instant `now`; the effects are to be committed in one transaction."""
    core.set_aside = core.understanding.teaching.learn_all(batch.clicks)
    understood, unwanted = core.understanding.understand(batch.mentions, now)
    if batch.counts:
        core.count(batch.counts)
    commands = (*batch.commands, *detected(core.responder.open_incidents, core.understanding.own, now))
    past = _of_the_past(core, batch.past, now)
    counted, late = _measure(core, understood, batch, now)
    counted = core.saying.take(counted)
    core.understanding.scoring.hold(counted, now)
    if batch.deleted:
        core.forget(batch.deleted, ())
    amended = [*_read_again(core, batch), *_amend(core, core.understanding.scoring.settle(now))]
    closed = core.measuring.advance(now)
    judged = _judge(core, (*counted, *amended), closed, now)
    if again := _look_again(core, judged):
        amended += again
        judged = _judge(core, (*counted, *amended), closed, now)
    anomalies = core.detection.anomalies([one for several in judged.values() for one in several], now)
    core.detection.learn(closed)
    judged = _weigh(core, judged, now)
    alerts = core.decider.evaluate(judged, core.rhythms.health(now), now)
    brief = Briefings(core, judged, now)
    response = core.responder.respond(alerts, commands, brief, now)
    core.refused = response.refused
    for adoption in response.adopted:
        core.detection.adopt(adoption)
    if core.budget is not None:
        core.budget.fold(response.incidents)
    return Effects(
        at=now,
        mentions=(*counted, *past),
        amended=tuple(amended),
        withdrawn=batch.deleted,
        dropped=(*unwanted, *late),
        quarantined=_kept(core, batch.quarantined),
        samples=(*core.measuring.minutes_changed(), *_worth_keeping(closed)),
        counts=batch.counts,
        backfills=batch.backfills,
        polls=batch.polls,
        anomalies=tuple(anomalies),
        checkpoints=(*core.detection.checkpoints(now), *core.rhythms.checkpoints(now)),
        alerts=tuple(alerts),
        noted=tuple(core.decider.take_noted()),
        incidents=response.incidents,
        transitions=response.transitions,
        notifications=response.notifications,
        silences=response.silences,
        commands=commands,
        decisions=response.decisions,
    )


def _kept(core: Core, quarantined: Iterable[Quarantined]) -> tuple[Quarantined, ...]:
    """What was set aside; without the record, which may name people, unless the store keeps who they are."""
    if core.settings.privacy.authors == "handle":
        return tuple(quarantined)
    return tuple(replace(one, record="") for one in quarantined)


def _measure(
    core: Core, understood: Sequence[ScoredMention], batch: Batch, now: datetime
) -> tuple[list[ScoredMention], list[Dropped]]:
    counted, late = core.measuring.add(understood, now)
    core.measuring.observe(core.of_mentions(batch.polls))
    core.rhythms.polled(batch.polls)
    published: dict[str, list[datetime]] = {}
    for count in batch.counts:
        published[count.stream] = [now]
    for scored in counted:
        published.setdefault(scored.mention.stream, []).append(scored.mention.published)
    for stream, times in published.items():
        core.rhythms.observe(stream, times)
    return counted, late


def _of_the_past(core: Core, mentions: Sequence[Mention], now: datetime) -> list[ScoredMention]:
    """What a stream reads of its past is understood and kept, and counts in no window that is judged.

    The samples of that time are measured anew once the past is read (`buzzguard.past`): the baselines learn from them.
    """
    if not mentions:
        return []
    understood, _ = core.understanding.understand(mentions, now)
    # A better look costs work that is the present's: what a quick tier said of the past stays.
    core.understanding.scoring.forget(one.mention.id for one in understood)
    return [replace(one, past=True) for one in understood]


def _read_again(core: Core, batch: Batch) -> list[ScoredMention]:
    """Count what stored mentions gained in reactions; returns those that were read anew, as they are now."""
    stored = {one.mention.id: one for one in batch.stored if one.mention.id not in batch.deleted}
    changed: dict[str, ScoredMention] = {}
    for reread in sorted(batch.rereads, key=lambda one: one.at):
        before = changed.get(reread.id) or stored.get(reread.id)
        if before is None:
            continue
        after = core.measuring.read_again(before, counted_engagement(reread.engagement), reread.at)
        if after is not before:
            changed[reread.id] = after
            core.understanding.scoring.amended(after)
    return list(changed.values())


def _amend(core: Core, read_again: Iterable[tuple[ScoredMention, Sentiment]]) -> list[ScoredMention]:
    """Count mentions as they are read now; returns those that are taken for something else."""
    amended: list[ScoredMention] = []
    for before, sentiment in read_again:
        after = core.measuring.amend(before, sentiment)
        core.understanding.scoring.amended(after)
        core.saying.amend(before, after)
        if after != before:
            amended.append(after)
    return amended


def _look_again(core: Core, judged: Mapping[str, Sequence[Judged]]) -> list[ScoredMention]:
    """Before a topic alarms, what the alarm would stand on is read by the best tier there is."""
    amended: list[ScoredMention] = []
    for topic, several in judged.items():
        if any(_could_alarm(one) for one in several):
            amended += _amend(core, core.understanding.scoring.look_again(topic))
    return amended


def _could_alarm(judged: Judged) -> bool:
    return any(
        (found := judged.assessments.get(signal)) is not None and found.once_per >= WORTH_TELLING
        for signal in (Signal.NEGATIVE, Signal.SHARE, Signal.CRISIS)
    )


def _judge(
    core: Core, counted: Sequence[ScoredMention], closed: Sequence[Samples], now: datetime
) -> dict[str, list[Judged]]:
    """Judge the filling windows of every topic that could change, and closed ones below the baseline if a rule asks.

    A window that is filling can only grow, so topics without a new mention cannot start an alert; those with an
    alert or a rule waiting for its time are judged again because what they have falls out of the window.
    """
    elsewhere = core.counted.topics(now)
    touched = (
        {topic for scored in counted for topic in scored.topics}
        | elsewhere
        | (core.decider.alerts_waiting() & core.settings.topics.keys())
    )
    judged: dict[str, list[Judged]] = {topic: [] for topic in sorted(touched)}
    filling = [samples for topic in judged for samples in core.measuring.samples(topic, now)]
    for one in core.detection.assess(filling):
        judged[one.samples.topic].append(one)
    for topic in elsewhere:
        judged[topic] = _with_counts(judged[topic], core.counted.assess(topic, now))
    for one in core.detection.assess(closed) if core.heeds_lulls else ():
        volume = one.assessments.get(Signal.VOLUME)
        if volume is not None and volume.direction is Direction.BELOW and volume.once_per:
            judged.setdefault(one.samples.topic, []).append(one)
    return judged


def _with_counts(judged: Sequence[Judged], told: Mapping[timedelta, Mapping[Signal, Assessment]]) -> list[Judged]:
    """With what sources have counted, each in the window that is nearest to the source's own."""
    return [
        replace(one, assessments={**one.assessments, **told[one.samples.window]}) if one.samples.window in told else one
        for one in judged
    ]


def _weigh(core: Core, judged: dict[str, list[Judged]], now: datetime) -> dict[str, list[Judged]]:
    """What was judged, as rarely as the budget of false alarms makes the rules read it; anomalies stay as they are."""
    budget = core.budget
    return judged if budget is None else {topic: budget.weigh(several, now) for topic, several in judged.items()}


def _worth_keeping(closed: Iterable[Samples]) -> Iterable[Samples]:
    """Closed windows that hold something: a window of zeros that was wholly known is rebuilt from its absence."""
    return (samples for samples in closed if samples.volume or samples.known < 1)
