"""Incidents that are merged, and alerts that are split off: none is lost on the way, none opens anything again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.model import Cause, CommandKind, Declaration, Incident, IncidentState, Merge, Severity, Split
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, MINUTE, RESOLVE_AFTER, Scene, is_open, make_alert, telling


def refusals(response: Response) -> list[str]:
    return [reason for _, reason in response.refused]


def two_stories() -> tuple[Scene, str, str]:
    """A yellow one over the battery, told to comms, and one over the director, both on Lumio."""
    scene = Scene(brief=telling(("battery", 30)))
    scene.fire("volume", severity=Severity.YELLOW)
    first = scene.incident.id
    scene.brief = telling(("director", 30))
    scene.fire("words")
    return scene, first, scene.incident.id


def merge(scene: Scene, id: str, into: str) -> Response:
    return scene.ask(CommandKind.MERGE, incident=id, asked=Merge(into=into), reason="The same")


def holders(scene: Scene) -> dict[str, list[str]]:
    """Which open incidents hold each rule's alert."""
    found: dict[str, list[str]] = {}
    for one in scene.incidents.values():
        for alert in one.alerts if is_open(one) else ():
            found.setdefault(alert.rule, []).append(one.id)
    return found


def test_the_merged_one_ends_and_its_alerts_go_on_in_the_other() -> None:
    scene, first, second = two_stories()
    moves = merge(scene, second, into=first).transitions
    ended, target = scene.incidents[second], scene.incidents[first]
    assert (ended.state, ended.merged_into, ended.alerts) == (IncidentState.RESOLVED, first, ())
    assert holders(scene) == {"volume": [first], "words": [first]}
    assert [move.cause for move in moves[:3]] == [Cause.MERGED_BY_USER, Cause.MERGED_IN, Cause.SEVERITY_RAISED]
    assert moves[0].detail["merged_into"] == moves[1].incident == first
    assert (moves[1].detail["merged"], moves[1].reason, moves[1].who) == (second, "The same", CLAIRE)
    assert target.related == (second,)


def test_whoever_acts_on_the_merged_one_learns_where_to() -> None:
    scene, first, second = two_stories()
    merge(scene, second, into=first)
    scene.ask(CommandKind.TAKE_CHARGE, incident=second)
    assert scene.last.refused[0][1] == f"merged_away: {first}"


def test_people_of_both_hear_where_it_goes_on() -> None:
    scene, first, second = two_stories()
    scene.wait(15)
    assert "manager" in scene.incidents[second].receivers
    merge(scene, second, into=first)
    told = {(one.incident, one.receiver, one.kind.value) for one in scene.last.notifications}
    assert {(second, "comms", "news"), (second, "manager", "news"), (first, "comms", "news")} <= told
    assert (first, "manager", "card") in told


def test_a_graver_one_raises_the_other_and_asks_again() -> None:
    scene, first, second = two_stories()
    scene.ask(CommandKind.TAKE_CHARGE, incident=first)
    merge(scene, second, into=first)
    target = scene.incidents[first]
    assert (target.severity, target.state, target.policy) == (Severity.ORANGE, IncidentState.TRIGGERED, "crisis")
    assert target.owner == CLAIRE
    raised = next(move for move in scene.last.transitions if move.cause is Cause.SEVERITY_RAISED)
    assert (raised.detail["merged"], raised.detail["asked_again"]) == (second, "yes")


def test_a_lesser_one_changes_nothing_of_how_grave_it_is() -> None:
    scene, first, second = two_stories()
    scene.ask(CommandKind.TAKE_CHARGE, incident=second)
    merge(scene, first, into=second)
    assert (scene.incidents[second].severity, scene.incidents[second].state) == (
        Severity.ORANGE,
        IncidentState.ACKNOWLEDGED,
    )


@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_told_of_the_merged_story_later_joins_the_other(restarted: bool) -> None:
    scene, first, second = two_stories()
    merge(scene, second, into=first)
    scene.wait(60 * 30)
    if restarted:
        scene.restart()
    scene.fire("author")
    assert holders(scene)["author"] == [first]
    scene.brief = telling(("prices", 30))
    scene.fire("prices")
    assert holders(scene)["prices"] != [first], "a third story is another one"


def test_the_merged_one_may_be_about_another_topic() -> None:
    scene = Scene()
    scene.fire("volume")
    first = scene.incident.id
    scene.fire("volume", topic="nova")
    merge(scene, scene.incident.id, into=first)
    scene.fire("words", topic="nova")
    assert [alert.topic for alert in scene.incidents[first].alerts] == ["lumio", "nova", "nova"]
    scene.resolve("volume", topic="nova")
    scene.resolve("words", topic="nova")
    scene.resolve("volume")
    scene.wait(RESOLVE_AFTER / MINUTE)
    assert not is_open(scene.incidents[first])
    scene.fire("volume", topic="nova")
    assert scene.incident.topic == "nova"


def test_what_fires_on_opens_the_ended_one_no_more() -> None:
    scene, first, second = two_stories()
    merge(scene, second, into=first)
    count = len(scene.incidents)
    for _ in range(3):
        scene.fire("words", fired_at=scene.now)
        scene.restart()
        scene.wait(60 * 13)
    assert len(scene.incidents) == count
    assert holders(scene)["words"] == [first]


def test_in_a_silence_nobody_new_is_called() -> None:
    scene, first, second = two_stories()
    scene.wait(15)
    scene.ask(CommandKind.SILENCE, incident=second, duration=timedelta(hours=2))
    scene.fire("volume", severity=Severity.ORANGE, condition="more", fired_at=scene.now)
    scene.ask(CommandKind.SILENCE, incident=first, duration=timedelta(hours=2))
    merge(scene, second, into=first)
    assert {one.kind.value for one in scene.last.notifications} <= {"update"}


def test_what_cannot_be_merged_is_refused() -> None:
    scene, first, second = two_stories()
    assert refusals(merge(scene, first, into=first)) == ["merge_with_itself"]
    assert refusals(merge(scene, first, into="inc-none")) == ["unknown_target"]
    assert refusals(scene.ask(CommandKind.MERGE, incident=first)) == ["not_possible"]
    drill = Declaration(topic="lumio", severity=Severity.RED, story="Fire", drill=True)
    scene.ask(CommandKind.DECLARE, incident="none", asked=drill)
    assert refusals(merge(scene, first, into=scene.incident.id)) == ["drill_and_real"]
    assert refusals(merge(scene, scene.incident.id, into=first)) == ["drill_and_real"]
    scene.ask(CommandKind.RESOLVE, incident=second)
    assert refusals(merge(scene, first, into=second)) == ["target_final"]
    assert refusals(merge(scene, second, into=first)) == ["already_final"]


# alerts that are split off


def two_alerts() -> tuple[Scene, str]:
    scene = Scene()
    scene.fire("volume")
    scene.fire("words", severity=Severity.YELLOW)
    scene.ask(CommandKind.TAKE_CHARGE)
    return scene, scene.incident.id


def split(scene: Scene, id: str, *rules: str) -> Response:
    alerts = tuple(make_alert(rule).fingerprint for rule in rules)
    return scene.ask(CommandKind.SPLIT, incident=id, asked=Split(alerts=alerts), reason="Not the same")


def new_of(scene: Scene, id: str) -> Incident:
    return next(one for one in scene.incidents.values() if one.split_from == id)


def test_alerts_are_split_off_into_an_incident_that_climbs_its_own_policy() -> None:
    scene, id = two_alerts()
    moves = split(scene, id, "words").transitions
    apart = new_of(scene, id)
    assert (apart.state, apart.severity, apart.policy) == (IncidentState.TRIGGERED, Severity.YELLOW, "watch")
    assert (apart.related, scene.incidents[id].related) == ((id,), (apart.id,))
    assert [move.cause for move in moves] == [Cause.SPLIT_BY_USER, Cause.SPLIT_OFF]
    assert (moves[0].detail["into"], moves[1].detail["split_from"]) == (apart.id, id)
    assert scene.incidents[id].state is IncidentState.ACKNOWLEDGED
    assert {(one.incident, one.kind.value) for one in scene.last.notifications} >= {(apart.id, "card"), (id, "news")}


@pytest.mark.parametrize("restarted", [False, True])
def test_alerts_stay_where_they_were_put(restarted: bool) -> None:
    scene, id = two_alerts()
    split(scene, id, "words")
    apart = new_of(scene, id).id
    if restarted:
        scene.restart()
    scene.resolve("words")
    scene.wait(5)
    scene.fire("words", severity=Severity.RED)
    assert holders(scene) == {"volume": [id], "words": [apart]}
    assert (scene.incidents[apart].severity, scene.incidents[id].severity) == (Severity.RED, Severity.ORANGE)


def test_each_ends_when_its_own_alerts_have() -> None:
    scene, id = two_alerts()
    split(scene, id, "words")
    scene.resolve("volume")
    scene.wait(RESOLVE_AFTER / MINUTE)
    assert not is_open(scene.incidents[id])
    assert is_open(new_of(scene, id))


def test_something_goes_and_something_stays() -> None:
    scene, id = two_alerts()
    assert refusals(split(scene, id)) == ["nothing_left"]
    assert refusals(split(scene, id, "volume", "words")) == ["nothing_left"]
    assert refusals(split(scene, id, "volume", "unheard")) == ["unknown_alert"]
    assert refusals(scene.ask(CommandKind.SPLIT, incident=id)) == ["not_possible"]
    assert len(scene.incidents) == 1


def test_what_was_merged_by_mistake_is_split_off_with_its_topic() -> None:
    scene = Scene()
    scene.fire("volume")
    first = scene.incident.id
    scene.fire("volume", topic="nova")
    merge(scene, scene.incident.id, into=first)
    fingerprint = make_alert("volume", topic="nova").fingerprint
    scene.ask(CommandKind.SPLIT, incident=first, asked=Split(alerts=(fingerprint,)))
    apart = new_of(scene, first)
    assert apart.topic == "nova"
    scene.fire("words", topic="nova")
    assert len(scene.incidents[apart.id].alerts) == 2


def test_a_declared_one_is_left_with_its_story() -> None:
    scene = Scene()
    asked = Declaration(topic="lumio", severity=Severity.ORANGE, story="A call")
    scene.ask(CommandKind.DECLARE, incident="none", asked=asked)
    id = scene.incident.id
    scene.fire("volume")
    split(scene, id, "volume")
    assert (scene.incidents[id].alerts, is_open(scene.incidents[id])) == ((), True)
    assert new_of(scene, id).alerts
