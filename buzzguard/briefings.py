"""What is known of a topic at one instant, for whoever reads the alert."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from buzzguard.core import Core, slowest
from buzzguard.detect.growth import Course, judge_growth, per_minute
from buzzguard.model import (
    MINUTE,
    WATCHER_TOPIC,
    Alert,
    Assessment,
    Briefing,
    Chart,
    Growth,
    Judged,
    Said,
    Signal,
)

CHART_BINS = {timedelta(minutes=5): 72, timedelta(minutes=15): 48}
"""Length and number of a chart's bins: six hours finely, or twelve where the finer bins would mostly be empty."""
_SPARSE = 2.0
"""Mentions usually in five minutes, below which a topic is drawn in the longer bins."""
GROWTH_MINUTES, GROWTH_KNOWN = 1440, timedelta(minutes=5)
"""How far back growth is read, and how finely it is asked which of it could be read."""
_BASELINE_HOURS = 49
"""Hours of baseline around that day and the next, whose hours do not begin with it."""
QUOTES = 5
_QUOTE_WINDOW = timedelta(hours=1)
WORTH_TELLING = timedelta(days=1)
"""Beside what the rule reads, an alert tells of the signals that are rarer than this."""
_ALWAYS_TOLD = frozenset({Signal.NEGATIVE, Signal.SHARE, Signal.VOLUME})
"""And of these where the rule reads a score or a share, which say little without them."""


class Briefings:
    """Writes what is known of a topic, once a step and only when somebody is to be told."""

    def __init__(self, core: Core, judged: Mapping[str, Sequence[Judged]], now: datetime) -> None:
        self._core = core
        self._judged = judged
        self._now = now
        self._charts: dict[str, Chart] = {}
        self._growths: dict[str, Growth | None] = {}

    def __call__(self, topic: str, alert: Alert | None) -> Briefing:
        settings = self._core.settings.topics.get(topic)
        if settings is None:
            return Briefing(topic=topic, topic_name=_watcher_name(topic), at=self._now)
        window = _QUOTE_WINDOW
        if alert is not None and alert.evidence.window is not None:
            window = alert.evidence.window
        calendar, minute = self._core.calendar, int(self._now.timestamp()) // 60
        return Briefing(
            topic=topic,
            topic_name=settings.name,
            at=self._now,
            quotes=self._core.measuring.quotes(topic, max(window, _QUOTE_WINDOW), self._now, QUOTES),
            chart=self._chart(topic),
            assessments=self._assessments(topic, alert),
            growth=self._growth(topic),
            said=self._said(topic, max(window, _QUOTE_WINDOW)),
            planned=tuple((event.name, event.expect) for event in calendar.events(topic, minute)),
            holiday=calendar.holiday(topic, minute) or {},
        )

    def _assessments(self, topic: str, alert: Alert | None) -> tuple[Assessment, ...]:
        window = alert.evidence.window if alert is not None else None
        for one in self._judged.get(topic, ()):
            if one.samples.window == window and not one.samples.closed:
                told = _ALWAYS_TOLD if _reads_a_score(alert) else ()
                return tuple(
                    each for signal, each in one.assessments.items() if each.once_per >= WORTH_TELLING or signal in told
                )
        return alert.evidence.assessments if alert is not None else ()

    def _said(self, topic: str, span: timedelta) -> Said | None:
        core = self._core
        provisional = core.understanding.scoring.provisional(topic, self._now - span)
        return core.saying.said(topic, self._now, span, provisional=provisional)

    def _growth(self, topic: str) -> Growth | None:
        """How the story goes on, where there is one: what says nothing is not kept in every notification."""
        if topic not in self._growths:
            found = growth(self._core, topic, self._now)
            self._growths[topic] = found if found.phase is not None else None
        return self._growths[topic]

    def _chart(self, topic: str) -> Chart:
        if topic not in self._charts:
            self._charts[topic] = chart(self._core, topic, self._now)
        return self._charts[topic]


def _reads_a_score(alert: Alert | None) -> bool:
    read = alert.evidence.assessments if alert is not None else ()
    return any(assessment.signal in (Signal.SHARE, Signal.CRISIS) for assessment in read)


def growth(core: Core, topic: str, now: datetime) -> Growth:
    """How a topic's story goes on, from its last day minute by minute and what was usual for it."""
    start = now.replace(second=0, microsecond=0) - (GROWTH_MINUTES - 1) * MINUTE
    volume, _ = core.measuring.series(topic, start=start, bins=GROWTH_MINUTES, bin=MINUTE)
    begotten, lags = core.measuring.lineage(topic, start=start, minutes=GROWTH_MINUTES)
    fine = GROWTH_KNOWN // MINUTE
    known = core.measuring.known(topic, start=start, bins=GROWTH_MINUTES // fine, bin=GROWTH_KNOWN)
    first = start.replace(minute=0)
    hour = timedelta(hours=1)
    usual, _ = core.detection.band(topic, first + _BASELINE_HOURS * hour, hour, _BASELINE_HOURS)
    baseline = per_minute(usual, hour / MINUTE, since=(start - first) / MINUTE, minutes=2 * GROWTH_MINUTES)
    course = Course(
        at=now,
        counts=volume,
        expected=baseline[:GROWTH_MINUTES],
        ahead=baseline[GROWTH_MINUTES:],
        known=[share for share in known for _ in range(fine)],
        begotten=begotten,
        lags=lags,
        delay=slowest(core.settings),
    )
    return judge_growth(course)


def chart(core: Core, topic: str, now: datetime) -> Chart:
    """The last hours of a topic, with the band that was to be expected."""
    fine, coarse = CHART_BINS
    minute = now.replace(second=0, microsecond=0) + MINUTE
    usual, _ = core.detection.band(topic, _ceiling(minute, fine), fine, CHART_BINS[fine])
    length = fine if sum(usual) >= _SPARSE * len(usual) else coarse
    bins, end = CHART_BINS[length], _ceiling(minute, length)
    start = end - bins * length
    volume, negative = core.measuring.series(topic, start=start, bins=bins, bin=length)
    expected, high = core.detection.band(topic, end, length, bins)
    return Chart(
        start=start,
        bin=length,
        volume=tuple(volume),
        negative=tuple(negative),
        expected=tuple(expected),
        high=tuple(high),
    )


def _ceiling(instant: datetime, length: timedelta) -> datetime:
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - (midnight - instant) // length * length


def _watcher_name(topic: str) -> str:
    return "BuzzGuard" if topic == WATCHER_TOPIC else topic
