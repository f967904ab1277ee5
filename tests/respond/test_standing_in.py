"""A receiver cannot be reached: those who stand in for it join the incident, once, while nobody has taken charge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from buzzguard.config.settings import ReceiverSettings
from buzzguard.deliver.wording.whys import cause_words
from buzzguard.model import (
    Cause,
    Command,
    CommandKind,
    Language,
    NotificationKind,
    Person,
    Severity,
    Undelivered,
    Verdict,
)
from buzzguard.respond.stage import Response
from tests.respond.scene import CLAIRE, MINUTE, RECEIVERS, Scene

ALL = RECEIVERS | {"mail": ReceiverSettings(notifier="smtp", language="en"), "sms": ReceiverSettings(notifier="sms")}


def _night() -> Scene:
    scene = Scene(receivers=ALL)
    scene.fire(severity=Severity.RED)
    return scene


def _not_reached(scene: Scene, *instead: str, id: str = "fallback/a", refused: bool = False) -> Response:
    missing = Undelivered(
        receiver="comms", notifier="slack", since=scene.now - 2 * MINUTE, instead=instead, refused=refused
    )
    command = Command(
        id=id,
        kind=CommandKind.FALL_BACK,
        incident=scene.incident.id,
        who=Person(id="buzzguard"),
        at=scene.now,
        undelivered=missing,
    )
    return scene.respond(commands=[command])


def test_those_who_stand_in_get_the_card_and_the_record_says_why() -> None:
    scene = _night()
    scene.wait(2)
    told = _not_reached(scene, "mail", "sms")
    move = told.transitions[0]
    assert (move.cause, move.who, move.severity) == (Cause.NOT_REACHED, None, Severity.RED)
    assert move.detail == {"receiver": "comms", "notifier": "slack", "receivers": "mail,sms", "seconds": "120"}
    assert scene.told() == ["comms:update", "comms:news", "mail:card", "sms:card"]
    assert told.notifications[-1].card.news == (move,)


def test_the_climb_goes_on_as_if_nothing_had_been() -> None:
    scene = _night()
    due = scene.incident.next_step_at
    scene.wait(2)
    _not_reached(scene, "mail")
    assert scene.incident.next_step_at == due


def test_they_hear_how_it_goes_on() -> None:
    scene = _night()
    _not_reached(scene, "mail")
    scene.ask(CommandKind.TAKE_CHARGE)
    assert "mail" in scene.told(NotificationKind.NEWS)


def test_nobody_is_told_twice_whatever_else_is_not_delivered() -> None:
    scene = _night()
    _not_reached(scene, "mail")
    assert [reason for _, reason in _not_reached(scene, "mail").refused] == ["repeated"]
    scene.restart()
    assert [reason for _, reason in _not_reached(scene, "mail", id="fallback/b").refused] == ["all_told"]
    assert scene.causes.count(Cause.NOT_REACHED) == 1


def test_of_several_only_those_not_told_before_are_told() -> None:
    scene = _night()
    scene.wait(15)  # the manager is told
    told = _not_reached(scene, "manager", "mail", "mail")
    assert told.transitions[0].detail["receivers"] == "mail"


def test_once_somebody_has_taken_charge_nobody_else_is_woken() -> None:
    scene = _night()
    scene.ask(CommandKind.TAKE_CHARGE, who=CLAIRE)
    assert [reason for _, reason in _not_reached(scene, "mail").refused] == ["acknowledged"]
    assert scene.told() == []


def test_under_a_silence_nobody_else_is_woken() -> None:
    scene = _night()
    scene.ask(CommandKind.SILENCE, duration=timedelta(hours=1))
    assert [reason for _, reason in _not_reached(scene, "mail").refused] == ["silenced"]


def test_what_ended_is_told_nobody() -> None:
    scene = _night()
    scene.ask(CommandKind.RESOLVE)
    assert [reason for _, reason in _not_reached(scene, "mail").refused] == ["already_final"]


def test_a_refusal_is_named() -> None:
    scene = _night()
    assert _not_reached(scene, "mail", refused=True).transitions[0].detail["refused"] == "yes"


def test_why_nobody_was_told_in_its_place_is_kept_for_each_receiver() -> None:
    scene = _night()
    scene.ask(CommandKind.TAKE_CHARGE)
    told = _not_reached(scene, "mail", "sms")
    assert [reason for _, reason in told.refused] == ["acknowledged"]
    (row,) = [one for one in told.decisions if one.reason == "instead_acknowledged"]
    assert (row.verdict, row.receivers) == (Verdict.HUSHED, ("mail", "sms"))
    assert row.detail == {"missing": "comms", "notifier": "slack"}
    assert row.key.endswith("/instead_acknowledged/comms"), "another receiver has a row of its own"


@pytest.mark.parametrize("reason", ["instead_acknowledged", "instead_silenced", "instead_all_told"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_reason_has_its_words(reason: str, language: Language) -> None:
    assert cause_words(reason, language) != reason
