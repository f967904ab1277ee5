"""What is gathered to explain a topic: the core as it stood at one instant, rebuilt from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from buzzguard.assembly import Assembly, rebuild_core
from buzzguard.config.words import safe
from buzzguard.decide.vocabulary import TopicFacts
from buzzguard.decide.why import Verdict, verdicts
from buzzguard.detect.calendar import Calendar
from buzzguard.errors import BuzzguardError
from buzzguard.model import (
    MINUTE,
    Alert,
    Chart,
    Explanation,
    Localised,
    Polarity,
    Record,
    Samples,
    ScoredMention,
    Silence,
)
from buzzguard.pipeline import Core
from buzzguard.store.past import Handled, PastStore

SPAN = timedelta(hours=48)
"""How much is drawn."""
BIN = timedelta(hours=1)
"""One of `model.WINDOWS`; the last bin ends with the minute that is asked of, so that it is the last hour."""
_DAY = timedelta(days=1)


class Facts(Record, frozen=True, kw_only=True):
    """All that is known of a topic at `at`. `alerts` were open then, `fired` are those of the span that is drawn.

    `first` is when the topic was first measured, `last_sign` when the watch itself last left a trace. `factor` is what
    the budget of false alarms multiplies return periods by before rules read them.
    """

    topic: str
    name: str
    at: datetime
    time_zone: str
    explanation: Explanation
    samples: tuple[Samples, ...]
    verdicts: tuple[Verdict, ...]
    alerts: tuple[Alert, ...]
    fired: tuple[Alert, ...]
    incidents: tuple[Handled, ...]
    silences: tuple[Silence, ...]
    chart: Chart
    first: datetime
    factor: float = 1.0
    last_sign: datetime | None = None
    holiday: Localised | None = None


def gather(assembly: Assembly, topic: str, at: datetime, now: datetime) -> Facts:
    """Rebuild and ask. Raises BuzzguardError with one line that says what is missing."""
    return asyncio.run(_gather(assembly, topic, at, now))


async def _gather(assembly: Assembly, topic: str, at: datetime, now: datetime) -> Facts:
    settings = assembly.settings
    kept = settings.store.keep_mentions
    if at - _DAY < now - kept:
        raise BuzzguardError(
            f"mentions are kept for {kept.days} days (store.keep_mentions): there are none left of the day before "
            f"{at:%Y-%m-%d %H:%M} UTC"
        )
    store = await PastStore.look(settings.store, at=at, closed=_closed_at(assembly, at), base=assembly.base)
    try:
        first = await _begun(store, topic, at)
        core = await rebuild_core(assembly, store, at)
        return await _facts(core, store, topic, at=at, first=first)
    finally:
        await store.close()


def _closed_at(assembly: Assembly, at: datetime) -> datetime:
    """Up to when windows had closed at `at`: a core of no topics knows how long it holds them open."""
    empty = Core(assembly.settings.model_copy(update={"topics": {}}), assembly.parts)
    empty.measuring.advance(at)
    return empty.measuring.watermark


async def _begun(store: PastStore, topic: str, at: datetime) -> datetime:
    first = await store.first_seen(topic)
    if first is None:
        if await store.first_seen("") is None:
            raise BuzzguardError("the database holds nothing yet: let `buzzguard run` watch for a while")
        raise BuzzguardError(f"no mention of {safe(topic)} was ever counted: check its query and its streams")
    if at < first - MINUTE:
        raise BuzzguardError(
            f"{safe(topic)} was first measured at {first:%Y-%m-%d %H:%M} UTC, {at:%Y-%m-%d %H:%M} UTC lies before that"
        )
    return first


async def _facts(core: Core, store: PastStore, topic: str, *, at: datetime, first: datetime) -> Facts:
    settings = core.settings.topics[topic]
    samples = core.measuring.samples(topic, at)
    judged, factor = core.detection.assess(samples), 1.0
    if core.budget is not None:
        judged, factor = core.budget.weigh(judged, at), core.budget.factor(at)
    mentions = [one for one in await store.mentions_since(at - SPAN - BIN) if topic in one.topics]
    return Facts(
        topic=topic,
        name=settings.name,
        at=at,
        time_zone=core.settings.time_zone,
        explanation=core.detection.explain(samples),
        samples=samples,
        verdicts=tuple(verdicts(core.parts.rules, TopicFacts(topic, settings), judged)),
        alerts=tuple(one for one in await store.alerts_open() if one.topic == topic),
        fired=tuple(await store.fired(topic, at - SPAN)),
        incidents=tuple(_at_hand(await store.handled(topic, at - _DAY), at)),
        silences=tuple(one for one in await store.silences_active(at) if one.topic == topic),
        chart=_chart(core, topic, mentions, end=samples[0].end),
        first=first,
        factor=factor,
        last_sign=await store.last_sign(),
        holiday=Calendar.of(core.settings).holiday(topic, int(at.timestamp() // 60)),
    )


def _at_hand(handled: Iterable[Handled], at: datetime) -> list[Handled]:
    """Incidents that are open, or ended within the last day."""
    return [one for one in handled if one.last.after not in ("resolved", "false_alarm") or at - one.last.at <= _DAY]


def _chart(core: Core, topic: str, mentions: Sequence[ScoredMention], *, end: datetime) -> Chart:
    bins = SPAN // BIN
    start = end - bins * BIN
    volume, negative = [0] * bins, [0] * bins
    for one in mentions:
        # A mention dated ahead of the clock counts in the minute in which it was read.
        index = min(int((one.mention.published - start) // BIN), bins - 1)
        if index >= 0:
            volume[index] += 1
            negative[index] += one.sentiment.polarity is Polarity.NEGATIVE
    expected, high = core.detection.band(topic, end, BIN, bins)
    return Chart(
        start=start,
        bin=BIN,
        volume=tuple(map(float, volume)),
        negative=tuple(map(float, negative)),
        expected=tuple(expected),
        high=tuple(high),
    )
