"""How an incident ends, and what opens another one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.model import (
    CommandKind,
    IncidentState,
    Severity,
)
from tests.respond.scene import CARD, NOW, RESOLVE_AFTER, Scene, make_alert


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
