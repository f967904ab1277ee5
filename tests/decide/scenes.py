"""Facts for the tests of decide: what a topic's windows and a stream look like at an instant."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from buzzguard.config.settings import TopicSettings
from buzzguard.decide.loader import load_rules
from buzzguard.decide.rule import Rule
from buzzguard.model import WINDOWS, Assessment, Direction, Judged, Samples, Signal, StreamHealth

T0 = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ACME = {"acme": TopicSettings(name="Acme", query="acme", labels={"country": "fr"})}
SHIPPED = Path(__file__).parents[2] / "rules"

RULE = """\
id: surge
title: {en: "Surge", fr: "Poussée"}
when: negative.once_per > days(90) && negative.count >= 10
for: 2m
keep_firing_for: 30m
severity: orange
raise:
  red: negative.once_per > days(365) && negative.count >= 30
status: stable
"""


def rules_in(folder: Path, *texts: str) -> tuple[Rule, ...]:
    """Write each text as a rule file and load them."""
    for index, text in enumerate(texts):
        (folder / f"rule{index}.yml").write_text(text, encoding="utf-8")
    return load_rules([folder])


def assessment(
    signal: Signal,
    observed: float = 0.0,
    *,
    window: timedelta = HOUR,
    rare: timedelta = timedelta(0),
    expected: float = 2.0,
    direction: Direction = Direction.ABOVE,
) -> Assessment:
    """What a detector says of one signal."""
    return Assessment(
        signal=signal,
        window=window,
        observed=observed,
        expected=expected,
        high=expected * 3,
        once_per=rare,
        direction=direction,
        learned=30 * DAY,
        needed=7 * DAY,
    )


def judged(
    values: Mapping[str, Any] | None = None,
    *,
    rare: Mapping[Signal, timedelta] | None = None,
    window: timedelta = HOUR,
    end: datetime = T0,
    known: float = 1.0,
    topic: str = "acme",
) -> Judged:
    """A window with the given values of `Samples`; `rare` gives return periods."""
    samples = Samples(topic=topic, window=window, end=end, known=known, **(values or {}))
    periods = rare or {}
    assessments = {
        signal: assessment(
            signal, float(getattr(samples, signal)), window=window, rare=periods.get(signal, timedelta(0))
        )
        for signal in Signal
    }
    return Judged(samples=samples, assessments=assessments)


def surge(count: int = 12, *, days: float = 100, window: timedelta = HOUR) -> list[Judged]:
    """Every window quiet but one, in which `count` negative mentions come once in so many days."""
    loud = judged({"negative": count, "volume": count}, rare={Signal.NEGATIVE: days * DAY}, window=window)
    return [loud if each == window else judged(window=each) for each in WINDOWS]


def quiet(known: float = 1.0) -> list[Judged]:
    """Every window at its baseline."""
    return [judged(window=window, known=known) for window in WINDOWS]


def health(
    stream: str = "blog", *, failing: timedelta = timedelta(0), once_per: timedelta = timedelta(0)
) -> StreamHealth:
    """A stream that has failed, or been silent, for so long."""
    return StreamHealth(
        stream=stream,
        at=T0,
        silent_for=timedelta(0),
        expected=20.0,
        once_per=once_per,
        failing_for=failing,
        failures=int(failing / HOUR),
    )
