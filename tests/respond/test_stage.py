"""Stories of incidents: who is told what, when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from buzzguard.config.settings import PolicySettings, ReceiverSettings
from buzzguard.model import (
    WATCHER_TOPIC,
    AlertState,
    Cause,
    CommandKind,
    IncidentState,
    Notification,
    NotificationKind,
    Severity,
)
from tests.respond.scene import CLAIRE, KARIM, NOW, POLICIES, RESOLVE_AFTER, Scene, make_alert, policy

CARD, UPDATE, NEWS = NotificationKind.CARD, NotificationKind.UPDATE, NotificationKind.NEWS


def the(scene: Scene, receiver: str, kind: NotificationKind) -> Notification:
    """The one message of a kind that the last step made for a receiver."""
    found = [one for one in scene.last.notifications if (one.receiver, one.kind) == (receiver, kind)]
    assert len(found) == 1
    return found[0]


# opening, joining


def test_a_firing_alert_opens_an_incident_and_tells_the_first_step_at_once() -> None:
    scene = Scene()
    scene.fire()
    assert scene.causes == [Cause.OPENED]
    assert scene.told() == ["comms:card"]
    assert scene.incident.next_step_at == NOW + timedelta(minutes=15)
    assert scene.incident.playbook == "bad-buzz"
    assert scene.responder.next_due() == scene.incident.next_step_at


def test_a_pending_alert_does_nothing_nor_does_one_that_resolves_unseen() -> None:
    scene = Scene()
    scene.fire(state=AlertState.PENDING)
    scene.resolve()
    assert not scene.incidents
    assert scene.responder.next_due() is None


def test_alerts_that_fire_together_open_one_incident_with_the_gravest_first() -> None:
    scene = Scene()
    scene.respond([make_alert("volume", severity=Severity.YELLOW), make_alert("words", severity=Severity.RED)])
    assert len(scene.incidents) == 1
    assert [alert.rule for alert in scene.incident.alerts] == ["words", "volume"]
    assert scene.incident.severity is Severity.RED
    assert scene.causes == [Cause.OPENED]


def test_two_topics_have_two_incidents_in_the_same_second() -> None:
    scene = Scene()
    scene.respond([make_alert(), make_alert(topic="nova")])
    assert {incident.topic for incident in scene.incidents.values()} == {"lumio", "nova"}
    assert len({one.key for one in scene.notifications}) == 2


def test_another_rule_joins_and_is_news() -> None:
    scene = Scene()
    scene.fire()
    scene.now += timedelta(minutes=3)
    scene.fire("critical-words")
    assert scene.causes[-1] is Cause.ALERT_JOINED
    assert scene.last.transitions[0].detail["rule"] == "critical-words"
    assert scene.told() == ["comms:update", "comms:news"]
    assert len(scene.incidents) == 1


def test_stronger_evidence_edits_the_card_and_rings_nobody() -> None:
    scene = Scene()
    scene.fire(fired_at=NOW)
    scene.now += timedelta(minutes=2)
    scene.fire(fired_at=NOW, condition="negative.count >= 10")
    assert scene.told() == ["comms:update"]
    assert scene.incident.version == 2
    assert scene.last.transitions == ()


def test_evidence_that_moves_every_few_seconds_is_shown_once_a_minute_and_never_lost() -> None:
    scene = Scene()
    scene.fire(fired_at=NOW)
    shown = 0
    for second in range(10, 160, 10):
        scene.now = NOW + timedelta(seconds=second)
        scene.fire(fired_at=NOW, condition=str(second))
        shown += len(scene.told())
    assert shown == 2
    assert scene.responder.next_due() == NOW + timedelta(seconds=180)
    scene.now = NOW + timedelta(seconds=180)
    scene.respond()
    assert scene.told() == ["comms:update"]
    assert the(scene, "comms", UPDATE).card.incident.alerts[0].evidence.condition == "150"


def test_a_record_that_says_nothing_new_changes_nothing() -> None:
    scene = Scene()
    scene.fire(fired_at=NOW)
    scene.now += timedelta(minutes=5)
    scene.fire(fired_at=NOW)
    assert scene.told() == []
    assert scene.incident.version == 1


# language


def test_each_receiver_reads_in_their_own_language_and_time_zone() -> None:
    scene = Scene({"default": policy((0, "comms board"))})
    scene.fire()
    french, english = the(scene, "comms", CARD).card, the(scene, "board", CARD).card
    assert (french.language, french.time_zone) == ("fr", "Europe/Paris")
    assert (english.language, english.time_zone) == ("en", "UTC")
    assert french.playbook is not None and french.playbook.title == "bad-buzz fr"
    assert english.playbook is not None and english.playbook.title == "bad-buzz en"


def test_the_card_says_who_is_told_next_and_when() -> None:
    scene = Scene()
    scene.fire()
    card = the(scene, "comms", CARD).card
    assert card.next_receivers == ("manager",)
    assert card.incident.next_step_at == NOW + timedelta(minutes=15)


def test_a_drill_is_marked() -> None:
    scene = Scene(drill=True)
    scene.fire()
    assert the(scene, "comms", CARD).card.drill


def test_a_stream_in_trouble_goes_to_operations_with_its_own_playbook() -> None:
    scene = Scene(POLICIES | {"operations": policy((0, "ops"))})
    scene.fire("stream-silence", topic=WATCHER_TOPIC, severity=Severity.YELLOW)
    assert scene.told() == ["ops:card"]
    view = the(scene, "ops", CARD).card.playbook
    assert view is not None and view.id == "stream-silence"


def test_trouble_of_our_own_without_a_playbook_does_not_show_one_about_the_public() -> None:
    scene = Scene(POLICIES | {"operations": policy((0, "ops"))})
    scene.respond([replace(make_alert("disk", topic=WATCHER_TOPIC), playbook="disk-full")])
    assert the(scene, "ops", CARD).card.playbook is None


# climbing


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


# the end


def test_calm_that_lasts_resolves_the_incident_and_says_so_in_the_thread() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.resolve()
    assert scene.told() == ["comms:update"]
    assert scene.responder.next_due() == scene.now + RESOLVE_AFTER
    scene.wait(119)
    assert scene.told() == []
    scene.wait(1)
    assert scene.incident.state is IncidentState.RESOLVED
    assert scene.told() == ["comms:update", "comms:news"]


def test_an_incident_resolves_only_when_all_its_alerts_have() -> None:
    scene = Scene()
    scene.respond([make_alert("volume"), make_alert("words")])
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.resolve("volume")
    scene.wait(500)
    assert scene.incident.state is IncidentState.ACKNOWLEDGED


def test_an_alert_that_fires_again_within_the_calm_is_the_same_incident_and_is_news() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.TAKE_CHARGE)
    scene.resolve()
    scene.now += timedelta(minutes=60)
    scene.fire()
    assert len(scene.incidents) == 1
    assert scene.last.transitions[0].detail == {"rule": "negative-surge", "why": "fires_again"}
    assert "comms:news" in scene.told()
    scene.wait(600)
    assert scene.incident.state is IncidentState.ACKNOWLEDGED


def test_calm_does_not_stop_the_climb_while_nobody_has_answered() -> None:
    scene = Scene()
    scene.fire()
    scene.resolve()
    scene.wait(15)
    assert scene.told(CARD) == ["manager"]


def test_a_relapse_opens_a_new_incident_that_points_to_the_old() -> None:
    scene = Scene()
    scene.fire()
    first = scene.incident.id
    scene.resolve()
    scene.wait(180)
    scene.fire()
    assert scene.incident.id != first
    assert scene.incident.relapse_of == first
    assert scene.last.transitions[0].detail["relapse_of"] == first
    assert scene.told() == ["comms:card"]


def test_a_day_later_it_is_no_relapse() -> None:
    scene = Scene()
    scene.fire()
    scene.resolve()
    scene.ask(CommandKind.RESOLVE)
    scene.wait(24 * 60 + 1)
    scene.fire()
    assert scene.incident.relapse_of == ""


@pytest.mark.parametrize("end", [CommandKind.FALSE_ALARM, CommandKind.RESOLVE])
@pytest.mark.parametrize("restarted", [False, True])
def test_what_fires_on_after_people_ended_it_stays_quiet(end: CommandKind, restarted: bool) -> None:
    scene = Scene()
    scene.fire()
    scene.ask(end, reason="a namesake")
    assert scene.told() == ["comms:update", "comms:news"]
    if restarted:
        scene.restart()
    scene.now += timedelta(minutes=10)
    scene.fire(fired_at=NOW, condition="stronger")
    assert len(scene.incidents) == 1 and scene.told() == []


@pytest.mark.parametrize("restarted", [False, True])
def test_a_false_alarm_that_grows_graver_opens_again(restarted: bool) -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.FALSE_ALARM)
    if restarted:
        scene.restart()
    scene.fire(fired_at=NOW, severity=Severity.RED)
    assert len(scene.incidents) == 2
    assert scene.incident.relapse_of


@pytest.mark.parametrize("restarted", [False, True])
def test_a_false_alarm_that_resolved_and_fires_anew_opens_again(restarted: bool) -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.FALSE_ALARM)
    scene.resolve()
    if restarted:
        scene.restart()
    scene.now += timedelta(minutes=5)
    scene.fire()
    assert len(scene.incidents) == 2


def test_another_rule_after_a_false_alarm_opens_an_incident_without_the_judged_alert() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.FALSE_ALARM)
    scene.respond([make_alert(), make_alert("critical-words")])
    assert [alert.rule for alert in scene.incident.alerts] == ["critical-words"]


def test_a_click_that_judged_what_was_shown_does_not_hide_what_came_with_it() -> None:
    scene = Scene()
    scene.fire()
    click = scene.ask(CommandKind.TAKE_CHARGE, incident="none").refused[0][0]
    known = {name: getattr(click, name) for name in click.__struct_fields__}
    command = type(click)(**known | {"kind": CommandKind.FALSE_ALARM, "incident": scene.incident.id})
    scene.respond([make_alert(severity=Severity.RED)], [command])
    assert [one.state for one in scene.incidents.values()] == [IncidentState.FALSE_ALARM, IncidentState.TRIGGERED]
    assert scene.told(CARD) == ["comms"]


# refusals


def test_commands_are_refused_for_named_reasons() -> None:
    scene = Scene()
    scene.fire()
    assert scene.ask(CommandKind.RESOLVE, incident="inc-none").refused[0][1] == "unknown_incident"
    assert scene.ask(CommandKind.SILENCE, duration=timedelta(0)).refused[0][1] == "bad_duration"
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.ask(CommandKind.TAKE_CHARGE).refused[0][1] == "already_owner"
    scene.ask(CommandKind.RESOLVE)
    assert scene.ask(CommandKind.TAKE_CHARGE).refused[0][1] == "already_final"


def test_a_repeated_click_climbs_once() -> None:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.ESCALATE, id="click")
    again = scene.ask(CommandKind.ESCALATE, id="click")
    assert again.refused[0][1] == "repeated"
    assert (again.incidents, again.transitions, again.notifications) == ((), (), ())
    assert scene.incident.step == 1


# time


def test_after_a_long_downtime_the_overdue_step_goes_out_once() -> None:
    scene = Scene()
    scene.fire()
    scene.now += timedelta(hours=9)
    scene.restart()
    scene.respond()
    assert scene.told(CARD) == ["manager"]
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=30)


def test_a_clock_set_back_loses_no_step() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(-600)
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=15)
    assert scene.told() == ["comms:update"]
    scene.wait(15)
    assert scene.told(CARD) == ["manager"]


def test_a_clock_set_back_by_a_breath_edits_nothing() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(-0.01)
    assert scene.told() == []
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=15)


# configuration that changes


def test_a_policy_that_grew_is_climbed_further_after_a_restart() -> None:
    scene = Scene({"default": policy((0, "comms"), repeat=0)})
    scene.fire()
    scene.policies = {"default": policy((0, "comms"), (10, "manager"), repeat=0)}
    scene.restart()
    scene.respond()
    assert scene.incident.next_step_at == scene.now + timedelta(minutes=10)


def test_a_policy_that_is_gone_is_replaced_and_climbed() -> None:
    scene = Scene()
    scene.fire()
    scene.policies = {"night": policy((0, "manager"))}
    scene.restart()
    scene.respond()
    assert scene.incident.policy == "night"
    assert scene.told(CARD) == ["manager"]


def test_a_policy_that_shrank_is_not_climbed_past_its_end() -> None:
    scene = Scene()
    scene.fire()
    scene.wait(15)
    scene.policies = {"crisis": policy((0, "board"), repeat=0)}
    scene.restart()
    scene.wait(30)
    assert scene.told(CARD) == ["board"]


def test_policies_may_be_long_and_all_at_once() -> None:
    everybody: dict[str, PolicySettings] = {"default": policy((0, "comms"), (0, "manager"), (0, "board"))}
    scene = Scene(everybody, {name: ReceiverSettings(notifier="slack") for name in ("comms", "manager", "board")})
    scene.fire()
    assert scene.told() == ["comms:card", "manager:card", "board:card"]
    assert scene.incident.next_step_at == NOW + timedelta(minutes=30)
