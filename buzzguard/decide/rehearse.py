"""Plays the tests that need no more than the rules: series of windows, or of the health of streams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log10
from typing import TypeVar

from msgspec.structs import replace

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.evaluate import Decider
from buzzguard.decide.rule import Rule
from buzzguard.decide.rule_tests import START, TOPIC, RuleTest, StreamSeries, WindowSeries
from buzzguard.model import (
    COUNTED_ELSEWHERE,
    MEASURED,
    MINUTE,
    Alert,
    Assessment,
    Direction,
    Judged,
    Samples,
    Signal,
    StreamHealth,
)

_DAY = timedelta(days=1)
_ZERO = timedelta(0)
_COUNTS = (*(signal.value for signal in MEASURED), "sources", "top_reach", "copies")
_VOICE = 1_000
"""A test tells of mentions, not of who speaks: each is a voice of its own."""
_Value = TypeVar("_Value", float, timedelta)


def rehearse(rules: Sequence[Rule], test: RuleTest) -> list[Alert]:
    """The alerts that `rules` make of the windows or streams of `test`. Raises ValueError when it holds neither."""
    if not (test.windows or test.streams):
        raise ValueError("a test of mentions is played through the pipeline")
    decider = Decider(rules, {TOPIC: topic_settings(test)})
    alerts: list[Alert] = []
    for index in range(test.until // test.every + 1):
        now = START + index * test.every
        judged = {TOPIC: [_judged(series, index, now) for series in test.windows]} if test.windows else {}
        health = [_health(series, index, now) for series in test.streams]
        alerts += decider.evaluate(judged, health, now)
    return alerts


def topic_settings(test: RuleTest) -> TopicSettings:
    """The topic of a test as the configuration would hold it."""
    topic = test.topic
    return TopicSettings(name=TOPIC, query=topic.query, role=topic.role, owner=topic.owner, labels=topic.labels)


_GROWN = 28 * _DAY
"""How long the baseline has learned where a test does not say."""


def _at(series: tuple[_Value | None, ...] | None, index: int, absent: _Value) -> _Value | None:
    """The value of a series at an evaluation: its last one after its end; None where it is unknown."""
    if series is None:
        return absent
    return series[min(index, len(series) - 1)]


def _judged(series: WindowSeries, index: int, now: datetime) -> Judged:
    counts = {name: _at(getattr(series, name), index, 0.0) for name in _COUNTS}
    volume, negative = (int(counts[name] or 0) for name in ("volume", "negative"))
    known = 0.0 if None in counts.values() else _at(series.known, index, 1.0) or 0.0
    voices = _VOICE * max(volume, negative)
    part = _at(series.share, index, negative / max(volume, negative, 1)) or 0.0
    samples = Samples(
        topic=TOPIC,
        window=series.window,
        end=now.replace(second=0, microsecond=0) + MINUTE,
        voices=voices or _VOICE,
        hostile=round((voices or _VOICE) * min(max(part, 0.0), 1.0)),
        known=known,
        **{name: int(value or 0) for name, value in counts.items()},  # type: ignore[arg-type] # the names are those of counts
    )
    elsewhere = {signal: _at(getattr(series, signal.value), index, 0.0) or 0.0 for signal in COUNTED_ELSEWHERE}
    assessments = {
        signal: _assessment(series, signal, index, elsewhere.get(signal, _observed(samples, signal)))
        for signal in Signal
    }
    score = assessments[Signal.CRISIS]
    assessments[Signal.CRISIS] = replace(score, observed=log10(max(score.once_per / _DAY, 1.0)), expected=0.0)
    return Judged(samples=samples, assessments=assessments)


def _observed(samples: Samples, signal: Signal) -> float:
    return float(getattr(samples, signal.value))


def _assessment(series: WindowSeries, signal: Signal, index: int, observed: float) -> Assessment:
    expected = _at(series.expected.get(signal), index, 0.0) or 0.0
    once_per = _at(series.once_per.get(signal), index, _ZERO) or _ZERO
    lull = _at(series.lull_once_per, index, _ZERO) or _ZERO
    below = signal is Signal.VOLUME and bool(lull)
    return Assessment(
        signal=signal,
        window=series.window,
        observed=observed,
        expected=expected,
        high=max(observed, expected),
        once_per=lull if below else once_per,
        direction=Direction.BELOW if below else Direction.ABOVE,
        learned=_at(series.learned, index, _GROWN) or _ZERO,
        needed=7 * _DAY,
    )


def _health(series: StreamSeries, index: int, now: datetime) -> StreamHealth:
    failing_for = _at(series.failing_for, index, _ZERO) or _ZERO
    return StreamHealth(
        stream=series.stream,
        at=now,
        silent_for=_at(series.silent_for, index, _ZERO) or _ZERO,
        expected=_at(series.expected, index, 0.0) or 0.0,
        once_per=_at(series.once_per, index, _ZERO) or _ZERO,
        failing_for=failing_for,
        failures=int(failing_for / MINUTE),
        reason="played by a test" if failing_for else "",
    )
