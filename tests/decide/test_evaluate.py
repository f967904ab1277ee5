"""The life of alerts, told as stories and as laws."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.decide.evaluate import GAP, Decider
from buzzguard.decide.loader import load_rules
from buzzguard.decide.rule import Rule
from buzzguard.model import WATCHER_TOPIC, Alert, AlertState, Judged, Severity, Signal
from tests.decide.scenes import ACME, DAY, HOUR, MINUTE, RULE, SHIPPED, T0, health, judged, quiet, rules_in, surge

PENDING, FIRING, RESOLVED = AlertState.PENDING, AlertState.FIRING, AlertState.RESOLVED


@pytest.fixture
def rules(tmp_path: Path) -> tuple[Rule, ...]:
    return rules_in(tmp_path, RULE)


@pytest.fixture
def decider(rules: tuple[Rule, ...]) -> Decider:
    return Decider(rules, ACME)


def at(decider: Decider, minute: float, windows: list[Judged]) -> list[Alert]:
    return decider.evaluate({"acme": windows}, [], T0 + minute * MINUTE)


def fire(decider: Decider, windows: list[Judged] | None = None) -> Alert:
    """Hold the condition for the two minutes that the rule asks; returns the alert that fires."""
    for minute in (0, 1):
        at(decider, minute, windows or surge())
    [alert] = at(decider, 2, windows or surge())
    return alert


def test_a_condition_that_holds_long_enough_fires_with_its_evidence(decider: Decider) -> None:
    [pending] = at(decider, 0, surge())
    assert at(decider, 1, surge()) == []
    [firing] = at(decider, 2, surge())
    assert (pending.state, firing.state) == (PENDING, FIRING)
    assert firing.fingerprint == pending.fingerprint
    assert (firing.since, firing.fired_at, firing.severity) == (T0, T0 + 2 * MINUTE, Severity.ORANGE)
    assert firing.evidence.window == HOUR
    assert [found.signal for found in firing.evidence.assessments] == [Signal.NEGATIVE]
    assert firing.title == {"en": "Surge", "fr": "Poussée"}


def test_a_condition_that_lapses_while_pending_is_forgotten(decider: Decider) -> None:
    at(decider, 0, surge())
    assert at(decider, 1, quiet()) == []
    assert decider.open_alerts == []
    [again] = at(decider, 2, surge())
    assert (again.state, again.since) == (PENDING, T0 + 2 * MINUTE)


def test_an_alert_resolves_when_its_condition_has_been_gone_long_enough(decider: Decider) -> None:
    fire(decider)
    assert at(decider, 3, quiet()) == []
    assert at(decider, 32, quiet()) == []
    [resolved] = at(decider, 33, quiet())
    assert (resolved.state, resolved.resolved_at) == (RESOLVED, T0 + 33 * MINUTE)
    assert resolved.last_true == T0 + 2 * MINUTE
    assert decider.open_alerts == []


def test_a_relapse_within_keep_firing_for_starts_the_wait_anew(decider: Decider) -> None:
    fire(decider)
    at(decider, 3, quiet())
    at(decider, 30, surge())
    assert at(decider, 40, quiet()) == []
    assert at(decider, 69, quiet()) == []
    assert [alert.state for alert in at(decider, 70, quiet())] == [RESOLVED]


def test_severity_rises_while_firing_and_never_falls(decider: Decider) -> None:
    fire(decider)
    [raised] = at(decider, 3, surge(40, days=400))
    assert raised.severity is Severity.RED
    assert raised.raised_by == "negative.once_per > days(365) && negative.count >= 30"
    assert at(decider, 4, surge()) == []
    assert [alert.severity for alert in decider.open_alerts] == [Severity.RED]


@pytest.mark.parametrize(
    ("count", "days", "told"), [(23, 100, False), (24, 100, True), (12, 999, False), (12, 1000, True)]
)
def test_an_alert_is_told_again_when_twice_as_much_or_ten_times_rarer(
    decider: Decider, count: int, days: float, told: bool
) -> None:
    fire(decider)
    changed = at(decider, 3, surge(count, days=days))
    assert [alert.state for alert in changed] == ([FIRING] if told else [])


def test_counts_are_not_compared_across_windows(decider: Decider) -> None:
    fire(decider)
    assert at(decider, 3, surge(1_000, days=100, window=DAY)) == []


def test_the_rarest_window_is_the_evidence(decider: Decider) -> None:
    windows = [
        judged({"negative": 12}, rare={Signal.NEGATIVE: 100 * DAY}, window=5 * MINUTE),
        judged({"negative": 15}, rare={Signal.NEGATIVE: 300 * DAY}, window=HOUR),
        judged({"negative": 20}, rare={Signal.NEGATIVE: 200 * DAY}, window=DAY),
    ]
    assert fire(decider, windows).evidence.window == HOUR


def test_all_signals_are_read_on_one_window(decider: Decider) -> None:
    rare_but_few = judged({"negative": 3}, rare={Signal.NEGATIVE: 300 * DAY}, window=5 * MINUTE)
    many_but_usual = judged({"negative": 30}, window=DAY)
    assert at(decider, 0, [rare_but_few, many_but_usual]) == []


def test_a_long_gap_between_evaluations_does_not_count_as_held(decider: Decider) -> None:
    at(decider, 0, surge())
    assert at(decider, 60, surge()) == []
    [pending] = decider.open_alerts
    assert (pending.state, pending.since) == (PENDING, T0 + HOUR)
    assert [alert.state for alert in at(decider, 62, surge())] == [FIRING]


def test_a_gap_within_the_limit_counts_as_held(decider: Decider) -> None:
    at(decider, 0, surge())
    [alert] = decider.evaluate({"acme": surge()}, [], T0 + GAP)
    assert alert.state is FIRING


def test_a_clock_set_back_makes_a_pending_alert_wait_again(decider: Decider) -> None:
    at(decider, 10, surge())
    assert at(decider, 0, surge()) == []
    assert at(decider, 1, surge()) == []
    assert [alert.state for alert in at(decider, 2, surge())] == [FIRING]


def test_a_clock_set_back_does_not_resolve_a_firing_alert_early(decider: Decider) -> None:
    fire(decider)
    at(decider, 20, quiet())
    assert at(decider, -600, quiet()) == []
    assert at(decider, -571, quiet()) == []
    assert [alert.state for alert in at(decider, -570, quiet())] == [RESOLVED]


def test_a_source_that_is_down_does_not_end_an_alert(decider: Decider) -> None:
    fire(decider)
    for minute in range(3, 200, 5):
        assert at(decider, minute, quiet(known=0.2)) == []
    assert [alert.state for alert in decider.open_alerts] == [FIRING]


def test_a_topic_with_an_alert_under_way_is_named_and_moves_on_when_it_is_not_passed(decider: Decider) -> None:
    fire(decider)
    assert decider.alerts_waiting() == {"acme"}
    assert decider.evaluate({}, [], T0 + 3 * MINUTE) == []
    assert [alert.state for alert in decider.evaluate({}, [], T0 + 33 * MINUTE)] == [RESOLVED]
    assert decider.alerts_waiting() == set()


def test_a_restart_goes_on_where_it_stopped(rules: tuple[Rule, ...]) -> None:
    before = Decider(rules, ACME)
    fired = fire(before)
    after = Decider(rules, ACME, before.open_alerts)
    assert at(after, 5, surge()) == []
    assert after.open_alerts[0].fingerprint == fired.fingerprint


def test_alerts_of_a_rule_that_is_no_more_are_ended(rules: tuple[Rule, ...]) -> None:
    before = Decider(rules, ACME)
    fire(before)
    after = Decider([], ACME, before.open_alerts)
    assert [alert.state for alert in after.evaluate({}, [], T0 + HOUR)] == [RESOLVED]


def test_a_pending_alert_of_a_rule_that_is_no_more_is_forgotten(rules: tuple[Rule, ...]) -> None:
    before = Decider(rules, ACME)
    at(before, 0, surge())
    after = Decider([], ACME, before.open_alerts)
    assert after.evaluate({}, [], T0 + HOUR) == []
    assert after.open_alerts == []


def test_a_failing_stream_becomes_the_watchers_own_alert() -> None:
    decider = Decider(load_rules([SHIPPED]), ACME)
    for minute in (0, 10):
        changed = decider.evaluate({}, [health(failing=2 * HOUR), health("other")], T0 + minute * MINUTE)
    [alert] = changed
    assert (alert.state, alert.topic, alert.labels) == (FIRING, WATCHER_TOPIC, {"stream": "blog"})
    assert alert.evidence.health == health(failing=2 * HOUR)
    assert decider.alerts_waiting() == set()


def test_an_experimental_rule_never_goes_above_yellow(tmp_path: Path) -> None:
    rules = rules_in(tmp_path, RULE.replace("status: stable", "status: experimental"))
    assert fire(Decider(rules, ACME), surge(50, days=1_000)).severity is Severity.YELLOW


def test_a_rule_on_trial_never_goes_to_red(tmp_path: Path) -> None:
    rules = rules_in(tmp_path, RULE.replace("status: stable", "status: test"))
    assert fire(Decider(rules, ACME), surge(50, days=1_000)).severity is Severity.ORANGE


def test_a_condition_that_cannot_be_decided_does_not_hold_and_stops_nothing(tmp_path: Path) -> None:
    broken = RULE.replace("id: surge", "id: broken").replace(
        "negative.once_per > days(90) &&", 'topic.labels.city == "Lyon" &&', 1
    )
    decider = Decider(rules_in(tmp_path, RULE, broken), ACME)
    assert [alert.rule for alert in at(decider, 0, surge())] == ["surge"]


def test_a_topic_that_is_not_configured_is_passed_over(decider: Decider) -> None:
    assert decider.evaluate({"unknown": surge()}, [], T0) == []


# laws

steps = st.lists(
    st.tuples(
        st.integers(min_value=-90, max_value=180),
        st.sampled_from(["quiet", "surge", "grave", "unknown", "absent"]),
    ),
    max_size=40,
)


def windows_of(kind: str) -> dict[str, list[Judged]]:
    scenes = {
        "quiet": quiet(),
        "surge": surge(),
        "grave": surge(50, days=1_000),
        "unknown": quiet(known=0.1),
    }
    return {"acme": scenes[kind]} if kind in scenes else {}


@pytest.fixture(scope="module")
def law_rules(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rule, ...]:
    return rules_in(tmp_path_factory.mktemp("rules"), RULE)


@given(story=steps)
def test_the_life_of_an_alert_keeps_its_order(law_rules: tuple[Rule, ...], story: list[tuple[int, str]]) -> None:
    decider, now = Decider(law_rules, ACME), T0
    last: Alert | None = None
    for minutes, kind in story:
        now += minutes * MINUTE
        changed = decider.evaluate(windows_of(kind), [], now)
        assert len(changed) <= 1
        for alert in changed:
            _assert_follows(last, alert, now)
            last = alert
        assert len(decider.open_alerts) <= 1


def _assert_follows(before: Alert | None, alert: Alert, now: datetime) -> None:
    assert alert.at == now
    under_way = before is not None and before.state is not RESOLVED
    if alert.state is RESOLVED:
        assert before is not None
        assert before.state is FIRING
        assert alert.fired_at is not None
        assert alert.severity is before.severity
    if alert.state is FIRING:
        assert under_way, "a rule with `for` is pending before it fires"
        assert before is not None
        if before.state is FIRING:
            assert alert.severity.rank >= before.severity.rank
            assert alert.fired_at == before.fired_at


@given(story=steps)
def test_a_restart_anywhere_never_loses_a_firing_alert(
    law_rules: tuple[Rule, ...], story: list[tuple[int, str]]
) -> None:
    decider, now = Decider(law_rules, ACME), T0
    for minutes, kind in story:
        now += minutes * MINUTE
        firing = {alert.fingerprint for alert in decider.open_alerts if alert.state is FIRING}
        decider = Decider(law_rules, ACME, decider.open_alerts)
        assert firing == {alert.fingerprint for alert in decider.open_alerts if alert.state is FIRING}
        decider.evaluate(windows_of(kind), [], now)


@given(held=st.integers(min_value=0, max_value=600))
def test_an_alert_never_fires_before_its_condition_was_seen_for_long_enough(
    law_rules: tuple[Rule, ...], held: int
) -> None:
    decider = Decider(law_rules, ACME)
    decider.evaluate({"acme": surge()}, [], T0)
    changed = decider.evaluate({"acme": surge()}, [], T0 + timedelta(seconds=held))
    assert bool(changed) == (held >= 120)
