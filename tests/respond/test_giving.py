"""An incident is given to somebody: it rests with nobody who never heard of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.config.departments import DepartmentSettings
from buzzguard.model import Cause, CommandKind, Handover, IncidentState, NotificationKind
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, KARIM, MINUTE, POLICIES, Scene, policy

DEPARTMENTS = {
    "quality": DepartmentSettings(notify=("ops",), members=("U77", "U88")),
    "legal": DepartmentSettings(),
    "people": DepartmentSettings(members=("U55",)),
    "nobody": DepartmentSettings(),
}
LEGAL = {"legal": policy((0, "board"), (10, "manager"), repeat=0)}
TO_KARIM = Handover(person=KARIM)


def open_scene() -> Scene:
    scene = Scene(POLICIES | LEGAL, departments=DEPARTMENTS)
    scene.fire()
    return scene


def give(scene: Scene, asked: Handover | None) -> Response:
    return scene.ask(CommandKind.GIVE, asked=asked, reason="Your business")


def refusals(response: Response) -> list[str]:
    return [reason for _, reason in response.refused]


def test_a_person_gets_the_time_that_the_policy_leaves() -> None:
    scene = open_scene()
    scene.ask(CommandKind.TAKE_CHARGE)
    assert scene.incident.next_step_at is None
    move = give(scene, TO_KARIM).transitions[0]
    incident = scene.incident
    assert (incident.owner, incident.state, incident.acknowledged_by) == (KARIM, IncidentState.TRIGGERED, ())
    assert incident.next_step_at == scene.now + 15 * MINUTE
    assert (move.cause, move.who, move.reason) == (Cause.GIVEN_BY_USER, CLAIRE, "Your business")
    assert (move.detail["to"], move.detail["from"], move.detail["ping"]) == ("Karim", "Claire", "U2")
    assert "comms:news" in scene.told()


def test_whoever_does_not_answer_is_passed_over() -> None:
    scene = open_scene()
    scene.ask(CommandKind.TAKE_CHARGE)
    give(scene, TO_KARIM)
    scene.wait(15)
    assert "manager:card" in scene.told()
    scene.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    assert scene.incident.state is IncidentState.ACKNOWLEDGED


def test_after_the_last_step_the_policy_begins_again() -> None:
    scene = open_scene()
    for minutes in (15, 30, 30, 15, 30):
        scene.wait(minutes)
    assert scene.incident.next_step_at is None
    give(scene, TO_KARIM)
    assert scene.incident.next_step_at == scene.now + 15 * MINUTE
    scene.wait(15)
    assert scene.causes[-1] is Cause.STEP_TIMED_OUT


def test_whom_nobody_was_told_before_does_not_wait_longer_for_it() -> None:
    scene = Scene({"crisis": policy((5, "comms"), (15, "manager"))})
    scene.fire()
    scene.wait(3)
    give(scene, TO_KARIM)
    scene.wait(2)
    assert scene.told() == ["comms:card"]


def test_a_department_with_a_policy_is_told_by_it_at_once() -> None:
    scene = open_scene()
    scene.ask(CommandKind.TAKE_CHARGE)
    give(scene, Handover(department="legal"))
    incident = scene.incident
    assert (incident.policy, incident.department, incident.owner) == ("legal", "legal", None)
    assert scene.told(NotificationKind.CARD) == ["board"]
    scene.wait(10)
    assert scene.told(NotificationKind.CARD) == ["manager"]


def test_a_department_without_a_policy_is_told_and_the_climb_goes_on() -> None:
    scene = open_scene()
    move = give(scene, Handover(department="quality")).transitions[0]
    assert scene.told(NotificationKind.CARD) == ["ops"]
    assert (scene.incident.policy, scene.incident.also) == ("crisis", ("ops",))
    assert (move.detail["receivers"], move.detail["ping"]) == ("ops", "U77,U88")
    scene.wait(15)
    assert "manager:card" in scene.told()


def test_a_receiver_that_is_called_so_is_a_department_too() -> None:
    scene = open_scene()
    give(scene, Handover(department="board"))
    assert scene.told(NotificationKind.CARD) == ["board"]


def test_people_who_are_named_are_pinged_where_it_stands_though_nothing_tells_them_elsewhere() -> None:
    scene = open_scene()
    move = give(scene, Handover(department="people")).transitions[0]
    assert (move.detail["ping"], scene.incident.department) == ("U55", "people")
    assert scene.told() == ["comms:update", "comms:news"]


def test_to_give_it_away_is_to_ask_that_it_be_heard() -> None:
    scene = open_scene()
    scene.ask(CommandKind.SILENCE, duration=timedelta(hours=4))
    give(scene, Handover(department="quality"))
    assert scene.incident.silenced_until is None
    assert scene.told(NotificationKind.CARD) == ["ops"]


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (None, "not_possible"),
        (Handover(), "nobody_named"),
        (Handover(person=KARIM, department="legal"), "nobody_named"),
        (Handover(department="elsewhere"), "unknown_department"),
        (Handover(department="nobody"), "nobody_in_department"),
    ],
)
def test_it_is_given_to_somebody_who_can_be_told(asked: Handover | None, reason: str) -> None:
    scene = open_scene()
    before = scene.incident
    assert refusals(give(scene, asked)) == [reason]
    assert scene.incident == before


def test_whoever_has_it_has_it() -> None:
    scene = open_scene()
    scene.ask(CommandKind.TAKE_CHARGE, who=KARIM)
    assert refusals(give(scene, TO_KARIM)) == ["already_owner"]
    give(scene, Handover(department="quality"))
    scene.ask(CommandKind.TAKE_CHARGE)
    assert refusals(give(scene, Handover(department="quality"))) == ["already_owner"]
    scene.ask(CommandKind.RESOLVE)
    assert refusals(give(scene, TO_KARIM)) == ["already_final"]
