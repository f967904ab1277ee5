"""Stories of incidents: who is told what, when."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.config.settings import PolicySettings, ReceiverSettings
from buzzguard.model import (
    WATCHER_TOPIC,
    AlertState,
    Cause,
    CommandKind,
    Severity,
)
from tests.respond.scene import CARD, NOW, POLICIES, UPDATE, Scene, make_alert, policy, the

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
