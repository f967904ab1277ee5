"""Rules without waiting times, where life is short."""

from __future__ import annotations

from pathlib import Path

import pytest

from buzzguard.decide.evaluate import Decider
from buzzguard.decide.life import Life, set_aside
from buzzguard.decide.rule import Rule
from buzzguard.model import AlertState
from tests.decide.scenes import ACME, HOUR, MINUTE, RULE, T0, health, quiet, rules_in, surge


@pytest.fixture
def hasty(tmp_path: Path) -> tuple[Rule, ...]:
    return rules_in(tmp_path, RULE.replace("for: 2m\n", "").replace("keep_firing_for: 30m\n", ""))


def test_without_for_an_alert_fires_at_once_and_without_keep_firing_for_it_ends_at_once(
    hasty: tuple[Rule, ...],
) -> None:
    decider = Decider(hasty, ACME)
    [firing] = decider.evaluate({"acme": surge()}, [], T0)
    [resolved] = decider.evaluate({"acme": quiet()}, [], T0 + MINUTE)
    assert (firing.state, firing.fired_at) == (AlertState.FIRING, T0)
    assert (resolved.state, resolved.fired_at, resolved.last_true) == (AlertState.RESOLVED, T0, T0)


def test_a_pending_alert_of_a_rule_that_waits_no_more_fires(tmp_path: Path, hasty: tuple[Rule, ...]) -> None:
    (tmp_path / "patient").mkdir()
    patient = Decider(rules_in(tmp_path / "patient", RULE), ACME)
    patient.evaluate({"acme": surge()}, [], T0)
    [alert] = Decider(hasty, ACME, patient.open_alerts).evaluate({"acme": surge()}, [], T0 + HOUR)
    assert alert.state is AlertState.FIRING


def test_a_stream_that_fails_twice_as_long_is_told_again(tmp_path: Path) -> None:
    text = RULE.replace("negative.once_per > days(90) && negative.count >= 10", "stream.failing_for > hours(1)")
    text = text.replace("raise:\n  red: negative.once_per > days(365) && negative.count >= 30\n", "scope: stream\n")
    decider = Decider(rules_in(tmp_path, text.replace("for: 2m\n", "", 1)), ACME)
    told = [
        bool(decider.evaluate({}, [health(failing=hours * HOUR)], T0 + hours * HOUR)) for hours in (2, 3, 4, 5, 8, 9)
    ]
    assert told == [True, False, True, False, True, False]


def test_what_is_set_aside_counts_being_gone_anew(hasty: tuple[Rule, ...]) -> None:
    [alert] = Decider(hasty, ACME).evaluate({"acme": surge()}, [], T0)
    assert set_aside(Life(alert, T0, gone_since=T0)) == Life(alert, T0)
