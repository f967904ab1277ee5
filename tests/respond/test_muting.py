"""A silence by what it names: before an incident, over several, and never of a red that it does not name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.config.routes import MatchSettings, RouteSettings
from buzzguard.model import Cause, CommandKind, Declaration, Mute, NotificationKind, Severity, Unmute, Verdict
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, KARIM, MINUTE, Scene, policy, telling

HOURS = timedelta(hours=1)


def mute(scene: Scene, asked: Mute | None, *, hours: float = 2, reason: str = "A campaign", id: str = "") -> Response:
    return scene.ask(CommandKind.MUTE, incident="none", asked=asked, duration=hours * HOURS, reason=reason, id=id)


def refusals(response: Response) -> list[str]:
    return [reason for _, reason in response.refused]


def test_what_opens_later_is_muted_until_the_end_and_then_climbs_at_once() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio"))
    scene.wait(30)
    scene.fire()
    assert (scene.told(), scene.incident.receivers) == ([], ())
    assert scene.decisions[-1].reason == "silenced"
    scene.restart()
    scene.wait(90)
    assert scene.told() == ["comms:card"]


def test_what_is_open_is_muted_now_and_its_people_hear_who_did_it() -> None:
    scene = Scene()
    scene.fire()
    scene.fire("volume", topic="nova")
    moves = mute(scene, Mute(severity=Severity.ORANGE)).transitions
    assert [(move.cause, move.who, move.reason) for move in moves] == [
        (Cause.SILENCED_BY_USER, CLAIRE, "A campaign")
    ] * 2
    assert scene.told(NotificationKind.NEWS) == ["comms", "comms"]
    scene.wait(15)
    assert set(scene.told()) <= {"comms:update"}


def test_it_is_announced_before_it_ends() -> None:
    scene = Scene()
    scene.fire()
    mute(scene, Mute(rule="negative-surge"))
    scene.wait(110)
    assert [move.cause for move in scene.last.transitions] == [Cause.SILENCE_ENDS_SOON]


@pytest.mark.parametrize("asked", [Mute(topic="lumio"), Mute(topic="lumio", severity=Severity.ORANGE)])
def test_it_hides_no_red_that_it_does_not_name(asked: Mute) -> None:
    scene = Scene()
    mute(scene, asked)
    scene.fire(severity=Severity.RED)
    assert scene.told() == ["comms:card"]


def test_it_hides_red_when_red_is_said() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio", severity=Severity.RED))
    scene.fire(severity=Severity.RED)
    assert scene.told() == []


def test_a_rule_is_muted_where_no_other_rule_sees_anything() -> None:
    scene = Scene()
    mute(scene, Mute(rule="volume"))
    scene.fire("volume")
    assert scene.told() == []
    scene.fire("words")
    assert scene.told() == ["comms:card"], "another rule saw it as well"


def test_an_alert_of_the_rule_that_joins_calls_nobody() -> None:
    scene = Scene()
    scene.fire("words")
    mute(scene, Mute(rule="volume"))
    scene.fire("volume")
    assert scene.told() == ["comms:update"]
    assert (scene.decisions[-1].verdict, scene.decisions[-1].reason) == (Verdict.HUSHED, "silenced")
    assert scene.incident.silenced_until is None


def test_a_story_is_muted_on_whatever_topic_and_no_other() -> None:
    scene = Scene(brief=telling(("battery", 30)))
    mute(scene, Mute(narrative="battery"))
    scene.fire("volume", topic="nova")
    assert scene.told() == []
    scene.brief = telling(("director", 30))
    scene.fire("words")
    assert scene.told() == ["comms:card"]
    scene = Scene()
    mute(scene, Mute(narrative="battery"))
    scene.fire()
    assert scene.told() == ["comms:card"], "of what has no story nothing is known"


def test_a_department_is_muted() -> None:
    scene = Scene(routes=[RouteSettings(match=MatchSettings(topic=("lumio",)), owner="quality", policy="crisis")])
    mute(scene, Mute(department="quality"))
    scene.fire("volume", topic="nova")
    assert scene.told() == ["comms:card"]
    scene.fire("words")
    assert scene.told() == []


def test_all_that_is_named_must_fit() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio", rule="volume"))
    scene.fire("volume", topic="nova")
    assert scene.told() == ["comms:card"]
    scene.fire("volume")
    assert scene.told() == []


def test_it_is_ended_by_hand_and_what_goes_on_is_told_at_once() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio"), hours=24)
    scene.fire()
    (silence,) = scene.silences.values()
    scene.wait(5)
    scene.ask(CommandKind.UNMUTE, incident="none", who=KARIM, asked=Unmute(silence=silence.id))
    assert scene.told() == ["comms:card"]
    assert scene.silences[silence.id].ends_at == scene.now
    again = scene.ask(CommandKind.UNMUTE, incident="none", asked=Unmute(silence=silence.id))
    assert refusals(again) == ["unknown_silence"]


def test_two_silences_end_each_in_its_own_time() -> None:
    scene = Scene()
    mute(scene, Mute(rule="negative-surge"), hours=3)
    scene.fire()
    scene.ask(CommandKind.SILENCE, duration=HOURS)
    scene.wait(61)
    assert scene.told(NotificationKind.CARD) == [], "a silence of an incident replaces none by what it names"
    scene.wait(119)
    assert "comms:card" in scene.told()


def test_a_call_for_help_ends_it() -> None:
    scene = Scene()
    mute(scene, Mute(severity=Severity.ORANGE), hours=24)
    scene.fire()
    scene.ask(CommandKind.ESCALATE)
    assert scene.told() == ["comms:card"]


def test_an_exercise_goes_on_under_a_silence_of_the_real() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio"))
    asked = Declaration(topic="lumio", severity=Severity.ORANGE, story="Fire", drill=True)
    scene.ask(CommandKind.DECLARE, incident="none", asked=asked)
    assert scene.told() == ["comms:card"]


@pytest.mark.parametrize(
    ("asked", "hours", "reason", "refusal"),
    [
        (None, 1, "why", "not_possible"),
        (Mute(), 1, "why", "nothing_to_match"),
        (Mute(topic="lumio"), 1, " \n", "no_reason"),
        (Mute(topic="lumio"), 0, "why", "bad_duration"),
        (Mute(topic="lumio"), -1, "why", "bad_duration"),
        (Mute(topic="lumio"), 24 * 7 + 1, "why", "bad_duration"),
        (Mute(topic="unheard"), 1, "why", "unknown_topic"),
        (Mute(topic="lumio", rule="unheard"), 1, "why", "unknown_rule"),
        (Mute(department="unheard"), 1, "why", "unknown_department"),
    ],
)
def test_a_silence_says_what_until_when_and_why(asked: Mute | None, hours: float, reason: str, refusal: str) -> None:
    scene = Scene()
    assert refusals(mute(scene, asked, hours=hours, reason=reason)) == [refusal]
    assert scene.silences == {}


def test_the_same_click_mutes_once_even_over_a_restart() -> None:
    scene = Scene()
    mute(scene, Mute(topic="lumio"), id="once")
    scene.restart()
    scene.wait(1)
    assert refusals(mute(scene, Mute(topic="lumio"), id="once")) == ["repeated"]
    assert len(scene.silences) == 1


def test_a_silence_that_ends_in_a_crisis_loses_nothing() -> None:
    """Orange mutes at ten; red breaks through at half past; a second story on another topic waits for the end."""
    scene = Scene({"crisis": policy((0, "comms"), (15, "manager"), remind=30), "watch": policy((0, "comms"))})
    scene.fire("volume", topic="nova")
    scene.fire("volume")
    lumio = scene.incident.id
    mute(scene, Mute(rule="volume"), hours=1)
    scene.wait(30)
    scene.fire("volume", severity=Severity.RED, fired_at=scene.now - 30 * MINUTE)
    assert scene.incidents[lumio].severity is Severity.RED
    assert "comms:news" in scene.told()
    told = [one.kind for one in scene.last.notifications if one.card.incident.topic == "nova"]
    assert NotificationKind.NEWS not in told
    scene.wait(30)
    on_nova = [one for one in scene.last.notifications if one.card.incident.topic == "nova"]
    assert "manager" in {one.receiver for one in on_nova}


def test_whoever_mutes_and_whoever_ends_it_stands_in_a_row_of_each_incident() -> None:
    scene = Scene()
    scene.fire()
    mute(scene, Mute(severity=Severity.ORANGE))
    row = next(one for one in scene.last.decisions if one.reason == "muted")
    assert (row.verdict, row.incident, row.receivers) == (Verdict.HUSHED, scene.incident.id, ("comms",))
    assert (row.detail["who"], row.detail["said"]) == ("Claire", "A campaign")
    (silence,) = scene.silences
    scene.ask(CommandKind.UNMUTE, incident="none", who=KARIM, asked=Unmute(silence=silence), reason="It is real")
    row = next(one for one in scene.last.decisions if one.reason == "unmuted")
    assert row.verdict is Verdict.HEARD
    assert row.detail == {"who": "Karim", "silence": silence, "said": "It is real"}


def test_what_the_files_no_longer_name_is_muted_where_it_is_going_on() -> None:
    scene = Scene(routes=[RouteSettings(match=MatchSettings(topic="lumio"), owner="crew")])
    scene.fire("old-rule")
    mute(scene, Mute(rule="old-rule"))
    mute(scene, Mute(department="crew"))
    assert len(scene.silences) == 2
