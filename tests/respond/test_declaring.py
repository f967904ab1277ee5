"""People declare an incident: of what no rule sees, or as an exercise beside the real one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.config.routes import MatchSettings, RouteSettings
from buzzguard.model import Cause, CommandKind, Declaration, IncidentState, NotificationKind, Severity
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, KARIM, Scene, is_open, policy, telling

STORY = "A journalist asks about the battery."
HOUR = timedelta(hours=1)


def declare(scene: Scene, story: str = STORY, *, id: str = "", **how: object) -> Response:
    """Somebody declares an orange incident on Lumio, unless said otherwise."""
    asked = Declaration(**{"topic": "lumio", "severity": Severity.ORANGE, "story": story} | how)  # type: ignore[arg-type]
    return scene.ask(CommandKind.DECLARE, incident="none", asked=asked, id=id)


def refusals(response: Response) -> list[str]:
    return [reason for _, reason in response.refused]


def test_a_declared_incident_tells_the_first_step_at_once() -> None:
    scene = Scene()
    told = declare(scene, story="  A journalist\nasks.  ", topic="lumio")
    incident = scene.incident
    assert (incident.story, incident.declared_by, incident.alerts) == ("A journalist asks.", CLAIRE, ())
    assert (incident.state, incident.policy, incident.playbook) == (IncidentState.TRIGGERED, "crisis", "bad-buzz")
    assert scene.told() == ["comms:card"]
    (move,) = told.transitions
    assert (move.before, move.cause, move.who, move.reason) == (
        None,
        Cause.DECLARED_BY_USER,
        CLAIRE,
        "A journalist asks.",
    )


def test_nobody_answers_and_it_climbs_like_any_other() -> None:
    scene = Scene()
    declare(scene)
    scene.wait(15)
    assert "manager:card" in scene.told()
    scene.wait(30)
    assert "board:card" in scene.told()


def test_what_was_chosen_goes_before_what_would_be() -> None:
    routes = (
        RouteSettings(match=MatchSettings(topic=("lumio",)), policy="watch", owner="quality"),
        RouteSettings(policy="crisis"),
    )
    scene = Scene(routes=routes)
    declare(scene)
    assert (scene.incident.policy, scene.incident.department) == ("watch", "quality")
    declare(scene, story="Another", policy="crisis", playbook="stream-silence")
    assert (scene.incident.policy, scene.incident.playbook) == ("crisis", "stream-silence")


def test_no_calm_ends_what_no_measure_began() -> None:
    scene = Scene({"crisis": policy((0, "comms"), repeat=0, remind=60)})
    declare(scene)
    scene.wait(60)
    assert scene.causes[-1] is Cause.REMINDED, "it goes on until people end it, and those told are reminded"
    scene.fire()
    scene.resolve()
    scene.wait(60 * 24 * 3)
    assert is_open(scene.incident)
    scene.ask(CommandKind.RESOLVE)
    assert not is_open(scene.incident)


def test_alerts_of_the_topic_join_it() -> None:
    scene = Scene(brief=telling(("battery", 20)))
    declare(scene)
    scene.fire()
    assert len(scene.incidents) == 1
    assert (scene.incident.narrative, len(scene.incident.alerts)) == ("battery", 1)
    scene.fire("other", severity=Severity.RED)
    assert scene.incident.severity is Severity.RED


def test_beside_what_is_open_they_point_to_each_other() -> None:
    scene = Scene()
    scene.fire()
    first = scene.incident.id
    declare(scene)
    assert scene.incident.related == (first,)
    assert scene.incidents[first].related == (scene.incident.id,)


def test_soon_after_the_last_one_it_is_a_relapse() -> None:
    scene = Scene()
    declare(scene)
    first = scene.incident.id
    scene.ask(CommandKind.RESOLVE)
    scene.wait(60)
    declare(scene, story="It is back.")
    assert scene.incident.relapse_of == first


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"topic": "unheard"}, "unknown_topic"),
        ({"story": " \n "}, "no_story"),
        ({"playbook": "none"}, "unknown_playbook"),
        ({"policy": "none"}, "unknown_policy"),
    ],
)
def test_what_cannot_be_declared_is_refused(how: dict[str, object], reason: str) -> None:
    scene = Scene()
    assert refusals(declare(scene, **how)) == [reason]  # type: ignore[arg-type]
    assert scene.incidents == {}


def test_a_declaration_without_what_it_declares_is_not_possible() -> None:
    assert refusals(Scene().ask(CommandKind.DECLARE, incident="none")) == ["not_possible"]


@pytest.mark.parametrize("drill", [False, True])
def test_the_same_declaration_opens_one_also_after_a_restart(drill: bool) -> None:
    scene = Scene()
    declare(scene, id="once", drill=drill)
    scene.restart()
    assert refusals(declare(scene, id="once", drill=drill)) == ["repeated"]
    assert len(scene.incidents) == 1


def test_an_endless_story_is_cut() -> None:
    scene = Scene()
    declare(scene, story="x" * 100_000)
    assert len(scene.incident.story) == 1_000


def test_a_declared_yellow_waits_for_the_morning_too() -> None:
    scene = Scene({"watch": policy((0, "comms"), repeat=0, hours={"yellow": {"from": "08:00", "to": "19:00"}})})
    declare(scene, severity=Severity.YELLOW)
    assert (scene.told(), scene.incident.held_for) == ([], "quiet_hours")
    scene.now = scene.incident.next_step_at or scene.now
    scene.respond()
    assert scene.told() == ["comms:card"]


# exercises beside the real


def drilled() -> Scene:
    scene = Scene()
    declare(scene, story="The plant burns.", drill=True)
    return scene


def test_no_alert_joins_an_exercise_and_the_real_one_opens_beside_it() -> None:
    scene = drilled()
    drill = scene.incident.id
    scene.fire()
    assert len(scene.incidents) == 2
    assert (scene.incident.drill, scene.incident.related, scene.incident.relapse_of) == (False, (), "")
    assert (scene.incidents[drill].alerts, scene.incidents[drill].related) == ((), ())
    assert [one.card.drill for one in scene.last.notifications] == [False]


def test_each_message_of_an_exercise_says_so() -> None:
    scene = drilled()
    scene.wait(15)
    scene.ask(CommandKind.TAKE_CHARGE)
    assert {one.card.drill for one in scene.notifications} == {True}


def test_an_exercise_is_no_relapse_and_has_none() -> None:
    scene = drilled()
    scene.ask(CommandKind.RESOLVE)
    scene.wait(60)
    scene.fire()
    assert scene.incident.relapse_of == ""
    scene.ask(CommandKind.RESOLVE)
    declare(scene, story="Again.", drill=True)
    assert scene.incident.relapse_of == ""


@pytest.mark.parametrize("first", [True, False], ids=["of the exercise", "of the real"])
def test_a_silence_mutes_its_own_world(first: bool) -> None:
    scene = drilled()
    drill = scene.incident.id
    scene.fire()
    real = scene.incident.id
    muted, other = (drill, real) if first else (real, drill)
    scene.ask(CommandKind.SILENCE, incident=muted, duration=HOUR)
    scene.restart()
    scene.wait(15)
    told = {one.incident for one in scene.last.notifications if one.kind is not NotificationKind.UPDATE}
    assert told == {other}
    assert scene.incidents[muted].silenced_until is not None
    assert scene.incidents[other].silenced_until is None
    scene.ask(CommandKind.ESCALATE, incident=other, who=KARIM)
    assert scene.incidents[muted].silenced_until is not None, "a call for help ends no silence of the other world"


def test_an_exercise_teaches_nothing_when_it_is_called_normal() -> None:
    scene = drilled()
    assert scene.ask(CommandKind.NEW_NORMAL).adopted == ()
    assert scene.incident.state is IncidentState.RESOLVED
    scene.fire()
    (adopted,) = scene.ask(CommandKind.NEW_NORMAL).adopted
    assert (adopted.topic, adopted.at, adopted.since) == ("lumio", scene.now, scene.now)
