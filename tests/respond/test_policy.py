"""Which policy an incident climbs, and how."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buzzguard.config.settings import PolicySettings, StepSettings
from buzzguard.model import WATCHER_TOPIC, Incident, Severity
from buzzguard.respond.incident import open_incident
from buzzguard.respond.policy import Policies, climb, exhausted, next_receivers, restart
from tests.respond.scene import NOW, make_alert, policy

SOME = policy((0, "comms"))


@pytest.mark.parametrize(
    ("names", "wanted", "severity", "topic", "chosen"),
    [
        ("a crisis default", "a", Severity.RED, "lumio", "a"),
        ("a crisis default", "unknown", Severity.RED, "lumio", "default"),
        ("a watch crisis", "", Severity.RED, "lumio", "crisis"),
        ("a watch crisis", "", Severity.ORANGE, "lumio", "crisis"),
        ("a watch crisis", "", Severity.YELLOW, "lumio", "watch"),
        ("a b", "", Severity.YELLOW, "lumio", "a"),
        ("a operations", "a", Severity.YELLOW, WATCHER_TOPIC, "operations"),
        ("a default", "", Severity.YELLOW, WATCHER_TOPIC, "default"),
        ("", "crisis", Severity.RED, "lumio", ""),
    ],
)
def test_the_policy_is_chosen_in_a_stated_order(
    names: str, wanted: str, severity: Severity, topic: str, chosen: str
) -> None:
    policies = Policies(dict.fromkeys(names.split(), SOME), ["comms"])
    assert policies.choose(make_alert(policy=wanted, severity=severity, topic=topic)) == chosen


def begun(settings: PolicySettings) -> Incident:
    """An incident that stands before the first step."""
    incident, _ = open_incident([make_alert()], NOW, id="inc-1")
    return restart(incident, "p", settings, NOW)


def test_a_round_never_follows_another_at_once() -> None:
    rushed = policy((0, "comms"), repeat=20, repeat_after=0)
    climbed, _ = climb(begun(rushed), rushed, NOW)
    assert climbed.next_step_at == NOW + timedelta(minutes=1)


def test_next_receivers_count_the_steps_that_go_out_together() -> None:
    settings = policy((0, "comms"), (5, "manager"), (0, "board comms"), (9, "ops"))
    climbed, told = climb(begun(settings), settings, NOW)
    assert told == ("comms",)
    assert next_receivers(climbed, settings) == ("manager", "board", "comms")


policies = st.builds(
    PolicySettings,
    steps=st.lists(
        st.builds(
            StepSettings,
            notify=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=2).map(tuple),
            after=st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes)),
        ),
        min_size=1,
        max_size=4,
    ).map(tuple),
    repeat=st.integers(0, 3),
    repeat_after=st.integers(0, 60).map(lambda minutes: timedelta(minutes=minutes)),
)


@given(policies)
def test_climbing_on_time_tells_every_step_once_a_round_and_then_ends(settings: PolicySettings) -> None:
    incident, told = begun(settings), 0
    while incident.next_step_at is not None:
        before = incident
        incident, receivers = climb(incident, settings, incident.next_step_at)
        assert set(receivers) == set(next_receivers(before, settings))
        told += (incident.step - before.step) % len(settings.steps) or len(settings.steps)
    assert told == len(settings.steps) * (settings.repeat + 1)
    assert exhausted(incident, settings)
    assert set(incident.receivers) == {name for step in settings.steps for name in step.notify}
