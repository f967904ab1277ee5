"""One incident has one room, and it is told all that its receivers are told."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from buzzguard.model import Cause, CommandKind, IncidentState, NotificationKind, Pinned, Room
from tests.respond.scene import Scene

ROOM = Room(place="C0ROOM0001", name="crisis", url="https://lumio.slack.com/archives/C0ROOM0001", language="fr")


def _opened() -> Scene:
    scene = Scene()
    scene.fire()
    scene.ask(CommandKind.OPEN_ROOM, asked=ROOM)
    return scene


def test_a_room_gets_a_card_of_its_own_and_receivers_the_news_of_it() -> None:
    scene = _opened()
    assert scene.incident.room == ROOM
    assert scene.causes[-1] is Cause.ROOM_OPENED_BY_USER
    (moved,) = scene.last.transitions
    assert moved.detail == {"room": "crisis", "url": ROOM.url}
    rooms = [one for one in scene.last.notifications if one.receiver == "slack:room"]
    assert [(one.kind, one.card.language) for one in rooms] == [(NotificationKind.CARD, "fr")]
    others = {one.kind for one in scene.last.notifications if one.receiver != "slack:room"}
    assert others == {NotificationKind.UPDATE, NotificationKind.NEWS}


def test_what_receivers_hear_the_room_hears_after_a_restart_too() -> None:
    scene = _opened()
    scene.restart()
    scene.ask(CommandKind.TAKE_CHARGE)
    assert {"slack:room:update", "slack:room:news"} <= set(scene.told())
    scene.ask(CommandKind.RESOLVE)
    last = [one for one in scene.last.notifications if one.receiver == "slack:room"]
    assert {one.card.incident.state for one in last} == {IncidentState.RESOLVED}


def test_a_silenced_room_is_only_edited() -> None:
    scene = _opened()
    scene.ask(CommandKind.SILENCE, duration=timedelta(hours=2))
    scene.now += timedelta(minutes=2)
    scene.ask(CommandKind.NOTE, reason="seen")
    kinds = {one.kind for one in scene.last.notifications if one.receiver == "slack:room"}
    assert kinds <= {NotificationKind.UPDATE}


def test_the_room_is_nobody_who_was_told() -> None:
    scene = _opened()
    told = {name for decision in scene.decisions for name in decision.receivers}
    assert "slack:room" not in told
    assert "slack:room" not in scene.incident.receivers


def test_a_second_room_is_refused_and_changes_nothing() -> None:
    scene = _opened()
    scene.ask(CommandKind.OPEN_ROOM, asked=replace(ROOM, place="C0OTHER001"))
    assert [reason for _, reason in scene.last.refused] == ["room_is_open"]
    assert scene.incident.room == ROOM


def test_what_is_no_room_is_refused() -> None:
    scene = Scene()
    scene.fire()
    for asked in (None, Pinned(ref="x"), replace(ROOM, place="")):
        scene.ask(CommandKind.OPEN_ROOM, asked=asked)
        assert [reason for _, reason in scene.last.refused] == ["not_possible"]


def test_a_kept_message_changes_nothing_and_tells_nobody() -> None:
    scene = _opened()
    before = scene.incident
    scene.ask(CommandKind.PIN, asked=Pinned(ref="slack:C1/1.1", text="we know why"))
    assert scene.incident == before
    assert not scene.last.refused
    assert scene.told() == []
    scene.ask(CommandKind.PIN, asked=Pinned(ref=""))
    assert [reason for _, reason in scene.last.refused] == ["not_possible"]
