"""What is gathered to report on an incident: all that the store knows of it, read beside a running daemon."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches

from buzzguard.cli.drill_score import scored
from buzzguard.cli.mention_acts import Desk, Refused
from buzzguard.cli.report_words import WORDS
from buzzguard.config.settings import Settings
from buzzguard.config.words import show
from buzzguard.model import WATCHER_TOPIC, Chart, Record, Samples
from buzzguard.review.drills import Score
from buzzguard.review.effect import Before, Effect, effect_of
from buzzguard.review.measures import AFTER, Evidence, Measures, measure
from buzzguard.review.story import LOOK_BACK, Story, Trace, first_alert, story_of, traces_of
from buzzguard.review.timeline import Entry, EntryKind, in_order, published_at, statements, timeline
from buzzguard.review.usual import MEMORY, WINDOW, Usual, usual_of
from buzzguard.store.recalling import Recalled, RecallStore

_DAY = timedelta(days=1)
_BINS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3), timedelta(hours=6), timedelta(days=1))
_MOST_BINS = 96
_NEAREST, _LOOKED_AT, _MOST_ID = 3, 200, 80


class Facts(Record, frozen=True, kw_only=True):
    """All that a report tells of an incident, as known at `now`. `effects` are one for each statement, in order.

    Of an exercise what was said of the topic is left out, which it did not cause; it has a `score`.
    """

    recalled: Recalled
    topic_name: str
    now: datetime
    time_zone: str
    entries: tuple[Entry, ...]
    story: Story
    measures: Measures
    effects: tuple[Effect, ...]
    chart: Chart | None
    score: Score | None = None


def gather(desk: Desk, written: str) -> Facts:
    """Read and measure. Raises StoreError, and Refused when no incident, or several, are meant."""
    return asyncio.run(_gather(desk, written))


async def _gather(desk: Desk, written: str) -> Facts:
    store = await RecallStore.look_now(desk.settings.store, now=desk.now, base=desk.base)
    try:
        recalled = await the_incident(desk, store, written)
        return await _facts(desk, store, recalled)
    finally:
        await store.close()


async def the_incident(desk: Desk, store: RecallStore, written: str) -> Recalled:
    """The incident of that id, or the only one whose id begins so. Raises Refused."""
    words, asked = WORDS[desk.language], written.strip()
    found = await store.recall(asked) if asked else None
    if found is not None:
        return found
    names = await store.incidents_named(asked, _NEAREST + 1) if asked else []
    if len(names) == 1:
        only = await store.recall(names[0])
        assert only is not None
        return only
    if names:
        raise Refused(words["many_incidents"].format(id=show(asked), ids=", ".join(map(show, names[:_NEAREST]))))
    latest = await store.incidents_named("", _LOOKED_AT)
    near = get_close_matches(asked[:_MOST_ID], latest, n=_NEAREST) if asked else []
    hint = ", ".join(map(show, near or latest[:_NEAREST])) or words["none_at_all"]
    raise Refused(words["near_incident" if near else "no_incident"].format(id=show(asked), hint=hint))


async def _facts(desk: Desk, store: RecallStore, recalled: Recalled) -> Facts:
    incident, settings = recalled.incident, desk.settings
    topic, now = incident.topic, desk.now
    fired = first_alert(incident, recalled.alerts)
    marks = statements(recalled.commands, recalled.transitions)
    begin = min([fired, *map(published_at, marks)]) - LOOK_BACK
    end = now if incident.state in ("triggered", "acknowledged") else min(now, _last(recalled) + AFTER)
    said = [] if incident.drill else await store.mentions_between(begin, end)
    traces = traces_of(said, topic)
    story = story_of(incident, recalled.alerts, traces)
    usual, usual_negative = await _usual(store, topic, fired)
    seen = max(begin, now - settings.store.keep_mentions, await store.first_seen(topic) or now)
    measures = measure(
        Evidence(
            recalled=recalled,
            traces=traces,
            story=story,
            anomalies=[] if incident.drill else await store.anomalies_between(topic, fired - LOOK_BACK, fired),
            usual=usual,
            seen_since=seen,
        ),
        now=now,
    )
    before = Before(
        traces=traces, usual=usual, usual_negative=usual_negative, seen_since=seen, known_until=_known(settings, end)
    )
    return Facts(
        recalled=recalled,
        topic_name=_name(settings, topic),
        now=now,
        time_zone=settings.time_zone,
        entries=in_order([*timeline(recalled, now=now), *_story_lines(measures)]),
        story=story,
        measures=measures,
        effects=() if incident.drill else tuple(effect_of(published_at(one), before) for one in marks),
        chart=_chart(traces, usual, measures),
        score=scored(desk, recalled) if incident.drill else None,
    )


async def _usual(store: RecallStore, topic: str, fired: datetime) -> tuple[Usual, Usual]:
    """The usual course of all mentions and of the negative ones, up to a little before it began."""
    until = fired - timedelta(hours=6)
    since = max(await store.first_seen(topic) or until, until - MEMORY)
    samples: Sequence[Samples] = await store.samples_between(topic, WINDOW, since, until)
    volume = usual_of(samples, lambda one: one.volume, since, until)
    return volume, usual_of(samples, lambda one: one.negative, since, until)


def _known(settings: Settings, end: datetime) -> datetime:
    """Up to when all that was published is taken to have been read: the slowest stream was asked once more."""
    slowest = max((one.every for one in settings.streams.values() if one.enabled), default=timedelta())
    return end - slowest


def _last(recalled: Recalled) -> datetime:
    marks = [published_at(one) for one in statements(recalled.commands, recalled.transitions)]
    return max([recalled.incident.changed_at, *marks])


def _name(settings: Settings, topic: str) -> str:
    known = settings.topics.get(topic)
    if known is not None:
        return known.name
    return "BuzzGuard" if topic == WATCHER_TOPIC else topic


def _story_lines(measures: Measures) -> list[Entry]:
    told, size = measures.instants, measures.size
    lines = []
    if told.first_mention is not None:
        lines.append(Entry(at=told.first_mention, kind=EntryKind.STORY_BEGAN))
    if told.peak is not None and size is not None:
        lines.append(Entry(at=told.peak, kind=EntryKind.PEAK, count=size.peak))
    return lines


def _chart(traces: Sequence[Trace], usual: Usual, measures: Measures) -> Chart | None:
    """The course from a little before the story to its end, in bins that can be read."""
    size = measures.size
    if size is None or not size.volume:
        return None
    start, end = size.since - timedelta(hours=3), size.until + timedelta(hours=1)
    length = next((one for one in _BINS if (end - start) / one <= _MOST_BINS), _BINS[-1])
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight + (start - midnight) // length * length
    bins = min(int((end - start) / length) + 1, 4 * _MOST_BINS)
    volume, negative = [0.0] * bins, [0.0] * bins
    for one in traces:
        at = int((one.at - start) // length)
        if 0 <= at < bins:
            volume[at] += 1.0
            negative[at] += one.negative
    spans = [(start + at * length, start + (at + 1) * length) for at in range(bins)]
    expected = [usual.between(*span) if usual.enough else 0.0 for span in spans]
    return Chart(
        start=start,
        bin=length,
        volume=tuple(volume),
        negative=tuple(negative),
        expected=tuple(expected),
        high=tuple(one + 3.0 * (one + 0.1 * one * one) ** 0.5 for one in expected),
    )
