"""How the policy is climbed: while nobody takes charge, faster when it grows graver."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from buzzguard.model import (
    Cause,
    CommandKind,
    IncidentState,
    Severity,
)
from tests.respond.scene import CARD, CLAIRE, KARIM, NEWS, NOW, Scene, make_alert, policy, the


def test_a_night_without_answer_climbs_every_step_of_every_round_and_then_says_so() -> None:
    scene = Scene()
    scene.fire()
    told = []
    while (due := scene.responder.next_due()) is not None:
        scene.now = due
        scene.respond()
        told.append((round((due - NOW).total_seconds() / 60), scene.last.transitions[0].detail["receivers"]))
    assert told == [(15, "manager"), (45, "board"), (75, "comms"), (90, "manager"), (120, "board")]
    card = the(scene, "board", NEWS).card
    assert card.incident.next_step_at is None
    assert card.next_receivers == ()
    assert card.news[0].detail["last"] == "yes"
    assert scene.incident.state is IncidentState.TRIGGERED


def test_those_told_before_read_in_the_thread_who_was_told_next() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(15)
    assert scene.told() == ["comms:update", "comms:news", "manager:card"]
    assert scene.last.transitions[0].cause is Cause.STEP_TIMED_OUT


def test_taking_charge_stops_the_climb_and_says_who() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.incident.owner == CLAIRE
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.responder.next_due() is None
    scene.wait(600)
    assert scene.told() == []


def test_taking_charge_at_the_very_moment_a_step_is_due_stops_the_step() -> None:
    scene = Scene()
    scene.fire()
    scene.now += timedelta(minutes=15)
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.last.transitions[0].cause is Cause.ACKNOWLEDGED_BY_USER
    assert scene.incident.receivers == ("comms",)


def test_a_second_person_takes_over_and_the_thread_says_from_whom() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    assert scene.incident.owner == KARIM
    assert scene.last.transitions[0].detail == {"taken_from": "Claire"}
    assert NEWS in {one.kind for one in scene.last.notifications}


def test_escalating_climbs_now_and_the_next_delay_counts_from_there() -> None:
    scene = Scene()
    scene.fire()
    scene.now += timedelta(minutes=4)
    scene.ask(CommandKind.ESCALATE)
    assert scene.told(CARD) == ["manager"]
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=30)


def test_an_owner_who_calls_for_help_stays_the_owner() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.ask(CommandKind.ESCALATE)
    assert scene.told(CARD) == ["manager"]
    assert (scene.incident.state, scene.incident.owner) == (IncidentState.ACKNOWLEDGED, CLAIRE)
    assert scene.incident.next_step_at is None


def test_escalating_an_exhausted_policy_begins_it_again() -> None:
    scene = Scene({"default": policy((0, "comms"), repeat=0)})
    scene.fire()
    assert scene.incident.next_step_at is None
    scene.ask(CommandKind.ESCALATE)
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.incident.next_step_at is None


def test_a_first_step_with_a_delay_waits_for_it() -> None:
    scene = Scene({"default": policy((5, "comms"))})
    scene.fire()
    assert scene.told() == []
    assert scene.incident.next_step_at == NOW + timedelta(minutes=5)
    scene.wait(5)
    assert scene.told() == ["comms:card"]
    assert scene.causes == [Cause.OPENED, Cause.STEP_TIMED_OUT]


def test_without_policies_everybody_is_told_at_once_and_once() -> None:
    scene = Scene({})
    scene.fire()
    assert scene.told() == ["comms:card", "manager:card", "board:card", "ops:card"]
    assert scene.incident.next_step_at is None


def test_without_receivers_the_incident_is_kept_all_the_same() -> None:
    scene = Scene({}, {})
    scene.fire()
    assert scene.incident.state is IncidentState.TRIGGERED
    assert scene.told() == []
    scene.ask(CommandKind.ESCALATE)
    assert scene.last.refused[0][1] == "nobody_to_tell"


def test_a_receiver_that_the_configuration_lost_costs_the_others_nothing() -> None:
    scene = Scene({"default": policy((0, "gone comms"))})
    scene.fire()
    assert scene.told() == ["comms:card"]


# severity


def test_a_graver_severity_with_its_own_policy_begins_the_climb_anew() -> None:
    scene = Scene()
    scene.fire(severity=Severity.YELLOW)
    assert scene.incident.policy == "watch"
    scene.now += timedelta(minutes=2)
    scene.fire(fired_at=NOW, severity=Severity.RED, raised_by="spread.sources >= 3")
    assert (scene.incident.policy, scene.incident.step, scene.incident.severity) == ("crisis", 0, Severity.RED)
    raised = scene.last.transitions[0]
    assert (raised.cause, raised.severity) == (Cause.SEVERITY_RAISED, Severity.RED)
    assert raised.detail == {
        "rule": "negative-surge",
        "from": "yellow",
        "to": "red",
        "raised_by": "spread.sources >= 3",
    }
    assert scene.told() == ["comms:update", "comms:news"]
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=15)


def test_a_graver_severity_under_the_same_policy_goes_on_climbing() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(15)
    scene.fire("critical-words", severity=Severity.RED)
    assert scene.causes[-2:] == [Cause.ALERT_JOINED, Cause.SEVERITY_RAISED]
    assert scene.incident.step == 1
    assert scene.told() == ["comms:update", "comms:news", "manager:update", "manager:news"]


def test_red_on_an_exhausted_policy_climbs_it_again() -> None:
    scene = Scene({"default": policy((0, "comms"), (5, "manager"), repeat=0)})
    scene.fire()
    scene.wait(5)
    assert scene.incident.next_step_at is None
    scene.fire(fired_at=NOW, severity=Severity.RED)
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=5)


@pytest.mark.parametrize("taken_at", [Severity.YELLOW, Severity.ORANGE])
def test_red_after_somebody_took_charge_of_less_begins_the_climb_and_keeps_the_owner(taken_at: Severity) -> None:
    scene = Scene()
    scene.fire(severity=taken_at)
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.now += timedelta(minutes=50)
    scene.fire(fired_at=NOW, severity=Severity.RED)
    assert (scene.incident.state, scene.incident.owner) == (IncidentState.TRIGGERED, CLAIRE)
    raised, step = scene.last.transitions
    assert (raised.cause, raised.detail["asked_again"], raised.detail["from"]) == (
        Cause.SEVERITY_RAISED,
        "yes",
        taken_at.value,
    )
    assert (step.cause, step.detail["why"]) == (Cause.STEP_TIMED_OUT, "graver")
    assert scene.told() == ["comms:update", "comms:news"]
    scene.wait(15)
    assert scene.told(CARD) == ["manager"]
    assert scene.last.transitions[0].detail.get("why") is None


def test_the_owner_answers_for_red_by_taking_charge_again() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.fire(fired_at=NOW, severity=Severity.RED)
    scene.ask(CommandKind.TAKE_CHARGE)
    assert (scene.incident.state, scene.incident.next_step_at) == (IncidentState.ACKNOWLEDGED, None)
    assert scene.last.transitions[0].detail == {}
    assert scene.ask(CommandKind.TAKE_CHARGE).refused[0][1] == "already_owner"


def test_the_graver_alert_brings_its_playbook() -> None:
    scene = Scene()
    scene.fire()
    scene.respond([replace(make_alert("words", severity=Severity.RED), playbook="critical-words")])
    assert scene.incident.playbook == "critical-words"
    scene.respond([replace(make_alert("reach", severity=Severity.RED), playbook="influencer")])
    assert scene.incident.playbook == "critical-words"


def test_severity_does_not_fall_with_the_alert() -> None:
    scene = Scene()
    scene.fire(severity=Severity.RED)
    scene.fire(fired_at=NOW, severity=Severity.ORANGE)
    assert scene.incident.severity is Severity.RED
