"""What a replay's report says: when the busiest hour was, what the rule read, silent hours as zeros."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from buzzguard.cli.replay_words import numbers
from buzzguard.model import Alert, AlertState, Assessment, Direction, Effects, Evidence, Samples, Severity, Signal
from buzzguard.replay_report import Point, Report, Series
from tests.recorded import START, core

HOUR = timedelta(hours=1)


def assessed(signal: Signal, observed: float, *, days: int) -> Assessment:
    return Assessment(
        signal=signal,
        window=HOUR,
        observed=observed,
        expected=1,
        high=3,
        once_per=timedelta(days=days),
        direction=Direction.ABOVE,
        learned=timedelta(days=30),
        needed=timedelta(days=7),
    )


def fired(at: datetime, *, severity: Severity = Severity.ORANGE, state: AlertState = AlertState.FIRING) -> Alert:
    evidence = Evidence(
        window=6 * HOUR,
        assessments=(assessed(Signal.NEGATIVE, 12, days=900), assessed(Signal.VOLUME, 80, days=100)),
        condition="volume.once_per > days(90) && negative.count >= 10",
    )
    return Alert(
        fingerprint="f",
        rule="volume-surge",
        topic="acme",
        labels={},
        state=state,
        severity=severity,
        since=at,
        at=at,
        fired_at=at,
        title={"en": "Surge"},
        evidence=evidence,
    )


def hour(end: datetime, volume: int) -> Effects:
    return Effects(at=end, samples=(Samples(topic="acme", window=HOUR, end=end, volume=volume, closed=True),))


def after(hours: int) -> datetime:
    return START + hours * HOUR


def test_an_alert_before_the_busiest_hour_leads_it() -> None:
    report = Report(core())
    report.take(hour(after(1), 5))
    report.take(Effects(at=after(2), alerts=(fired(after(2)),)))
    for at, volume in ((3, 20), (4, 70), (5, 30)):
        report.take(hour(after(at), volume))
    (noticed,) = report.noticed
    assert (noticed.peak, noticed.peak_at, noticed.lead) == (70, after(4), 2 * HOUR)


def test_an_alert_after_the_busiest_hour_does_not_boast_of_a_lesser_one() -> None:
    report = Report(core())
    report.take(hour(after(1), 90))
    report.take(Effects(at=after(3), alerts=(fired(after(3)),)))
    report.take(hour(after(4), 40))
    (noticed,) = report.noticed
    assert (noticed.peak, noticed.lead) == (90, -2 * HOUR)


def test_what_happened_long_before_the_alerts_window_is_another_story() -> None:
    report = Report(core())
    report.take(hour(after(1), 500))
    report.take(Effects(at=after(20), alerts=(fired(after(20)),)))
    report.take(hour(after(21), 40))
    assert report.noticed[0].peak == 40


def test_the_number_told_is_that_of_the_signal_which_the_rule_names_first() -> None:
    report = Report(core())
    (noticed,) = report.take(Effects(at=after(1), alerts=(fired(after(1)),)))
    assert (noticed.signal, noticed.observed) == (Signal.VOLUME, 80)


def test_a_crisis_score_is_told_by_the_counts_behind_it() -> None:
    counts = (assessed(Signal.NEGATIVE, 12, days=40), assessed(Signal.SHARE, 0.62, days=90))
    evidence = Evidence(
        window=HOUR,
        assessments=(assessed(Signal.CRISIS, 2.04, days=110), *reversed(counts)),
        condition="crisis.once_per > days(90) && negative.count >= 5",
    )
    alert = msgspec.structs.replace(fired(after(1)), evidence=evidence)
    (noticed,) = Report(core()).take(Effects(at=after(1), alerts=(alert,)))
    assert (noticed.signal, noticed.beside) == (Signal.CRISIS, counts)
    assert numbers(noticed, "en") == (
        "12 negative mentions in 1 h, usually 1; 62 % of voices hostile in 1 h, usually 100 %; "
        "so much hostility at once in 1 h, rarer than anything in 30 days of data"
    )
    assert numbers(noticed, "fr").startswith(
        "12\u00a0mentions négatives en 1\u00a0h, d’ordinaire 1\u00a0; 62\u00a0% de voix"
    )


def test_an_alert_is_told_again_only_when_it_grows_graver() -> None:
    report = Report(core())
    assert report.take(Effects(at=after(1), alerts=(fired(after(1)),)))
    assert report.take(Effects(at=after(2), alerts=(fired(after(1)),))) == []
    (graver,) = report.take(Effects(at=after(3), alerts=(fired(after(1), severity=Severity.RED),)))
    assert (graver.severity, graver.fired_at) == (Severity.RED, after(1))
    assert report.take(Effects(at=after(4), alerts=(fired(after(1), state=AlertState.RESOLVED),))) == []
    assert len(report.noticed) == 1


def test_hours_in_which_nothing_was_said_are_drawn_as_nothing() -> None:
    report = Report(core())
    report.take(hour(after(1), 4))
    report.take(hour(after(5), 6))
    report.take(Effects(at=after(8)))
    report.finish()
    points = report.series["acme"].points
    assert [(point.end, point.volume) for point in points] == [
        (after(at), {1: 4, 5: 6}.get(at, 0)) for at in range(1, 9)
    ]


def test_a_silence_of_years_is_drawn_in_bounded_memory() -> None:
    report = Report(core())
    report.take(hour(after(1), 4))
    report.take(hour(after(5 * 365 * 24), 6))
    points = report.series["acme"].points
    assert len(points) < 2_100
    assert [point.end for point in points] == sorted(point.end for point in points)
    assert sum(point.volume for point in points) == 10


@settings(max_examples=20)
@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50))
@example([index % 997 for index in range(9_000)])
def test_a_long_series_is_bounded_and_keeps_its_highest_hour(volumes: list[int]) -> None:
    series = Series()
    for index, volume in enumerate(volumes, start=1):
        series.add(Point(end=after(index), volume=volume, negative=0, expected=1, high=2))
    assert len(series.points) <= 2_001
    assert max(point.volume for point in series.points) == max(volumes)
    ends = [point.end for point in series.points]
    assert ends == sorted(set(ends))
    assert ends[-1] == after(len(volumes))
