"""When an alert ends: by hysteresis, by a level that became normal, and the same over every restart."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.evaluate import Decider
from buzzguard.decide.rule import Rule
from buzzguard.model import WINDOWS, Alert, AlertState, Judged, NewNormal, Signal
from tests.decide.scenes import ACME, DAY, HOUR, MINUTE, RULE, T0, health, judged, quiet, rules_in, surge

UNTIL = RULE.replace("keep_firing_for: 30m", "until: negative.once_per < days(30)\nkeep_firing_for: 30m")
FIRING, RESOLVED = AlertState.FIRING, AlertState.RESOLVED


def decider_of(folder: Path, text: str = UNTIL) -> Decider:
    return Decider(rules_in(folder, text), ACME)


def at(decider: Decider, minute: float, windows: list[Judged]) -> list[AlertState]:
    return [alert.state for alert in decider.evaluate({"acme": windows}, [], T0 + minute * MINUTE)]


def fire(decider: Decider, windows: list[Judged] | None = None) -> None:
    for minute in (0, 2):
        at(decider, minute, windows or surge())


def test_what_hovers_around_the_threshold_is_one_alert(tmp_path: Path) -> None:
    decider = decider_of(tmp_path)
    fire(decider)
    for minute in range(3, 600, 5):
        assert at(decider, minute, surge(days=80 if minute % 2 else 100)) == []
    assert at(decider, 600, surge(days=29)) == []
    assert at(decider, 629, surge(days=29)) == []
    assert at(decider, 630, surge(days=29)) == [RESOLVED]


def test_without_until_it_is_gone_as_soon_as_the_condition_is(tmp_path: Path) -> None:
    decider = decider_of(tmp_path, RULE)
    fire(decider)
    assert at(decider, 3, surge(days=80)) == []
    assert at(decider, 33, surge(days=80)) == [RESOLVED]


def test_being_gone_is_counted_anew_when_it_comes_halfway_back(tmp_path: Path) -> None:
    decider = decider_of(tmp_path)
    fire(decider)
    at(decider, 3, quiet())
    at(decider, 32, surge(days=40))
    assert at(decider, 34, quiet()) == []
    assert at(decider, 63, quiet()) == []
    assert at(decider, 64, quiet()) == [RESOLVED]


def test_every_window_on_which_it_held_must_be_over_and_no_other(tmp_path: Path) -> None:
    decider = decider_of(tmp_path)
    fire(decider, surge(window=HOUR))
    at(decider, 3, surge(window=6 * HOUR))
    assert at(decider, 4, surge(days=60, window=DAY)) == []
    assert at(decider, 33, surge(days=60, window=6 * HOUR)) == []
    assert at(decider, 34, surge(days=60, window=DAY)) == []
    assert at(decider, 64, surge(days=60, window=DAY)) == [RESOLVED]


def test_an_unknown_window_says_neither(tmp_path: Path) -> None:
    decider = decider_of(tmp_path)
    fire(decider)
    blind = msgspec.structs.replace(surge(days=60)[2].samples, known=0.2)
    hour = Judged(samples=blind, assessments=surge(days=60)[2].assessments)
    windows = [hour if one.samples.window == HOUR else one for one in quiet()]
    for minute in range(3, 120, 5):
        assert at(decider, minute, windows) == []


def test_an_end_that_cannot_be_decided_keeps_no_alert_alive(tmp_path: Path) -> None:
    decider = decider_of(tmp_path, UNTIL.replace("negative.once_per < days(30)", 'topic.labels.city == "Lyon"'))
    fire(decider)
    at(decider, 3, quiet())
    assert at(decider, 33, quiet()) == [RESOLVED]


def test_a_pending_alert_does_not_linger(tmp_path: Path) -> None:
    decider = decider_of(tmp_path)
    at(decider, 0, surge())
    at(decider, 1, surge(days=80))
    assert decider.open_alerts == []


def test_a_stream_is_well_again_when_its_end_condition_says_so(tmp_path: Path) -> None:
    when = "stream.failing_for > hours(1)"
    text = UNTIL.replace("negative.once_per > days(90) && negative.count >= 10", when)
    text = text.replace("raise:\n  red: negative.once_per > days(365) && negative.count >= 30\n", "scope: stream\n")
    text = text.replace("negative.once_per < days(30)", "stream.failing_for < minutes(5)").replace("30m", "5m")
    decider = Decider(rules_in(tmp_path, text), ACME)
    told = []
    for minute, failing in ((0, 70), (2, 72), (10, 20), (60, 20), (61, 0), (66, 0)):
        alerts = decider.evaluate({}, [health(failing=failing * MINUTE)], T0 + minute * MINUTE)
        told += [(minute, alert.state.value) for alert in alerts]
    assert told == [(0, "pending"), (2, "firing"), (66, "resolved")]


# a level that became normal


def lasting(count: int, *, former: float | None, adopted: datetime | None, expected: float = 40.0) -> list[Judged]:
    """The hour still shows `count`, which the baseline now expects."""
    hour = judged({"negative": count, "volume": count})
    learned = msgspec.structs.replace(
        hour.assessments[Signal.NEGATIVE], expected=expected, adopted_at=adopted, former=former
    )
    loud = msgspec.structs.replace(hour, assessments={**hour.assessments, Signal.NEGATIVE: learned})
    return [loud if window == HOUR else judged(window=window) for window in WINDOWS]


def ended(decider: Decider, windows: list[Judged]) -> Alert:
    fire(decider)
    at(decider, 3, windows)
    [alert] = decider.evaluate({"acme": windows}, [], T0 + 33 * MINUTE)
    assert alert.state is RESOLVED
    return alert


def test_an_alert_whose_level_was_learned_says_so(tmp_path: Path) -> None:
    adopted = T0 + 3 * MINUTE
    alert = ended(decider_of(tmp_path), lasting(36, former=12.0, adopted=adopted))
    assert alert.new_normal == NewNormal(signal=Signal.NEGATIVE, window=HOUR, observed=36.0, since=adopted, former=12.0)


def test_without_the_former_level_the_learned_one_is_told_all_the_same(tmp_path: Path) -> None:
    alert = ended(decider_of(tmp_path), lasting(36, former=None, adopted=T0 + 3 * MINUTE))
    assert alert.new_normal is not None
    assert alert.new_normal.former is None


@pytest.mark.parametrize(
    ("count", "former", "adopted"),
    [
        (36, 12.0, None),
        (36, 12.0, T0 - MINUTE),
        (13, 12.0, T0 + 3 * MINUTE),
        (20, None, T0 + 3 * MINUTE),
    ],
    ids=["nothing was learned", "it was learned before the alert", "it went away", "it went away, former unknown"],
)
def test_what_went_away_is_no_new_normal(
    tmp_path: Path, count: int, former: float | None, adopted: datetime | None
) -> None:
    assert ended(decider_of(tmp_path), lasting(count, former=former, adopted=adopted)).new_normal is None


def test_an_alert_of_a_score_tells_the_level_of_its_negative_mentions(tmp_path: Path) -> None:
    """No baseline adopts a score: it is the mentions behind it that have become normal."""
    decider = decider_of(tmp_path, RULE.replace("negative.once_per > days(90)", "crisis.once_per > days(90)"))
    loud = judged({"negative": 12, "volume": 12}, rare={Signal.CRISIS: 100 * DAY})
    fire(decider, [loud if window == HOUR else judged(window=window) for window in WINDOWS])
    adopted = T0 + 3 * MINUTE
    windows = lasting(36, former=12.0, adopted=adopted)
    assert at(decider, 3, windows) == []
    [alert] = decider.evaluate({"acme": windows}, [], T0 + 33 * MINUTE)
    assert alert.new_normal == NewNormal(signal=Signal.NEGATIVE, window=HOUR, observed=36.0, since=adopted, former=12.0)


def test_a_lasting_lull_is_a_new_normal_too(tmp_path: Path) -> None:
    alert = ended(decider_of(tmp_path), lasting(2, former=12.0, adopted=T0 + 3 * MINUTE, expected=2.0))
    assert alert.new_normal is not None


# restarts


class Shelf:
    """What the store keeps of alerts: one record for each beginning of each alert."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, datetime], Alert] = {}

    def keep(self, alerts: list[Alert]) -> None:
        self._records |= {(alert.fingerprint, alert.since): alert for alert in alerts}

    @property
    def open(self) -> list[Alert]:
        return sorted((one for one in self._records.values() if one.state is not RESOLVED), key=lambda one: one.at)


SCENES = {
    "quiet": quiet(),
    "hovers": surge(days=60),
    "surge": surge(),
    "day": surge(days=100, window=DAY),
    "grave": surge(50, days=1_000),
    "unknown": quiet(known=0.1),
    "learned": lasting(36, former=12.0, adopted=T0 + 40 * MINUTE),
}
STORIES = st.lists(
    st.tuples(st.sampled_from([1, 1, 5, 9, 11, 31, -3]), st.sampled_from([*SCENES, "absent"]), st.booleans()),
    max_size=40,
)


@pytest.fixture(scope="module")
def law_rules(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rule, ...]:
    patient = UNTIL.replace("id: surge", "id: patient").replace("for: 2m", "for: 15m", 1)
    patient = patient.replace('"Surge"', '"Patience"').replace('"Poussée"', '"Patience"')
    plain = RULE.replace("id: surge", "id: plain").replace('"Surge"', '"Plain"').replace('"Poussée"', '"Simple"')
    return rules_in(tmp_path_factory.mktemp("rules"), UNTIL, patient, plain)


@given(story=STORIES)
def test_restarts_anywhere_tell_the_same(law_rules: tuple[Rule, ...], story: list[tuple[int, str, bool]]) -> None:
    whole, broken, shelf, now = Decider(law_rules, ACME), Decider(law_rules, ACME), Shelf(), T0
    for minutes, scene, restarts in story:
        now += timedelta(minutes=minutes)
        if restarts:
            broken = Decider(law_rules, ACME, shelf.open)
        windows = {} if scene == "absent" else {"acme": SCENES[scene]}
        told, again = whole.evaluate(windows, [], now), broken.evaluate(windows, [], now)
        assert [_plain(alert) for alert in again] == [_plain(alert) for alert in told]
        shelf.keep([*broken.take_noted(), *again])
        assert {one.fingerprint for one in shelf.open} == {one.fingerprint for one in whole.open_alerts}


def _plain(alert: Alert) -> Alert:
    """Without the instant at which a firing alert was last seen to hold, which may be a minute early."""
    return msgspec.structs.replace(alert, last_true=None)


def test_what_needs_no_restart_is_not_noted(law_rules: tuple[Rule, ...]) -> None:
    decider = Decider(law_rules[:1], ACME)
    noted = 0
    for second in range(0, 600, 10):
        decider.evaluate({"acme": surge()}, [], T0 + timedelta(seconds=second))
        noted += len(decider.take_noted())
    assert noted <= 11 + 8, "each look while it is pending, once a minute while it fires"
