"""Hand-made facts of an explanation: a crisis of an invented brand, and what a test wants different about it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from msgspec.structs import replace

from buzzguard.cli.explain_facts import Facts
from buzzguard.config.settings import TopicSettings
from buzzguard.config.shipped import shipped_rules
from buzzguard.decide.loader import load_rules
from buzzguard.decide.rule import Rule
from buzzguard.decide.vocabulary import LONGEST, TopicFacts
from buzzguard.decide.why import verdicts
from buzzguard.model import (
    WINDOWS,
    Alert,
    AlertState,
    Assessment,
    Chart,
    Direction,
    Evidence,
    Explanation,
    Judged,
    PastEpisode,
    Samples,
    ScaleReading,
    Severity,
    Signal,
    SignalReading,
)

AT = datetime(2026, 3, 5, 10, 15, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_LEVELS = {
    Signal.VOLUME: (12.0, 10.0, timedelta(0)),
    Signal.NEGATIVE: (84.0, 9.0, 152 * DAY),
    Signal.AUTHORS: (61.0, 8.0, 40 * DAY),
    Signal.SHARE: (0.61, 0.12, 100 * DAY),
}


def scale(window: timedelta, observed: float, expected: float, rare: timedelta) -> ScaleReading:
    """One window whose usual range ends at twice the usual."""
    return ScaleReading(
        window=window,
        observed=observed,
        expected=expected,
        low=0.2 * expected,
        high=2.0 * expected,
        law=4 * rare,
        alone=rare,
        episodes=2,
    )


def reading(signal: Signal, *, rare: timedelta | None = None, **more: Any) -> SignalReading:
    """A signal that is rare on the hour, and only there."""
    observed, expected, own = _LEVELS[signal]
    period = own if rare is None else rare
    scales = tuple(
        scale(
            window, observed if period or window == HOUR else expected, expected, period if window == HOUR else 0 * DAY
        )
        for window in WINDOWS
    )
    decided = (HOUR,) if period else ()
    past = (PastEpisode(at=AT - 9 * DAY, window=HOUR, law=20 * DAY),)
    told: dict[str, Any] = {
        "past": past,
        "per_season": 22.0,
        "own": 0.4,
        "learning": "clipped" if period else "learned",
    }
    return SignalReading(signal=signal, once_per=period, decided_by=decided, scales=scales, **(told | more))


def explanation(**more: Any) -> Explanation:
    """Negative mentions as they come once in five months, the baseline grown."""
    crisis = SignalReading(
        signal=Signal.CRISIS,
        once_per=300 * DAY,
        decided_by=(HOUR,),
        scales=(scale(HOUR, 2.5, 0.0, 300 * DAY),),
        parts={"negative": 0.5, "share": 0.3, "authors": 0.2},
    )
    told: dict[str, Any] = {
        "topic": "acme",
        "at": AT,
        "detector": "seasonal/3",
        "watched": 120 * DAY,
        "needed": 21 * DAY,
        "mentions": 4100.0,
        "trust": 4000 * DAY,
        "signals": (*(reading(signal) for signal in _LEVELS), crisis),
    }
    return Explanation(**(told | more))


def quiet(**more: Any) -> Explanation:
    """Nothing out of the ordinary."""
    return explanation(signals=tuple(reading(signal, rare=timedelta(0)) for signal in _LEVELS), **more)


def alert(**more: Any) -> Alert:
    """The shipped surge of negative mentions, firing."""
    told: dict[str, Any] = {
        "fingerprint": "f",
        "rule": "negative-surge",
        "topic": "acme",
        "labels": {},
        "state": AlertState.FIRING,
        "severity": Severity.ORANGE,
        "since": AT - timedelta(minutes=12),
        "fired_at": AT - timedelta(minutes=10),
        "at": AT - timedelta(minutes=10),
        "title": {"en": "Surge of negative mentions", "fr": "Poussée de mentions négatives"},
        "evidence": Evidence(window=HOUR),
    }
    return Alert(**(told | more))


def facts(said: Explanation | None = None, *, name: str = "Acme", **more: Any) -> Facts:
    """What was gathered, the shipped rules judged on what the explanation says."""
    said = said or explanation()
    topic = TopicFacts("acme", TopicSettings(name=name, query="acme"))
    volume = (*(float(8 + hour % 5) for hour in range(47)), 102.0)
    made = Facts(
        topic="acme",
        name=name,
        at=AT,
        time_zone="Europe/Paris",
        explanation=said,
        samples=tuple(samples(said, window) for window in WINDOWS),
        verdicts=tuple(verdicts(rules(), topic, [judged(said, window) for window in WINDOWS])),
        alerts=(),
        fired=(alert(),),
        incidents=(),
        silences=(),
        chart=Chart(
            start=AT - 48 * HOUR,
            bin=HOUR,
            volume=volume,
            negative=tuple(0.1 * value for value in volume),
            expected=(10.0,) * 48,
            high=(20.0,) * 48,
        ),
        first=AT - 120 * DAY,
    )
    return replace(made, **more)


def samples(said: Explanation, window: timedelta) -> Samples:
    """The counts of a window, as the explanation saw them."""
    found = {one.signal: one for one in said.signals if one.signal in (Signal.VOLUME, Signal.NEGATIVE, Signal.AUTHORS)}
    counts = {
        signal.value: _whole(next((one.observed for one in reading.scales if one.window == window), 0.0))
        for signal, reading in found.items()
    }
    return Samples(topic="acme", window=window, end=AT, known=said.known, **counts)  # type: ignore[arg-type] # the names are counts


def _whole(value: float) -> int:
    return int(value) if math.isfinite(value) and value < 1e15 else 0


def judged(said: Explanation, window: timedelta) -> Judged:
    """A window as rules read it."""
    assessments = {
        one.signal: Assessment(
            signal=one.signal,
            window=window,
            observed=each.observed,
            expected=each.expected,
            high=each.high,
            once_per=min(each.alone, LONGEST),
            direction=Direction.ABOVE,
            learned=said.watched,
            needed=said.needed,
        )
        for one in said.signals
        for each in one.scales
        if each.window == window
    }
    return Judged(samples=samples(said, window), assessments=assessments)


@cache
def rules() -> tuple[Rule, ...]:
    """The shipped rules."""
    return load_rules([shipped_rules()])
