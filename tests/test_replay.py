"""Replay is the daemon's own step sequence, without the waiting."""

from __future__ import annotations

import tracemalloc
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buzzguard.collect.recording import read_recording
from buzzguard.model import MINUTE, Fault, Signal
from buzzguard.replay import replay
from buzzguard.replay_report import Report
from tests.recorded import ONSET, START, alerts_of, core, mention, minute_by_minute, ordinary, recording


@pytest.mark.parametrize("seed", [1, 2])
def test_replay_gives_the_alerts_that_the_daemon_gave(seed: int) -> None:
    """The daemon steps each minute, said or not; replay leaps where nothing is said. Alerts are the same."""
    said = recording(seed=seed)
    end = ONSET + timedelta(hours=12)
    live = alerts_of(minute_by_minute(core(), said, end))
    replayed = [one for one in alerts_of(replay(core(), said)) if one[-1] < end]
    assert [one[:3] for one in live]
    assert replayed == live


def test_all_alerts_end_and_the_incident_resolves() -> None:
    watch = core()
    effects = list(replay(watch, recording()))
    states = {alert.fingerprint: alert.state.value for one in effects for alert in one.alerts}
    assert set(states.values()) == {"resolved"}
    assert watch.responder.open_incidents == ()


def test_until_ends_before_the_mentions_published_then() -> None:
    said = recording()
    until = ONSET + timedelta(minutes=5)
    effects = list(replay(core(), said, until=until))
    taken = [one.mention for each in effects for one in each.mentions]
    assert taken == [one for one in taken if one.published < until]
    assert len(taken) == sum(one.published < until for one in said)
    assert effects[-1].at < until


def test_until_before_everything_gives_nothing() -> None:
    assert list(replay(core(), recording(), until=START)) == []


def test_nothing_recorded_gives_nothing() -> None:
    assert list(replay(core(), [])) == []


def test_each_mention_is_seen_once() -> None:
    counts: list[int] = []
    for _ in replay(core(), recording(), seen=counts.append):
        pass
    assert sum(counts) == len(recording())


@settings(max_examples=25)
@given(st.lists(st.integers(0, 36 * 60), max_size=30), st.sampled_from([1, 5, 60]))
def test_time_never_goes_back_and_no_mention_waits_longer_than_a_cadence(minutes: list[int], every: int) -> None:
    cadence = every * MINUTE
    said = [mention(n, START + timedelta(minutes=at), "Acme {n}") for n, at in enumerate(sorted(minutes))]
    effects = list(replay(core(), said, cadence=cadence))
    instants = [one.at for one in effects]
    assert instants == sorted(set(instants))
    assert sum(len(one.mentions) for one in effects) == len(said)
    for each in effects:
        for one in each.mentions:
            assert timedelta() <= each.at - one.mention.published < cadence


def test_bad_rows_are_reported_with_their_lines_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "said.jsonl"
    rows = [
        b'{"published": "2026-03-02T10:00:00Z", "text": "Acme 1", "author": "a"}',
        b"{not json",
        b'{"published": "yesterday", "text": "Acme 2", "author": "b"}',
        b'{"published": "2026-03-02T10:05:00Z", "text": "\xff\xfe Acme", "author": "c"}',
        b'{"published": "2026-03-02T10:06:00Z", "text": "Acme 3", "author": "d"}',
    ]
    path.write_bytes(b"\n".join(rows) + b"\n")
    faults: list[Fault] = []
    effects = list(replay(core(), read_recording(path, faults=faults.append)))
    counted = [one.mention.text for each in effects for one in each.mentions]
    assert {"Acme 1", "Acme 3"} <= set(counted)
    assert {2, 3} <= {fault.line for fault in faults}
    assert all(fault.file == str(path) for fault in faults)


@pytest.mark.long
def test_memory_does_not_grow_with_the_length_of_a_recording() -> None:
    """What is remembered is bounded by the windows, not by how long the recording is: ten times as long, as small."""
    short, long = _memory(days=1), _memory(days=10)
    assert long < short + 1_000_000


def _memory(*, days: int) -> int:
    """Bytes held at the end of so many quiet days, report included."""
    tracemalloc.start()
    try:
        watch = core()
        report = Report(watch)
        for effects in replay(watch, ordinary(START, START + timedelta(days=days), every=timedelta(hours=2))):
            report.take(effects)
        held, _ = tracemalloc.get_traced_memory()
        return held
    finally:
        tracemalloc.stop()


def test_the_report_gives_the_numbers_of_the_first_firing_and_the_gravest_severity() -> None:
    watch = core()
    report = Report(watch)
    effects = list(replay(watch, recording()))
    shown = [noticed for one in effects for noticed in report.take(one)]
    assert shown
    fired = {alert.fingerprint for one in effects for alert in one.alerts if alert.fired_at is not None}
    assert len(report.noticed) >= len(fired)
    surge = next(noticed for noticed in report.noticed if noticed.rule == "negative-surge")
    assert surge.signal is Signal.NEGATIVE
    assert surge.observed >= 10
    assert surge.severity.value == "orange"
    assert surge.ended_at is not None
    assert msgspec.json.encode(report.noticed)
